package programs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
)

func TestAProgramIsClosedWhenNothingWaitsForADecision(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok, said := must[*programs.Program](t, "step"), must[*programs.Actual](t, "actual")
	p := x.accepted(t)
	amendment := must[*programs.Amendment](t, "propose")(x.Propose(x.officer, p.ID, programs.Reason{Reason: "R"}))
	_, err := x.Close(x.coordinator, p.ID, p.Version)
	want(t, "begun while an amendment is open", err, "closing_amendment_open")
	must[*programs.Amendment](t, "reject")(x.Reject(x.coordinator, amendment.ID, amendment.Version, programs.Reason{Reason: "R"}))
	p = ok(x.Close(x.coordinator, p.ID, p.Version))

	report := programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-11-20", Value: programs.Value{Value: "3"}}
	a := said(x.Report(x.coordinator, p.ID, report))
	a = said(x.Submit(x.coordinator, a.ID, a.Version))
	list := must[*programs.Checklist](t, "checklist")(x.Checklist(x.officer, p.ID))
	if !list.Holds() || list.Undecided != 1 || list.PeriodOver || !slices.Equal(list.Unreported, []string{"wells", "safe"}) {
		t.Errorf("with an actual submitted: %+v", list)
	}
	_, err = x.ConfirmClosing(x.officer, p.ID, p.Version)
	want(t, "confirmed with an actual undecided", err, "closing_undecided")
	a = said(x.ReturnActual(x.officer, a.ID, a.Version, programs.Reason{Reason: "Hitung lagi"}))
	if list = must[*programs.Checklist](t, "checklist")(x.Checklist(x.officer, p.ID)); list.Holds() || list.Returned != 1 {
		t.Errorf("with it returned: %+v", list)
	}
	a = said(x.Submit(x.coordinator, a.ID, a.Version))
	said(x.AcceptActual(x.officer, a.ID, a.Version))
	x.Clock.Forward(400 * 24 * time.Hour)
	if list = must[*programs.Checklist](t, "checklist")(x.Checklist(x.officer, p.ID)); list.Holds() || !list.PeriodOver || !slices.Equal(list.Unreported, []string{"safe"}) {
		t.Errorf("after its last day: %+v", list)
	}
	p = ok(x.ConfirmClosing(x.officer, p.ID, p.Version))
	if p = ok(x.ConfirmClosing(x.coordinator, p.ID, p.Version)); p.State != programs.Closed {
		t.Errorf("both confirmed: %s", p.State)
	}
	_, err = x.Checklist(x.elsewhere, p.ID)
	want(t, "read from another tenant", err, "not_found")
}

func TestInvariant27_BothLeadsSuspendEndOrCloseOnlyWhatBothAccepted(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	_, p, err := x.TakeImport(t.Context(), x.Gate.System(t.Context(), kupang, policies.RunCommand), imported(programs.Active))
	if err != nil {
		t.Fatal(err)
	}
	ok := must[*programs.Program](t, "lead")
	p = ok(x.TakeLead(x.officer, p.ID, p.Version))
	p = ok(x.TakeLead(x.coordinator, p.ID, p.Version))
	_, err = x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "R", Stops: "S", Until: "2027-01-31"})
	want(t, "suspend", err, "plan_not_accepted")
	_, err = x.EndEarly(x.officer, p.ID, p.Version, programs.Reason{Reason: "R"})
	want(t, "end early", err, "plan_not_accepted")
	_, err = x.Close(x.officer, p.ID, p.Version)
	want(t, "close", err, "plan_not_accepted")
	_, err = x.Propose(x.officer, p.ID, programs.Reason{Reason: "R"})
	want(t, "amend", err, "plan_not_effective")
}
