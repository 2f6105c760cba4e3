package embedded

import (
	"bytes"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// bound is where the values of one field may lie: at single points, or in [lo, hi) of
// order keys, where nil is open.
type bound struct {
	points [][]byte
	lo, hi []byte
	// whole says that the bound is all that its conditions ask, so that nothing of them
	// need be tested again.
	whole bool
	tests []*test
}

// maxPoints is how many ranges of an index one read may walk.
const maxPoints = 100

// boundOf turns one test into a bound; false when an index cannot help with it.
func boundOf(t *test) (bound, bool) {
	b := bound{whole: true, tests: []*test{t}}
	switch t.op {
	case opEq:
		if t.operand.isArray() {
			return b, false
		}
		b.points = [][]byte{t.key}
		b.whole = plain(t.operand)
	case opIn:
		for _, point := range t.points {
			if point.isArray() {
				return b, false
			}
			b.whole = b.whole && plain(point)
			b.points = append(b.points, keyOf(point))
		}
		slices.SortFunc(b.points, bytes.Compare)
		if b.points == nil {
			b.points = [][]byte{}
		}
	case opPrefix:
		b.lo = append([]byte{orderString}, escaped(t.prefix)...)
		b.hi = after(b.lo)
	case opLt, opLte, opGt, opGte:
		return rangeOf(t, b)
	default:
		return b, false
	}
	return b, true
}

func escaped(text []byte) []byte {
	key := appendText(nil, text)
	return key[:len(key)-2]
}

// plain says that equal order keys mean equal for the matcher, also in an array.
func plain(v value) bool {
	return v.kind != bson.TypeNull && !v.nested() && v.kind != bson.TypeMinKey && v.kind != bson.TypeMaxKey
}

func rangeOf(t *test, b bound) (bound, bool) {
	if !plain(t.operand) && t.operand.kind != bson.TypeNull || isNaN(t.operand) {
		return b, false
	}
	b.whole = plain(t.operand) && t.key[0] != orderNumber // not-a-number lies among the numbers
	b.lo, b.hi = []byte{t.key[0]}, []byte{t.key[0] + 1}
	switch t.op {
	case opLt:
		b.hi = t.key
	case opLte:
		b.hi = after(t.key)
	case opGt:
		b.lo = after(t.key)
	case opGte:
		b.lo = t.key
	}
	return b, true
}

// boundFor joins the tests of one field. On a field with arrays the tests may each be
// met by another item, so only one of them bounds.
func boundFor(tests []*test, multikey bool) (bound, bool) {
	var joined bound
	found := false
	for _, t := range tests {
		b, ok := boundOf(t)
		switch {
		case !ok:
			continue
		case !found:
			joined, found = b, true
		case joined.points == nil && b.points != nil:
			joined = b
			joined.whole = false
		case joined.points != nil || b.points != nil || multikey:
			joined.whole = false
		default:
			joined.lo, joined.hi = higher(joined.lo, b.lo), lower(joined.hi, b.hi)
			joined.whole = joined.whole && b.whole
			joined.tests = append(joined.tests, t)
		}
	}
	if found && len(joined.tests) < len(tests) {
		joined.whole = false
	}
	return joined, found
}

func higher(a, b []byte) []byte {
	if bytes.Compare(a, b) >= 0 {
		return a
	}
	return b
}

func lower(a, b []byte) []byte {
	if a == nil || b != nil && bytes.Compare(b, a) < 0 {
		return b
	}
	return a
}

// turned is the bound as a descending field stores it.
func (b bound) turned() bound {
	flip := func(key []byte) []byte {
		if key == nil {
			return nil
		}
		key = slices.Clone(key)
		turn(key)
		return key
	}
	t := b
	t.points = nil
	for _, point := range b.points {
		t.points = append(t.points, flip(point))
	}
	if b.points == nil {
		// [lo, hi) turned is (^hi, ^lo]: behind everything that begins with ^hi, up to and
		// with everything that begins with ^lo.
		t.lo, t.hi = nil, nil
		if b.hi != nil {
			t.lo = turnedEdge(b.hi)
		}
		if b.lo != nil {
			t.hi = turnedEdge(b.lo)
		}
	}
	return t
}

// turnedEdge turns an edge: of the keys that lie at or above it, the turned ones lie
// below what this gives, because a turned key that equals ^edge or is longer lies below
// its successor.
func turnedEdge(edge []byte) []byte {
	flipped := slices.Clone(edge)
	turn(flipped)
	return after(flipped)
}
