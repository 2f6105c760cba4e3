package embedded

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The version whose behaviour is kept, for tools that ask.
const (
	servedVersion = "7.0.0"
	minWire       = 0
	maxWire       = 21
)

// hello announces a single server without sessions and without a set's name: then the
// driver sends neither lsid nor txnNumber.
func (c *command) hello() (document, error) {
	return newBuilder().bool("helloOk", true).bool("ismaster", true).bool("isWritablePrimary", true).
		int("maxBsonObjectSize", maxDocument).int("maxMessageSizeBytes", maxMessage).int("maxWriteBatchSize", maxBatch).
		value("localTime", dateValue(time.Now().UnixMilli())).int("connectionId", 1).
		int("minWireVersion", minWire).int("maxWireVersion", maxWire).bool("readOnly", false).ok(), nil
}

func (c *command) ping() (document, error) { return newBuilder().ok(), nil }

func (c *command) buildInfo() (document, error) {
	version := []value{int32Value(7), int32Value(0), int32Value(0), int32Value(0)}
	return newBuilder().str("version", servedVersion).value("versionArray", arrayValue(version)).
		value("modules", arrayValue([]value{stringValue("mitra-embedded")})).
		str("gitVersion", runtime.Version()).int("bits", 64).bool("debug", false).int("maxBsonObjectSize", maxDocument).ok(), nil
}

func (c *command) connectionStatus() (document, error) {
	return newBuilder().sub("authInfo").value("authenticatedUsers", arrayValue(nil)).
		value("authenticatedUserRoles", arrayValue(nil)).close().ok(), nil
}

func (c *command) serverStatus() (document, error) {
	s := c.server.Stats()
	return newBuilder().str("host", "embedded").str("version", servedVersion).str("process", "mitra").sub("metrics").
		int("commits", int(s.Commits)).int("writes", int(s.Writes)).int("indexWalks", int(s.IndexWalks)).
		int("fullScans", int(s.FullScans)).int("keysExamined", int(s.Keys)).int("docsExamined", int(s.Documents)).
		int("sorts", int(s.Sorts)).close().ok(), nil
}

func (c *command) getParameter() (document, error) {
	if !c.fields["featureCompatibilityVersion"].truth() {
		return nil, notServed("any parameter but featureCompatibilityVersion")
	}
	return newBuilder().sub("featureCompatibilityVersion").str("version", "7.0").close().ok(), nil
}

func (c *command) create() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	err = c.commit(func(t *txn) error {
		if t.cat.collections[name] != nil {
			return failf(codeExists, "Collection %s.%s already exists.", c.db, name)
		}
		_, err := t.collection(name)
		return err
	})
	return newBuilder().ok(), err
}

func (c *command) drop() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	err = c.commit(func(t *txn) error {
		of := t.cat.collections[name]
		if of == nil {
			return nil
		}
		for _, x := range of.indexes {
			if err := t.tx.DeleteBucket(of.bucket(x)); err != nil {
				return err
			}
		}
		if err := t.tx.DeleteBucket(of.docs); err != nil {
			return err
		}
		return t.changeCatalog(name, nil)
	})
	return newBuilder().str("ns", c.db+"."+name).ok(), err
}

func (c *command) dropDatabase() (document, error) {
	if !databaseName.MatchString(c.db) {
		return nil, failf(codeInvalidNamespace, "Invalid database name: '%s'", c.db)
	}
	return newBuilder().str("dropped", c.db).ok(), c.server.drop(c.db)
}

// createIndexes makes what is not there yet. When all is, nothing is written.
func (c *command) createIndexes() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	specs, err := c.list("indexes")
	if err != nil {
		return nil, err
	}
	wanted := make([]*index, len(specs))
	for i, spec := range specs {
		if wanted[i], err = compileIndex(spec); err == nil {
			err = wanted[i].check()
		}
		if err != nil {
			return nil, err
		}
	}
	there := false
	before := 1
	err = c.view(name, func(_ *bolt.Tx, of *collection) error {
		before += len(of.indexes)
		fresh, err := of.lacks(wanted)
		there = len(fresh) == 0
		return err
	})
	if err != nil {
		return nil, err
	}
	after := before
	if !there {
		err = c.commit(func(t *txn) error { return t.createIndexes(name, wanted, &before, &after) })
	}
	return newBuilder().int("numIndexesBefore", before).int("numIndexesAfter", after).
		bool("createdCollectionAutomatically", false).ok(), err
}

