package programs

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// WhyNotAmend is why a change of the plan could not be proposed by somebody now; nil when
// it could, unless one is open.
func (p *Program) WhyNotAmend(by tenants.Actor) error {
	if !p.Leads(by) {
		return fault.New(fault.Forbidden, "not_a_lead")
	}
	return p.amendable()
}

// MayAmend says whether to paint the way to the form.
func (p *Program) MayAmend(by tenants.Actor) bool { return p.WhyNotAmend(by) == nil }

// amendable refuses a change of a plan that is not effective, or of a program that ends.
func (p *Program) amendable() error {
	switch {
	case p.AcceptedVersion == 0:
		return fault.New(fault.Conflict, "plan_not_effective")
	case !slices.Contains([]State{BothAccepted, Active, Suspended}, p.State):
		return fault.New(fault.Conflict, "program_state", "state", string(p.State))
	}
	return nil
}

// Propose asks the other side to change the effective plan, and says why. Either lead
// may, while no other change is open.
func (s *Service) Propose(ctx context.Context, id ID, in Reason) (*Amendment, error) {
	sc, err := s.Gate.Enter(ctx, policies.ProposeAmendment)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := p.WhyNotAmend(sc.Actor()); err != nil {
		return nil, err
	}
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return nil, err
	}
	a := &Amendment{
		State: AmendmentProposed, Program: p.ID, Open: p.ID, No: p.AcceptedVersion + 1, Title: p.Title,
		Side: sc.Actor().Side, Proposer: sc.Actor().Person, Reason: in.Reason, Text: p.Agreed,
	}
	a.Audience = p.audience()
	a.stir(sc.Now(), calendar)
	if err := a.Write(a.Text, ""); err != nil {
		return nil, err
	}
	made, err := s.amendments.Add(ctx, sc, a)
	if err != nil && fault.CodeOf(err) == "duplicate" {
		return nil, fault.New(fault.Conflict, "amendment_open")
	}
	return made, err
}

// amend is a move of an amendment by one of the leads of a program that may be amended.
func (s *Service) amend(
	ctx context.Context, action policies.Action, id AmendmentID, seen tenants.Version, move func(editing, *Amendment) error,
) (*Amendment, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return nil, err
	}
	return s.amendments.Change(ctx, sc, id, seen, func(a *Amendment) error {
		if err := a.leads(sc.Actor()); err != nil {
			return err
		}
		a.stir(sc.Now(), calendar)
		return move(editing{Service: s, scope: sc, fresh: "v" + strconv.Itoa(a.No)}, a)
	})
}

// TakeUp agrees to talk about a change that the other side proposed. The side that
// proposed it writes first.
func (s *Service) TakeUp(ctx context.Context, id AmendmentID, seen tenants.Version) (*Amendment, error) {
	return s.amend(ctx, policies.TakeUpAmendment, id, seen, func(e editing, a *Amendment) error {
		if err := a.from(AmendmentProposed); err != nil {
			return err
		}
		if a.Side == e.scope.Actor().Side {
			return fault.New(fault.Conflict, "amendment_own")
		}
		a.State, a.Turn = AmendmentDrafting, accord.Begin(a.Side, e.scope.Now())
		return nil
	})
}

// EditAmendment changes a section of the text. The lead of the side that has the turn may;
// what was accepted is void after it.
func (s *Service) EditAmendment(ctx context.Context, id AmendmentID, seen tenants.Version, in Section) (*Amendment, error) {
	return s.amend(ctx, policies.EditPlan, id, seen, func(e editing, a *Amendment) error {
		if err := a.WhyNotEdit(e.scope.Actor()); err != nil {
			return err
		}
		before := a.Accord.Hash
		if err := in.put(ctx, e, &a.Text); err != nil {
			return err
		}
		// Who was a party may still read what would become of it.
		a.Readable(a.Text.audience()...)
		who := e.scope.Actor().Person
		if hash, err := accord.Hash(a.Text); err != nil || hash == before {
			who = "" // saved as it was: nobody wrote in it
		}
		return a.Write(a.Text, who)
	})
}

