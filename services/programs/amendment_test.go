package programs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants/store"
)

// proposed is a change of an accepted program's plan that the agency proposed.
func (x *table) proposed(t *testing.T) (*programs.Program, *programs.Amendment) {
	t.Helper()
	p := x.accepted(t)
	return p, must[*programs.Amendment](t, "propose")(x.Propose(x.officer, p.ID, programs.Reason{Reason: "Musim hujan datang lebih awal"}))
}

// amending is one that the CSO took up: the agency has the turn.
func (x *table) amending(t *testing.T) (*programs.Program, *programs.Amendment) {
	t.Helper()
	p, a := x.proposed(t)
	return p, must[*programs.Amendment](t, "take up")(x.TakeUp(x.coordinator, a.ID, a.Version))
}

var later = programs.Basics{Title: "Air bersih di Timor", Purpose: "Sumur bagi 14 desa", From: "2026-11-01", To: "2027-12-31"}

func TestInvariant22_AnEffectivePlanChangesOnlyByAnAmendmentThatBothAccept(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Amendment](t, "step")
	p, a := x.proposed(t)
	if a.State != programs.AmendmentProposed || a.No != 2 || a.Text.Purpose != p.Purpose {
		t.Fatalf("proposed: %s, version %d, %q", a.State, a.No, a.Text.Purpose)
	}
	_, err := x.EditAmendment(x.officer, a.ID, a.Version, later)
	want(t, "written before the other side took it up", err, "amendment_state")
	_, err = x.TakeUp(x.officer, a.ID, a.Version)
	want(t, "taken up by the side that proposed it", err, "amendment_own")
	a = ok(x.TakeUp(x.coordinator, a.ID, a.Version))
	_, err = x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash})
	want(t, "a yes to what changes nothing", err, "amendment_unchanged")
	_, err = x.EditAmendment(x.coordinator, a.ID, a.Version, later)
	want(t, "written in the agency's turn", err, "turn_not_yours")
	a = ok(x.EditAmendment(x.officer, a.ID, a.Version, later))
	a = ok(x.HandOverAmendment(x.officer, a.ID, a.Version))
	a = ok(x.EditAmendment(x.coordinator, a.ID, a.Version, programs.Activities{Activities: append(slices.Clone(a.Text.Activities),
		programs.Activity{Title: "Pelatihan", From: "2027-07-01", To: "2027-12-31"})}))
	if id := a.Text.Activities[2].ID; id != "ac1v2" {
		t.Errorf("a new row is called %q: an earlier plan may have had that one", id)
	}
	a = ok(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	a = ok(x.EditAmendment(x.coordinator, a.ID, a.Version, programs.Risks{Risks: []programs.Risk{{Title: "Banjir", Likelihood: 3, Impact: 4}}}))
	if len(a.Accord.Acceptances) != 0 {
		t.Error("an edit left a yes standing")
	}
	now := must[*programs.Program](t, "read")(x.Read(x.officer, p.ID))
	if now.AcceptedVersion != 1 || now.Purpose != p.Purpose {
		t.Errorf("before both said yes the plan is version %d: %q", now.AcceptedVersion, now.Purpose)
	}
	a = ok(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	_, err = x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: "another"})
	want(t, "a yes to another text", err, "accord_other_text")
	a = ok(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	if a.State != programs.AmendmentEffective || a.IsOpen() {
		t.Fatalf("both said yes: %s", a.State)
	}
	now = must[*programs.Program](t, "read")(x.Read(x.officer, p.ID))
	if now.AcceptedVersion != 2 || now.To != "2027-12-31" || len(now.Activities) != 3 || now.State != programs.Active || len(now.Accord.Acceptances) != 2 {
		t.Errorf("the plan is now version %d until %s with %d activities, %s", now.AcceptedVersion, now.To, len(now.Activities), now.State)
	}
	v := must[*programs.Compared](t, "version")(x.Version(x.coordinator, p.ID, 2))
	if v.Before == nil || v.Before.Agreed.To != "2027-10-31" || len(v.Changes) == 0 || v.Hash != a.Accord.Hash {
		t.Errorf("version 2 beside version 1: %+v", v)
	}
	_, err = x.EditAmendment(x.coordinator, a.ID, a.Version, later)
	want(t, "an effective amendment edited", err, "amendment_state")
	must[*programs.Amendment](t, "another")(x.Propose(x.coordinator, p.ID, programs.Reason{Reason: "Lagi"}))
}

