package programs_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

const kupang = tenants.TenantID("kupang")

// table is a world with two leads, a third organisation and another tenant.
type table struct {
	*tenantstest.World
	*programs.Service

	officer, approver, coordinator, signatory, third, elsewhere context.Context
}

var sides = map[tenants.OrganisationID]policies.Side{
	"og_dinas": policies.Agency, "og_yayasan": policies.CSO, "og_third": policies.CSO, "og_bappeda": policies.Agency,
}

func newTable(t *testing.T) *table {
	t.Helper()
	w := tenantstest.New(t)
	calendar, err := clocks.NewCalendar("Asia/Makassar", clocks.Weekdays()[:5], nil)
	if err != nil {
		t.Fatal(err)
	}
	s := programs.Open(programs.Config{
		DB: w.DB, Gate: w.Gate,
		Organisation: func(_ context.Context, _ tenants.Scope, id tenants.OrganisationID) (string, policies.Side, error) {
			if side, ok := sides[id]; ok {
				return string(id), side, nil
			}
			return "", "", fault.NotFound("organisation")
		},
		Calendar: func(context.Context, tenants.Scope) (*clocks.Calendar, error) { return calendar, nil },
	})
	if err := w.DB.Registry().AddTenant(t.Context(), tenants.Tenant{ID: kupang, Short: "KPG", Zone: "Asia/Makassar"}); err != nil {
		t.Fatal(err)
	}
	return &table{
		World: w, Service: s,
		officer:     w.As(kupang, "og_dinas", policies.Agency, policies.ProgramOfficer),
		approver:    w.As(kupang, "og_dinas", policies.Agency, policies.Approver),
		coordinator: w.As(kupang, "og_yayasan", policies.CSO, policies.CSOCoordinator),
		signatory:   w.As(kupang, "og_yayasan", policies.CSO, policies.Signatory),
		third:       w.As(kupang, "og_third", policies.CSO, policies.CSOCoordinator),
		elsewhere:   w.As("ende", "og_yayasan", policies.CSO, policies.CSOCoordinator),
	}
}

func must[T any](t *testing.T, what string) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

func want(t *testing.T, what string, err error, code string) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func wantField(t *testing.T, what string, err error, field, code string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || !slices.ContainsFunc(refusal.Fields, func(f fault.Field) bool { return f.Name == field && f.Code == code }) {
		t.Errorf("%s: got %v, want %s %s", what, err, field, code)
	}
}

// draft is a program by the CSO with a whole plan; the CSO has the turn.
func (x *table) draft(t *testing.T) *programs.Program {
	t.Helper()
	ok := must[*programs.Program](t, "draft")
	p := ok(x.Start(x.coordinator, programs.Start{Title: "Air bersih di Timor", Purpose: "Sumur bagi 12 desa", Partner: "og_dinas"}))
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: p.Title, Purpose: p.Purpose, From: "2026-11-01", To: "2027-10-31"}))
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{Activities: []programs.Activity{
		{Title: "Survei", From: "2026-11-01", To: "2026-12-31"},
		{Title: "Bor", From: "2027-01-01", To: "2027-06-30", DependsOn: []string{"ac1"}},
	}}))
	return ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{
		Results: []programs.ResultNode{{ID: "o1", Level: programs.Output, Title: "Sumur berfungsi"}},
		Indicators: []programs.Indicator{
			{ID: "wells", Node: "o1", Title: "Jumlah sumur", Measure: programs.CountOf, Baseline: programs.Value{Value: "2"}, Targets: []programs.Target{
				{From: "2026-11-01", To: "2027-10-31", Value: programs.Value{Value: "12"}},
			}},
			{ID: "safe", Node: "o1", Title: "Air aman", Measure: programs.Percent},
		},
	}))
}

// accepted is a draft that both sides accepted; it has begun.
func (x *table) accepted(t *testing.T) *programs.Program {
	t.Helper()
	ok := must[*programs.Program](t, "accept")
	p := x.draft(t)
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	return x.opened(t, p)
}