// HandOverAmendment gives the turn to the other side.
func (s *Service) HandOverAmendment(ctx context.Context, id AmendmentID, seen tenants.Version) (*Amendment, error) {
	return s.amend(ctx, policies.HandOverTurn, id, seen, func(e editing, a *Amendment) error {
		if err := a.WhyNotEdit(e.scope.Actor()); err != nil {
			return err
		}
		calendar, err := s.Calendar(ctx, e.scope)
		if err != nil {
			return err
		}
		return a.Turn.Hand(e.scope.Actor().Side, e.scope.Now(), calendar)
	})
}

// Reject puts an end to an open change and says why: the other side refuses it, or the
// side that proposed it takes it back.
func (s *Service) Reject(ctx context.Context, id AmendmentID, seen tenants.Version, in Reason) (*Amendment, error) {
	return s.amend(ctx, policies.RejectAmendment, id, seen, func(e editing, a *Amendment) error {
		if !a.MayReject(e.scope.Actor()) {
			return fault.New(fault.Conflict, "amendment_state", "state", string(a.State))
		}
		if fields := checkText("reason", in.Reason, true, maxText); len(fields) > 0 {
			return fault.Invalid(fields...)
		}
		a.Refusal = in.Reason
		a.end(AmendmentRejected)
		return nil
	})
}

// AcceptAmendment is one side's yes to the text as it stands, by whom a plan is accepted
// with. With both it becomes the plan.
func (s *Service) AcceptAmendment(ctx context.Context, id AmendmentID, seen tenants.Version, in Acceptance) (*Amendment, error) {
	side, capacity := tenants.ActorFrom(ctx).Side, policies.Signatory
	if side == policies.Agency {
		capacity = policies.Approver
	}
	a, err := s.amend(ctx, accepting(side), id, seen, func(e editing, a *Amendment) error {
		actor := e.scope.Actor()
		if err := a.acceptable(actor); err != nil {
			return err
		}
		p, err := s.programs.Get(ctx, e.scope, a.Program)
		if err == nil {
			err = p.amendable()
		}
		if err != nil {
			return err
		}
		err = a.Accord.Accept(accord.Acceptance{
			Side: actor.Side, Organisation: actor.Organisation, Person: actor.Person, Capacity: capacity, Hash: in.Hash, At: e.scope.Now(),
		})
		if err != nil || !a.Accord.Complete() {
			return err
		}
		now := e.scope.Now()
		a.State, a.WakeAt = AmendmentAccepted, &now
		return nil
	})
	if err != nil || a.State != AmendmentAccepted {
		return a, err
	}
	return s.takeEffect(ctx, a)
}

// done ends an edit that finds its work done already.
var errDone = errors.New("programs: done already")

// takeEffect makes an accepted text the plan, in steps that each may be done again: the
// plan that was is kept as a version, the program takes the text once (its version number
// says so), that is kept as a version too, and the amendment says that it is done. A crash
// between two of them is made good by the waker.
func (s *Service) takeEffect(ctx context.Context, a *Amendment) (*Amendment, error) {
	sc := s.Gate.System(ctx, a.Tenant, policies.AmendPlan)
	p, err := s.programs.Get(ctx, sc, a.Program)
	if err != nil {
		return nil, err
	}
	if p.AcceptedVersion < a.No {
		if err := s.freeze(ctx, p); err != nil {
			return nil, err
		}
		_, err = s.programs.Amend(ctx, sc, a.Program, func(p *Program) error {
			if p.AcceptedVersion >= a.No {
				return errDone
			}
			if err := p.amendable(); err != nil {
				return err
			}
			return s.replace(ctx, sc, p, a)
		})
		switch {
		case errors.Is(err, errDone):
		case fault.KindOf(err) == fault.Conflict && fault.CodeOf(err) == "program_state":
			// The program ended between the second yes and this moment.
			return s.amendments.Amend(ctx, sc, a.ID, func(a *Amendment) error { a.end(AmendmentLapsed); return nil })
		case err != nil:
			return nil, err
		}
	}
	if p, err = s.programs.Get(ctx, sc, a.Program); err != nil {
		return nil, err
	}
	if err := s.freeze(ctx, p); err != nil {
		return nil, err
	}
	return s.amendments.Amend(ctx, sc, a.ID, func(a *Amendment) error {
		a.Readable(p.Audience...)
		a.end(AmendmentEffective)
		return nil
	})
}

