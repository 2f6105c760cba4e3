package exchange

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/programs"
)

// note is something of an activity that a program takes only in part.
type note struct{ element, code string }

// maxRest is the longest remainder of an activity that is kept beside its program.
const maxRest = 8 << 20

// programOf puts an activity into the words of a program. What a program has no place
// for stays with it as the file said it (Rest).
func programOf(a *iati.Activity, language string) (programs.Import, []note, error) {
	digest, err := a.Digest()
	if err != nil {
		return programs.Import{}, nil, err
	}
	m := mapping{a: a, languages: []string{language, a.Lang, "en"}}
	in := programs.Import{
		Identifier: a.Identifier, Digest: digest, State: stateOf(a.Status), Title: m.text(a.Titles), Purpose: m.purpose(),
	}
	if in.Title == "" {
		in.Title = a.Identifier
	}
	in.From, in.To = m.period()
	if a.Reporting != nil {
		in.Reporting = m.name(a.Reporting.Org)
	}
	in.Plan = programs.Plan{Places: m.places(), Parties: m.parties(), Budget: m.budget()}
	in.Plan.Results, in.Plan.Indicators = m.results()
	in.Rows = m.rows()
	in.Rest, err = m.rest()
	return in, m.notes, err
}

// stateOf follows the IATI codelist ActivityStatus.
func stateOf(s iati.Status) programs.State {
	switch s {
	case iati.Implementing:
		return programs.Active
	case iati.Finalising, iati.Closed:
		return programs.Closed
	case iati.Cancelled:
		return programs.EndedEarly
	case iati.Suspended:
		return programs.Suspended
	}
	return programs.Drafting
}

type mapping struct {
	a         *iati.Activity
	languages []string
	notes     []note
}

func (m *mapping) note(element, code string) { m.notes = append(m.notes, note{element, code}) }

// text is a text in the reader's language, else the activity's, else the first; line
// ends and tabs stay, characters nobody sees do not.
func (m *mapping) text(t iati.Texts) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return ' '
		}
		return r
	}, t.In(m.languages...)))
}

func (m *mapping) name(o iati.Org) string {
	if name := m.text(o.Names); name != "" {
		return name
	}
	return o.Ref
}

