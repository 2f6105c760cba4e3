package programs

import (
	"context"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Basics is the input of the first section of a plan.
type Basics struct {
	Title   string     `json:"title"`
	Purpose string     `json:"purpose"`
	From    clocks.Day `json:"from"`
	To      clocks.Day `json:"to"`
}

// edit changes the plan. The lead of the side that has the turn may; what was accepted
// is void after it.
func (s *Service) edit(ctx context.Context, id ID, seen tenants.Version, change func(tenants.Scope, *Program) error) (*Program, error) {
	sc, err := s.Gate.Enter(ctx, policies.EditPlan)
	if err != nil {
		return nil, err
	}
	return s.programs.Change(ctx, sc, id, seen, func(p *Program) error {
		if err := p.mayEdit(sc.Actor()); err != nil {
			return err
		}
		if err := change(sc, p); err != nil {
			return err
		}
		return p.revise(sc)
	})
}

// mayEdit says whether an actor's organisation may write in the plan now.
func (p *Program) mayEdit(a tenants.Actor) error {
	switch {
	case !p.Editable():
		return fault.New(fault.Conflict, "plan_effective")
	case !p.Leads(a):
		return fault.New(fault.Forbidden, "not_a_lead")
	case p.Turn.Side != a.Side:
		return fault.New(fault.Conflict, "turn_not_yours")
	}
	return nil
}

// MayEdit says whether to paint the way to the forms.
func (p *Program) MayEdit(a tenants.Actor) bool { return p.mayEdit(a) == nil }

// WhyNotEdit is why an edit of the plan would be refused now; nil when it would not.
func (p *Program) WhyNotEdit(a tenants.Actor) error { return p.mayEdit(a) }

// EditBasics changes title, purpose and period.
func (s *Service) EditBasics(ctx context.Context, id ID, seen tenants.Version, in Basics) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		p.Title, p.Purpose, p.From, p.To = in.Title, in.Purpose, in.From, in.To
		return nil
	})
}

// Places is the input of the section of places.
type Places struct {
	Places []Place `json:"places"`
}

// EditPlaces replaces the places.
func (s *Service) EditPlaces(ctx context.Context, id ID, seen tenants.Version, in Places) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		number := numbering("pl", len(in.Places), func(i int) *string { return &in.Places[i].ID })
		p.Places = in.Places
		return number
	})
}

// Parties is the input of the section of parties.
type Parties struct {
	Parties []Party `json:"parties"`
}

// EditParties replaces the parties. One with an organisation's id lets it read the
// program; one that is taken out reads it no more.
func (s *Service) EditParties(ctx context.Context, id ID, seen tenants.Version, in Parties) (*Program, error) {
	return s.edit(ctx, id, seen, func(sc tenants.Scope, p *Program) error {
		for i := range in.Parties {
			party := &in.Parties[i]
			if party.Organisation == "" {
				continue
			}
			name, _, err := s.Organisation(ctx, sc, party.Organisation)
			if err != nil {
				return fault.Invalid(fault.On(at("parties", i, "organisation"), "organisation_unknown"))
			}
			party.Name = name
		}
		p.Parties = in.Parties
		p.readers()
		return numbering("pr", len(in.Parties), func(i int) *string { return &in.Parties[i].ID })
	})
}

// readers lets the leads and the parties read, beside the tenant if it does already.
func (p *Program) readers() {
	open := slices.Contains(p.Audience, tenants.ForTenant)
	p.Audience = nil
	for _, l := range []*Lead{p.LeadAgency, p.LeadCSO} {
		if l != nil {
			p.Readable(string(l.Organisation))
		}
	}
	for _, party := range p.Parties {
		p.Readable(string(party.Organisation))
	}
	if open {
		p.Readable(tenants.ForTenant)
	}
}

// Activities is the input of the workplan.
type Activities struct {
	Activities []Activity `json:"activities"`
}

// EditActivities replaces the workplan.
func (s *Service) EditActivities(ctx context.Context, id ID, seen tenants.Version, in Activities) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		p.Activities = in.Activities
		return numbering("ac", len(in.Activities), func(i int) *string { return &in.Activities[i].ID })
	})
}

// Budget is the input of the budget.
type Budget struct {
	Budget []BudgetLine `json:"budget"`
}

// EditBudget replaces the budget.
func (s *Service) EditBudget(ctx context.Context, id ID, seen tenants.Version, in Budget) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		p.Budget = in.Budget
		return numbering("bl", len(in.Budget), func(i int) *string { return &in.Budget[i].ID })
	})
}

// Results is the input of the results framework.
type Results struct {
	Results    []ResultNode `json:"results"`
	Indicators []Indicator  `json:"indicators"`
}

// EditResults replaces the results framework.
func (s *Service) EditResults(ctx context.Context, id ID, seen tenants.Version, in Results) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		p.Results, p.Indicators = in.Results, in.Indicators
		for i := range in.Indicators {
			ind := &in.Indicators[i]
			if err := numbering("tg", len(ind.Targets), func(j int) *string { return &ind.Targets[j].ID }); err != nil {
				return err
			}
		}
		if err := numbering("rs", len(in.Results), func(i int) *string { return &in.Results[i].ID }); err != nil {
			return err
		}
		return numbering("ix", len(in.Indicators), func(i int) *string { return &in.Indicators[i].ID })
	})
}

// Risks is the input of the risks.
type Risks struct {
	Risks []Risk `json:"risks"`
}

// EditRisks replaces the risks.
func (s *Service) EditRisks(ctx context.Context, id ID, seen tenants.Version, in Risks) (*Program, error) {
	return s.edit(ctx, id, seen, func(_ tenants.Scope, p *Program) error {
		p.Risks = in.Risks
		return numbering("rk", len(in.Risks), func(i int) *string { return &in.Risks[i].ID })
	})
}

// numbering gives rows without an id the next free number of their list, and refuses
// one id for two rows. Ids are short, because people name rows by them in forms.
func numbering(prefix string, n int, id func(int) *string) error {
	used := map[string]bool{}
	for i := range n {
		if known := *id(i); known != "" {
			if used[known] || len(known) > 80 {
				return fault.New(fault.Unprocessable, "row_id_repeated")
			}
			used[known] = true
		}
	}
	next := 1
	for i := range n {
		for *id(i) == "" {
			if candidate := prefix + strconv.Itoa(next); !used[candidate] {
				*id(i) = candidate
				used[candidate] = true
			}
			next++
		}
	}
	return nil
}
