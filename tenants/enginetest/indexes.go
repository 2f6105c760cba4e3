package enginetest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

func index(t trial.T, c *mongo.Collection, keys bson.D, o *options.IndexOptionsBuilder) {
	t.Helper()
	if _, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: keys, Options: o}); err != nil {
		t.Fatalf("index %v: %v", keys, err)
	}
}

func duplicateKeys(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	index(t, c, d("tenant", 1, "name", -1), options.Index().SetUnique(true))
	insert(t, c, d("_id", 1, "tenant", "a", "name", "x"), d("_id", 2, "tenant", "b", "name", "x"))
	_, err := c.InsertOne(t.Context(), d("_id", 3, "tenant", "a", "name", "x"))
	var refused mongo.WriteException
	if !mongo.IsDuplicateKeyError(err) || !errors.As(err, &refused) {
		t.Fatalf("a second a/x: %v", err)
	}
	raw := refused.WriteErrors[0].Raw
	if p := raw.Lookup("keyPattern").String(); p != `{"tenant": {"$numberInt":"1"},"name": {"$numberInt":"-1"}}` {
		t.Errorf("keyPattern: %s", p)
	}
	if v := raw.Lookup("keyValue").String(); v != `{"tenant": "a","name": "x"}` {
		t.Errorf("keyValue: %s", v)
	}
	if _, err := c.UpdateOne(t.Context(), d("_id", 2), d("$set", d("tenant", "a"))); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("an update to a/x: %v", err)
	}
	if _, err := c.InsertOne(t.Context(), d("_id", 1)); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("a second _id: %v", err)
	}
	if got := ids(t, c, d()); got != "1 2 " {
		t.Errorf("left: %s", got)
	}
}

func partialUnique(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	index(t, c, d("k", 1), options.Index().SetUnique(true).SetPartialFilterExpression(d("k", d("$exists", true))))
	insert(t, c, d("_id", 1), d("_id", 2), d("_id", 3, "k", 1))
	if _, err := c.InsertOne(t.Context(), d("_id", 4, "k", 1)); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("a second key: %v", err)
	}
	if got := ids(t, c, d("k", d("$exists", true))); got != "3 " {
		t.Errorf("with the key: %s", got)
	}
	if got := ids(t, c, d("k", nil)); got != "1 2 " {
		t.Errorf("without the key: %s", got)
	}
}

func multikeyUnique(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	index(t, c, d("l", 1), options.Index().SetUnique(true))
	insert(t, c, d("_id", 1, "l", a("x", "y", "x")), d("_id", 2, "l", a("z")))
	collides := func(doc bson.D, want string) {
		t.Helper()
		_, err := c.InsertOne(t.Context(), doc)
		var refused mongo.WriteException
		if !mongo.IsDuplicateKeyError(err) || !errors.As(err, &refused) {
			t.Errorf("an item somebody has: %v", err)
		} else if v := refused.WriteErrors[0].Raw.Lookup("keyValue").String(); v != want {
			t.Errorf("keyValue of %v: %s, want %s", doc, v, want)
		}
	}
	collides(d("_id", 3, "l", a("q", "y")), `{"l": "y"}`)
	collides(d("_id", 3, "l", "z"), `{"l": "z"}`)
	insert(t, c, d("_id", 5))
	collides(d("_id", 3, "l", nil), `{"l": null}`)
	index(t, c, d("k", -1, "o.v", 1), options.Index().SetUnique(true).SetPartialFilterExpression(d("k", d("$exists", true))))
	insert(t, c, d("_id", 6, "l", "six", "k", 1, "o", a(d("v", 1), d("v", 2))))
	collides(d("_id", 3, "l", "three", "k", 1, "o", a(d("v", 9), d("v", 2))), `{"k": {"$numberInt":"1"},"o.v": {"$numberInt":"2"}}`)
	both := options.Index().SetName("both")
	_, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: d("l", 1, "m", 1), Options: both})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.InsertOne(t.Context(), d("_id", 4, "l", a("r"), "m", a("s")))
	if e, ok := errors.AsType[mongo.ServerError](err); !ok || !e.HasErrorCode(171) {
		t.Errorf("parallel arrays: %v, want code 171", err)
	}
}

