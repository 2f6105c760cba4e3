package programs

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
)

// Limits of how an indicator is broken down.
const (
	maxDimensions = 4
	maxCategories = 30
	maxCells      = 200
)

// Dimension is one way in which an indicator's figures are broken down, and the closed list
// of its categories: sex: women, men. Dimensions and categories go by ids, so that an
// amendment may mend a name and the figures stay joined.
type Dimension struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Categories []Category `json:"categories"`
}

// Category is one of a dimension's.
type Category struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Cell is a figure of one category of each dimension of its indicator, in their order.
type Cell struct {
	Categories []string `json:"categories"`
	Value      Value    `json:"value"`
}

func cellKey(categories []string) string { return strings.Join(categories, "/") }

// Cells lists what an indicator is broken down into: one of each dimension's categories, in
// their order. It is nil where there are no dimensions.
func (ind *Indicator) Cells() [][]string {
	if len(ind.Dimensions) == 0 {
		return nil
	}
	list := [][]string{nil}
	for _, d := range ind.Dimensions {
		var longer [][]string
		for _, cell := range list {
			for _, c := range d.Categories {
				longer = append(longer, append(slices.Clone(cell), c.ID))
			}
		}
		list = longer
	}
	return list
}

// CellName is what a cell is called: its categories' names.
func (ind *Indicator) CellName(categories []string) string {
	names := make([]string, len(categories))
	for i, id := range categories {
		names[i] = id
		if i >= len(ind.Dimensions) {
			continue
		}
		for _, c := range ind.Dimensions[i].Categories {
			if c.ID == id {
				names[i] = c.Name
			}
		}
	}
	return strings.Join(names, " · ")
}

// checkDimensions holds dimensions to counts and shares, whose parts make the whole, and to
// a number of cells that people can fill.
func (ind *Indicator) checkDimensions(i int) []fault.Field {
	if len(ind.Dimensions) == 0 {
		return nil
	}
	name := fmt.Sprintf("indicators.%d.dimensions", i)
	if ind.Measure != CountOf && ind.Measure != Percent {
		return []fault.Field{fault.On(name, "dimensions_unfit")}
	}
	if len(ind.Dimensions) > maxDimensions {
		return []fault.Field{fault.On(name, "too_many", "max", strconv.Itoa(maxDimensions))}
	}
	var fields []fault.Field
	cells := 1
	for j, d := range ind.Dimensions {
		at := fmt.Sprintf("%s.%d", name, j)
		fields = append(fields, checkText(at+".name", d.Name, true, maxShort)...)
		switch n := len(d.Categories); {
		case n < 2:
			fields = append(fields, fault.On(at+".categories", "categories_few"))
		case n > maxCategories:
			fields = append(fields, fault.On(at+".categories", "too_many", "max", strconv.Itoa(maxCategories)))
		}
		seen := map[string]bool{}
		for k, c := range d.Categories {
			field := fmt.Sprintf("%s.categories.%d.name", at, k)
			fields = append(fields, checkText(field, c.Name, true, maxShort)...)
			if folded := strings.ToLower(strings.TrimSpace(c.Name)); seen[folded] {
				fields = append(fields, fault.On(field, "category_repeated"))
			} else {
				seen[folded] = true
			}
		}
		cells *= max(1, min(len(d.Categories), maxCells+1))
	}
	if cells > maxCells && len(fields) == 0 {
		fields = append(fields, fault.On(name, "cells_too_many", "max", strconv.Itoa(maxCells)))
	}
	return fields
}

// numberDimensions gives new dimensions and categories of an indicator their ids.
func (e editing) numberDimensions(ind *Indicator) error {
	if err := e.number("di", len(ind.Dimensions), func(j int) *string { return &ind.Dimensions[j].ID }); err != nil {
		return err
	}
	var all []*string
	for j := range ind.Dimensions {
		for k := range ind.Dimensions[j].Categories {
			all = append(all, &ind.Dimensions[j].Categories[k].ID)
		}
	}
	return e.number("ca", len(all), func(i int) *string { return all[i] })
}

