package embedded

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// index is one access path of a collection: an ordered map from the values of its
// fields, and then the id, to the id.
type index struct {
	name    string
	fields  []indexField
	unique  bool
	sparse  bool
	partial allOf
	// partialDoc is the partial filter as it was given; nil without one.
	partialDoc document
	// expire is how many seconds after the date in its field a document is removed.
	expire *int64
	// spec is the whole specification, as listIndexes gives it back.
	spec document
}

type indexField struct {
	name string
	path []string
	desc bool
	// multikey says that some document had an array on this field's path.
	multikey bool
}

// maxKey is the longest key that the storage takes, with room for the id.
const maxKey = 16 << 10

// indexOptions are what an index may say of itself.
var indexOptions = []string{"key", "name", "v", "unique", "sparse", "partialFilterExpression", "expireAfterSeconds", "ns", "background"}

func compileIndex(d document) (*index, error) {
	x := &index{spec: d}
	for option, v := range d.elements {
		if !slices.Contains(indexOptions, string(option)) {
			return nil, failf(codeInvalidOptions, "The field '%s' is not served for an index by the embedded database", option)
		}
		if err := x.option(string(option), v); err != nil {
			return nil, err
		}
	}
	if len(x.fields) == 0 {
		return nil, failf(codeCannotCreate, "Index keys cannot be empty.")
	}
	if x.name == "" {
		return nil, failf(codeFailedToParse, "The 'name' field is a required property of an index specification")
	}
	return x, nil
}

// check refuses an index that is not to be made: beyond what compiling one refuses, which
// holds for those that are there as well.
func (x *index) check() error {
	switch {
	case x.expire != nil && len(x.fields) > 1:
		return failf(codeCannotCreate, "TTL indexes are single-field indexes, compound indexes do not support TTL")
	case x.expire != nil && (*x.expire < 0 || *x.expire > math.MaxInt32):
		return failf(codeCannotCreate, "TTL index 'expireAfterSeconds' must be within 0 and %d", math.MaxInt32)
	case x.partialDoc != nil && x.sparse:
		return failf(codeCannotCreate, "cannot mix \"partialFilterExpression\" and \"sparse\" options")
	}
	return checkPartial(x.partialDoc)
}

// partialOperators are those by which an index may be partial. That one filter holds only
// where another does can be seen of these.
var partialOperators = []string{"$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$exists"}

// checkPartial refuses a filter by which no index can be partial.
func checkPartial(filter document) error {
	for name, v := range filter.elements {
		switch {
		case string(name) == "$and" || string(name) == "$or":
			for _, item := range v.items() {
				if err := checkPartial(item.document()); err != nil {
					return err
				}
			}
			continue
		case bytes.HasPrefix(name, []byte("$")):
			return notPartial(string(name))
		case v.kind == bson.TypeRegex:
			return notPartial("a regular expression")
		case !v.isDocument() || !startsWithDollar(v.document()):
			continue
		}
		for operator, operand := range v.document().elements {
			if !slices.Contains(partialOperators, string(operator)) || string(operator) == "$exists" && !operand.truth() {
				return notPartial(string(operator))
			}
		}
	}
	return nil
}

func notPartial(what string) error {
	return failf(codeCannotCreate, "Expression not supported in partial index: %s", what)
}

func (x *index) option(option string, v value) error {
	switch option {
	case "name":
		x.name, _ = v.text()
	case "unique":
		x.unique = v.truth()
	case "sparse":
		x.sparse = v.truth()
	case "expireAfterSeconds":
		n, ok := v.whole()
		if !ok {
			return failf(codeCannotCreate, "TTL index 'expireAfterSeconds' must be a whole number")
		}
		x.expire = &n
	case "partialFilterExpression":
		if !v.isDocument() {
			return failf(codeTypeMismatch, "The field 'partialFilterExpression' must be an object")
		}
		conds, err := compileFilter(v.document())
		x.partial, x.partialDoc = conds, v.document()
		return err
	case "key":
		if !v.isDocument() {
			return failf(codeTypeMismatch, "The field 'key' must be an object")
		}
		return x.keys(v.document())
	}
	return nil
}

func (x *index) keys(d document) error {
	for name, v := range d.elements {
		n, ok := v.whole()
		if !ok || (n != 1 && n != -1) {
			return failf(codeCannotCreate, "The embedded database serves index keys 1 and -1, not %s of '%s'", typeName(v.kind), name)
		}
		path := splitPath(string(name))
		if slices.ContainsFunc(path, func(part string) bool {
			_, numbered := position(part)
			return part == "" || numbered || strings.HasPrefix(part, "$")
		}) {
			return failf(codeCannotCreate, "The embedded database serves no index on '%s'", name)
		}
		x.fields = append(x.fields, indexField{name: string(name), path: path, desc: n == -1})
	}
	return nil
}

// covers says that a document is in the index at all.
func (x *index) covers(d document) bool {
	if x.partialDoc != nil && !x.partial.holds(documentValue(d)) {
		return false
	}
	if !x.sparse {
		return true
	}
	for _, f := range x.fields {
		found := false
		walk(documentValue(d), f.path, true, func(v value) bool { found = v.there(); return !found })
		if found {
			return true
		}
	}
	return false
}

