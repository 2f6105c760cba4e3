package programs_test

import (
	"fmt"
	"testing"

	"github.com/mitra-platform/mitra/services/programs"
)

// trained is an accepted program that counts people, and shares of them, by sex and age.
func (x *table) trained(t *testing.T, mode programs.Aggregation) *programs.Program {
	t.Helper()
	ok := must[*programs.Program](t, "plan")
	p := x.draft(t)
	dims := []programs.Dimension{
		{Name: "Jenis kelamin", Categories: []programs.Category{{Name: "Perempuan"}, {Name: "Laki-laki"}}},
		{Name: "Usia", Categories: []programs.Category{{Name: "di bawah 25"}, {Name: "25 ke atas"}}},
	}
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{Results: p.Results, Indicators: []programs.Indicator{
		{ID: "people", Node: "o1", Title: "Orang terlatih", Measure: programs.CountOf, Aggregation: mode, Dimensions: dims},
		{ID: "share", Node: "o1", Title: "Yang lulus", Measure: programs.Percent, Dimensions: dims[:1]},
	}}))
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	return x.opened(t, p)
}

func cells(ind *programs.Indicator, values ...string) []programs.Cell {
	var list []programs.Cell
	for i, c := range ind.Cells() {
		if values[i] != "" {
			list = append(list, programs.Cell{Categories: c, Value: programs.Value{Value: values[i]}})
		}
	}
	return list
}

func TestInvariant25_FiguresAreBrokenDownByTheDimensionsOfTheEffectivePlan(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.trained(t, programs.Sum)
	ind := p.Indicator("people")
	if len(ind.Cells()) != 4 || ind.CellName(ind.Cells()[1]) != "Perempuan · 25 ke atas" {
		t.Fatalf("cells %v, the second %q", ind.Cells(), ind.CellName(ind.Cells()[1]))
	}
	in := func(total string, list []programs.Cell) programs.Report {
		return programs.Report{Indicator: "people", From: "2026-11-01", To: "2026-11-20", Value: programs.Value{Value: total}, Cells: list}
	}
	strange := cells(ind, "1", "2", "3", "4")
	strange[0].Categories = []string{"ca1", "ca1"}
	twice := cells(ind, "1", "2", "3", "4")
	twice[1].Categories = twice[0].Categories
	for what, of := range map[string]struct {
		in          programs.Report
		field, code string
	}{
		"a category of another dimension":  {in("10", strange), "cells.0.categories", "cell_unknown"},
		"one cell twice":                   {in("10", twice), "cells.1.categories", "cell_repeated"},
		"a sum that is not the whole":      {in("11", cells(ind, "1", "2", "3", "4")), "value", "cells_differ"},
		"some cells that exceed the whole": {in("2", cells(ind, "1", "2", "", "")), "value", "cells_exceed"},
		"some cells and no whole":          {in("", cells(ind, "1", "2", "", "")), "value", "cells_incomplete"},
		"words":                            {in("10", cells(ind, "x", "2", "3", "4")), "cells.0.value", "decimal_malformed"},
	} {
		_, err := x.Report(x.coordinator, p.ID, of.in)
		wantField(t, what, err, of.field, of.code)
	}
	ok := must[*programs.Actual](t, "report")
	a := ok(x.Report(x.coordinator, p.ID, in("", cells(ind, "1", "2", "0", "4"))))
	if a.Value.Value != "7" || len(a.Cells) != 4 || a.Cells[2].Value.Value != "0" {
		t.Errorf("the whole of its cells is %q, %d cells", a.Value.Value, len(a.Cells))
	}
	b := ok(x.Report(x.coordinator, p.ID, in("9", cells(ind, "1", "", "", "4")))) // 4 are not known, and 0 is a figure
	if len(b.Cells) != 2 {
		t.Errorf("%d cells, want those that say something", len(b.Cells))
	}
	share := p.Indicator("share")
	c := ok(x.Report(x.coordinator, p.ID, programs.Report{Indicator: "share", From: "2026-11-01", To: "2026-11-20", Cells: []programs.Cell{
		{Categories: share.Cells()[0], Value: programs.Value{Numerator: "9", Denominator: "10"}}, {Categories: share.Cells()[1], Value: programs.Value{Numerator: "10", Denominator: "40"}},
	}}))
	if c.Value.Numerator != "19" || c.Value.Denominator != "50" {
		t.Errorf("the whole share is %s of %s; shares are pooled, not averaged", c.Value.Numerator, c.Value.Denominator)
	}
}

