package programs

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/tenants"
)

// Limits of a plan. Texts are counted in characters.
const (
	maxTitle = 1000
	maxText  = 20_000
	maxRows  = 500
	maxShort = 120
)

// Plan is what both sides accept: who does what, when, where, with which money, to
// which results, and what may go wrong.
type Plan struct {
	Places     []Place      `json:"places"`
	Parties    []Party      `json:"parties"`
	Activities []Activity   `json:"activities"`
	Budget     []BudgetLine `json:"budget"`
	Results    []ResultNode `json:"results"`
	Indicators []Indicator  `json:"indicators"`
	Risks      []Risk       `json:"risks"`
}

// Place is where the program works: a name, a country (ISO 3166-1) and a point in
// decimal degrees (WGS 84), each of which may be absent.
type Place struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Country   string `json:"country"`
	Latitude  string `json:"latitude" form:"degrees"`
	Longitude string `json:"longitude" form:"degrees"`
}

// PartyRole is what another organisation does in a program.
type PartyRole string

// Roles of parties.
const (
	CoAgency         PartyRole = "co_agency"
	Implementer      PartyRole = "implementer"
	Oversight        PartyRole = "oversight"
	ObserverParty    PartyRole = "observer"
	Funder           PartyRole = "funder"
	maxOrganisations           = 100
)

// PartyRoles lists them.
func PartyRoles() []PartyRole {
	return []PartyRole{CoAgency, Implementer, Oversight, ObserverParty, Funder}
}