func bulk(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	docs := []any{d("_id", 1), d("_id", 1), d("_id", 2)}
	_, err := c.InsertMany(t.Context(), docs)
	var refused mongo.BulkWriteException
	if !errors.As(err, &refused) || len(refused.WriteErrors) != 1 || refused.WriteErrors[0].Index != 1 {
		t.Fatalf("ordered: %v", err)
	}
	if got := ids(t, c, d()); got != "1 " {
		t.Errorf("ordered left %s", got)
	}
	_, err = c.InsertMany(t.Context(), docs, options.InsertMany().SetOrdered(false))
	if !errors.As(err, &refused) || len(refused.WriteErrors) != 2 {
		t.Errorf("unordered: %v", err)
	}
	if got := ids(t, c, d()); got != "1 2 " {
		t.Errorf("unordered left %s", got)
	}
	r, err := c.UpdateMany(t.Context(), d(), d("$set", d("x", 1)))
	if err != nil || r.MatchedCount != 2 || r.ModifiedCount != 2 {
		t.Errorf("update many: %+v, %v", r, err)
	}
	if gone, err := c.DeleteMany(t.Context(), d("x", 1)); err != nil || gone.DeletedCount != 2 {
		t.Errorf("delete many: %+v, %v", gone, err)
	}
}

func cursors(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	docs := make([]any, 1000)
	for i := range docs {
		docs[i] = d("_id", i, "g", i%7, "l", a(i, i+1))
	}
	insert(t, c, docs...)
	index(t, c, d("g", 1, "_id", -1), nil)
	index(t, c, d("l", 1), nil)
	for name, row := range map[string]struct {
		filter bson.D
		by     bson.D
		limit  int64
		want   int
	}{
		"by id":            {d(), d("_id", 1), 0, 1000},
		"through an index": {d("g", d("$in", a(1, 3))), d("_id", -1), 0, 286},
		"merged, limited":  {d("g", d("$in", a(1, 3, 5))), d("_id", -1), 100, 100},
		"over arrays":      {d("l", d("$gte", 500)), d("_id", 1), 0, 501},
		"sorted in memory": {d(), d("g", -1, "_id", 1), 300, 300},
	} {
		cursor, err := c.Find(t.Context(), row.filter, options.Find().SetSort(row.by).SetBatchSize(13).SetLimit(row.limit))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		last, n := -1, 0
		for cursor.Next(t.Context()) {
			var doc struct {
				ID int `bson:"_id"`
			}
			if err := cursor.Decode(&doc); err != nil {
				t.Fatal(err)
			}
			if seen[doc.ID] {
				t.Fatalf("%s: %d came twice", name, doc.ID)
			}
			if row.by[0].Key == "_id" && n > 0 && (doc.ID > last) != (row.by[0].Value == 1) {
				t.Fatalf("%s: %d after %d", name, doc.ID, last)
			}
			seen[doc.ID], last, n = true, doc.ID, n+1
		}
		if cursor.Err() != nil || n != row.want {
			t.Errorf("%s: %d documents, %v; want %d", name, n, cursor.Err(), row.want)
		}
	}
}

func aggregation(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "g", "a", "n", 3), d("_id", 2, "g", "b", "n", 5), d("_id", 3, "g", "a", "n", 4), d("_id", 4, "n", "x"))
	cursor, err := c.Aggregate(t.Context(), a(
		d("$match", d("_id", d("$lt", 9))),
		d("$group", d("_id", "$g", "sum", d("$sum", "$n"), "n", d("$sum", 1), "min", d("$min", "$n"), "max", d("$max", "$n"))),
		d("$sort", d("_id", 1)), d("$limit", 2)))
	if err != nil {
		t.Fatal(err)
	}
	var got []bson.D
	if err := cursor.All(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	want := []bson.D{
		d("_id", nil, "sum", int32(0), "n", int32(1), "min", "x", "max", "x"),
		d("_id", "a", "sum", int32(7), "n", int32(2), "min", int32(3), "max", int32(4)),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if n, err := c.CountDocuments(t.Context(), d("n", d("$gt", 3))); err != nil || n != 2 {
		t.Errorf("count: %d, %v", n, err)
	}
	if n, err := c.CountDocuments(t.Context(), d(), options.Count().SetLimit(3)); err != nil || n != 3 {
		t.Errorf("count up to three: %d, %v", n, err)
	}
	if n, err := c.CountDocuments(t.Context(), d("n", 99)); err != nil || n != 0 {
		t.Errorf("count of none: %d, %v", n, err)
	}
}

func indexesAreKept(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	index(t, c, d("x", 1), nil)
	index(t, c, d("x", 1), nil) // the same again is nothing new
	_, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: d("x", 1), Options: options.Index().SetUnique(true).SetName("x_1")})
	if e, ok := errors.AsType[mongo.ServerError](err); !ok || (!e.HasErrorCode(86) && !e.HasErrorCode(85)) {
		t.Errorf("the same name with other options: %v", err)
	}
	list, err := c.Indexes().ListSpecifications(t.Context())
	if err != nil || len(list) != 2 || list[1].Name != "x_1" {
		t.Errorf("list: %v, %v", list, err)
	}
	if err := c.Indexes().DropOne(t.Context(), "x_1"); err != nil {
		t.Errorf("drop: %v", err)
	}
}