func (t *txn) createIndexes(name string, wanted []*index, before, after *int) error {
	of, err := t.collection(name)
	if err != nil {
		return err
	}
	fresh, err := of.lacks(wanted)
	if err != nil {
		return err
	}
	*before = 1 + len(of.indexes)
	*after = *before
	for i, x := range fresh {
		if err := t.createIndex(t.cat.collections[name], x); err != nil {
			return errors.Join(t.withoutIndexes(t.cat.collections[name], of, fresh[:i]), err)
		}
		*after++
	}
	return nil
}

// withoutIndexes takes back those of a command's indexes that were made before one of them
// could not be: all are made or none.
func (t *txn) withoutIndexes(of, before *collection, made []*index) error {
	for _, x := range made {
		if err := t.tx.DeleteBucket(of.bucket(x)); err != nil {
			return err
		}
	}
	return t.changeCatalog(of.name, before)
}

// lacks are the wanted indexes that a collection has not. One that is there under the
// same name or with the same keys must be the same in all.
func (c *collection) lacks(wanted []*index) ([]*index, error) {
	var fresh []*index
	for _, x := range wanted {
		if len(x.fields) == 1 && x.fields[0].name == "_id" {
			continue
		}
		same, err := c.known(x)
		if err != nil {
			return nil, err
		}
		if !same && !slices.ContainsFunc(fresh, func(f *index) bool { return f.name == x.name }) {
			fresh = append(fresh, x)
		}
	}
	return fresh, nil
}

func (c *collection) known(x *index) (bool, error) {
	for _, have := range c.indexes {
		sameKeys := bytes.Equal(have.spec.lookup("key").data, x.spec.lookup("key").data) && bytes.Equal(have.partialDoc, x.partialDoc)
		sameOptions := have.unique == x.unique && have.sparse == x.sparse && bytes.Equal(have.partialDoc, x.partialDoc) &&
			(have.expire == nil) == (x.expire == nil) && (x.expire == nil || *have.expire == *x.expire)
		switch {
		case have.name == x.name && sameKeys && sameOptions:
			return true, nil
		case have.name == x.name && !sameKeys:
			return false, failf(codeIndexKeySpecs, "An existing index has the same name as the requested index: %s", x.name)
		case have.name == x.name, sameKeys && have.name != x.name:
			return false, failf(codeIndexOptions, "Index already exists with other options or another name: %s", have.name)
		}
	}
	return false, nil
}

func (c *command) listIndexes() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	found := false
	var specs []document
	err = c.view(name, func(_ *bolt.Tx, of *collection) error {
		found = true
		specs = append(specs, newBuilder().int("v", 2).sub("key").int("_id", 1).close().str("name", "_id_").done())
		for _, x := range of.indexes {
			w := newBuilder().int("v", 2)
			for field, v := range x.spec.elements {
				if string(field) != "v" && string(field) != "ns" {
					w.value(string(field), v)
				}
			}
			specs = append(specs, w.done())
		}
		return nil
	})
	if err == nil && !found {
		err = failf(codeNamespace, "ns does not exist: %s.%s", c.db, name)
	}
	return oneBatch(c.db+"."+name, specs), err
}

// oneBatch is a cursor that is finished with its first batch.
func oneBatch(namespace string, docs []document) document {
	return newBuilder().sub("cursor").value("firstBatch", documents(docs)).value("id", int64Value(0)).
		str("ns", namespace).close().ok()
}

func (c *command) dropIndexes() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	which, ok := c.fields["index"].text()
	if !ok {
		return nil, notServed("dropIndexes by anything but a name")
	}
	if which == "_id_" {
		return nil, failf(codeInvalidOptions, "cannot drop _id index")
	}
	was := 0
	err = c.commit(func(t *txn) error {
		of := t.cat.collections[name]
		if of == nil {
			return failf(codeNamespace, "ns not found %s.%s", c.db, name)
		}
		was = 1 + len(of.indexes)
		return t.dropIndexes(of, which)
	})
	return newBuilder().int("nIndexesWas", was).ok(), err
}

