package money_test

import (
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

// A figure typed on a page means what a reader of the page's language means by it, and
// never a thousandth of it.
func TestAFigureIsReadByTheLanguageItIsWrittenIn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ lang, typed, want, code string }{
		{"id", "1.500", "1500", ""}, {"en", "1,500", "1500", ""},
		{"id", "1.250.000,75", "1250000.75", ""}, {"en", "1,250,000.75", "1250000.75", ""},
		{"id", "12,5", "12.5", ""}, {"en", "12.5", "12.5", ""},
		{"id", "1500", "1500", ""}, {"id", "0,125", "0.125", ""}, {"en", "0.125", "0.125", ""},
		{"id", "1.234,125", "1234.125", ""}, {"id", "1,1250", "1.1250", ""},
		{"id", "1 500", "1500", ""}, {"en", "−3", "-3", ""}, {"id", "-0,5", "-0.5", ""}, {"id", " ", "", ""}, {"id", "0", "0", ""},
		{"id", "1,500", "", "decimal_ambiguous"}, {"en", "1.500", "", "decimal_ambiguous"}, {"en", "-12.125", "", "decimal_ambiguous"},
		{"id", "1.5", "", "decimal_grouped"}, {"en", "1,5", "", "decimal_grouped"}, {"id", "12.50.000", "", "decimal_grouped"},
		{"id", "1,2,3", "", "decimal_grouped"}, {"id", "1,", "", "decimal_grouped"}, {"en", ".5", "", "decimal_grouped"}, {"en", "1 500,000", "", "decimal_grouped"},
		{"id", "banyak", "", "decimal_malformed"}, {"en", "1e9", "", "decimal_malformed"}, {"en", "-", "", "decimal_malformed"}, {"id", ".", "", "decimal_malformed"}, {"en", "--1", "", "decimal_malformed"},
	} {
		got, err := money.LocalDecimal(row.typed, row.lang)
		if got != row.want || fault.CodeOf(err) != row.code && (row.code != "" || err != nil) {
			t.Errorf("%q in %s: %q, %v; want %q, %q", row.typed, row.lang, got, err, row.want, row.code)
		}
	}
}

func TestAPointOfAMapIsReadWithEitherMark(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"-10,5": "-10.5", "-10.177": "-10.177", "−10,177": "-10.177", "123": "123", "": ""} {
		if got, err := money.LocalDegrees(typed); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"10.177,123.6", "1.2.3", "selatan", "10°", ",5", "5,", "-"} {
		if got, err := money.LocalDegrees(typed); fault.CodeOf(err) != "degrees_malformed" {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}

// What a form shows of a figure is read back as the same figure.
func TestAFigureShownInAFormIsReadBackAsItself(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"1,125": "1,1250", "1,500": "1,5", "1,000": "1", "12,5": "12,5", "1.500": "1.500"} {
		if got := money.Unambiguous(typed, ","); got != want {
			t.Errorf("%q is written %q, want %q", typed, got, want)
		}
	}
}
