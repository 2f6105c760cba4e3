package exchange

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/programs"
)

// framework is what of a plan the standard calls results.
type framework struct {
	Results    []programs.ResultNode `json:"results"`
	Indicators []programs.Indicator  `json:"indicators"`
}

// results are the file's, or those of the plan where it says something else; and in them
// the actuals that the other side accepted here.
func (e *exportedActivity) results() {
	same := e.unchanged(func(in programs.Import) any { return framework{in.Plan.Results, in.Plan.Indicators} }, framework{e.p.Results, e.p.Indicators})
	if !same {
		e.a.Results = nil
		for _, node := range e.p.Results {
			e.a.Results = append(e.a.Results, e.result(node))
		}
	}
	at := e.indicators()
	for i := range e.p.Indicators {
		e.actuals(&e.p.Indicators[i], at[e.p.Indicators[i].ID])
	}
}

// indicators are the activity's, by the ids of the plan's: both are in one order, result by
// result.
func (e *exportedActivity) indicators() map[string]*iati.Indicator {
	var ids []string
	for _, node := range e.p.Results {
		for _, ind := range e.p.Indicators {
			if ind.Node == node.ID {
				ids = append(ids, ind.ID)
			}
		}
	}
	at := map[string]*iati.Indicator{}
	for i := range e.a.Results {
		for j := range e.a.Results[i].Indicators {
			if len(at) < len(ids) {
				at[ids[len(at)]] = &e.a.Results[i].Indicators[j]
			}
		}
	}
	return at
}

// resultTypes and indicatorMeasures are the ways back of levels and measures.
var (
	resultTypes       = map[programs.Level]iati.ResultType{programs.Output: iati.Output, programs.Outcome: iati.Outcome, programs.Impact: iati.Impact}
	indicatorMeasures = map[programs.Measure]iati.Measure{
		programs.CountOf: iati.Unit, programs.Percent: iati.Percentage, programs.Ratio: iati.Unit, programs.Scale: iati.Ordinal, programs.Words: iati.Qualitative,
	}
)

func (e *exportedActivity) result(node programs.ResultNode) iati.Result {
	r := iati.Result{Type: resultTypes[node.Level], Titles: e.texts(node.Title)}
	for _, ind := range e.p.Indicators {
		if ind.Node == node.ID {
			r.Indicators = append(r.Indicators, e.indicator(ind))
		}
	}
	return r
}

func (e *exportedActivity) indicator(ind programs.Indicator) iati.Indicator {
	out := iati.Indicator{
		Measure: indicatorMeasures[ind.Measure], Ascending: !ind.Lower, Aggregation: ind.Mode() == programs.Sum, Titles: e.texts(ind.Title),
	}
	if figure, ok := e.figure(ind.Measure, ind.Baseline); ok {
		b := iati.Baseline{Figure: figure}
		day := clocks.Day("")
		if day.UnmarshalText([]byte(ind.BaseOn)) == nil {
			b.Day = day
		}
		b.Year, _ = strconv.Atoi(firstYear(cmp.Or(clocks.Day(ind.BaseOn), e.p.From)))
		if b.Year == 0 {
			b.Year = e.p.CreatedAt.Year()
		}
		out.Baselines = append(out.Baselines, b)
	}
	for _, t := range ind.Targets {
		period := iati.Period{From: t.From, To: t.To}
		if figure, ok := e.figure(ind.Measure, t.Value); ok {
			period.Targets = append(period.Targets, figure)
		}
		if figure, ok := e.figure(ind.Measure, t.Told); ok {
			period.Actuals = append(period.Actuals, figure)
		}
		out.Periods = append(out.Periods, period)
	}
	return out
}

// figure is a value as the standard writes it: a share in per cent with its parts beside
// it, words as a comment. What does not apply, or was not said, is no figure.
func (e *exportedActivity) figure(m programs.Measure, v programs.Value) (iati.Figure, bool) {
	switch {
	case v.NotApplicable || !v.Given():
		return iati.Figure{}, false
	case m == programs.Words:
		return iati.Figure{Comment: e.texts(v.Value)}, true
	case v.Numerator == "":
		return iati.Figure{Value: v.Value}, true
	}
	r, ok := v.Rat()
	if !ok {
		return iati.Figure{}, false
	}
	return iati.Figure{Value: programs.Plain(r, 4), Comment: e.texts(v.Numerator + " / " + v.Denominator)}, true
}

// cells are the parts of an actual that was broken down, each with its dimensions.
func (e *exportedActivity) cells(ind *programs.Indicator, actual *programs.Actual) []iati.Figure {
	var list []iati.Figure
	for _, c := range actual.Cells {
		figure, ok := e.figure(ind.Measure, c.Value)
		if !ok {
			continue
		}
		for i, d := range ind.Dimensions {
			for _, category := range d.Categories {
				if i < len(c.Categories) && category.ID == c.Categories[i] {
					figure.Dimensions = append(figure.Dimensions, iati.Dimension{Name: d.Name, Value: category.Name})
				}
			}
		}
		list = append(list, figure)
	}
	return list
}

// actuals puts what was accepted here into the periods of an indicator, new ones where it
// has none of those days.
func (e *exportedActivity) actuals(ind *programs.Indicator, into *iati.Indicator) {
	if into == nil {
		return
	}
	for _, actual := range e.p.Actuals {
		figure, ok := e.figure(ind.Measure, actual.Value)
		if actual.Indicator != ind.ID || !ok {
			continue
		}
		e.changed = true
		if slices.ContainsFunc(e.a.Locations, func(l iati.Location) bool { return l.Ref != "" && l.Ref == actual.Place }) {
			figure.Locations = []string{actual.Place}
		}
		i := slices.IndexFunc(into.Periods, func(p iati.Period) bool { return p.From == actual.From && p.To == actual.To })
		if i < 0 {
			// Before the first period that begins or ends later, so that the file's own stay in order.
			i = slices.IndexFunc(into.Periods, func(p iati.Period) bool {
				return cmp.Or(cmp.Compare(p.From, actual.From), cmp.Compare(p.To, actual.To)) > 0
			})
			if i < 0 {
				i = len(into.Periods)
			}
			into.Periods = slices.Insert(into.Periods, i, iati.Period{From: actual.From, To: actual.To})
		}
		into.Periods[i].Actuals = append(append(into.Periods[i].Actuals, figure), e.cells(ind, actual)...)
	}
}
