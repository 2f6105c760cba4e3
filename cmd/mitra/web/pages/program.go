package pages

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
)

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func joined(list []string) string { return dash(strings.Join(list, ", ")) }

func dashed(text string) string { return strings.ReplaceAll(text, "_", "-") }

func shortHash(hash string) string { return hash[:min(len(hash), 12)] }

// mayAccept says whether one's own yes is missing and could be given.
func mayAccept(s *Shown, p *programs.Program) bool {
	return s.May(accepting(s.Actor.Side)) && p.MayAccept(s.Actor)
}

// accepting is the act that accepting a text is for a side.
func accepting(side policies.Side) policies.Action {
	if side == policies.Agency {
		return policies.AcceptPlanAsAgency
	}
	return policies.AcceptPlanAsCSO
}

// forms is where the reader edits the sections of a plan that is drawn; empty where they
// may not.
func (v Program) forms(s *Shown) string {
	switch {
	case !s.May(policies.EditPlan):
		return ""
	case v.Amendment != nil && v.Amendment.MayEdit(s.Actor):
		return amendmentPath(s, v.Amendment)
	case v.MayEdit(s.Actor):
		return v.at(s, "")
	}
	return ""
}

// home is the page of what a form of a plan is about.
func (v Section) home(s *Shown) string {
	if v.Amendment != nil {
		return amendmentPath(s, v.Amendment)
	}
	return s.In("/programs/" + string(v.ID))
}

func (v Section) crumbs(s *Shown) []Link {
	list := programCrumbs(s, v.Program)
	if v.Amendment != nil {
		list[1].Text = v.Amendment.Title
		list = append(list, Link{v.home(s), amendmentTitle(s, v.Amendment)})
	}
	return list
}

// mayDecide says whether an actual of p waits for the reader.
func mayDecide(s *Shown, p *programs.Program, a *programs.Actual) bool {
	return s.May(policies.AcceptActual) && a.MayDecide(p, s.Actor)
}

// programCrumbs lead from a program's own pages back to it.
func programCrumbs(s *Shown, p *programs.Program) []Link {
	return []Link{{s.In("/programs"), s.T("nav.programs")}, {s.In("/programs/" + string(p.ID)), p.Title}}
}

func total(p *programs.Program) money.Money { sum, _ := p.Total(); return sum }

func indicatorTitle(p *programs.Program, id string) string {
	if ind := p.Indicator(id); ind != nil {
		return ind.Title
	}
	return id
}

func indicatorTitles(p *programs.Program, ids []string) string {
	titles := make([]string, len(ids))
	for i, id := range ids {
		titles[i] = indicatorTitle(p, id)
	}
	return strings.Join(titles, ", ")
}

