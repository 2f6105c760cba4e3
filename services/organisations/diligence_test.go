package organisations_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

const day = 24 * time.Hour

// template is a published form: a required text, a personal one, and one of the passport's.
func (w *world) template(t *testing.T) forms.VersionID {
	t.Helper()
	label := func(text string) forms.Text { return forms.Text{Indonesian: text, English: text} }
	ctx := w.officer()
	f, err := w.Forms.Start(ctx, forms.Start{Title: label("Uji tuntas"), Purpose: forms.ForDueDiligence})
	if err != nil {
		t.Fatal(err)
	}
	f, err = w.Forms.Edit(ctx, f.ID, f.Version, forms.Edit{Title: f.Title, Purpose: f.Purpose, Fields: []forms.Field{
		{ID: "books", Kind: forms.Short, Label: label("Pembukuan"), Required: true}, {ID: "whom", Kind: forms.Short, Label: label("Siapa"), Personal: true},
		{ID: "staff", Kind: forms.Number, Label: label("Staf"), Reusable: "staff"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if f, err = w.Forms.Publish(ctx, f.ID, f.Version); err != nil {
		t.Fatal(err)
	}
	return f.Latest()
}

func filledIn() organisations.EditDiligence {
	return organisations.EditDiligence{
		Answers: forms.Answers{"books": {Text: "Rapi"}, "whom": {Text: "Ibu Ina"}}, Risk: organisations.ModerateRisk, Conclusion: "Layak dengan catatan",
	}
}

// lookAt begins a check of a CSO and brings it to a state by its moves.
func (w *world) lookAt(t *testing.T, form forms.VersionID, of string, state organisations.DiligenceState) *organisations.DueDiligence {
	t.Helper()
	d, err := w.StartDueDiligence(w.officer(), w.member(t, of).ID, organisations.StartDiligence{FormVersion: form})
	if err == nil {
		d, err = w.EditDueDiligence(w.officer(), d.ID, d.Version, filledIn())
	}
	steps := []func() (*organisations.DueDiligence, error){
		func() (*organisations.DueDiligence, error) {
			return w.SendDueDiligence(w.officer(), d.ID, d.Version, organisations.SendDiligence{})
		},
		func() (*organisations.DueDiligence, error) {
			return w.ReplyToDueDiligence(w.coordinator(of), d.ID, d.Version, organisations.Answer{Reply: "Kami setuju"})
		},
		func() (*organisations.DueDiligence, error) {
			return w.FinaliseDueDiligence(w.approver(), d.ID, d.Version, organisations.Finalise{ValidUntil: "2026-12-30"})
		},
	}
	for _, step := range steps[:min(3, slices.Index(organisations.DiligenceStates(), state))] {
		if err != nil {
			t.Fatal(err)
		}
		d, err = step()
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryMoveOfADueDiligenceInEveryStateByEveryRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.template(t)
	type try struct {
		name string
		role policies.Role
		side policies.Side
		of   string
		do   func(context.Context, *organisations.DueDiligence) (*organisations.DueDiligence, error)
		in   []organisations.DiligenceState
	}
	edit := func(ctx context.Context, d *organisations.DueDiligence) (*organisations.DueDiligence, error) {
		return w.EditDueDiligence(ctx, d.ID, d.Version, filledIn())
	}
	send := func(ctx context.Context, d *organisations.DueDiligence) (*organisations.DueDiligence, error) {
		return w.SendDueDiligence(ctx, d.ID, d.Version, organisations.SendDiligence{})
	}
	reply := func(ctx context.Context, d *organisations.DueDiligence) (*organisations.DueDiligence, error) {
		return w.ReplyToDueDiligence(ctx, d.ID, d.Version, organisations.Answer{Reply: "Jawaban"})
	}
	finalise := func(ctx context.Context, d *organisations.DueDiligence) (*organisations.DueDiligence, error) {
		return w.FinaliseDueDiligence(ctx, d.ID, d.Version, organisations.Finalise{ValidUntil: "2027-06-30"})
	}
	moves := []try{
		{"edit", policies.ProgramOfficer, policies.Agency, "og_dinas", edit, []organisations.DiligenceState{organisations.DiligenceDraft}},
		{"send", policies.ProgramOfficer, policies.Agency, "og_dinas", send, []organisations.DiligenceState{organisations.DiligenceDraft}},
		{"reply", policies.CSOCoordinator, policies.CSO, "og_yayasan", reply, []organisations.DiligenceState{organisations.DiligenceSent}},
		{"reply", policies.Signatory, policies.CSO, "og_yayasan", reply, []organisations.DiligenceState{organisations.DiligenceSent}},
		{"finalise", policies.Approver, policies.Agency, "og_dinas", finalise, []organisations.DiligenceState{organisations.DiligenceReplied}},
	}
	seats := []struct {
		of   string
		side policies.Side
	}{{"og_dinas", policies.Agency}, {"og_badan", policies.Agency}, {"og_yayasan", policies.CSO}, {"og_third", policies.CSO}}
	for _, state := range organisations.DiligenceStates() {
		fresh := func() *organisations.DueDiligence {
			d := w.lookAt(t, form, "og_yayasan", state)
			if state == organisations.DiligenceExpired {
				w.Clock.Forward(40 * day)
				if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
					t.Fatal(err)
				}
				w.Clock.Forward(-40 * day)
				d, _ = w.Diligence(w.officer(), d.ID)
			}
			return d
		}
		d := fresh()
		if d.State != state {
			t.Fatalf("made %s, want %s", d.State, state)
		}
		for _, move := range moves {
			for _, seat := range seats {
				for _, role := range policies.Roles() {
					if !role.MayBeHeldBy(seat.side) {
						continue
					}
					allowed := slices.ContainsFunc(moves, func(m try) bool {
						return m.name == move.name && m.role == role && m.of == seat.of && slices.Contains(m.in, state)
					})
					got, err := move.do(w.as(seat.of, seat.side, role), d)
					if (err == nil) != allowed {
						t.Errorf("%s in %s by %s %s: %v, want allowed %t", move.name, state, seat.of, role, err, allowed)
					}
					if err == nil && got != nil {
						d = fresh()
					}
				}
			}
		}
	}
}

// Who reads: its agency; the organisation from the day it is sent; other agencies once it
// is final; a third organisation never, nor another tenant.
func TestTheOrganisationReadsADueDiligenceBeforeOtherAgenciesDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.template(t)
	own, subject := w.officer(), w.coordinator("og_yayasan")
	other, third := w.as("og_badan", policies.Agency, policies.ProgramOfficer), w.coordinator("og_third")
	elsewhere := w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer)
	for state, want := range map[organisations.DiligenceState][5]bool{
		organisations.DiligenceDraft: {true}, organisations.DiligenceSent: {true, true}, organisations.DiligenceReplied: {true, true},
		organisations.DiligenceFinal: {true, true, true},
	} {
		d := w.lookAt(t, form, "og_yayasan", state)
		for i, ctx := range []context.Context{own, subject, other, third, elsewhere} {
			_, err := w.Diligence(ctx, d.ID)
			if (err == nil) != want[i] || err != nil && fault.KindOf(err) != fault.Missing {
				t.Errorf("%s by reader %d: %v, want %t", state, i, err, want[i])
			}
			_, err = w.DiligenceHistory(ctx, d.ID, store.Query{})
			if (err == nil) != want[i] {
				t.Errorf("history of %s by reader %d: %v, want %t", state, i, err, want[i])
			}
			list, err := w.Diligences(ctx, organisations.DiligenceCriteria{State: []organisations.DiligenceState{state}}, store.Query{})
			if err != nil || (len(list.Items) == 1) != want[i] {
				t.Errorf("list of %s by reader %d: %d, %v, want %t", state, i, len(list.Items), err, want[i])
			}
			sc, err := w.Gate.Enter(ctx, policies.ReadJournal)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), "kupang", policies.SweepJournal)); err != nil {
				t.Fatal(err)
			}
			entries, err := w.DB.Activity(t.Context(), sc, store.ActivityCriteria{}, store.Query{Limit: store.MaxLimit})
			told := slices.ContainsFunc(entries.Items, func(e *tenants.Entry) bool { return e.Record == string(d.ID) })
			if err != nil || told != want[i] {
				t.Errorf("the activity page tells reader %d of %s: %t, %v, want %t", i, state, told, err, want[i])
			}
		}
	}
	late := people.Organisation{ID: "og_baru", Name: "Baru", Side: policies.Agency}
	w.ensure(t, "kupang", late)
	list, err := w.Diligences(w.as("og_baru", policies.Agency, policies.ProgramOfficer), organisations.DiligenceCriteria{}, store.Query{})
	if err != nil || len(list.Items) != 1 || list.Items[0].State != organisations.DiligenceFinal {
		t.Errorf("an agency that joined later: %v, %v", list, err)
	}
}