func TestDimensionsAreClosedListsThatPeopleCanFill(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	with := func(m programs.Measure, dims ...programs.Dimension) programs.Results {
		return programs.Results{Results: p.Results, Indicators: []programs.Indicator{{Node: "o1", Title: "A", Measure: m, Dimensions: dims}}}
	}
	many := func(n int) programs.Dimension {
		d := programs.Dimension{Name: "D"}
		for i := range n {
			d.Categories = append(d.Categories, programs.Category{Name: fmt.Sprint("k", i)})
		}
		return d
	}
	sex := many(2)
	for what, of := range map[string]struct {
		in          programs.Results
		field, code string
	}{
		"words":                   {with(programs.Words, sex), "indicators.0.dimensions", "dimensions_unfit"},
		"without a name":          {with(programs.CountOf, programs.Dimension{Categories: sex.Categories}), "indicators.0.dimensions.0.name", "required"},
		"of one category":         {with(programs.CountOf, many(1)), "indicators.0.dimensions.0.categories", "categories_few"},
		"with one category twice": {with(programs.CountOf, programs.Dimension{Name: "D", Categories: []programs.Category{{Name: "a"}, {Name: " A "}}}), "indicators.0.dimensions.0.categories.1.name", "category_repeated"},
		"of 400 cells":            {with(programs.CountOf, many(20), many(20)), "indicators.0.dimensions", "cells_too_many"},
		"five of them":            {with(programs.CountOf, many(2), many(2), many(2), many(2), many(2)), "indicators.0.dimensions", "too_many"},
	} {
		_, err := x.EditPlan(x.coordinator, p.ID, p.Version, of.in)
		wantField(t, what, err, of.field, of.code)
	}
}

func TestInvariant26_CellsAreTotalledByTheIndicatorsMode(t *testing.T) {
	t.Parallel()
	ind := &programs.Indicator{ID: "i", Measure: programs.CountOf, Aggregation: programs.Sum, Dimensions: []programs.Dimension{
		{Name: "Jenis kelamin", Categories: []programs.Category{{ID: "p", Name: "Perempuan"}, {ID: "l", Name: "Laki-laki"}}},
	}}
	said := func(from, to string, p, l string) *programs.Actual {
		a := &programs.Actual{Indicator: "i", State: programs.ActualAccepted, Value: programs.Value{Value: "9"}}
		a.From.UnmarshalText([]byte(from)) //nolint:errcheck // written here
		a.To.UnmarshalText([]byte(to))     //nolint:errcheck // written here
		for category, value := range map[string]string{"p": p, "l": l} {
			if value != "" {
				a.Cells = append(a.Cells, programs.Cell{Categories: []string{category}, Value: programs.Value{Value: value}})
			}
		}
		return a
	}
	one, two := said("2026-01-01", "2026-03-31", "4", "5"), said("2026-04-01", "2026-06-30", "6", "")
	for what, of := range map[string]struct {
		mode  programs.Aggregation
		women string
	}{
		"sum": {programs.Sum, "10"}, "latest": {programs.Latest, "6"}, "greatest": {programs.Max, "6"},
	} {
		ind.Aggregation = of.mode
		got := ind.CellTotals([]*programs.Actual{one, two})
		if got[0].Name != "Perempuan" || got[0].Total.Making != programs.MadeOf || got[0].Total.Value.Value != of.women {
			t.Errorf("%s: women %+v, want %s", what, got[0], of.women)
		}
		if got[1].Total.Making == programs.MadeOf {
			t.Errorf("%s: men %+v; one actual does not say", what, got[1])
		}
	}
	if got := ind.CellTotals([]*programs.Actual{one}); got[1].Total.Value.Value != "5" {
		t.Errorf("of one actual: %+v", got)
	}
}

func TestAPreviewShowsHowTheTotalIsMadeAndKeepsNothing(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.trained(t, programs.Sum)
	ind := p.Indicator("people")
	ok := must[*programs.Actual](t, "report")
	first := programs.Report{Indicator: "people", From: "2026-11-01", To: "2026-11-10", Cells: cells(ind, "1", "2", "3", "4")}
	a := ok(x.Report(x.coordinator, p.ID, first))
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	w := must[*programs.Working](t, "worked")(x.Worked(x.officer, p, a))
	if w.Before.Making != programs.NothingYet || w.After.Value.Value != "10" || !w.Figures[0].New {
		t.Errorf("before it is accepted: %+v", w)
	}
	ok(x.AcceptActual(x.officer, a.ID, a.Version))
	second := programs.Trial{Report: programs.Report{Indicator: "people", From: "2026-11-11", To: "2026-11-20", Cells: cells(ind, "1", "1", "1", "1")}}
	w = must[*programs.Working](t, "preview")(x.Preview(x.coordinator, p.ID, second))
	if w.Value.Value != "4" || w.Before.Value.Value != "10" || w.After.Value.Value != "14" || w.After.Of != 2 || len(w.Figures) != 2 || w.Figures[0].New || !w.Figures[1].New || w.Cells[3].Total.Value.Value != "5" {
		t.Errorf("previewed: %+v", w)
	}
	second.Replaces = a.ID
	if w = must[*programs.Working](t, "preview")(x.Preview(x.coordinator, p.ID, second)); w.After.Value.Value != "4" || len(w.Figures) != 1 {
		t.Errorf("in the place of the first: %+v", w)
	}
	second.Report.Cells = cells(ind, "1", "1", "", "")
	_, err := x.Preview(x.coordinator, p.ID, second)
	wantField(t, "a preview of what would be refused", err, "value", "cells_incomplete")
	if progress := must[[]programs.Progress](t, "progress")(x.Progress(x.officer, p)); progress[0].Total.Value.Value != "10" {
		t.Errorf("a preview was kept: %+v", progress[0].Total)
	}
}
