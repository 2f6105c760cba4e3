package programs

import (
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// AmendmentState is where a change of an effective plan stands.
type AmendmentState string

// States of an amendment (grants.md §4.2, ProgramAmendment).
const (
	// AmendmentProposed waits for the other side to take it up.
	AmendmentProposed AmendmentState = "proposed"
	AmendmentDrafting AmendmentState = "drafting"
	// AmendmentAccepted by both, it is made effective at once; a crash leaves it here until
	// the waker does it.
	AmendmentAccepted  AmendmentState = "both_accepted"
	AmendmentEffective AmendmentState = "effective"
	AmendmentRejected  AmendmentState = "rejected"
	AmendmentLapsed    AmendmentState = "lapsed"
)

// AmendmentStates lists them in the order of an amendment's life.
func AmendmentStates() []AmendmentState {
	return []AmendmentState{AmendmentProposed, AmendmentDrafting, AmendmentAccepted, AmendmentEffective, AmendmentRejected, AmendmentLapsed}
}

// UnmarshalText refuses a state that is none.
func (s *AmendmentState) UnmarshalText(text []byte) error {
	return fault.OneOf(s, text, AmendmentStates())
}

// AmendmentID names an amendment.
type AmendmentID = tenants.ID[Amendment]

// amendmentRests is after how many days without a word of anybody an amendment lapses.
const amendmentRests = 60

// Amendment is a change of an effective plan: one side proposes it and says why, the other
// takes it up, both write its text in turns, and what both accept becomes the plan. At most
// one is open for a program.
type Amendment struct {
	tenants.Meta[Amendment] `bson:",inline"`

	State   AmendmentState `json:"state"`
	Program ID             `json:"program"`
	// Open is the program while the amendment is open: a unique key.
	Open ID `json:"-" bson:"open,omitempty"`
	// No is the number of the plan version that it would make.
	No int `json:"no"`
	// Title is what the program was called when it was proposed.
	Title string `json:"title"`
	// Side proposed it, Proposer is who did, and Reason is why.
	Side     policies.Side    `json:"side"`
	Proposer tenants.PersonID `json:"proposer"`
	Reason   string           `json:"reason"`
	// Text is the plan as it would be.
	Text         Agreed `json:"plan"`
	accord.Draft `bson:",inline"`
	// LapsesOn is the last day on which somebody may still move it; empty when it is not open.
	LapsesOn clocks.Day `json:"lapses_on"`
	// Refusal is why a side rejected it, or why it could not become effective.
	Refusal string `json:"refusal"`
}

func amendmentKind() store.Kind[Amendment] {
	return store.Kind[Amendment]{
		Name: "program_amendments", One: "program_amendment", Prefix: "am",
		Indexes: []store.Index{{Keys: []string{"open"}, Unique: true, Where: "open"}},
		Filters: []string{"program", "state"}, Sorts: []string{"-updated_at"},
		Title: func(a *Amendment) string { return a.Title },
	}
}

// Check says what is always true of an amendment.
func (a *Amendment) Check() error {
	fields := append(checkText("reason", a.Reason, true, maxText), checkText("refusal", a.Refusal, a.State == AmendmentRejected, maxText)...)
	return fault.Invalid(append(fields, a.Text.check()...)...)
}

// AsProgram is the program as this amendment would have it, for who draws plans and their
// forms: without its life, and with the amendment's version.
func (a *Amendment) AsProgram() *Program {
	p := &Program{Agreed: a.Text}
	p.ID, p.Version = a.Program, a.Version
	return p
}

// IsOpen says that the amendment may still become the plan.
func (a *Amendment) IsOpen() bool { return a.Open != "" }

// from refuses a move in a state it does not begin in.
func (a *Amendment) from(state AmendmentState) error {
	if a.State != state {
		return fault.New(fault.Conflict, "amendment_state", "state", string(a.State))
	}
	return nil
}

// leads refuses whoever does not lead the program for their side.
func (a *Amendment) leads(by tenants.Actor) error {
	if !a.Text.Leads(by) {
		return fault.New(fault.Forbidden, "not_a_lead")
	}
	return nil
}

// WhyNotEdit is why an edit of the text would be refused now; nil when it would not.
func (a *Amendment) WhyNotEdit(by tenants.Actor) error {
	if err := a.leads(by); err != nil {
		return err
	}
	if err := a.from(AmendmentDrafting); err != nil {
		return err
	}
	if a.Turn.Side != by.Side {
		return fault.New(fault.Conflict, "turn_not_yours")
	}
	return nil
}

// MayEdit says whether to paint the way to the forms.
func (a *Amendment) MayEdit(by tenants.Actor) bool { return a.WhyNotEdit(by) == nil }

// MayTakeUp says that a proposal waits for somebody's side.
func (a *Amendment) MayTakeUp(by tenants.Actor) bool {
	return a.leads(by) == nil && a.State == AmendmentProposed && a.Side != by.Side
}

// MayReject says that somebody's side may put an end to it: refuse it, or take back its
// own proposal.
func (a *Amendment) MayReject(by tenants.Actor) bool {
	return a.leads(by) == nil && (a.State == AmendmentProposed || a.State == AmendmentDrafting)
}

// acceptable refuses a yes that the record does not allow, whatever text it is to.
func (a *Amendment) acceptable(by tenants.Actor) error {
	if err := a.leads(by); err != nil {
		return err
	}
	if err := a.from(AmendmentDrafting); err != nil {
		return err
	}
	switch {
	case len(a.Editors) == 0:
		return fault.New(fault.Conflict, "amendment_unchanged")
	case !a.Text.whole():
		return fault.New(fault.Conflict, "plan_incomplete")
	case a.WrittenBy(by.Person):
		return fault.New(fault.Forbidden, "approver_wrote_plan")
	}
	return nil
}

// MayAccept says that the record lets somebody give the yes of their side now, and that it
// is missing.
func (a *Amendment) MayAccept(by tenants.Actor) bool {
	return a.acceptable(by) == nil && a.Accord.Lacks(by)
}

// stir puts off the day on which the amendment lapses: somebody worked on it.
func (a *Amendment) stir(at time.Time, c *clocks.Calendar) {
	a.LapsesOn = c.DayOf(at).Add(amendmentRests)
	over := a.LapsesOn.Add(1).Begins(c.Zone())
	a.WakeAt = &over
}

// end takes the amendment out of what is open.
func (a *Amendment) end(state AmendmentState) {
	a.State, a.Open, a.LapsesOn, a.WakeAt = state, "", "", nil
}
