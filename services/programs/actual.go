package programs

import (
	"context"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// ActualState is where a reported value stands.
type ActualState string

// States of an actual.
const (
	ActualDraft     ActualState = "draft"
	ActualSubmitted ActualState = "submitted"
	ActualAccepted  ActualState = "accepted"
	ActualReturned  ActualState = "returned"
)

// UnmarshalText refuses a state that is none.
func (s *ActualState) UnmarshalText(text []byte) error {
	return fault.OneOf(s, text, []ActualState{ActualDraft, ActualSubmitted, ActualAccepted, ActualReturned})
}

// Actual is what was reached of an indicator, or spent of a budget line, in a period at a
// place: reported by one side, accepted by the other. A corrected one keeps what it said
// before.
type Actual struct {
	tenants.Meta[Actual] `bson:",inline"`

	State     ActualState `json:"state"`
	Program   ID          `json:"program"`
	Indicator string      `json:"indicator"`
	// Line is the budget line of which Spent was spent; empty for an indicator's.
	Line  string       `json:"line,omitempty"`
	Spent *money.Money `json:"spent,omitempty"`
	// Title is what the indicator or the line was called when this was reported.
	Title string     `json:"title"`
	From  clocks.Day `json:"from"`
	To    clocks.Day `json:"to"`
	Place string     `json:"place"`
	Value Value      `json:"value"`
	// Cells break the value down by the indicator's dimensions; none where it was not.
	Cells    []Cell        `json:"cells"`
	Note     string        `json:"note"`
	Evidence string        `json:"evidence"`
	Side     policies.Side `json:"side"`
	// Reason is why it was returned.
	Reason   string           `json:"reason"`
	Reporter tenants.PersonID `json:"reporter"`
	Decider  tenants.PersonID `json:"decider"`
	Earlier  []Earlier        `json:"earlier"`
}

// Earlier is a value that was accepted and then corrected.
type Earlier struct {
	Value  Value        `json:"value"`
	Cells  []Cell       `json:"cells,omitempty"`
	Spent  *money.Money `json:"spent,omitempty"`
	Until  time.Time    `json:"until"`
	Reason string       `json:"reason"`
}

// Report is the input of an actual: of an indicator, or of a budget line.
type Report struct {
	Indicator string       `json:"indicator"`
	Line      string       `json:"line,omitempty"`
	Spent     *money.Money `json:"spent,omitempty"`
	From      clocks.Day   `json:"from"`
	To        clocks.Day   `json:"to"`
	Place     string       `json:"place"`
	Value     Value        `json:"value"`
	// Cells break the value down; a whole that is not given is made of them when all are.
	Cells    []Cell `json:"cells,omitempty"`
	Note     string `json:"note"`
	Evidence string `json:"evidence"`
}

// Correction is the input of correcting an accepted actual.
type Correction struct {
	Value  Value        `json:"value"`
	Cells  []Cell       `json:"cells"`
	Spent  *money.Money `json:"spent,omitempty"`
	Reason string       `json:"reason"`
}

func actualKind() store.Kind[Actual] {
	return store.Kind[Actual]{
		Name: "actuals", One: "actual", Prefix: "ac",
		Filters: []string{"program", "state"}, Sorts: []string{"-to", "-updated_at"},
		Title: func(a *Actual) string { return a.Title },
	}
}

// Check says what is always true of an actual.
func (a *Actual) Check() error {
	fields := append(checkText("note", a.Note, false, maxText), checkText("evidence", a.Evidence, false, maxText)...)
	switch {
	case a.From == "" || a.To == "":
		fields = append(fields, fault.On("from", "required"))
	case a.To.Before(a.From):
		fields = append(fields, fault.On("to", "period_reversed"))
	}
	return fault.Invalid(fields...)
}

// named holds an actual to the effective plan: its indicator, its period, one of its
// places, and a value of the indicator's measure. Percent states its numerator and
// denominator.
func (p *Program) named(in *Report, today clocks.Day) error {
	var fields []fault.Field
	switch ind := p.Indicator(in.Indicator); {
	case in.Line != "":
		fields = append(fields, p.checkSpent(*in)...)
	case ind == nil:
		fields = append(fields, fault.On("indicator", "indicator_unknown"))
	default:
		if fields = append(fields, ind.brokenDown(in)...); len(fields) == 0 {
			fields = append(fields, checkReported(ind.Measure, in.Value)...)
		}
	}
	if in.Place != "" && !slices.ContainsFunc(p.Places, func(place Place) bool { return place.ID == in.Place }) {
		fields = append(fields, fault.On("place", "place_unknown"))
	}
	if p.From != "" && in.From != "" && in.From.Before(p.From) {
		fields = append(fields, fault.On("from", "outside_period"))
	}
	if p.To != "" && in.To != "" && in.To.After(p.To) {
		fields = append(fields, fault.On("to", "outside_period"))
	}
	if len(fields) == 0 && in.From != "" && in.To != "" && !p.reportable(in.From, in.To, today) {
		fields = append(fields, fault.On("from", "period_locked"))
	}
	return fault.Invalid(fields...)
}

func checkReported(m Measure, v Value) []fault.Field {
	switch {
	case !v.Given() && !v.NotApplicable:
		return []fault.Field{fault.On("value", "required")}
	case m == Percent && !v.NotApplicable && (v.Numerator == "" || v.Denominator == ""):
		return []fault.Field{fault.On("value", "percent_parts")}
	}
	return v.check("value", m)
}

// reports says whether an organisation may report on a program now.
func (p *Program) reports(a tenants.Actor) error {
	party := slices.ContainsFunc(p.Parties, func(x Party) bool {
		return x.Organisation != "" && x.Organisation == a.Organisation && x.Role != ObserverParty && x.Role != Oversight
	})
	switch {
	case !p.Leads(a) && !party:
		return fault.New(fault.Forbidden, "not_a_party")
	case p.AcceptedVersion == 0:
		return fault.New(fault.Conflict, "plan_not_accepted")
	}
	return p.from(Active, Closing)
}

// MayReport says whether to paint the way to the form.
func (p *Program) MayReport(a tenants.Actor) bool { return p.reports(a) == nil }

// WhyNotReport is why a report would be refused now; nil when it would not.
func (p *Program) WhyNotReport(a tenants.Actor) error { return p.reports(a) }

// Report drafts an actual on an accepted, running program. Until it is submitted its
// organisation alone reads it.
func (s *Service) Report(ctx context.Context, program ID, in Report) (*Actual, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReportActual)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, program)
	if err != nil {
		return nil, err
	}
	if err := p.reports(sc.Actor()); err != nil {
		return nil, err
	}
	today, err := s.today(ctx, sc)
	if err != nil {
		return nil, err
	}
	if err := p.named(&in, today); err != nil {
		return nil, err
	}
	a := &Actual{State: ActualDraft, Program: p.ID, Side: sc.Actor().Side, Reporter: sc.Actor().Person}
	a.take(p, in)
	return s.actuals.Add(ctx, sc, a)
}

