// Package pages draws what people see: the shell, forms, lists, and the pages of each
// area on typed views. It asks nothing and decides nothing; what may be done is told to it.
package pages

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// Shown is what every page is told beside its own view.
type Shown struct {
	W     *words.Words
	Path  string
	Nonce string
	// CSRF is what every form of the session carries.
	CSRF             string
	Demo             bool
	Actor            tenants.Actor
	OrganisationName string
	Tenant           *tenants.Tenant
	Zone             *time.Location
	Now              time.Time
	// Done says what the reader has just done; empty on most pages.
	Done string
	// Problem is what was wrong with the form just sent, Typed what was typed into it.
	Problem *Message
	Typed   url.Values
	// Since says who saved the record since its form was opened; nil when nobody did.
	Since *Saved
	May   func(policies.Action) bool
	// labels are what the fields of the page are called, noted while it is drawn.
	labels map[string]string
	// beside are the fields as they are saved and as they were typed, noted likewise.
	beside   []beside
	compared map[string]bool
}

// Message is a refusal in the reader's words.
type Message struct {
	Code, Detail, Remedy string
	Fields               []FieldMessage
}

// FieldMessage is what is wrong with one field.
type FieldMessage struct{ Name, Detail, Remedy string }

// T is a text of the reader's language.
func (s *Shown) T(key string, args ...any) string { return s.W.T(key, args...) }

// In is a path within the tenant.
func (s *Shown) In(path string) string { return "/" + string(s.Actor.Tenant) + path }

// Here says that a path leads to this page or to one below it.
func (s *Shown) Here(path string) bool { return s.Path == path || strings.HasPrefix(s.Path, path+"/") }

// name notes what a field is called, for the list of what is wrong above the form.
func (s *Shown) name(field, label string) {
	if s.labels == nil {
		s.labels = map[string]string{}
	}
	s.labels[field] = label
}

// Wrong is what is wrong with a field; empty when nothing is.
func (s *Shown) Wrong(name string) string {
	if s.Problem == nil {
		return ""
	}
	for _, f := range s.Problem.Fields {
		if f.Name == name || s.place(f.Name) == name || strings.HasPrefix(f.Name, name+".") && !strings.Contains(f.Name[len(name)+1:], ".") && dayPart(f.Name[len(name)+1:]) {
			return f.Detail + " " + f.Remedy
		}
	}
	return ""
}

func dayPart(name string) bool { return name == "day" || name == "month" || name == "year" }

// Value is what was typed into a field, else what it holds.
func (s *Shown) Value(name, otherwise string) string {
	if s.Typed == nil {
		return otherwise
	}
	return s.Typed.Get(name)
}

// Chosen says whether an option of a field is chosen.
func (s *Shown) Chosen(name, option string, otherwise bool) bool {
	if s.Typed == nil {
		return otherwise
	}
	for _, value := range s.Typed[name] {
		if value == option {
			return true
		}
	}
	return false
}

// DayParts are the three texts of a day's field.
func (s *Shown) DayParts(name string, d clocks.Day) (day, month, year string) {
	if s.Typed != nil {
		return s.Typed.Get(name + ".day"), s.Typed.Get(name + ".month"), s.Typed.Get(name + ".year")
	}
	parts := strings.Split(string(d), "-")
	if len(parts) != 3 {
		return "", "", ""
	}
	return strings.TrimPrefix(parts[2], "0"), strings.TrimPrefix(parts[1], "0"), parts[0]
}

// Initials stand for a person where there is little room.
func (s *Shown) Initials() string {
	var letters strings.Builder
	for _, word := range strings.Fields(s.Actor.Name) {
		r, _ := utf8.DecodeRuneInString(word)
		letters.WriteRune(r)
		if letters.Len() >= 2 {
			break
		}
	}
	return strings.ToUpper(letters.String())
}

// Instant is a moment in the tenant's zone.
func (s *Shown) Instant(t time.Time) string { return s.W.InstantShort(t, s.Zone) }

// fieldID is a field's place on the page.
func fieldID(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

// Link is a way to go.
type Link struct{ To, Text string }

// Option is one choice of a field.
type Option struct {
	Value, Text string
	Chosen      bool
}