// opened is a program about whose whole period one may report.
func (x *table) opened(t *testing.T, p *programs.Program) *programs.Program {
	t.Helper()
	return must[*programs.Program](t, "open")(x.OpenReporting(x.officer, p.ID, p.Version, programs.Opening{From: p.From, To: p.To, Until: "2027-02-20"}))
}

func TestTwoSidesDraftAcceptAndBegin(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := x.draft(t)
	if p.State != programs.Drafting || p.Turn.Side != policies.CSO || p.Activities[1].ID != "ac2" {
		t.Fatalf("draft: %s, turn %s, ids %v", p.State, p.Turn.Side, p.Activities)
	}
	_, err := x.EditPlan(x.officer, p.ID, p.Version, programs.Basics{Title: "x"})
	want(t, "the agency edits in the CSO's turn", err, "turn_not_yours")
	x.Clock.Forward(72 * time.Hour)
	p = ok(x.HandOver(x.coordinator, p.ID, p.Version))
	if p.Turn.Side != policies.Agency || p.Turn.CSO != 3 {
		t.Errorf("after three days: turn %+v", p.Turn)
	}
	hash := p.Accord.Hash
	p = ok(x.EditPlan(x.officer, p.ID, p.Version, programs.Risks{Risks: []programs.Risk{{Title: "Kemarau", Likelihood: 4, Impact: 3}}}))
	if p.Accord.Hash == hash {
		t.Error("an edit left the hash as it was")
	}
	_, err = x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: hash})
	want(t, "accepting the text of yesterday", err, "accord_other_text")
	_, err = x.Accept(x.coordinator, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash})
	want(t, "the coordinator accepts", err, "forbidden")
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	if p.State != programs.Drafting || !p.Accord.By(policies.CSO) {
		t.Errorf("after one side: %s", p.State)
	}
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	if p.State != programs.Active || p.AcceptedVersion != 1 {
		t.Errorf("after both: %s, version %d; want active, 1", p.State, p.AcceptedVersion)
	}
	versions, err := x.Versions(x.third, p.ID)
	if err != nil || len(versions) != 1 || versions[0].Hash != p.Accord.Hash || len(versions[0].Acceptances) != 2 {
		t.Errorf("versions: %+v, %v", versions, err)
	}
}

func TestWhoWroteThePlanAcceptsItForNeitherSide(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	both := x.AsPerson(kupang, "ina", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.Approver)
	p := must[*programs.Program](t, "start")(x.Start(both, programs.Start{Title: "A", Purpose: "B", Partner: "og_yayasan"}))
	p = must[*programs.Program](t, "basics")(x.EditPlan(both, p.ID, p.Version, programs.Basics{Title: "A", Purpose: "B", From: "2026-01-01", To: "2026-12-31"}))
	_, err := x.Accept(both, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash})
	want(t, "the officer of the same record", err, "approver_wrote_plan")
	sole := x.AsPerson(kupang, "maria", "og_yayasan", policies.CSO, policies.CSOCoordinator, policies.Signatory)
	p = must[*programs.Program](t, "hand over")(x.HandOver(both, p.ID, p.Version))
	p = must[*programs.Program](t, "basics")(x.EditPlan(sole, p.ID, p.Version, programs.Basics{Title: "A", Purpose: "C", From: "2026-01-01", To: "2026-12-31"}))
	_, err = x.Accept(sole, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash})
	want(t, "the coordinator of the same record, who signs as well", err, "approver_wrote_plan")
}

func TestAProgramAcceptedBeforeItsFirstDayBeginsThen(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := x.draft(t)
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{}))
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "A", Purpose: "B", From: "2026-12-01", To: "2027-12-31"}))
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	if p.State != programs.BothAccepted {
		t.Fatalf("before the first day: %s", p.State)
	}
	x.Clock.Forward(6*24*time.Hour + 14*time.Hour) // 30 November, 23.00 WITA
	if _, err := x.DB.Wake(t.Context(), x.Gate); err != nil {
		t.Fatal(err)
	}
	if p = ok(x.Read(x.officer, p.ID)); p.State != programs.BothAccepted {
		t.Errorf("an hour early: %s", p.State)
	}
	x.Clock.Forward(2 * time.Hour)
	if _, err := x.DB.Wake(t.Context(), x.Gate); err != nil {
		t.Fatal(err)
	}
	if p = ok(x.Read(x.officer, p.ID)); p.State != programs.Active {
		t.Errorf("on the first day: %s", p.State)
	}
}