func (a *Actual) take(p *Program, in Report) {
	if a.Line = in.Line; in.Line != "" {
		a.Title, in.Indicator, in.Value, in.Cells = p.Line(in.Line).Line, "", Value{}, nil
	} else {
		a.Title, in.Spent = p.Indicator(in.Indicator).Title, nil
	}
	a.Spent = in.Spent
	a.Indicator, a.From, a.To, a.Place = in.Indicator, in.From, in.To, in.Place
	a.Value, a.Cells, a.Note, a.Evidence = in.Value, in.Cells, in.Note, in.Evidence
}

// change moves an actual; mine says that the reporting side does it, else the other
// side's lead.
func (s *Service) change(
	ctx context.Context, action policies.Action, id tenants.ID[Actual], seen tenants.Version, mine bool,
	move func(tenants.Scope, *Program, *Actual) error,
) (*Actual, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	a, err := s.actuals.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, a.Program)
	if err != nil {
		return nil, err
	}
	return s.actuals.Change(ctx, sc, id, seen, func(a *Actual) error {
		if err := a.allows(p, sc.Actor(), mine); err != nil {
			return err
		}
		return move(sc, p, a)
	})
}

// allows refuses whoever stands on the wrong side of an actual of p.
func (a *Actual) allows(p *Program, by tenants.Actor, mine bool) error {
	switch {
	case mine && a.Side != by.Side:
		return fault.New(fault.Forbidden, "actual_of_other_side")
	case mine:
		return p.reports(by)
	case a.Side == by.Side:
		return fault.New(fault.Forbidden, "actual_own_side")
	case !p.Leads(by):
		return fault.New(fault.Forbidden, "not_a_lead")
	}
	return nil
}

// MayDecide says that the record lets somebody accept or return an actual of p now.
func (a *Actual) MayDecide(p *Program, by tenants.Actor) bool {
	return a.State == ActualSubmitted && a.allows(p, by, false) == nil
}

// MayRevise says that the record lets somebody edit and submit an actual of p now.
func (a *Actual) MayRevise(p *Program, by tenants.Actor) bool {
	return (a.State == ActualDraft || a.State == ActualReturned) && a.allows(p, by, true) == nil
}

