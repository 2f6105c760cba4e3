package programs

import (
	"context"
	"errors"
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Reason is the input of a move that asks for one.
type Reason struct {
	Reason string `json:"reason"`
}

// Suspension is the input of Suspend: why, what stops, and until when.
type Suspension struct {
	Reason string     `json:"reason"`
	Stops  string     `json:"stops"`
	Until  clocks.Day `json:"until"`
}

// Acceptance is the input of Accept: the hash of the text that was read.
type Acceptance struct {
	Hash string `json:"hash"`
}

// from refuses a move in a state it does not begin in, and all but the end of a draft
// before both sides accepted the plan: an imported program may say that it runs, and until
// both stand by it there is nothing for them to suspend, end or close (invariant 27).
func (p *Program) from(states ...State) error {
	switch {
	case !slices.Contains(states, p.State):
		return fault.New(fault.Conflict, "program_state", "state", string(p.State))
	case p.State != Drafting && p.AcceptedVersion == 0:
		return fault.New(fault.Conflict, "plan_not_accepted")
	}
	return nil
}

func (p *Program) because(reason string) error {
	if fields := checkText("reason", reason, true, maxText); len(fields) > 0 {
		return fault.Invalid(fields...)
	}
	p.Reason = reason
	return nil
}

// move is a change by one of the leads.
func (s *Service) move(
	ctx context.Context, action policies.Action, id ID, seen tenants.Version, change func(tenants.Scope, *Program) error,
) (*Program, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	return s.programs.Change(ctx, sc, id, seen, func(p *Program) error {
		if !p.Leads(sc.Actor()) {
			return fault.New(fault.Forbidden, "not_a_lead")
		}
		return change(sc, p)
	})
}

// HandOver gives the turn to the other side's lead.
func (s *Service) HandOver(ctx context.Context, id ID, seen tenants.Version) (*Program, error) {
	return s.move(ctx, policies.HandOverTurn, id, seen, func(sc tenants.Scope, p *Program) error {
		switch {
		case !p.Editable():
			return fault.New(fault.Conflict, "plan_effective")
		case p.LeadOf(sc.Actor().Side.Opposite()) == nil:
			return fault.New(fault.Conflict, "lead_missing")
		}
		calendar, err := s.Calendar(ctx, sc)
		if err != nil {
			return err
		}
		return p.Turn.Hand(sc.Actor().Side, sc.Now(), calendar)
	})
}

// Accept is one side's yes to the plan as it stands: the agency's by an approver, the
// CSO's by its signatory, and on either side by somebody who did not write in it. With
// both, a program made here becomes active when its first day has come; an imported one
// keeps its state.
func (s *Service) Accept(ctx context.Context, id ID, seen tenants.Version, in Acceptance) (*Program, error) {
	side, capacity := tenants.ActorFrom(ctx).Side, policies.Signatory
	if side == policies.Agency {
		capacity = policies.Approver
	}
	p, err := s.move(ctx, accepting(side), id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.accept(sc, capacity, in.Hash); err != nil || p.AcceptedVersion == 0 || p.State != BothAccepted {
			return err
		}
		return s.begin(ctx, sc, p)
	})
	if err != nil {
		return nil, err
	}
	return p, s.freeze(ctx, p)
}

// acceptable refuses a yes that the record does not allow, whatever text it is to.
func (p *Program) acceptable(by tenants.Actor) error {
	switch {
	case !p.Editable():
		return fault.New(fault.Conflict, "plan_effective")
	case p.LeadAgency == nil || p.LeadCSO == nil:
		return fault.New(fault.Conflict, "lead_missing")
	case !p.whole():
		return fault.New(fault.Conflict, "plan_incomplete")
	case p.WrittenBy(by.Person):
		return fault.New(fault.Forbidden, "approver_wrote_plan")
	}
	return nil
}

// MayAccept says that the record lets somebody give the yes of their side now, and that
// it is missing.
func (p *Program) MayAccept(by tenants.Actor) bool {
	return p.Leads(by) && p.acceptable(by) == nil && p.Accord.Lacks(by)
}

func (p *Program) accept(sc tenants.Scope, capacity policies.Role, hash string) error {
	actor := sc.Actor()
	if err := p.acceptable(actor); err != nil {
		return err
	}
	err := p.Accord.Accept(accord.Acceptance{
		Side: actor.Side, Organisation: actor.Organisation, Person: actor.Person, Capacity: capacity, Hash: hash, At: sc.Now(),
	})
	if err != nil || !p.Accord.Complete() {
		return err
	}
	p.AcceptedVersion++
	p.Readable(tenants.ForTenant)
	if p.Origin == MadeHere {
		p.State = BothAccepted
	}
	return nil
}

