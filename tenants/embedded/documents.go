package embedded

import (
	"bytes"
	"encoding/binary"
	"slices"

	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDocument is MongoDB's own limit for one document.
const maxDocument = 16 << 20

// collection gives a collection, made when it is not there.
func (t *txn) collection(name string) (*collection, error) {
	if c := t.cat.collections[name]; c != nil {
		return c, nil
	}
	c := &collection{name: name, docs: docsBucket(name)}
	if _, err := t.tx.CreateBucketIfNotExists(c.docs); err != nil {
		return nil, err
	}
	return c, t.changeCatalog(name, c)
}

func idKey(id value) []byte { return keyOf(id) }

func checkID(id value) error {
	switch id.kind {
	case bson.TypeArray, bson.TypeRegex, bson.TypeUndefined:
		return failf(53, "The '_id' value cannot be of type %s", typeName(id.kind))
	}
	if len(keyOf(id)) > 4<<10 {
		return failf(codeBadValue, "the _id is too long")
	}
	return nil
}

// storable refuses what no document may hold though a command may: regular expressions,
// and levels that an update put one below the other.
func storable(d document, depth int) error {
	if depth > maxDepth {
		return failf(codeOverflow, "documents nest deeper than %d levels", maxDepth)
	}
	for name, v := range d.elements {
		switch {
		case v.kind == bson.TypeRegex:
			return notServed("a regular expression in a document ('" + string(name) + "')")
		case v.nested():
			if err := storable(v.document(), depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry is one row of an index: the fields' key and then the id's. Its value is the
// length of the fields' part.
func entry(key, id []byte) []byte { return append(slices.Clip(key), id...) }

func entryValue(key []byte) []byte { return binary.AppendUvarint(nil, uint64(len(key))) }

// idOf cuts the id's key from an index row.
func idOf(row, val []byte) []byte {
	n, _ := binary.Uvarint(val)
	return row[n:]
}

// rows are what one document adds to one index, which is the collection's at that place.
type rows struct {
	on     *index
	at     int
	keys   [][]byte
	arrays []bool
}

// rowsOf are a document's rows in every index that the changed fields may touch; nil
// touches all.
func (c *collection) rowsOf(d document, changed map[string]bool) ([]rows, error) {
	all := make([]rows, 0, len(c.indexes))
	for i, x := range c.indexes {
		if changed != nil && !x.touched(changed) {
			continue
		}
		keys, arrays, err := x.entries(d)
		if err != nil {
			return nil, err
		}
		all = append(all, rows{x, i, keys, arrays})
	}
	return all, nil
}

// touched says that a document may have other rows in the index once these fields of it
// have changed.
func (x *index) touched(changed map[string]bool) bool {
	for _, f := range x.fields {
		if changed[f.path[0]] {
			return true
		}
	}
	for _, c := range x.partial {
		if t, ok := c.(*test); !ok || changed[t.path[0]] {
			return true
		}
	}
	return false
}

// differing are the names of the fields that are not the same in both documents.
func differing(before, now document) map[string]bool {
	was := map[string]value{}
	for name, v := range before.elements {
		if _, twice := was[string(name)]; !twice {
			was[string(name)] = v
		}
	}
	changed := map[string]bool{}
	for name, v := range now.elements {
		old, known := was[string(name)]
		if !known || old.kind != v.kind || !bytes.Equal(old.data, v.data) {
			changed[string(name)] = true
		}
		delete(was, string(name))
	}
	for name := range was {
		changed[name] = true
	}
	return changed
}

// insert keeps a new document. Everything is checked before anything is written.
func (t *txn) insert(c *collection, d document) error {
	if len(d) > maxDocument {
		return failf(codeTooLarge, "object to insert too large. size in bytes: %d, max size: %d", len(d), maxDocument)
	}
	id := d.lookup("_id")
	if err := checkID(id); err != nil {
		return err
	}
	if err := storable(d, 1); err != nil {
		return err
	}
	docs := t.tx.Bucket(c.docs)
	key := idKey(id)
	if docs.Get(key) != nil {
		ids := &index{name: "_id_", fields: []indexField{{name: "_id", path: []string{"_id"}}}}
		return ids.duplicate(t.db.name+"."+c.name, d, appendKey(nil, id))
	}
	added, err := c.rowsOf(d, nil)
	if err != nil {
		return err
	}
	if err := t.unique(c, added, nil, key, d); err != nil {
		return err
	}
	t.dirty = true
	if err := docs.Put(key, d); err != nil {
		return err
	}
	for _, r := range added {
		if err := t.putRows(c, r.on, r.keys, key); err != nil {
			return err
		}
	}
	return t.noteArrays(c, added)
}

// unique refuses keys that another document has; known keys of the document itself are
// left out.
func (t *txn) unique(c *collection, added, known []rows, id []byte, d document) error {
	for i, r := range added {
		if !r.on.unique {
			continue
		}
		cursor := t.tx.Bucket(c.bucket(r.on)).Cursor()
		for _, key := range r.keys {
			if known != nil && containsKey(known[i].keys, key) {
				continue
			}
			if row, _ := cursor.Seek(key); bytes.HasPrefix(row, key) && !bytes.Equal(row[len(key):], id) {
				return r.on.duplicate(t.db.name+"."+c.name, d, key)
			}
		}
	}
	return nil
}

// containsKey looks in a sorted list.
func containsKey(sorted [][]byte, key []byte) bool {
	_, found := slices.BinarySearchFunc(sorted, key, bytes.Compare)
	return found
}

func (t *txn) putRows(c *collection, x *index, keys [][]byte, id []byte) error {
	if len(keys) == 0 {
		return nil
	}
	bucket := t.tx.Bucket(c.bucket(x))
	for _, key := range keys {
		if err := bucket.Put(entry(key, id), entryValue(key)); err != nil {
			return err
		}
	}
	return nil
}

// noteArrays remembers on which fields arrays were met for the first time.
func (t *txn) noteArrays(c *collection, added []rows) error {
	c = t.cat.collections[c.name]
	var next *collection
	for _, r := range added {
		for f, array := range r.arrays {
			if !array || c.indexes[r.at].fields[f].multikey {
				continue
			}
			if next == nil {
				next = c.clone()
			}
			next.indexes[r.at].fields[f].multikey = true
		}
	}
	if next == nil {
		return nil
	}
	return t.changeCatalog(c.name, next)
}

func (c *collection) clone() *collection {
	copied := *c
	copied.indexes = make([]*index, len(c.indexes))
	for i, x := range c.indexes {
		one := *x
		one.fields = slices.Clone(x.fields)
		copied.indexes[i] = &one
	}
	return &copied
}

// replace keeps a new state of a document and says whether it differs.
func (t *txn) replace(c *collection, id []byte, before, now document) (bool, error) {
	if bytes.Equal(before, now) {
		return false, nil
	}
	if len(now) > maxDocument {
		return false, failf(codeTooLarge, "Resulting document after update is larger than %d", maxDocument)
	}
	if err := storable(now, 1); err != nil {
		return false, err
	}
	changed := differing(before, now)
	was, err := c.rowsOf(before, changed)
	if err != nil {
		return false, err
	}
	will, err := c.rowsOf(now, changed)
	if err != nil {
		return false, err
	}
	if err := t.unique(c, will, was, id, now); err != nil {
		return false, err
	}
	t.dirty = true
	if err := t.tx.Bucket(c.docs).Put(id, now); err != nil {
		return false, err
	}
	for i := range will {
		if err := t.moveRows(c, was[i], will[i], id); err != nil {
			return false, err
		}
	}
	return true, t.noteArrays(c, will)
}

func (t *txn) moveRows(c *collection, was, will rows, id []byte) error {
	var gone, fresh [][]byte
	for _, key := range was.keys {
		if !containsKey(will.keys, key) {
			gone = append(gone, key)
		}
	}
	for _, key := range will.keys {
		if !containsKey(was.keys, key) {
			fresh = append(fresh, key)
		}
	}
	if err := t.deleteRows(c, will.on, gone, id); err != nil {
		return err
	}
	return t.putRows(c, will.on, fresh, id)
}

func (t *txn) deleteRows(c *collection, x *index, keys [][]byte, id []byte) error {
	if len(keys) == 0 {
		return nil
	}
	bucket := t.tx.Bucket(c.bucket(x))
	for _, key := range keys {
		if err := bucket.Delete(entry(key, id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) remove(c *collection, id []byte, d document) error {
	gone, err := c.rowsOf(d, nil)
	if err != nil {
		return err
	}
	t.dirty = true
	for _, r := range gone {
		if err := t.deleteRows(c, r.on, r.keys, id); err != nil {
			return err
		}
	}
	return t.tx.Bucket(c.docs).Delete(id)
}

// createIndex builds an index over what is there.
func (t *txn) createIndex(c *collection, x *index) error {
	if _, err := t.tx.CreateBucket(c.bucket(x)); err != nil {
		return err
	}
	next := c.clone()
	next.indexes = append(next.indexes, x)
	bucket := t.tx.Bucket(next.bucket(x))
	cursor := t.tx.Bucket(c.docs).Cursor()
	for id, raw := cursor.First(); id != nil; id, raw = cursor.Next() {
		if err := fillIndex(bucket, x, id, raw, t.db.name+"."+c.name); err != nil {
			_ = t.tx.DeleteBucket(c.bucket(x))
			return err
		}
	}
	return t.changeCatalog(c.name, next)
}

func fillIndex(bucket *bolt.Bucket, x *index, id []byte, d document, namespace string) error {
	keys, arrays, err := x.entries(d)
	if err != nil {
		return err
	}
	for f, array := range arrays {
		x.fields[f].multikey = x.fields[f].multikey || array
	}
	for _, key := range keys {
		if x.unique {
			if row, _ := bucket.Cursor().Seek(key); bytes.HasPrefix(row, key) {
				return x.duplicate(namespace, d, key)
			}
		}
		if err := bucket.Put(entry(key, id), entryValue(key)); err != nil {
			return err
		}
	}
	return nil
}