// indexesChangeNoAnswer asks the same questions of the same documents without and with
// indexes: only speed may differ.
func indexesChangeNoAnswer(t trial.T, db *mongo.Database) {
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	index(t, indexed, d("a", 1, "b", -1, "_id", 1), nil)
	index(t, indexed, d("l", 1, "b", 1), nil)
	index(t, indexed, d("o.k", 1, "o.v", 1), nil)
	values := a(nil, 1, 2, int64(2), 2.5, "x", "y", true, a(), a(1, "x"), d("k", 1))
	docs := make([]any, 0, 400)
	for i := range 400 {
		docs = append(docs, d("_id", i, "a", values[i%len(values)], "b", i*7%5, "l", values[i*5%len(values)],
			"o", a(d("k", i%3, "v", i%4), d("k", i%2))))
	}
	insert(t, plain, docs...)
	insert(t, indexed, docs...)
	for _, filter := range []bson.D{
		d("a", 2), d("a", nil), d("a", d("$gt", 1)), d("a", d("$in", a(1, "x", nil))), d("a", 2, "b", d("$lte", 2)), d("a", a()), d("a", a(1, "x")),
		d("l", "x"), d("l", d("$gte", 1, "$lt", 2)), d("l", 1, "b", 3), d("o.k", 1, "o.v", 3), d("o.k", d("$exists", true)),
		d("$or", a(d("a", d("$lt", 2)), d("a", 2, "_id", d("$lt", 100)))), d("a", d("$ne", 2)), d("l", d("$size", 2)), d("a", d("k", 1)),
	} {
		for _, by := range []bson.D{d("_id", 1), d("a", 1, "_id", 1), d("a", -1, "b", 1, "_id", -1), d("l", 1, "_id", 1)} {
			o := options.Find().SetSort(by).SetLimit(150).SetBatchSize(40)
			if want, got := ids(t, plain, filter, o), ids(t, indexed, filter, o); got != want {
				t.Errorf("%v sorted %v:\n with indexes %s\n without      %s", filter, by, got, want)
			}
		}
	}
}

// changesMoveRows makes the same random changes of the same documents without and with
// indexes, and then asks every index what it holds: what a change leaves alone stays.
func changesMoveRows(t trial.T, db *mongo.Database) {
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	index(t, indexed, d("a", 1), nil)
	index(t, indexed, d("s", 1, "other", 1), nil)
	index(t, indexed, d("o.k", 1), options.Index().SetPartialFilterExpression(d("s", d("$exists", true))))
	index(t, indexed, d("b", -1), options.Index().SetSparse(true))
	r := dice{rand.New(rand.NewPCG(3, 5))} // #nosec G404 -- the same in every run
	for i := range 60 {
		doc := r.document(i)
		insert(t, plain, doc)
		insert(t, indexed, doc)
	}
	for range 3000 {
		id, name := d("_id", r.IntN(60)), r.one("a", "b", "s", "o").(string)
		change := r.one(d("$unset", d(name, "")), d("$set", d(name, r.value())), d("$set", d(name, r.inner())), d("$set", d("other", r.scalar())))
		for _, c := range []*mongo.Collection{plain, indexed} {
			if _, err := c.UpdateOne(t.Context(), id, change); err != nil {
				t.Fatalf("%v: %v", change, err)
			}
		}
	}
	for _, filter := range []bson.D{
		d("a", nil), d("a", 1), d("a", "a"), d("a", d("$gt", 1)), d("s", 2, "other", 2), d("s", "a"), d("b", d("$gte", "")), d("b", d("$lt", 3)), d("b", true),
		d("o.k", 1, "s", d("$exists", true)), d("o.k", d("$gt", 0), "s", d("$exists", true)), d("o.k", "a", "s", d("$exists", true)),
	} {
		by := options.Find().SetSort(d("_id", 1))
		if want, got := ids(t, plain, filter, by), ids(t, indexed, filter, by); got != want {
			t.Errorf("%v:\n with indexes %s\n without      %s", filter, got, want)
		}
		want, err1 := plain.CountDocuments(t.Context(), filter)
		if got, err := indexed.CountDocuments(t.Context(), filter); err != nil || err1 != nil || got != want {
			t.Errorf("count of %v: %d with indexes, %d without (%v, %v)", filter, got, want, err, err1)
		}
	}
}

