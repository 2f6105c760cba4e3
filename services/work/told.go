package work

import (
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
)

// Told is what somebody is told; words has a sentence for each ("told.…").
type Told string

// What people are told.
const (
	ProgramStarted     Told = "program_started"
	TurnHanded         Told = "turn_handed"
	PlanAcceptedByOne  Told = "plan_accepted_by_one"
	PlanAcceptedByBoth Told = "plan_accepted_by_both"
	ProgramBegan       Told = "program_began"
	ProgramSuspended   Told = "program_suspended"
	ResumeAsked        Told = "resume_asked"
	ProgramResumed     Told = "program_resumed"
	EndAsked           Told = "end_asked"
	ProgramEnded       Told = "program_ended"
	ProgramClosing     Told = "program_closing"
	ClosingConfirmed   Told = "closing_confirmed"
	ProgramClosed      Told = "program_closed"
	ProgramAbandoned   Told = "program_abandoned"

	ReportingOpened        Told = "reporting_opened"
	AmendmentProposed      Told = "amendment_proposed"
	AmendmentTakenUp       Told = "amendment_taken_up"
	AmendmentTurn          Told = "amendment_turn"
	AmendmentAcceptedByOne Told = "amendment_accepted_by_one"
	PlanAmended            Told = "plan_amended"
	AmendmentRejected      Told = "amendment_rejected"
	AmendmentLapsed        Told = "amendment_lapsed"

	ActualSubmitted Told = "actual_submitted"
	ActualAccepted  Told = "actual_accepted"
	ActualReturned  Told = "actual_returned"

	VerificationSubmitted Told = "verification_submitted"
	VerificationChecked   Told = "verification_checked"
	VerificationReturned  Told = "verification_returned"
	VerificationConfirmed Told = "verification_confirmed"
	VerificationSuspended Told = "verification_suspended"
	VerificationLifted    Told = "verification_lifted"
	VerificationExpired   Told = "verification_expired"
	DocumentExpiring      Told = "document_expiring"
	DocumentExpired       Told = "document_expired"
	DiligenceSent         Told = "diligence_sent"
	DiligenceReplied      Told = "diligence_replied"
	DiligenceFinal        Told = "diligence_final"
	HoldAsked             Told = "hold_asked"
	FlagDisclosed         Told = "flag_disclosed"
	FlagReplied           Told = "flag_replied"
	FlagUpheld            Told = "flag_upheld"
	FlagWithdrawn         Told = "flag_withdrawn"
	FlagLapsed            Told = "flag_lapsed"

	ProposalMade      Told = "proposal_made"
	ProposalAccepted  Told = "proposal_accepted"
	ProposalRefused   Told = "proposal_refused"
	ProposalWithdrawn Told = "proposal_withdrawn"
	RolesChanged      Told = "roles_changed"
)

// AllTold lists everything that people are told.
func AllTold() []Told {
	return []Told{
		ProgramStarted, TurnHanded, PlanAcceptedByOne, PlanAcceptedByBoth, ProgramBegan, ProgramSuspended, ResumeAsked, ProgramResumed,
		EndAsked, ProgramEnded, ProgramClosing, ClosingConfirmed, ProgramClosed, ProgramAbandoned, ReportingOpened,
		AmendmentProposed, AmendmentTakenUp, AmendmentTurn, AmendmentAcceptedByOne, PlanAmended, AmendmentRejected, AmendmentLapsed,
		ActualSubmitted, ActualAccepted, ActualReturned, VerificationSubmitted, VerificationChecked, VerificationReturned, VerificationConfirmed, VerificationSuspended,
		VerificationLifted, VerificationExpired, DocumentExpiring, DocumentExpired, DiligenceSent, DiligenceReplied, DiligenceFinal, HoldAsked, FlagDisclosed, FlagReplied,
		FlagUpheld, FlagWithdrawn, FlagLapsed, ProposalMade, ProposalAccepted, ProposalRefused, ProposalWithdrawn, RolesChanged,
	}
}

// Concern says whom a journal entry concerns: a person, or everybody of an organisation or
// a side whose role may do one of some acts.
type Concern struct {
	Told   Told
	Person tenants.PersonID
	// Organisation and Side narrow whose seats are meant; Except is left out of a side.
	Organisation tenants.OrganisationID
	Side         policies.Side
	Except       tenants.OrganisationID
	May          []policies.Action
	// Consequence says that it is the answer to what they did, or decides about them:
	// such a word is never held back by what somebody prefers.
	Consequence bool
}

// Became is what an entry's field was changed to, without quotes; empty when the entry
// does not change it.
func Became(e tenants.Entry, field string) string {
	for _, d := range e.Changes {
		if d.Path != field {
			continue
		}
		if text, err := strconv.Unquote(d.To); err == nil {
			return text
		}
		return d.To
	}
	return ""
}