func placeText(p programs.Place) string {
	var parts []string
	for _, part := range []string{p.Name, p.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if p.Latitude != "" {
		parts = append(parts, p.Latitude+", "+p.Longitude)
	}
	return strings.Join(parts, " · ")
}

func valueText(s *Shown, v programs.Value) string {
	switch {
	case v.NotApplicable:
		return s.T("actuals.not_applicable")
	case v.Numerator != "":
		percent := ""
		if r, ok := v.Rat(); ok {
			percent = " (" + s.W.Decimal(strings.TrimSuffix(strings.TrimRight(r.FloatString(1), "0"), ".")) + "%)"
		}
		return s.T("actuals.of", "numerator", s.W.Decimal(v.Numerator), "denominator", s.W.Decimal(v.Denominator)) + percent
	}
	return dash(s.W.Decimal(v.Value))
}

// figure is a value as a field of a form holds it.
func figure(s *Shown, m programs.Measure, value string) string {
	if m == programs.Words {
		return value
	}
	return s.W.Figure(value)
}

func betweenText(row programs.LedgerRow) string {
	text := dash(row.Provider)
	if row.Receiver != "" {
		text += " → " + row.Receiver
	}
	if row.Text != "" {
		text += " · " + row.Text
	}
	return text
}

// formRow is one line of a list in a form.
type formRow []cell

type cell struct {
	kind, name, label, hint, value string
	day                            clocks.Day
	options                        []Option
	// wide says that the field takes the whole width; the first one names its line.
	wide bool
}

// spare is how many empty lines a list ends with that a form cannot be asked more of.
const spare = 3

// each makes the lines of what is there (or was typed) and an empty one.
func each(s *Shown, list string, n int, line func(i int, name func(string) string) formRow) []formRow {
	return eachAnd(s, list, n, 1, line)
}

func eachAnd(s *Shown, list string, n, spare int, line func(i int, name func(string) string) formRow) []formRow {
	if s.Typed != nil {
		for typed := n; typed < 500; typed++ {
			if _, ok := s.Typed[list+"."+strconv.Itoa(typed)+".id"]; !ok {
				break
			}
			n = typed + 1
		}
		n = max(0, n-spare)
	}
	lines := make([]formRow, 0, n+spare)
	for i := range n + spare {
		lines = append(lines, line(i, func(field string) string { return list + "." + strconv.Itoa(i) + "." + field }))
	}
	return lines
}

func at[T any](list []T, i int) T {
	var zero T
	if i < len(list) {
		return list[i]
	}
	return zero
}

func placeRows(s *Shown, list []programs.Place) []formRow {
	return each(s, "places", len(list), func(i int, name func(string) string) formRow {
		p := at(list, i)
		return formRow{
			{kind: "hidden", name: name("id"), value: p.ID}, {name: name("name"), label: s.T("programs.place"), value: p.Name, wide: true},
			{name: name("country"), label: s.T("programs.country"), value: p.Country},
			{name: name("latitude"), label: s.T("programs.latitude"), hint: s.T("number.hint_degrees"), value: s.W.Figure(p.Latitude)},
			{name: name("longitude"), label: s.T("programs.longitude"), hint: s.T("number.hint_degrees"), value: s.W.Figure(p.Longitude)},
		}
	})
}

func partyRows(s *Shown, v Section) []formRow {
	return each(s, "parties", len(v.Parties), func(i int, name func(string) string) formRow {
		p := at(v.Parties, i)
		known := make([]Option, len(v.Partners))
		for j, o := range v.Partners {
			o.Chosen = o.Value == string(p.Organisation)
			known[j] = o
		}
		return formRow{
			{kind: "hidden", name: name("id"), value: p.ID},
			{kind: "select", name: name("organisation"), label: s.T("programs.party_here"), options: known},
			{name: name("name"), label: s.T("programs.party_name"), value: p.Name, wide: true},
			{kind: "select", name: name("role"), label: s.T("programs.party_role"), options: anyOption("–", options(s, programs.PartyRoles(), "party", p.Role))},
		}
	})
}

func activityRows(s *Shown, list []programs.Activity) []formRow {
	ids := activityIDs(list)
	next := nextID("ac", ids)
	return each(s, "activities", len(list), func(i int, name func(string) string) formRow {
		a := at(list, i)
		return formRow{
			{kind: "hidden", name: name("id"), value: idOf(i, ids, next)}, {name: name("title"), label: s.T("programs.activity"), value: a.Title, wide: true},
			{kind: "day", name: name("from"), label: s.T("programs.from"), day: a.From},
			{kind: "day", name: name("to"), label: s.T("programs.to"), day: a.To},
			{name: name("owner"), label: s.T("programs.owner"), value: a.Owner},
			{kind: "checks", name: name("depends_on"), label: s.T("programs.after"), hint: s.T("programs.after_hint"), options: followed(s, list, i)},
		}
	})
}

func budgetRows(s *Shown, v Section) []formRow {
	return each(s, "budget", len(v.Budget), func(i int, name func(string) string) formRow {
		b := at(v.Budget, i)
		amount, currency := "", string(b.Amount.Currency)
		if currency == "" {
			currency = s.Tenant.Currency
		} else {
			amount = s.W.Amount(b.Amount)
		}
		return formRow{
			{kind: "hidden", name: name("id"), value: b.ID}, {name: name("line"), label: s.T("programs.line"), value: b.Line, wide: true},
			{name: name("fiscal_year"), label: s.T("programs.fiscal_year"), value: b.FiscalYear},
			{name: name("account_code"), label: s.T("programs.account"), value: b.Account},
			{name: name("source"), label: s.T("programs.source"), value: b.Source},
			{name: name("amount"), label: s.T("programs.amount"), value: amount},
			{name: name("currency"), label: s.T("programs.currency"), value: currency},
		}
	})
}

func resultRows(s *Shown, list []programs.ResultNode) []formRow {
	ids := resultIDs(list)
	next := nextID("rs", ids)
	return each(s, "results", len(list), func(i int, name func(string) string) formRow {
		r, id := at(list, i), idOf(i, ids, next)
		return formRow{
			{kind: "hidden", name: name("id"), value: id},
			{kind: "select", name: name("level"), label: s.T("programs.level"), options: anyOption("–", options(s, programs.Levels(), "level", r.Level))},
			{name: name("title"), label: s.T("programs.result"), value: r.Title, wide: true},
			{kind: "select", name: name("parent"), label: s.T("programs.parent"), options: anyOption("–", resultOptions(s, list, id, r.Parent))},
		}
	})
}

func indicatorRows(s *Shown, p *programs.Program) []formRow {
	return each(s, "indicators", len(p.Indicators), func(i int, name func(string) string) formRow {
		ind := at(p.Indicators, i)
		row := formRow{
			{kind: "hidden", name: name("id"), value: ind.ID},
			{name: name("title"), label: s.T("actuals.indicator"), value: ind.Title, wide: true},
			{kind: "select", name: name("node"), label: s.T("programs.of_result"), options: measured(s, p.Results, ind.Node)},
			{kind: "select", name: name("measure"), label: s.T("programs.measure"), options: anyOption("–", options(s, programs.Measures(), "measure", ind.Measure))},
			{kind: "select", name: name("aggregation"), label: s.T("programs.aggregation"), hint: s.T("programs.aggregation_hint"), options: options(s, programs.CountOf.Aggregations(), "aggregation", ind.Mode())},
			{name: name("unit"), label: s.T("programs.unit"), value: ind.Unit},
			{name: name("baseline.value"), label: s.T("programs.baseline"), hint: s.T("number.hint"), value: figure(s, ind.Measure, ind.Baseline.Value)},
			{name: name("baseline_on"), label: s.T("programs.baseline_on"), value: ind.BaseOn},
		}
		for j := range len(ind.Targets) + 1 {
			t := at(ind.Targets, j)
			target := func(field string) string { return name(fmt.Sprintf("targets.%d.%s", j, field)) }
			row = append(row, cell{kind: "hidden", name: target("id"), value: t.ID},
				cell{kind: "hidden", name: target("told.value"), value: figure(s, ind.Measure, t.Told.Value)},
				cell{name: target("value.value"), label: s.T("programs.target"), hint: s.T("number.hint"), value: figure(s, ind.Measure, t.Value.Value)},
				cell{kind: "day", name: target("from"), label: s.T("programs.from"), day: t.From},
				cell{kind: "day", name: target("to"), label: s.T("programs.to"), day: t.To})
		}
		row = append(row, dimensionCells(s, ind.Dimensions, name)...)
		return row
	})
}

func riskRows(s *Shown, list []programs.Risk) []formRow {
	return each(s, "risks", len(list), func(i int, name func(string) string) formRow {
		r := at(list, i)
		one := func(n int) string {
			if n == 0 {
				return ""
			}
			return strconv.Itoa(n)
		}
		return formRow{
			{kind: "hidden", name: name("id"), value: r.ID}, {name: name("title"), label: s.T("programs.risk"), value: r.Title, wide: true},
			{name: name("likelihood"), label: s.T("programs.likelihood"), hint: s.T("programs.one_to_five"), value: one(r.Likelihood)},
			{name: name("impact"), label: s.T("programs.impact"), hint: s.T("programs.one_to_five"), value: one(r.Impact)},
			{name: name("response"), label: s.T("programs.response"), value: r.Response},
			{name: name("owner"), label: s.T("programs.owner"), value: r.Owner},
		}
	})
}
