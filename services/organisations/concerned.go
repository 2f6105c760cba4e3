package organisations

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// Concerned says whom a journal entry of a verification, a due diligence or a flag
// concerns: whose move comes, and the organisation that it is about when it is decided.
// sc is a system scope of the entry's tenant.
func (s *Service) Concerned(ctx context.Context, sc tenants.Scope, e tenants.Entry) ([]work.Concern, error) {
	switch e.Kind {
	case "member":
		m, err := s.members.Get(ctx, sc, tenants.ID[Member](e.Record))
		if err != nil {
			return nil, err
		}
		return m.concerned(e), nil
	case "document_expiry":
		x, err := s.expiries.Get(ctx, sc, tenants.ID[Expiry](e.Record))
		if err != nil {
			return nil, err
		}
		return x.concerned(e), nil
	case "due_diligence":
		d, err := s.diligence.Get(ctx, sc, DiligenceID(e.Record))
		if err != nil {
			return nil, err
		}
		return d.concerned(e), nil
	case "flag":
		f, err := s.flags.Get(ctx, sc, FlagID(e.Record))
		if err != nil {
			return nil, err
		}
		return f.concerned(e), nil
	}
	return nil, nil
}

func (m *Member) concerned(e tenants.Entry) []work.Concern {
	decided := func(told work.Told) []work.Concern {
		return []work.Concern{{Told: told, Organisation: m.Organisation, May: []policies.Action{policies.EditPassport, policies.SubmitVerification}, Consequence: true}}
	}
	switch e.Action {
	case policies.SubmitVerification.String():
		return []work.Concern{{Told: work.VerificationSubmitted, Side: policies.Agency, Except: m.Organisation, May: []policies.Action{policies.CheckVerification}}}
	case policies.CheckVerification.String():
		return []work.Concern{{Told: work.VerificationChecked, Side: policies.Agency, Except: m.Organisation, May: []policies.Action{policies.ConfirmVerification}}}
	case policies.ReturnVerification.String():
		return decided(work.VerificationReturned)
	case policies.ConfirmVerification.String():
		return decided(work.VerificationConfirmed)
	case policies.SuspendVerification.String():
		return decided(work.VerificationSuspended)
	case policies.LiftVerification.String():
		return decided(work.VerificationLifted)
	case policies.WakeRecord.String():
		if State(work.Became(e, "state")) == Expired {
			return decided(work.VerificationExpired)
		}
	}
	return nil
}

func (d *DueDiligence) concerned(e tenants.Entry) []work.Concern {
	switch DiligenceState(work.Became(e, "state")) {
	case DiligenceSent:
		return d.subject(work.DiligenceSent, policies.ReplyDueDiligence)
	case DiligenceReplied:
		return []work.Concern{{Told: work.DiligenceReplied, Organisation: d.Agency, May: []policies.Action{policies.FinaliseDueDiligence, policies.SendDueDiligence}}}
	case DiligenceFinal:
		return append(d.subject(work.DiligenceFinal, policies.ReplyDueDiligence),
			work.Concern{Told: work.DiligenceFinal, Organisation: d.Agency, May: []policies.Action{policies.SendDueDiligence}})
	case DiligenceDraft, DiligenceExpired:
	}
	return nil
}

func (f *Flag) concerned(e tenants.Entry) []work.Concern {
	if e.Action == policies.ProposeFlag.String() {
		if f.HoldAsked {
			return []work.Concern{{Told: work.HoldAsked, Organisation: f.Agency, May: []policies.Action{policies.HoldFlag}}}
		}
		return nil
	}
	switch FlagState(work.Became(e, "state")) {
	case FlagDisclosed:
		return f.subject(work.FlagDisclosed, policies.ReplyFlag)
	case FlagReplied:
		return []work.Concern{{Told: work.FlagReplied, Organisation: f.Agency, May: []policies.Action{policies.UpholdFlag, policies.UpholdExclusion, policies.ProposeFlag}}}
	case FlagUpheld:
		return f.subject(work.FlagUpheld, policies.ReplyFlag)
	case FlagWithdrawn:
		return f.subject(work.FlagWithdrawn, policies.ReplyFlag)
	case FlagLapsed:
		return f.subject(work.FlagLapsed, policies.ReplyFlag)
	case FlagProposed:
	}
	return nil
}

// subject concerns those of the organisation that is looked at who may reply: what is
// found about it is a consequence for it.
func (s Subject) subject(told work.Told, may policies.Action) []work.Concern {
	return []work.Concern{{Told: told, Organisation: s.Organisation, May: []policies.Action{may}, Consequence: true}}
}