func TestInvariant21_OutsideDraftingThereIsOneLeadOfEachSide(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := ok(x.Start(x.coordinator, programs.Start{Title: "A", Purpose: "B"}))
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "A", Purpose: "B", From: "2026-01-01", To: "2026-12-31"}))
	_, err := x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash})
	want(t, "accepting without a lead of the agency", err, "lead_missing")
	_, err = x.NameLead(x.coordinator, p.ID, p.Version, programs.NewLead{Organisation: "og_third"})
	wantField(t, "a CSO for the agency's side", err, "partner", "lead_wrong_side")
	p = ok(x.NameLead(x.coordinator, p.ID, p.Version, programs.NewLead{Organisation: "og_dinas"}))
	_, err = x.NameLead(x.coordinator, p.ID, p.Version, programs.NewLead{Organisation: "og_bappeda"})
	want(t, "a second lead of a side", err, "lead_taken")
	if check := (&programs.Program{Origin: programs.MadeHere, State: programs.Active, Agreed: programs.Agreed{Title: "A"}}); check.Check() == nil {
		t.Error("an active program without leads is whole")
	}
}

func TestInvariant22_AnEffectivePlanRefusesEveryEdit(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	for name, edit := range map[string]func() error{
		"basics": func() error {
			_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "x"})
			return err
		},
		"places":  func() error { _, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Places{}); return err },
		"parties": func() error { _, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Parties{}); return err },
		"activities": func() error {
			_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{})
			return err
		},
		"budget":  func() error { _, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Budget{}); return err },
		"results": func() error { _, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{}); return err },
		"risks":   func() error { _, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Risks{}); return err },
		"turn":    func() error { _, err := x.HandOver(x.coordinator, p.ID, p.Version); return err },
	} {
		want(t, name, edit(), "plan_effective")
	}
}

func TestInvariant23_DependenciesAreAcyclicAndInsideThePeriod(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	for name, row := range map[string]struct {
		activities  []programs.Activity
		field, code string
	}{
		"a circle": {[]programs.Activity{
			{ID: "a", Title: "a", From: "2026-12-01", To: "2026-12-02", DependsOn: []string{"c"}},
			{ID: "b", Title: "b", From: "2026-12-01", To: "2026-12-02", DependsOn: []string{"a"}},
			{ID: "c", Title: "c", From: "2026-12-01", To: "2026-12-02", DependsOn: []string{"b"}},
		}, "activities.0.depends_on", "dependency_cycle"},
		"on itself":        {[]programs.Activity{{ID: "a", Title: "a", From: "2026-12-01", To: "2026-12-02", DependsOn: []string{"a"}}}, "activities.0.depends_on", "dependency_unknown"},
		"on nothing":       {[]programs.Activity{{ID: "a", Title: "a", From: "2026-12-01", To: "2026-12-02", DependsOn: []string{"z"}}}, "activities.0.depends_on", "dependency_unknown"},
		"before the start": {[]programs.Activity{{ID: "a", Title: "a", From: "2026-10-31", To: "2026-12-02"}}, "activities.0.from", "outside_period"},
		"after the end":    {[]programs.Activity{{ID: "a", Title: "a", From: "2026-12-01", To: "2027-11-01"}}, "activities.0.to", "outside_period"},
		"reversed":         {[]programs.Activity{{ID: "a", Title: "a", From: "2026-12-02", To: "2026-12-01"}}, "activities.0.to", "period_reversed"},
	} {
		_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{Activities: row.activities})
		wantField(t, name, err, row.field, row.code)
	}
}

