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