// begin makes an accepted program active when its first day has come, else asks to be
// woken then.
func (s *Service) begin(ctx context.Context, sc tenants.Scope, p *Program) error {
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return err
	}
	p.WakeAt = nil
	if p.Begun(sc.Now(), calendar.Zone()) {
		p.State = Active
		return nil
	}
	first := p.From.Begins(calendar.Zone())
	p.WakeAt = &first
	return nil
}

// wake is called when an accepted program's first day has come.
func (s *Service) wake(ctx context.Context, sc tenants.Scope, p *Program) error {
	_, err := s.programs.Amend(ctx, sc, p.ID, func(p *Program) error {
		if p.State != BothAccepted {
			p.WakeAt = nil
			return nil
		}
		return s.begin(ctx, sc, p)
	})
	return err
}

// Abandon gives a draft up. Either lead may, and says why.
func (s *Service) Abandon(ctx context.Context, id ID, seen tenants.Version, in Reason) (*Program, error) {
	return s.move(ctx, policies.AbandonProgram, id, seen, func(_ tenants.Scope, p *Program) error {
		if err := errors.Join(p.from(Drafting), p.because(in.Reason)); err != nil {
			return err
		}
		p.State = Abandoned
		return nil
	})
}

// Suspend lets an active program rest. Either lead may; it says why, what stops and
// until when.
func (s *Service) Suspend(ctx context.Context, id ID, seen tenants.Version, in Suspension) (*Program, error) {
	return s.move(ctx, policies.SuspendProgram, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.from(Active); err != nil {
			return err
		}
		fields := append(checkText("reason", in.Reason, true, maxText), checkText("stops", in.Stops, true, maxText)...)
		calendar, err := s.Calendar(ctx, sc)
		switch {
		case err != nil:
			return err
		case in.Until == "":
			fields = append(fields, fault.On("until", "required"))
		case in.Until.Before(calendar.DayOf(sc.Now())):
			fields = append(fields, fault.On("until", "period_reversed"))
		}
		if err := fault.Invalid(fields...); err != nil {
			return err
		}
		p.State, p.Reason, p.Consents = Suspended, in.Reason, nil
		p.Pause = &Pause{Reason: in.Reason, Stops: in.Stops, Until: in.Until, Side: sc.Actor().Side}
		return nil
	})
}

// consent notes one side's yes to a move that needs both, and says whether both gave it.
func (p *Program) consent(sc tenants.Scope, move string) bool {
	if !p.Consented(move, sc.Actor().Side) {
		p.Consents = append(p.Consents, Consent{Move: move, Side: sc.Actor().Side, Person: sc.Actor().Person, At: sc.Now()})
	}
	return p.Consented(move, policies.Agency) && p.Consented(move, policies.CSO)
}

// Moves that need both leads.
const (
	MoveResume = "resume"
	// MoveBeginClosing is one side's alone; it is noted so that the other knows who began.
	MoveBeginClosing = "close"
	MoveClose        = "confirm-closing"
	MoveEndEarly     = "end-early"
)

// MayConsent says that the record lets somebody give their side's yes to a move that
// needs both now, and that it is missing.
func (p *Program) MayConsent(by tenants.Actor, move string) bool {
	from := map[string]State{MoveResume: Suspended, MoveClose: Closing, MoveEndEarly: Active}
	return p.Leads(by) && p.from(from[move]) == nil && !p.Consented(move, by.Side)
}

// Consented says that a side has said yes to a move that needs both.
func (p *Program) Consented(move string, side policies.Side) bool {
	return slices.ContainsFunc(p.Consents, func(c Consent) bool { return c.Move == move && c.Side == side })
}

// Resume takes a suspended program up again, once both leads say so.
func (s *Service) Resume(ctx context.Context, id ID, seen tenants.Version) (*Program, error) {
	return s.move(ctx, policies.ResumeProgram, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.from(Suspended); err != nil {
			return err
		}
		if p.consent(sc, MoveResume) {
			p.State, p.Pause, p.Consents = Active, nil, nil
		}
		return nil
	})
}

// EndEarly ends an active program before its time, once both leads say so; each says why.
func (s *Service) EndEarly(ctx context.Context, id ID, seen tenants.Version, in Reason) (*Program, error) {
	return s.move(ctx, policies.EndProgramEarly, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := errors.Join(p.from(Active), p.because(in.Reason)); err != nil {
			return err
		}
		if p.consent(sc, MoveEndEarly) {
			p.State, p.Consents = EndedEarly, nil
		}
		return nil
	})
}
