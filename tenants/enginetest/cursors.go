package enginetest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// batch is what find, aggregate and getMore answer.
type batch struct {
	Cursor struct {
		ID         int64  `bson:"id"`
		Namespace  string `bson:"ns"`
		FirstBatch bson.A `bson:"firstBatch"`
		NextBatch  bson.A `bson:"nextBatch"`
	} `bson:"cursor"`
}

func command(t trial.T, db *mongo.Database, cmd bson.D) batch {
	t.Helper()
	var b batch
	if err := db.RunCommand(t.Context(), cmd).Decode(&b); err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return b
}

func numbered(t trial.T, c *mongo.Collection, n int) {
	t.Helper()
	docs := make([]any, n)
	for i := range docs {
		docs[i] = d("_id", i, "g", i%3)
	}
	insert(t, c, docs...)
}

// cursorCommands: a cursor gives the rest batch by batch, is gone when it gave all, and
// when it was killed.
func cursorCommands(t trial.T, db *mongo.Database) {
	numbered(t, db.Collection("c"), 10)
	b := command(t, db, d("find", "c", "sort", d("_id", 1), "batchSize", 0))
	if len(b.Cursor.FirstBatch) != 0 || b.Cursor.ID == 0 || b.Cursor.Namespace != db.Name()+".c" {
		t.Fatalf("a first batch of 0: %+v", b.Cursor)
	}
	for _, want := range []int{4, 4, 2} {
		next := command(t, db, d("getMore", b.Cursor.ID, "collection", "c", "batchSize", 4))
		if len(next.Cursor.NextBatch) != want || (next.Cursor.ID == 0) != (want == 2) {
			t.Errorf("a batch: %d documents, cursor %d; want %d", len(next.Cursor.NextBatch), next.Cursor.ID, want)
		}
	}
	wantCode(t, "more than all", db.RunCommand(t.Context(), d("getMore", b.Cursor.ID, "collection", "c")).Err(), 43)

	if b = command(t, db, d("find", "c", "batchSize", 3, "limit", 3)); len(b.Cursor.FirstBatch) != 3 || b.Cursor.ID != 0 {
		t.Errorf("all that was asked for: %+v; want no cursor", b.Cursor)
	}
	if b = command(t, db, d("find", "c", "batchSize", 3, "singleBatch", true)); len(b.Cursor.FirstBatch) != 3 || b.Cursor.ID != 0 {
		t.Errorf("a single batch: %+v; want no cursor", b.Cursor)
	}
	if b = command(t, db, d("find", "absent")); len(b.Cursor.FirstBatch) != 0 || b.Cursor.ID != 0 {
		t.Errorf("a collection that is not there: %+v; want an empty batch", b.Cursor)
	}
	b = command(t, db, d("find", "c", "batchSize", 2))
	wantCode(t, "another collection's cursor", db.RunCommand(t.Context(), d("getMore", b.Cursor.ID, "collection", "other")).Err(), 13, 43)
	var killed struct {
		Killed   []int64 `bson:"cursorsKilled"`
		NotFound []int64 `bson:"cursorsNotFound"`
	}
	b = command(t, db, d("find", "c", "batchSize", 2))
	if err := db.RunCommand(t.Context(), d("killCursors", "c", "cursors", a(b.Cursor.ID, int64(12345)))).Decode(&killed); err != nil ||
		fmt.Sprint(killed.Killed, killed.NotFound) != fmt.Sprint([]int64{b.Cursor.ID}, []int64{12345}) {
		t.Errorf("kill: %+v, %v", killed, err)
	}
	wantCode(t, "a killed cursor", db.RunCommand(t.Context(), d("getMore", b.Cursor.ID, "collection", "c")).Err(), 43)
}

