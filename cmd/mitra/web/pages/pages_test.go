package pages_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// hostile is what somebody may call a thing.
const hostile = `"><script>alert(1)</script> & 'kita'`

func shown(l words.Language) *pages.Shown {
	return &pages.Shown{
		W: words.In(l), Path: "/demo/programs", Nonce: "n0nce", CSRF: "token", Demo: true,
		Actor:            tenants.Actor{Person: "pe_1", Name: "Maria " + hostile, Tenant: "demo", Organisation: "or_1", Side: policies.Agency},
		OrganisationName: "Dinas " + hostile, Tenant: &tenants.Tenant{ID: "demo", Name: "NTT " + hostile, Zone: "Asia/Makassar", Currency: "IDR", Language: "id"},
		Zone: time.FixedZone("WITA", 8*60*60), Now: time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC),
		May: func(policies.Action) bool { return true },
	}
}

func full() *programs.Program {
	p := &programs.Program{
		State: programs.Drafting, Origin: programs.MadeHere,
		Agreed: programs.Agreed{
			Title: hostile, Purpose: hostile, From: "2026-01-01", To: "2026-12-31",
			LeadAgency: &programs.Lead{Organisation: "or_1", Name: hostile}, LeadCSO: &programs.Lead{Organisation: "or_2", Name: hostile},
		},
	}
	p.ID, p.Version, p.Turn.Side = "pg_1", 3, policies.Agency
	p.Places = []programs.Place{{ID: "pl1", Name: hostile, Country: "ID", Latitude: "-9.66", Longitude: "120.26"}}
	p.Parties = []programs.Party{{ID: "pa1", Name: hostile, Role: programs.PartyRoles()[0]}}
	p.Activities = []programs.Activity{
		{ID: "ac1", Title: "Survei " + hostile, From: "2026-01-01", To: "2026-03-31", DependsOn: []string{}},
		{ID: "ac2", Title: "Sumur", From: "2026-04-01", To: "2026-10-31", DependsOn: []string{"ac1", "gone"}},
		{ID: "ac3", Title: strings.Repeat("Penilaian yang panjang ", 12), From: "2026-11-01", To: "2026-12-31", DependsOn: []string{"ac2"}},
	}
	p.Budget = []programs.BudgetLine{{ID: "bl1", Line: hostile, Source: hostile, Amount: money.Money{Amount: 125_000_000_00, Currency: money.IDR}}}
	p.Results = []programs.ResultNode{{ID: "air", Level: programs.Outcome, Title: hostile}}
	p.Indicators = []programs.Indicator{{
		ID: "in1", Node: "air", Title: hostile, Measure: programs.Measures()[0], Baseline: programs.Value{Value: "2"}, BaseOn: "2025",
		Targets: []programs.Target{{ID: "ta1", Value: programs.Value{Value: "12"}, From: "2026-01-01", To: "2026-12-31"}},
	}}
	p.Risks = []programs.Risk{{ID: "ri1", Title: hostile, Likelihood: 2, Impact: 5, Response: hostile}}
	return p
}

func accepted(p *programs.Program) *programs.Actual {
	a := &programs.Actual{
		State: programs.ActualAccepted, Program: "pg_1", Indicator: "in1", Title: hostile, From: "2026-01-01", To: "2026-06-30",
		Value: programs.Value{Value: "6"}, Note: hostile, Evidence: hostile, Side: policies.CSO,
	}
	a.ID, a.Version = "ac_1", 2
	return a
}

// passport is filled with what nobody should trust.
func passport() *organisations.Passport {
	p := &organisations.Passport{Side: policies.CSO}
	p.Name, p.Answers = hostile, map[organisations.Section]organisations.Answers{}
	for _, section := range organisations.Sections() {
		p.Answers[section] = organisations.Answers{}
		for _, q := range organisations.Questions(section) {
			switch q.As {
			case organisations.Day:
				p.Answers[section][q.Key] = "2026-01-31"
			case organisations.YesNo:
				p.Answers[section][q.Key] = "yes"
			case organisations.Choice:
				p.Answers[section][q.Key] = q.Choices[0]
			default:
				p.Answers[section][q.Key] = hostile
			}
		}
	}
	p.Identifiers = []organisations.Identifier{{Scheme: "ID-KLN", Value: hostile}}
	p.Persons = []organisations.OrgPerson{{Role: organisations.Chair, Name: hostile, From: "2024-01-01", To: "2028-12-31", SignsFor: true}, {Role: organisations.Treasurer, Name: "Ina", From: "2024-01-01"}}
	p.Experience = []organisations.Experience{{Group: organisations.Groups()[0], LedBy: true, Years: 4, Note: hostile, Visibility: "public"}}
	p.Version = 3
	p.Attested = &organisations.Attestation{No: 2, Hash: "abcdef0123456789", Content: p.Content}
	return p
}