// replace puts an amendment's text in the place of the plan.
func (s *Service) replace(ctx context.Context, sc tenants.Scope, p *Program, a *Amendment) error {
	p.Agreed, p.AcceptedVersion = a.Text, a.No
	p.Accord, p.Editors = a.Accord, a.Editors
	p.readers()
	if p.State != BothAccepted {
		return nil
	}
	return s.begin(ctx, sc, p)
}

// wakeAmendment makes an accepted one effective, and lets one lapse that nobody worked on
// for long.
func (s *Service) wakeAmendment(ctx context.Context, sc tenants.Scope, a *Amendment) error {
	if a.State == AmendmentAccepted {
		_, err := s.takeEffect(ctx, a)
		return err
	}
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return err
	}
	_, err = s.amendments.Amend(ctx, sc, a.ID, func(a *Amendment) error {
		switch {
		case !a.IsOpen():
			a.WakeAt = nil
		case calendar.DayOf(sc.Now()).After(a.LapsesOn):
			a.end(AmendmentLapsed)
		default: // somebody worked on it, or the tenant's zone moved
			over := a.LapsesOn.Add(1).Begins(calendar.Zone())
			a.WakeAt = &over
		}
		return nil
	})
	return err
}

// Amendment gives one change of a plan. The leads and the parties of its program may, and
// when it is effective whoever reads the program.
func (s *Service) Amendment(ctx context.Context, id AmendmentID) (*Amendment, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.amendments.Get(ctx, sc, id)
}

// AmendmentCriteria narrow a list of changes of plans.
type AmendmentCriteria struct {
	Program ID               `where:"program,eq" query:"-"`
	State   []AmendmentState `where:"state,in" query:"state"`
}

// Amendments lists the changes of a program's plan that one may read, the latest first.
func (s *Service) Amendments(ctx context.Context, criteria AmendmentCriteria, q store.Query) (*store.Page[Amendment], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.amendments.List(ctx, sc, criteria, q)
}

// OpenAmendment is the open change of a program's plan; nil where there is none that one
// may read.
func (s *Service) OpenAmendment(ctx context.Context, program ID) (*Amendment, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.openAmendment(ctx, sc, program)
}

func (s *Service) openAmendment(ctx context.Context, sc tenants.Scope, program ID) (*Amendment, error) {
	a, err := s.amendments.Find(ctx, sc, struct {
		Open ID `where:"open,eq"`
	}{program})
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	return a, err
}

// AmendmentHistory is what happened to a change, the latest first.
func (s *Service) AmendmentHistory(ctx context.Context, id AmendmentID, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.amendments.History(ctx, sc, id, q)
}

// Amended is a change beside the plan that it changes.
type Amended struct {
	*Amendment
	// Changes are what the text would change. More counts those beyond what is listed.
	Changes []tenants.Difference `json:"changes"`
	More    int                  `json:"more"`
	// Before is the plan that it changes.
	Before Agreed `json:"-"`
}

// Beside puts a change beside the plan version that it changes.
func (s *Service) Beside(ctx context.Context, a *Amendment) (*Amended, error) {
	versions, err := s.Versions(ctx, a.Program)
	if err != nil {
		return nil, err
	}
	beside := &Amended{Amendment: a, Changes: []tenants.Difference{}}
	for _, v := range versions {
		if v.No == a.No-1 {
			beside.Before = v.Agreed
			beside.Changes, beside.More, err = store.Differences(v.Agreed, a.Text)
			return beside, err
		}
	}
	return nil, fault.NotFound("plan_version")
}
