package store_test

import (
	"testing"

	"github.com/mitra-platform/mitra/tenants/store"
)

func TestWordsAreComparedWithoutCaseAndAccents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Air Bersih": "air bersih", "École": "ecole", "ÅNGSTRÖM": "angstrom", "ﬁn": "fin", "Ｋupang": "kupang", "Δ": "δ", "水": "水",
	} {
		if got := store.Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}
