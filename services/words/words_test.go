package words_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/words"
)

func TestTheReadersLanguageIsNegotiated(t *testing.T) {
	t.Parallel()
	rows := []struct {
		choice, header string
		tenant, want   words.Language
	}{
		{"en", "id", "id", words.English},
		{"id", "en-GB,en", "en", words.Indonesian},
		{"fr", "en-GB", "id", words.English},
		{"", "id-ID,id;q=0.9,en;q=0.8", "en", words.Indonesian},
		{"", "en;q=0.3, id;q=0.9", "en", words.Indonesian},
		{"", "in", "en", words.Indonesian},
		{"", "jv,en;q=0.5", "en", words.Indonesian},
		{"", "fr-FR,fr;q=0.9,en;q=0.1", "id", words.English},
		{"", "en;q=0, fr", "id", words.Indonesian},
		{"", "fr,de", "en", words.English},
		{"", "", "en", words.English},
		{"", "", "", words.Indonesian},
		{"", "*", "en", words.English},
		{"", ";;;,q=\xff", "en", words.English},
		{"<script>", "", "fr", words.Indonesian},
	}
	for _, row := range rows {
		if got := words.Negotiate(row.choice, row.header, row.tenant); got != row.want {
			t.Errorf("%q %q %q: got %s; want %s", row.choice, row.header, row.tenant, got, row.want)
		}
	}
}

func TestMoneyIsWrittenAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	rows := []struct {
		amount          int64
		currency        money.Currency
		id, en, idShort string
	}{
		{125000000, "IDR", "Rp 1.250.000", "Rp 1,250,000", "Rp 1,25 jt"},
		{125000050, "IDR", "Rp 1.250.000,50", "Rp 1,250,000.50", "Rp 1,25 jt"},
		{128000000000, "IDR", "Rp 1.280.000.000", "Rp 1,280,000,000", "Rp 1,28 M"},
		{99950000, "IDR", "Rp 999.500", "Rp 999,500", "Rp 999.500"},
		{100, "IDR", "Rp 1", "Rp 1", "Rp 1"},
		{5, "IDR", "Rp 0,05", "Rp 0.05", "Rp 0,05"},
		{0, "IDR", "Rp 0", "Rp 0", "Rp 0"},
		{-125000000, "IDR", "−Rp 1.250.000", "−Rp 1,250,000", "−Rp 1,25 jt"},
		{100050, "EUR", "EUR 1.000,50", "EUR 1,000.50", "EUR 1.000,50"},
		{100000, "EUR", "EUR 1.000,00", "EUR 1,000.00", "EUR 1.000,00"},
		{1250, "JPY", "JPY 1.250", "JPY 1,250", "JPY 1.250"},
		{9223372036854775807, "IDR", "Rp 92.233.720.368.547.758,07", "Rp 92,233,720,368,547,758.07", "Rp 92.233,72 T"},
		{-9223372036854775808, "IDR", "−Rp 92.233.720.368.547.758,08", "−Rp 92,233,720,368,547,758.08", "−Rp 92.233,72 T"},
		{175000000000000, "IDR", "Rp 1.750.000.000.000", "Rp 1,750,000,000,000", "Rp 1,75 T"},
	}
	for _, row := range rows {
		m := money.Money{Amount: row.amount, Currency: row.currency}
		if got := words.In(words.Indonesian).Money(m); got != row.id {
			t.Errorf("%v: got %q; want %q", m, got, row.id)
		}
		if got := words.In(words.English).Money(m); got != row.en {
			t.Errorf("%v: got %q; want %q", m, got, row.en)
		}
		if got := words.In(words.Indonesian).MoneyShort(m); got != row.idShort {
			t.Errorf("%v short: got %q; want %q", m, got, row.idShort)
		}
	}
}

func TestAnAmountShownInAFormReadsBackTheSame(t *testing.T) {
	t.Parallel()
	for _, l := range words.Languages() {
		for _, m := range []money.Money{{Amount: 125000050, Currency: "IDR"}, {Amount: -700, Currency: "IDR"}, {Amount: 100050, Currency: "EUR"}} {
			got, err := money.ParseLocal(words.In(l).Amount(m), m.Currency, string(l))
			if err != nil || got != m {
				t.Errorf("%s %v: got %v, %v", l, m, got, err)
			}
		}
	}
}

func TestNumbersFollowTheLanguage(t *testing.T) {
	t.Parallel()
	id, en := words.In(words.Indonesian), words.In(words.English)
	rows := []struct{ got, want string }{
		{id.Number(3506), "3.506"}, {en.Number(3506), "3,506"}, {id.Number(-1234567), "−1.234.567"}, {id.Number(0), "0"}, {id.Number(999), "999"},
		{id.Decimal("1250.5"), "1.250,5"}, {en.Decimal("-1250.5"), "−1,250.5"}, {id.Decimal("kira-kira"), "kira-kira"}, {id.Decimal(""), ""}, {id.Decimal("1."), "1."},
		{id.Percent(5400), "54%"}, {id.Percent(5450), "54,5%"}, {en.Percent(5), "0.05%"}, {id.Percent(-1250), "−12,5%"}, {id.Percent(10000), "100%"},
		{id.Days(3), "3 hari"}, {en.Days(1), "1 day"}, {en.Days(1200), "1,200 days"}, {en.MoneyShort(money.Money{Amount: 128000000000, Currency: "IDR"}), "Rp 1.28 bn"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("got %q; want %q", row.got, row.want)
		}
	}
}

