// Package work is the word by which the areas say what waits for somebody: one Item for
// each thing that a person may do now and that nobody else of their side has done. Each
// area answers for its own records, by its own rules; package notices asks them all and
// imports them, and none of them imports it. It knows no store.
package work

import (
	"slices"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

// Ask is what is asked of somebody; words has a sentence for each ("ask.…").
type Ask string

// What may be asked.
const (
	// WritePlan: one's side has the turn in a plan.
	WritePlan Ask = "write_plan"
	// AcceptPlan: the plan may have one's side's yes; AcceptPlanToo: the other side gave its.
	AcceptPlan    Ask = "accept_plan"
	AcceptPlanToo Ask = "accept_plan_too"
	// The other side agreed to resume or to end early, or began to close; or the day until
	// which a program rests is over.
	AgreeToResume   Ask = "agree_to_resume"
	ResumeNow       Ask = "resume_now"
	AgreeToEndEarly Ask = "agree_to_end_early"
	ConfirmClosing  Ask = "confirm_closing"
	// A change of an effective plan: the other side proposes it, one's own has the turn, or
	// its text may have one's side's yes.
	TakeUpAmendment    Ask = "take_up_amendment"
	WriteAmendment     Ask = "write_amendment"
	AcceptAmendment    Ask = "accept_amendment"
	AcceptAmendmentToo Ask = "accept_amendment_too"
	// DecideActual: the other side reported. CorrectActual: what one's side reported came back.
	DecideActual  Ask = "decide_actual"
	CorrectActual Ask = "correct_actual"
	// One's own passport: sections are missing, its signatory has not attested it, it was
	// not submitted, it came back, or its verification ends soon.
	FillPassport    Ask = "fill_passport"
	AttestPassport  Ask = "attest_passport"
	SubmitPassport  Ask = "submit_passport"
	CorrectPassport Ask = "correct_passport"
	RenewPassport   Ask = "renew_passport"
	// RenewDocument: the last day of a document of one's own is near or over.
	RenewDocument Ask = "renew_document"
	// Somebody else's verification.
	CheckVerification   Ask = "check_verification"
	ConfirmVerification Ask = "confirm_verification"
	// Due diligence and flags.
	ReplyToDiligence  Ask = "reply_to_diligence"
	FinaliseDiligence Ask = "finalise_diligence"
	HoldFlag          Ask = "hold_flag"
	ReplyToFlag       Ask = "reply_to_flag"
	DecideFlag        Ask = "decide_flag"
	// AnswerProposal: the other side proposes a change of what binds both.
	AnswerProposal Ask = "answer_proposal"
)

// Asks lists them all.
func Asks() []Ask {
	return []Ask{
		WritePlan, AcceptPlan, AcceptPlanToo, AgreeToResume, ResumeNow, AgreeToEndEarly, ConfirmClosing,
		TakeUpAmendment, WriteAmendment, AcceptAmendment, AcceptAmendmentToo, DecideActual, CorrectActual,
		FillPassport, AttestPassport, SubmitPassport, CorrectPassport, RenewPassport, RenewDocument, CheckVerification, ConfirmVerification,
		ReplyToDiligence, FinaliseDiligence, HoldFlag, ReplyToFlag, DecideFlag, AnswerProposal,
	}
}

// UnmarshalText refuses what nobody asks.
func (a *Ask) UnmarshalText(text []byte) error {
	if *a = Ask(text); *a != "" && !slices.Contains(Asks(), *a) {
		return fault.New(fault.Unprocessable, "choice_unknown", "value", string(text))
	}
	return nil
}

// Item is one thing that waits for whoever asked: they may do it now, by the permission
// book and by the record's own rule.
type Item struct {
	Ask Ask `json:"ask"`
	// Kind and Record name the record as the journal does; Title is what people call it,
	// empty where only Parts tell it from others of its kind.
	Kind   string   `json:"kind"`
	Record string   `json:"record"`
	Title  string   `json:"title"`
	Parts  []string `json:"parts,omitempty"`
	// From and To are the period that a report is about.
	From clocks.Day `json:"from,omitempty"`
	To   clocks.Day `json:"to,omitempty"`
	// Since is when it began to wait; Due the last day for it, empty where there is none.
	Since time.Time  `json:"since"`
	Due   clocks.Day `json:"due_on"`
}

// Most is how many records of a kind are looked at, those that changed last first. Who
// has more before them than that works them off from the lists.
const Most = 500