func (m *mapping) purpose() string {
	var parts []string
	for _, d := range m.a.Descriptions {
		if text := m.text(d.Texts); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n\n")
}

// period is the actual start and end, else the planned ones.
func (m *mapping) period() (from, to clocks.Day) {
	days := map[iati.DateType]clocks.Day{}
	for _, d := range m.a.Dates {
		days[d.Type] = d.Day
	}
	if from = days[iati.ActualStart]; from == "" {
		from = days[iati.PlannedStart]
	}
	if to = days[iati.ActualEnd]; to == "" {
		to = days[iati.PlannedEnd]
	}
	if from != "" && to != "" && to.Before(from) {
		m.note("activity-date", "period_reversed")
		to = ""
	}
	return from, to
}

func (m *mapping) places() []programs.Place {
	list := []programs.Place{}
	for _, l := range m.a.Locations {
		place := programs.Place{Name: m.text(l.Names)}
		if place.Name == "" {
			place.Name = l.Ref
		}
		if l.Point != nil {
			place.Latitude = strconv.FormatFloat(l.Point.Latitude, 'f', -1, 64)
			place.Longitude = strconv.FormatFloat(l.Point.Longitude, 'f', -1, 64)
		}
		if place.Name != "" || place.Latitude != "" {
			list = append(list, place)
		}
	}
	for _, c := range m.a.Countries {
		if len(c.Code) == 2 && strings.ToUpper(c.Code) == c.Code {
			list = append(list, programs.Place{Name: m.text(c.Names), Country: c.Code})
		} else {
			m.note("recipient-country", "country_unknown")
		}
	}
	for i := range list {
		list[i].ID = "pl" + strconv.Itoa(i+1)
	}
	return list
}

// partyRoles follow the IATI codelist OrganisationRole.
var partyRoles = map[iati.Role]programs.PartyRole{
	iati.Funding: programs.Funder, iati.Accountable: programs.Oversight, iati.Extending: programs.CoAgency, iati.Implementer: programs.Implementer,
}

func (m *mapping) parties() []programs.Party {
	list := []programs.Party{}
	for _, p := range m.a.Participants {
		name := m.name(p.Org)
		if name == "" {
			m.note("participating-org", "narrative_missing")
			continue
		}
		list = append(list, programs.Party{ID: "pr" + strconv.Itoa(len(list)+1), Name: name, Role: partyRoles[p.Role]})
	}
	return list
}

// budget takes the budgets in the currency of the first: a program's budget has one.
// All of them are in the ledger.
func (m *mapping) budget() []programs.BudgetLine {
	list := []programs.BudgetLine{}
	source := ""
	for _, p := range m.a.Participants {
		if p.Role == iati.Funding && source == "" {
			source = m.name(p.Org)
		}
	}
	for _, b := range m.a.Budgets {
		if len(list) > 0 && b.Value.Money.Currency != list[0].Amount.Currency {
			m.note("budget", "money_currency_differs")
			continue
		}
		list = append(list, programs.BudgetLine{
			ID: "bl" + strconv.Itoa(len(list)+1), Line: fmt.Sprintf("%s – %s", b.From, b.To), FiscalYear: firstYear(b.From),
			Source: source, Amount: b.Value.Money,
		})
	}
	return list
}

func firstYear(d clocks.Day) string {
	year, _, _ := strings.Cut(string(d), "-")
	return year
}

// levels follow the IATI codelist ResultType; "other" counts as an output.
var levels = map[iati.ResultType]programs.Level{
	iati.Output: programs.Output, iati.Outcome: programs.Outcome, iati.Impact: programs.Impact, iati.OtherResult: programs.Output,
}

// measures follow the IATI codelist IndicatorMeasure.
var measures = map[iati.Measure]programs.Measure{
	iati.Unit: programs.CountOf, iati.Percentage: programs.Percent, iati.Nominal: programs.CountOf,
	iati.Ordinal: programs.Scale, iati.Qualitative: programs.Words,
}

func (m *mapping) results() ([]programs.ResultNode, []programs.Indicator) {
	nodes, indicators := []programs.ResultNode{}, []programs.Indicator{}
	for i, r := range m.a.Results {
		node := programs.ResultNode{ID: "rs" + strconv.Itoa(i+1), Level: levels[r.Type], Title: m.text(r.Titles)}
		if node.Title == "" {
			node.Title = string(node.Level) + " " + strconv.Itoa(i+1)
		}
		nodes = append(nodes, node)
		for _, ind := range r.Indicators {
			indicators = append(indicators, m.indicator(node, ind, len(indicators)+1))
		}
	}
	return nodes, indicators
}

func (m *mapping) indicator(node programs.ResultNode, from iati.Indicator, no int) programs.Indicator {
	ind := programs.Indicator{
		ID: "ix" + strconv.Itoa(no), Node: node.ID, Title: m.text(from.Titles), Measure: measures[from.Measure], Lower: !from.Ascending,
		Targets: []programs.Target{},
	}
	if ind.Title == "" {
		ind.Title = node.Title
	}
	if len(from.Baselines) > 0 {
		b := from.Baselines[0]
		ind.Baseline, ind.BaseOn = programs.Value{Value: b.Value}, string(b.Day)
		if b.Value == "" && from.Measure == iati.Qualitative {
			ind.Baseline.Value = m.text(b.Comment)
		}
		if ind.BaseOn == "" && b.Year > 0 {
			ind.BaseOn = strconv.Itoa(b.Year)
		}
	}
	for i, p := range from.Periods {
		ind.Targets = append(ind.Targets, programs.Target{
			ID: "tg" + strconv.Itoa(i+1), From: p.From, To: p.To, Value: m.whole(from.Measure, p.Targets), Told: m.whole(from.Measure, p.Actuals),
		})
		m.noteParts("target", p.Targets)
		m.noteParts("actual", p.Actuals)
	}
	if !numeric(ind) {
		ind.Measure = programs.Words
	}
	return ind
}

// noteParts says that figures are broken down, which a plan does not hold yet.
func (m *mapping) noteParts(element string, figures []iati.Figure) {
	for _, f := range figures {
		if len(f.Dimensions) > 0 {
			m.note(element, "figure_disaggregated")
			return
		}
	}
}

// whole is the figure that is not broken down, if there is one; of a qualitative measure
// its comment, because there the standard wants no value.
func (m *mapping) whole(measure iati.Measure, figures []iati.Figure) programs.Value {
	for _, f := range figures {
		switch {
		case len(f.Dimensions) > 0:
		case f.Value != "":
			return programs.Value{Value: f.Value}
		case measure == iati.Qualitative && len(f.Comment) > 0:
			return programs.Value{Value: m.text(f.Comment)}
		}
	}
	return programs.Value{}
}

// numeric says that every figure is a number; a file may put words where its measure
// promises one, and they are kept as words.
func numeric(ind programs.Indicator) bool {
	values := []programs.Value{ind.Baseline}
	for _, t := range ind.Targets {
		values = append(values, t.Value, t.Told)
	}
	for _, v := range values {
		if _, ok := v.Rat(); v.Given() && !ok {
			return false
		}
	}
	return true
}

func (m *mapping) rows() []programs.LedgerRow {
	rows := make([]programs.LedgerRow, 0, len(m.a.Transactions)+len(m.a.Budgets))
	for _, t := range m.a.Transactions {
		row := programs.LedgerRow{Kind: "transaction", Type: string(t.Type), From: t.Day, To: t.Day, Amount: t.Value.Money, Text: m.text(t.Description)}
		if t.Provider != nil {
			row.Provider = m.name(*t.Provider)
		}
		if t.Receiver != nil {
			row.Receiver = m.name(*t.Receiver)
		}
		rows = append(rows, row)
	}
	for _, b := range m.a.Budgets {
		rows = append(rows, programs.LedgerRow{Kind: "budget", Type: string(b.Type), From: b.From, To: b.To, Amount: b.Value.Money})
	}
	return rows
}

// rest is the activity as it was read, so that what a program does not model is still
// there to be shown and written again.
func (m *mapping) rest() (string, error) {
	text, err := json.Marshal(m.a)
	if err != nil {
		return "", err
	}
	if len(text) > maxRest {
		short := *m.a
		short.Transactions = nil
		if text, err = json.Marshal(&short); err != nil {
			return "", err
		}
		m.note("transaction", "element_shortened")
	}
	if len(text) > maxRest {
		m.note("iati-activity", "element_shortened")
		return "", nil
	}
	return string(text), nil
}
