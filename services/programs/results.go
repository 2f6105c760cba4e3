package programs

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

// Level is a result's place in the chain (OECD-DAC).
type Level string

// Levels.
const (
	Impact  Level = "impact"
	Outcome Level = "outcome"
	Output  Level = "output"
)

// Levels lists them from the highest.
func Levels() []Level { return []Level{Impact, Outcome, Output} }

// ResultNode is what is to change.
type ResultNode struct {
	ID     string `json:"id"`
	Level  Level  `json:"level"`
	Title  string `json:"title"`
	Parent string `json:"parent"`
}

// Measure is what kind of value an indicator has.
type Measure string

// Measures.
const (
	CountOf Measure = "count"
	Percent Measure = "percent"
	Ratio   Measure = "ratio"
	Scale   Measure = "scale"
	Words   Measure = "text"
)

// Measures lists them.
func Measures() []Measure { return []Measure{CountOf, Percent, Ratio, Scale, Words} }

// Indicator is what is measured of a result.
type Indicator struct {
	ID      string  `json:"id"`
	Node    string  `json:"node"`
	Title   string  `json:"title"`
	Measure Measure `json:"measure"`
	Unit    string  `json:"unit"`
	Lower   bool    `json:"lower_is_better"`
	// Aggregation is how figures of several periods and places make one; empty is Latest.
	Aggregation Aggregation `json:"aggregation"`
	Baseline    Value       `json:"baseline"`
	BaseOn      string      `json:"baseline_on"`
	Targets     []Target    `json:"targets"`
	// Dimensions are how its figures are broken down.
	Dimensions []Dimension `json:"dimensions"`
}

// Target is the aim of an indicator in a period.
type Target struct {
	ID    string     `json:"id"`
	From  clocks.Day `json:"from"`
	To    clocks.Day `json:"to"`
	Value Value      `json:"value"`
	// Told is what an imported file said was reached; nobody here has accepted it.
	Told Value `json:"told"`
}

func (p *Plan) checkResults() []fault.Field {
	fields := p.checkNodes()
	for i := range p.Indicators {
		ind := &p.Indicators[i]
		fields = append(fields, checkText(at("indicators", i, "title"), ind.Title, true, maxText)...)
		fields = append(fields, checkText(at("indicators", i, "unit"), ind.Unit, false, 60)...)
		if !slices.ContainsFunc(p.Results, func(n ResultNode) bool { return n.ID == ind.Node }) {
			fields = append(fields, fault.On(at("indicators", i, "node"), "result_unknown"))
		}
		if !slices.Contains(Measures(), ind.Measure) {
			fields = append(fields, fault.On(at("indicators", i, "measure"), "choice_unknown"))
		}
		if !slices.Contains(ind.Measure.Aggregations(), ind.Mode()) {
			fields = append(fields, fault.On(at("indicators", i, "aggregation"), "aggregation_unfit"))
		}
		fields = append(fields, ind.Baseline.check(at("indicators", i, "baseline"), ind.Measure)...)
		fields = append(fields, ind.checkTargets(i)...)
		fields = append(fields, ind.checkDimensions(i)...)
	}
	return fields
}

// checkNodes holds the results to trees: a parent is another result of the plan, and
// none is its own ancestor.
func (p *Plan) checkNodes() []fault.Field {
	var fields []fault.Field
	parents := map[string]string{}
	for _, n := range p.Results {
		parents[n.ID] = n.Parent
	}
	for i, n := range p.Results {
		fields = append(fields, checkText(at("results", i, "title"), n.Title, true, maxText)...)
		if !slices.Contains(Levels(), n.Level) {
			fields = append(fields, fault.On(at("results", i, "level"), "choice_unknown"))
		}
		if n.Parent == "" {
			continue
		}
		if _, ok := parents[n.Parent]; !ok || n.Parent == n.ID {
			fields = append(fields, fault.On(at("results", i, "parent"), "result_unknown"))
		} else if ownAncestor(parents, n.ID) {
			fields = append(fields, fault.On(at("results", i, "parent"), "result_cycle"))
		}
	}
	return fields
}

// ownAncestor walks up at most once past every result.
func ownAncestor(parents map[string]string, id string) bool {
	above := parents[id]
	for range parents {
		if above == "" || above == id {
			break
		}
		above = parents[above]
	}
	return above == id
}

func (ind *Indicator) checkTargets(i int) []fault.Field {
	if len(ind.Targets) > maxRows {
		return []fault.Field{fault.On(at("indicators", i, "targets"), "too_many", "max", strconv.Itoa(maxRows))}
	}
	var fields []fault.Field
	for j, target := range ind.Targets {
		name := fmt.Sprintf("indicators.%d.targets.%d", i, j)
		fields = append(fields, target.Value.check(name+".value", ind.Measure)...)
		fields = append(fields, target.Told.check(name+".told", ind.Measure)...)
		if target.From == "" || target.To == "" {
			fields = append(fields, fault.On(name+".from", "required"))
		} else if target.To.Before(target.From) {
			fields = append(fields, fault.On(name+".to", "period_reversed"))
		}
	}
	return fields
}

// Indicator finds one of the plan's indicators.
func (p *Plan) Indicator(id string) *Indicator {
	for i := range p.Indicators {
		if p.Indicators[i].ID == id {
			return &p.Indicators[i]
		}
	}
	return nil
}