// entries are the keys of a document in the index, without the id, each once; arrays
// says which fields met an array.
func (x *index) entries(d document) (keys [][]byte, arrays []bool, err error) {
	arrays = make([]bool, len(x.fields))
	if !x.covers(d) {
		return nil, arrays, nil
	}
	err = x.expand(x.begin(d), arrays, func(ends []place) error {
		key, err := x.key(ends)
		keys = append(keys, key)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(keys) > 1 {
		slices.SortFunc(keys, bytes.Compare)
		keys = slices.CompactFunc(keys, bytes.Equal)
	}
	return keys, arrays, nil
}

// place is how far along a field's path the making of a key has come.
type place struct {
	v    value
	path []string
	done bool
}

// begin is where the making of a document's keys begins.
func (x *index) begin(d document) []place {
	places := make([]place, len(x.fields))
	for i, f := range x.fields {
		places[i] = place{v: documentValue(d), path: f.path}
	}
	return places
}

// expand goes down each path to its end or to the next array. All paths that meet an
// array must meet the same one, and one key is made of the ends for each of its items.
func (x *index) expand(places []place, arrays []bool, each func(ends []place) error) error {
	var shared value
	for i := range places {
		places[i].descend()
		p := places[i]
		if p.done {
			continue
		}
		arrays[i] = true
		if shared.there() && &shared.data[0] != &p.v.data[0] {
			return failf(codeParallelArrays, "cannot index parallel arrays [%s] in index %s", x.fields[i].name, x.name)
		}
		shared = p.v
	}
	if !shared.there() {
		return each(places)
	}
	items := shared.items()
	if len(items) == 0 {
		items = []value{missing}
	}
	for _, item := range items {
		inner := slices.Clone(places)
		for i := range inner {
			if !inner[i].done {
				inner[i] = inner[i].into(item)
			}
		}
		if err := x.expand(inner, arrays, each); err != nil {
			return err
		}
	}
	return nil
}

// descend follows the path through documents. It stops at an array or at the end.
func (p *place) descend() {
	for !p.done {
		switch {
		case p.v.isArray():
			return
		case len(p.path) == 0:
			p.done = true
		case p.v.isDocument():
			p.v, p.path = p.v.document().lookup(p.path[0]), p.path[1:]
		default:
			p.v, p.path, p.done = missing, nil, true
		}
	}
}

// emptyArray stands for an array without items in a key.
var emptyArray = value{kind: bson.TypeUndefined}

// into goes on with one item of the array at this place; a missing item says that the
// array is empty. An array within an array is a value of its own.
func (p place) into(item value) place {
	switch {
	case !item.there() && len(p.path) == 0:
		return place{v: emptyArray, done: true}
	case len(p.path) == 0:
		return place{v: item, done: true}
	case item.isDocument():
		return place{v: item, path: p.path}
	}
	return place{v: missing, done: true}
}

func (x *index) key(places []place) ([]byte, error) {
	key := make([]byte, 0, 64)
	for i, p := range places {
		start := len(key)
		if p.v.kind == bson.TypeUndefined {
			key = append(key, orderEmpty)
		} else {
			key = appendKey(key, p.v)
		}
		if x.fields[i].desc {
			turn(key[start:])
		}
	}
	if len(key) > maxKey {
		return nil, failf(codeCannotCreate, "an index key of %d bytes is too long for index %s (at most %d)", len(key), x.name, maxKey)
	}
	return key, nil
}

// multikey says that some field met an array.
func (x *index) multikey() bool {
	return slices.ContainsFunc(x.fields, func(f indexField) bool { return f.multikey })
}

// valuesOf are the values of a document that one of its keys was made of.
func (x *index) valuesOf(d document, key []byte) []value {
	values := make([]value, len(x.fields))
	_ = x.expand(x.begin(d), make([]bool, len(x.fields)), func(ends []place) error {
		if made, err := x.key(ends); err == nil && bytes.Equal(made, key) {
			for i, end := range ends {
				values[i] = end.v
			}
		}
		return nil
	})
	return values
}

// duplicate is E11000 as the driver and its users know it, about the key that another
// document has.
func (x *index) duplicate(namespace string, d document, key []byte) error {
	pattern, values := newBuilder(), newBuilder()
	of := x.valuesOf(d, key)
	for i, f := range x.fields {
		direction := int32(1)
		if f.desc {
			direction = -1
		}
		pattern.value(f.name, int32Value(direction))
		if !of[i].there() {
			of[i] = nullValue()
		}
		values.value(f.name, of[i])
	}
	keyPattern, keyValue := pattern.done(), values.done()
	return &failure{
		code: codeDuplicate,
		message: "E11000 duplicate key error collection: " + namespace + " index: " + x.name +
			" dup key: " + bson.Raw(keyValue).String(),
		extra: func(w *builder) { w.doc("keyPattern", keyPattern).doc("keyValue", keyValue) },
	}
}