// Party is an organisation in a program beside the leads. One without an id has no seat
// in the tenant.
type Party struct {
	ID           string                 `json:"id"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Name         string                 `json:"name"`
	Role         PartyRole              `json:"role"`
}

// Activity is a piece of the workplan.
type Activity struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	From      clocks.Day `json:"from"`
	To        clocks.Day `json:"to"`
	DependsOn []string   `json:"depends_on"`
	Owner     string     `json:"owner"`
}

// BudgetLine is planned money from one source.
type BudgetLine struct {
	ID         string      `json:"id"`
	Line       string      `json:"line"`
	FiscalYear string      `json:"fiscal_year"`
	Account    string      `json:"account_code"`
	Source     string      `json:"source"`
	Amount     money.Money `json:"amount"`
}

// Risk is what may go wrong, and what is done about it. Likelihood and impact are 1 to 5.
type Risk struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Likelihood int    `json:"likelihood"`
	Impact     int    `json:"impact"`
	Response   string `json:"response"`
	Owner      string `json:"owner"`
}

// Value is a figure as decimal text ("0" is a figure, "" is none), words where the
// measure is text, numerator and denominator where it is percent, or said not to apply.
type Value struct {
	Value         string `json:"value" form:"figure,unless=measure:text"`
	Numerator     string `json:"numerator" form:"figure"`
	Denominator   string `json:"denominator" form:"figure"`
	NotApplicable bool   `json:"not_applicable"`
}

// Given says that there is a figure.
func (v Value) Given() bool { return v.Value != "" || v.Numerator != "" || v.Denominator != "" }

// Rat is the figure as an exact number; a percent is a hundred times its ratio.
func (v Value) Rat() (*big.Rat, bool) {
	if v.Numerator != "" {
		n, ok1 := number(v.Numerator)
		d, ok2 := number(v.Denominator)
		if !ok1 || !ok2 || d.Sign() == 0 {
			return nil, false
		}
		return n.Quo(n.Mul(n, big.NewRat(100, 1)), d), true
	}
	return number(v.Value)
}

// number reads a plain decimal: no exponent, no fraction bar, at most 40 characters.
func number(text string) (*big.Rat, bool) {
	if text == "" || len(text) > 40 || strings.Trim(text, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// check says whether a value suits a measure.
func (v Value) check(field string, m Measure) []fault.Field {
	switch {
	case v.NotApplicable && v.Given():
		return []fault.Field{fault.On(field, "value_and_not_applicable")}
	case !v.Given():
		return nil
	case m == Words:
		return checkText(field, v.Value, false, maxText)
	case m == Percent && v.Numerator == "" && v.Denominator == "" && v.Value != "":
		// A percent that a file gave without its parts is kept as it was said.
		if _, ok := number(v.Value); !ok {
			return []fault.Field{fault.On(field, "decimal_malformed")}
		}
		return nil
	}
	if _, ok := v.Rat(); !ok {
		return []fault.Field{fault.On(field, "decimal_malformed")}
	}
	return nil
}

func checkText(field, text string, required bool, most int) []fault.Field {
	switch {
	case required && strings.TrimSpace(text) == "":
		return []fault.Field{fault.On(field, "required")}
	case utf8.RuneCountInString(text) > most:
		return []fault.Field{fault.On(field, "too_long", "max", strconv.Itoa(most))}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F }):
		return []fault.Field{fault.On(field, "control_characters")}
	}
	return nil
}

// check looks at every row of the plan.
func (p *Plan) check(from, to clocks.Day) []fault.Field {
	for name, n := range map[string]int{
		"places": len(p.Places), "parties": len(p.Parties), "activities": len(p.Activities), "budget": len(p.Budget),
		"results": len(p.Results), "indicators": len(p.Indicators), "risks": len(p.Risks),
	} {
		if n > maxRows {
			return []fault.Field{fault.On(name, "too_many", "max", strconv.Itoa(maxRows))}
		}
	}
	return slices.Concat(p.checkPlaces(), p.checkParties(), p.checkActivities(from, to), p.checkBudget(), p.checkResults(), p.checkRisks())
}

func at(list string, i int, field string) string { return fmt.Sprintf("%s.%d.%s", list, i, field) }

func (p *Plan) checkPlaces() []fault.Field {
	var fields []fault.Field
	for i, place := range p.Places {
		fields = append(fields, checkText(at("places", i, "name"), place.Name, place.Country == "" && place.Latitude == "", maxTitle)...)
		if c := place.Country; c != "" && (len(c) != 2 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
			fields = append(fields, fault.On(at("places", i, "country"), "country_unknown"))
		}
		fields = append(fields, checkDegrees(at("places", i, "latitude"), place.Latitude, place.Longitude != "", 90)...)
		fields = append(fields, checkDegrees(at("places", i, "longitude"), place.Longitude, place.Latitude != "", 180)...)
	}
	return fields
}

func checkDegrees(field, text string, required bool, most int64) []fault.Field {
	if text == "" && !required {
		return nil
	}
	n, ok := number(text)
	if !ok || n.Cmp(big.NewRat(most, 1)) > 0 || n.Cmp(big.NewRat(-most, 1)) < 0 {
		return []fault.Field{fault.On(field, "out_of_range", "min", strconv.FormatInt(-most, 10), "max", strconv.FormatInt(most, 10))}
	}
	return nil
}

func (p *Plan) checkParties() []fault.Field {
	var fields []fault.Field
	for i, party := range p.Parties {
		fields = append(fields, checkText(at("parties", i, "name"), party.Name, true, maxTitle)...)
		if !slices.Contains(PartyRoles(), party.Role) {
			fields = append(fields, fault.On(at("parties", i, "role"), "choice_unknown"))
		}
	}
	return fields
}

// checkActivities holds dependencies acyclic, and everything inside the period.
func (p *Plan) checkActivities(from, to clocks.Day) []fault.Field {
	var fields []fault.Field
	places := map[string]int{}
	for i, a := range p.Activities {
		places[a.ID] = i
	}
	for i, a := range p.Activities {
		fields = append(fields, checkText(at("activities", i, "title"), a.Title, true, maxTitle)...)
		fields = append(fields, checkText(at("activities", i, "owner"), a.Owner, false, maxTitle)...)
		switch {
		case a.From == "":
			fields = append(fields, fault.On(at("activities", i, "from"), "required"))
		case a.To == "":
			fields = append(fields, fault.On(at("activities", i, "to"), "required"))
		case a.To.Before(a.From):
			fields = append(fields, fault.On(at("activities", i, "to"), "period_reversed"))
		case from != "" && a.From.Before(from):
			fields = append(fields, fault.On(at("activities", i, "from"), "outside_period"))
		case to != "" && a.To.After(to):
			fields = append(fields, fault.On(at("activities", i, "to"), "outside_period"))
		}
		if len(a.DependsOn) > maxRows {
			return append(fields, fault.On(at("activities", i, "depends_on"), "too_many", "max", strconv.Itoa(maxRows)))
		}
		for _, on := range a.DependsOn {
			if _, ok := places[on]; !ok || on == a.ID {
				fields = append(fields, fault.On(at("activities", i, "depends_on"), "dependency_unknown"))
			}
		}
	}
	if i, ok := p.cycle(places); ok {
		fields = append(fields, fault.On(at("activities", i, "depends_on"), "dependency_cycle"))
	}
	return fields
}

// cycle finds an activity that depends on itself over others.
func (p *Plan) cycle(places map[string]int) (int, bool) {
	const open, done = 1, 2
	mark := make([]int, len(p.Activities))
	var visit func(int) bool
	visit = func(i int) bool {
		if mark[i] != 0 {
			return mark[i] == open
		}
		mark[i] = open
		for _, on := range p.Activities[i].DependsOn {
			if next, ok := places[on]; ok && visit(next) {
				return true
			}
		}
		mark[i] = done
		return false
	}
	for i := range p.Activities {
		if visit(i) {
			return i, true
		}
	}
	return 0, false
}

// checkBudget holds all lines in one currency. Imported budgets may be negative.
func (p *Plan) checkBudget() []fault.Field {
	var fields []fault.Field
	for i, line := range p.Budget {
		fields = append(fields, checkText(at("budget", i, "line"), line.Line, true, maxTitle)...)
		fields = append(fields, checkText(at("budget", i, "source"), line.Source, false, maxTitle)...)
		fields = append(fields, checkText(at("budget", i, "fiscal_year"), line.FiscalYear, false, 20)...)
		fields = append(fields, checkText(at("budget", i, "account_code"), line.Account, false, 60)...)
		if line.Amount.Currency == "" {
			fields = append(fields, fault.On(at("budget", i, "amount"), "required"))
		} else if line.Amount.Currency != p.Budget[0].Amount.Currency {
			fields = append(fields, fault.On(at("budget", i, "amount"), "money_currency_differs"))
		}
	}
	if _, ok := p.Total(); !ok && len(fields) == 0 {
		fields = append(fields, fault.On("budget", "money_too_large"))
	}
	return fields
}

// Total is the sum of the budget; false when it does not fit.
func (p *Plan) Total() (money.Money, bool) {
	var total money.Money
	for i, line := range p.Budget {
		if i == 0 {
			total = line.Amount
			continue
		}
		sum, err := total.Add(line.Amount)
		if err != nil {
			return total, false
		}
		total = sum
	}
	return total, true
}

// SourceSum is what comes from one source.
type SourceSum struct {
	Source string      `json:"source"`
	Amount money.Money `json:"amount"`
}

// BySource sums the budget by source, in the order of first mention; the sums make the
// total.
func (p *Plan) BySource() []SourceSum {
	var sums []SourceSum
	for _, line := range p.Budget {
		i := slices.IndexFunc(sums, func(s SourceSum) bool { return s.Source == line.Source })
		if i < 0 {
			sums = append(sums, SourceSum{line.Source, line.Amount})
		} else if sum, err := sums[i].Amount.Add(line.Amount); err == nil {
			sums[i].Amount = sum
		}
	}
	return sums
}

func (p *Plan) checkRisks() []fault.Field {
	var fields []fault.Field
	for i, r := range p.Risks {
		fields = append(fields, checkText(at("risks", i, "title"), r.Title, true, maxTitle)...)
		fields = append(fields, checkText(at("risks", i, "response"), r.Response, false, maxText)...)
		for name, n := range map[string]int{"likelihood": r.Likelihood, "impact": r.Impact} {
			if n < 1 || n > 5 {
				fields = append(fields, fault.On(at("risks", i, name), "out_of_range", "min", "1", "max", "5"))
			}
		}
	}
	return fields
}
