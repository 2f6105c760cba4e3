package pages_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

func agreed() (*settings.Binding, *clocks.Calendar) {
	terms := settings.Default("Asia/Makassar")
	terms.Exceptions = []policies.Exception{"tenant_admin:signatory"}
	c, err := terms.Calendar()
	if err != nil {
		panic(err)
	}
	return &settings.Binding{Terms: terms}, c
}

// proposal changes every part, by the other side than the reader's.
func proposal(state settings.State, side policies.Side) *settings.Proposal {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	before := settings.Default("Asia/Makassar")
	after := settings.Default("Asia/Jayapura")
	after.WorkingDays = clocks.Weekdays()[1:6]
	after.Holidays = append([]clocks.Holiday{{On: "2026-01-01", Name: hostile, Check: true}, {On: "2026-12-24", Name: hostile, Check: true}}, after.Holidays[2:]...)
	after.Promises.Pay, after.Promises.Acknowledge = 30, 1
	after.Exceptions = policies.Exceptions()[:1]
	return &settings.Proposal{
		State: state, Side: side, Parts: settings.Parts(), Before: before, After: after, Reason: hostile, Refusal: hostile, DecidedAt: &at,
		Accord: accord.Accord{Hash: strings.Repeat("a", 64), Acceptances: []accord.Acceptance{{Side: side, Person: "ps_1", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)}}},
	}
}

func settingsViews(entry pages.HistoryRow) []view {
	b, c := agreed()
	bare := &settings.Binding{Terms: settings.Default("Asia/Pontianak")}
	bare.Holidays = nil
	none, err := bare.Calendar()
	if err != nil {
		panic(err)
	}
	space := &tenants.Tenant{Name: hostile, Language: "id", Currency: "IDR"}
	preview := &settings.Preview{Holidays: []clocks.Holiday{{On: "2026-12-24", Name: hostile, Check: true}}}
	preview.Fates, _ = clocks.Preview(b.Holidays, []clocks.HolidayRow{
		{Holiday: clocks.Holiday{On: "2026-12-24", Name: hostile, Check: true}}, {Holiday: clocks.Holiday{On: "2026-12-25", Name: hostile}},
		{Line: 3, Code: "day_malformed"}, {Line: 4, Code: "event_timed"}, {Holiday: clocks.Holiday{On: "2026-08-17", Name: hostile}, Code: "holiday_twice"},
	}, true)
	list := []view{
		{"settings", pages.ShowSettings(pages.SettingsView{Tenant: space, Agreed: b, Calendar: c, Waiting: []*settings.Proposal{proposal(settings.Waiting, policies.Agency), proposal(settings.Waiting, policies.CSO)}})},
		{"settings, empty", pages.ShowSettings(pages.SettingsView{Tenant: space, Agreed: bare, Calendar: none})},
		{"month", pages.ShowMonth(pages.MonthView{Calendar: c, Today: "2026-12-25", First: "2026-12-01"})},
		{"month, empty", pages.ShowMonth(pages.MonthView{Calendar: none, Today: "2026-11-24", First: "2027-02-01"})},
		{"preview", pages.PreviewHolidays(preview)}, {"preview, empty", pages.PreviewHolidays(&settings.Preview{})},
		{"proposals", pages.Proposals(pages.ProposalList{Items: []*settings.Proposal{proposal(settings.Waiting, policies.Agency)}, Total: "1", State: "waiting", Next: "/x?cursor=a"})},
		{"proposals, empty", pages.Proposals(pages.ProposalList{})},
		{"terms history", pages.TermsHistory(pages.Past{Rows: []pages.HistoryRow{entry}})},
	}
	for _, state := range settings.States() {
		for _, side := range []policies.Side{policies.Agency, policies.CSO} {
			p := proposal(state, side)
			v := &settings.View{Proposal: p, Changes: p.Changes(), NoAdmin: state == settings.Waiting, Overtaken: state == settings.Waiting && side == policies.CSO}
			list = append(list, view{"proposal " + string(state) + " of " + string(side), pages.ShowProposal(pages.ProposalView{View: v, Names: map[tenants.PersonID]string{"ps_1": hostile}, History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})})
		}
	}
	for _, part := range settings.Parts() {
		list = append(list, view{"propose " + string(part), pages.Propose(pages.ProposeView{Agreed: b, Part: part})})
	}
	return list
}

// A month is readable without colours: each day off says so, in its place under its weekday.
func TestAMonthSaysWhichDaysAreOff(t *testing.T) {
	t.Parallel()
	_, c := agreed()
	text := render(t, shown(words.Indonesian), view{"month", pages.ShowMonth(pages.MonthView{Calendar: c, Today: "2026-12-24", First: "2026-12-01"})})
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "td" {
			said := ""
			for below := range n.Descendants() {
				if below.Type == html.TextNode {
					said += strings.TrimSpace(below.Data)
				}
			}
			cells = append(cells, said)
		}
	}
	if len(cells) != 35 || cells[0] != "" || cells[1] != "1" { // 1 December 2026 is a Tuesday
		t.Fatalf("the cells: %q", cells)
	}
	for i, want := range map[int]string{25: "25, hari libur: Kelahiran Yesus Kristus", 26: "26, bukan hari kerja", 24: "24", 31: "31"} {
		if cells[i] != want {
			t.Errorf("cell %d: got %q, want %q", i, cells[i], want)
		}
	}
	if !strings.Contains(text, `aria-current="date"`) || !strings.Contains(text, "Bulan ini ada 22 hari kerja.") {
		t.Error("the page does not mark today, or does not count December's 22 working days")
	}
}