func TestInvariant24_BudgetLinesShareOneCurrencyAndSourcesSumToTheTotal(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	idr := func(n int64) money.Money { return money.Money{Amount: n, Currency: "IDR"} }
	_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Budget{Budget: []programs.BudgetLine{
		{Line: "Bor", Source: "APBD", Amount: idr(100)}, {Line: "Alat", Source: "Donor", Amount: money.Money{Amount: 1, Currency: "EUR"}},
	}})
	wantField(t, "two currencies", err, "budget.1.amount", "money_currency_differs")
	_, err = x.EditPlan(x.coordinator, p.ID, p.Version, programs.Budget{Budget: []programs.BudgetLine{
		{Line: "a", Amount: idr(1 << 62)}, {Line: "b", Amount: idr(1 << 62)},
	}})
	wantField(t, "a total that does not fit", err, "budget", "money_too_large")
	p = must[*programs.Program](t, "budget")(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Budget{Budget: []programs.BudgetLine{
		{Line: "Bor", Source: "APBD", Amount: idr(100)}, {Line: "Pipa", Source: "Donor", Amount: idr(30)}, {Line: "Upah", Source: "APBD", Amount: idr(7)},
	}}))
	total, ok := p.Total()
	var sum int64
	for _, s := range p.BySource() {
		sum += s.Amount.Amount
	}
	if !ok || total.Amount != 137 || sum != 137 || len(p.BySource()) != 2 {
		t.Errorf("total %v, by source %v", total, p.BySource())
	}
}

func TestInvariant25_AnActualNamesTheEffectivePlanAndACorrectionKeepsTheOldValue(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	d := x.draft(t)
	_, err := x.Report(x.coordinator, d.ID, programs.Report{})
	want(t, "on a draft", err, "plan_not_accepted")
	p := x.accepted(t)
	report := programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-12-31", Value: programs.Value{Value: "0"}}
	for name, row := range map[string]struct {
		change      func(*programs.Report)
		field, code string
	}{
		"another indicator": {func(r *programs.Report) { r.Indicator = "ghost" }, "indicator", "indicator_unknown"},
		"another place":     {func(r *programs.Report) { r.Place = "ghost" }, "place", "place_unknown"},
		"nothing":           {func(r *programs.Report) { r.Value = programs.Value{} }, "value", "required"},
		"words for a count": {func(r *programs.Report) { r.Value.Value = "banyak" }, "value", "decimal_malformed"},
		"an exponent":       {func(r *programs.Report) { r.Value.Value = "1e999999999" }, "value", "decimal_malformed"},
		"both":              {func(r *programs.Report) { r.Value.NotApplicable = true }, "value", "value_and_not_applicable"},
		"no period":         {func(r *programs.Report) { r.From = "" }, "from", "required"},
	} {
		wrong := report
		row.change(&wrong)
		_, err := x.Report(x.coordinator, p.ID, wrong)
		wantField(t, name, err, row.field, row.code)
	}
	ok := must[*programs.Actual](t, "actual")
	a := ok(x.Report(x.coordinator, p.ID, report))
	_, err = x.Submit(x.officer, a.ID, a.Version)
	want(t, "submitted by the other side, which does not see a draft", err, "not_found")
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	_, err = x.AcceptActual(x.coordinator, a.ID, a.Version)
	want(t, "accepted by its own side", err, "actual_own_side")
	_, err = x.ReturnActual(x.officer, a.ID, a.Version, programs.Reason{})
	wantField(t, "returned without a reason", err, "reason", "required")
	a = ok(x.ReturnActual(x.officer, a.ID, a.Version, programs.Reason{Reason: "Foto belum ada"}))
	a = ok(x.EditActual(x.coordinator, a.ID, a.Version, programs.Report{Indicator: "wells", From: report.From, To: report.To, Value: programs.Value{Value: "7"}}))
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	a = ok(x.AcceptActual(x.officer, a.ID, a.Version))
	a = ok(x.Correct(x.coordinator, a.ID, a.Version, programs.Correction{Value: programs.Value{Value: "6"}, Reason: "Salah hitung"}))
	if a.State != programs.ActualSubmitted || len(a.Earlier) != 1 || a.Earlier[0].Value.Value != "7" || a.Value.Value != "6" {
		t.Errorf("a correction: %+v", a)
	}
	a = ok(x.AcceptActual(x.officer, a.ID, a.Version))
	progress := p.ProgressOf([]*programs.Actual{a})
	if progress[0].BasisPoints != 4000 || progress[1].BasisPoints != -1 {
		t.Errorf("progress from 2 over 6 to 12: %d and %d; want 4000 and -1", progress[0].BasisPoints, progress[1].BasisPoints)
	}
}

