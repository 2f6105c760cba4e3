package pages

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/programs"
)

// How many empty lines of categories a dimension ends with, and a new one begins with.
const (
	spareCategories = 2
	newCategories   = 4
)

// dimensionCells are the fields of an indicator's dimensions, and of one more.
func dimensionCells(s *Shown, list []programs.Dimension, name func(string) string) formRow {
	var row formRow
	for j := range len(list) + 1 {
		d := at(list, j)
		field := func(of string) string { return name(fmt.Sprintf("dimensions.%d.%s", j, of)) }
		row = append(row, cell{kind: "hidden", name: field("id"), value: d.ID},
			cell{name: field("name"), label: s.T("dimensions.by"), hint: s.T("dimensions.by_hint"), value: d.Name, wide: true})
		lines := len(d.Categories) + spareCategories
		if len(d.Categories) == 0 {
			lines = newCategories
		}
		for k := range lines {
			c := at(d.Categories, k)
			of := func(part string) string { return field("categories." + strconv.Itoa(k) + "." + part) }
			row = append(row, cell{kind: "hidden", name: of("id"), value: c.ID},
				cell{name: of("name"), label: s.T("dimensions.category", "n", k+1), value: c.Name})
		}
	}
	return row
}

// brokenBy says by what an indicator's figures are broken down; empty where they are not.
func brokenBy(ind *programs.Indicator) string {
	var parts []string
	for _, d := range ind.Dimensions {
		var names []string
		for _, c := range d.Categories {
			names = append(names, c.Name)
		}
		parts = append(parts, d.Name+": "+strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ")
}

// cellOf is the value of a cell of an actual.
func cellOf(list []programs.Cell, categories []string) programs.Value {
	key := strings.Join(categories, "/")
	for _, c := range list {
		if strings.Join(c.Categories, "/") == key {
			return c.Value
		}
	}
	return programs.Value{}
}

// cellName is what a cell of an actual is called; its ids where the indicator is gone.
func cellName(p *programs.Program, indicator string, categories []string) string {
	if ind := p.Indicator(indicator); ind != nil {
		return ind.CellName(categories)
	}
	return strings.Join(categories, " · ")
}

// totalText is what figures come to, or why they come to nothing.
func totalText(s *Shown, t programs.Total) string {
	if t.Making == programs.MadeOf {
		return valueText(s, t.Value)
	}
	return s.T("making." + string(t.Making))
}

// placeName is what a place of the plan is called; that it is the whole program where
// there is none.
func placeName(s *Shown, p *programs.Program, id string) string {
	for _, place := range p.Places {
		if place.ID == id {
			return placeText(place)
		}
	}
	return s.T("actuals.everywhere")
}
