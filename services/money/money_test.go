package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

func TestDecimalTextBecomesMinorUnits(t *testing.T) {
	t.Parallel()
	rows := []struct {
		text     string
		currency money.Currency
		want     int64
		code     string
	}{
		{"1250000", "IDR", 125000000, ""},
		{"1250000.5", "IDR", 125000050, ""},
		{"-12.34", "EUR", -1234, ""},
		{"+12.34", "EUR", 1234, ""},
		{" \n10.50\t", "USD", 1050, ""},
		{"10.500", "USD", 1050, ""},
		{"100.000000000000000000000000000", "JPY", 100, ""},
		{"1.234", "KWD", 1234, ""},
		{"0.0001", "CLF", 1, ""},
		{".5", "EUR", 50, ""},
		{"5.", "EUR", 500, ""},
		{"-0", "EUR", 0, ""},
		{"000000000000000000000000000001", "EUR", 100, ""},
		{"92233720368547758.07", "EUR", math.MaxInt64, ""},
		{"-92233720368547758.08", "EUR", math.MinInt64, ""},
		{"92233720368547758.08", "EUR", 0, "money_too_large"},
		{"-92233720368547758.09", "EUR", 0, "money_too_large"},
		{strings.Repeat("9", 400), "JPY", 0, "money_too_large"},
		{"10.505", "USD", 0, "money_too_precise"},
		{"100.5", "JPY", 0, "money_too_precise"},
		{"", "EUR", 0, "money_malformed"},
		{".", "EUR", 0, "money_malformed"},
		{"-", "EUR", 0, "money_malformed"},
		{"--1", "EUR", 0, "money_malformed"},
		{"1e3", "EUR", 0, "money_malformed"},
		{"1,000", "EUR", 0, "money_malformed"},
		{"1.2.3", "EUR", 0, "money_malformed"},
		{"NaN", "EUR", 0, "money_malformed"},
		{"0x10", "EUR", 0, "money_malformed"},
		{"١٢", "EUR", 0, "money_malformed"},
		{"1", "XXX", 0, "currency_unknown"},
		{"1", "", 0, "currency_unknown"},
		{"1", "idr", 0, "currency_unknown"},
	}
	for _, row := range rows {
		got, err := money.ParseDecimal(row.text, row.currency)
		check(t, row.text+" "+string(row.currency), got, err, row.want, row.code)
	}
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	rows := []struct {
		text     string
		currency money.Currency
		lang     string
		want     int64
		code     string
	}{
		{"1.250.000,50", "IDR", "id", 125000050, ""},
		{"Rp 1.250.000", "IDR", "id", 125000000, ""},
		{"Rp. 1.250.000,-", "IDR", "id-ID", 125000000, ""},
		{"rp1250000", "IDR", "id", 125000000, ""},
		{"1 250 000,5", "IDR", "id", 125000050, ""},
		{"1\u00a0250\u202f000", "IDR", "id", 125000000, ""},
		{"IDR 5", "IDR", "en", 500, ""},
		{"5 IDR", "IDR", "en", 500, ""},
		{"1,250,000.50", "IDR", "en", 125000050, ""},
		{"$1,250.5", "USD", "en-GB", 125050, ""},
		{"-Rp 5.000", "IDR", "id", -500000, ""},
		{"Rp -5.000", "IDR", "id", -500000, ""},
		{"\u22125.000", "IDR", "id", -500000, ""},
		{"1250.50", "IDR", "id", 0, "money_malformed"},
		{"1.25", "IDR", "id", 0, "money_malformed"},
		{"1,250", "IDR", "id", 0, "money_too_precise"},
		{"1.250", "USD", "en", 0, "money_too_precise"},
		{"1,25,000", "USD", "en", 0, "money_malformed"},
		{"1,250 000", "USD", "en", 0, "money_malformed"},
		{"1234,567", "USD", "en", 0, "money_malformed"},
		{"Rp 5", "USD", "en", 0, "money_malformed"},
		{"five", "USD", "en", 0, "money_malformed"},
		{"", "USD", "en", 0, "money_malformed"},
		{"5.", "USD", "en", 0, "money_malformed"},
		{"--5", "USD", "en", 0, "money_malformed"},
		{"99.999.999.999.999.999.999", "IDR", "id", 0, "money_too_large"},
		{"5", "ABC", "id", 0, "currency_unknown"},
	}
	for _, row := range rows {
		got, err := money.ParseLocal(row.text, row.currency, row.lang)
		check(t, row.text+" "+row.lang, got, err, row.want, row.code)
	}
}

func check(t *testing.T, given string, got money.Money, err error, want int64, code string) {
	t.Helper()
	switch {
	case code != "":
		if fault.CodeOf(err) != code {
			t.Errorf("%q: got %v, %v; want code %s", given, got, err, code)
		}
	case err != nil:
		t.Errorf("%q: %v", given, err)
	case got.Amount != want:
		t.Errorf("%q: got %d; want %d", given, got.Amount, want)
	}
}

