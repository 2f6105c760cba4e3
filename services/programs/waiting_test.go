package programs_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/work"
)

// people are everybody whose work a test looks at, by what they are called.
func (x *table) people() map[string]context.Context {
	return map[string]context.Context{
		"officer": x.officer, "approver": x.approver, "coordinator": x.coordinator, "signatory": x.signatory,
		"third coordinator": x.third, "third agency's officer": x.As(kupang, "og_bappeda", policies.Agency, policies.ProgramOfficer),
		"third agency's approver": x.As(kupang, "og_bappeda", policies.Agency, policies.Approver),
		"third signatory":         x.As(kupang, "og_third", policies.CSO, policies.Signatory),
		"member":                  x.As(kupang, "og_dinas", policies.Agency, policies.Member),
		"donor":                   x.As(kupang, "og_donor", policies.Other, policies.Observer),
		"another tenant's":        x.elsewhere,
	}
}

// wantWork holds everybody's work to what is named; who is not named has none.
func (x *table) wantWork(t *testing.T, when string, want map[string][]work.Ask) {
	t.Helper()
	for who, ctx := range x.people() {
		list, err := x.Waiting(ctx)
		if err != nil {
			t.Fatalf("%s: %s: %v", when, who, err)
		}
		var got []work.Ask
		for _, item := range list {
			got = append(got, item.Ask)
		}
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(slices.Values(want[who]))) {
			t.Errorf("%s: the %s is asked %v, want %v", when, who, got, want[who])
		}
	}
	for who := range maps.Keys(want) {
		if x.people()[who] == nil {
			t.Fatalf("nobody is %q", who)
		}
	}
}

// A plan waits for whoever has the turn to write it, and for whoever may say yes to it:
// not for an approver to write, and for the signatory also after the agency's yes.
func TestAPlanWaitsForItsWriterAndForWhoeverMayAcceptIt(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := ok(x.Start(x.coordinator, programs.Start{Title: "Air", Partner: "og_dinas"}))
	x.wantWork(t, "a plan that is not whole", map[string][]work.Ask{"coordinator": {work.WritePlan}})
	p = ok(x.HandOver(x.coordinator, p.ID, p.Version))
	x.wantWork(t, "the agency's turn", map[string][]work.Ask{"officer": {work.WritePlan}})
	p = ok(x.EditPlan(x.officer, p.ID, p.Version, programs.Basics{Title: "Air", Purpose: "Sumur", From: "2026-12-01", To: "2027-10-31"}))
	x.wantWork(t, "a whole plan", map[string][]work.Ask{
		"officer": {work.WritePlan}, "approver": {work.AcceptPlan}, "signatory": {work.AcceptPlan},
	})
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	x.wantWork(t, "the agency said yes", map[string][]work.Ask{"officer": {work.WritePlan}, "signatory": {work.AcceptPlanToo}})
	ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	x.wantWork(t, "both said yes", nil)
}

// An approver who wrote in the plan may not accept it, and is not asked to.
func TestAnApproverWhoWroteThePlanIsNotAskedToAcceptIt(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	both := x.AsPerson(kupang, "Maria", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.Approver)
	ok := must[*programs.Program](t, "step")
	p := ok(x.Start(both, programs.Start{Title: "Air", Partner: "og_yayasan"}))
	ok(x.EditPlan(both, p.ID, p.Version, programs.Basics{Title: "Air", Purpose: "Sumur", From: "2026-12-01", To: "2027-10-31"}))
	list, err := x.Waiting(both)
	if err != nil || len(list) != 1 || list[0].Ask != work.WritePlan {
		t.Errorf("who wrote it is asked %v (%v), want only to write", list, err)
	}
}

// An actual waits for the officer of the agency that leads the program, not of another
// agency, nor for a member; and when it came back, for the coordinator who reported it.
func TestAnActualWaitsForTheLeadThatDecidesItAndForItsReporterWhenItCameBack(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Actual](t, "step")
	p := x.accepted(t)
	a := ok(x.Report(x.coordinator, p.ID, programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-11-23", Value: programs.Value{Value: "3"}}))
	x.wantWork(t, "a draft", nil)
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	x.wantWork(t, "submitted", map[string][]work.Ask{"officer": {work.DecideActual}})
	a = ok(x.ReturnActual(x.officer, a.ID, a.Version, programs.Reason{Reason: "Bukti kurang"}))
	x.wantWork(t, "returned", map[string][]work.Ask{"coordinator": {work.CorrectActual}})
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	ok(x.AcceptActual(x.officer, a.ID, a.Version))
	x.wantWork(t, "accepted", nil)
}

// What needs both leads waits for the one that has not agreed.
func TestWhatNeedsBothLeadsWaitsForTheOneThatHasNotAgreed(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := x.accepted(t)
	x.wantWork(t, "a running program", nil)
	p = ok(x.EndEarly(x.officer, p.ID, p.Version, programs.Reason{Reason: "Dana habis"}))
	x.wantWork(t, "the agency would end it early", map[string][]work.Ask{"coordinator": {work.AgreeToEndEarly}})
	p = ok(x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "Banjir", Stops: "Bor", Until: "2026-11-30"}))
	x.wantWork(t, "suspended", nil)
	p = ok(x.Resume(x.officer, p.ID, p.Version))
	x.wantWork(t, "the agency would resume", map[string][]work.Ask{"coordinator": {work.AgreeToResume}})
	x.Clock.Forward(8 * 24 * time.Hour)
	x.wantWork(t, "its last day is over too", map[string][]work.Ask{"coordinator": {work.AgreeToResume}})
	p = ok(x.Resume(x.coordinator, p.ID, p.Version))
	p = ok(x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "Banjir", Stops: "Bor", Until: "2026-12-03"}))
	x.Clock.Forward(3 * 24 * time.Hour)
	x.wantWork(t, "nobody resumed in time", map[string][]work.Ask{"officer": {work.ResumeNow}, "coordinator": {work.ResumeNow}})
	p = ok(x.Resume(x.officer, p.ID, p.Version))
	p = ok(x.Resume(x.coordinator, p.ID, p.Version))
	p = ok(x.Close(x.officer, p.ID, p.Version))
	x.wantWork(t, "closing", map[string][]work.Ask{"officer": {work.ConfirmClosing}, "coordinator": {work.ConfirmClosing}})
	p = ok(x.ConfirmClosing(x.officer, p.ID, p.Version))
	x.wantWork(t, "the agency confirmed", map[string][]work.Ask{"coordinator": {work.ConfirmClosing}})
	ok(x.ConfirmClosing(x.coordinator, p.ID, p.Version))
	x.wantWork(t, "closed", nil)
}

// However many programs others lead, one's own are found by an index.
func TestWorkIsFoundByIndexes(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	for range 120 {
		must[*programs.Program](t, "start")(x.Start(x.third, programs.Start{Title: "Lain"}))
	}
	x.draft(t)
	before := x.Engine.Stats()
	if _, err := x.Waiting(x.coordinator); err != nil {
		t.Fatal(err)
	}
	after := x.Engine.Stats()
	if looked := after.Documents - before.Documents; after.FullScans != before.FullScans || looked > 20 {
		t.Errorf("one program among 121: %d full scans, %d documents looked at", after.FullScans-before.FullScans, looked)
	}
}
