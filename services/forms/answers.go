package forms

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

// maxAnswers is how long all answers to a form may be together, in bytes.
const maxAnswers = 256 << 10

// Answers are by the id of their question; one without an answer is absent.
type Answers map[string]Answer

// Answer is what was answered; which member is filled follows from the kind of the
// question, see the package.
type Answer struct {
	Text    string              `json:"text,omitempty"`
	Money   *money.Money        `json:"money,omitempty"`
	Choices []string            `json:"choices,omitempty"`
	Cells   map[string]string   `json:"cells,omitempty"`
	Rows    []map[string]string `json:"rows,omitempty"`
	Place   *Spot               `json:"place,omitempty"`
}

// Spot is a place by its name and, where known, its position in decimal degrees.
type Spot struct {
	Name      string `json:"name"`
	Latitude  string `json:"latitude"`
	Longitude string `json:"longitude"`
}

func (a Answer) chose(option string) bool {
	return a.Text == option || slices.Contains(a.Choices, option)
}

// empty says that nothing was answered.
func (a Answer) empty() bool {
	return strings.TrimSpace(a.Text) == "" && a.Money == nil && len(a.Choices) == 0 && len(a.Cells) == 0 && len(full(a.Rows)) == 0 && (a.Place == nil || *a.Place == Spot{})
}

// full are the rows in which something is written.
func full(rows []map[string]string) []map[string]string {
	var list []map[string]string
	for _, row := range rows {
		if len(row) > 0 {
			list = append(list, row)
		}
	}
	return list
}

func (a Answer) size() int {
	n := len(a.Text) + 32
	for _, c := range a.Choices {
		n += len(c)
	}
	for k, v := range a.Cells {
		n += len(k) + len(v)
	}
	for _, row := range a.Rows {
		for k, v := range row {
			n += len(k) + len(v)
		}
	}
	if a.Place != nil {
		n += len(a.Place.Name) + len(a.Place.Latitude) + len(a.Place.Longitude)
	}
	return n
}

// fits says that nothing is filled but what the kind asks for.
func (a Answer) fits(k Kind) bool {
	filled := map[string]bool{
		"text": a.Text != "", "money": a.Money != nil, "choices": len(a.Choices) > 0, "cells": len(a.Cells) > 0, "rows": len(full(a.Rows)) > 0, "place": a.Place != nil,
	}
	delete(filled, member(k))
	return !slices.Contains(slices.Collect(maps.Values(filled)), true)
}

// member is the part of an answer that a kind fills.
func member(k Kind) string {
	switch k {
	case Money:
		return "money"
	case Multi:
		return "choices"
	case Matrix:
		return "cells"
	case Table:
		return "rows"
	case Place:
		return "place"
	case Heading:
		return ""
	default:
		return "text"
	}
}

// Tidy takes answers from outside: those to questions that do not appear are dropped,
// empty ones are absent, and each of the others is held to its question. What must be
// answered need not be yet.
func (d *Definition) Tidy(in Answers) (Answers, error) {
	var wrong []fault.Field
	size := 0
	for id, a := range in {
		if size += len(id) + a.size(); d.at(id) < 0 {
			return nil, fault.Invalid(fault.On("answers", "field_unknown"))
		}
	}
	if size > maxAnswers {
		return nil, fault.Invalid(fault.On("answers", "answers_too_large"))
	}
	out := Answers{}
	shown := d.Shown(in)
	for i := range d.Fields {
		f := &d.Fields[i]
		a := in[f.ID].trim()
		if !shown[f.ID] || a.empty() {
			continue
		}
		wrong = append(wrong, f.validate("answers."+f.ID, a)...)
		a.Rows = full(a.Rows)
		out[f.ID] = a
	}
	if err := fault.Invalid(wrong...); err != nil {
		return nil, err
	}
	return out, nil
}

// Missing refuses answers that lack one that must be given. A question that does not
// appear need not be answered; of a matrix every row must be.
func (d *Definition) Missing(answers Answers) error {
	var wrong []fault.Field
	shown := d.Shown(answers)
	for _, f := range d.Fields {
		a := answers[f.ID]
		if !f.Required || !shown[f.ID] {
			continue
		}
		if a.empty() {
			wrong = append(wrong, fault.On("answers."+f.ID, "required"))
			continue
		}
		for _, row := range f.Rows {
			if f.Kind == Matrix && a.Cells[row.ID] == "" {
				wrong = append(wrong, fault.On("answers."+f.ID+"."+row.ID, "required"))
			}
		}
	}
	return fault.Invalid(wrong...)
}

// Apart divides answers into those that may be journalled with their values and those
// about people.
func (d *Definition) Apart(answers Answers) (open, personal Answers) {
	open, personal = Answers{}, Answers{}
	for id, a := range answers {
		if f := d.Field(id); f != nil && f.Personal {
			personal[id] = a
		} else {
			open[id] = a
		}
	}
	return open, personal
}

// Blinded leaves out the answers that would tell whose they are.
func (d *Definition) Blinded(answers Answers) Answers {
	out := Answers{}
	for id, a := range answers {
		if f := d.Field(id); f != nil && !f.Blind {
			out[id] = a
		}
	}
	return out
}

// Offer takes what an organisation's passport answers, by the keys of its questions, to
// the questions that may be answered from there. What does not fit is left out.
func (d *Definition) Offer(profile map[string]string) Answers {
	out := Answers{}
	for i := range d.Fields {
		f := &d.Fields[i]
		a := Answer{Text: strings.TrimSpace(profile[f.Reusable])}
		if f.Reusable != "" && !a.empty() && f.validate("", a) == nil {
			out[f.ID] = a
		}
	}
	return out
}