func member(state organisations.State) *organisations.Member {
	m := &organisations.Member{
		State: state, Name: hostile, Acronym: hostile, Side: policies.CSO, LegalForm: "yayasan", Reason: hostile, SubmittedNo: 2, VerifiedNo: 1, ValidUntil: "2027-11-24",
		Identifiers: passport().Identifiers, Experience: passport().Experience, CheckedBy: &organisations.Hand{}, ConfirmedBy: &organisations.Hand{}, Organisation: "or_2",
	}
	m.ID, m.Version = "mb_1", 4
	return m
}

// importViews are the pages of imports.
func importViews() []view {
	row := exchange.Row{Activity: hostile, Element: "title", Line: 7, Code: "required"}
	all := &exchange.Summary{
		Activities: 9, Created: 2000, RefusedN: 300, WarningsN: 300, Refused: []exchange.Row{row}, Warnings: []exchange.Row{row},
		Fates: []exchange.Fated{{Activity: hostile, Title: hostile, Fate: programs.Created}}, Transactions: map[string]string{"3|IDR": "-25.50"}, Budgets: map[string]string{"|EUR": "3000"},
	}
	one := func(state exchange.ImportState, preview, outcome *exchange.Summary) *exchange.Import {
		i := &exchange.Import{State: state, Name: hostile, Percent: 40, Preview: preview, Outcome: outcome}
		i.ID, i.Version = "im_1", 2
		return i
	}
	return []view{
		{"imports", pages.Imports([]*exchange.Import{one(exchange.Waiting, nil, nil)}, "/x?cursor=a")}, {"imports, empty", pages.Imports(nil, "")},
		{"import waiting", pages.ShowImport(one(exchange.Waiting, nil, nil))}, {"import previewed", pages.ShowImport(one(exchange.Previewed, all, nil))},
		{"import confirmed", pages.ShowImport(one(exchange.Confirmed, all, nil))}, {"import done", pages.ShowImport(one(exchange.Done, all, all))},
		{"import failed", pages.ShowImport(one(exchange.Failed, all, nil))}, {"import discarded", pages.ShowImport(one(exchange.Discarded, &exchange.Summary{}, nil))},
	}
}

// organisationViews are the pages of organisations and passports.
func organisationViews(entry pages.HistoryRow) []view {
	p := passport()
	empty := &organisations.Passport{}
	list := []view{
		{"organisations", pages.Members(pages.MemberList{Items: []*organisations.Member{member(organisations.Verified), member(organisations.Draft)}, Total: "2", Asked: organisations.Criteria{Words: hostile, Place: hostile, State: []organisations.State{"draft"}}, Next: "/x?cursor=a"})},
		{"organisations, empty", pages.Members(pages.MemberList{})}, {"invite organisation", pages.InviteOrganisation},
		{"passport", pages.ShowPassport(pages.PassportView{Passport: p, Member: member(organisations.Draft), Versions: []*organisations.Version{{No: 1}}, History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})},
		{"passport, empty", pages.ShowPassport(pages.PassportView{Passport: empty})},
	}
	for _, state := range organisations.States() {
		list = append(list, view{"organisation " + string(state), pages.ShowMember(pages.MemberView{
			Member: member(state), Profile: &organisations.Profile{Attested: *p.Attested}, History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}, Made: "https://example.org/i/x", QR: "data:image/png;base64,AA==",
		})})
	}
	for _, move := range pages.AskedMoves() {
		list = append(list, view{move + " organisation", pages.AskMemberMove(member(organisations.InCheck), move)})
	}
	for _, part := range []string{"identity", "governance", "finance", "capacity", "safeguarding", "inclusion", "identifiers", "persons"} {
		list = append(list, view{"edit passport " + part, pages.EditPassport(pages.PassportPart{Passport: p, Name: part})},
			view{"edit passport " + part + ", empty", pages.EditPassport(pages.PassportPart{Passport: empty, Name: part})})
	}
	return list
}

