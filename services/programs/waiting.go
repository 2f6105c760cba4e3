package programs

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// Waiting lists what waits for whoever asks: turns, acceptances and consents of the
// programs that their organisation leads and of changes to their plans, actuals to decide,
// and their own that came back. It is one query for the programs, one for the changes, one
// for each state of the actuals, and one for the programs that they belong to.
func (s *Service) Waiting(ctx context.Context) ([]work.Item, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	a := sc.Actor()
	if a.Side.Opposite() == "" {
		return nil, nil
	}
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return nil, err
	}
	led, err := s.ledBy(ctx, sc)
	if err != nil {
		return nil, err
	}
	var list []work.Item
	known := make(map[ID]*Program, len(led))
	for _, p := range led {
		known[p.ID] = p
		list = append(list, s.asked(ctx, p, a, calendar.DayOf(sc.Now()))...)
	}
	amendments, err := s.amendmentsAsked(ctx, sc, led)
	if err != nil {
		return nil, err
	}
	actuals, err := s.actualsAsked(ctx, sc, known)
	return append(append(list, amendments...), actuals...), err
}

// amendmentsAsked are what open changes of the programs that somebody's organisation leads
// ask of them.
func (s *Service) amendmentsAsked(ctx context.Context, sc tenants.Scope, led []*Program) ([]work.Item, error) {
	ids := make([]ID, 0, len(led))
	for _, p := range led {
		if p.AcceptedVersion > 0 {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	open, err := s.amendments.Some(ctx, sc, struct {
		Open []ID `where:"open,in"`
	}{ids}, "", len(ids))
	if err != nil {
		return nil, err
	}
	by := sc.Actor()
	var list []work.Item
	for _, a := range open {
		ask := func(what work.Ask) *work.Item {
			list = append(list, work.Item{Ask: what, Kind: "program_amendment", Record: string(a.ID), Title: a.Title, Since: a.UpdatedAt, Due: a.LapsesOn})
			return &list[len(list)-1]
		}
		switch {
		case a.MayTakeUp(by) && s.Gate.May(ctx, policies.TakeUpAmendment):
			ask(work.TakeUpAmendment).Since = a.CreatedAt
		case a.MayEdit(by) && s.Gate.May(ctx, policies.EditPlan):
			ask(work.WriteAmendment).Since = a.Turn.Since
		}
		if a.MayAccept(by) && s.Gate.May(ctx, accepting(by.Side)) {
			what := work.AcceptAmendment
			if a.Accord.By(by.Side.Opposite()) {
				what = work.AcceptAmendmentToo
			}
			ask(what)
		}
	}
	return list, nil
}

// ledBy are the programs that the organisation of whoever asks leads.
func (s *Service) ledBy(ctx context.Context, sc tenants.Scope) ([]*Program, error) {
	var criteria struct {
		Agency tenants.OrganisationID `where:"lead_agency.organisation,eq"`
		CSO    tenants.OrganisationID `where:"lead_cso.organisation,eq"`
	}
	if sc.Actor().Side == policies.Agency {
		criteria.Agency = sc.Actor().Organisation
	} else {
		criteria.CSO = sc.Actor().Organisation
	}
	return s.programs.Some(ctx, sc, criteria, "-updated_at", work.Most)
}

// asked is what a program asks of a person: what their role and the program let them do.
func (s *Service) asked(ctx context.Context, p *Program, a tenants.Actor, today clocks.Day) []work.Item {
	var list []work.Item
	ask := func(what work.Ask) *work.Item {
		list = append(list, work.Item{Ask: what, Kind: "program", Record: string(p.ID), Title: p.Title, Since: p.UpdatedAt})
		return &list[len(list)-1]
	}
	other := a.Side.Opposite()
	if p.MayEdit(a) && s.Gate.May(ctx, policies.EditPlan) {
		ask(work.WritePlan).Since = p.Turn.Since
	}
	if p.MayAccept(a) && s.Gate.May(ctx, accepting(a.Side)) {
		what := work.AcceptPlan
		if p.Accord.By(other) {
			what = work.AcceptPlanToo
		}
		ask(what)
	}
	if p.MayConsent(a, MoveResume) && s.Gate.May(ctx, policies.ResumeProgram) {
		over := p.Pause != nil && today.After(p.Pause.Until)
		switch {
		case p.Consented(MoveResume, other):
			ask(work.AgreeToResume)
		case over:
			ask(work.ResumeNow).Due = p.Pause.Until
		}
	}
	if p.MayConsent(a, MoveEndEarly) && p.Consented(MoveEndEarly, other) && s.Gate.May(ctx, policies.EndProgramEarly) {
		ask(work.AgreeToEndEarly)
	}
	if p.MayConsent(a, MoveClose) && s.Gate.May(ctx, policies.ConfirmClosing) {
		ask(work.ConfirmClosing)
	}
	return list
}

// accepting is the act that accepting a plan is for a side.
func accepting(side policies.Side) policies.Action {
	if side == policies.Agency {
		return policies.AcceptPlanAsAgency
	}
	return policies.AcceptPlanAsCSO
}

// actualsAsked are the actuals that a person may decide or revise now.
func (s *Service) actualsAsked(ctx context.Context, sc tenants.Scope, known map[ID]*Program) ([]work.Item, error) {
	a := sc.Actor()
	var all []*Actual
	for _, of := range []struct {
		state  ActualState
		side   policies.Side
		action policies.Action
	}{{ActualSubmitted, a.Side.Opposite(), policies.AcceptActual}, {ActualReturned, a.Side, policies.SubmitActual}} {
		if !s.Gate.May(ctx, of.action) {
			continue
		}
		some, err := s.actuals.Some(ctx, sc, struct {
			State ActualState   `where:"state,eq"`
			Side  policies.Side `where:"side,eq"`
		}{of.state, of.side}, "-updated_at", work.Most)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if err := s.alsoKnown(ctx, sc, known, all); err != nil {
		return nil, err
	}
	var list []work.Item
	for _, actual := range all {
		what, p := work.DecideActual, known[actual.Program]
		switch {
		case p == nil:
			continue
		case actual.MayRevise(p, a):
			what = work.CorrectActual
		case !actual.MayDecide(p, a):
			continue
		}
		list = append(list, work.Item{Ask: what, Kind: "actual", Record: string(actual.ID), Title: actual.Title, From: actual.From, To: actual.To, Since: actual.UpdatedAt})
	}
	return list, nil
}

// alsoKnown reads the programs of actuals that are not among the known ones, at once.
func (s *Service) alsoKnown(ctx context.Context, sc tenants.Scope, known map[ID]*Program, of []*Actual) error {
	var missing []ID
	asked := map[ID]bool{}
	for _, a := range of {
		if known[a.Program] == nil && !asked[a.Program] {
			asked[a.Program] = true
			missing = append(missing, a.Program)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	list, err := s.programs.Some(ctx, sc, struct {
		ID []ID `where:"_id,in"`
	}{missing}, "", len(missing))
	for _, p := range list {
		known[p.ID] = p
	}
	return err
}
