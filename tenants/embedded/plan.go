package embedded

import (
	"bytes"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// stream is one range of an index, [lo, hi), and how many of its first bytes are the
// same in every key of it; nil is open.
type stream struct {
	lo, hi []byte
	prefix int
}

// plan is a way to the documents that a filter asks for.
type plan struct {
	of     *collection
	on     *index // nil walks the documents themselves, in the order of their ids
	filter allOf

	streams []stream
	reverse bool
	// merged says that the streams are walked together, in the order of what follows
	// their prefixes.
	merged bool
	// sorted says that documents come in the order that was asked for.
	sorted bool
	// exact says that the bounds alone are the filter.
	exact bool
	// twice says that one document may be met more than once, far apart.
	twice bool

	met     []byte   // the row that an earlier part of a merged walk gave last
	bounded []string // the fields that bounds were found for
	pointed int      // of these, how many are single points
	full    bool     // every document is looked at
}

// score prefers points to ranges, and those to nothing.
func (p *plan) score() int { return 3*p.pointed + 2*(len(p.bounded)-p.pointed) }

// everything says that a filter is tried on every document there is, be it in the order
// of an index.
func (p *plan) everything() bool {
	whole := p.on == nil || p.on.partialDoc == nil && !p.on.sparse
	return whole && len(p.bounded) == 0 && len(p.filter) > 0
}

// question is what a find, a count or a write wants to know.
type question struct {
	filter allOf
	by     *sorting
	tests  map[string][]*test
	after  *pageStart
}

// pageStart is where a page before ended: the values of the first two sort fields,
// recognised in {$or: [{f: {$lt: v}}, {f: v, g: {$lt: w}}]}, where {f: null}, which is
// below every value, may be a third branch.
type pageStart struct {
	first, second string
	v, w          value
	down          bool // $lt
}

func newQuestion(filter allOf, by *sorting) *question {
	q := &question{filter: filter, by: by, tests: map[string][]*test{}}
	for _, c := range filter {
		switch c := c.(type) {
		case *test:
			q.tests[c.name] = append(q.tests[c.name], c)
		case oneOf:
			if q.after == nil {
				q.after = keyset(c)
			}
		}
	}
	return q
}

// keyset recognises a page's beginning in an $or.
func keyset(branches oneOf) *pageStart {
	if len(branches) == 3 && endsInNothing(branches) {
		branches = branches[:2]
	}
	if len(branches) != 2 {
		return nil
	}
	beyond, ok1 := branches[0].(allOf)
	within, ok2 := branches[1].(allOf)
	if !ok1 || !ok2 || len(beyond) != 1 || len(within) != 2 {
		return nil
	}
	far, ok1 := beyond[0].(*test)
	same, ok2 := within[0].(*test)
	tie, ok3 := within[1].(*test)
	if !ok1 || !ok2 || !ok3 || same.op != opEq || far.name != same.name || far.op != tie.op ||
		(far.op != opLt && far.op != opGt) || !bytes.Equal(far.key, same.key) {
		return nil
	}
	return &pageStart{first: far.name, second: tie.name, v: far.operand, w: tie.operand, down: far.op == opLt}
}

// endsInNothing says that the branches are those of a descending page with {f: null} last.
func endsInNothing(branches oneOf) bool {
	beyond, ok1 := branches[0].(allOf)
	nothing, ok2 := branches[2].(allOf)
	if !ok1 || !ok2 || len(beyond) != 1 || len(nothing) != 1 {
		return false
	}
	far, ok1 := beyond[0].(*test)
	null, ok2 := nothing[0].(*test)
	return ok1 && ok2 && far.op == opLt && null.op == opEq && null.name == far.name && orderOf(null.operand.kind) == orderNull
}

// choose finds the plan: the one document of an id or of a unique key if one is named,
// else what gives the order with the most bounds, unless another index holds so few
// candidates that sorting them is less work.
func (q *question) choose(tx *bolt.Tx, c *collection) *plan {
	walk := q.byID(c)
	if walk.pointed == 1 && len(walk.streams) <= 1 {
		walk.sorted = true
		return walk
	}
	candidates := []*plan{walk}
	for _, x := range c.indexes {
		if p := q.through(c, x); p != nil {
			if x.unique && p.pointed == len(x.fields) && len(p.streams) <= 1 {
				p.sorted = p.sorted || !x.multikey()
				return p
			}
			candidates = append(candidates, p)
		}
	}
	best := candidates[0]
	for _, p := range candidates[1:] {
		if p.better(best, q.by != nil) {
			best = p
		}
	}
	return selective(tx, candidates, best)
}

func (p *plan) better(than *plan, ordered bool) bool {
	if ordered && p.sorted != than.sorted {
		return p.sorted && (p.score() > 0 || than.score() == 0)
	}
	return p.score() > than.score()
}

// fewCandidates is how many rows are worth counting before walking in order.
const fewCandidates = 200

// fewStreams is how many ranges are walked together when nobody asked for an order.
const fewStreams = 8

// selective takes a plan that bounds another field than the best does, when it holds
// few rows.
func selective(tx *bolt.Tx, candidates []*plan, best *plan) *plan {
	chosen, least := best, fewCandidates
	for _, p := range candidates {
		if p == best || !boundsMore(p, best) {
			continue
		}
		if n := p.rows(tx, least); n < least {
			chosen, least = p, n
		}
	}
	return chosen
}

func boundsMore(p, than *plan) bool {
	return slices.ContainsFunc(p.bounded, func(name string) bool { return !slices.Contains(than.bounded, name) })
}

// rows counts the rows in a plan's ranges, up to most.
func (p *plan) rows(tx *bolt.Tx, most int) int {
	n := 0
	for _, s := range p.streams {
		for w := p.open(tx, s); w.key != nil && n < most; w.next() {
			n++
		}
	}
	return n
}

// byID is the plan of walking the documents themselves.
func (q *question) byID(c *collection) *plan {
	p := &plan{of: c, filter: q.filter}
	p.order(q.by, []orderField{{name: "_id"}}, 0)
	b, ok := boundFor(q.tests["_id"], false)
	switch {
	case !ok:
		p.full = q.by == nil || !p.sorted
		p.streams = []stream{{}}
		return p
	case b.points == nil:
		p.streams = []stream{{lo: b.lo, hi: b.hi}}
	default:
		p.pointed = 1
		for _, point := range b.points {
			p.streams = append(p.streams, stream{lo: point, hi: after(point)})
		}
		if p.reverse {
			slices.Reverse(p.streams)
		}
	}
	p.bounded = []string{"_id"}
	p.exact = b.whole && len(q.filter) == len(b.tests)
	return p
}

// through is the plan of walking one index; nil when it cannot serve.
func (q *question) through(c *collection, x *index) *plan {
	if !q.implies(x) {
		return nil
	}
	p := &plan{of: c, on: x, filter: q.filter}
	prefixes, used := [][]byte{nil}, 0
	whole := true
	fixed := []bool{}
	var last *bound
	for i, f := range x.fields {
		b, ok := bound{}, false
		if !x.sharesArray(i) {
			b, ok = boundFor(q.tests[f.name], f.multikey)
		}
		if !ok || b.points != nil && len(prefixes)*len(b.points) > maxPoints {
			break
		}
		p.bounded = append(p.bounded, f.name)
		whole, used = whole && b.whole, used+len(b.tests)
		if f.desc {
			b = b.turned()
		}
		if b.points == nil {
			last = &b
			break
		}
		fixed = append(fixed, len(b.points) == 1 && !f.multikey)
		prefixes = extend(prefixes, b.points)
	}
	p.pointed = len(fixed)
	p.exact = whole && used == len(q.filter) && x.partialDoc == nil
	if len(p.bounded) == 0 && q.by == nil {
		return nil
	}
	p.order(q.by, x.order(fixed), len(prefixes))
	p.ranges(prefixes, last)
	p.twice = x.multikey() && !p.once(len(fixed))
	q.seek(p, len(fixed))
	return p
}

func extend(prefixes, points [][]byte) [][]byte {
	longer := make([][]byte, 0, len(prefixes)*len(points))
	for _, prefix := range prefixes {
		for _, point := range points {
			longer = append(longer, append(slices.Clip(prefix), point...))
		}
	}
	return longer
}

// sharesArray says that an earlier field of the index goes through the same array, so
// that bounds on both would ask one item to meet what two may meet.
func (x *index) sharesArray(i int) bool {
	if !x.fields[i].multikey {
		return false
	}
	for _, f := range x.fields[:i] {
		if f.multikey && f.path[0] == x.fields[i].path[0] {
			return true
		}
	}
	return false
}

// once says that no document is met twice, or only in neighbouring rows: all fields
// with arrays are held at points, and what walks several points is merged.
func (p *plan) once(points int) bool {
	for i, f := range p.on.fields {
		if f.multikey && i >= points {
			return false
		}
	}
	return len(p.streams) <= 1 || p.merged
}

func (p *plan) ranges(prefixes [][]byte, last *bound) {
	for _, prefix := range prefixes {
		s := stream{prefix: len(prefix)}
		if len(prefix) > 0 {
			s.lo, s.hi = prefix, after(prefix)
		}
		if last != nil {
			if last.lo != nil {
				s.lo = append(slices.Clip(prefix), last.lo...)
			}
			if last.hi != nil {
				s.hi = append(slices.Clip(prefix), last.hi...)
			}
		}
		p.streams = append(p.streams, s)
	}
}

// implies says that every document the filter asks for is in the index.
func (q *question) implies(x *index) bool {
	if x.sparse && !slices.ContainsFunc(x.fields, func(f indexField) bool { return q.present(f.name) }) {
		return false
	}
	for _, c := range x.partial {
		t, ok := c.(*test)
		if !ok {
			return false
		}
		switch {
		case t.op == opExists && q.present(t.name):
		case slices.ContainsFunc(q.tests[t.name], func(asked *test) bool {
			return asked.op == t.op && t.op != opIn && t.op != opElem && t.op != opSize && bytes.Equal(asked.key, t.key)
		}):
		default:
			return false
		}
	}
	return true
}

// present says that the filter holds only for documents that have the field.
func (q *question) present(name string) bool {
	return slices.ContainsFunc(q.tests[name], func(t *test) bool {
		switch t.op {
		case opExists, opPrefix:
			return true
		case opIn:
			return !slices.ContainsFunc(t.points, func(v value) bool { return orderOf(v.kind) == orderNull })
		case opEq, opLt, opLte, opGt, opGte:
			return orderOf(t.operand.kind) != orderNull
		}
		return false
	})
}

// orderField is a field in the order in which an index holds its rows.
type orderField struct {
	name string
	desc bool
	// fixed is the same in every row, loose has arrays and so no single place.
	fixed, loose bool
}

// order is what the index is sorted by, given which of its first fields are fixed.
func (x *index) order(points []bool) []orderField {
	fields := make([]orderField, 0, len(x.fields)+1)
	for i, f := range x.fields {
		o := orderField{name: f.name, desc: f.desc, loose: f.multikey}
		if i < len(points) {
			if !points[i] {
				// Several points, or an array: walked one by one or merged, never an order.
				o.fixed, o.name = true, ""
			}
			o.fixed = true
		}
		fields = append(fields, o)
	}
	return append(fields, orderField{name: "_id"})
}

// order finds out whether walking the rows, forward or back, gives the order asked for.
func (p *plan) order(by *sorting, rows []orderField, streams int) {
	if by == nil {
		// Merged, the rows of one document are neighbours and need not be remembered.
		p.sorted, p.merged = true, streams > 1 && streams <= fewStreams
		return
	}
	at, turned := 0, 0
	for i, name := range by.names {
		if slices.ContainsFunc(rows, func(f orderField) bool { return f.fixed && f.name == name }) {
			continue
		}
		for at < len(rows) && rows[at].fixed {
			at++
		}
		if at == len(rows) || rows[at].name != name || rows[at].loose {
			return
		}
		direction := 1
		if rows[at].desc != by.desc[i] {
			direction = -1
		}
		if turned != 0 && turned != direction {
			return
		}
		turned = direction
		at++
		if name == "_id" {
			break
		}
	}
	p.sorted, p.reverse, p.merged = true, turned < 0, streams > 1
}

// seek begins a page where the one before ended, when the rows come in that order.
func (q *question) seek(p *plan, points int) {
	if q.after == nil || q.by == nil || !p.sorted || len(q.by.names) < 2 ||
		q.by.names[0] != q.after.first || q.by.names[1] != q.after.second || q.by.desc[0] != q.after.down || q.by.desc[1] != q.after.down {
		return
	}
	fields := append(slices.Clip(p.on.fields), indexField{name: "_id"})
	if points+1 >= len(fields) || fields[points].name != q.after.first || fields[points+1].name != q.after.second {
		return
	}
	var place []byte
	for i, v := range []value{q.after.v, q.after.w} {
		key := keyOf(v)
		if fields[points+i].desc {
			turn(key)
		}
		place = append(place, key...)
	}
	for i := range p.streams {
		s := &p.streams[i]
		edge := append(slices.Clip(s.lo[:s.prefix]), place...)
		if p.reverse {
			s.hi = lower(edge, s.hi)
		} else {
			s.lo = higher(s.lo, after(edge))
		}
	}
}
