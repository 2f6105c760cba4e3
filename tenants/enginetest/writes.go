package enginetest

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// wantCode asks for an error of the server with one of these codes.
func wantCode(t trial.T, what any, err error, codes ...int) {
	t.Helper()
	e, ok := errors.AsType[mongo.ServerError](err)
	for _, code := range codes {
		if ok && e.HasErrorCode(code) {
			return
		}
	}
	t.Errorf("%v: got %v, want code %v", what, err, codes)
}

// same asks for a document with these fields in this order. Numbers are int32 where the
// driver sends them so.
func same(t trial.T, what any, got, want bson.D) {
	t.Helper()
	x, errX := bson.Marshal(got)
	y, errY := bson.Marshal(want)
	if errX != nil || errY != nil || string(x) != string(y) {
		t.Errorf("%v: got %v, want %v", what, got, want)
	}
}

func updateErrors(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	before := d("_id", 1, "n", 1, "s", "x", "nil", nil, "l", a(1, 2), "o", d("k", 1), "big", int64(math.MaxInt64))
	insert(t, c, before)
	for _, row := range []struct {
		change bson.D
		code   int
	}{
		{d("$inc", d("nil", 1)), 14},
		{d("$inc", d("o", 1)), 14},
		{d("$inc", d("l", 1)), 14},
		{d("$inc", d("n", nil)), 14},
		{d("$inc", d("big", 1)), 2},
		{d("$set", d(strings.Repeat("x.", 300)+"x", 1)), 15},
		{d("$push", d("s", 1)), 2},
		{d("$push", d("o", 1)), 2},
		{d("$push", d("l", d("$each", 1))), 2},
		{d("$push", d("l", d("$each", a(1), "$slice", "x"))), 2},
		{d("$push", d("l", d("$each", a(1), "$sort", 2))), 2},
		{d("$push", d("l", d("$each", a(1), "$nonsense", 2))), 2},
		{d("$addToSet", d("s", 1)), 2},
		{d("$pull", d("s", 1)), 2},
		{d("$set", d("n.k", 1)), 28},
		{d("$set", d("nil.k", 1)), 28},
		{d("$set", d("l.k", 1)), 28},
		{d("$set", d("o.k.j", 1)), 28},
		{d("$inc", d("s.k", 1)), 28},
		{d("$push", d("n.k", 1)), 28},
		{d("$set", d("a", 1), "$unset", d("a", "")), 40},
		{d("$set", d("a.b", 1), "$push", d("a", 1)), 40},
		{d("$inc", d("o.k", 1), "$set", d("o", 1)), 40},
		{d("$set", d("a..b", 1)), 56},
		{d("$set", d("a.", 1)), 56},
		{d("$unset", d("_id", "")), 66},
		{d("$set", d("_id", "1")), 66},
		{d("$inc", d("_id", 1)), 66},
		{d("$set", 1), 9},
		{d("$set", a(1)), 9},
	} {
		_, err := c.UpdateOne(t.Context(), d("_id", 1), row.change)
		wantCode(t, row.change, err, row.code)
		same(t, row.change, one(t, c, 1), before)
	}
	if _, err := c.UpdateOne(t.Context(), d("_id", 1), d("$set", d("_id", 1, "n", 2))); err != nil {
		t.Errorf("the same _id: %v", err)
	}
}

// newFields: several new fields come in the order of their names, numbers by number
// (manual: "Update Operators Behavior"), whatever the order of the update.
func newFields(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	for i, row := range []struct{ before, change, want bson.D }{
		{d(), d("$set", d("b", 1, "a", 2)), d("a", 2, "b", 1)},
		{d("z", 0), d("$set", d("b", 1, "a", 2)), d("z", 0, "a", 2, "b", 1)},
		{d("b", 0), d("$set", d("c", 1, "b", 2, "a", 3)), d("b", 2, "a", 3, "c", 1)},
		{d(), d("$set", d("y", 1), "$inc", d("x", 1)), d("x", 1, "y", 1)},
		{d(), d("$set", d("o.b", 1, "o.a", 2)), d("o", d("a", 2, "b", 1))},
		{d("o", d("b", 0)), d("$set", d("o.c", 1, "o.a", 2)), d("o", d("b", 0, "a", 2, "c", 1))},
		{d(), d("$set", d("o.10", 1, "o.9", 2)), d("o", d("9", 2, "10", 1))},
		{d(), d("$push", d("q", 1), "$addToSet", d("p", 1)), d("p", a(1), "q", a(1))},
	} {
		insert(t, c, append(d("_id", i), row.before...))
		if _, err := c.UpdateOne(t.Context(), d("_id", i), row.change); err != nil {
			t.Errorf("%v: %v", row.change, err)
		}
		same(t, row.change, one(t, c, i), append(d("_id", i), row.want...))
	}
}