// view is a page with something, or nothing, to show.
type view struct {
	name string
	draw func(*pages.Shown) templ.Component
}

func views() []view {
	second := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	p := full()
	empty := &programs.Program{State: programs.Drafting, Origin: programs.MadeHere}
	entry := pages.HistoryRow{Who: hostile, To: "/programs/pg_1", Entry: tenants.Entry{
		Title: hostile, Version: 2, Action: "program.edit_plan", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC),
		Changes: []tenants.Difference{{Path: "title", From: `"a"`, To: hostile}, {Path: "name", Personal: true}},
	}}
	seat := &people.Seat{Name: hostile, OrganisationName: hostile, Side: policies.CSO, State: people.SeatActive}
	list := []view{
		{"home", pages.ShowHome(pages.Home{Active: "3", Drafting: "0", Suspended: "1", Work: everyAsk(), More: 2, Recent: []pages.HistoryRow{entry}})},
		{"home, empty", pages.ShowHome(pages.Home{})},
		{"work", pages.ShowWork(pages.WorkView{Items: everyAsk(), Total: "2", Q: hostile, Kind: "flag", Due: "late"})},
		{"notices", pages.Notices(pages.NoticeList{Rows: everyTold(), Unread: "2", Next: "/x?cursor=a"})},
		{"notices, empty", pages.Notices(pages.NoticeList{})}, {"notices, all read", pages.Notices(pages.NoticeList{OnlyUnread: true})},
		{"work, empty", pages.ShowWork(pages.WorkView{})}, {"work, none found", pages.ShowWork(pages.WorkView{Due: "soon"})},
		{"programs", pages.Programs(pages.ProgramList{Items: []*programs.Program{p, p}, Total: "2", Q: hostile, State: "drafting", Next: "/demo/programs?cursor=a&q=b"})},
		{"programs, empty", pages.Programs(pages.ProgramList{})},
		{"new program", pages.NewProgram([]pages.Option{{Value: "or_2", Text: hostile}})},
		{"activity", pages.Activity(pages.ActivityView{Past: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/activity?cursor=a"}, Organisations: []pages.Option{{Text: "–"}, {Value: "og_1", Text: hostile, Chosen: true}}})},
		{"activity, empty", pages.Activity(pages.ActivityView{Narrowed: true, From: "2026-11-01", Person: "ps_1", PersonName: hostile})},
		{"history", pages.Story("/demo/programs/pg_1", pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/programs/pg_1/history?cursor=4"})},
		{"history, empty", pages.Story("/demo/programs/pg_1", pages.Past{})},
		{"people", pages.ShowPeople(pages.People{Seats: []*people.Seat{seat}, Made: "https://example.org/i/x", QR: "data:image/png;base64,AA=="})},
		{"invite", pages.Invite([]policies.Role{policies.ProgramOfficer, policies.Approver})},
		{"report, which indicator", pages.Report(pages.ReportForm{Program: p})},
		{"report, without indicators", pages.Report(pages.ReportForm{Program: empty})},
		{"report", pages.Report(pages.ReportForm{Program: p, Indicator: &p.Indicators[0], Last: accepted(p)})},
		{"report, closed", pages.ClosedForm(pages.Closed{Title: hostile, Program: p, Why: pages.Message{Detail: hostile, Remedy: hostile}, Starts: "2026-01-01"})},
		{"actual", pages.ShowActual(pages.ActualView{Actual: accepted(p), Program: p})},
		{"second step", pages.SecondStep(hostile)}, {"second step off", pages.ShowSecond(pages.Second{})},
		{"second step, pending", pages.ShowSecond(pages.Second{Enrolment: &people.Enrolment{Key: "ABC", Address: "otpauth://totp/x"}, QR: "data:image/png;base64,AA=="})},
		{"second step, on", pages.ShowSecond(pages.Second{Since: &second, Left: 1, Codes: []string{"ABCDE-FGHJK"}})},
		{"sign in", pages.SignIn(hostile)}, {"forgotten", pages.Forgotten(true)}, {"welcome", pages.Welcome},
		{"refusal", pages.Refusal(pages.Message{Detail: hostile, Remedy: hostile}, "id")},
	}
	list = append(list, view{"plan version", pages.ShowPlanVersion(twoVersions())})
	list = append(append(list, organisationViews(entry)...), importViews()...)
	list = append(append(list, formViews(entry)...), settingsViews(entry)...)
	for _, section := range []string{"plan", "results", "money", "history"} {
		list = append(list,
			view{"program " + section, pages.ShowProgram(pages.Program{Program: p, Section: section, Actuals: []*programs.Actual{accepted(p)}, Progress: p.ProgressOf([]*programs.Actual{accepted(p)}), History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})},
			view{"program " + section + ", empty", pages.ShowProgram(pages.Program{Program: empty, Section: section})})
	}
	for _, section := range []string{"basics", "places", "parties", "activities", "budget", "results", "risks"} {
		list = append(list, view{"edit " + section, pages.EditSection(pages.Section{Program: p, Name: section})},
			view{"edit " + section + ", empty", pages.EditSection(pages.Section{Program: empty, Name: section})})
	}
	return list
}

func render(t *testing.T, s *pages.Shown, v view) string {
	t.Helper()
	var b strings.Builder
	if err := v.draw(s).Render(t.Context(), &b); err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	return b.String()
}

// elements calls back for each element of a page.
func elements(t *testing.T, text string, each func(n *html.Node, attribute func(string) string)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			each(n, func(name string) string {
				i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
				if i < 0 {
					return ""
				}
				return n.Attr[i].Val
			})
		}
	}
}

// check holds a page to what every page promises: no style, script or handler within it,
// names that are there, and no name twice.
func check(t *testing.T, name, text string) {
	t.Helper()
	if i := strings.Index(text, "⟦"); i >= 0 {
		t.Errorf("%s lacks the message %.60s", name, text[i:])
	}
	if strings.Contains(text, "<script>alert") {
		t.Errorf("%s lets markup through", name)
	}
	ids, wanted := map[string]int{}, map[string]string{}
	headings := 0
	elements(t, text, func(n *html.Node, attribute func(string) string) {
		if id := attribute("id"); id != "" {
			ids[id]++
		}
		for _, reference := range []string{"aria-labelledby", "aria-describedby", "for"} {
			for id := range strings.FieldsSeq(attribute(reference)) {
				wanted[id] = n.Data + " " + reference
			}
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: <%s %s>", name, n.Data, a.Key)
			}
		}
		switch {
		case n.Data == "h1":
			headings++
		case n.Data == "style" || n.Data == "script" && (attribute("src") == "" || attribute("nonce") != "n0nce"):
			t.Errorf("%s: <%s> in the page or without its nonce", name, n.Data)
		case n.Data == "form" && attribute("method") == "post" && !strings.Contains(inside(n), `name="csrf"`):
			t.Errorf("%s: the form to %s carries no token", name, attribute("action"))
		}
	})
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %s is there %d times", name, id, n)
		}
	}
	for id, by := range wanted {
		if ids[id] == 0 {
			t.Errorf("%s: %s names %s, which is not there", name, by, id)
		}
	}
	if headings != 1 {
		t.Errorf("%s has %d h1, want 1", name, headings)
	}
}