func TestADueDiligenceIsFinalWithoutAReplyOnlyAfterTheDayForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.lookAt(t, w.template(t), "og_yayasan", organisations.DiligenceSent)
	until := organisations.Finalise{ValidUntil: "2027-06-30"}
	if d.ReplyDueOn != "2026-12-08" || d.AskedAt == nil {
		t.Fatalf("a fortnight: %+v", d)
	}
	w.Clock.Forward(14*day + 14*time.Hour) // 23:00 of the last day in Kupang
	if _, err := w.FinaliseDueDiligence(w.approver(), d.ID, d.Version, until); fault.CodeOf(err) != "reply_open" {
		t.Errorf("on the last day: %v", err)
	}
	w.Clock.Forward(2 * time.Hour)
	d, err := w.FinaliseDueDiligence(w.approver(), d.ID, d.Version, until)
	if err != nil || d.State != organisations.DiligenceFinal || d.Reply != nil {
		t.Fatalf("after it: %+v, %v", d, err)
	}
}

func TestWhoWroteADueDiligenceDoesNotMakeItFinalAndNoRiskIsRaised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.lookAt(t, w.template(t), "og_yayasan", organisations.DiligenceReplied)
	author := w.AsPerson("kupang", "og_dinas/program_officer", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.Approver)
	until := organisations.Finalise{ValidUntil: "2027-06-30"}
	if _, err := w.FinaliseDueDiligence(author, d.ID, d.Version, until); fault.CodeOf(err) != "author_decides" {
		t.Errorf("the author: %v", err)
	}
	for in, want := range map[organisations.Finalise]string{
		{ValidUntil: "2027-06-30", Risk: organisations.HighRisk}: "risk risk_raised", {}: "valid_until_on required",
		{ValidUntil: "2026-11-24"}: "valid_until_on day_past", {ValidUntil: "2031-01-01"}: "valid_until_on validity_too_long",
	} {
		_, err := w.FinaliseDueDiligence(w.approver(), d.ID, d.Version, in)
		if got := fieldCode(err); got != want {
			t.Errorf("%+v: got %s, want %s", in, got, want)
		}
	}
	until.Risk = organisations.LowRisk
	if d, err := w.FinaliseDueDiligence(w.approver(), d.ID, d.Version, until); err != nil || d.Risk != organisations.LowRisk {
		t.Errorf("lowered: %v, %v", d, err)
	}
}

