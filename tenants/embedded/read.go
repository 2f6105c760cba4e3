package embedded

import (
	"slices"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// find answers the first batch of a query and keeps a cursor for the rest.
func (c *command) find() (document, error) {
	f, err := c.readFind()
	if err != nil {
		return nil, err
	}
	w := newBuilder().sub("cursor").array("firstBatch")
	err = c.view(f.name, func(tx *bolt.Tx, of *collection) error { return f.begin(c.server, tx, of, w) })
	if err != nil {
		return nil, err
	}
	return c.finishBatch(w, f.cursor, f.single), nil
}

// finding is a find command, read.
type finding struct {
	name       string
	q          *question
	skip       int64
	batch      int64
	single     bool
	projection *projection
	cursor     *cursor
}

func (c *command) readFind() (*finding, error) {
	f := &finding{single: c.fields["singleBatch"].truth()}
	var err error
	if f.name, err = c.collectionName(); err != nil {
		return nil, err
	}
	if f.q, err = c.question("filter"); err != nil {
		return nil, err
	}
	shape, err := c.document("projection")
	if err != nil {
		return nil, err
	}
	if f.projection, err = compileProjection(shape); err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 0)
	if err != nil {
		return nil, err
	}
	if f.skip, err = c.number("skip", 0); err != nil {
		return nil, err
	}
	if f.batch, err = c.number("batchSize", firstBatch); err != nil {
		return nil, err
	}
	left := limit
	if limit == 0 {
		left = -1
	}
	f.cursor = &cursor{namespace: c.db + "." + f.name, db: c.db, name: f.name, shape: f.projection, left: left}
	return f, nil
}

// question reads the filter and the sort.
func (c *command) question(filter string) (*question, error) {
	d, err := c.document(filter)
	if err != nil {
		return nil, err
	}
	conds, err := compileFilter(d)
	if err != nil {
		return nil, err
	}
	order, err := c.document("sort")
	if err != nil {
		return nil, err
	}
	by, err := compileSort(order)
	if err != nil {
		return nil, err
	}
	return newQuestion(conds, by), nil
}

// view reads a collection; fn is not called when it is not there.
func (c *command) view(name string, fn func(*bolt.Tx, *collection) error) error {
	return c.server.view(c.db, name, fn)
}

func (s *Server) view(dbName, name string, fn func(*bolt.Tx, *collection) error) error {
	db, err := s.use(dbName, false)
	if err != nil || db == nil {
		return err
	}
	defer s.done(db)
	return db.bolt.View(func(tx *bolt.Tx) error {
		cat, err := db.catalogOf(tx)
		if err != nil {
			return err
		}
		if of := cat.collections[name]; of != nil {
			return fn(tx, of)
		}
		return nil
	})
}

// begin writes the first batch.
func (f *finding) begin(s *Server, tx *bolt.Tx, of *collection, w *builder) error {
	p := f.q.choose(tx, of)
	walk := p.scan(tx, &s.counters, nil)
	defer walk.note()
	if !p.sorted {
		return f.beginSorted(s, walk, w)
	}
	for range f.skip {
		if _, _, ok := walk.next(); !ok {
			return nil
		}
	}
	f.cursor.fill(walk, w, f.batch)
	return nil
}

// beginSorted puts everything in order first; what does not fit the batch is kept.
func (f *finding) beginSorted(s *Server, walk *scan, w *builder) error {
	s.counters.sorts.Add(1)
	sorted := sorter{by: f.q.by}
	if f.cursor.left > 0 {
		sorted.limit = int(f.skip + f.cursor.left)
	}
	for {
		_, d, ok := walk.next()
		if !ok {
			break
		}
		if err := sorted.add(d); err != nil {
			return err
		}
	}
	docs := sorted.documents()
	f.cursor.rest = docs[min(int64(len(docs)), f.skip):]
	f.cursor.drain(w, f.batch)
	for i, d := range f.cursor.rest {
		f.cursor.rest[i] = slices.Clone(d)
	}
	return nil
}

// fill writes the next batch of a walk and remembers where to go on.
func (k *cursor) fill(walk *scan, w *builder, batch int64) {
	start := len(w.b)
	for n := int64(0); n < batch && k.left != 0 && len(w.b)-start < batchBytes; n++ {
		_, d, ok := walk.next()
		if !ok {
			k.rows = nil
			return
		}
		w.doc(strconv.FormatInt(n, 10), k.shape.apply(d))
		k.left = max(k.left-1, -1)
	}
	if k.left != 0 {
		k.rows, k.seen = walk.resume(), walk.seen
	}
}

// drain writes the next batch of what was sorted.
func (k *cursor) drain(w *builder, batch int64) {
	start := len(w.b)
	n := 0
	for ; n < len(k.rest) && int64(n) < batch && k.left != 0 && len(w.b)-start < batchBytes; n++ {
		w.doc(strconv.Itoa(n), k.shape.apply(k.rest[n]))
		k.left = max(k.left-1, -1)
	}
	k.rest = k.rest[n:]
}

// finished says that nothing remains to be read.
func (k *cursor) finished() bool {
	return k.left == 0 || len(k.rest) == 0 && (k.rows == nil || len(k.rows.streams) == 0)
}

