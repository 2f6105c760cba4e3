package enginetest

import (
	"fmt"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// dice make documents and filters, the same ones in every run.
type dice struct{ *rand.Rand }

func (r dice) one(of ...any) any { return of[r.IntN(len(of))] }

func (r dice) scalar() any {
	return r.one(nil, int32(1), int32(2), int32(3), int64(2), 2.0, 2.5, -1.5, "", "a", "ab", "b", true, false)
}

func (r dice) value() any {
	switch r.IntN(8) {
	case 0:
		return bson.A{}
	case 1, 2:
		return bson.A{r.scalar(), r.scalar()}
	case 3:
		return r.one(d("k", int32(1)), d("k", int32(2), "v", "a"), bson.A{bson.A{int32(1)}, int32(2)})
	}
	return r.scalar()
}

func (r dice) inner() bson.D {
	inner := bson.D{}
	for _, name := range []string{"k", "v"} {
		if r.IntN(5) > 0 {
			inner = append(inner, bson.E{Key: name, Value: r.scalar()})
		}
	}
	return inner
}

func (r dice) document(id int) bson.D {
	doc := d("_id", int32(id)) // #nosec G115 -- a few hundred
	for _, name := range []string{"a", "b"} {
		if r.IntN(6) > 0 {
			doc = append(doc, bson.E{Key: name, Value: r.value()})
		}
	}
	doc = append(doc, bson.E{Key: "s", Value: r.scalar()})
	switch r.IntN(4) {
	case 0:
		doc = append(doc, bson.E{Key: "o", Value: r.inner()})
	case 1, 2:
		doc = append(doc, bson.E{Key: "o", Value: bson.A{r.inner(), r.inner()}})
	}
	return doc
}

var paths = []any{"a", "b", "s", "o.k", "o.v"}

func (r dice) condition() any {
	switch r.IntN(10) {
	case 0, 1:
		return r.scalar()
	case 2:
		return d("$in", bson.A{r.scalar(), r.scalar(), r.scalar()})
	case 3:
		return d(r.one("$ne", "$eq").(string), r.value())
	case 4:
		return d("$exists", r.IntN(2) == 0)
	case 5:
		return d(r.one("$gt", "$gte").(string), r.scalar(), r.one("$lt", "$lte").(string), r.scalar())
	case 6:
		return d("$not", d(r.one("$gt", "$lte", "$eq").(string), r.scalar()))
	case 7:
		return r.one(d("$size", int32(r.IntN(3))), d("$all", bson.A{r.scalar(), r.scalar()}), d("$nin", bson.A{r.scalar(), r.scalar()})) // #nosec G115 -- up to two
	case 8:
		return d("$elemMatch", d(r.one("$gt", "$gte", "$eq").(string), r.scalar(), r.one("$lt", "$ne").(string), r.scalar()))
	}
	return d(r.one("$gt", "$gte", "$lt", "$lte").(string), r.scalar())
}

func (r dice) clause() bson.E {
	if r.IntN(12) == 0 {
		return bson.E{Key: "o", Value: d("$elemMatch", d("k", r.condition(), "v", r.condition()))}
	}
	return bson.E{Key: r.one(paths...).(string), Value: r.condition()}
}

func (r dice) filter() bson.D {
	filter := bson.D{r.clause()}
	if r.IntN(2) == 0 {
		if more := r.clause(); more.Key != filter[0].Key {
			filter = append(filter, more)
		}
	}
	if r.IntN(4) == 0 {
		filter = append(filter, bson.E{Key: r.one("$or", "$and", "$nor").(string), Value: bson.A{bson.D{r.clause()}, bson.D{r.clause(), r.clause()}}})
	}
	return filter
}

// sorts end with _id, so that each has one answer.
var sorts = []any{
	bson.D(nil), d("a", 1, "_id", 1), d("a", -1, "_id", -1), d("s", 1, "a", -1, "_id", 1), d("b", -1, "_id", 1), d("o.k", 1, "_id", 1), d("s", -1, "_id", -1),
}

// randomFilters asks the same of a matcher that reads the manual, of a collection
// without indexes and of one with many: the answers are the same, in the same order.
func randomFilters(t trial.T, db *mongo.Database) {
	r := dice{rand.New(rand.NewPCG(20, 26))} // #nosec G404 -- the same in every run
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	for _, keys := range []bson.D{
		d("a", 1, "_id", 1), d("s", 1, "a", -1, "_id", 1), d("b", -1, "_id", 1), d("s", -1, "_id", -1), d("o.k", 1, "o.v", 1), d("a", 1, "s", 1, "_id", -1),
	} {
		index(t, indexed, keys, nil)
	}
	index(t, indexed, d("s", 1, "b", 1), options.Index().SetPartialFilterExpression(d("s", d("$gt", 1))))
	docs, rows := make([]bson.D, 250), make([]any, 250)
	for i := range docs {
		docs[i] = r.document(i)
		rows[i] = docs[i]
	}
	insert(t, plain, rows...)
	insert(t, indexed, rows...)
	for n, failed := 0, 0; n < 1000 && failed < 10; n++ {
		filter, by := r.filter(), r.one(sorts...).(bson.D)
		if by == nil {
			by = d("_id", 1)
		}
		limit := []int{0, 1, 7, 50}[r.IntN(4)]
		want := naively(docs, filter, by, limit)
		o := options.Find().SetSort(by).SetBatchSize(20).SetLimit(int64(limit))
		if got := ids(t, plain, filter, o); got != want {
			t.Errorf("%v sorted %v, limit %d:\n without indexes %s\n as documented   %s", filter, by, limit, got, want)
			failed++
		}
		if got := ids(t, indexed, filter, o); got != want {
			t.Errorf("%v sorted %v, limit %d:\n with indexes  %s\n as documented %s", filter, by, limit, got, want)
			failed++
		}
	}
}

func naively(docs []bson.D, filter, by bson.D, limit int) string {
	var found []bson.D
	for _, doc := range docs {
		if matches(doc, filter) {
			found = append(found, doc)
		}
	}
	found = ordered(found, by)
	if limit > 0 && len(found) > limit {
		found = found[:limit]
	}
	text := ""
	for _, doc := range found {
		text += fmt.Sprint(doc[0].Value, " ")
	}
	return text
}
