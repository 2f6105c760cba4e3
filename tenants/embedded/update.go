package embedded

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// update is a compiled update: a whole replacement, or changes of single fields.
type update struct {
	replacement document
	changes     []change
}

// change is one operator on one path.
type change struct {
	operator string
	name     string
	path     []string
	arg      value
	push     *push
	pull     cond
}

// updateOperators are the closed set.
var updateOperators = []string{"$set", "$unset", "$inc", "$push", "$addToSet", "$pull", "$setOnInsert"}

// compileUpdate reads an update document and refuses every other operator by name.
func compileUpdate(v value) (*update, error) {
	if v.isArray() {
		return nil, notServed("an update by aggregation pipeline")
	}
	if !v.isDocument() {
		return nil, failf(codeFailedToParse, "an update is a document")
	}
	d := v.document()
	if !startsWithDollar(d) {
		for name := range d.elements {
			if len(name) > 0 && name[0] == '$' {
				return nil, failf(codeDollarPrefix, "the dollar ($) prefixed field '%s' is not allowed in a replacement", name)
			}
		}
		return &update{replacement: d}, nil
	}
	u := &update{}
	for operator, fields := range d.elements {
		if err := u.operator(string(operator), fields); err != nil {
			return nil, err
		}
	}
	if err := u.conflicts(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(u.changes, func(a, b change) int { return slices.CompareFunc(a.path, b.path, compareNames) })
	return u, nil
}

// compareNames orders the fields that an update makes: by name, numbers by number.
func compareNames(a, b string) int {
	x, isX := position(a)
	y, isY := position(b)
	if isX && isY {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

func (u *update) operator(operator string, fields value) error {
	if !slices.Contains(updateOperators, operator) {
		return failf(codeFailedToParse, "Unknown modifier: %s (the embedded database serves %s)",
			operator, strings.Join(updateOperators, ", "))
	}
	if !fields.isDocument() {
		return failf(codeFailedToParse, "Modifiers operate on fields but we found type %s instead for %s",
			typeName(fields.kind), operator)
	}
	for name, arg := range fields.document().elements {
		c := change{operator: operator, name: string(name), path: splitPath(string(name)), arg: arg}
		if err := c.compile(); err != nil {
			return err
		}
		u.changes = append(u.changes, c)
	}
	return nil
}

func (c *change) compile() error {
	for _, part := range c.path {
		switch {
		case part == "":
			return failf(codeEmptyField, "The update path '%s' contains an empty field name, which is not allowed.", c.name)
		case part == "$" || strings.HasPrefix(part, "$["):
			return notServed("the positional operator " + part)
		case part[0] == '$':
			return failf(codeDollarPrefix, "The dollar ($) prefixed field '%s' in '%s' is not valid for storage.", part, c.name)
		}
	}
	var err error
	switch c.operator {
	case "$inc":
		if !c.arg.isNumber() {
			return failf(codeTypeMismatch, "Cannot increment with non-numeric argument: {%s: %s}", c.name, typeName(c.arg.kind))
		}
	case "$push", "$addToSet":
		c.push, err = compilePush(c.operator, c.arg)
	case "$pull":
		c.pull, err = compilePull(c.arg)
	}
	return err
}

// conflicts refuses two changes where one path is the other's beginning.
func (u *update) conflicts() error {
	for i, a := range u.changes {
		for _, b := range u.changes[i+1:] {
			short := min(len(a.path), len(b.path))
			if slices.Equal(a.path[:short], b.path[:short]) {
				return failf(codeConflicting, "Updating the path '%s' would create a conflict at '%s'", b.name, a.name)
			}
		}
	}
	return nil
}

// apply gives the document after the update; inserting also applies $setOnInsert. The
// _id may not change and stays first.
func (u *update) apply(before document, inserting bool) (document, error) {
	id := before.lookup("_id")
	if u.replacement != nil {
		return replaced(id, u.replacement)
	}
	root := treeOf(documentValue(before))
	for i := range u.changes {
		c := &u.changes[i]
		if c.operator == "$setOnInsert" && !inserting {
			continue
		}
		if err := c.apply(root); err != nil {
			return nil, err
		}
	}
	changed := root.encode().document()
	if now := changed.lookup("_id"); id.there() && (!now.there() || compare(id, now) != 0) {
		return nil, immutableID()
	}
	return idFirst(changed), nil
}

func immutableID() error {
	return failf(codeImmutable, "Performing an update on the path '_id' would modify the immutable field '_id'")
}

func replaced(id value, with document) (document, error) {
	given := with.lookup("_id")
	if id.there() && given.there() && compare(id, given) != 0 {
		return nil, failf(codeImmutable, "After applying the update, the (immutable) field '_id' was found to have been altered")
	}
	if !given.there() {
		given = id
	}
	w := newBuilder()
	if given.there() {
		w.value("_id", given)
	}
	for name, v := range with.elements {
		if string(name) != "_id" {
			w.value(string(name), v)
		}
	}
	return w.done(), nil
}

// idFirst moves the _id to the front, where it always is in storage.
func idFirst(d document) document {
	for name := range d.elements {
		if string(name) == "_id" {
			return d
		}
		break
	}
	id := d.lookup("_id")
	if !id.there() {
		return d
	}
	moved, _ := replaced(id, d)
	return moved
}

func (c *change) apply(root *tree) error {
	if c.operator == "$unset" {
		root.unset(c.path)
		return nil
	}
	if c.operator == "$pull" {
		target := root.find(c.path)
		if target == nil {
			return nil
		}
		return c.removeItems(target)
	}
	target, err := root.reach(c.path, c.name)
	if err != nil {
		return err
	}
	switch c.operator {
	case "$inc":
		return c.increment(target)
	case "$push", "$addToSet":
		return c.push.apply(target, c.name, c.operator == "$addToSet")
	}
	target.put(c.arg)
	return nil
}

func (c *change) increment(target *tree) error {
	was := target.encode()
	if !was.there() {
		target.put(c.arg)
		return nil
	}
	if !was.isNumber() {
		return failf(codeTypeMismatch, "Cannot apply $inc to a value of non-numeric type. The field '%s' has type %s", c.name, typeName(was.kind))
	}
	sum, err := add(was, c.arg)
	if err != nil {
		return err
	}
	target.put(sum)
	return nil
}

// add keeps the wider of two number types; an int that outgrows its 32 bits becomes long.
func add(a, b value) (value, error) {
	if a.kind == bson.TypeDouble || b.kind == bson.TypeDouble {
		return doubleValue(a.double() + b.double()), nil
	}
	x, _ := a.whole()
	y, _ := b.whole()
	sum := x + y
	if (x > 0 && y > 0 && sum < 0) || (x < 0 && y < 0 && sum >= 0) {
		return missing, failf(codeBadValue, "Failed to apply $inc operations: the sum does not fit 64 bits")
	}
	if a.kind == bson.TypeInt32 && b.kind == bson.TypeInt32 && sum >= math.MinInt32 && sum <= math.MaxInt32 {
		return int32Value(int32(sum)), nil
	}
	return int64Value(sum), nil
}

// compilePull reads what $pull removes: items equal to a value, items that meet
// operators, or documents that match a filter.
func compilePull(arg value) (cond, error) {
	switch {
	case arg.kind == bson.TypeRegex:
		return prefixTest("", nil, arg)
	case arg.isDocument() && startsWithDollar(arg.document()) && !logical(arg.document()):
		return compileOperators("", nil, arg.document())
	case arg.isDocument():
		conds, err := compileFilter(arg.document())
		return documentsOnly{conds}, err
	}
	return &test{op: opEq, operand: arg, key: keyOf(arg)}, nil
}

type documentsOnly struct{ cond }

func (d documentsOnly) holds(v value) bool { return v.isDocument() && d.cond.holds(v) }

func (c *change) removeItems(target *tree) error {
	was := target.encode()
	if !was.isArray() {
		return failf(codeBadValue, "Cannot apply $pull to a non-array value at '%s'", c.name)
	}
	kept := make([]value, 0, 8)
	for _, item := range was.document().elements {
		if !c.pull.holds(item) {
			kept = append(kept, item)
		}
	}
	target.put(arrayValue(kept))
	return nil
}
