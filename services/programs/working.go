package programs

import (
	"cmp"
	"context"
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/tenants"
)

// Working shows how an indicator's total is made, and what one more figure would make of
// it: each figure that it is made of, the mode, and the result before and after.
type Working struct {
	Indicator string      `json:"indicator"`
	Mode      Aggregation `json:"mode"`
	// Value is the figure as it would be kept: a whole that was made of its cells is in it.
	Value   Value          `json:"value"`
	Figures []WorkedFigure `json:"figures"`
	Before  Total          `json:"before"`
	After   Total          `json:"after"`
	Cells   []CellTotal    `json:"cells"`
}

// WorkedFigure is one figure of a working. New is the one that was tried.
type WorkedFigure struct {
	From  clocks.Day `json:"from"`
	To    clocks.Day `json:"to"`
	Place string     `json:"place"`
	Value Value      `json:"value"`
	New   bool       `json:"new"`
}

// Trial is the input of a preview: a report, and the actual in whose place it would stand.
type Trial struct {
	Report
	Replaces tenants.ID[Actual] `json:"replaces,omitempty"`
}

// Preview shows what a figure would make of its indicator's total if the other side
// accepted it, and keeps nothing. Whoever may report may.
func (s *Service) Preview(ctx context.Context, program ID, in Trial) (*Working, error) {
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
	in.Line = ""
	today, err := s.today(ctx, sc)
	if err != nil {
		return nil, err
	}
	if err := p.named(&in.Report, today); err != nil {
		return nil, err
	}
	accepted, err := s.accepted(ctx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	tried := &Actual{State: ActualAccepted, Program: p.ID}
	tried.ID, tried.UpdatedAt = in.Replaces, sc.Now()
	tried.take(p, in.Report)
	return p.working(accepted, tried), nil
}

// Worked shows what an actual that was submitted would make of its indicator's total; nil
// for one of a budget line and of an indicator that is gone.
func (s *Service) Worked(ctx context.Context, p *Program, a *Actual) (*Working, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	if p.Indicator(a.Indicator) == nil {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	accepted, err := s.accepted(ctx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	tried := *a
	tried.State = ActualAccepted
	return p.working(accepted, &tried), nil
}

// working puts an actual among the accepted ones of its indicator.
func (p *Program) working(accepted []*Actual, tried *Actual) *Working {
	ind := p.Indicator(tried.Indicator)
	w := &Working{Indicator: ind.ID, Mode: ind.Mode(), Value: tried.Value, Figures: []WorkedFigure{}, Before: ind.Total(accepted)}
	after := slices.DeleteFunc(slices.Clone(accepted), func(a *Actual) bool { return a.Indicator != ind.ID || a.ID != "" && a.ID == tried.ID })
	after = append(after, tried)
	slices.SortStableFunc(after, func(a, b *Actual) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, a := range after {
		w.Figures = append(w.Figures, WorkedFigure{From: a.From, To: a.To, Place: a.Place, Value: a.Value, New: a == tried})
	}
	w.After, w.Cells = ind.Total(after), ind.CellTotals(after)
	return w
}