func TestDaysAndInstantsAreWrittenOut(t *testing.T) {
	t.Parallel()
	id, en := words.In(words.Indonesian), words.In(words.English)
	makassar, jakarta, jayapura := zone(t, "Asia/Makassar"), zone(t, "Asia/Jakarta"), zone(t, "Asia/Jayapura")
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	rows := []struct{ got, want string }{
		{id.Day("2026-11-24"), "24 November 2026"}, {en.Day("2026-08-05"), "5 August 2026"}, {id.Day("2026-08-05"), "5 Agustus 2026"}, {id.Day(""), ""},
		{id.DayShort("2026-08-05"), "5 Agu 2026"}, {en.DayShort("2026-10-05"), "5 Oct 2026"},
		{id.Month("2026-12-01"), "Desember 2026"},
		{id.DayRange("2026-11-20", "2026-11-21"), "20–21 November 2026"},
		{id.DayRange("2026-11-30", "2026-12-02"), "30 November – 2 Desember 2026"},
		{en.DayRange("2026-12-30", "2027-01-02"), "30 December 2026 – 2 January 2027"},
		{id.DayRange("2026-11-20", "2026-11-20"), "20 November 2026"},
		{id.DayRangeShort("2026-10-06", "2027-10-05"), "6 Okt 2026 – 5 Okt 2027"}, {en.DayRangeShort("2026-08-01", "2026-11-21"), "1 Aug – 21 Nov 2026"},
		{id.DayRangeShort("2026-11-20", "2026-11-21"), "20–21 Nov 2026"}, {id.DayRangeShort("", "2026-11-20"), "20 Nov 2026"},
		{id.Share(4166), "42%"}, {id.Share(9999), "99%"}, {id.Share(3), "1%"}, {id.Share(0), "0%"}, {id.Share(10_000), "100%"}, {en.Share(123_456), "1,235%"},
		{id.DayRange("", "2026-11-20"), "20 November 2026"}, {id.DayRange("2026-11-20", ""), "20 November 2026"},
		{id.Instant(at, makassar), "24 November 2026, 17.00 WITA"}, {en.Instant(at, makassar), "24 November 2026, 17:00 WITA"},
		{id.Instant(at, jakarta), "24 November 2026, 16.00 WIB"}, {id.Instant(at, jayapura), "24 November 2026, 18.00 WIT"},
		{id.Instant(at.Add(8*time.Hour), jakarta), "25 November 2026, 00.00 WIB"}, {id.Instant(time.Time{}, jakarta), ""},
		{id.InstantShort(at, makassar), "24 Nov 2026, 17.00 WITA"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("got %q; want %q", row.got, row.want)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAMissingKeyOrArgumentIsVisible(t *testing.T) {
	t.Parallel()
	w := words.In(words.English)
	if got := w.T("no.such.key"); got != "⟦no.such.key⟧" {
		t.Errorf("got %q", got)
	}
	if got := w.T("fault.too_long"); got == "" || got == "⟦fault.too_long⟧" || !contains(got, "⟦max⟧") {
		t.Errorf("an unfilled placeholder must show: got %q", got)
	}
}

func TestRefusalsPutTheirArgumentsIntoTheReadersWords(t *testing.T) {
	t.Parallel()
	rows := []struct {
		l    words.Language
		code string
		args fault.Args
		want string
	}{
		{words.Indonesian, "not_found", fault.Args{"kind": "program"}, "program"},
		{words.Indonesian, "not_found", fault.Args{"kind": "organisation"}, "organisasi"},
		{words.English, "too_long", fault.Args{"max": "20000"}, "20,000"},
		{words.Indonesian, "too_long", fault.Args{"max": "20000"}, "20.000"},
	}
	for _, row := range rows {
		detail, remedy := words.In(row.l).Fault(row.code, row.args)
		if !contains(detail, row.want) || remedy == "" {
			t.Errorf("%s %s: got %q, %q; want %q in it", row.l, row.code, detail, remedy, row.want)
		}
	}
}

func TestTheContextCarriesTheReadersWords(t *testing.T) {
	t.Parallel()
	if got := words.From(context.Background()).Language(); got != words.Indonesian {
		t.Errorf("got %s; want Indonesian when nobody chose", got)
	}
	ctx := words.With(context.Background(), words.In(words.English))
	if got := words.From(ctx).Language(); got != words.English {
		t.Errorf("got %s", got)
	}
}

func TestALanguageFromOutsideIsOneWeSpeak(t *testing.T) {
	t.Parallel()
	var l words.Language
	if err := l.UnmarshalText([]byte("fr")); fault.CodeOf(err) != "language_unknown" {
		t.Errorf("got %v", err)
	}
	if err := l.UnmarshalText([]byte("en")); err != nil || l != words.English {
		t.Errorf("got %s, %v", l, err)
	}
	if got := words.In("fr").Language(); got != words.Indonesian {
		t.Errorf("got %s", got)
	}
}

func contains(text, part string) bool { return strings.Contains(text, part) }

func BenchmarkPlainMessage(b *testing.B) {
	w := words.In(words.Indonesian)
	for b.Loop() {
		_ = w.T("fault.internal")
	}
}

func BenchmarkMessageWithPlaceholder(b *testing.B) {
	w := words.In(words.Indonesian)
	for b.Loop() {
		_ = w.N("number.days", 12)
	}
}
