package programs

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Window lets figures about some days be reported until a day. Periods are locked by
// default (invariant 15): a lead of either side opens one for both, and it locks itself.
type Window struct {
	From clocks.Day `json:"from"`
	To   clocks.Day `json:"to"`
	// Until is the last day on which one may report.
	Until  clocks.Day       `json:"until"`
	Side   policies.Side    `json:"side"`
	Person tenants.PersonID `json:"person"`
	At     time.Time        `json:"at"`
	// Reason is why a period was opened that had been open before.
	Reason string `json:"reason"`
}

// open says that one may report on a day.
func (w *Window) open(today clocks.Day) bool { return w != nil && !today.After(w.Until) }

// ReportingPeriod is a period of the effective plan about which one may report while it is
// open.
type ReportingPeriod struct {
	From clocks.Day `json:"from"`
	To   clocks.Day `json:"to"`
	Open bool       `json:"open"`
	// Window is how it was opened last; nil when it never was.
	Window *Window `json:"window"`
}

// ReportingPeriods are the periods of the plan's targets and that of the program itself,
// the earliest first.
func (p *Program) ReportingPeriods(today clocks.Day) []ReportingPeriod {
	list := []ReportingPeriod{}
	add := func(from, to clocks.Day) {
		known := slices.ContainsFunc(list, func(r ReportingPeriod) bool { return r.From == from && r.To == to })
		if from == "" || to == "" || known {
			return
		}
		w := p.window(from, to)
		list = append(list, ReportingPeriod{From: from, To: to, Open: w.open(today), Window: w})
	}
	for _, ind := range p.Indicators {
		for _, t := range ind.Targets {
			add(t.From, t.To)
		}
	}
	add(p.From, p.To)
	slices.SortStableFunc(list, func(a, b ReportingPeriod) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return list
}

func (p *Program) window(from, to clocks.Day) *Window {
	for i := range p.Reporting {
		if p.Reporting[i].From == from && p.Reporting[i].To == to {
			return &p.Reporting[i]
		}
	}
	return nil
}

// reportable says that figures about some days may be written on a day: a window that is
// open holds them.
func (p *Program) reportable(from, to, today clocks.Day) bool {
	return slices.ContainsFunc(p.Reporting, func(w Window) bool {
		return w.open(today) && !from.Before(w.From) && !to.After(w.To)
	})
}

// Reportable says that some period is open on a day.
func (p *Program) Reportable(today clocks.Day) bool {
	return slices.ContainsFunc(p.Reporting, func(w Window) bool { return w.open(today) })
}

// Today is the day in the tenant's zone.
func (s *Service) Today(ctx context.Context) (clocks.Day, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return "", err
	}
	return s.today(ctx, sc)
}

func (s *Service) today(ctx context.Context, sc tenants.Scope) (clocks.Day, error) {
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return "", err
	}
	return calendar.DayOf(sc.Now()), nil
}

// Opening is the input of opening a reporting period.
type Opening struct {
	From   clocks.Day `json:"from"`
	To     clocks.Day `json:"to"`
	Until  clocks.Day `json:"until"`
	Reason string     `json:"reason"`
}

// maxOpen is for how many days a period is opened at most.
const maxOpen = 92

// MayOpenReporting says whether to paint the way to open and lock periods.
func (p *Program) MayOpenReporting(by tenants.Actor) bool {
	return p.Leads(by) && p.from(Active, Closing) == nil
}

// OpenReporting lets both sides report about a period until a day, at most 92 days ahead.
// Either lead may; one that opens a period again says why.
func (s *Service) OpenReporting(ctx context.Context, id ID, seen tenants.Version, in Opening) (*Program, error) {
	return s.move(ctx, policies.OpenReporting, id, seen, func(sc tenants.Scope, p *Program) error {
		if err := p.from(Active, Closing); err != nil {
			return err
		}
		today, err := s.today(ctx, sc)
		if err != nil {
			return err
		}
		known := p.window(in.From, in.To)
		fields := checkText("reason", in.Reason, known != nil, maxText)
		switch {
		case !slices.ContainsFunc(p.ReportingPeriods(today), func(r ReportingPeriod) bool { return r.From == in.From && r.To == in.To }):
			fields = append(fields, fault.On("from", "period_unknown"))
		case in.Until == "":
			fields = append(fields, fault.On("until", "required"))
		case !in.Until.After(today):
			fields = append(fields, fault.On("until", "day_past"))
		case today.Until(in.Until) > maxOpen:
			fields = append(fields, fault.On("until", "open_too_long", "max", strconv.Itoa(maxOpen)))
		}
		if err := fault.Invalid(fields...); err != nil {
			return err
		}
		if known == nil {
			p.Reporting = append(p.Reporting, Window{From: in.From, To: in.To})
			known = &p.Reporting[len(p.Reporting)-1]
		}
		known.Until, known.Side, known.Person, known.At, known.Reason = in.Until, sc.Actor().Side, sc.Actor().Person, sc.Now(), in.Reason
		return nil
	})
}

// Locking is the input of locking a reporting period.
type Locking struct {
	From clocks.Day `json:"from"`
	To   clocks.Day `json:"to"`
}

// LockReporting ends the time for reports about a period before its day. Either lead may.
func (s *Service) LockReporting(ctx context.Context, id ID, seen tenants.Version, in Locking) (*Program, error) {
	return s.move(ctx, policies.LockReporting, id, seen, func(sc tenants.Scope, p *Program) error {
		today, err := s.today(ctx, sc)
		if err != nil {
			return err
		}
		w := p.window(in.From, in.To)
		if !w.open(today) {
			return fault.New(fault.Conflict, "period_locked")
		}
		w.Until, w.Side, w.Person, w.At = today.Add(-1), sc.Actor().Side, sc.Actor().Person, sc.Now()
		return nil
	})
}
