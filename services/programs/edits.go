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

// Section is the input of an edit: a part of a plan's text, which takes the place of what
// stood there. Basics, Places, Parties, Activities, Budget, Results and Risks are the
// sections.
type Section interface {
	put(context.Context, editing, *Agreed) error
}

// editing is what a section may ask while it is put into a text.
type editing struct {
	*Service
	scope tenants.Scope
	// fresh ends the ids of new rows. An amendment's have the number of its version, so
	// that no row is ever called what an earlier plan called another one.
	fresh string
}

// Basics is the input of the first section of a plan.
type Basics struct {
	Title   string     `json:"title"`
	Purpose string     `json:"purpose"`
	From    clocks.Day `json:"from"`
	To      clocks.Day `json:"to"`
}

// EditPlan changes a section of a plan in drafting. The lead of the side that has the turn
// may; what was accepted is void after it.
func (s *Service) EditPlan(ctx context.Context, id ID, seen tenants.Version, in Section) (*Program, error) {
	return s.edit(ctx, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := in.put(ctx, editing{Service: s, scope: sc}, &p.Agreed); err != nil {
			return err
		}
		p.readers()
		return nil
	})
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

func (in Basics) put(_ context.Context, _ editing, a *Agreed) error {
	a.Title, a.Purpose, a.From, a.To = in.Title, in.Purpose, in.From, in.To
	return nil
}

// Places is the input of the section of places.
type Places struct {
	Places []Place `json:"places"`
}

func (in Places) put(_ context.Context, e editing, a *Agreed) error {
	a.Places = in.Places
	return e.number("pl", len(in.Places), func(i int) *string { return &in.Places[i].ID })
}

// Parties is the input of the section of parties. One with an organisation's id lets it
// read the program; one that is taken out reads it no more.
type Parties struct {
	Parties []Party `json:"parties"`
}

func (in Parties) put(ctx context.Context, e editing, a *Agreed) error {
	for i := range in.Parties {
		party := &in.Parties[i]
		if party.Organisation == "" {
			continue
		}
		name, _, err := e.Organisation(ctx, e.scope, party.Organisation)
		if err != nil {
			return fault.Invalid(fault.On(at("parties", i, "organisation"), "organisation_unknown"))
		}
		party.Name = name
	}
	a.Parties = in.Parties
	return e.number("pr", len(in.Parties), func(i int) *string { return &in.Parties[i].ID })
}

// readers lets the leads and the parties read, beside the tenant if it does already.
func (p *Program) readers() {
	open := slices.Contains(p.Audience, tenants.ForTenant)
	p.Audience = p.audience()
	if open {
		p.Readable(tenants.ForTenant)
	}
}

// Activities is the input of the workplan.
type Activities struct {
	Activities []Activity `json:"activities"`
}

func (in Activities) put(_ context.Context, e editing, a *Agreed) error {
	a.Activities = in.Activities
	return e.number("ac", len(in.Activities), func(i int) *string { return &in.Activities[i].ID })
}

// Budget is the input of the budget.
type Budget struct {
	Budget []BudgetLine `json:"budget"`
}

func (in Budget) put(_ context.Context, e editing, a *Agreed) error {
	a.Budget = in.Budget
	return e.number("bl", len(in.Budget), func(i int) *string { return &in.Budget[i].ID })
}

// Results is the input of the results framework.
type Results struct {
	Results    []ResultNode `json:"results"`
	Indicators []Indicator  `json:"indicators"`
}

func (in Results) put(_ context.Context, e editing, a *Agreed) error {
	a.Results, a.Indicators = in.Results, in.Indicators
	for i := range in.Indicators {
		ind := &in.Indicators[i]
		if err := e.number("tg", len(ind.Targets), func(j int) *string { return &ind.Targets[j].ID }); err != nil {
			return err
		}
		if err := e.numberDimensions(ind); err != nil {
			return err
		}
	}
	if err := e.number("rs", len(in.Results), func(i int) *string { return &in.Results[i].ID }); err != nil {
		return err
	}
	return e.number("ix", len(in.Indicators), func(i int) *string { return &in.Indicators[i].ID })
}

// Risks is the input of the risks.
type Risks struct {
	Risks []Risk `json:"risks"`
}

func (in Risks) put(_ context.Context, e editing, a *Agreed) error {
	a.Risks = in.Risks
	return e.number("rk", len(in.Risks), func(i int) *string { return &in.Risks[i].ID })
}

// number gives rows without an id the next free number of their list, and refuses one id
// for two rows. Ids are short, because people name rows by them in forms.
func (e editing) number(prefix string, n int, id func(int) *string) error {
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
			if candidate := prefix + strconv.Itoa(next) + e.fresh; !used[candidate] {
				*id(i) = candidate
				used[candidate] = true
			}
			next++
		}
	}
	return nil
}
