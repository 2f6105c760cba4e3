package pages

import (
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/programs"
)

// Saved says who saved a record since a form of it was opened.
type Saved struct {
	// By is their name, empty where it is not known; Own says that it was the reader, in
	// another window.
	By  string
	Own bool
}

func (v Saved) text(s *Shown) string {
	switch {
	case v.Own:
		return s.T("form.yours")
	case v.By != "":
		return s.T("form.theirs_by", "name", v.By)
	}
	return s.T("form.theirs")
}

// sectionFacts are a part of a plan with the names of what it says, to be read beside
// one's own typing.
func sectionFacts(s *Shown, p *programs.Program, name string) []fact {
	var list []fact
	add := func(label string, parts ...string) {
		list = append(list, fact{Label: label, To: strings.Join(filled(parts), " · ")})
	}
	row := func(i int, parts ...string) { add(s.T("row."+name, "n", i+1), parts...) }
	switch name {
	case "basics":
		add(s.T("programs.title"), p.Title)
		add(s.T("programs.purpose"), p.Purpose)
		add(s.T("programs.period"), s.W.DayRange(p.From, p.To))
	case "places":
		for i, place := range p.Places {
			row(i, placeText(place))
		}
	case "parties":
		for i, party := range p.Parties {
			row(i, party.Name, s.T("party."+string(party.Role)))
		}
	case "activities":
		for i, a := range p.Activities {
			row(i, a.Title, s.W.DayRange(a.From, a.To), a.Owner)
		}
	case "budget":
		for i, b := range p.Budget {
			row(i, b.Line, b.Source, s.W.Money(b.Amount))
		}
	case "results":
		for i, r := range p.Results {
			row(i, s.T("level."+string(r.Level)), r.Title)
		}
		for i, ind := range p.Indicators {
			add(s.T("row.indicators", "n", i+1), ind.Title, s.T("programs.baseline")+" "+valueText(s, ind.Baseline))
		}
	case "risks":
		for i, r := range p.Risks {
			row(i, r.Title, s.T("programs.likelihood")+" "+strconv.Itoa(r.Likelihood), s.T("programs.impact")+" "+strconv.Itoa(r.Impact), r.Response)
		}
	}
	return list
}

// partFacts are a part of a passport in the same way.
func partFacts(s *Shown, p *organisations.Passport, part string) []fact {
	var list []fact
	section := organisations.Section(part)
	for _, q := range organisations.Questions(section) {
		if text := answerText(s, q, p.Answers[section][q.Key]); text != "" {
			list = append(list, fact{Label: s.T("question." + q.Key), To: text})
		}
	}
	row := func(i int, list string, parts ...string) fact {
		return fact{Label: s.T("row."+list, "n", i+1), To: strings.Join(filled(parts), " · ")}
	}
	switch part {
	case "identifiers":
		for i, id := range p.Identifiers {
			list = append(list, row(i, part, id.Scheme, id.Value))
		}
	case "persons":
		for i, o := range p.Persons {
			list = append(list, row(i, part, o.Name, s.T("office."+string(o.Role)), termText(s, o)))
		}
	case string(organisations.Inclusion):
		for i, e := range p.Experience {
			list = append(list, row(i, "experience", s.T("group."+string(e.Group)), e.Note))
		}
	}
	return list
}

func filled(parts []string) []string {
	var list []string
	for _, part := range parts {
		if part != "" {
			list = append(list, part)
		}
	}
	return list
}
