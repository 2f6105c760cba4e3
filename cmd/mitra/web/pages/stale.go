package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Saved says who saved a record since a form of it was opened, and when.
type Saved struct {
	// By is their name, empty where it is not known; Own says that it was the reader, in
	// another window.
	By  string
	Own bool
	At  time.Time
}

func (v Saved) text(s *Shown) string {
	switch at := s.Instant(v.At); {
	case v.Own:
		return s.T("form.yours", "at", at)
	case v.By != "":
		return s.T("form.theirs_by", "name", v.By, "at", at)
	}
	return s.T("form.theirs")
}

// beside is a field of a form: as it is saved now, and as it was typed.
type beside struct{ label, saved, typed string }

func (b beside) same() bool { return b.saved == b.typed }

// differing are the fields of the form that do not say what is saved, and how many do.
func (s *Shown) differing() (list []beside, same int) {
	for _, b := range s.beside {
		if !b.same() {
			list = append(list, b)
		} else if b.saved != "" {
			same++
		}
	}
	return list, same
}

// compare notes a field once: the first note of a field is the one that counts.
func (s *Shown) compare(field, label, saved, typed string) {
	if s.compared[field] {
		return
	}
	if s.compared == nil {
		s.compared = map[string]bool{}
	}
	s.compared[field] = true
	clean := func(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
	s.beside = append(s.beside, beside{label, clean(saved), clean(typed)})
}

// compareText notes a field of text. One that the form just sent does not have is of
// another form of the page.
func (s *Shown) compareText(field, label, saved string) {
	if s.Since != nil && s.Typed.Has(field) {
		s.compare(field, s.inRows(field, label), saved, s.Typed.Get(field))
	}
}

func (s *Shown) compareDay(field, label string, saved clocks.Day) {
	if s.Since != nil && s.Typed.Has(field+".day") {
		s.compare(field, s.inRows(field, label), s.dayText(saved), s.typedDay(field))
	}
}

// compareOne notes a field of which one choice is always taken: the first, unless another is.
func (s *Shown) compareOne(field, label string, options []Option) {
	if s.Since != nil && s.Typed.Has(field) {
		s.compare(field, s.inRows(field, label), chosenText(taken(options)), s.typedChoices(field, options))
	}
}

// compareChoices notes boxes to tick. Those of which none is ticked are not sent at all;
// what sends no field is a button beside the form.
func (s *Shown) compareChoices(field, label string, options []Option) {
	if s.Since != nil && len(s.Typed) > 0 {
		s.compare(field, s.inRows(field, label), chosenText(options), s.typedChoices(field, options))
	}
}

// compareRows notes the lines of a list, each beside the saved line of the same id, where
// lines have ids: somebody else may have added or removed one above it.
func (s *Shown) compareRows(list string, lines []formRow) {
	if s.Since == nil {
		return
	}
	saved := savedLines(list, lines)
	shown := make([]bool, len(lines))
	for i, line := range lines {
		if !typedRow(s, listField(list, i, "")) {
			continue
		}
		at := saved.of(s.Typed.Get(listField(list, i, "id")), i)
		if at >= 0 {
			shown[at] = true
		}
		s.compareLine(list, line, saved.line(at))
	}
	for i, line := range lines {
		if saved.said[i] && !shown[i] {
			for _, c := range line {
				s.compareCell(list, "saved "+c.name, c, s.savedCell(c), "")
			}
		}
	}
}

// compareLine notes one typed line beside a saved one, cell by cell.
func (s *Shown) compareLine(list string, line, saved formRow) {
	for _, c := range line {
		now := ""
		_, field, _ := strings.Cut(strings.TrimPrefix(c.name, list+"."), ".")
		for _, other := range saved {
			if strings.HasSuffix(other.name, "."+field) && strings.Count(other.name, ".") == strings.Count(c.name, ".") {
				now = s.savedCell(other)
			}
		}
		s.compareCell(list, c.name, c, now, s.typedCell(c))
	}
}

func (s *Shown) compareCell(list, field string, c cell, saved, typed string) {
	if c.kind == "hidden" || saved+typed == "" {
		return
	}
	label := s.inRows(c.name, c.label)
	if of := s.labels[list]; of != "" && !s.W.Has("row."+list) {
		label = of + ", " + lowered(label)
	}
	s.compare(field, label, saved, typed)
}

func (s *Shown) savedCell(c cell) string {
	switch c.kind {
	case "select":
		return chosenText(taken(c.options))
	case "checks":
		return chosenText(c.options)
	case "day":
		return s.dayText(c.day)
	}
	return c.value
}

func (s *Shown) typedCell(c cell) string {
	switch c.kind {
	case "select", "checks":
		return s.typedChoices(c.name, c.options)
	case "day":
		return s.typedDay(c.name)
	}
	return s.Typed.Get(c.name)
}

// linesSaved are the lines of a list, and which of them are saved: a list ends with
// lines to fill.
type linesSaved struct {
	lines []formRow
	ids   []string
	said  []bool
}

func savedLines(list string, lines []formRow) linesSaved {
	v := linesSaved{lines, make([]string, len(lines)), make([]bool, len(lines))}
	for i, line := range lines {
		for _, c := range line {
			if c.name == listField(list, i, "id") {
				v.ids[i] = c.value
			}
		}
		v.said[i] = saysSomething(line)
	}
	return v
}

// of is the saved line that a typed one is of: by its id, or by its place where the list
// keeps no ids; less than nothing when there is none.
func (v linesSaved) of(id string, i int) int {
	without := !slices.ContainsFunc(v.ids, func(id string) bool { return id != "" })
	for at := range v.lines {
		if v.said[at] && (without && at == i || !without && id != "" && v.ids[at] == id) {
			return at
		}
	}
	return -1
}

func (v linesSaved) line(at int) formRow {
	if at < 0 {
		return nil
	}
	return v.lines[at]
}

// saysSomething tells a saved line from one to fill, in which a choice or a currency may
// be taken already: by what names it, where something does.
func saysSomething(line formRow) bool {
	named := slices.ContainsFunc(line, func(c cell) bool { return c.wide && c.kind == "" })
	return slices.ContainsFunc(line, func(c cell) bool {
		switch {
		case c.kind == "hidden" || named && !c.wide:
			return false
		case c.kind == "select":
			return slices.ContainsFunc(c.options, func(o Option) bool { return o.Chosen && o.Value != "" })
		}
		return c.value != "" || !c.day.IsZero()
	})
}

func listField(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}

func (s *Shown) dayText(d clocks.Day) string {
	if d.IsZero() {
		return ""
	}
	return s.W.Day(d)
}

// typedDay is a day as it is written elsewhere, or what was typed where that is none.
func (s *Shown) typedDay(field string) string {
	d, m, y := s.DayParts(field, "")
	if d+m+y == "" {
		return ""
	}
	pad := func(text string) string { return strings.Repeat("0", max(0, 2-len(text))) + text }
	var day clocks.Day
	if err := day.UnmarshalText([]byte(y + "-" + pad(m) + "-" + pad(d))); err != nil {
		return strings.Join(filled([]string{d, m, y}), " ")
	}
	return s.W.Day(day)
}

// typedChoices are the choices that were made, by their texts.
func (s *Shown) typedChoices(field string, options []Option) string {
	made := slices.Clone(options)
	for i := range made {
		made[i].Chosen = slices.Contains(s.Typed[field], made[i].Value)
	}
	return chosenText(made)
}

// taken is the choice of a field that always has one.
func taken(options []Option) []Option {
	if len(options) > 0 && !slices.ContainsFunc(options, func(o Option) bool { return o.Chosen }) {
		return []Option{{Value: options[0].Value, Text: options[0].Text, Chosen: true}}
	}
	return options
}

// chosenText joins the texts of what is chosen. A choice of nothing says nothing.
func chosenText(options []Option) string {
	var texts []string
	for _, o := range options {
		if o.Chosen && o.Value != "" {
			texts = append(texts, o.Text)
		}
	}
	return strings.Join(texts, ", ")
}

func filled(parts []string) []string {
	return slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return part == "" })
}
