package programs

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Checklist is what stands open when a program is to be closed. An open amendment and
// actuals that nobody has decided hold the closing up; the rest is for the leads to weigh.
type Checklist struct {
	// PeriodOver says that the program's last day has passed.
	PeriodOver bool `json:"period_over"`
	// Amendment is the open one; empty without.
	Amendment AmendmentID `json:"amendment"`
	// Undecided are actuals that wait for the other side, Returned those that came back and
	// were not submitted again.
	Undecided int64 `json:"undecided"`
	Returned  int64 `json:"returned"`
	// Unreported are the indicators, by id, of which no actual was accepted.
	Unreported []string `json:"unreported"`
}

// Holds says that a program with this checklist is not closed.
func (c *Checklist) Holds() bool { return c.Amendment != "" || c.Undecided > 0 }

// Checklist looks at what of a program stands open. Whoever reads the program may.
func (s *Service) Checklist(ctx context.Context, id ID) (*Checklist, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	return s.checklist(ctx, sc, p)
}

func (s *Service) checklist(ctx context.Context, sc tenants.Scope, p *Program) (*Checklist, error) {
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return nil, err
	}
	c := &Checklist{PeriodOver: p.To != "" && calendar.DayOf(sc.Now()).After(p.To), Unreported: []string{}}
	open, err := s.openAmendment(ctx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	if open != nil {
		c.Amendment = open.ID
	}
	for state, n := range map[ActualState]*int64{ActualSubmitted: &c.Undecided, ActualReturned: &c.Returned} {
		total, err := s.actuals.Count(ctx, sc, ActualCriteria{Program: p.ID, State: []ActualState{state}})
		if err != nil {
			return nil, err
		}
		*n = int64(total.N)
	}
	accepted, err := s.accepted(ctx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	reported := map[string]bool{}
	for _, a := range accepted {
		reported[a.Indicator] = true
	}
	for _, ind := range p.Indicators {
		if !reported[ind.ID] {
			c.Unreported = append(c.Unreported, ind.ID)
		}
	}
	return c, nil
}

// Close begins the closing of an active program. Either lead may, while no amendment is
// open.
func (s *Service) Close(ctx context.Context, id ID, seen tenants.Version) (*Program, error) {
	return s.move(ctx, policies.CloseProgram, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.from(Active); err != nil {
			return err
		}
		open, err := s.openAmendment(ctx, sc, p.ID)
		switch {
		case err != nil:
			return err
		case open != nil:
			return fault.New(fault.Conflict, "closing_amendment_open")
		}
		p.State, p.Consents = Closing, nil
		p.consent(sc, MoveBeginClosing)
		return nil
	})
}

// ConfirmClosing closes a program once both leads say so and its checklist does not hold
// it up.
func (s *Service) ConfirmClosing(ctx context.Context, id ID, seen tenants.Version) (*Program, error) {
	return s.move(ctx, policies.ConfirmClosing, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.from(Closing); err != nil {
			return err
		}
		open, err := s.checklist(ctx, sc, p)
		switch {
		case err != nil:
			return err
		case open.Holds():
			return fault.New(fault.Conflict, "closing_undecided")
		}
		if p.consent(sc, MoveClose) {
			p.State, p.Consents = Closed, nil
		}
		return nil
	})
}