// brokenDown holds the cells of a report to the indicator, leaves out those that say
// nothing, and makes the whole of them where it was not given and they are all there.
func (ind *Indicator) brokenDown(in *Report) []fault.Field {
	in.Cells = slices.DeleteFunc(in.Cells, func(c Cell) bool { return !c.Value.Given() && !c.Value.NotApplicable })
	if len(in.Cells) == 0 {
		in.Cells = nil
		return nil
	}
	if in.Value.NotApplicable {
		return []fault.Field{fault.On("cells", "value_and_not_applicable")}
	}
	known := map[string]bool{}
	for _, cell := range ind.Cells() {
		known[cellKey(cell)] = true
	}
	var fields []fault.Field
	seen := map[string]bool{}
	var of []*Actual
	for i, c := range in.Cells {
		field := fmt.Sprintf("cells.%d", i)
		switch key := cellKey(c.Categories); {
		case !known[key]:
			fields = append(fields, fault.On(field+".categories", "cell_unknown"))
		case seen[key]:
			fields = append(fields, fault.On(field+".categories", "cell_repeated"))
		default:
			seen[key] = true
		}
		for _, wrong := range checkReported(ind.Measure, c.Value) {
			fields = append(fields, fault.On(field+"."+wrong.Name, wrong.Code))
		}
		if !c.Value.NotApplicable {
			of = append(of, &Actual{Value: c.Value})
		}
	}
	if len(fields) > 0 {
		return fields
	}
	return ind.whole(in, of, len(seen) == len(known))
}

// whole compares the whole with its cells: all of them make it, and some of them are no
// more than it.
func (ind *Indicator) whole(in *Report, of []*Actual, complete bool) []fault.Field {
	made, ok := ind.joined(of)
	switch {
	case !ok:
		return []fault.Field{fault.On("value", "decimal_malformed")}
	case !in.Value.Given() && complete:
		in.Value = made
		return nil
	case !in.Value.Given():
		return []fault.Field{fault.On("value", "cells_incomplete")}
	}
	for _, part := range [][2]string{{made.Value, in.Value.Value}, {made.Numerator, in.Value.Numerator}, {made.Denominator, in.Value.Denominator}} {
		cells, ok1 := number(part[0])
		total, ok2 := number(part[1])
		if !ok1 || !ok2 {
			continue // a value that is no number is refused by its own name
		}
		switch sign := cells.Cmp(total); {
		case complete && sign != 0:
			return []fault.Field{fault.On("value", "cells_differ", "sum", part[0])}
		case sign > 0:
			return []fault.Field{fault.On("value", "cells_exceed", "sum", part[0])}
		}
	}
	return nil
}

// joined adds up counts, and the parts of shares.
func (ind *Indicator) joined(of []*Actual) (Value, bool) {
	if ind.Measure == Percent {
		return pool(of)
	}
	sum, places := new(big.Rat), 0
	for _, a := range of {
		r, ok := a.Value.Rat()
		if !ok {
			return Value{}, false
		}
		sum.Add(sum, r)
		places = max(places, decimals(a.Value.Value))
	}
	return Value{Value: decimal(sum, places)}, true
}

// CellTotal is what the accepted figures of one cell come to.
type CellTotal struct {
	Categories []string `json:"categories"`
	Name       string   `json:"name"`
	Total      Total    `json:"total"`
}

// CellTotals joins the accepted figures of each cell by the indicator's mode. A cell that
// an actual does not have makes no total there: it is not known, and not 0.
func (ind *Indicator) CellTotals(actuals []*Actual) []CellTotal {
	list := []CellTotal{}
	for _, cell := range ind.Cells() {
		key := cellKey(cell)
		of := make([]*Actual, 0, len(actuals))
		for _, a := range actuals {
			if a.Indicator != ind.ID || a.State != ActualAccepted {
				continue
			}
			part := *a
			part.Value = Value{}
			for _, c := range a.Cells {
				if cellKey(c.Categories) == key {
					part.Value = c.Value
				}
			}
			of = append(of, &part)
		}
		total := ind.Total(of)
		if total.Making == MadeOf && !total.Value.Given() {
			total = Total{Making: NoFigures}
		}
		list = append(list, CellTotal{Categories: cell, Name: ind.CellName(cell), Total: total})
	}
	return list
}
