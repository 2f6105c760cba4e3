package enginetest

import (
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

func updates(t trial.T, db *mongo.Database) {
	for i, row := range []struct {
		before, change, want bson.D
	}{
		{d("n", 1), d("$set", d("n", 2, "x.y", "z")), d("n", int32(2), "x", d("y", "z"))},
		{d("n", 1, "m", 2), d("$unset", d("n", "")), d("m", int32(2))},
		{d("n", 1), d("$inc", d("n", 2, "m", 1)), d("n", int32(3), "m", int32(1))},
		{d("n", int32(2147483647)), d("$inc", d("n", 1)), d("n", int64(2147483648))},
		{d("n", 1), d("$inc", d("n", 0.5)), d("n", 1.5)},
		{d("l", a(1)), d("$push", d("l", 2, "m", "x")), d("l", a(int32(1), int32(2)), "m", a("x"))},
		{d("l", a(5)), d("$push", d("l", d("$each", a(3, 9, 1), "$sort", 1, "$slice", 3))), d("l", a(int32(1), int32(3), int32(5)))},
		{d("l", a(5)), d("$push", d("l", d("$each", a(3, 9, 1), "$slice", -2))), d("l", a(int32(9), int32(1)))},
		{d("l", a(d("q", 2), d("q", 1))), d("$push", d("l", d("$each", a(), "$sort", d("q", 1)))), d("l", a(d("q", int32(1)), d("q", int32(2))))},
		{d("l", a(1, 2)), d("$addToSet", d("l", d("$each", a(2, 3)))), d("l", a(int32(1), int32(2), int32(3)))},
		{d("l", a(1, 2, 3, 2)), d("$pull", d("l", 2)), d("l", a(int32(1), int32(3)))},
		{d("l", a(1, 5, 9)), d("$pull", d("l", d("$gte", 5))), d("l", a(int32(1)))},
		{d("l", a(d("id", "a"), d("id", "b"), "c")), d("$pull", d("l", d("id", d("$in", a("a", "z"))))), d("l", a(d("id", "b"), "c"))},
		{d("l", a(1, 2, 3)), d("$set", d("l.1", 9)), d("l", a(int32(1), int32(9), int32(3)))},
		{d("l", a(1)), d("$set", d("l.3", 9)), d("l", a(int32(1), nil, nil, int32(9)))},
		{d("n", 1), d("$setOnInsert", d("n", 9)), d("n", int32(1))},
	} {
		c := db.Collection("c")
		insert(t, c, append(d("_id", i), row.before...))
		if _, err := c.UpdateOne(t.Context(), d("_id", i), row.change); err != nil {
			t.Errorf("%v: %v", row.change, err)
			continue
		}
		want := append(d("_id", int32(i)), row.want...) // #nosec G115 -- a few rows
		if got := one(t, c, i); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v on %v: got %v, want %v", row.change, row.before, got, want)
		}
	}
}

func refusedUpdates(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 1, "s", "x"))
	for _, row := range []struct {
		change bson.D
		code   int
	}{
		{d("$inc", d("s", 1)), 14},                    // TypeMismatch
		{d("$inc", d("n", "1")), 14},                  //
		{d("$push", d("n", 1)), 2},                    // BadValue
		{d("$set", d("n", 1), "$inc", d("n", 1)), 40}, // ConflictingUpdateOperators
		{d("$set", d("o", 1, "o.x", 2)), 40},          //
		{d("$set", d("_id", 2)), 66},                  // ImmutableField
		{d("$set", d("n.x", 1)), 28},                  // PathNotViable
		{d("$set", d("", 1)), 56},                     // EmptyFieldName
		{d("$unknown", d("n", 1)), 9},                 // FailedToParse
	} {
		_, err := c.UpdateOne(t.Context(), d("_id", 1), row.change)
		if e, ok := errors.AsType[mongo.ServerError](err); !ok || !e.HasErrorCode(row.code) {
			t.Errorf("%v: got %v, want code %d", row.change, err, row.code)
		}
	}
	if got := fmt.Sprint(one(t, c, 1)); got != fmt.Sprint(d("_id", int32(1), "n", int32(1), "s", "x")) {
		t.Errorf("refused updates left %s", got)
	}
}

func upserts(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	upsert := options.UpdateOne().SetUpsert(true)
	r, err := c.UpdateOne(t.Context(), d("_id", 1, "k", "v", "n", d("$gt", 3)), d("$set", d("m", 1), "$setOnInsert", d("x.y", 2)), upsert)
	if err != nil || r.UpsertedCount != 1 || r.MatchedCount != 0 {
		t.Fatalf("upsert: %+v, %v", r, err)
	}
	if got, want := fmt.Sprint(one(t, c, 1)), fmt.Sprint(d("_id", int32(1), "k", "v", "m", int32(1), "x", d("y", int32(2)))); got != want {
		t.Errorf("upserted %s, want %s", got, want)
	}
	if r, err = c.UpdateOne(t.Context(), d("_id", 1), d("$set", d("m", 1)), upsert); err != nil || r.MatchedCount != 1 || r.ModifiedCount != 0 {
		t.Errorf("again: %+v, %v; want matched and not modified", r, err)
	}
	if _, err := c.ReplaceOne(t.Context(), d("_id", 2, "k", "no"), d("n", 1), options.Replace().SetUpsert(true)); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(one(t, c, 2)), fmt.Sprint(d("_id", int32(2), "n", int32(1))); got != want {
		t.Errorf("a replacement upserted %s, want %s", got, want)
	}
}

func findAndModify(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 3), d("_id", 2, "n", 1), d("_id", 3, "n", 2))
	var got bson.D
	err := c.FindOneAndUpdate(t.Context(), d(), d("$inc", d("n", 10)), options.FindOneAndUpdate().SetSort(d("n", 1)).
		SetReturnDocument(options.After).SetProjection(d("n", 1))).Decode(&got)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(d("_id", int32(2), "n", int32(11))) {
		t.Errorf("the least, after: %v, %v", got, err)
	}
	if err := c.FindOneAndDelete(t.Context(), d("n", 2)).Decode(&got); err != nil || fmt.Sprint(got) != fmt.Sprint(d("_id", int32(3), "n", int32(2))) {
		t.Errorf("deleted: %v, %v", got, err)
	}
	if err := c.FindOneAndDelete(t.Context(), d("n", 2)).Err(); !errors.Is(err, mongo.ErrNoDocuments) {
		t.Errorf("nothing to delete: %v", err)
	}
}
