package programs

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

// Line finds one of the budget's lines.
func (p *Plan) Line(id string) *BudgetLine {
	for i := range p.Budget {
		if p.Budget[i].ID == id {
			return &p.Budget[i]
		}
	}
	return nil
}

// checkSpent holds what was spent to a line of the effective budget and to its currency.
func (p *Program) checkSpent(in Report) []fault.Field {
	line := p.Line(in.Line)
	switch {
	case line == nil:
		return []fault.Field{fault.On("line", "line_unknown")}
	case in.Indicator != "":
		return []fault.Field{fault.On("indicator", "line_and_indicator")}
	case in.Spent == nil || in.Spent.Currency == "":
		return []fault.Field{fault.On("spent", "required")}
	case in.Spent.Currency != line.Amount.Currency:
		return []fault.Field{fault.On("spent", "money_currency_differs")}
	case in.Spent.Amount <= 0:
		return []fault.Field{fault.On("spent", "spent_not_positive")}
	}
	return nil
}

// Spending is the budget against what was spent of it, by what the other side accepted.
type Spending struct {
	Lines []LineSpent `json:"lines"`
	// Total is of all lines.
	Total LineSpent `json:"total"`
	// Apart counts actuals that no line of today's budget can hold: of a line that is gone,
	// or in a currency that is no more the budget's.
	Apart int `json:"apart"`
	// Reports are the actuals that it was made of, the latest period first.
	Reports []*Actual `json:"-"`
}

// LineSpent is one line of the budget: what was planned, what was accepted as spent, and
// what waits for the other side.
type LineSpent struct {
	Line    string      `json:"line"`
	Planned money.Money `json:"planned"`
	Spent   money.Money `json:"spent"`
	Waiting money.Money `json:"waiting"`
	// BasisPoints of what was planned are spent, more than 10,000 where it is overspent; -1
	// where nothing was planned.
	BasisPoints int64 `json:"basis_points"`
}

func (l *LineSpent) share() {
	l.BasisPoints = -1
	if l.Planned.Amount > 0 {
		share := new(big.Int).Mul(big.NewInt(l.Spent.Amount), big.NewInt(10_000)) // which may not fit an int64
		l.BasisPoints = share.Quo(share, big.NewInt(l.Planned.Amount)).Int64()
	}
}

// Spending puts what was spent against the budget. Whoever reads the program may.
func (s *Service) Spending(ctx context.Context, id ID) (*Spending, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	var all []*Actual
	for a, err := range s.actuals.Each(ctx, sc, ActualCriteria{Program: id, State: []ActualState{ActualAccepted, ActualSubmitted}}) {
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return p.SpendingOf(all), nil
}

// SpendingOf joins a budget with the actuals of its lines among those given.
func (p *Plan) SpendingOf(actuals []*Actual) *Spending {
	s := &Spending{Lines: make([]LineSpent, len(p.Budget))}
	at := map[string]*LineSpent{}
	for i, line := range p.Budget {
		none := money.Money{Currency: line.Amount.Currency}
		s.Lines[i] = LineSpent{Line: line.ID, Planned: line.Amount, Spent: none, Waiting: none}
		at[line.ID] = &s.Lines[i]
	}
	for _, a := range actuals {
		if a.Line == "" || a.Spent == nil {
			continue
		}
		s.Reports = append(s.Reports, a)
		row := at[a.Line]
		if row == nil {
			s.Apart++
			continue
		}
		into := &row.Spent
		if a.State == ActualSubmitted {
			into = &row.Waiting
		}
		sum, err := into.Add(*a.Spent)
		if err != nil {
			s.Apart++
			continue
		}
		*into = sum
	}
	for i := range s.Lines {
		row := &s.Lines[i]
		row.share()
		if i == 0 {
			s.Total = LineSpent{Planned: row.Planned, Spent: row.Spent, Waiting: row.Waiting}
			continue
		}
		s.Total.Planned, _ = s.Total.Planned.Add(row.Planned) // one currency, and a total that fits: invariant 24
		s.Total.Spent = added(s.Total.Spent, row.Spent)
		s.Total.Waiting = added(s.Total.Waiting, row.Waiting)
	}
	s.Total.share()
	slices.SortStableFunc(s.Reports, func(a, b *Actual) int { return cmp.Compare(b.To, a.To) })
	return s
}

// added is a sum, or what was there where it does not fit.
func added(a, b money.Money) money.Money {
	if sum, err := a.Add(b); err == nil {
		return sum
	}
	return a
}
