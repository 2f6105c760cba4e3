package pages

import (
	"strconv"

	"github.com/a-h/templ"
)

// Filter is a choice above a list.
type Filter struct {
	Name, Label string
	// Options are what may be chosen; without any, Text is what was typed and Hint an example.
	Options    []Option
	Text, Hint string
}

// describe ties a field to its hint and to what is wrong with it.
func describe(s *Shown, name, hint string) templ.Attributes {
	by := ""
	if hint != "" {
		by = fieldID(name) + "-hint"
	}
	a := templ.Attributes{}
	if s.Wrong(name) != "" {
		by += " " + fieldID(name) + "-wrong"
		a["aria-invalid"] = "true"
	}
	if by != "" {
		a["aria-describedby"] = by
	}
	return a
}

// grouped is describe for a field of several controls: aria-invalid is not for a group.
func grouped(s *Shown, name, hint string) templ.Attributes {
	a := describe(s, name, hint)
	delete(a, "aria-invalid")
	return a
}

// number is a version, or a count, as an attribute carries it.
func number[T ~int64](v T) string { return strconv.FormatInt(int64(v), 10) }

// options makes choices of a closed list, in the reader's words.
func options[T ~string](s *Shown, list []T, words string, chosen ...T) []Option {
	out := make([]Option, 0, len(list))
	for _, item := range list {
		o := Option{Value: string(item), Text: s.T(words + "." + string(item))}
		for _, c := range chosen {
			o.Chosen = o.Chosen || c == item
		}
		out = append(out, o)
	}
	return out
}

// anyOption goes before the others in a filter.
func anyOption(text string, others []Option) []Option {
	return append([]Option{{Text: text}}, others...)
}
