package embedded

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxBatch is how many documents one write command may carry, as hello announces.
const maxBatch = 100_000

// writeReply gathers what became of each document of a write command.
type writeReply struct {
	n, modified int
	upserted    []document
	errors      []document
}

// fail notes that the i-th document was refused and says whether to go on.
func (r *writeReply) fail(i int, err error, ordered bool) (goOn bool) {
	f := asFailure(err)
	w := newBuilder().int("index", i).int("code", f.code)
	if f.extra != nil {
		f.extra(w)
	}
	r.errors = append(r.errors, w.str("errmsg", f.message).done())
	return !ordered
}

func documents(list []document) value {
	items := make([]value, len(list))
	for i, d := range list {
		items[i] = documentValue(d)
	}
	return arrayValue(items)
}

func (r *writeReply) document(modified bool) document {
	w := newBuilder().int("n", r.n)
	if modified {
		w.int("nModified", r.modified)
	}
	if len(r.upserted) > 0 {
		w.value("upserted", documents(r.upserted))
	}
	if len(r.errors) > 0 {
		w.value("writeErrors", documents(r.errors))
	}
	return w.ok()
}

// writing is what insert, update and delete have in common.
type writing struct {
	name    string
	list    []document
	ordered bool
}

func (c *command) readWrite(list string) (*writing, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	docs, err := c.list(list)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 || len(docs) > maxBatch {
		return nil, failf(codeInvalidLength, "Write batch sizes must be between 1 and %d. Got %d operations.", maxBatch, len(docs))
	}
	ordered := c.fields["ordered"]
	return &writing{name: name, list: docs, ordered: !ordered.there() || ordered.truth()}, nil
}

// commit runs fn in the next durable transaction of the command's database.
func (c *command) commit(fn func(*txn) error) error {
	db, err := c.server.use(c.db, true)
	if err != nil {
		return err
	}
	defer c.server.done(db)
	return db.write(fn)
}

