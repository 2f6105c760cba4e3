package enginetest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// indexesTogether: of the indexes of one command all are made or none.
func indexesTogether(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 1, "k", 1), d("_id", 2, "n", 2, "k", 1))
	_, err := c.Indexes().CreateMany(t.Context(), []mongo.IndexModel{
		{Keys: d("n", 1)}, {Keys: d("k", 1), Options: options.Index().SetUnique(true)},
	})
	wantCode(t, "a unique index over duplicates", err, 11000)
	list, err := c.Indexes().ListSpecifications(t.Context())
	if err != nil || len(list) != 1 {
		t.Errorf("left: %v, %v; want the index of _id alone", list, err)
	}
	index(t, c, d("n", 1), nil)
	if got := ids(t, c, d("n", d("$gte", 1)), options.Find().SetSort(d("n", -1))); got != "2 1 " {
		t.Errorf("through the index made afterwards: %s", got)
	}
}

// refusedParts are commands of which one part is wrong.
func refusedParts(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 1, "s", "abc"))
	group := func(of bson.D) bson.D {
		return d("aggregate", "c", "pipeline", a(d("$group", of)), "cursor", d())
	}
	for name, row := range map[string]struct {
		command bson.D
		codes   []int
	}{
		"a delete without limit":       {d("delete", "c", "deletes", a(d("q", d()))), []int{40414}},
		"a dotted field of $group":     {group(d("_id", nil, "a.b", d("$sum", 1))), []int{40235}},
		"a dollar field of $group":     {group(d("_id", nil, "$a", d("$sum", 1))), []int{40236}},
		"an empty name on a path":      {group(d("_id", "$a..b")), []int{15998}},
		"a path that begins with dot":  {group(d("_id", "$.a")), []int{15998}},
		"a path that ends with a dot":  {group(d("_id", "$a.")), []int{40353}},
		"a path without a name":        {group(d("_id", "$")), []int{16872}},
		"$options without $regex":      {d("find", "c", "filter", d("s", d("$options", ""))), []int{2}},
		"$options without, in a count": {d("count", "c", "query", d("s", d("$options", "", "$gt", ""))), []int{2}},
	} {
		wantCode(t, name, db.RunCommand(t.Context(), row.command).Err(), row.codes...)
	}
	if got := ids(t, c, d("s", d("$regex", "^ab", "$options", ""))); got != "1 " {
		t.Errorf("what refused commands left, by $regex with $options: %s", got)
	}
}

// smallAgreements are answers at the edges of what is served.
func smallAgreements(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1.0, "n", int64(math.MaxInt64), "l", a(1, 2)), d("_id", 2, "n", int64(math.MaxInt64)))
	cursor, err := c.Aggregate(t.Context(), a(d("$group", d("_id", nil, "sum", d("$sum", "$n")))))
	var sums []struct {
		Sum any `bson:"sum"`
	}
	if err == nil {
		err = cursor.All(t.Context(), &sums)
	}
	if err != nil || len(sums) != 1 || sums[0].Sum != math.Ldexp(1, 64) {
		t.Errorf("a sum beyond 64 bits: %v, %v; want a double", sums, err)
	}
	if _, err := c.UpdateOne(t.Context(), d("_id", 1), d("$set", d("_id", 1, "k", 1))); err != nil {
		t.Errorf("setting an _id to a number of the same worth: %v", err)
	}
	for _, slice := range []int64{math.MinInt64, math.MinInt32, -3, math.MaxInt64} {
		change := d("$push", d("l", d("$each", a(), "$slice", slice)))
		if _, err := c.UpdateOne(t.Context(), d("_id", 1), change); err != nil {
			t.Errorf("$slice %d: %v", slice, err)
		}
	}
	var left struct {
		L []int `bson:"l"`
	}
	if err := c.FindOne(t.Context(), d("_id", 1)).Decode(&left); err != nil || len(left.L) != 2 {
		t.Errorf("after $slice beyond either end: %v, %v", left.L, err)
	}
}
