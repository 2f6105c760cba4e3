package embedded

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// expression is what $group computes from a document: a constant, the value of a
// field, or a document of these.
type expression struct {
	constant value
	path     []string
	names    []string
	parts    []expression
}

func compileExpression(v value) (expression, error) {
	text, isText := v.text()
	switch {
	case isText && strings.HasPrefix(text, "$$"):
		return expression{}, notServed("the variable " + text)
	case isText && strings.HasPrefix(text, "$"):
		return expression{path: splitPath(text[1:])}, nil
	case v.isDocument():
		e := expression{names: []string{}}
		for name, item := range v.document().elements {
			if len(name) > 0 && name[0] == '$' {
				return e, failf(168, "Unrecognized expression '%s' (not served by the embedded database)", name)
			}
			part, err := compileExpression(item)
			if err != nil {
				return e, err
			}
			e.names, e.parts = append(e.names, string(name)), append(e.parts, part)
		}
		return e, nil
	case v.isArray():
		return expression{}, notServed("an array in $group")
	}
	return expression{constant: v}, nil
}

// of is the expression's value for a document; missing where the field is not there.
func (e *expression) of(d document) value {
	switch {
	case e.path != nil:
		v := documentValue(d)
		for _, name := range e.path {
			if !v.isDocument() {
				return missing
			}
			v = v.document().lookup(name)
		}
		return v
	case e.names != nil:
		w := newBuilder()
		for i := range e.parts {
			if v := e.parts[i].of(d); v.there() {
				w.value(e.names[i], v)
			}
		}
		return documentValue(w.done())
	}
	return e.constant
}

// accumulator gathers one field of a group.
type accumulator struct {
	name     string
	operator string
	of       expression
}

// group is one row in the making.
type group struct {
	id      value
	results []value
}

func compileGroup(arg value) (stage, error) {
	if !arg.isDocument() {
		return nil, failf(15947, "a group's fields must be specified in an object")
	}
	if !arg.document().lookup("_id").there() {
		return nil, failf(15955, "a group specification must include an _id")
	}
	var id expression
	var fields []accumulator
	for name, v := range arg.document().elements {
		var err error
		if string(name) == "_id" {
			id, err = compileExpression(v)
		} else {
			var a accumulator
			a, err = compileAccumulator(string(name), v)
			fields = append(fields, a)
		}
		if err != nil {
			return nil, err
		}
	}
	return func(docs []document) ([]document, error) { return groupBy(docs, id, fields) }, nil
}

func compileAccumulator(name string, v value) (accumulator, error) {
	if !v.isDocument() {
		return accumulator{}, failf(40234, "The field '%s' must be an accumulator object", name)
	}
	operator, arg := only(v.document())
	switch operator {
	case "$sum", "$min", "$max":
	default:
		return accumulator{}, failf(codeGroupAccumulator, "unknown group operator '%s' (the embedded database serves $sum, $min, $max)", operator)
	}
	of, err := compileExpression(arg)
	return accumulator{name: name, operator: operator, of: of}, err
}

func groupBy(docs []document, id expression, fields []accumulator) ([]document, error) {
	groups := map[string]*group{}
	var order []*group
	for _, d := range docs {
		v := id.of(d)
		if !v.there() {
			v = nullValue()
		}
		key := string(keyOf(v))
		g := groups[key]
		if g == nil {
			g = &group{id: v, results: make([]value, len(fields))}
			groups[key] = g
			order = append(order, g)
		}
		for i := range fields {
			if err := fields[i].take(&g.results[i], d); err != nil {
				return nil, err
			}
		}
	}
	rows := make([]document, len(order))
	for i, g := range order {
		w := newBuilder().value("_id", g.id)
		for f, result := range g.results {
			w.value(fields[f].name, fields[f].finished(result))
		}
		rows[i] = w.done()
	}
	return rows, nil
}

// take adds one document to a result. What is no number adds nothing to a sum; null and
// missing are neither least nor greatest.
func (a *accumulator) take(result *value, d document) error {
	v := a.of.of(d)
	if a.operator == "$sum" {
		if !v.isNumber() {
			return nil
		}
		if !result.there() {
			*result = v
			return nil
		}
		sum, err := add(*result, v)
		*result = sum
		return err
	}
	if !v.there() || v.kind == bson.TypeNull {
		return nil
	}
	if !result.there() || (compare(v, *result) < 0) == (a.operator == "$min") && compare(v, *result) != 0 {
		*result = v
	}
	return nil
}

func (a *accumulator) finished(result value) value {
	switch {
	case result.there():
		return result
	case a.operator == "$sum":
		return int32Value(0)
	}
	return nullValue()
}