// upsertedFields: a new document takes what its filter says a field equals.
func upsertedFields(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	upsert := options.UpdateOne().SetUpsert(true)
	for i, row := range []struct{ filter, change, want bson.D }{
		{d("k", "v"), d("$set", d("n", 1)), d("k", "v", "n", 1)},
		{d("k", d("$eq", "v")), d("$set", d("n", 1)), d("k", "v", "n", 1)},
		{d("o.k", "v"), d("$set", d("n", 1)), d("o", d("k", "v"), "n", 1)},
		{d("o.k", "v"), d("$set", d("o.j", 1)), d("o", d("k", "v", "j", 1))},
		{d("k", d("$gt", 3)), d("$set", d("n", 1)), d("n", 1)},
		{d("k", d("$ne", 3)), d("$set", d("n", 1)), d("n", 1)},
		{d("k", d("$in", a(3, 4))), d("$set", d("n", 1)), d("n", 1)},
		{d("k", d("$exists", false)), d("$set", d("n", 1)), d("n", 1)},
		{d("$and", a(d("k", 1), d("j", d("$gte", 2)))), d("$set", d("n", 1)), d("k", 1, "n", 1)},
		{d("$or", a(d("k", 1), d("k", 2))), d("$set", d("n", 1)), d("n", 1)},
		{d("$or", a(d("k", 1))), d("$set", d("n", 1)), d("k", 1, "n", 1)},
		{d("k", d("$in", a(5))), d("$set", d("n", 1)), d("k", 5, "n", 1)},
		{d("k", d("$all", a(5))), d("$set", d("n", 1)), d("k", 5, "n", 1)},
		{d("k", "v"), d("$inc", d("n", 5)), d("k", "v", "n", 5)},
		{d("n", 2), d("$inc", d("n", 5)), d("n", 7)},
		{d("k", "v"), d("$push", d("l", 1)), d("k", "v", "l", a(1))},
		{d("k", "v"), d("$addToSet", d("l", d("$each", a(1, 1, 2)))), d("k", "v", "l", a(1, 2))},
		{d("k", "v"), d("$setOnInsert", d("n", 1), "$set", d("m", 2)), d("k", "v", "m", 2, "n", 1)},
		{d("k", "v"), d("$unset", d("n", "")), d("k", "v")},
	} {
		_, err := c.UpdateOne(t.Context(), append(d("_id", i), row.filter...), row.change, upsert)
		if err != nil {
			t.Errorf("%v %v: %v", row.filter, row.change, err)
			continue
		}
		same(t, row.filter, one(t, c, i), append(d("_id", i), row.want...))
	}
	r, err := c.UpdateOne(t.Context(), d("made", true), d("$set", d("n", 1)), upsert)
	if _, ok := r.UpsertedID.(bson.ObjectID); err != nil || !ok {
		t.Errorf("an upsert without an _id makes one: %+v, %v", r, err)
	}
	_, err = c.UpdateOne(t.Context(), d("_id", 99), d("$set", d("_id", 98)), upsert)
	wantCode(t, "an upsert with two ids", err, 66)
}

func modifyEachWay(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 3), d("_id", 2, "n", 1), d("_id", 3, "n", 2))
	ctx := t.Context()
	for name, row := range map[string]struct {
		result *mongo.SingleResult
		want   bson.D
	}{
		"before, by default":     {c.FindOneAndUpdate(ctx, d("_id", 1), d("$inc", d("n", 1))), d("_id", 1, "n", 3)},
		"none found":             {c.FindOneAndUpdate(ctx, d("_id", 9), d("$inc", d("n", 1))), nil},
		"none found, to replace": {c.FindOneAndReplace(ctx, d("_id", 9), d("n", 1)), nil},
		"upserted, before":       {c.FindOneAndUpdate(ctx, d("_id", 4), d("$set", d("n", 8)), options.FindOneAndUpdate().SetUpsert(true)), nil},
		"upserted, after": {c.FindOneAndUpdate(ctx, d("_id", 5, "k", "v"), d("$set", d("n", 9)),
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)), d("_id", 5, "k", "v", "n", 9)},
		"replaced": {c.FindOneAndReplace(ctx, d("_id", 2), d("m", 1), options.FindOneAndReplace().SetReturnDocument(options.After)), d("_id", 2, "m", 1)},
		"removed, the greatest, projected": {c.FindOneAndDelete(ctx, d("_id", d("$lte", 3), "n", d("$exists", true)),
			options.FindOneAndDelete().SetSort(d("_id", -1)).SetProjection(d("_id", 1))), d("_id", 3)},
	} {
		var got bson.D
		err := row.result.Decode(&got)
		if row.want == nil && !errors.Is(err, mongo.ErrNoDocuments) {
			t.Errorf("%s: got %v, %v, want nothing", name, got, err)
		} else if row.want != nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			same(t, name, got, row.want)
		}
	}
	index(t, c, d("u", 1), options.Index().SetUnique(true).SetPartialFilterExpression(d("u", d("$exists", true))))
	insert(t, c, d("_id", 20, "u", 1), d("_id", 21, "u", 2))
	if err := c.FindOneAndUpdate(ctx, d("_id", 21), d("$set", d("u", 1))).Err(); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("a key that somebody has: %v", err)
	}
	same(t, "after the refusal", one(t, c, 21), d("_id", 21, "u", 2))
}

