package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/money"
)

// answers reads what people wrote into the questions of a form: fields "answers.q1", of a
// table "answers.q1.0.c1". Numbers and amounts are as the reader's language writes them.
// What is wrong in a question that does not appear is nobody's mistake.
func (f *formReader) answers(d *forms.Definition) (forms.Answers, []fault.Field) {
	out := forms.Answers{}
	own := &formReader{values: f.values, language: f.language}
	for i := range d.Fields {
		out[d.Fields[i].ID] = own.answer(&d.Fields[i])
	}
	shown := d.Shown(out)
	wrong := slices.DeleteFunc(own.faults, func(one fault.Field) bool { return !shown[strings.Split(one.Name, ".")[1]] })
	return out, wrong
}

func (f *formReader) answer(q *forms.Field) forms.Answer {
	name := "answers." + q.ID
	switch q.Kind {
	case forms.Heading:
		return forms.Answer{}
	case forms.Money:
		text, _ := f.first(name)
		if strings.TrimSpace(text) == "" {
			return forms.Answer{}
		}
		m, err := money.ParseLocal(text, q.Currency, f.language)
		f.note(name, err)
		return forms.Answer{Money: &m}
	case forms.Multi:
		return forms.Answer{Choices: slices.DeleteFunc(slices.Clone(f.values[name]), func(v string) bool { return v == "" })}
	case forms.Matrix:
		cells := map[string]string{}
		for _, row := range q.Rows {
			cells[row.ID], _ = f.first(name + "." + row.ID)
		}
		return forms.Answer{Cells: cells}
	case forms.Table:
		return forms.Answer{Rows: f.table(name, q)}
	case forms.Place:
		var at forms.Spot
		at.Name, _ = f.first(name + ".name")
		at.Latitude, _ = f.first(name + ".latitude")
		at.Longitude, _ = f.first(name + ".longitude")
		return forms.Answer{Place: &at}
	default:
		return forms.Answer{Text: f.text(name, q.Kind, q.Currency)}
	}
}

// table reads rows for as long as the form has some.
func (f *formReader) table(name string, q *forms.Field) []map[string]string {
	var rows []map[string]string
	for n := range maxRows {
		at := name + "." + strconv.Itoa(n)
		if !f.mentioned(at) {
			break
		}
		row := map[string]string{}
		for _, c := range q.Columns {
			row[c.ID] = f.text(at+"."+c.ID, c.Kind, q.Currency)
		}
		rows = append(rows, row)
	}
	return rows
}

// text reads one text of a kind, in the form in which answers are kept.
func (f *formReader) text(name string, k forms.Kind, c money.Currency) string {
	text, _ := f.first(name)
	text = strings.TrimSpace(text)
	switch {
	case k == forms.Date:
		var day clocks.Day
		f.day(name, &day)
		return string(day)
	case text == "":
		return ""
	case k == forms.Number:
		plain, ok := plainDecimal(text, f.language)
		if !ok {
			f.faults = append(f.faults, fault.On(name, "number_malformed"))
		}
		return plain
	case k == forms.Money:
		m, err := money.ParseLocal(text, c, f.language)
		f.note(name, err)
		return m.Decimal()
	}
	return text
}

// plainDecimal takes a number as people write it ("1.250,5" in Indonesian) to decimal text.
// Groups that are not of three digits are refused rather than guessed at.
func plainDecimal(text, language string) (string, bool) {
	group, point := ".", ","
	if language == "en" {
		group, point = ",", "."
	}
	rest, negative := strings.CutPrefix(strings.Replace(text, "−", "-", 1), "-")
	whole, part, pointed := strings.Cut(rest, point)
	groups := strings.Split(whole, group)
	for i, digits := range groups {
		if !digitsOnly(digits) || len(groups) > 1 && (len(digits) > 3 || i > 0 && len(digits) != 3) {
			return "", false
		}
	}
	if pointed && !digitsOnly(part) {
		return "", false
	}
	plain := strings.TrimLeft(strings.Join(groups, ""), "0")
	if plain == "" {
		plain = "0"
	}
	if part = strings.TrimRight(part, "0"); part != "" {
		plain += "." + part
	}
	if negative && plain != "0" {
		plain = "-" + plain
	}
	return plain, true
}

func digitsOnly(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