func (c *command) insert() (document, error) {
	in, err := c.readWrite("documents")
	if err != nil {
		return nil, err
	}
	for i, d := range in.list {
		in.list[i] = withID(d)
	}
	var reply *writeReply
	err = c.commit(func(t *txn) error {
		reply = &writeReply{}
		for i, d := range in.list {
			of, err := t.collection(in.name)
			if err == nil {
				err = t.insert(of, d)
			}
			if err != nil {
				if !reply.fail(i, err, in.ordered) {
					return nil
				}
				continue
			}
			reply.n++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return reply.document(false), nil
}

// withID puts the _id first, and makes one when there is none.
func withID(d document) document {
	if d.lookup("_id").there() {
		return idFirst(d)
	}
	id := bson.NewObjectID()
	w := newBuilder().value("_id", value{bson.TypeObjectID, id[:]})
	w.b = append(w.b, d[4:len(d)-1]...)
	return w.done()
}

// found is a document that a write is about to change.
type found struct {
	id  []byte
	doc document
}

// matching lists what a write's filter finds, before anything is changed.
func (t *txn) matching(of *collection, q *question, most int) []found {
	var list []found
	p := q.choose(t.tx, of)
	walk := p.scan(t.tx, &t.db.server.counters, nil)
	defer walk.note()
	if !p.sorted {
		return t.matchingSorted(walk, q, most)
	}
	for most < 0 || len(list) < most {
		id, d, ok := walk.next()
		if !ok {
			break
		}
		list = append(list, found{slices.Clone(id), slices.Clone(d)})
	}
	return list
}

func (t *txn) matchingSorted(walk *scan, q *question, most int) []found {
	sorted := sorter{by: q.by, limit: max(most, 0)}
	for {
		_, d, ok := walk.next()
		if !ok || sorted.add(d) != nil {
			break
		}
	}
	var list []found
	for _, d := range sorted.documents() {
		d = slices.Clone(d)
		list = append(list, found{idKey(d.lookup("_id")), d})
	}
	return list
}

// updating is one statement of an update command.
type updating struct {
	q      *question
	filter document
	change *update
	multi  bool
	upsert bool
}

func readUpdate(d document) (*updating, error) {
	u := &updating{}
	for name, v := range d.elements {
		var err error
		switch string(name) {
		case "q":
			u.filter, err = documentField(v, "update.updates.q")
		case "u":
			u.change, err = compileUpdate(v)
		case "multi":
			u.multi = v.truth()
		case "upsert":
			u.upsert = v.truth()
		default:
			err = failf(codeUnknownField, "BSON field 'update.updates.%s' is not served by the embedded database", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if u.filter == nil || u.change == nil {
		return nil, failf(codeFailedToParse, "an update needs q and u")
	}
	if u.multi && u.change.replacement != nil {
		return nil, failf(codeFailedToParse, "multi update is not supported for replacement-style update")
	}
	conds, err := compileFilter(u.filter)
	u.q = newQuestion(conds, nil)
	return u, err
}

func (c *command) update() (document, error) {
	in, err := c.readWrite("updates")
	if err != nil {
		return nil, err
	}
	var reply *writeReply
	err = c.commit(func(t *txn) error {
		reply = &writeReply{}
		for i, d := range in.list {
			u, err := readUpdate(d)
			if err == nil {
				err = t.update(in.name, u, i, reply)
			}
			if err != nil && !reply.fail(i, err, in.ordered) {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return reply.document(true), nil
}

func (t *txn) update(name string, u *updating, i int, reply *writeReply) error {
	most := 1
	if u.multi {
		most = -1
	}
	var list []found
	if of := t.cat.collections[name]; of != nil {
		list = t.matching(of, u.q, most)
	}
	if len(list) == 0 && u.upsert {
		d, err := t.upsert(name, u.filter, u.change)
		if err != nil {
			return err
		}
		reply.n++
		reply.upserted = append(reply.upserted, newBuilder().int("index", i).value("_id", d.lookup("_id")).done())
		return nil
	}
	for _, f := range list {
		now, err := u.change.apply(f.doc, false)
		if err != nil {
			return err
		}
		// The collection is asked for again: a first array changes what is known of it.
		changed, err := t.replace(t.cat.collections[name], f.id, f.doc, now)
		if err != nil {
			return err
		}
		reply.n++
		if changed {
			reply.modified++
		}
	}
	return nil
}

// upsert inserts what a filter's equalities and an update say together.
func (t *txn) upsert(name string, filter document, change *update) (document, error) {
	base := treeOf(documentValue(newBuilder().done()))
	if err := equalities(base, filter, change.replacement != nil); err != nil {
		return nil, err
	}
	d, err := change.apply(base.encode().document(), true)
	if err != nil {
		return nil, err
	}
	d = withID(d)
	of, err := t.collection(name)
	if err != nil {
		return nil, err
	}
	return d, t.insert(of, d)
}

// equalities puts the fields that a filter pins to one value into a new document; for
// a replacement only the _id counts.
func equalities(base *tree, filter document, idOnly bool) error {
	for name, v := range filter.elements {
		if string(name) == "$and" || string(name) == "$or" && len(v.items()) == 1 {
			for _, item := range v.items() {
				if err := equalities(base, item.document(), idOnly); err != nil {
					return err
				}
			}
			continue
		}
		if len(name) > 0 && name[0] == '$' || idOnly && string(name) != "_id" {
			continue
		}
		for _, pinned := range pinnedTo(v) {
			if err := pin(base, string(name), pinned); err != nil {
				return err
			}
		}
	}
	return nil
}

// pinnedTo are the values that a condition says a field has: one for an equality and for a
// choice of one, all that it must hold of an array.
func pinnedTo(v value) []value {
	if v.kind == bson.TypeRegex {
		return nil
	}
	if !v.isDocument() || !startsWithDollar(v.document()) {
		return []value{v}
	}
	var values []value
	for operator, operand := range v.document().elements {
		switch string(operator) {
		case "$eq":
			values = append(values, operand)
		case "$in":
			if items := operand.items(); len(items) == 1 {
				values = append(values, items...)
			}
		case "$all":
			values = append(values, operand.items()...)
		}
	}
	return values
}

func pin(base *tree, name string, v value) error {
	path := splitPath(name)
	if base.find(path) != nil {
		return failf(54, "cannot infer query fields to set, path '%s' is matched twice", name)
	}
	place, err := base.reach(path, name)
	if err != nil {
		return err
	}
	place.put(v)
	return nil
}

func (c *command) delete() (document, error) {
	in, err := c.readWrite("deletes")
	if err != nil {
		return nil, err
	}
	var reply *writeReply
	err = c.commit(func(t *txn) error {
		reply = &writeReply{}
		for i, d := range in.list {
			if err := t.delete(in.name, d, reply); err != nil && !reply.fail(i, err, in.ordered) {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return reply.document(false), nil
}

func (t *txn) delete(name string, d document, reply *writeReply) error {
	var filter document
	most, limited := -1, false
	for field, v := range d.elements {
		switch string(field) {
		case "q":
			var err error
			if filter, err = documentField(v, "delete.deletes.q"); err != nil {
				return err
			}
		case "limit":
			n, ok := v.whole()
			if !ok || n != 0 && n != 1 {
				return failf(codeFailedToParse, "The limit field in delete objects must be 0 or 1")
			}
			if limited = true; n == 1 {
				most = 1
			}
		default:
			return failf(codeUnknownField, "BSON field 'delete.deletes.%s' is not served by the embedded database", field)
		}
	}
	if filter == nil {
		return failf(codeFailedToParse, "a delete needs q")
	}
	if !limited {
		return failf(codeMissingField, "BSON field 'delete.deletes.limit' is missing but a required field")
	}
	conds, err := compileFilter(filter)
	of := t.cat.collections[name]
	if err != nil || of == nil {
		return err
	}
	for _, f := range t.matching(of, newQuestion(conds, nil), most) {
		if err := t.remove(of, f.id, f.doc); err != nil {
			return err
		}
		reply.n++
	}
	return nil
}

// modifying is a findAndModify command, read.
type modifying struct {
	name   string
	q      *question
	filter document
	change *update
	remove bool
	after  bool
	upsert bool
	shape  *projection
}

func (c *command) readModify() (*modifying, error) {
	m := &modifying{remove: c.fields["remove"].truth(), after: c.fields["new"].truth(), upsert: c.fields["upsert"].truth()}
	var err error
	if m.name, err = c.collectionName(); err != nil {
		return nil, err
	}
	if m.filter, err = c.document("query"); err != nil {
		return nil, err
	}
	if m.q, err = c.question("query"); err != nil {
		return nil, err
	}
	shape, err := c.document("fields")
	if err != nil {
		return nil, err
	}
	if m.shape, err = compileProjection(shape); err != nil {
		return nil, err
	}
	change := c.fields["update"]
	switch {
	case m.remove && (change.there() || m.upsert || m.after):
		return nil, failf(codeFailedToParse, "Cannot specify remove together with update, upsert or new")
	case !m.remove && !change.there():
		return nil, failf(codeFailedToParse, "Either an update or remove=true must be specified")
	case m.remove:
		return m, nil
	}
	m.change, err = compileUpdate(change)
	return m, err
}

func (c *command) findAndModify() (document, error) {
	m, err := c.readModify()
	if err != nil {
		return nil, err
	}
	var reply document
	err = c.commit(func(t *txn) (err error) {
		reply, err = t.modify(m)
		return err
	})
	return reply, err
}

func (t *txn) modify(m *modifying) (document, error) {
	var list []found
	if of := t.cat.collections[m.name]; of != nil {
		list = t.matching(of, m.q, 1)
	}
	switch {
	case len(list) == 0 && m.upsert:
		d, err := t.upsert(m.name, m.filter, m.change)
		if err != nil {
			return nil, err
		}
		shown := nullValue()
		if m.after {
			shown = documentValue(m.shape.apply(d))
		}
		return modified(1, func(w *builder) { w.bool("updatedExisting", false).value("upserted", d.lookup("_id")) }, shown), nil
	case len(list) == 0 && m.remove:
		return modified(0, nil, nullValue()), nil
	case len(list) == 0:
		return modified(0, func(w *builder) { w.bool("updatedExisting", false) }, nullValue()), nil
	}
	of, f := t.cat.collections[m.name], list[0]
	if m.remove {
		return modified(1, nil, documentValue(m.shape.apply(f.doc))), t.remove(of, f.id, f.doc)
	}
	now, err := m.change.apply(f.doc, false)
	if err != nil {
		return nil, err
	}
	if _, err := t.replace(of, f.id, f.doc, now); err != nil {
		return nil, err
	}
	shown := f.doc
	if m.after {
		shown = now
	}
	return modified(1, func(w *builder) { w.bool("updatedExisting", true) }, documentValue(m.shape.apply(shown))), nil
}

func modified(n int, more func(*builder), shown value) document {
	w := newBuilder().sub("lastErrorObject").int("n", n)
	if more != nil {
		more(w)
	}
	return w.close().value("value", shown).ok()
}
