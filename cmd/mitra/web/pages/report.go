package pages

import (
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/programs"
)

// ReportForm reports or edits an actual.
type ReportForm struct {
	Program *programs.Program
	Actual  *programs.Actual
	// Indicator is the one that was chosen; nil while none was.
	Indicator *programs.Indicator
	// Last is what was accepted last of the indicator.
	Last *programs.Actual
}

func (v ReportForm) actual() *programs.Actual {
	if v.Actual != nil {
		return v.Actual
	}
	return &programs.Actual{}
}

func (v ReportForm) title(s *Shown) string {
	if v.Actual != nil {
		return s.T("actuals.edit")
	}
	return s.T("actuals.report")
}

func (v ReportForm) to(s *Shown) string {
	if v.Actual != nil {
		return s.In("/actuals/" + string(v.Actual.ID) + "/edit")
	}
	return s.In("/programs/" + string(v.Program.ID) + "/actuals")
}

func (v ReportForm) back(s *Shown) string {
	if v.Actual != nil {
		return s.In("/actuals/" + string(v.Actual.ID))
	}
	return s.In("/programs/" + string(v.Program.ID) + "?section=results")
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