// refusedIndexes are those that MongoDB's manual rules out: filters of partial indexes
// beyond equality, order, $exists: true, $in, $and and $or, and an expiry over several fields.
func refusedIndexes(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	partial := func(filter bson.D) *options.IndexOptionsBuilder {
		return options.Index().SetPartialFilterExpression(filter)
	}
	for name, row := range map[string]struct {
		keys bson.D
		o    *options.IndexOptionsBuilder
	}{
		"$regex":          {d("n", 1), partial(d("s", d("$regex", "^ab")))},
		"a regex":         {d("n", 1), partial(d("s", bson.Regex{Pattern: "^ab"}))},
		"$ne":             {d("n", 1), partial(d("s", d("$ne", 1)))},
		"$nin":            {d("n", 1), partial(d("s", d("$nin", a(1))))},
		"$exists: false":  {d("n", 1), partial(d("s", d("$exists", false)))},
		"$size":           {d("n", 1), partial(d("s", d("$size", 1)))},
		"$elemMatch":      {d("n", 1), partial(d("s", d("$elemMatch", d("$gt", 1))))},
		"$not":            {d("n", 1), partial(d("s", d("$not", d("$gt", 1))))},
		"$nor":            {d("n", 1), partial(d("$nor", a(d("s", 1))))},
		"$ne within $and": {d("n", 1), partial(d("$and", a(d("s", 1), d("n", d("$ne", 1)))))},
		"$ne within $or":  {d("n", 1), partial(d("$or", a(d("s", 1), d("n", d("$ne", 1)))))},
		"sparse as well":  {d("n", 1), partial(d("s", 1)).SetSparse(true)},
		"two that expire": {d("n", 1, "s", 1), options.Index().SetExpireAfterSeconds(1)},
		"never to expire": {d("n", 1), options.Index().SetExpireAfterSeconds(-1)},
	} {
		_, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: row.keys, Options: row.o})
		if e, ok := errors.AsType[mongo.ServerError](err); !ok || !e.HasErrorCode(67) {
			t.Errorf("%s: got %v, want CannotCreateIndex (67)", name, err)
		}
	}
	insert(t, c, d("_id", 1, "n", 1, "s", "abc"), d("_id", 2, "n", 2, "s", 7), d("_id", 3, "n", 3), d("_id", 4, "n", 4, "s", 9))
	for name, filter := range map[string]bson.D{
		"equality": d("s", 7), "$eq": d("s", d("$eq", 7)), "order": d("s", d("$gt", 7, "$lte", 9)), "$exists": d("s", d("$exists", true)),
		"$in": d("s", d("$in", a(7, 9))), "$and": d("$and", a(d("s", 7), d("n", d("$lt", 9)))), "$or": d("$or", a(d("s", 7), d("s", "abc"))),
	} {
		want := ids(t, c, append(d("n", d("$gte", 1)), filter...))
		index(t, c, d("n", 1), partial(filter).SetName(name))
		if got := ids(t, c, append(d("n", d("$gte", 1)), filter...)); got != want {
			t.Errorf("asked for what a partial index by %s holds: %s, without the index %s", name, got, want)
		}
		if got := ids(t, c, d("n", d("$gte", 1))); got != "1 2 3 4 " {
			t.Errorf("asked for more than a partial index by %s holds: %s", name, got)
		}
		if err := c.Indexes().DropOne(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}