// windows: skip comes before limit, and batches change nothing.
func windows(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	numbered(t, c, 12)
	index(t, c, d("g", 1, "_id", 1), nil)
	for _, row := range []struct {
		filter      bson.D
		by          bson.D
		skip, limit int64
		want        string
	}{
		{d(), d("_id", 1), 0, 3, "0 1 2 "},
		{d(), d("_id", -1), 0, 3, "11 10 9 "},
		{d(), d("_id", 1), 10, 0, "10 11 "},
		{d(), d("_id", 1), 10, 5, "10 11 "},
		{d(), d("_id", 1), 20, 5, ""},
		{d("g", 1), d("_id", 1), 1, 2, "4 7 "},
		{d("g", 1), d("_id", -1), 1, 2, "7 4 "},
		{d("g", d("$in", a(0, 2))), d("_id", 1), 2, 3, "3 5 6 "},
		{d("g", d("$gte", 1)), d("g", -1, "_id", 1), 3, 2, "11 1 "},
		{d("_id", d("$gt", 3, "$lte", 6)), d("_id", -1), 0, 0, "6 5 4 "},
		{d("_id", d("$in", a(7, 3, 3, 99))), d("_id", 1), 0, 0, "3 7 "},
		{d("$or", a(d("_id", d("$lt", 2)), d("g", 0))), d("_id", 1), 1, 3, "1 3 6 "},
	} {
		for _, size := range []int32{1, 2, 100} {
			o := options.Find().SetSort(row.by).SetSkip(row.skip).SetLimit(row.limit).SetBatchSize(size)
			if got := ids(t, c, row.filter, o); got != row.want {
				t.Errorf("%v by %v from %d, %d, in batches of %d: got %q, want %q", row.filter, row.by, row.skip, row.limit, size, got, row.want)
			}
		}
	}
}

func counts(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	numbered(t, c, 12)
	index(t, c, d("g", 1), nil)
	insert(t, c, d("_id", 100, "g", a(0, 1, 2)), d("_id", 101, "g", nil), d("_id", 102))
	for _, row := range []struct {
		filter      bson.D
		skip, limit int64
		want        int64
	}{
		{d(), 0, 0, 15}, {d(), 0, 5, 5}, {d(), 10, 0, 5}, {d(), 10, 3, 3}, {d(), 99, 0, 0},
		{d("g", 1), 0, 0, 5}, {d("g", 1), 0, 2, 2}, {d("g", 1), 4, 2, 1},
		{d("g", d("$in", a(0, 1, 2))), 0, 0, 13}, // the one with all three counts once
		{d("g", d("$gte", 0)), 0, 0, 13}, {d("g", nil), 0, 0, 2}, {d("g", d("$exists", true)), 0, 0, 14},
		{d("_id", d("$lt", 3)), 0, 0, 3}, {d("g", 9), 0, 0, 0},
	} {
		o := options.Count()
		if row.skip > 0 {
			o.SetSkip(row.skip)
		}
		if row.limit > 0 {
			o.SetLimit(row.limit)
		}
		if n, err := c.CountDocuments(t.Context(), row.filter, o); err != nil || n != row.want {
			t.Errorf("%v from %d, %d: got %d, %v; want %d", row.filter, row.skip, row.limit, n, err, row.want)
		}
	}
	if n, err := c.EstimatedDocumentCount(t.Context()); err != nil || n != 15 {
		t.Errorf("estimated: %d, %v; want 15", n, err)
	}
}

