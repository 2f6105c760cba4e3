package pages

import (
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
)

// ReportForm reports or edits an actual.
type ReportForm struct {
	Program *programs.Program
	Actual  *programs.Actual
	// Indicator is the one that was chosen; nil while none was.
	Indicator *programs.Indicator
	// Line is the budget line of which something was spent; nil for an indicator's actual.
	Line *programs.BudgetLine
	// Last is what was accepted last of the indicator.
	Last *programs.Actual
	// Working is what the typed figure would make of the total; nil while nobody asked.
	Working *programs.Working
}

func (v ReportForm) actual() *programs.Actual {
	if v.Actual != nil {
		return v.Actual
	}
	return &programs.Actual{}
}

func (v ReportForm) title(s *Shown) string {
	switch {
	case v.Actual != nil:
		return s.T("actuals.edit")
	case v.Line != nil:
		return s.T("spending.report")
	}
	return s.T("actuals.report")
}

func (v ReportForm) to(s *Shown) string {
	if v.Actual != nil {
		return s.In("/actuals/" + string(v.Actual.ID) + "/edit")
	}
	return s.In("/programs/" + string(v.Program.ID) + "/actuals")
}

// preview is where the form shows what its figure would make of the total.
func (v ReportForm) preview(s *Shown) string {
	return s.In("/programs/" + string(v.Program.ID) + "/actuals/preview")
}

func (v ReportForm) back(s *Shown) string {
	if v.Actual != nil {
		return s.In("/actuals/" + string(v.Actual.ID))
	}
	if v.Line != nil {
		return s.In("/programs/" + string(v.Program.ID) + "?section=money")
	}
	return s.In("/programs/" + string(v.Program.ID) + "?section=results")
}

// spent is the amount as a field of a form holds it.
func spentText(s *Shown, a *programs.Actual) string {
	if a.Spent == nil {
		return ""
	}
	return s.W.Amount(*a.Spent)
}

// actualTitle is what an actual is about: the plan's words for it, or those of its day.
func actualTitle(p *programs.Program, a *programs.Actual) string {
	if line := p.Line(a.Line); line != nil {
		return line.Line
	}
	if ind := p.Indicator(a.Indicator); ind != nil {
		return ind.Title
	}
	return a.Title
}

// reportedText is what an actual says: a figure, or money.
func reportedText(s *Shown, v programs.Value, spent *money.Money) string {
	if spent != nil {
		return s.W.Money(*spent)
	}
	return valueText(s, v)
}

func (v ReportForm) indicators() []Option {
	list := make([]Option, 0, len(v.Program.Indicators))
	for i, ind := range v.Program.Indicators {
		list = append(list, Option{Value: ind.ID, Text: withUnit(&ind), Chosen: i == 0})
	}
	return list
}

func (v ReportForm) places(s *Shown) []Option {
	list := []Option{{Text: s.T("actuals.everywhere")}}
	for _, p := range v.Program.Places {
		list = append(list, Option{Value: p.ID, Text: placeText(p), Chosen: p.ID == v.actual().Place})
	}
	return list
}

func withUnit(ind *programs.Indicator) string {
	if ind.Unit == "" {
		return ind.Title
	}
	return ind.Title + " (" + ind.Unit + ")"
}

// measureOf is the kind of an indicator's values; a count where the indicator is gone.
func measureOf(p *programs.Program, id string) programs.Measure {
	if ind := p.Indicator(id); ind != nil {
		return ind.Measure
	}
	return programs.CountOf
}

// aim is the last target of the form's indicator, and its period.
func (v ReportForm) aim(s *Shown) string {
	var last *programs.Target
	for i := range v.Indicator.Targets {
		if t := &v.Indicator.Targets[i]; last == nil || t.To.After(last.To) {
			last = t
		}
	}
	if last == nil {
		return dash("")
	}
	return valueText(s, last.Value) + " · " + s.W.DayRange(last.From, last.To)
}

// reached is what was accepted last.
func (v ReportForm) reached(s *Shown) string {
	if v.Last == nil {
		return s.T("actuals.none_accepted")
	}
	return valueText(s, v.Last.Value) + " · " + s.W.DayRange(v.Last.From, v.Last.To)
}

// Closed is a form that would be refused, with the reason in its place.
type Closed struct {
	Title   string
	Program *programs.Program
	Why     Message
	// Starts is when the program begins to run, where that is what is waited for.
	Starts clocks.Day
}
