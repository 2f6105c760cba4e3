package programs

import (
	"context"
	"math/big"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Progress is how far each indicator of a program has come, by all its accepted actuals.
func (s *Service) Progress(ctx context.Context, p *Program) ([]Progress, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	all, err := s.accepted(ctx, sc, p.ID)
	return p.ProgressOf(all), err
}

// accepted are all accepted actuals of a program.
func (s *Service) accepted(ctx context.Context, sc tenants.Scope, program ID) ([]*Actual, error) {
	var all []*Actual
	criteria := ActualCriteria{Program: program, State: []ActualState{ActualAccepted}}
	for q := (store.Query{Limit: store.MaxLimit}); ; {
		page, err := s.actuals.List(ctx, sc, criteria, q)
		if err != nil {
			return nil, err
		}
		if all = append(all, page.Items...); page.Next == nil {
			return all, nil
		}
		q.Cursor = *page.Next
	}
}

// Progress is how far an indicator has come from its baseline to its last target.
type Progress struct {
	Indicator *Indicator
	Target    *Target
	// Latest is the accepted actual of the latest period, nil without one.
	Latest *Actual
	// Total is what all accepted actuals come to.
	Total Total
	// Cells are what the accepted figures of each cell come to.
	Cells []CellTotal
	// BasisPoints of the way are done, -1 where that cannot be said.
	BasisPoints int64
}

// ProgressOf joins a plan's indicators with the accepted actuals among those given.
func (p *Program) ProgressOf(actuals []*Actual) []Progress {
	list := make([]Progress, 0, len(p.Indicators))
	for i := range p.Indicators {
		row := Progress{Indicator: &p.Indicators[i], BasisPoints: -1}
		for j := range row.Indicator.Targets {
			if t := &row.Indicator.Targets[j]; row.Target == nil || t.To.After(row.Target.To) {
				row.Target = t
			}
		}
		for _, a := range actuals {
			if a.Indicator == row.Indicator.ID && a.State == ActualAccepted && (row.Latest == nil || a.To.After(row.Latest.To)) {
				row.Latest = a
			}
		}
		row.Total, row.Cells = row.Indicator.Total(actuals), row.Indicator.CellTotals(actuals)
		row.BasisPoints = row.done()
		list = append(list, row)
	}
	return list
}

// done is the share of the way from baseline to target, between 0 and 10,000.
func (r Progress) done() int64 {
	if r.Target == nil || r.Total.Making != MadeOf {
		return -1
	}
	target, ok1 := r.Target.Value.Rat()
	reached, ok2 := r.Total.Value.Rat()
	base, ok := r.Indicator.Baseline.Rat()
	if !ok {
		base = new(big.Rat)
	}
	if !ok1 || !ok2 {
		return -1
	}
	way := new(big.Rat).Sub(target, base)
	if way.Sign() == 0 {
		return -1
	}
	share := new(big.Rat).Sub(reached, base)
	share.Quo(share, way).Mul(share, big.NewRat(10_000, 1))
	n := new(big.Int).Quo(share.Num(), share.Denom())
	switch {
	case n.Sign() < 0:
		return 0
	case !n.IsInt64() || n.Int64() > 10_000:
		return 10_000
	}
	return n.Int64()
}
