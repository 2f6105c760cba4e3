package pages

import (
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/organisations"
)

// language is the reader's.
func language(s *Shown) string { return string(s.W.Language()) }

func mayEditForms(s *Shown) bool { return s.May(policies.EditForm) }

// formCrumbs lead from a form's own pages back to it.
func formCrumbs(s *Shown, f *forms.Form) []Link {
	links := []Link{{s.In("/forms"), s.T("forms.title")}}
	if f != nil {
		links = append(links, Link{s.In("/forms/" + string(f.ID)), f.Title.In(language(s))})
	}
	return links
}

// asked is a question as its field is called; what need not be answered says so.
func asked(s *Shown, q forms.Question) string {
	label := q.Label
	if q.Kind == forms.Money {
		label += " (" + q.Currency + ")"
	}
	if q.Required {
		return label
	}
	return label + " " + s.T("passport.optional")
}

func chosenOptions(q forms.Question, chosen ...string) []Option {
	list := make([]Option, len(q.Options))
	for i, o := range q.Options {
		list[i] = Option{Value: o.ID, Text: o.Label}
		for _, c := range chosen {
			list[i].Chosen = list[i].Chosen || c == o.ID
		}
	}
	return list
}

// unanswered is a way back from a choice that need not be made.
func unanswered(s *Shown, q forms.Question, list []Option) []Option {
	if q.Required {
		return list
	}
	return append(list, Option{Text: s.T("forms.no_answer"), Chosen: false})
}

func scaleOptions(q forms.Question) []Option {
	var list []Option
	for n := q.Low; n <= q.High; n++ {
		text := strconv.Itoa(n)
		list = append(list, Option{Value: text, Text: text, Chosen: q.Answer.Text == text})
	}
	return list
}

// answerLine is an answer as it stands in a text field.
func answerLine(s *Shown, q forms.Question) string {
	switch {
	case q.Kind == forms.Money && q.Answer.Money != nil:
		return s.W.Amount(*q.Answer.Money)
	case q.Kind == forms.Number:
		return s.W.Decimal(q.Answer.Text)
	}
	return q.Answer.Text
}

// answerSaid is an answer to be read.
func answerSaid(s *Shown, q forms.Question) string {
	switch q.Kind {
	case forms.Money:
		return s.W.Money(*q.Answer.Money)
	case forms.Single:
		return q.Said(q.Answer.Text)
	case forms.Scale:
		return s.T("forms.of_scale", "value", q.Answer.Text, "high", q.High)
	case forms.Place:
		p := q.Answer.Place
		if p.Latitude == "" {
			return p.Name
		}
		return p.Name + " (" + p.Latitude + ", " + p.Longitude + ")"
	default:
		return cellText(s, q.Kind, q.Answer.Text, q.Currency)
	}
}

// cellText is a text of a kind to be read.
func cellText(s *Shown, k forms.Kind, text, currency string) string {
	switch k {
	case forms.Date:
		if text != "" {
			return s.W.Day(clocks.Day(text))
		}
	case forms.Number:
		return s.W.Decimal(text)
	case forms.Money:
		if m, err := money.ParseDecimal(text, money.Currency(currency)); err == nil {
			return s.W.Money(m)
		}
	default:
	}
	return text
}

func spot(q forms.Question) forms.Spot {
	if q.Answer.Place == nil {
		return forms.Spot{}
	}
	return *q.Answer.Place
}

// tableRows are the lines of a table that were answered or typed, and some to fill.
func tableRows(s *Shown, q forms.Question) []formRow {
	n := len(q.Answer.Rows) + spare
	if s.Typed != nil {
		n = 0
		for typedRow(s, q.Name+"."+strconv.Itoa(n)+".") && n < 500 {
			n++
		}
	}
	lines := make([]formRow, n)
	for i := range lines {
		row := at(q.Answer.Rows, i)
		for _, c := range q.Columns {
			one := cell{name: q.Name + "." + strconv.Itoa(i) + "." + c.ID, label: c.Label, value: row[c.ID]}
			switch c.Kind {
			case forms.Date:
				one.kind, one.day = "day", clocks.Day(row[c.ID])
			case forms.Number:
				one.value = s.W.Decimal(one.value)
			case forms.Money:
				one.label += " (" + q.Currency + ")"
				if m, err := money.ParseDecimal(one.value, money.Currency(q.Currency)); err == nil {
					one.value = s.W.Amount(m)
				}
			default:
			}
			lines[i] = append(lines[i], one)
		}
	}
	return lines
}

