package programs_test

import (
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/programs"
)

func TestInvariant15_ReportingPeriodsAreLockedUntilALeadOpensThemForADay(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok, said := must[*programs.Program](t, "step"), must[*programs.Actual](t, "actual")
	p := x.draft(t)
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	report := programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-11-20", Value: programs.Value{Value: "3"}}
	_, err := x.Report(x.coordinator, p.ID, report)
	wantField(t, "before anybody opened it", err, "from", "period_locked")
	whole := programs.Opening{From: p.From, To: p.To, Until: "2026-12-01"}
	for what, of := range map[string]struct {
		in          programs.Opening
		field, code string
	}{
		"a period that is not the plan's": {programs.Opening{From: "2026-11-02", To: p.To, Until: "2026-12-01"}, "from", "period_unknown"},
		"without an end":                  {programs.Opening{From: p.From, To: p.To}, "until", "required"},
		"until today":                     {programs.Opening{From: p.From, To: p.To, Until: "2026-11-24"}, "until", "day_past"},
		"for a quarter and a day":         {programs.Opening{From: p.From, To: p.To, Until: "2027-02-25"}, "until", "open_too_long"},
	} {
		_, err := x.OpenReporting(x.officer, p.ID, p.Version, of.in)
		wantField(t, what, err, of.field, of.code)
	}
	_, err = x.OpenReporting(x.third, p.ID, p.Version, whole)
	want(t, "by a third organisation", err, "not_a_lead")
	p = ok(x.OpenReporting(x.officer, p.ID, p.Version, whole))
	a := said(x.Report(x.coordinator, p.ID, report))
	b := said(x.Report(x.officer, p.ID, report)) // it is open for both sides
	a = said(x.Submit(x.coordinator, a.ID, a.Version))

	x.Clock.Forward(8 * 24 * time.Hour) // 2 December
	_, err = x.Report(x.coordinator, p.ID, report)
	wantField(t, "after its day", err, "from", "period_locked")
	_, err = x.Submit(x.officer, b.ID, b.Version)
	want(t, "submitted after its day", err, "period_locked")
	_, err = x.EditActual(x.officer, b.ID, b.Version, report)
	wantField(t, "edited after its day", err, "from", "period_locked")
	a = said(x.AcceptActual(x.officer, a.ID, a.Version)) // deciding is not reporting
	_, err = x.Correct(x.coordinator, a.ID, a.Version, programs.Correction{Value: programs.Value{Value: "4"}, Reason: "R"})
	wantField(t, "corrected after its day", err, "from", "period_locked")

	again := programs.Opening{From: p.From, To: p.To, Until: "2026-12-20"}
	_, err = x.OpenReporting(x.coordinator, p.ID, p.Version, again)
	wantField(t, "opened again without a reason", err, "reason", "required")
	again.Reason = "Hitung ulang"
	p = ok(x.OpenReporting(x.coordinator, p.ID, p.Version, again))
	said(x.Submit(x.officer, b.ID, b.Version))
	p = ok(x.LockReporting(x.officer, p.ID, p.Version, programs.Locking{From: p.From, To: p.To}))
	_, err = x.Report(x.coordinator, p.ID, report)
	wantField(t, "after a lead locked it", err, "from", "period_locked")
	_, err = x.LockReporting(x.officer, p.ID, p.Version, programs.Locking{From: p.From, To: p.To})
	want(t, "locked twice", err, "period_locked")
}

func TestReportingPeriodsAreThoseOfTheTargetsAndTheProgram(t *testing.T) {
	t.Parallel()
	p := &programs.Program{Agreed: programs.Agreed{From: "2026-01-01", To: "2026-12-31"}}
	p.Indicators = []programs.Indicator{
		{Targets: []programs.Target{{From: "2026-07-01", To: "2026-12-31"}, {From: "2026-01-01", To: "2026-06-30"}}},
		{Targets: []programs.Target{{From: "2026-01-01", To: "2026-06-30"}}},
	}
	p.Reporting = []programs.Window{{From: "2026-01-01", To: "2026-06-30", Until: "2026-08-01"}}
	for day, open := range map[clocks.Day]bool{"2026-08-01": true, "2026-08-02": false} {
		list := p.ReportingPeriods(day)
		if len(list) != 3 || list[0].To != "2026-06-30" || list[1].To != "2026-12-31" || list[2].From != "2026-07-01" || list[0].Open != open || list[1].Open {
			t.Errorf("on %s: %+v", day, list)
		}
	}
}