func TestInvariant26_PercentStatesNumeratorAndDenominator(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	report := programs.Report{Indicator: "safe", From: "2026-11-01", To: "2026-12-31"}
	for name, v := range map[string]programs.Value{"a bare percent": {Value: "54"}, "one part": {Numerator: "54"}} {
		report.Value = v
		_, err := x.Report(x.coordinator, p.ID, report)
		wantField(t, name, err, "value", "percent_parts")
	}
	report.Value = programs.Value{Numerator: "1", Denominator: "0"}
	_, err := x.Report(x.coordinator, p.ID, report)
	wantField(t, "of nothing", err, "value", "decimal_malformed")
	report.Value = programs.Value{Numerator: "27", Denominator: "50"}
	a := must[*programs.Actual](t, "report")(x.Report(x.coordinator, p.ID, report))
	if r, ok := a.Value.Rat(); !ok || r.FloatString(2) != "54.00" {
		t.Errorf("27 of 50: %v, %v", r, ok)
	}
}

func imported(state programs.State) programs.Import {
	return programs.Import{
		Identifier: "XX-1", Digest: "d1", State: state, Title: "Sumur", Purpose: "Air", From: "2026-01-01", To: "2027-12-31",
		Plan: programs.Plan{
			Results:    []programs.ResultNode{{ID: "r1", Level: programs.Outcome, Title: "Air"}},
			Indicators: []programs.Indicator{{ID: "i1", Node: "r1", Title: "Sumur", Measure: programs.CountOf}},
		},
		Rows: make([]programs.LedgerRow, 2500),
	}
}

func TestInvariant27_AnImportedProgramIsEditedUntilAcceptedAndKeepsItsState(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	sc := x.Gate.System(t.Context(), kupang, policies.RunCommand)
	fate, p, err := x.TakeImport(t.Context(), sc, imported(programs.Active))
	if err != nil || fate != programs.Created || p.State != programs.Active || p.AcceptedVersion != 0 {
		t.Fatalf("import: %s, %+v, %v", fate, p, err)
	}
	ok := must[*programs.Program](t, "step")
	_, err = x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "x"})
	want(t, "edited without leading it", err, "not_a_lead")
	p = ok(x.TakeLead(x.coordinator, p.ID, p.Version))
	_, err = x.TakeLead(x.third, p.ID, p.Version)
	want(t, "a second CSO", err, "lead_taken")
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "Sumur bor", Purpose: "Air", From: p.From, To: p.To}))
	p = ok(x.TakeLead(x.officer, p.ID, p.Version))
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	if p.State != programs.Active || p.AcceptedVersion != 1 {
		t.Errorf("accepted: %s, version %d; want active, 1", p.State, p.AcceptedVersion)
	}
	_, err = x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: "x"})
	want(t, "edited after acceptance", err, "plan_effective")
	again := imported(programs.Closed)
	again.Digest = "d2"
	_, _, err = x.TakeImport(t.Context(), sc, again)
	want(t, "overwritten by the file", err, "import_accepted")
	p = x.opened(t, p)
	a, err := x.Report(x.coordinator, p.ID, programs.Report{Indicator: "i1", From: "2026-01-01", To: "2026-06-30", Value: programs.Value{Value: "3"}})
	if err != nil || a.State != programs.ActualDraft {
		t.Errorf("an actual on it: %+v, %v", a, err)
	}
}