func TestAtMostOneChangeOfAPlanIsOpen(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p, a := x.proposed(t)
	_, err := x.Propose(x.coordinator, p.ID, programs.Reason{Reason: "R"})
	want(t, "a second one", err, "amendment_open")
	_, err = x.Reject(x.coordinator, a.ID, a.Version, programs.Reason{})
	wantField(t, "refused without a word", err, "reason", "required")
	a = must[*programs.Amendment](t, "reject")(x.Reject(x.coordinator, a.ID, a.Version, programs.Reason{Reason: "Anggaran sudah terikat"}))
	if a.State != programs.AmendmentRejected || a.Refusal != "Anggaran sudah terikat" || a.Reason == a.Refusal {
		t.Errorf("rejected: %s, %q", a.State, a.Refusal)
	}
	_, err = x.TakeUp(x.coordinator, a.ID, a.Version)
	want(t, "taken up after that", err, "amendment_state")
	a = must[*programs.Amendment](t, "propose again")(x.Propose(x.coordinator, p.ID, programs.Reason{Reason: "R"}))
	must[*programs.Amendment](t, "take back")(x.Reject(x.coordinator, a.ID, a.Version, programs.Reason{Reason: "Sudah tidak perlu"}))
}

func TestAPlanIsAmendedWhileItHolds(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	draft := x.draft(t)
	_, err := x.Propose(x.officer, draft.ID, programs.Reason{Reason: "R"})
	want(t, "a draft", err, "plan_not_effective")
	p, a := x.amending(t)
	a = must[*programs.Amendment](t, "edit")(x.EditAmendment(x.officer, a.ID, a.Version, later))
	a = must[*programs.Amendment](t, "accept")(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	p = must[*programs.Program](t, "end")(x.EndEarly(x.officer, p.ID, p.Version, programs.Reason{Reason: "R"}))
	p = must[*programs.Program](t, "end")(x.EndEarly(x.coordinator, p.ID, p.Version, programs.Reason{Reason: "R"}))
	_, err = x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash})
	want(t, "after the program ended", err, "program_state")
	_, err = x.Propose(x.officer, p.ID, programs.Reason{Reason: "R"})
	want(t, "of a program that ended", err, "program_state")
}

func TestAChangeLapsesWhenNobodyWorksOnItForSixtyDays(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p, a := x.proposed(t)
	read := func() *programs.Amendment {
		t.Helper()
		if _, err := x.DB.Wake(t.Context(), x.Gate); err != nil {
			t.Fatal(err)
		}
		return must[*programs.Amendment](t, "read")(x.Amendment(x.officer, a.ID))
	}
	x.Clock.Forward(59 * 24 * time.Hour)
	if a = read(); a.State != programs.AmendmentProposed || a.LapsesOn != "2027-01-23" {
		t.Fatalf("on the day before the last: %s, lapses on %s", a.State, a.LapsesOn)
	}
	a = must[*programs.Amendment](t, "take up")(x.TakeUp(x.coordinator, a.ID, a.Version))
	x.Clock.Forward(50 * 24 * time.Hour)
	if a = read(); a.State != programs.AmendmentDrafting {
		t.Errorf("50 days after it was taken up: %s", a.State)
	}
	x.Clock.Forward(11 * 24 * time.Hour)
	if a = read(); a.State != programs.AmendmentLapsed || a.IsOpen() {
		t.Errorf("61 days after it was taken up: %s", a.State)
	}
	must[*programs.Amendment](t, "propose again")(x.Propose(x.officer, p.ID, programs.Reason{Reason: "R"}))
}

// A process that dies after the second yes leaves the new plan to the waker, whatever it
// had done already; waking twice makes it once.
func TestACrashAfterTheSecondYesStillMakesThePlan(t *testing.T) {
	t.Parallel()
	for name, planToo := range map[string]bool{"before the plan": false, "after the plan": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTable(t)
			p, a := x.amending(t)
			ok := must[*programs.Amendment](t, "step")
			a = ok(x.EditAmendment(x.officer, a.ID, a.Version, later))
			a = ok(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
			db := x.Raw(t, "t_kupang")
			var before bson.Raw
			if err := db.Collection("programs").FindOne(t.Context(), bson.M{"_id": p.ID}).Decode(&before); err != nil {
				t.Fatal(err)
			}
			ok(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))

			if !planToo {
				rawly(t)(db.Collection("programs").ReplaceOne(t.Context(), bson.M{"_id": p.ID}, before))
			}
			_, err := db.Collection("plan_versions").DeleteOne(t.Context(), bson.M{"no": 2})
			if err != nil {
				t.Fatal(err)
			}
			rawly(t)(db.Collection("program_amendments").UpdateOne(t.Context(), bson.M{"_id": a.ID},
				bson.M{"$set": bson.M{"state": "both_accepted", "open": p.ID, "wake_at": x.Clock.Now()}}))
			for range 2 {
				if _, err := x.DB.Wake(t.Context(), x.Gate); err != nil {
					t.Fatal(err)
				}
				now := must[*programs.Program](t, "read")(x.Read(x.officer, p.ID))
				if now.AcceptedVersion != 2 || now.Purpose != later.Purpose {
					t.Fatalf("woken: version %d, %q", now.AcceptedVersion, now.Purpose)
				}
				x.Clock.Forward(time.Hour)
			}
			if a = ok(x.Amendment(x.officer, a.ID)); a.State != programs.AmendmentEffective {
				t.Errorf("woken: %s", a.State)
			}
			var kept struct{ Hash string }
			if err := db.Collection("plan_versions").FindOne(t.Context(), bson.M{"no": 2}).Decode(&kept); err != nil || kept.Hash != a.Accord.Hash {
				t.Errorf("version 2 is kept as %q: %v", kept.Hash, err)
			}
		})
	}
}