func pipelines(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "g", "a", "n", 1, "o", d("k", "x")), d("_id", 2, "g", "a", "n", 2.5, "o", d("k", "y")),
		d("_id", 3, "g", "b", "n", int64(4), "o", d("k", "x")), d("_id", 4, "g", "b", "n", nil), d("_id", 5, "g", "c", "n", "text"))
	group := func(id any, field string, accumulator bson.D) bson.D {
		return d("$group", d("_id", id, field, accumulator))
	}
	byID := d("$sort", d("_id", 1))
	for _, row := range []struct {
		pipeline bson.A
		want     bson.A
	}{
		{a(group("$g", "n", d("$sum", "$n")), byID), a(d("_id", "a", "n", 3.5), d("_id", "b", "n", int64(4)), d("_id", "c", "n", 0))},
		{a(group(nil, "n", d("$sum", 1))), a(d("_id", nil, "n", 5))},
		{a(group("$g", "n", d("$min", "$n")), byID), a(d("_id", "a", "n", 1), d("_id", "b", "n", int64(4)), d("_id", "c", "n", "text"))},
		{a(group(nil, "n", d("$max", "$n"))), a(d("_id", nil, "n", "text"))}, // by type, then value
		{a(group("$o.k", "n", d("$sum", 1)), byID), a(d("_id", nil, "n", 2), d("_id", "x", "n", 2), d("_id", "y", "n", 1))},
		{a(group(d("g", "$g"), "n", d("$sum", 1)), byID, d("$limit", 1)), a(d("_id", d("g", "a"), "n", 2))},
		{a(group("$g", "n", d("$sum", 1)), d("$match", d("n", d("$gt", 1))), d("$sort", d("_id", -1))), a(d("_id", "b", "n", 2), d("_id", "a", "n", 2))},
		{a(d("$match", d("g", "a")), d("$count", "many")), a(d("many", 2))},
		{a(d("$match", d("g", "z")), d("$count", "many")), a()}, // nothing counted is no document
		{a(d("$match", d("g", "z")), group(nil, "n", d("$sum", 1))), a()},
		{a(d("$limit", 3), d("$count", "many")), a(d("many", 3))},
		{a(d("$sort", d("_id", -1)), d("$limit", 2), group(nil, "n", d("$min", "$_id"))), a(d("_id", nil, "n", 4))},
	} {
		cursor, err := c.Aggregate(t.Context(), row.pipeline, options.Aggregate().SetBatchSize(1))
		if err != nil {
			t.Errorf("%v: %v", row.pipeline, err)
			continue
		}
		got := []bson.D{}
		if err := cursor.All(t.Context(), &got); err != nil {
			t.Errorf("%v: %v", row.pipeline, err)
		}
		same(t, row.pipeline, d("rows", got), d("rows", row.want))
	}
}

// sortsByArrays: the least item counts upwards, the greatest downwards; an empty array
// comes before null.
func sortsByArrays(t trial.T, db *mongo.Database) {
	for _, indexed := range []bool{false, true} {
		c := db.Collection(fmt.Sprint("indexed_", indexed))
		if indexed {
			index(t, c, d("v", 1, "_id", 1), nil)
			index(t, c, d("v", -1, "_id", 1), nil)
			index(t, c, d("l.k", 1, "_id", 1), nil)
		}
		insert(t, c, d("_id", 1, "v", a(3, 9)), d("_id", 2, "v", 5), d("_id", 3, "v", a()), d("_id", 4, "v", nil), d("_id", 5),
			d("_id", 6, "v", a("x", 1)), d("_id", 7, "v", a(a(1), 2)), d("_id", 8, "l", a(d("k", 7), d("k", 1))), d("_id", 9, "l", d("k", 3)))
		for _, row := range []struct {
			filter, by bson.D
			want       string
		}{
			{d("_id", d("$lte", 7)), d("v", 1, "_id", 1), "3 4 5 6 7 1 2 "},
			{d("_id", d("$lte", 7)), d("v", -1, "_id", 1), "7 6 1 2 4 5 3 "},
			{d("v", d("$gt", 4)), d("v", 1, "_id", 1), "1 2 "}, // 1 counts by its 3
			{d("l", d("$exists", true)), d("l.k", 1, "_id", 1), "8 9 "},
			{d("l", d("$exists", true)), d("l.k", -1, "_id", 1), "8 9 "},
		} {
			if got := ids(t, c, row.filter, options.Find().SetSort(row.by)); got != row.want {
				t.Errorf("%v by %v, indexed %v: got %q, want %q", row.filter, row.by, indexed, got, row.want)
			}
		}
	}
}

