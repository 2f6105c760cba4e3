package pages

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/programs"
)

// rowName is what a line of a list is called: "Activity 2", or "Row 2" where its lines
// have no name of their own.
func (s *Shown) rowName(list string, i int) string {
	if key := "row." + list; s.W.Has(key) {
		return s.T(key, "n", i+1)
	}
	return s.T("form.row", "n", i+1)
}

// rowTitle is a line's name, and what it is about where that is known already.
func rowTitle(s *Shown, list string, i int, line formRow) string {
	for _, c := range line {
		if text := s.Value(c.name, c.value); c.wide && text != "" {
			return s.rowName(list, i) + ": " + cut(text)
		}
	}
	return s.rowName(list, i)
}

// lowered is a text within a sentence; an acronym stays as it is.
func lowered(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(next) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

// Called is what a field is called, with the rows it stands in: "Indicator 1, target 2,
// start: ". It is known once the page has been drawn: a page that lists what is wrong is
// drawn twice.
func (s *Shown) Called(field string) string {
	label, ok := s.labels[s.place(field)]
	if !ok {
		return ""
	}
	return s.inRows(field, label) + ": "
}

// inRows is a field's label after the names of the rows in which it stands.
func (s *Shown) inRows(field, label string) string {
	var names []string
	parts := strings.Split(field, ".")
	for i := 1; i < len(parts)-1; i++ {
		if row, err := strconv.Atoi(parts[i]); err == nil {
			names = append(names, s.rowName(parts[i-1], row))
		}
	}
	names = append(names, label)
	for i := 1; i < len(names); i++ {
		names[i] = lowered(names[i])
	}
	return strings.Join(names, ", ")
}

// place is the field of the page that a refusal means: its own, or the first within it
// where what is refused is made of several.
func (s *Shown) place(field string) string {
	if _, ok := s.labels[field]; ok {
		return field
	}
	for _, part := range []string{".value", ".numerator"} {
		if _, ok := s.labels[field+part]; ok {
			return field + part
		}
	}
	return field
}

// nextID is the id that the empty line of a list gets, so that other lines can name it.
func nextID(prefix string, used []string) string {
	for n := 1; ; n++ {
		if id := prefix + strconv.Itoa(n); !slices.Contains(used, id) {
			return id
		}
	}
}

// idOf is the id of a line, or the one that it will get.
func idOf(i int, used []string, next string) string {
	if i < len(used) {
		return used[i]
	}
	return next
}

func resultIDs(list []programs.ResultNode) []string {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	return ids
}

// resultOptions are the results of a plan by their titles, and the line that is not yet
// filled in; without the one that asks.
func resultOptions(s *Shown, list []programs.ResultNode, but, chosen string) []Option {
	var out []Option
	for i, r := range list {
		if r.ID != but {
			out = append(out, Option{Value: r.ID, Text: s.rowName("results", i) + ": " + cut(r.Title), Chosen: r.ID == chosen})
		}
	}
	if next := nextID("rs", resultIDs(list)); next != but {
		out = append(out, Option{Value: next, Text: s.T("form.row_new", "row", s.rowName("results", len(list))), Chosen: next == chosen})
	}
	return out
}

// measured are the results that an indicator may measure. Where there is one alone, it is
// that one.
func measured(s *Shown, list []programs.ResultNode, chosen string) []Option {
	if len(list) == 0 && chosen == "" {
		chosen = nextID("rs", nil)
	}
	if len(list) == 1 && chosen == "" {
		chosen = list[0].ID
	}
	return anyOption("–", resultOptions(s, list, "", chosen))
}

// near is how many activities before and after one it may be made to follow: a long plan
// would else be a page of squares.
const near = 15

// followed are the activities that one may come after: those near it, and those that it
// comes after already.
func followed(s *Shown, list []programs.Activity, i int) []Option {
	var out []Option
	chosen := at(list, i).DependsOn
	for j, a := range list {
		after := slices.Contains(chosen, a.ID)
		if j != i && (after || j >= i-near && j <= i+near) {
			out = append(out, Option{Value: a.ID, Text: a.Title, Chosen: after})
		}
	}
	return out
}

// afterText are the titles of the activities that one comes after.
func afterText(list []programs.Activity, ids []string) string {
	var titles []string
	for _, a := range list {
		if slices.Contains(ids, a.ID) {
			titles = append(titles, a.Title)
		}
	}
	return joined(titles)
}

func activityIDs(list []programs.Activity) []string {
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return ids
}

// listIn is how many lines a part of a plan has; less than nothing where it is no list.
func (v Section) listIn() int {
	switch v.Name {
	case "places":
		return len(v.Places)
	case "parties":
		return len(v.Parties)
	case "activities":
		return len(v.Activities)
	case "budget":
		return len(v.Budget)
	case "results":
		return len(v.Results) + len(v.Indicators)
	case "risks":
		return len(v.Risks)
	}
	return -1
}

// listIn is the same of a passport's part.
func (v PassportPart) listIn() int {
	switch v.Name {
	case "identifiers":
		return len(v.Identifiers)
	case "persons":
		return len(v.Persons)
	case "capacity":
		return len(v.Places)
	case "inclusion":
		return len(v.Experience)
	}
	return -1
}