// finishBatch closes the reply's batch with the number to ask for more under: 0 when
// there is no more.
func (c *command) finishBatch(w *builder, k *cursor, single bool) document {
	k.id = c.keepCursor(k, single)
	return w.close().value("id", int64Value(k.id)).str("ns", k.namespace).close().ok()
}

func (c *command) keepCursor(k *cursor, single bool) int64 {
	if single || k.finished() {
		return 0
	}
	c.server.cursors.keep(k, time.Now())
	return k.id
}

// getMore goes on with a cursor in a transaction of its own.
func (c *command) getMore() (document, error) {
	id, ok := c.fields[c.name].whole()
	name, named := c.fields["collection"].text()
	if !ok || !named {
		return nil, failf(codeTypeMismatch, "getMore needs a cursor id and its collection")
	}
	batch, err := c.number("batchSize", nextBatch)
	if err != nil {
		return nil, err
	}
	if batch == 0 {
		batch = nextBatch
	}
	k := c.server.cursors.take(id, c.db+"."+name)
	if k == nil {
		return nil, failf(codeCursorNotFound, "cursor id %d not found", id)
	}
	w := newBuilder().sub("cursor").array("nextBatch")
	if k.rows == nil {
		k.drain(w, batch)
		return c.finishBatch(w, k, false), nil
	}
	rows := k.rows
	k.rows = nil
	err = c.view(name, func(tx *bolt.Tx, of *collection) error {
		if rows.on != nil && of.index(rows.on.name) == nil {
			return failf(codeCursorNotFound, "the index of cursor %d was dropped", id)
		}
		walk := rows.scan(tx, &c.server.counters, k.seen)
		k.fill(walk, w, batch)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.finishBatch(w, k, false), nil
}

func (c *command) killCursors() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	w := newBuilder()
	var gone, unknown []value
	for _, v := range c.fields["cursors"].items() {
		id, _ := v.whole()
		if c.server.cursors.take(id, c.db+"."+name) != nil {
			gone = append(gone, v)
		} else {
			unknown = append(unknown, v)
		}
	}
	return w.value("cursorsKilled", arrayValue(gone)).value("cursorsNotFound", arrayValue(unknown)).
		value("cursorsAlive", arrayValue(nil)).value("cursorsUnknown", arrayValue(nil)).ok(), nil
}

// count answers the old count command.
func (c *command) count() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	q, err := c.question("query")
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 0)
	if err != nil {
		return nil, err
	}
	skip, err := c.number("skip", 0)
	if err != nil {
		return nil, err
	}
	most := int64(-1)
	if limit > 0 {
		most = limit + skip
	}
	n, err := c.server.countWhere(c.db, name, q, most)
	if err != nil {
		return nil, err
	}
	return newBuilder().int("n", int(max(0, n-skip))).ok(), nil
}

// countWhere counts up to most (-1: all). When the bounds are the whole filter, no
// document is looked at.
func (s *Server) countWhere(db, name string, q *question, most int64) (int64, error) {
	n := int64(0)
	err := s.view(db, name, func(tx *bolt.Tx, of *collection) error {
		p := q.choose(tx, of)
		walk := p.scan(tx, &s.counters, nil)
		defer walk.note()
		for n != most {
			var ok bool
			if p.exact {
				_, _, ok = walk.step()
			} else {
				_, _, ok = walk.next()
			}
			if !ok {
				return nil
			}
			n++
		}
		return nil
	})
	return n, err
}

// explain says how a find would be answered, in the shape MongoDB uses.
func (c *command) explain() (document, error) {
	asked, err := c.document(c.name)
	if err != nil {
		return nil, err
	}
	inner := &command{server: c.server, request: &request{body: asked}, name: "find", db: c.db, fields: map[string]value{}}
	for name, v := range asked.elements {
		inner.fields[string(name)] = v
	}
	if !inner.fields["find"].there() {
		return nil, notServed("explain of anything but find")
	}
	f, err := inner.readFind()
	if err != nil {
		return nil, err
	}
	plan := newBuilder().str("stage", "EOF").done()
	var returned, keys, documents int64
	err = c.view(f.name, func(tx *bolt.Tx, of *collection) error {
		p := f.q.choose(tx, of)
		plan = p.describe()
		walk := p.scan(tx, &counters{}, nil)
		for f.cursor.left < 0 || !p.sorted || returned < f.cursor.left {
			if _, _, ok := walk.next(); !ok {
				break
			}
			returned++
		}
		keys, documents = walk.keys, walk.documents
		return nil
	})
	if err != nil {
		return nil, err
	}
	return newBuilder().sub("queryPlanner").doc("winningPlan", plan).close().
		sub("executionStats").int("nReturned", int(returned)).int("totalKeysExamined", int(keys)).
		int("totalDocsExamined", int(documents)).close().ok(), nil
}

func (p *plan) describe() document {
	w := newBuilder()
	if !p.sorted {
		w.str("stage", "SORT").sub("inputStage")
	}
	if p.full {
		return w.str("stage", "COLLSCAN").done()
	}
	direction := "forward"
	if p.reverse {
		direction = "backward"
	}
	name := "_id_"
	if p.on != nil {
		name = p.on.name
	}
	return w.str("stage", "FETCH").sub("inputStage").str("stage", "IXSCAN").str("indexName", name).
		str("direction", direction).int("ranges", len(p.streams)).done()
}