func replacements(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 1, "m", 2))
	r, err := c.ReplaceOne(t.Context(), d("n", 1), d("x", d("y", 1), "a", 2))
	if err != nil || r.MatchedCount != 1 || r.ModifiedCount != 1 {
		t.Errorf("replace: %+v, %v", r, err)
	}
	same(t, "a replacement keeps the _id and its own order", one(t, c, 1), d("_id", 1, "x", d("y", 1), "a", 2))
	if r, err = c.ReplaceOne(t.Context(), d("_id", 1), d("x", d("y", 1), "a", 2)); err != nil || r.MatchedCount != 1 || r.ModifiedCount != 0 {
		t.Errorf("the same again: %+v, %v; want matched and not modified", r, err)
	}
	_, err = c.ReplaceOne(t.Context(), d("_id", 1), d("_id", 2, "x", 1))
	wantCode(t, "another _id", err, 66)
	if r, err = c.ReplaceOne(t.Context(), d("_id", 7), d("x", 1)); err != nil || r.MatchedCount != 0 || r.UpsertedCount != 0 {
		t.Errorf("nothing to replace: %+v, %v", r, err)
	}
	r, err = c.ReplaceOne(t.Context(), d("k", "v"), d("x", 1), options.Replace().SetUpsert(true))
	if _, ok := r.UpsertedID.(bson.ObjectID); err != nil || !ok {
		t.Errorf("an upserted replacement: %+v, %v", r, err)
	}
	err = db.RunCommand(t.Context(), d("update", "c", "updates", a(d("q", d(), "u", d("x", 1), "multi", true)))).Err()
	wantCode(t, "replacing many", err, 9)
}

// bulkErrors: an ordered bulk ends at its first error, another goes on; the index names
// the statement.
func bulkErrors(t trial.T, db *mongo.Database) {
	for _, ordered := range []bool{true, false} {
		c := db.Collection(fmt.Sprint("ordered_", ordered))
		insert(t, c, d("_id", 1, "n", 1))
		models := []mongo.WriteModel{
			mongo.NewInsertOneModel().SetDocument(d("_id", 2)),
			mongo.NewInsertOneModel().SetDocument(d("_id", 1)),
			mongo.NewInsertOneModel().SetDocument(d("_id", 3)),
			mongo.NewUpdateOneModel().SetFilter(d("_id", 1)).SetUpdate(d("$inc", d("n", 1))),
			mongo.NewUpdateOneModel().SetFilter(d("_id", 2)).SetUpdate(d("$push", d("_id", 1))),
			mongo.NewUpdateOneModel().SetFilter(d("_id", 5)).SetUpdate(d("$set", d("n", 1))).SetUpsert(true),
			mongo.NewDeleteManyModel().SetFilter(d("_id", d("$in", a(2, 3)))),
		}
		_, err := c.BulkWrite(t.Context(), models, options.BulkWrite().SetOrdered(ordered))
		failed, ok := errors.AsType[mongo.BulkWriteException](err)
		if !ok {
			t.Fatalf("got %v, want a bulk error", err)
		}
		var at []int
		for _, e := range failed.WriteErrors {
			at = append(at, e.Index)
		}
		want, left := "[1]", "1 2 "
		if !ordered {
			want, left = "[1 4]", "1 5 "
		}
		if fmt.Sprint(at) != want || failed.WriteErrors[0].Code != 11000 {
			t.Errorf("ordered %v: errors at %v of code %d, want at %s, 11000", ordered, at, failed.WriteErrors[0].Code, want)
		}
		if got := ids(t, c, d()); got != left {
			t.Errorf("ordered %v left %q, want %q", ordered, got, left)
		}
	}
}

// identifiers: an _id is whatever is no array and no expression, comes first, and is
// one thing across number types.
func identifiers(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	for _, id := range []any{1, "x", d("a", 1, "b", 2), bson.ObjectID{7}, true, nil, bson.DateTime(5), bson.Binary{Data: []byte{1}}, 2.5} {
		insert(t, c, d("v", 1, "_id", id))
		var got bson.D
		if err := c.FindOne(t.Context(), d("_id", d("$eq", id))).Decode(&got); err != nil || got[0].Key != "_id" {
			t.Errorf("%v: got %v, %v; want the _id first", id, got, err)
		}
		if _, err := c.InsertOne(t.Context(), d("_id", id)); !mongo.IsDuplicateKeyError(err) {
			t.Errorf("%v twice: %v", id, err)
		}
	}
	if _, err := c.InsertOne(t.Context(), d("_id", 1.0)); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("1.0 beside 1: %v", err)
	}
	insert(t, c, d("_id", d("b", 2, "a", 1))) // fields in another order
	_, err := c.InsertOne(t.Context(), d("_id", a(1)))
	wantCode(t, "an array as _id", err, 53, 2)
	_, err = c.InsertOne(t.Context(), d("_id", bson.Regex{Pattern: "x"}))
	wantCode(t, "an expression as _id", err, 53, 2)
	if n, err := c.CountDocuments(t.Context(), d()); err != nil || n != 10 {
		t.Errorf("documents: %d, %v; want 10", n, err)
	}
}