// save keeps a page where MITRA_PAGES says, for checks that are no Go tests.
func save(t *testing.T, name, text string) {
	t.Helper()
	dir := os.Getenv("MITRA_PAGES")
	if dir == "" {
		return
	}
	name = strings.NewReplacer(" ", "-", ",", "").Replace(name) + ".html"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func inside(n *html.Node) string {
	var b strings.Builder
	_ = html.Render(&b, n)
	return b.String()
}

func TestEveryPageKeepsItsPromisesFullAndEmptyInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range words.Languages() {
		for _, v := range views() {
			text := render(t, shown(l), v)
			check(t, string(l)+" "+v.name, text)
			save(t, string(l)+" "+v.name, text)
			stale := shown(l)
			stale.Since, stale.Typed = &pages.Saved{By: hostile, At: stale.Now}, url.Values{"title": {hostile}, "name": {hostile}, "note": {hostile}}
			stale.Problem = &pages.Message{Detail: hostile}
			render(t, stale, v) // the first time finds what the second shows
			check(t, string(l)+" stale "+v.name, render(t, stale, v))
		}
	}
}

func TestAFormThatWasRefusedKeepsWhatWasTypedAndSaysWhatIsWrongBesideIt(t *testing.T) {
	t.Parallel()
	s := shown(words.Indonesian)
	s.Typed = url.Values{"title": {hostile}, "from.day": {"31"}, "from.month": {"13"}, "from.year": {"2026"}}
	s.Problem = &pages.Message{Detail: "Ada isian yang perlu diperbaiki", Fields: []pages.FieldMessage{
		{Name: "title", Detail: "Terlalu panjang.", Remedy: "Ringkaslah."}, {Name: "from", Detail: "Tanggal ini tidak ada.", Remedy: "Periksa."},
	}}
	text := render(t, s, view{"basics", pages.EditSection(pages.Section{Program: full(), Name: "basics"})})
	check(t, "refused", text)
	values, described, links := map[string]string{}, map[string]string{}, []string{}
	elements(t, text, func(n *html.Node, attribute func(string) string) {
		switch n.Data {
		case "input":
			values[attribute("name")] = attribute("value")
		case "a":
			links = append(links, attribute("href"))
		}
		if by := attribute("aria-describedby"); by != "" {
			described[attribute("id")] = by
		}
	})
	if values["title"] != hostile || values["from.day"] != "31" || values["from.month"] != "13" {
		t.Errorf("typed values are lost: %q", values)
	}
	for _, id := range []string{"f-title", "f-from"} {
		if !strings.Contains(described[id], id+"-wrong") || !slices.Contains(links, "#"+id) {
			t.Errorf("%s is described by %q and linked from %q", id, described[id], links)
		}
	}
}

