package pages

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/organisations"
)

// MemberList is a page of the tenant's organisations.
type MemberList struct {
	Items []*organisations.Member
	Total string
	// Asked is what the list was narrowed by.
	Asked  organisations.Criteria
	Next   string
	Sheets Sheets
}

// Members lists the organisations of a tenant.
func Members(v MemberList) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return memberList(s, v) }
}

// MemberView is what an organisation's page shows. Profile is nil for who may not read it.
type MemberView struct {
	*organisations.Member
	Profile  *organisations.Profile
	History  Past
	Made, QR string
	// Findings is nil for who may not read any.
	Findings *Findings
	Offered  Offered
	// Names are what those who checked and confirmed are called.
	Names map[string]string
}

// ShowMember shows an organisation of the tenant.
func ShowMember(v MemberView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return showMember(s, v) }
}

// AskedMoves are the moves of a verification that ask for a reason or a day.
func AskedMoves() []string { return []string{"return", "confirm", "suspend", "lift"} }

// AskMemberMove is the form of such a move.
func AskMemberMove(m *organisations.Member, move string) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return askMemberMove(s, m, move) }
}

// PassportView is one's own passport, and how the tenant stands to it.
type PassportView struct {
	*organisations.Passport
	Member   *organisations.Member
	Versions []*organisations.Version
	History  Past
}

// ShowPassport shows one's own passport.
func ShowPassport(v PassportView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return showPassport(s, v) }
}

// PassportPart is a part of one's own passport in a form: a section, the identifiers or
// the persons.
type PassportPart struct {
	*organisations.Passport
	Name string
}

// EditPassport edits a part of one's own passport.
func EditPassport(v PassportPart) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return editPassport(s, v) }
}

func (v PassportPart) section() organisations.Section { return organisations.Section(v.Name) }

// memberMoves are the moves that one may make, each with the name of its path.
func memberMoves(s *Shown, m *organisations.Member) []string {
	var list []string
	for _, move := range []struct {
		name   string
		action policies.Action
	}{
		{"check", policies.CheckVerification}, {"confirm", policies.ConfirmVerification}, {"return", policies.ReturnVerification},
		{"suspend", policies.SuspendVerification}, {"lift", policies.LiftVerification},
	} {
		if s.May(move.action) && m.MayMove(s.Actor, move.action) {
			list = append(list, move.name)
		}
	}
	return list
}

// moveClass is how a move's button looks.
func moveClass(move string) string {
	switch move {
	case "check", "confirm", "lift":
		return "main"
	case "suspend":
		return "danger"
	}
	return ""
}

// answerText is an answer in the reader's words; empty without one.
func answerText(s *Shown, q organisations.Question, text string) string {
	if text == "" {
		return ""
	}
	switch q.As {
	case organisations.Day:
		return s.W.Day(clocks.Day(text))
	case organisations.YesNo:
		return s.T("answer." + text)
	case organisations.Choice:
		return s.T("question." + q.Key + "." + text)
	case organisations.Line, organisations.Text, organisations.Number:
	}
	return text
}

func answerName(q organisations.Question) string { return "answers." + q.Key }

func questionText(s *Shown, q organisations.Question) string {
	if q.Required {
		return s.T("question." + q.Key)
	}
	return s.T("question."+q.Key) + " " + s.T("passport.optional")
}

func questionOptions(s *Shown, q organisations.Question, chosen string) []Option {
	if q.As == organisations.YesNo {
		return []Option{{Value: "yes", Text: s.T("answer.yes"), Chosen: chosen == "yes"}, {Value: "no", Text: s.T("answer.no"), Chosen: chosen == "no"}}
	}
	return anyOption("–", options(s, q.Choices, "question."+q.Key, chosen))
}

func identifierText(list []organisations.Identifier) string {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.Scheme + " " + id.Value
	}
	return strings.Join(texts, ", ")
}

// termText is the term of an office; one without an end lasts.
func termText(s *Shown, p organisations.OrgPerson) string {
	if p.To == "" {
		return s.T("passport.since", "day", s.W.Day(p.From))
	}
	return s.W.DayRange(p.From, p.To)
}

func identifierRows(s *Shown, list []organisations.Identifier) []formRow {
	return each(s, "identifiers", len(list), func(i int, name func(string) string) formRow {
		id := at(list, i)
		return formRow{
			{kind: "hidden", name: name("id")},
			{name: name("scheme"), label: s.T("passport.scheme"), hint: s.T("passport.scheme_hint"), value: id.Scheme},
			{name: name("value"), label: s.T("passport.number"), value: id.Value},
		}
	})
}

func personRows(s *Shown, list []organisations.OrgPerson) []formRow {
	return each(s, "persons", len(list), func(i int, name func(string) string) formRow {
		p := at(list, i)
		return formRow{
			{kind: "hidden", name: name("id")},
			{name: name("name"), label: s.T("people.name"), value: p.Name, wide: true},
			{kind: "select", name: name("role"), label: s.T("passport.office"), options: anyOption("–", options(s, organisations.PersonRoles(), "office", p.Role))},
			{kind: "day", name: name("term_from"), label: s.T("passport.term_from"), day: p.From},
			{kind: "day", name: name("term_to"), label: s.T("passport.term_to"), day: p.To},
			{kind: "select", name: name("signs_for"), label: s.T("passport.signs_for"), options: noOrYes(s, p.SignsFor)},
		}
	})
}

func experienceRows(s *Shown, list []organisations.Experience) []formRow {
	return each(s, "experience", len(list), func(i int, name func(string) string) formRow {
		e := at(list, i)
		years := ""
		if e.Years > 0 {
			years = s.W.Number(int64(e.Years))
		}
		return formRow{
			{kind: "hidden", name: name("id")},
			{kind: "select", name: name("group"), label: s.T("passport.group"), options: anyOption("–", options(s, organisations.Groups(), "group", e.Group))},
			{kind: "select", name: name("led_by"), label: s.T("passport.led_by"), options: noOrYes(s, e.LedBy)},
			{name: name("years"), label: s.T("passport.years"), value: years},
			{kind: "select", name: name("visibility"), label: s.T("passport.visibility"), options: anyOption("–", options(s, organisations.Visibilities(), "visibility", e.Visibility))},
			{kind: "long", name: name("note"), label: s.T("passport.note"), value: e.Note},
		}
	})
}

func workplaceRows(s *Shown, list []organisations.Place) []formRow {
	return each(s, "places", len(list), func(i int, name func(string) string) formRow {
		p := at(list, i)
		return formRow{
			{kind: "hidden", name: name("id")},
			{name: name("name"), label: s.T("passport.place"), hint: s.T("passport.place_hint"), value: p.Name, wide: true},
			{name: name("country"), label: s.T("question.country"), value: p.Country},
		}
	})
}

func groupTexts(s *Shown, list []organisations.Group) string {
	texts := make([]string, len(list))
	for i, g := range list {
		texts[i] = s.T("group." + string(g))
	}
	return strings.Join(texts, ", ")
}

// fieldTexts and workplaces are what an organisation works on and where.
func fieldTexts(s *Shown, list []organisations.Field) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = s.T("field_of_work." + string(f))
	}
	return strings.Join(texts, ", ")
}

func workplaces(list []organisations.Place) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.Name + " (" + p.Country + ")"
	}
	return strings.Join(texts, ", ")
}

func noOrYes(s *Shown, yes bool) []Option {
	return []Option{{Text: s.T("answer.no")}, {Value: "true", Text: s.T("answer.yes"), Chosen: yes}}
}

func dayAnswer(text string) clocks.Day { return clocks.Day(text) }