func (a *Actual) from(states ...ActualState) error {
	if !slices.Contains(states, a.State) {
		return fault.New(fault.Conflict, "actual_state", "state", string(a.State))
	}
	return nil
}

// EditActual changes a draft, or what was returned.
func (s *Service) EditActual(ctx context.Context, id tenants.ID[Actual], seen tenants.Version, in Report) (*Actual, error) {
	return s.change(ctx, policies.ReportActual, id, seen, true, func(sc tenants.Scope, p *Program, a *Actual) error {
		if err := a.from(ActualDraft, ActualReturned); err != nil {
			return err
		}
		today, err := s.today(ctx, sc)
		if err != nil {
			return err
		}
		if err := p.named(&in, today); err != nil {
			return err
		}
		a.take(p, in)
		return nil
	})
}

// Submit hands an actual to the other side. Whoever reads the program reads it from then on.
func (s *Service) Submit(ctx context.Context, id tenants.ID[Actual], seen tenants.Version) (*Actual, error) {
	return s.change(ctx, policies.SubmitActual, id, seen, true, func(sc tenants.Scope, p *Program, a *Actual) error {
		if err := a.from(ActualDraft, ActualReturned); err != nil {
			return err
		}
		today, err := s.today(ctx, sc)
		switch {
		case err != nil:
			return err
		case !p.reportable(a.From, a.To, today):
			return fault.New(fault.Conflict, "period_locked")
		}
		a.State, a.Reason = ActualSubmitted, ""
		a.Readable(p.Audience...)
		return nil
	})
}

// AcceptActual is the other side's yes.
func (s *Service) AcceptActual(ctx context.Context, id tenants.ID[Actual], seen tenants.Version) (*Actual, error) {
	return s.change(ctx, policies.AcceptActual, id, seen, false, func(sc tenants.Scope, _ *Program, a *Actual) error {
		if err := a.from(ActualSubmitted); err != nil {
			return err
		}
		a.State, a.Decider = ActualAccepted, sc.Actor().Person
		return nil
	})
}

// ReturnActual gives it back with the reason.
func (s *Service) ReturnActual(ctx context.Context, id tenants.ID[Actual], seen tenants.Version, in Reason) (*Actual, error) {
	return s.change(ctx, policies.ReturnActual, id, seen, false, func(sc tenants.Scope, _ *Program, a *Actual) error {
		if err := a.from(ActualSubmitted); err != nil {
			return err
		}
		if err := fault.Invalid(checkText("reason", in.Reason, true, maxText)...); err != nil {
			return err
		}
		a.State, a.Reason, a.Decider = ActualReturned, in.Reason, sc.Actor().Person
		return nil
	})
}

// Correct says anew what an accepted actual said, keeps the old value, and asks the
// other side again.
func (s *Service) Correct(ctx context.Context, id tenants.ID[Actual], seen tenants.Version, in Correction) (*Actual, error) {
	return s.change(ctx, policies.ReportActual, id, seen, true, func(sc tenants.Scope, p *Program, a *Actual) error {
		if err := a.from(ActualAccepted); err != nil {
			return err
		}
		if err := fault.Invalid(checkText("reason", in.Reason, true, maxText)...); err != nil {
			return err
		}
		report := Report{
			Indicator: a.Indicator, Line: a.Line, Spent: in.Spent, From: a.From, To: a.To, Place: a.Place, Value: in.Value, Cells: in.Cells,
			Note: a.Note, Evidence: a.Evidence,
		}
		today, err := s.today(ctx, sc)
		if err != nil {
			return err
		}
		if err := p.named(&report, today); err != nil {
			return err
		}
		a.Earlier = append(a.Earlier, Earlier{Value: a.Value, Cells: a.Cells, Spent: a.Spent, Until: sc.Now(), Reason: in.Reason})
		a.take(p, report)
		a.State, a.Decider = ActualSubmitted, ""
		return nil
	})
}

// ActualCriteria narrow a list of actuals.
type ActualCriteria struct {
	Program ID            `where:"program,eq" query:"program"`
	State   []ActualState `where:"state,in" query:"state"`
}

// Actuals lists what was reported.
func (s *Service) Actuals(ctx context.Context, criteria ActualCriteria, q store.Query) (*store.Page[Actual], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.actuals.List(ctx, sc, criteria, q)
}

// ActualHistory is what happened to an actual, the latest first.
func (s *Service) ActualHistory(ctx context.Context, id tenants.ID[Actual], q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.actuals.History(ctx, sc, id, q)
}

// Actual reads one.
func (s *Service) Actual(ctx context.Context, id tenants.ID[Actual]) (*Actual, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.actuals.Get(ctx, sc, id)
}
