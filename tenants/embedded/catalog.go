package embedded

import (
	"encoding/binary"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// catalog is what a database holds: collections and their indexes. It is never changed;
// a change makes a new one with the next version.
type catalog struct {
	version     uint64
	collections map[string]*collection
}

// collection is a name and its indexes, without the one of _id.
type collection struct {
	name    string
	indexes []*index
	docs    []byte // name of the bucket
}

var (
	catalogBucket = []byte("\x00catalog")
	catalogKey    = []byte("\x00version")
)

func docsBucket(name string) []byte { return []byte(name + "\x00d") }

func (c *collection) bucket(x *index) []byte { return []byte(c.name + "\x00x\x00" + x.name) }

// catalogOf is the catalog as a transaction sees it: the one in memory when that has
// the version of the file, else the file's.
func (db *database) catalogOf(tx *bolt.Tx) (*catalog, error) {
	bucket := tx.Bucket(catalogBucket)
	if bucket == nil {
		return &catalog{collections: map[string]*collection{}}, nil
	}
	version := binary.BigEndian.Uint64(bucket.Get(catalogKey))
	if known := db.cat.Load(); known != nil && known.version == version {
		return known, nil
	}
	read := &catalog{version: version, collections: map[string]*collection{}}
	err := bucket.ForEach(func(name, spec []byte) error {
		if slices.Equal(name, catalogKey) {
			return nil
		}
		c, err := readCollection(string(name), slices.Clone(spec))
		read.collections[string(name)] = c
		return err
	})
	if err == nil && !tx.Writable() {
		db.cat.Store(read)
	}
	return read, err
}

func readCollection(name string, spec document) (*collection, error) {
	c := &collection{name: name, docs: docsBucket(name)}
	for _, item := range spec.lookup("indexes").items() {
		x, err := compileIndex(item.document().lookup("spec").document())
		if err != nil {
			return nil, err
		}
		for i, flag := range item.document().lookup("multikey").items() {
			x.fields[i].multikey = flag.truth()
		}
		c.indexes = append(c.indexes, x)
	}
	return c, nil
}

func (c *collection) spec() document {
	w := newBuilder().array("indexes")
	for _, x := range c.indexes {
		w.sub("0").doc("spec", x.spec).array("multikey")
		for _, f := range x.fields {
			w.bool("0", f.multikey)
		}
		w.close().close()
	}
	return w.done()
}

func (c *collection) index(name string) *index {
	for _, x := range c.indexes {
		if x.name == name {
			return x
		}
	}
	return nil
}

// changeCatalog keeps a collection's new shape (nil drops it) within the transaction.
func (t *txn) changeCatalog(name string, c *collection) error {
	bucket, err := t.tx.CreateBucketIfNotExists(catalogBucket)
	if err != nil {
		return err
	}
	next := &catalog{version: t.cat.version + 1, collections: make(map[string]*collection, len(t.cat.collections)+1)}
	for n, known := range t.cat.collections {
		next.collections[n] = known
	}
	if c == nil {
		delete(next.collections, name)
		err = bucket.Delete([]byte(name))
	} else {
		next.collections[name] = c
		err = bucket.Put([]byte(name), c.spec())
	}
	if err != nil {
		return err
	}
	t.cat, t.dirty = next, true
	return bucket.Put(catalogKey, binary.BigEndian.AppendUint64(nil, next.version))
}
