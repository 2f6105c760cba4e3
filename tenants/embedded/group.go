package embedded

import (
	"slices"
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
		return fieldPath(text[1:])
	case v.isDocument():
		e := expression{names: []string{}}
		for name, item := range v.document().elements {
			if strings.Contains(string(name), ".") {
				return e, notServed("a field name with a dot in $group ('" + string(name) + "')")
			}
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

func fieldPath(text string) (expression, error) {
	path := splitPath(text)
	switch {
	case text == "":
		return expression{}, failf(16872, "'$' by itself is not a valid FieldPath")
	case path[len(path)-1] == "":
		return expression{}, failf(40353, "FieldPath must not end with a '.'.")
	case slices.Contains(path, ""):
		return expression{}, failf(15998, "FieldPath field names may not be empty strings.")
	}
	return expression{path: path}, nil
}

// of is the expression's value for a document; missing where the field is not there. A
// path that leads through an array is refused: it would be many values.
func (e *expression) of(d document) (value, error) {
	switch {
	case e.path != nil:
		v := documentValue(d)
		for _, name := range e.path {
			if v.isArray() {
				return missing, notServed("a path through an array in $group ($" + strings.Join(e.path, ".") + ")")
			}
			if !v.isDocument() {
				return missing, nil
			}
			v = v.document().lookup(name)
		}
		return v, nil
	case e.names != nil:
		w := newBuilder()
		for i := range e.parts {
			v, err := e.parts[i].of(d)
			if err != nil {
				return missing, err
			}
			if v.there() {
				w.value(e.names[i], v)
			}
		}
		return documentValue(w.done()), nil
	}
	return e.constant, nil
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
	switch {
	case strings.Contains(name, "."):
		return accumulator{}, failf(40235, "The field name '%s' cannot contain '.'", name)
	case strings.HasPrefix(name, "$"):
		return accumulator{}, failf(40236, "The field name '%s' cannot be an operator name", name)
	}
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
		v, err := id.of(d)
		if err != nil {
			return nil, err
		}
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
	v, err := a.of.of(d)
	if err != nil {
		return err
	}
	if a.operator == "$sum" {
		if !v.isNumber() {
			return nil
		}
		if !result.there() {
			*result = v
			return nil
		}
		sum, err := add(*result, v)
		if err != nil { // beyond 64 bits a sum goes on as a double
			sum = doubleValue(result.double() + v.double())
		}
		*result = sum
		return nil
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