// Together joins what Apart divided.
func Together(parts ...Answers) Answers {
	all := Answers{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// trim takes the space around texts and leaves out cells without one.
func (a Answer) trim() Answer {
	a.Text = strings.TrimSpace(a.Text)
	if a.Cells != nil {
		a.Cells = filled(a.Cells)
	}
	rows := make([]map[string]string, len(a.Rows))
	for i, row := range a.Rows {
		rows[i] = filled(row) // empty ones are dropped once what is wrong was said by its row
	}
	a.Rows = rows
	if a.Place != nil {
		p := Spot{strings.TrimSpace(a.Place.Name), strings.TrimSpace(a.Place.Latitude), strings.TrimSpace(a.Place.Longitude)}
		if a.Place = &p; p == (Spot{}) {
			a.Place = nil
		}
	}
	return a
}

func filled(cells map[string]string) map[string]string {
	out := map[string]string{}
	for key, text := range cells {
		if text = strings.TrimSpace(text); text != "" {
			out[key] = text
		}
	}
	return out
}

// validate says what is wrong with an answer that is not empty.
func (f *Field) validate(name string, a Answer) []fault.Field {
	if !a.fits(f.Kind) {
		return []fault.Field{fault.On(name, "type_wrong", "type", member(f.Kind))}
	}
	switch f.Kind {
	case Multi:
		return f.validateChoices(name, a.Choices)
	case Money:
		return f.validateMoney(name, *a.Money)
	case Matrix:
		return f.validateMatrix(name, a.Cells)
	case Table:
		return f.validateTable(name, a.Rows)
	case Place:
		return a.Place.check(name)
	case Single:
		if !has(f.Options, a.Text) {
			return []fault.Field{fault.On(name, "choice_unknown", "value", short(a.Text))}
		}
	case Scale:
		if n, err := strconv.Atoi(a.Text); err != nil || n < f.Low || n > f.High || strconv.Itoa(n) != a.Text {
			return []fault.Field{fault.On(name, "out_of_range", "min", strconv.Itoa(f.Low), "max", strconv.Itoa(f.High))}
		}
	default:
		return validateText(name, f.Kind, a.Text, "")
	}
	return nil
}

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$`)

// validateText holds a text to a kind that is answered by one.
func validateText(name string, k Kind, text string, c money.Currency) []fault.Field {
	switch k {
	case Short:
		return CheckText(name, text, maxLine)
	case Long:
		return CheckText(name, text, maxLong)
	case Number:
		if !decimal.MatchString(text) {
			return []fault.Field{fault.On(name, "number_malformed")}
		}
	case Date:
		if _, err := clocks.ParseDay(text); err != nil {
			return []fault.Field{fault.On(name, "day_malformed")}
		}
	case Money:
		m, err := money.ParseDecimal(text, c)
		if err != nil {
			return []fault.Field{{Name: name, Code: fault.CodeOf(err)}}
		}
		return negative(name, m)
	default:
		return []fault.Field{fault.On(name, "field_unknown")}
	}
	return nil
}

func negative(name string, m money.Money) []fault.Field {
	if m.Amount < 0 {
		return []fault.Field{fault.On(name, "amount_negative")}
	}
	return nil
}

func (f *Field) validateMoney(name string, m money.Money) []fault.Field {
	if m.Currency != f.Currency {
		return []fault.Field{fault.On(name, "money_currency_differs")}
	}
	return negative(name, m)
}

func (f *Field) validateChoices(name string, list []string) []fault.Field {
	seen := map[string]bool{}
	for _, id := range list {
		if !has(f.Options, id) || seen[id] {
			return []fault.Field{fault.On(name, "choice_unknown", "value", short(id))}
		}
		seen[id] = true
	}
	return nil
}

func (f *Field) validateMatrix(name string, cells map[string]string) []fault.Field {
	var wrong []fault.Field
	for _, row := range slices.Sorted(maps.Keys(cells)) {
		switch {
		case !has(f.Rows, row):
			wrong = append(wrong, fault.On(name, "field_unknown"))
		case !has(f.Options, cells[row]):
			wrong = append(wrong, fault.On(name+"."+row, "choice_unknown", "value", short(cells[row])))
		}
	}
	return wrong
}

func (f *Field) validateTable(name string, rows []map[string]string) []fault.Field {
	wrong := tooMany(name, len(full(rows)), maxRows)
	if wrong != nil {
		return wrong
	}
	for n, row := range rows {
		for _, id := range slices.Sorted(maps.Keys(row)) {
			at := slices.IndexFunc(f.Columns, func(c Column) bool { return c.ID == id })
			if at < 0 {
				return append(wrong, fault.On(name, "field_unknown"))
			}
			wrong = append(wrong, validateText(name+"."+strconv.Itoa(n)+"."+id, f.Columns[at].Kind, row[id], f.Currency)...)
		}
	}
	return wrong
}

// check says what is wrong with a place: a position is both numbers or none.
func (p *Spot) check(name string) []fault.Field {
	wrong := CheckText(name+".name", p.Name, maxLine)
	if p.Name == "" {
		wrong = append(wrong, fault.On(name+".name", "required"))
	}
	if p.Latitude == "" && p.Longitude == "" {
		return wrong
	}
	wrong = append(wrong, degrees(name+".latitude", p.Latitude, 90)...)
	return append(wrong, degrees(name+".longitude", p.Longitude, 180)...)
}

func degrees(name, text string, most float64) []fault.Field {
	n, err := strconv.ParseFloat(text, 64)
	if !decimal.MatchString(text) || err != nil || n < -most || n > most {
		return []fault.Field{fault.On(name, "point_malformed")}
	}
	return nil
}

func has(list []Option, id string) bool {
	return slices.ContainsFunc(list, func(o Option) bool { return o.ID == id })
}

// short keeps a refused value short enough to show.
func short(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