func TestADraftIsSentWholeAndKeepsNamesOutOfItsHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.template(t)
	w.fill(t, "og_yayasan")
	m := w.member(t, "og_yayasan")
	m, err := w.Submit(w.signatory("og_yayasan"), m.ID, m.Version)
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.StartDueDiligence(w.officer(), m.ID, organisations.StartDiligence{FormVersion: form})
	if err != nil || d.Answers["staff"].Text != "5" {
		t.Fatalf("the passport's answer is offered: %+v, %v", d, err)
	}
	if _, err := w.SendDueDiligence(w.officer(), d.ID, d.Version, organisations.SendDiligence{}); fault.CodeOf(err) != "diligence_incomplete" {
		t.Errorf("sent with gaps: %v", err)
	}
	if _, err := w.EditDueDiligence(w.officer(), d.ID, d.Version, organisations.EditDiligence{Answers: forms.Answers{"staff": {Text: "banyak"}}}); fieldCode(err) != "answers.staff number_malformed" {
		t.Errorf("a wrong answer: %v", err)
	}
	if d, err = w.EditDueDiligence(w.officer(), d.ID, d.Version, filledIn()); err != nil || d.Personal["whom"].Text != "Ibu Ina" || len(d.Answers) != 1 {
		t.Fatalf("saved: %+v, %v", d, err)
	}
	for _, late := range []string{"2026-11-28", "2027-06-01"} {
		in := organisations.SendDiligence{}
		_ = in.ReplyDueOn.UnmarshalText([]byte(late))
		if _, err := w.SendDueDiligence(w.officer(), d.ID, d.Version, in); fieldCode(err) != "reply_due_on reply_days" {
			t.Errorf("reply by %s: %v", late, err)
		}
	}
	entries, err := w.DiligenceHistory(w.officer(), d.ID, store.Query{})
	if err != nil || len(entries.Items) != 2 {
		t.Fatal(entries, err)
	}
	if text := fmt.Sprint(entries); !slices.ContainsFunc(entries.Items[0].Changes, func(c tenants.Difference) bool { return c.Personal }) || slices.Contains([]rune(text), 0) || containsText(text, "Ibu Ina") {
		t.Errorf("the history holds a name: %s", text)
	}
}

func TestADueDiligenceIsAnAgencysAndNotOfItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := organisations.StartDiligence{FormVersion: w.template(t)}
	own, err := w.Own(w.officer())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.StartDueDiligence(w.officer(), own.ID, form); fault.CodeOf(err) != "own_verification" {
		t.Errorf("of itself: %v", err)
	}
	if _, err := w.StartDueDiligence(w.as("og_third", policies.CSO, policies.ProgramOfficer), own.ID, form); fault.CodeOf(err) != "agencies_verify" {
		t.Errorf("by a CSO: %v", err)
	}
	if _, err := w.StartDueDiligence(w.officer(), w.member(t, "og_third").ID, organisations.StartDiligence{FormVersion: "fv_none"}); fieldCode(err) != "form_version choice_unknown" {
		t.Errorf("by no form: %v", err)
	}
}

func TestADueDiligenceExpiresAfterItsLastDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.lookAt(t, w.template(t), "og_yayasan", organisations.DiligenceFinal) // until 2026-12-30
	w.Clock.Forward(36*day + 14*time.Hour)
	if d, _ := w.Diligence(w.officer(), d.ID); d.State != organisations.DiligenceFinal {
		t.Errorf("in the evening of its last day: %s", d.State)
	}
	w.Clock.Forward(2 * time.Hour)
	if d, _ := w.Diligence(w.officer(), d.ID); d.State != organisations.DiligenceExpired {
		t.Errorf("after it, before the clock: %s", d.State)
	}
	if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
		t.Fatal(err)
	}
	entries, err := w.DiligenceHistory(w.officer(), d.ID, store.Query{})
	if err != nil || entries.Items[0].Action != "system.expire_due_diligence" || entries.Items[0].Person != "" {
		t.Errorf("history: %v, %v", entries, err)
	}
}
