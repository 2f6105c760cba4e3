package iati

import (
	"errors"
	"strconv"

	"github.com/mitra-platform/mitra/services/money"
)

// reading makes one activity of its tree, and keeps what is wrong with it.
type reading struct {
	element  *Element
	seen     identifiers
	currency money.Currency // default-currency of the activity
}

// activity reads the whole tree, or says why it is refused.
func (r *reading) activity(n *node) {
	identifier, code := r.identifier(n)
	if code != "" {
		r.element.refuse(n, code, "identifier", brief(identifier))
		return
	}
	a := &Activity{Line: n.line, Identifier: identifier, Lang: n.lang, Titles: r.title(n)}
	if code, args := r.state(n, a); code != "" {
		r.element.refuse(n, code, append(args, "identifier", brief(identifier))...)
		return
	}
	if !r.seen.add(identifier) {
		r.element.refuse(n, "iati_identifier_duplicate", "identifier", brief(identifier))
		return
	}
	r.attributes(n, a)
	r.who(n, a)
	r.where(n, a)
	r.classes(n, a)
	r.finances(n, a)
	r.rest(n, a)
	r.element.Activity = a
	r.element.Leftovers = map[string]int{}
	n.sweep(count(r.element.Leftovers))
}

func (r *reading) identifier(n *node) (identifier, code string) {
	identifier, _ = single(r, n, "iati-identifier", content)
	switch {
	case identifier == "":
		return "", "iati_identifier_missing"
	case len(identifier) > maxIdentifier:
		return identifier, "iati_identifier_too_long"
	}
	return identifier, ""
}

// state reads what an activity cannot do without besides its identifier.
func (r *reading) state(n *node, a *Activity) (code string, args []string) {
	if len(a.Titles) == 0 {
		return "iati_title_missing", nil
	}
	for status := range n.all("activity-status") {
		known, err := attrIn(status, "code", Statuses())
		if err != nil {
			return "iati_status_unknown", []string{"value", brief(status.value("code"))}
		}
		if a.Status != "" {
			r.refuse(status, wrong(status, "", "element_repeated"))
			continue
		}
		a.Status = known
	}
	if a.Status == "" {
		return "iati_status_missing", nil
	}
	return "", nil
}

func (r *reading) attributes(n *node, a *Activity) {
	if code, given := n.attr("default-currency"); given {
		currency, err := money.ParseCurrency(code)
		if err != nil {
			r.note(n, "default-currency", "currency_unknown", "value", brief(code))
		}
		r.currency, a.DefaultCurrency = currency, currency
	}
	if text, given := n.attr("last-updated-datetime"); given {
		if isDateTime(text) {
			a.LastUpdated = text
		} else {
			r.note(n, "last-updated-datetime", "instant_malformed", "value", brief(text))
		}
	}
	if text, given := n.attr("hierarchy"); given {
		level, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			r.note(n, "hierarchy", "number_malformed", "value", brief(text))
		}
		a.Hierarchy = int(level)
	}
	a.Humanitarian = r.boolean(n, "humanitarian", false)
	a.LinkedDataURI = n.value("linked-data-uri")
	a.BudgetNotProvided = n.value("budget-not-provided")
}

// refuse reports a child that cannot be read; what is inside it is not left over.
func (r *reading) refuse(child *node, err error) {
	child.used, child.refused = true, true
	if f, ok := errors.AsType[*flaw](err); ok {
		problem := Problem{Line: f.at.line, Path: f.path(), Element: child.name, Code: f.err.Code, Args: f.err.Args}
		r.element.Problems = append(r.element.Problems, problem)
		return
	}
	r.element.Problems = append(r.element.Problems, newProblem(child, child.path(), "internal"))
}

// note reports an attribute that is wrong or absent; its element goes on without it.
func (r *reading) note(n *node, attr, code string, args ...string) {
	problem := newProblem(n, n.path()+"/@"+attr, code, args...)
	problem.Element = "@" + attr
	r.element.Problems = append(r.element.Problems, problem)
}

// expect reports a child that the standard requires and nobody wrote.
func (r *reading) expect(n *node, name string) {
	for range n.all(name) {
		return
	}
	problem := newProblem(n, n.path()+"/"+name, "element_missing", "element", name)
	problem.Element = name
	r.element.Problems = append(r.element.Problems, problem)
}

func (r *reading) boolean(n *node, attr string, otherwise bool) bool {
	text, given := n.attr(attr)
	if !given {
		return otherwise
	}
	value, ok := isTrue(text)
	if !ok {
		r.note(n, attr, "boolean_malformed", "value", brief(text))
		return otherwise
	}
	return value
}

// collect reads every child of a name; those that are wrong are refused.
func collect[T any](r *reading, n *node, name string, read func(*node) (T, error)) []T {
	var out []T
	for child := range n.all(name) {
		value, err := read(child)
		if err != nil {
			r.refuse(child, err)
			continue
		}
		out = append(out, value)
	}
	return out
}

// single reads a child that may stand once: a second one is refused.
func single[T any](r *reading, n *node, name string, read func(*node) (T, error)) (value T, ok bool) {
	first := true
	for child := range n.all(name) {
		if !first {
			r.refuse(child, wrong(child, "", "element_repeated"))
			continue
		}
		first = false
		got, err := read(child)
		if err != nil {
			r.refuse(child, err)
			continue
		}
		value, ok = got, true
	}
	return value, ok
}

// optional is single as a pointer, nil when there is none.
func optional[T any](r *reading, n *node, name string, read func(*node) (T, error)) *T {
	if value, ok := single(r, n, name, read); ok {
		return &value
	}
	return nil
}

// atMostOne reads a child whose fault, or whose second appearance, is its parent's.
func atMostOne[T any](_ *reading, n *node, name string, read func(*node) (T, error)) (value T, err error) {
	first := true
	for child := range n.all(name) {
		if !first {
			return value, wrong(child, "", "element_repeated")
		}
		first = false
		if value, err = read(child); err != nil {
			return value, err
		}
	}
	return value, nil
}

// must is atMostOne of a child that has to be there.
func must[T any](r *reading, n *node, name string, read func(*node) (T, error)) (T, error) {
	for range n.all(name) {
		return atMostOne(r, n, name, read)
	}
	var none T
	return none, &flaw{at: &node{parent: n, name: name, line: n.line}, err: wrong(n, "", "element_missing", "element", name).err}
}