func typedRow(s *Shown, prefix string) bool {
	for name := range s.Typed {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// blankHint says on paper how a line is to be filled.
func blankHint(s *Shown, q forms.Question) string {
	switch q.Kind {
	case forms.Date:
		return s.T("forms.blank_day")
	case forms.Money:
		return q.Currency
	default:
		return ""
	}
}

// fieldText says what a question is like, in short.
func fieldText(s *Shown, f forms.Field) string {
	parts := []string{s.T("field_kind." + string(f.Kind))}
	if f.Required {
		parts = append(parts, s.T("forms.required_yes"))
	}
	if len(f.ShowIf) > 0 {
		parts = append(parts, s.T("forms.conditional"))
	}
	if f.Personal {
		parts = append(parts, s.T("forms.personal_short"))
	}
	if f.Blind {
		parts = append(parts, s.T("forms.blind_short"))
	}
	return strings.Join(parts, " · ")
}

func optionRows(s *Shown, list string, options []forms.Option) []formRow {
	return eachAnd(s, list, len(options), spare, func(i int, name func(string) string) formRow {
		o := at(options, i)
		return formRow{
			{kind: "hidden", name: name("id"), value: o.ID},
			{name: name("label.indonesian"), label: s.T("forms.label_id"), value: o.Label.Indonesian},
			{name: name("label.english"), label: s.T("forms.label_en"), value: o.Label.English},
		}
	})
}

func columnRows(s *Shown, columns []forms.Column) []formRow {
	return eachAnd(s, "columns", len(columns), spare, func(i int, name func(string) string) formRow {
		c := at(columns, i)
		return formRow{
			{kind: "hidden", name: name("id"), value: c.ID},
			{name: name("label.indonesian"), label: s.T("forms.label_id"), value: c.Label.Indonesian},
			{name: name("label.english"), label: s.T("forms.label_en"), value: c.Label.English},
			{kind: "select", name: name("kind"), label: s.T("forms.kind"), options: anyOption("–", options(s, forms.ColumnKinds(), "field_kind", c.Kind))},
		}
	})
}

// one is a box to tick.
func one(text string, ticked bool) []Option {
	return []Option{{Value: "true", Text: text, Chosen: ticked}}
}

func currencyText(f forms.Field) string {
	if f.Currency == "" {
		return string(money.IDR)
	}
	return string(f.Currency)
}

// conditions are the answers to other questions on which this one may depend.
func conditions(s *Shown, v FieldForm) []Option {
	var list []Option
	for _, f := range v.Fields {
		if f.ID == v.Field.ID {
			continue
		}
		for _, ref := range f.Refs() {
			o := Option{Value: string(ref), Text: f.Label.In(language(s)) + " = " + f.Say(ref, language(s))}
			for _, chosen := range v.Field.ShowIf {
				o.Chosen = o.Chosen || chosen == ref
			}
			list = append(list, o)
		}
	}
	return list
}

// reusable says that a passport answers questions of a kind.
func reusable(k forms.Kind) bool {
	return k == forms.Short || k == forms.Long || k == forms.Number || k == forms.Date
}

func passportOptions(s *Shown, chosen string) []Option {
	list := []Option{{Text: s.T("forms.not_reusable")}}
	for _, section := range organisations.Sections() {
		for _, q := range organisations.Questions(section) {
			if q.As != organisations.YesNo && q.As != organisations.Choice {
				list = append(list, Option{Value: q.Key, Text: s.T("section."+string(section)) + ": " + s.T("question."+q.Key), Chosen: q.Key == chosen})
			}
		}
	}
	return list
}
