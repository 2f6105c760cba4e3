package programs

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// Concerned says whom a journal entry of a program, a change of its plan or an actual
// concerns: the other side's lead when its move comes, both when something holds, and who
// reported an actual when it is decided. sc is a system scope of the entry's tenant.
func (s *Service) Concerned(ctx context.Context, sc tenants.Scope, e tenants.Entry) ([]work.Concern, error) {
	switch e.Kind {
	case "program":
		p, err := s.programs.Get(ctx, sc, ID(e.Record))
		if err != nil {
			return nil, err
		}
		return p.concerned(e), nil
	case "program_amendment":
		a, err := s.amendments.Get(ctx, sc, AmendmentID(e.Record))
		if err != nil {
			return nil, err
		}
		return a.concerned(e), nil
	case "actual":
		a, err := s.actuals.Get(ctx, sc, tenants.ID[Actual](e.Record))
		if err != nil {
			return nil, err
		}
		p, err := s.programs.Get(ctx, sc, a.Program)
		if err != nil {
			return nil, err
		}
		return a.concerned(p, e), nil
	}
	return nil, nil
}

// lead concerns those of a side's lead who may do one of some acts.
func (a *Agreed) lead(side policies.Side, told work.Told, may ...policies.Action) []work.Concern {
	l := a.LeadOf(side)
	if l == nil {
		return nil
	}
	return []work.Concern{{Told: told, Organisation: l.Organisation, May: may}}
}

// planned concerns those of a side's lead who write its plan or accept it.
func (a *Agreed) planned(side policies.Side, told work.Told, consequence bool) []work.Concern {
	list := a.lead(side, told, policies.EditPlan, accepting(side))
	for i := range list {
		list[i].Consequence = consequence
	}
	return list
}

// both concerns the leads of both sides, and is a consequence.
func (a *Agreed) both(told work.Told, may ...policies.Action) []work.Concern {
	list := append(a.lead(policies.Agency, told, may...), a.lead(policies.CSO, told, may...)...)
	for i := range list {
		list[i].Consequence = true
	}
	return list
}

func (p *Program) concerned(e tenants.Entry) []work.Concern {
	other, state := policies.Side(e.Side).Opposite(), State(work.Became(e, "state"))
	switch e.Action {
	case policies.StartProgram.String():
		return p.lead(other, work.ProgramStarted, policies.EditPlan)
	case policies.HandOverTurn.String():
		return p.lead(other, work.TurnHanded, policies.EditPlan)
	case policies.AcceptPlanAsAgency.String(), policies.AcceptPlanAsCSO.String():
		if work.Became(e, "accepted_version") != "" {
			return append(p.planned(policies.Agency, work.PlanAcceptedByBoth, true), p.planned(policies.CSO, work.PlanAcceptedByBoth, true)...)
		}
		return p.planned(other, work.PlanAcceptedByOne, false)
	case policies.WakeRecord.String():
		if state == Active {
			return p.both(work.ProgramBegan, policies.EditPlan)
		}
	case policies.AbandonProgram.String():
		return p.lead(other, work.ProgramAbandoned, policies.EditPlan)
	case policies.SuspendProgram.String():
		return p.lead(other, work.ProgramSuspended, policies.ResumeProgram)
	case policies.OpenReporting.String():
		return p.lead(other, work.ReportingOpened, policies.ReportActual)
	case policies.CloseProgram.String():
		return p.lead(other, work.ProgramClosing, policies.ConfirmClosing)
	case policies.ResumeProgram.String():
		if state == Active {
			return p.both(work.ProgramResumed, policies.ResumeProgram)
		}
		return p.lead(other, work.ResumeAsked, policies.ResumeProgram)
	case policies.EndProgramEarly.String():
		if state == EndedEarly {
			return p.both(work.ProgramEnded, policies.EndProgramEarly)
		}
		return p.lead(other, work.EndAsked, policies.EndProgramEarly)
	case policies.ConfirmClosing.String():
		if state == Closed {
			return p.both(work.ProgramClosed, policies.ConfirmClosing)
		}
		return p.lead(other, work.ClosingConfirmed, policies.ConfirmClosing)
	}
	return nil
}

func (a *Amendment) concerned(e tenants.Entry) []work.Concern {
	other := policies.Side(e.Side).Opposite()
	switch state := AmendmentState(work.Became(e, "state")); {
	case e.Action == policies.ProposeAmendment.String():
		return a.Text.lead(other, work.AmendmentProposed, policies.TakeUpAmendment)
	case state == AmendmentDrafting:
		return a.Text.planned(other, work.AmendmentTakenUp, true)
	case state == AmendmentEffective:
		return a.Text.both(work.PlanAmended, policies.EditPlan, accepting(policies.Agency), accepting(policies.CSO))
	case state == AmendmentRejected:
		return a.Text.planned(other, work.AmendmentRejected, true)
	case state == AmendmentLapsed:
		return a.Text.both(work.AmendmentLapsed, policies.EditPlan)
	case e.Action == policies.HandOverTurn.String():
		return a.Text.lead(other, work.AmendmentTurn, policies.EditPlan)
	case state == "" && (e.Action == policies.AcceptPlanAsAgency.String() || e.Action == policies.AcceptPlanAsCSO.String()):
		return a.Text.planned(other, work.AmendmentAcceptedByOne, false)
	}
	return nil
}

func (a *Actual) concerned(p *Program, e tenants.Entry) []work.Concern {
	told := work.ActualReturned
	switch ActualState(work.Became(e, "state")) {
	case ActualSubmitted:
		return p.lead(a.Side.Opposite(), work.ActualSubmitted, policies.AcceptActual)
	case ActualAccepted:
		told = work.ActualAccepted
	case ActualReturned:
	case ActualDraft:
		return nil
	default:
		return nil
	}
	// Who reported it stands first: to them it is a consequence, and a person is told once.
	return append([]work.Concern{{Told: told, Person: a.Reporter, Consequence: true}}, p.lead(a.Side, told, policies.SubmitActual)...)
}