func (t *txn) dropIndexes(of *collection, which string) error {
	next := of.clone()
	next.indexes = nil
	for _, x := range of.indexes {
		if which != "*" && x.name != which {
			next.indexes = append(next.indexes, x)
			continue
		}
		if err := t.tx.DeleteBucket(of.bucket(x)); err != nil {
			return err
		}
	}
	if which != "*" && len(next.indexes) == len(of.indexes) {
		return failf(codeIndexNotFound, "index not found with name [%s]", which)
	}
	return t.changeCatalog(of.name, next)
}

func (c *command) listCollections() (document, error) {
	filter, err := c.document("filter")
	if err != nil {
		return nil, err
	}
	conds, err := compileFilter(filter)
	if err != nil {
		return nil, err
	}
	var docs []document
	db, err := c.server.use(c.db, false)
	if err != nil {
		return nil, err
	}
	if db != nil {
		defer c.server.done(db)
		err = db.bolt.View(func(tx *bolt.Tx) error {
			cat, err := db.catalogOf(tx)
			if err != nil {
				return err
			}
			for name := range cat.collections {
				d := newBuilder().str("name", name).str("type", "collection").
					sub("options").close().sub("info").bool("readOnly", false).close().done()
				if conds.holds(documentValue(d)) {
					docs = append(docs, d)
				}
			}
			return nil
		})
	}
	slices.SortFunc(docs, func(a, b document) int { return compare(a.lookup("name"), b.lookup("name")) })
	return oneBatch(c.db+".$cmd.listCollections", docs), err
}

func (c *command) listDatabases() (document, error) {
	filter, err := c.document("filter")
	if err != nil {
		return nil, err
	}
	conds, err := compileFilter(filter)
	if err != nil {
		return nil, err
	}
	names, err := c.server.databases()
	if err != nil {
		return nil, err
	}
	var docs []document
	for _, name := range names {
		d := newBuilder().str("name", name).bool("empty", false).done()
		if conds.holds(documentValue(d)) {
			docs = append(docs, d)
		}
	}
	return newBuilder().value("databases", documents(docs)).ok(), nil
}

// expireEvery is how often documents are looked for whose time is over.
const expireEvery = time.Minute

func (s *Server) expireRegularly() {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.cursors.expire(time.Now())
			if err := s.Expire(); err != nil {
				s.o.Log.Error("removing expired documents", "error", err)
			}
		}
	}
}

// Expire removes the documents whose time is over now, in the databases that are open.
func (s *Server) Expire() error {
	s.mu.Lock()
	names := make([]string, 0, len(s.files))
	for name := range s.files {
		names = append(names, name)
	}
	s.mu.Unlock()
	var failures []error
	for _, name := range names {
		failures = append(failures, s.expireIn(name))
	}
	return errors.Join(failures...)
}

func (s *Server) expireIn(name string) error {
	db, err := s.use(name, false)
	if err != nil || db == nil {
		return err
	}
	defer s.done(db)
	cat := db.cat.Load()
	if cat == nil {
		return nil
	}
	var failures []error
	for _, of := range cat.collections {
		for _, x := range of.indexes {
			if x.expire != nil && len(x.fields) == 1 {
				failures = append(failures, db.expire(of.name, x, s.o.Now()))
			}
		}
	}
	return errors.Join(failures...)
}

// expireAtOnce is how many documents one commit removes.
const expireAtOnce = 500

func (db *database) expire(name string, x *index, now time.Time) error {
	until := dateValue(now.Add(-time.Duration(*x.expire) * time.Second).UnixMilli())
	over := &test{name: x.fields[0].name, path: x.fields[0].path, op: opLte, operand: until, key: keyOf(until)}
	lapsed := append(allOf{over}, x.partial...) // what the index does not hold stays
	for {
		gone := 0
		err := db.write(func(w *txn) error {
			of := w.cat.collections[name]
			if of == nil {
				return nil
			}
			list := w.matching(of, newQuestion(lapsed, nil), expireAtOnce)
			for _, f := range list {
				if err := w.remove(of, f.id, f.doc); err != nil {
					return err
				}
			}
			gone = len(list)
			return nil
		})
		if err != nil || gone < expireAtOnce {
			return err
		}
	}
}