// shapes are projections by dotted path, through arrays.
func shapes(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "a", 1, "o", d("k", 1, "j", d("x", 1, "y", 2)), "l", a(d("k", 1, "w", 2), 5, a(d("k", 3, "w", 4)))))
	for _, row := range []struct{ shape, want bson.D }{
		{d("_id", 1), d("_id", 1)},
		{d("absent", 1), d("_id", 1)},
		{d("o.j.x", 1), d("_id", 1, "o", d("j", d("x", 1)))},
		{d("o.j.x", 1, "o.k", 1, "_id", 0), d("o", d("k", 1, "j", d("x", 1)))},
		{d("o.absent", 1, "_id", 0), d("o", d())},
		{d("a.absent", 1), d("_id", 1)}, // a number has no field
		{d("o.j", 0, "l", 0), d("_id", 1, "a", 1, "o", d("k", 1))},
		{d("_id", 0, "l", 0, "o", 0), d("a", 1)},
		{d("l.w", 0, "o", 0, "a", 0), d("_id", 1, "l", a(d("k", 1), 5, a(d("k", 3))))},
		{d("l.k", 1, "_id", 0), d("l", a(d("k", 1), a(d("k", 3))))},
		{d("a", true, "_id", false), d("a", 1)},
	} {
		var got bson.D
		if err := c.FindOne(t.Context(), d(), options.FindOne().SetProjection(row.shape)).Decode(&got); err != nil {
			t.Errorf("%v: %v", row.shape, err)
		}
		same(t, row.shape, got, row.want)
	}
	wantCode(t, "with and without", c.FindOne(t.Context(), d(), options.FindOne().SetProjection(d("a", 1, "o", 0))).Err(), 31254)
	wantCode(t, "without and with", c.FindOne(t.Context(), d(), options.FindOne().SetProjection(d("a", 0, "o", 1))).Err(), 31253)
	wantCode(t, "a path in another", c.FindOne(t.Context(), d(), options.FindOne().SetProjection(d("o", 1, "o.k", 1))).Err(), 31249)
}

func unknownCommands(t trial.T, db *mongo.Database) {
	for _, row := range []struct {
		cmd   bson.D
		codes []int
	}{
		{d("nonsense", 1), []int{59}},
		{d("find", "c", "nonsense", 1), []int{40415}},
		{d("find", "c", "filter", d("v", d("$nonsense", 1))), []int{2}},
		{d("find", "c", "filter", d("$nonsense", 1)), []int{2}},
		{d("find", "c", "filter", d("v", d("$in", 1))), []int{2}},
		{d("find", "c", "filter", d("$or", a())), []int{2}},
		{d("find", "c", "filter", d("$and", 1)), []int{2}},
		{d("find", "c", "filter", d("v", d("$size", -1))), []int{2}},
		{d("find", "c", "filter", d("v", d("$elemMatch", 1))), []int{2}},
		{d("find", "c", "filter", d("v", d("$not", 1))), []int{2}},
		{d("find", "c", "filter", d("v", d("$all", 1))), []int{2}},
		{d("find", "c", "limit", -1), []int{2, 51024}},
		{d("find", "c", "skip", -1), []int{2, 51024}},
		{d("aggregate", "c", "pipeline", a(d("$nonsense", 1)), "cursor", d()), []int{40324}},
		{d("aggregate", "c", "pipeline", a(d("$group", d("n", d("$sum", 1)))), "cursor", d()), []int{15955}},
		{d("aggregate", "c", "pipeline", a(d("$limit", 0)), "cursor", d()), []int{15958}},
		{d("insert", "c", "documents", a()), []int{16}},
		{d("find", ""), []int{73}},
		{d("dropIndexes", "absent", "index", "x_1"), []int{26}},
	} {
		wantCode(t, row.cmd, db.RunCommand(t.Context(), row.cmd).Err(), row.codes...)
	}
}
