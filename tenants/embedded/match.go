package embedded

import (
	"bytes"
	"math"
	"regexp/syntax"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// cond is a compiled condition on a value (of a filter: the whole document).
type cond interface{ holds(v value) bool }

type (
	allOf  []cond
	oneOf  []cond
	negate struct{ cond }
)

func (c allOf) holds(v value) bool {
	for _, part := range c {
		if !part.holds(v) {
			return false
		}
	}
	return true
}

func (c oneOf) holds(v value) bool {
	for _, part := range c {
		if part.holds(v) {
			return true
		}
	}
	return false
}

func (c negate) holds(v value) bool { return !c.cond.holds(v) }

// op is one of the tests that a field can be put to.
type op byte

const (
	opEq op = iota
	opLt
	opLte
	opGt
	opGte
	opIn
	opPrefix
	opExists
	opSize
	opElem
)

// test is a field and what must be true of one of the values its path reaches.
type test struct {
	name string
	path []string
	op   op
	// operand is what is compared with, key its order key, keys those of a list.
	operand value
	key     []byte
	keys    map[string]struct{}
	points  []value
	prefix  []byte
	size    int64
	elem    cond
	// elemFields: elem is a filter on documents rather than operators on a value.
	elemFields bool
}

func (t *test) holds(v value) bool {
	found := false
	expand := t.op != opExists && t.op != opSize && t.op != opElem && len(t.path) > 0
	walk(v, t.path, expand, func(reached value) bool {
		found = t.accepts(reached)
		return !found
	})
	return found
}

// accepts tests one value.
func (t *test) accepts(v value) bool {
	switch t.op {
	case opEq:
		return equalTo(v, t.operand, t.key)
	case opIn:
		return t.among(v)
	case opPrefix:
		return v.kind == bson.TypeString && bytes.HasPrefix(v.data[4:len(v.data)-1], t.prefix)
	case opExists:
		return v.there()
	case opSize:
		return v.isArray() && int64(len(v.items())) == t.size
	case opElem:
		return v.isArray() && t.someItem(v)
	}
	return t.inOrder(v)
}

func (t *test) among(v value) bool {
	if len(t.points) <= 8 {
		for _, point := range t.points {
			if equalTo(v, point, nil) {
				return true
			}
		}
		return false
	}
	var buffer [64]byte
	_, found := t.keys[string(appendKey(buffer[:0], v))]
	return found
}

func (t *test) someItem(v value) bool {
	for _, item := range v.document().elements {
		if t.elemFields && !item.nested() {
			continue
		}
		if t.elem.holds(item) {
			return true
		}
	}
	return false
}

// inOrder is < ≤ > ≥ within one type, as MongoDB brackets types. Not-a-number is only
// ever equal to itself.
func (t *test) inOrder(v value) bool {
	bounded := t.operand.kind != bson.TypeMinKey && t.operand.kind != bson.TypeMaxKey
	if bounded && orderOf(v.kind) != t.key[0] {
		return false
	}
	if !bounded && !v.there() {
		return false
	}
	var buffer [64]byte
	c := bytes.Compare(appendKey(buffer[:0], v), t.key)
	if c != 0 && (isNaN(v) || isNaN(t.operand)) {
		return false
	}
	switch t.op {
	case opLt:
		return c < 0
	case opLte:
		return c <= 0
	case opGt:
		return c > 0
	}
	return c >= 0
}

func isNaN(v value) bool { return v.kind == bson.TypeDouble && math.IsNaN(v.double()) }

// equalTo compares with an operand whose key may be known.
func equalTo(v, operand value, key []byte) bool {
	if v.kind == operand.kind {
		switch v.kind {
		case bson.TypeString, bson.TypeObjectID, bson.TypeBoolean, bson.TypeDateTime, bson.TypeInt32, bson.TypeInt64,
			bson.TypeBinary, bson.TypeTimestamp:
			return bytes.Equal(v.data, operand.data)
		}
	} else if orderOf(v.kind) != orderOf(operand.kind) {
		return false
	}
	var buffer [64]byte
	if key == nil {
		return compare(v, operand) == 0
	}
	return bytes.Equal(appendKey(buffer[:0], v), key)
}

// compileFilter reads a filter of the closed set. It refuses every other operator by
// its name.
func compileFilter(d document) (allOf, error) {
	var conds allOf
	for name, v := range d.elements {
		parts, err := compileClause(string(name), v)
		if err != nil {
			return nil, err
		}
		conds = append(conds, parts...)
	}
	return conds, nil
}

func compileClause(name string, v value) (allOf, error) {
	if !strings.HasPrefix(name, "$") {
		return compileField(name, splitPath(name), v)
	}
	switch name {
	case "$comment":
		return nil, nil
	case "$and", "$or", "$nor":
	default:
		return nil, failf(codeBadValue, "unknown top level operator: %s (the embedded database serves $and, $or, $nor)", name)
	}
	if !v.isArray() || v.document().empty() {
		return nil, failf(codeBadValue, "%s must be a nonempty array", name)
	}
	var branches []cond
	var flat allOf
	for _, item := range v.document().elements {
		if !item.isDocument() {
			return nil, failf(codeBadValue, "%s entries need to be full objects", name)
		}
		branch, err := compileFilter(item.document())
		if err != nil {
			return nil, err
		}
		branches = append(branches, branch)
		flat = append(flat, branch...)
	}
	switch name {
	case "$and":
		return flat, nil
	case "$or":
		return allOf{oneOf(branches)}, nil
	}
	return allOf{negate{oneOf(branches)}}, nil
}

// compileField reads what a filter says of one path.
func compileField(name string, path []string, v value) (allOf, error) {
	switch {
	case v.kind == bson.TypeRegex:
		t, err := prefixTest(name, path, v)
		return allOf{t}, err
	case v.isDocument() && startsWithDollar(v.document()):
		return compileOperators(name, path, v.document())
	}
	return allOf{&test{name: name, path: path, op: opEq, operand: v, key: keyOf(v)}}, nil
}

func startsWithDollar(d document) bool {
	for name := range d.elements {
		return len(name) > 0 && name[0] == '$'
	}
	return false
}

func compileOperators(name string, path []string, d document) (allOf, error) {
	var conds allOf
	for operator, v := range d.elements {
		if string(operator) == "$options" {
			if !d.lookup("$regex").there() {
				return nil, failf(codeBadValue, "$options needs a $regex")
			}
			if text, ok := v.text(); !ok || text != "" {
				return nil, notServed("$options of $regex")
			}
			continue
		}
		c, err := compileOperator(name, path, string(operator), v)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	return conds, nil
}

var orderOps = map[string]op{"$eq": opEq, "$lt": opLt, "$lte": opLte, "$gt": opGt, "$gte": opGte}

func compileOperator(name string, path []string, operator string, v value) (cond, error) {
	t := &test{name: name, path: path, operand: v}
	switch operator {
	case "$eq", "$lt", "$lte", "$gt", "$gte", "$ne":
		if v.kind == bson.TypeRegex {
			return nil, failf(codeBadValue, "Can't have RegEx as arg to %s", operator)
		}
		t.op, t.key = orderOps[operator], keyOf(v)
		if operator == "$ne" {
			return negate{t}, nil
		}
		return t, nil
	case "$in", "$nin":
		if err := t.list(operator, v); err != nil {
			return nil, err
		}
		if operator == "$nin" {
			return negate{t}, nil
		}
		return t, nil
	case "$exists":
		t.op = opExists
		if !v.truth() {
			return negate{t}, nil
		}
		return t, nil
	case "$size":
		n, ok := v.whole()
		if !ok || n < 0 {
			return nil, failf(codeBadValue, "Failed to parse $size. Expected a non-negative whole number")
		}
		t.op, t.size = opSize, n
		return t, nil
	case "$regex":
		return prefixTest(name, path, v)
	case "$all":
		return allTest(name, path, v)
	case "$elemMatch":
		return elemTest(t, v)
	case "$not":
		return notTest(name, path, v)
	}
	return nil, failf(codeBadValue, "unknown operator: %s (not served by the embedded database)", operator)
}

func (t *test) list(operator string, v value) error {
	if !v.isArray() {
		return failf(codeBadValue, "%s needs an array", operator)
	}
	t.op, t.keys = opIn, map[string]struct{}{}
	for _, item := range v.document().elements {
		if item.kind == bson.TypeRegex {
			return notServed("a regular expression in " + operator)
		}
		if item.isDocument() && startsWithDollar(item.document()) {
			return failf(codeBadValue, "cannot nest $ under %s", operator)
		}
		key := string(keyOf(item))
		if _, twice := t.keys[key]; twice {
			continue
		}
		t.keys[key] = struct{}{}
		t.points = append(t.points, item)
	}
	return nil
}

func allTest(name string, path []string, v value) (cond, error) {
	if !v.isArray() {
		return nil, failf(codeBadValue, "$all needs an array")
	}
	var conds allOf
	for _, item := range v.document().elements {
		if item.kind == bson.TypeRegex || item.isDocument() && startsWithDollar(item.document()) {
			return nil, notServed("an operator within $all")
		}
		conds = append(conds, &test{name: name, path: path, op: opEq, operand: item, key: keyOf(item)})
	}
	if len(conds) == 0 {
		return oneOf(nil), nil
	}
	return conds, nil
}

func elemTest(t *test, v value) (cond, error) {
	if !v.isDocument() {
		return nil, failf(codeBadValue, "$elemMatch needs an Object")
	}
	t.op = opElem
	d := v.document()
	var conds allOf
	var err error
	if startsWithDollar(d) && !logical(d) {
		conds, err = compileOperators("", nil, d)
	} else {
		t.elemFields = true
		conds, err = compileFilter(d)
	}
	t.elem = conds
	return t, err
}

// logical says that a document begins with $and, $or or $nor.
func logical(d document) bool {
	for name := range d.elements {
		return string(name) == "$and" || string(name) == "$or" || string(name) == "$nor"
	}
	return false
}

func notTest(name string, path []string, v value) (cond, error) {
	if v.kind == bson.TypeRegex {
		t, err := prefixTest(name, path, v)
		return negate{t}, err
	}
	if !v.isDocument() || !startsWithDollar(v.document()) {
		return nil, failf(codeBadValue, "$not needs a regex or a document of operators")
	}
	conds, err := compileOperators(name, path, v.document())
	return negate{conds}, err
}

// prefixTest takes a regular expression that is an anchored literal, and refuses any
// other: "begins with" is what an index can answer.
func prefixTest(name string, path []string, v value) (cond, error) {
	pattern, options := "", ""
	if text, ok := v.text(); ok {
		pattern = text
	} else if v.kind == bson.TypeRegex {
		p, o, _ := bytes.Cut(v.data[:len(v.data)-1], []byte{0})
		pattern, options = string(p), string(o)
	} else {
		return nil, failf(codeBadValue, "$regex has to be a string")
	}
	if options != "" {
		return nil, notServed("options of a regular expression")
	}
	literal, ok := anchoredLiteral(pattern)
	if !ok {
		return nil, notServed("a regular expression that is not an anchored literal (^text)")
	}
	return &test{name: name, path: path, op: opPrefix, prefix: []byte(literal)}, nil
}

func anchoredLiteral(pattern string) (string, bool) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	parsed = parsed.Simplify()
	if parsed.Op == syntax.OpBeginText {
		return "", true
	}
	if parsed.Op != syntax.OpConcat || len(parsed.Sub) != 2 || parsed.Sub[0].Op != syntax.OpBeginText ||
		parsed.Sub[1].Op != syntax.OpLiteral || parsed.Sub[1].Flags&syntax.FoldCase != 0 {
		return "", false
	}
	return string(parsed.Sub[1].Rune), true
}
