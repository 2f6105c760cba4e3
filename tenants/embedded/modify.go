package embedded

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
