package exchange_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// press is a tenant that publishes: two leads, and a second tenant to read in again.
type press struct {
	*office
	approver, coordinator, signatory, again context.Context
}

var leads = map[tenants.OrganisationID]policies.Side{"og_dinas": policies.Agency, "og_yayasan": policies.CSO}

func newPress(t *testing.T) *press {
	t.Helper()
	w := tenantstest.New(t)
	calendar, err := clocks.NewCalendar("Asia/Makassar", clocks.Weekdays()[:5], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tenant := range []tenants.Tenant{{ID: "kupang", Short: "KPG", Zone: "Asia/Makassar", Language: "id"}, {ID: "ende", Short: "END", Zone: "Asia/Makassar", Language: "id"}} {
		if err := w.DB.Registry().AddTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	p := programs.Open(programs.Config{
		DB: w.DB, Gate: w.Gate,
		Organisation: func(_ context.Context, _ tenants.Scope, id tenants.OrganisationID) (string, policies.Side, error) {
			if side, ok := leads[id]; ok {
				return "Organisasi " + string(id), side, nil
			}
			return "", "", fault.NotFound("organisation")
		},
		Calendar: func(context.Context, tenants.Scope) (*clocks.Calendar, error) { return calendar, nil },
	})
	s := exchange.Open(exchange.Config{
		DB: w.DB, Gate: w.Gate, Programs: p,
		OrgIDs: func(context.Context, tenants.Scope, []tenants.OrganisationID) (map[tenants.OrganisationID]string, error) {
			return map[tenants.OrganisationID]string{"og_dinas": "ID-KDN-7"}, nil
		},
	})
	return &press{
		office:      &office{w, s, w.As("kupang", "og_dinas", policies.Agency, policies.ProgramOfficer)},
		approver:    w.As("kupang", "og_dinas", policies.Agency, policies.Approver),
		coordinator: w.As("kupang", "og_yayasan", policies.CSO, policies.CSOCoordinator),
		signatory:   w.As("kupang", "og_yayasan", policies.CSO, policies.Signatory),
		again:       w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer),
	}
}

func (x *press) export(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := x.ExportIATI(x.officer, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// schema holds a file to the official schema.
func schema(t *testing.T, text []byte) {
	t.Helper()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("MITRA_REQUIRE_XMLLINT") != "" {
			t.Fatal(err)
		}
		t.Log("xmllint (libxml2-utils) is not here: the file is not held to the schema")
		return
	}
	path := filepath.Join(t.TempDir(), "out.xml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	xsd := filepath.Join(standardstest.Dir(t, "iati", "schema"), "iati-activities-schema.xsd")
	if said, err := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", xsd, path).CombinedOutput(); err != nil { // #nosec G204 -- a tool of the test
		t.Errorf("the schema refuses what was written: %s", said)
	}
}

// read gives the activities of a file by their identifiers.
func read(t *testing.T, text []byte) map[string]*iati.Activity {
	t.Helper()
	all := map[string]*iati.Activity{}
	for e, err := range iati.Read(t.Context(), bytes.NewReader(text), iati.Options{}) {
		if err != nil || e.Activity == nil {
			t.Fatalf("%v, %+v", err, e)
		}
		if len(e.Problems)+len(e.Leftovers) > 0 {
			t.Errorf("%s: problems %v, leftovers %v", e.Identifier(), e.Problems, e.Leftovers)
		}
		all[e.Activity.Identifier] = e.Activity
	}
	return all
}

// agreed is a program that the two leads made here, with what a plan may hold.
func (x *press) agreed(t *testing.T) *programs.Program {
	t.Helper()
	ok := must[*programs.Program](t)
	p := ok(x.Programs.Start(x.coordinator, programs.Start{Title: "Air & tanah", Purpose: "Sumur <12>", Partner: "og_dinas"}))
	for _, section := range []programs.Section{
		programs.Basics{Title: p.Title, Purpose: p.Purpose, From: "2026-01-01", To: "2027-06-30"},
		programs.Places{Places: []programs.Place{{Name: "Desa Utara", Country: "ID", Latitude: "-10.16", Longitude: "123.58"}}},
		programs.Parties{Parties: []programs.Party{{Name: "Donor", Role: programs.Funder}}},
		programs.Budget{Budget: []programs.BudgetLine{
			{Line: "Lapangan", FiscalYear: "2026", Source: "Donor", Amount: money.Money{Amount: 120_000_000_00, Currency: money.IDR}},
			{Line: "Penutup", FiscalYear: "2027", Source: "Donor", Amount: money.Money{Amount: 30_000_000_50, Currency: money.IDR}},
		}},
		programs.Results{
			Results: []programs.ResultNode{{ID: "a", Level: programs.Outcome, Title: "Warga sehat"}, {ID: "b", Level: programs.Output, Title: "Sumur"}},
			Indicators: []programs.Indicator{
				{ID: "safe", Node: "b", Title: "Air aman", Measure: programs.Percent, Baseline: programs.Value{Numerator: "10", Denominator: "50"}, BaseOn: "2025", Targets: []programs.Target{
					{From: "2026-01-01", To: "2026-12-31", Value: programs.Value{Numerator: "40", Denominator: "50"}},
				}},
				{ID: "wells", Node: "b", Title: "Jumlah sumur", Measure: programs.CountOf, Aggregation: programs.Sum, Baseline: programs.Value{Value: "0"}, BaseOn: "2025", Targets: []programs.Target{
					{From: "2026-01-01", To: "2026-12-31", Value: programs.Value{Value: "12"}},
				}},
				{ID: "story", Node: "a", Title: "Cerita", Measure: programs.Words, Targets: []programs.Target{{From: "2026-01-01", To: "2026-12-31", Value: programs.Value{Value: "Lebih sehat"}}}},
			},
		},
	} {
		p = ok(x.Programs.EditPlan(x.coordinator, p.ID, p.Version, section))
	}
	p = ok(x.Programs.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	return ok(x.Programs.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (x *press) report(t *testing.T, p *programs.Program, in programs.Report) {
	t.Helper()
	ok := must[*programs.Actual](t)
	if p = must[*programs.Program](t)(x.Programs.Read(x.officer, p.ID)); len(p.Reporting) == 0 {
		must[*programs.Program](t)(x.Programs.OpenReporting(x.officer, p.ID, p.Version, programs.Opening{From: p.From, To: p.To, Until: "2026-12-31"}))
	}
	a := ok(x.Programs.Report(x.coordinator, p.ID, in))
	a = ok(x.Programs.Submit(x.coordinator, a.ID, a.Version))
	ok(x.Programs.AcceptActual(x.officer, a.ID, a.Version))
}

// A program made here is written so that the schema lets it pass and that, read in
// elsewhere, it has the same budgets, results and indicators.
func TestAProgramMadeHereIsPublishedAndReadInAgain(t *testing.T) {
	t.Parallel()
	x := newPress(t)
	p := x.agreed(t)
	x.report(t, p, programs.Report{Indicator: "wells", From: "2026-01-01", To: "2026-06-30", Place: "pl1", Value: programs.Value{Value: "5"}})
	x.report(t, p, programs.Report{Indicator: "safe", From: "2026-01-01", To: "2026-12-31", Value: programs.Value{Numerator: "27", Denominator: "50"}})
	spent := money.Money{Amount: 7_500_000_25, Currency: money.IDR}
	x.report(t, p, programs.Report{Line: p.Budget[0].ID, Spent: &spent, From: "2026-01-01", To: "2026-06-30"})
	must[*programs.Program](t)(x.Programs.Start(x.coordinator, programs.Start{Title: "Rahasia", Partner: "og_dinas"}))
	text := x.export(t)
	schema(t, text)
	if strings.Contains(string(text), "Rahasia") {
		t.Error("a draft is published")
	}
	a := read(t, text)["ID-KDN-7-"+string(p.ID)]
	if a == nil {
		t.Fatalf("the program is not there:\n%s", text)
	}
	if a.Status != iati.Implementing || a.Reporting.Ref != "ID-KDN-7" || a.Titles.In("id") != "Air & tanah" {
		t.Errorf("published as %+v", a)
	}
	report := must[*exchange.Report](t)(x.ImportIATI(x.again, []exchange.File{fileOf(text)}, false))
	if report.Created != 1 || !report.Whole() || report.Budgets["1|IDR"] != "150000000.50" || report.Transactions["4|IDR"] != "7500000.25" {
		t.Errorf("read in again: %+v", report)
	}
	page := must[*store.Page[programs.Program]](t)(x.Programs.List(x.again, programs.Criteria{}, store.Query{}))
	got := page.Items[0]
	if got.Title != p.Title || got.Purpose != p.Purpose || got.From != p.From || got.To != p.To || got.State != programs.Active {
		t.Errorf("read in again it is %q, %q, %s to %s, %s", got.Title, got.Purpose, got.From, got.To, got.State)
	}
	for i, line := range got.Budget {
		if line.Amount != p.Budget[i].Amount || line.FiscalYear != p.Budget[i].FiscalYear {
			t.Errorf("budget line %d: %+v, want %+v", i, line, p.Budget[i])
		}
	}
	if len(got.Results) != 2 || len(got.Indicators) != 3 || len(got.Budget) != 2 {
		t.Fatalf("%d results, %d indicators, %d budget lines", len(got.Results), len(got.Indicators), len(got.Budget))
	}
	// Result by result: "Cerita" belongs to the first.
	story, safe, wells := got.Indicators[0], got.Indicators[1], got.Indicators[2]
	if story.Title != "Cerita" || story.Measure != programs.Words || story.Targets[0].Value.Value != "Lebih sehat" {
		t.Errorf("the story: %+v", story)
	}
	if safe.Measure != programs.Percent || safe.Baseline.Value != "20" || safe.Targets[0].Value.Value != "80" || safe.Targets[0].Told.Value != "54" {
		t.Errorf("the share: %+v", safe)
	}
	if wells.Measure != programs.CountOf || wells.Baseline.Value != "0" || len(wells.Targets) != 2 || wells.Targets[0].Told.Value != "5" || wells.Targets[0].To != "2026-06-30" || wells.Targets[1].Value.Value != "12" {
		t.Errorf("the count: %+v", wells)
	}
}

func fileOf(text []byte) exchange.File { return textFile("out.xml", string(text)) }

var textFile = text

// What nobody changed here is published as it was read, to the last code: every document
// that the standard's tests let pass, and its annotated example.
func TestWhatNobodyChangedIsPublishedAsItWas(t *testing.T) {
	t.Parallel()
	x := newPress(t)
	paths := standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-pass")
	paths = append(paths, filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml"))
	var files []exchange.File
	want := map[string]string{}
	for i, path := range paths {
		// All of the small documents have one identifier; here each has its own.
		body := string(standardstest.Filled(t, path))
		for e, err := range iati.Read(t.Context(), strings.NewReader(body), iati.Options{}) {
			if err != nil || e.Activity == nil {
				t.Fatalf("%s: %v", path, err)
			}
			e.Activity.Identifier += "-" + filepath.Base(path) + "-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			var b bytes.Buffer
			w := iati.NewWriter(&b, time.Time{})
			if err := w.Write(e.Activity); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			want[e.Activity.Identifier], _ = e.Activity.Digest()
			files = append(files, fileOf(b.Bytes()))
		}
	}
	report := must[*exchange.Report](t)(x.ImportIATI(x.officer, files, false))
	if !report.Whole() || report.Created != len(want) {
		t.Fatalf("imported: %d created of %d, refused %v", report.Created, len(want), report.Refused)
	}
	text := x.export(t)
	schema(t, text)
	got := read(t, text)
	for identifier, digest := range want {
		a := got[identifier]
		if a == nil {
			t.Errorf("%s is not published", identifier)
			continue
		}
		if now, _ := a.Digest(); now != digest {
			t.Errorf("%s is published as another activity", identifier)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d activities, want %d", len(got), len(want))
	}
	again := must[*exchange.Report](t)(x.ImportIATI(x.officer, []exchange.File{fileOf(text)}, true))
	if again.Unchanged != len(want) {
		t.Errorf("read in again: %d of %d unchanged", again.Unchanged, len(want))
	}
}

// What both sides changed since stands in the place of what the file said, and only that.
func TestWhatWasAgreedHereTakesThePlaceOfWhatTheFileSaid(t *testing.T) {
	t.Parallel()
	x := newPress(t)
	more := `<sector vocabulary="1" code="14030"/>` + `<result type="1"><title><narrative>Sumur</narrative></title><indicator measure="1"><title><narrative>Jumlah</narrative></title>
<reference vocabulary="99" code="A1"/><baseline year="2025" value="0"/><period><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/><target value="9"/></period></indicator></result>`
	body := strings.Replace(one("XX-1", ""), `<budget>`, `<sector code="14030"/><budget>`, 1)
	body = strings.Replace(body, "</transaction>", "</transaction>"+more[strings.Index(more, "<result"):], 1)
	must[*exchange.Report](t)(x.ImportIATI(x.officer, []exchange.File{text("a.xml", file(body))}, false))
	ok := must[*programs.Program](t)
	page := must[*store.Page[programs.Program]](t)(x.Programs.List(x.officer, programs.Criteria{}, store.Query{}))
	p := page.Items[0]
	p = ok(x.Programs.TakeLead(x.officer, p.ID, p.Version))
	p = ok(x.Programs.TakeLead(x.coordinator, p.ID, p.Version))
	p = ok(x.Programs.EditPlan(x.officer, p.ID, p.Version, programs.Basics{Title: "Air bersih", Purpose: p.Purpose, From: p.From, To: "2027-12-31"}))
	p = ok(x.Programs.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Programs.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	x.report(t, p, programs.Report{Indicator: p.Indicators[0].ID, From: "2026-01-01", To: "2026-12-31", Value: programs.Value{Value: "4"}})
	text := x.export(t)
	schema(t, text)
	a := read(t, text)["XX-1"]
	if a == nil || a.Titles.In("id") != "Air bersih" || len(a.Transactions) != 1 || len(a.Sectors) != 1 || len(a.Budgets) != 1 {
		t.Fatalf("published as %+v", a)
	}
	ends := slices.IndexFunc(a.Dates, func(d iati.Date) bool { return d.Type == iati.PlannedEnd && d.Day == "2027-12-31" })
	if ends < 0 {
		t.Errorf("its days are %v", a.Dates)
	}
	ind := a.Results[0].Indicators[0]
	if len(ind.References) != 1 || len(ind.Periods) != 1 || len(ind.Periods[0].Actuals) != 1 || ind.Periods[0].Actuals[0].Value != "4" {
		t.Errorf("the indicator keeps its references and gains what was accepted: %+v", ind)
	}
	if a.LastUpdated == "" || !slices.ContainsFunc(a.Participants, func(p iati.Participant) bool { return p.Names.In("id") == "Organisasi og_yayasan" }) {
		t.Errorf("updated %q, by %v", a.LastUpdated, a.Participants)
	}
}

func TestWhatAPublisherWouldHearIsSaidBefore(t *testing.T) {
	t.Parallel()
	x := newPress(t)
	p := x.agreed(t)
	checked := must[[]exchange.Checked](t)(x.CheckIATI(x.officer, []*programs.Program{p}))
	if len(checked) != 1 || checked[0].Program != p.ID {
		t.Fatalf("checked %+v", checked)
	}
	var got []string
	for _, a := range checked[0].Advice {
		got = append(got, a.Rule)
	}
	// No sector is known here; everything else of a whole plan follows the standard.
	if want := []string{"6.2.2"}; !slices.Equal(got, want) {
		t.Errorf("rules %v are broken, want %v", got, want)
	}
	_, err := x.CheckIATI(x.As("kupang", "og_dinas", policies.Agency, policies.Member), []*programs.Program{p})
	if fault.CodeOf(err) != "forbidden" {
		t.Errorf("a member asks: %v", err)
	}
}

// However many programs there are, they are read by indexes and a few at a time.
func TestPublishingReadsByIndexes(t *testing.T) {
	t.Parallel()
	x := newPress(t)
	var list []string
	for i := range 60 {
		list = append(list, one("XX-"+string(rune('a'+i%26))+string(rune('a'+i/26)), ""))
	}
	must[*exchange.Report](t)(x.ImportIATI(x.officer, []exchange.File{text("a.xml", file(list...))}, false))
	before := x.Engine.Stats()
	done := must[*exchange.Exported](t)(x.ExportIATI(x.officer, &bytes.Buffer{}))
	after := x.Engine.Stats()
	if done.Activities != 60 || after.FullScans != before.FullScans || after.Documents-before.Documents > 200 {
		t.Errorf("%d activities: %d full scans, %d documents looked at", done.Activities, after.FullScans-before.FullScans, after.Documents-before.Documents)
	}
}

func TestEveryRuleHasItsSentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, language := range []words.Language{words.Indonesian, words.English} {
		for _, no := range iati.RuleNumbers() {
			if !words.In(language).Has("iati_rule." + no) {
				t.Errorf("%s: rule %s has no sentence", language, no)
			}
		}
	}
}
