package embedded

import (
	"strings"

	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// stage is one step of a pipeline, over documents held in memory.
type stage func([]document) ([]document, error)

// aggregate serves $match, $sort, $skip, $limit, $group and $count, in any order.
func (c *command) aggregate() (document, error) {
	name, err := c.collectionName()
	if err != nil {
		return nil, err
	}
	steps, err := c.list("pipeline")
	if err != nil {
		return nil, err
	}
	if shape, err := c.document("cursor"); err != nil {
		return nil, err
	} else if !c.fields["cursor"].there() {
		return nil, failf(codeFailedToParse, "The 'cursor' option is required")
	} else if batch := shape.lookup("batchSize"); batch.there() && !batch.isNumber() {
		return nil, failf(codeTypeMismatch, "cursor.batchSize must be a number")
	}
	a := &aggregation{q: newQuestion(nil, nil), limit: -1}
	if err := a.read(steps); err != nil {
		return nil, err
	}
	if a.counting != nil {
		return c.aggregateCount(name, a)
	}
	docs, err := c.aggregateDocuments(name, a)
	if err != nil {
		return nil, err
	}
	k := &cursor{namespace: c.db + "." + name, db: c.db, name: name, rest: docs, left: -1}
	w := newBuilder().sub("cursor").array("firstBatch")
	batch, ok := c.fields["cursor"].document().lookup("batchSize").whole()
	if !ok {
		batch = firstBatch
	}
	k.drain(w, batch)
	return c.finishBatch(w, k, false), nil
}

// aggregation is a pipeline, read: what the indexes answer, and the steps after that.
type aggregation struct {
	q      *question
	skip   int64
	limit  int64
	stages []stage
	// counting makes the one document of a pipeline that only counts.
	counting func(n int64) []document
}

// read takes a leading $match, $sort, $skip and $limit to the walk itself.
func (a *aggregation) read(steps []document) error {
	leading := 0 // 0 $match, 1 $sort, 2 $skip, 3 $limit may still come
	for i, step := range steps {
		name, arg := only(step)
		place := map[string]int{"$match": 0, "$sort": 1, "$skip": 2, "$limit": 3}
		if at, ok := place[name]; ok && at >= leading && len(a.stages) == 0 {
			leading = at + 1
			if err := a.lead(name, arg); err != nil {
				return err
			}
			continue
		}
		leading = 4
		run, err := compileStage(name, arg)
		if err != nil {
			return err
		}
		a.stages = append(a.stages, run)
		if i == len(steps)-1 && len(a.stages) == 1 && a.q.by == nil {
			a.counting = counter(name, arg)
		}
	}
	return nil
}

// only is the one field of a stage.
func only(d document) (string, value) {
	name, arg, n := "", missing, 0
	for field, v := range d.elements {
		name, arg = string(field), v
		n++
	}
	if n != 1 {
		return "", missing
	}
	return name, arg
}

func (a *aggregation) lead(name string, arg value) (err error) {
	switch name {
	case "$match":
		if !arg.isDocument() {
			return failf(15959, "the match filter must be an expression in an object")
		}
		conds, err := compileFilter(arg.document())
		a.q = newQuestion(conds, a.q.by)
		return err
	case "$sort":
		if !arg.isDocument() {
			return failf(15973, "the $sort key specification must be an object")
		}
		by, err := compileSort(arg.document())
		a.q = newQuestion(a.q.filter, by)
		return err
	case "$skip":
		a.skip, err = wholeOf(name, arg, 0)
	case "$limit":
		a.limit, err = wholeOf(name, arg, 1)
	}
	return err
}

func wholeOf(name string, arg value, least int64) (int64, error) {
	n, ok := arg.whole()
	if !ok || n < least {
		return 0, failf(15958, "the %s must be a whole number not below %d", name, least)
	}
	return n, nil
}

func compileStage(name string, arg value) (stage, error) {
	switch name {
	case "$match":
		a := &aggregation{q: newQuestion(nil, nil)}
		if err := a.lead(name, arg); err != nil {
			return nil, err
		}
		return func(docs []document) ([]document, error) {
			var kept []document
			for _, d := range docs {
				if a.q.filter.holds(documentValue(d)) {
					kept = append(kept, d)
				}
			}
			return kept, nil
		}, nil
	case "$sort":
		a := &aggregation{q: newQuestion(nil, nil)}
		if err := a.lead(name, arg); err != nil {
			return nil, err
		}
		return func(docs []document) ([]document, error) {
			s := sorter{by: a.q.by}
			for _, d := range docs {
				if err := s.add(d); err != nil {
					return nil, err
				}
			}
			return s.documents(), nil
		}, nil
	case "$skip":
		n, err := wholeOf(name, arg, 0)
		return func(docs []document) ([]document, error) { return docs[min(int64(len(docs)), n):], nil }, err
	case "$limit":
		n, err := wholeOf(name, arg, 1)
		return func(docs []document) ([]document, error) { return docs[:min(int64(len(docs)), n)], nil }, err
	case "$group":
		return compileGroup(arg)
	case "$count":
		field, ok := arg.text()
		if !ok || field == "" || strings.ContainsAny(field, "$.") {
			return nil, failf(40156, "the count field must be a non-empty string without '$' and '.'")
		}
		return func(docs []document) ([]document, error) { return counter(name, arg)(int64(len(docs))), nil }, nil
	case "":
		return nil, failf(40323, "A pipeline stage specification object must contain exactly one field.")
	}
	return nil, failf(40324, "Unrecognized pipeline stage name: '%s' (not served by the embedded database)", name)
}

// counter recognises the two stages that only count, and makes their one document.
func counter(name string, arg value) func(int64) []document {
	if name == "$count" {
		field, _ := arg.text()
		return func(n int64) []document {
			if n == 0 {
				return nil
			}
			return []document{newBuilder().int(field, int(n)).done()}
		}
	}
	if name != "$group" || !arg.isDocument() {
		return nil
	}
	id, sum := arg.document().lookup("_id"), missing
	field, fields := "", 0
	for f, v := range arg.document().elements {
		if fields++; string(f) != "_id" && v.isDocument() {
			var operator string
			field = string(f)
			if operator, sum = only(v.document()); operator != "$sum" {
				return nil
			}
		}
	}
	if text, isText := id.text(); fields != 2 || sum.kind != bson.TypeInt32 || id.nested() || !id.there() || isText && strings.HasPrefix(text, "$") {
		return nil
	}
	by, _ := sum.whole()
	return func(n int64) []document {
		if n == 0 {
			return nil
		}
		return []document{newBuilder().value("_id", id).int(field, int(n*by)).done()}
	}
}

func (c *command) aggregateCount(name string, a *aggregation) (document, error) {
	most := int64(-1)
	if a.limit >= 0 {
		most = a.skip + a.limit
	}
	n, err := c.server.countWhere(c.db, name, a.q, most)
	if err != nil {
		return nil, err
	}
	return oneBatch(c.db+"."+name, a.counting(max(0, n-a.skip))), nil
}

func (c *command) aggregateDocuments(name string, a *aggregation) ([]document, error) {
	var docs []document
	err := c.view(name, func(tx *bolt.Tx, of *collection) error {
		p := a.q.choose(tx, of)
		walk := p.scan(tx, &c.server.counters, nil)
		defer walk.note()
		s := sorter{by: a.q.by}
		if a.limit >= 0 {
			s.limit = int(a.skip + a.limit)
		}
		size := 0
		for a.limit < 0 || !p.sorted || int64(len(docs)) < a.skip+a.limit {
			_, d, ok := walk.next()
			if !ok {
				break
			}
			if !p.sorted {
				if err := s.add(d); err != nil {
					return err
				}
				continue
			}
			if size += len(d); size > maxSortBytes {
				return failf(codeSortMemory, "an aggregation exceeded its memory limit of %d bytes", maxSortBytes)
			}
			docs = append(docs, d)
		}
		if !p.sorted {
			c.server.counters.sorts.Add(1)
			docs = s.documents()
		}
		docs = docs[min(int64(len(docs)), a.skip):]
		return a.run(&docs)
	})
	return docs, err
}

// run does the stages and takes the results out of the transaction's memory.
func (a *aggregation) run(docs *[]document) (err error) {
	for _, step := range a.stages {
		if *docs, err = step(*docs); err != nil {
			return err
		}
	}
	for i, d := range *docs {
		(*docs)[i] = append(document(nil), d...)
	}
	return nil
}