func TestImportingTwiceChangesNothingAndAnotherFileUpdates(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	sc := x.Gate.System(t.Context(), kupang, policies.RunCommand)
	_, p, err := x.TakeImport(t.Context(), sc, imported(programs.Drafting))
	if err != nil {
		t.Fatal(err)
	}
	fate, same, err := x.TakeImport(t.Context(), sc, imported(programs.Drafting))
	if err != nil || fate != programs.Unchanged || same.Version != p.Version {
		t.Errorf("again: %s, version %d, %v", fate, same.Version, err)
	}
	if l, err := x.LedgerOf(t.Context(), sc, p.ID, 2); err != nil || len(l.Rows) != 500 {
		t.Errorf("the ledger's third part: %v, %v", l, err)
	}
	other := imported(programs.Active)
	other.Digest, other.Rows, other.Title = "d2", other.Rows[:10], "Sumur baru"
	if fate, err := x.Foresee(t.Context(), sc, other); err != nil || fate != programs.Updated {
		t.Errorf("foreseen: %s, %v", fate, err)
	}
	fate, p, err = x.TakeImport(t.Context(), sc, other)
	if err != nil || fate != programs.Updated || p.Title != "Sumur baru" || p.Source.Transactions != 10 {
		t.Errorf("another file: %s, %+v, %v", fate, p, err)
	}
	if l, err := x.LedgerOf(t.Context(), sc, p.ID, 2); err != nil || len(l.Rows) != 0 {
		t.Errorf("the part that is no longer needed: %v, %v", l, err)
	}
}

// Every state × every move: which are refused with program_state and which change it.
func TestEveryMoveBeginsInItsStatesOnly(t *testing.T) {
	t.Parallel()
	type move struct {
		run  func(*table, *programs.Program) (*programs.Program, error)
		from []programs.State
	}
	because := programs.Reason{Reason: "perlu"}
	moves := map[string]move{
		"abandon": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.Abandon(x.coordinator, p.ID, p.Version, because)
		},
			[]programs.State{programs.Drafting}},
		"suspend": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "banjir", Stops: "pengeboran", Until: "2027-01-31"})
		}, []programs.State{programs.Active}},
		"resume": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.Resume(x.coordinator, p.ID, p.Version)
		}, []programs.State{programs.Suspended}},
		"end": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.EndEarly(x.officer, p.ID, p.Version, because)
		}, []programs.State{programs.Active}},
		"close": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.Close(x.coordinator, p.ID, p.Version)
		}, []programs.State{programs.Active}},
		"confirm": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.ConfirmClosing(x.officer, p.ID, p.Version)
		}, []programs.State{programs.Closing}},
		"accept": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash})
		}, []programs.State{programs.Drafting}},
		"edit": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.EditPlan(x.coordinator, p.ID, p.Version, programs.Risks{})
		}, []programs.State{programs.Drafting}},
		"handover": {func(x *table, p *programs.Program) (*programs.Program, error) {
			return x.HandOver(x.coordinator, p.ID, p.Version)
		}, []programs.State{programs.Drafting}},
	}
	for state, reach := range reaching() {
		for name, m := range moves {
			t.Run(string(state)+"/"+name, func(t *testing.T) {
				t.Parallel()
				x := newTable(t)
				p := reach(t, x)
				if p.State != state {
					t.Fatalf("reached %s, want %s", p.State, state)
				}
				_, err := m.run(x, p)
				allowed := slices.Contains(m.from, state)
				if allowed && err != nil {
					t.Errorf("refused: %v", err)
				}
				if !allowed && fault.KindOf(err) != fault.Conflict {
					t.Errorf("got %v, want a conflict", err)
				}
			})
		}
	}
}

