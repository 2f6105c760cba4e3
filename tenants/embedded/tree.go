package embedded

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxPadding is how far beyond its end an array may be written to.
const maxPadding = 1500

// tree is a value that is being changed. Only what lies on a changed path is opened;
// all else stays in the bytes it came in.
type tree struct {
	plain  value
	opened bool
	names  []string // of a document; an array has none
	kids   []*tree
}

func treeOf(v value) *tree { return &tree{plain: v} }

func (t *tree) open() {
	if t.opened || !t.plain.nested() {
		return
	}
	t.opened = true
	for name, v := range t.plain.document().elements {
		if t.plain.isDocument() {
			t.names = append(t.names, string(name))
		}
		t.kids = append(t.kids, treeOf(v))
	}
}

// put replaces the value.
func (t *tree) put(v value) { *t = tree{plain: v} }

// child is the value under a name, nil when there is none.
func (t *tree) child(name string) *tree {
	t.open()
	if t.plain.isArray() {
		if at, ok := position(name); ok && at < len(t.kids) {
			return t.kids[at]
		}
		return nil
	}
	for i, n := range t.names {
		if n == name {
			return t.kids[i]
		}
	}
	return nil
}

// find is what lies at a path, nil when nothing does.
func (t *tree) find(path []string) *tree {
	for _, name := range path {
		if t = t.child(name); t == nil {
			return nil
		}
	}
	return t
}

// reach is the place at a path, made (with the documents on the way) when it is not
// there. It refuses to make a field within something that is neither document nor array.
func (t *tree) reach(path []string, whole string) (*tree, error) {
	for _, name := range path {
		next := t.child(name)
		if next == nil {
			if t.plain.kind == 0 {
				t.put(documentValue(newBuilder().done()))
				t.open()
			}
			if !t.plain.nested() {
				return nil, failf(codePathNotViable, "Cannot create field '%s' in element of type %s, on the path '%s'",
					name, typeName(t.plain.kind), whole)
			}
			var err error
			if next, err = t.add(name, whole); err != nil {
				return nil, err
			}
		}
		t = next
	}
	return t, nil
}

func (t *tree) add(name, whole string) (*tree, error) {
	next := treeOf(missing)
	if t.plain.isDocument() {
		t.names, t.kids = append(t.names, name), append(t.kids, next)
		return next, nil
	}
	at, ok := position(name)
	if !ok {
		return nil, failf(codePathNotViable, "Cannot create field '%s' in an array, on the path '%s'", name, whole)
	}
	if at-len(t.kids) > maxPadding {
		return nil, failf(codeCannotCreate, "can't backfill more than %d array elements", maxPadding)
	}
	for len(t.kids) < at {
		t.kids = append(t.kids, treeOf(nullValue()))
	}
	t.kids = append(t.kids, next)
	return next, nil
}

// unset takes a field out of its document; an item of an array becomes null.
func (t *tree) unset(path []string) {
	last := len(path) - 1
	parent := t.find(path[:last])
	if parent == nil || parent.child(path[last]) == nil {
		return
	}
	if parent.plain.isArray() {
		parent.child(path[last]).put(nullValue())
		return
	}
	for i, name := range parent.names {
		if name == path[last] {
			parent.names = append(parent.names[:i:i], parent.names[i+1:]...)
			parent.kids = append(parent.kids[:i:i], parent.kids[i+1:]...)
			return
		}
	}
}

// encode gives the value as it is now; missing when nothing was put there.
func (t *tree) encode() value {
	if !t.opened {
		return t.plain
	}
	w := newBuilder()
	for i, kid := range t.kids {
		name := strconv.Itoa(i)
		if t.plain.kind == bson.TypeEmbeddedDocument {
			name = t.names[i]
		}
		if v := kid.encode(); v.there() {
			w.value(name, v)
		}
	}
	return value{t.plain.kind, w.done()}
}