func TestDecimalShowsEveryPlaceOfTheCurrency(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]money.Money{
		"1250000.00":            {Amount: 125000000, Currency: "IDR"},
		"-0.05":                 {Amount: -5, Currency: "EUR"},
		"0.00":                  {Amount: 0, Currency: "EUR"},
		"7":                     {Amount: 7, Currency: "JPY"},
		"0.007":                 {Amount: 7, Currency: "KWD"},
		"-92233720368547758.08": {Amount: math.MinInt64, Currency: "USD"},
	} {
		if got := m.Decimal(); got != want {
			t.Errorf("%d %s: got %s; want %s", m.Amount, m.Currency, got, want)
		}
	}
}

func TestAddingRefusesOtherCurrenciesAndOverflow(t *testing.T) {
	t.Parallel()
	eur := func(n int64) money.Money { return money.Money{Amount: n, Currency: "EUR"} }
	if got, err := eur(5).Add(eur(-7)); err != nil || got != eur(-2) {
		t.Errorf("got %v, %v; want -0.02 EUR", got, err)
	}
	if _, err := eur(1).Add(money.Money{Amount: 1, Currency: "IDR"}); fault.CodeOf(err) != "money_currency_differs" {
		t.Errorf("two currencies: got %v", err)
	}
	for _, pair := range [][2]int64{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		if _, err := eur(pair[0]).Add(eur(pair[1])); fault.CodeOf(err) != "money_too_large" {
			t.Errorf("%v: got %v; want money_too_large", pair, err)
		}
	}
}

func TestASumHasNoLargestValue(t *testing.T) {
	t.Parallel()
	var sum money.Sum
	for range 3 {
		if err := sum.Add(money.Money{Amount: math.MaxInt64, Currency: "IDR"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := sum.Decimal(), "276701161105643274.21"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if err := sum.Add(money.Money{Amount: 1, Currency: "EUR"}); fault.CodeOf(err) != "money_currency_differs" {
		t.Errorf("another currency: got %v", err)
	}
}

func TestCurrenciesAreAClosedSortedSetWithPlaces(t *testing.T) {
	t.Parallel()
	all := money.Currencies()
	if !slices.IsSorted(all) || len(all) != len(slices.Compact(slices.Clone(all))) {
		t.Fatal("the table must be sorted and hold each code once")
	}
	for _, c := range all {
		if !c.Known() || len(c) != 3 || c.Places() > 4 {
			t.Errorf("%s: known %v, places %d", c, c.Known(), c.Places())
		}
	}
	for c, want := range map[money.Currency]int{"IDR": 2, "USD": 2, "JPY": 0, "VND": 0, "TND": 3, "CLF": 4, "ZWL": 2, "AED": 2} {
		if got := c.Places(); got != want {
			t.Errorf("%s: got %d places; want %d", c, got, want)
		}
	}
}

func TestJSONKeepsMinorUnitsAndRefusesUnknownCurrencies(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(money.Money{Amount: 125000000, Currency: money.IDR})
	if err != nil || string(text) != `{"amount":125000000,"currency":"IDR"}` {
		t.Fatalf("got %s, %v", text, err)
	}
	var m money.Money
	if err := json.Unmarshal(text, &m); err != nil || m.Amount != 125000000 || m.Currency != money.IDR {
		t.Fatalf("got %v, %v", m, err)
	}
	for _, bad := range []string{"", "idr", "XXX", "IDRX", "ID", "DR2"} {
		if err := json.Unmarshal([]byte(`{"amount":1,"currency":"`+bad+`"}`), &m); fault.CodeOf(err) != "currency_unknown" {
			t.Errorf("%q: got %v; want currency_unknown", bad, err)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-1.5", "10.500", "9223372036854775807", "1e5", "١", " 7 ", "00.00"} {
		f.Add(seed, uint8(0))
	}
	all := money.Currencies()
	f.Fuzz(func(t *testing.T, text string, pick uint8) {
		c := all[int(pick)%len(all)]
		m, err := money.ParseDecimal(text, c)
		if err != nil {
			return
		}
		again, err := money.ParseDecimal(m.Decimal(), c)
		if err != nil || again != m {
			t.Fatalf("%q → %s → %v, %v", text, m.Decimal(), again, err)
		}
		want, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		got, _ := new(big.Rat).SetString(m.Decimal())
		if !ok || want.Cmp(got) != 0 {
			t.Fatalf("%q read as %s", text, m.Decimal())
		}
	})
}

func FuzzParseLocal(f *testing.F) {
	for _, seed := range []string{"Rp 1.250.000,50", "1,250,000.50", "-5", "1 000", ",-", "Rp", "5 €"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, indonesian bool) {
		lang := "en"
		if indonesian {
			lang = "id"
		}
		m, err := money.ParseLocal(text, money.IDR, lang)
		if err == nil && m.Currency != money.IDR {
			t.Fatalf("%q: %v", text, m)
		}
		if err != nil && fault.KindOf(err) != fault.Unprocessable {
			t.Fatalf("%q: %v is not a refusal", text, err)
		}
	})
}