// reaching are ways into each state.
func reaching() map[programs.State]func(*testing.T, *table) *programs.Program {
	ok := func(t *testing.T) func(*programs.Program, error) *programs.Program {
		return must[*programs.Program](t, "reach")
	}
	because := programs.Reason{Reason: "perlu"}
	suspended := func(t *testing.T, x *table) *programs.Program {
		p := x.accepted(t)
		return ok(t)(x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "banjir", Stops: "semua", Until: clocks.Day("2027-01-31")}))
	}
	closing := func(t *testing.T, x *table) *programs.Program {
		p := x.accepted(t)
		return ok(t)(x.Close(x.coordinator, p.ID, p.Version))
	}
	return map[programs.State]func(*testing.T, *table) *programs.Program{
		programs.BothAccepted: func(t *testing.T, x *table) *programs.Program {
			p := x.draft(t)
			p = ok(t)(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{}))
			p = ok(t)(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: p.Title, Purpose: p.Purpose, From: "2030-01-01", To: "2030-12-31"}))
			p = ok(t)(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
			return ok(t)(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
		},
		programs.Drafting:  func(t *testing.T, x *table) *programs.Program { return x.draft(t) },
		programs.Active:    func(t *testing.T, x *table) *programs.Program { return x.accepted(t) },
		programs.Suspended: suspended,
		programs.Closing:   closing,
		programs.Closed: func(t *testing.T, x *table) *programs.Program {
			p := closing(t, x)
			p = ok(t)(x.ConfirmClosing(x.coordinator, p.ID, p.Version))
			return ok(t)(x.ConfirmClosing(x.officer, p.ID, p.Version))
		},
		programs.EndedEarly: func(t *testing.T, x *table) *programs.Program {
			p := x.accepted(t)
			p = ok(t)(x.EndEarly(x.officer, p.ID, p.Version, because))
			return ok(t)(x.EndEarly(x.coordinator, p.ID, p.Version, because))
		},
		programs.Abandoned: func(t *testing.T, x *table) *programs.Program {
			p := x.draft(t)
			return ok(t)(x.Abandon(x.coordinator, p.ID, p.Version, because))
		},
	}
}

func TestWhatNeedsBothLeadsWaitsForBoth(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := x.accepted(t)
	p = ok(x.EndEarly(x.officer, p.ID, p.Version, programs.Reason{Reason: "dana habis"}))
	p = ok(x.EndEarly(x.officer, p.ID, p.Version, programs.Reason{Reason: "dana habis"}))
	if p.State != programs.Active || len(p.Consents) != 1 {
		t.Errorf("one side twice: %s, %d consents", p.State, len(p.Consents))
	}
	if p = ok(x.EndEarly(x.coordinator, p.ID, p.Version, programs.Reason{Reason: "setuju"})); p.State != programs.EndedEarly {
		t.Errorf("both sides: %s", p.State)
	}
}

func TestOthersNeitherReadNorMoveADraft(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	for name, ctx := range map[string]context.Context{"a third organisation": x.third, "another tenant": x.elsewhere} {
		_, err := x.Read(ctx, p.ID)
		want(t, name+" reads", err, "not_found")
		_, err = x.History(ctx, p.ID, store.Query{})
		want(t, name+" reads the history", err, "not_found")
		_, err = x.Versions(ctx, p.ID)
		want(t, name+" reads the versions", err, "not_found")
		_, err = x.EditPlan(ctx, p.ID, p.Version, programs.Basics{Title: "x"})
		want(t, name+" edits", err, "not_found")
		_, err = x.HandOver(ctx, p.ID, p.Version)
		want(t, name+" hands over", err, "not_found")
		_, err = x.Abandon(ctx, p.ID, p.Version, programs.Reason{Reason: "x"})
		want(t, name+" abandons", err, "not_found")
		_, err = x.Report(ctx, p.ID, programs.Report{})
		want(t, name+" reports", err, "not_found")
		page, err := x.List(ctx, programs.Criteria{Words: "air"}, store.Query{})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%s lists %d programs, %v", name, len(page.Items), err)
		}
	}
}

func TestHostileTextIsRefusedOrKeptAsText(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	for name, row := range map[string]struct{ title, field, code string }{
		"nothing":            {"   ", "title", "required"},
		"too much":           {strings.Repeat("x", 1001), "title", "too_long"},
		"a hidden character": {"a\x00b", "title", "control_characters"},
	} {
		_, err := x.Start(x.coordinator, programs.Start{Title: row.title})
		wantField(t, name, err, row.field, row.code)
	}
	p := must[*programs.Program](t, "start")(x.Start(x.coordinator, programs.Start{Title: `<script>alert(1)</script> {"$gt":""}`}))
	if page, err := x.List(x.coordinator, programs.Criteria{Words: "script alert"}, store.Query{}); err != nil || len(page.Items) != 1 || page.Items[0].Title != p.Title {
		t.Errorf("kept as text: %v, %v", page, err)
	}
}
