package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
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

// Every word of a search counts: the seventh as much as the first, and more than can be
// searched for are refused rather than left out.
func TestEveryWordOfASearchCounts(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	const twelve = "air bersih untuk desa di kupang barat tahun dua ribu dua puluh enam"
	add(t, c, sc, note{Title: twelve})
	for asked, want := range map[string]int{
		twelve: 1, "air bersih untuk desa di kupang timur": 0, "air bersih untuk desa di kupang bar": 1,
		strings.Replace(twelve, "enam", "lima", 1): 0, "": 1,
	} {
		page, err := c.List(t.Context(), sc, noteCriteria{Words: asked}, store.Query{})
		if err != nil || len(page.Items) != want {
			t.Errorf("%q finds %d, %v; want %d", asked, len(page.Items), err, want)
		}
	}
	_, err := c.List(t.Context(), sc, noteCriteria{Words: twelve + " satu lagi"}, store.Query{})
	refusal, _ := errors.AsType[*fault.Error](err)
	if refusal == nil || len(refusal.Fields) != 1 || refusal.Fields[0].Code != "too_many_words" {
		t.Errorf("more words than a search takes: %v, want too_many_words", err)
	}
}
