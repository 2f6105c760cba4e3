package embedded

import (
	"strconv"
	"strings"
)

// projection says which fields a reader wants, by dotted paths: these, or all but these.
type projection struct {
	include bool
	id      bool
	fields  projected
}

// projected is a field's name and what is wanted below it; nil below means all of it.
type projected map[string]projected

func compileProjection(d document) (*projection, error) {
	if d == nil || d.empty() {
		return nil, nil //nolint:nilnil // everything is an answer
	}
	p := &projection{id: true, fields: projected{}}
	decided := false
	for name, v := range d.elements {
		if v.nested() || !v.isNumber() && v.kind != boolValue(true).kind {
			return nil, notServed("a projection of '" + string(name) + "' other than 0 or 1")
		}
		if strings.HasPrefix(string(name), "_id.") {
			return nil, notServed("a projection of a part of _id")
		}
		if string(name) == "_id" {
			p.id = v.truth()
			if !decided && len(p.fields) == 0 {
				p.include = p.id
			}
			continue
		}
		if strings.Contains(string(name), "$") {
			return nil, notServed("a positional projection")
		}
		if decided && p.include != v.truth() {
			return nil, mixed(string(name), p.include)
		}
		decided, p.include = true, v.truth()
		if err := p.fields.add(splitPath(string(name)), string(name)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func mixed(name string, include bool) error {
	if include {
		return failf(31254, "Cannot do exclusion on field %s in inclusion projection", name)
	}
	return failf(31253, "Cannot do inclusion on field %s in exclusion projection", name)
}

func (p projected) add(path []string, whole string) error {
	below, known := p[path[0]]
	if known && (below == nil || len(path) == 1) {
		return failf(31249, "Path collision at %s", whole)
	}
	if len(path) == 1 {
		p[path[0]] = nil
		return nil
	}
	if below == nil {
		below = projected{}
		p[path[0]] = below
	}
	return below.add(path[1:], whole)
}

func (p *projection) apply(d document) document {
	if p == nil {
		return d
	}
	w := newBuilder()
	for name, v := range d.elements {
		if string(name) == "_id" {
			if p.id {
				w.value("_id", v)
			}
			continue
		}
		if kept, ok := p.fields.keep(string(name), v, p.include); ok {
			w.value(string(name), kept)
		}
	}
	return w.done()
}

// keep is what remains of a field, and whether anything does.
func (p projected) keep(name string, v value, include bool) (value, bool) {
	below, named := p[name]
	switch {
	case !named:
		return v, !include
	case below == nil:
		return v, include
	}
	return below.within(v, include)
}

func (p projected) within(v value, include bool) (value, bool) {
	switch {
	case v.isDocument():
		w := newBuilder()
		for name, item := range v.document().elements {
			if kept, ok := p.keep(string(name), item, include); ok {
				w.value(string(name), kept)
			}
		}
		return documentValue(w.done()), true
	case v.isArray():
		w := newBuilder()
		i := 0
		for _, item := range v.document().elements {
			if kept, ok := p.within(item, include); ok {
				w.value(strconv.Itoa(i), kept)
				i++
			}
		}
		return value{v.kind, w.done()}, true
	}
	return v, !include
}