func TestTheWorkplanShowsEachActivityWhatItWaitsForAndToday(t *testing.T) {
	t.Parallel()
	p := full()
	draw := func() (bars, arrows, now int, text string) {
		text = render(t, shown(words.English), view{"plan", pages.ShowProgram(pages.Program{Program: p, Section: "plan"})})
		elements(t, text, func(n *html.Node, attribute func(string) string) {
			switch attribute("class") {
			case "bar", "bar critical":
				bars++
			case "arrow":
				arrows++
			case "now":
				now++
			}
		})
		return bars, arrows, now, text
	}
	bars, arrows, now, text := draw()
	if bars != 3 || arrows != 2 || now != 1 {
		t.Errorf("bars %d, arrows %d, today %d; want 3, 2 and 1", bars, arrows, now)
	}
	number := regexp.MustCompile(` (?:x|x1|x2|width)="(-?\d+)"`)
	for _, m := range number.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "-") {
			t.Errorf("the drawing leaves its picture: %s", m[0])
		}
	}
	p.From, p.To = "2030-01-01", "2030-12-31"
	for i := range p.Activities {
		p.Activities[i].From, p.Activities[i].To = clocks.Day("2030-02-01"), clocks.Day("2030-02-01")
	}
	if bars, arrows, now, _ = draw(); bars != 3 || arrows != 2 || now != 0 {
		t.Errorf("in another year: bars %d, arrows %d, today %d; want 3, 2 and 0", bars, arrows, now)
	}
}

func TestProgressIsDrawnFromBaselineToTarget(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"0": "0", "2": "0", "7": "170", "12": "340", "32": "340"} {
		p := full()
		a := accepted(p)
		a.Value.Value = value
		text := render(t, shown(words.Indonesian), view{"results", pages.ShowProgram(pages.Program{Program: p, Section: "results", Progress: p.ProgressOf([]*programs.Actual{a})})})
		elements(t, text, func(n *html.Node, attribute func(string) string) {
			if n.Data == "rect" && attribute("class") == "bar" && attribute("width") != want {
				t.Errorf("%s on the way from 2 to 12 is drawn %s wide, want %s", value, attribute("width"), want)
			}
		})
		if !strings.Contains(text, "Garis dasar 2") || !strings.Contains(text, "Target 12") {
			t.Errorf("baseline and target are not named: %.200s", text)
		}
	}
}