// rawly holds a write below the store to one record.
func rawly(t *testing.T) func(*mongo.UpdateResult, error) {
	t.Helper()
	return func(done *mongo.UpdateResult, err error) {
		t.Helper()
		if err != nil || done.MatchedCount != 1 {
			t.Fatalf("below the store: %+v, %v", done, err)
		}
	}
}

func TestAChangeIsReadByThoseItConcerns(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p, a := x.amending(t)
	for who, ctx := range map[string]context.Context{"a third organisation": x.third, "another tenant": x.elsewhere} {
		_, err := x.Amendment(ctx, a.ID)
		want(t, who+" reads it", err, "not_found")
		_, err = x.EditAmendment(ctx, a.ID, a.Version, later)
		want(t, who+" writes in it", err, "not_found")
		open, err := x.OpenAmendment(ctx, p.ID)
		if open != nil || err != nil {
			t.Errorf("%s finds it: %v, %v", who, open, err)
		}
		list, err := x.Amendments(ctx, programs.AmendmentCriteria{Program: p.ID}, store.Query{})
		if err != nil || len(list.Items) != 0 {
			t.Errorf("%s lists %d of them, %v", who, len(list.Items), err)
		}
	}
	_, err := x.Propose(x.third, p.ID, programs.Reason{Reason: "R"})
	want(t, "proposed by a third organisation", err, "not_a_lead")
	a = must[*programs.Amendment](t, "edit")(x.EditAmendment(x.officer, a.ID, a.Version, programs.Parties{Parties: []programs.Party{{Organisation: "og_third", Role: programs.Implementer}}}))
	if _, err := x.Amendment(x.third, a.ID); err != nil {
		t.Errorf("named in it, the third organisation does not read it: %v", err)
	}
	a = must[*programs.Amendment](t, "accept")(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	must[*programs.Amendment](t, "accept")(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	bystander := x.As(kupang, "og_bappeda", policies.Agency, policies.ProgramOfficer)
	if _, err := x.Amendment(bystander, a.ID); err != nil {
		t.Errorf("effective, it is not read like the plan: %v", err)
	}
}

func TestAChangeWaitsForWhoeverHasItsNextMove(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Amendment](t, "step")
	_, a := x.proposed(t)
	x.wantWork(t, "proposed", map[string][]work.Ask{"coordinator": {work.TakeUpAmendment}})
	a = ok(x.TakeUp(x.coordinator, a.ID, a.Version))
	x.wantWork(t, "taken up", map[string][]work.Ask{"officer": {work.WriteAmendment}})
	a = ok(x.EditAmendment(x.officer, a.ID, a.Version, later))
	x.wantWork(t, "written", map[string][]work.Ask{"officer": {work.WriteAmendment}, "approver": {work.AcceptAmendment}, "signatory": {work.AcceptAmendment}})
	a = ok(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	x.wantWork(t, "accepted by one", map[string][]work.Ask{"officer": {work.WriteAmendment}, "signatory": {work.AcceptAmendmentToo}})
	ok(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	x.wantWork(t, "effective", nil)
}

// Whom an entry of a change concerns, by what happened.
func TestAChangeIsToldToWhomItConcerns(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Amendment](t, "step")
	_, a := x.amending(t)
	a = ok(x.EditAmendment(x.officer, a.ID, a.Version, later))
	a = ok(x.HandOverAmendment(x.officer, a.ID, a.Version))
	a = ok(x.AcceptAmendment(x.approver, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	a = ok(x.AcceptAmendment(x.signatory, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}))
	page, err := x.AmendmentHistory(x.officer, a.ID, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	sc := x.Gate.System(t.Context(), kupang, policies.FollowJournal)
	var got []string
	for _, e := range slices.Backward(page.Items) {
		told, err := x.Concerned(t.Context(), sc, *e)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range told {
			got = append(got, string(c.Told)+" to "+string(c.Organisation))
		}
	}
	if want := []string{
		"amendment_proposed to og_yayasan", "amendment_taken_up to og_dinas", "amendment_turn to og_yayasan",
		"amendment_accepted_by_one to og_yayasan", "plan_amended to og_dinas", "plan_amended to og_yayasan",
	}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}
