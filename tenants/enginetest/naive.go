package enginetest

import (
	"cmp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The naive matcher reads a filter as MongoDB's manual explains it, one document at a
// time, without an index or a plan. It knows null, numbers, text, documents, arrays and
// booleans: what the random documents hold.

// missing is what a path reaches where nothing is.
type missing struct{}

// rank is the place of a type in MongoDB's order of types.
func rank(v any) int {
	switch v.(type) {
	case missing, nil:
		return 1
	case int32, int64, float64:
		return 2
	case string:
		return 3
	case bson.D:
		return 4
	case bson.A:
		return 5
	}
	return 6
}

func number(v any) float64 {
	switch v := v.(type) {
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// compare orders two values: by type, then as their type says.
func compare(x, y any) int {
	if c := cmp.Compare(rank(x), rank(y)); c != 0 {
		return c
	}
	switch x := x.(type) {
	case int32, int64, float64:
		return cmp.Compare(number(x), number(y))
	case string:
		return strings.Compare(x, y.(string))
	case bool:
		return cmp.Compare(asNumber(x), asNumber(y.(bool)))
	case bson.A:
		return slices.CompareFunc(x, y.(bson.A), compare)
	case bson.D:
		return slices.CompareFunc(x, y.(bson.D), func(e, f bson.E) int {
			return cmp.Or(cmp.Compare(rank(e.Value), rank(f.Value)), strings.Compare(e.Key, f.Key), compare(e.Value, f.Value))
		})
	}
	return 0
}

func asNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reached are the values at a path: of each document in an array on the way.
func reached(v any, path []string) []any {
	if len(path) == 0 {
		return []any{v}
	}
	switch v := v.(type) {
	case bson.D:
		for _, e := range v {
			if e.Key == path[0] {
				return reached(e.Value, path[1:])
			}
		}
	case bson.A:
		var all []any
		for _, each := range v {
			if inner, ok := each.(bson.D); ok {
				all = append(all, reached(inner, path)...)
			}
		}
		return all
	}
	return []any{missing{}}
}

// item is one item of an array that $elemMatch looks at; of an array within the array
// the items do not count.
type item struct{ v any }

// candidates are what a comparison looks at: a value and, of an array, each item.
func candidates(values []any) []any {
	var all []any
	for _, v := range values {
		switch v := v.(type) {
		case item:
			all = append(all, v.v)
		case bson.A:
			all = append(append(all, v), v...)
		default:
			all = append(all, v)
		}
	}
	return all
}

func matches(doc bson.D, filter bson.D) bool {
	for _, e := range filter {
		if !clause(doc, e) {
			return false
		}
	}
	return true
}

func clause(doc bson.D, e bson.E) bool {
	some := func() bool {
		return slices.ContainsFunc(e.Value.(bson.A), func(f any) bool { return matches(doc, f.(bson.D)) })
	}
	switch e.Key {
	case "$or":
		return some()
	case "$nor":
		return !some()
	case "$and":
		return !slices.ContainsFunc(e.Value.(bson.A), func(f any) bool { return !matches(doc, f.(bson.D)) })
	}
	values := reached(doc, strings.Split(e.Key, "."))
	if operators, ok := e.Value.(bson.D); ok && len(operators) > 0 && operators[0].Key[0] == '$' {
		return meets(values, operators)
	}
	return test(values, "$eq", e.Value)
}

func meets(values []any, operators bson.D) bool {
	for _, o := range operators {
		if !test(values, o.Key, o.Value) {
			return false
		}
	}
	return true
}

// test is one operator on the values that a path reached.
func test(values []any, operator string, arg any) bool {
	switch operator {
	case "$ne":
		return !test(values, "$eq", arg)
	case "$nin":
		return !test(values, "$in", arg)
	case "$not":
		return !meets(values, arg.(bson.D))
	case "$in":
		return slices.ContainsFunc(arg.(bson.A), func(v any) bool { return test(values, "$eq", v) })
	case "$all":
		return !slices.ContainsFunc(arg.(bson.A), func(v any) bool { return !test(values, "$eq", v) })
	case "$exists":
		return slices.ContainsFunc(values, func(v any) bool { return v != any(missing{}) }) == arg.(bool)
	case "$size", "$elemMatch":
		return slices.ContainsFunc(values, func(v any) bool {
			items, ok := v.(bson.A)
			return ok && testArray(items, operator, arg)
		})
	}
	return slices.ContainsFunc(candidates(values), func(v any) bool { return inOrder(v, operator, arg) })
}

func testArray(items bson.A, operator string, arg any) bool {
	if operator == "$size" {
		return int32(len(items)) == arg.(int32) // #nosec G115 -- a handful
	}
	condition := arg.(bson.D)
	return slices.ContainsFunc(items, func(v any) bool {
		if condition[0].Key[0] == '$' {
			return meets([]any{item{v}}, condition)
		}
		inner, ok := v.(bson.D)
		return ok && matches(inner, condition)
	})
}

// inOrder compares within one type only.
func inOrder(v any, operator string, arg any) bool {
	if rank(v) != rank(arg) {
		return false
	}
	c := compare(v, arg)
	switch operator {
	case "$gt":
		return c > 0
	case "$gte":
		return c >= 0
	case "$lt":
		return c < 0
	case "$lte":
		return c <= 0
	}
	return c == 0
}

// sortKey is what a document counts by in a sort: the least item of an array upwards,
// the greatest downwards. An empty array comes before null.
func sortKey(doc bson.D, path string, direction int) any {
	var all []any
	for _, v := range reached(doc, strings.Split(path, ".")) {
		if items, ok := v.(bson.A); !ok {
			all = append(all, v)
		} else if len(items) == 0 {
			all = append(all, emptyArray{})
		} else {
			all = append(all, items...)
		}
	}
	return slices.MinFunc(all, func(x, y any) int { return direction * compareKeys(x, y) })
}

// emptyArray stands for an array without items in a sort.
type emptyArray struct{}

func compareKeys(x, y any) int {
	_, e := x.(emptyArray)
	_, f := y.(emptyArray)
	if e || f {
		return asNumber(f) - asNumber(e)
	}
	return compare(x, y)
}

// ordered puts documents in the order of a sort.
func ordered(docs []bson.D, by bson.D) []bson.D {
	sorted := slices.Clone(docs)
	slices.SortStableFunc(sorted, func(x, y bson.D) int {
		for _, e := range by {
			direction := e.Value.(int)
			if c := direction * compareKeys(sortKey(x, e.Key, direction), sortKey(y, e.Key, direction)); c != 0 {
				return c
			}
		}
		return 0
	})
	return sorted
}
