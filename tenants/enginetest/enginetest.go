// Package enginetest holds what every database engine below the store must do: the
// behaviour of MongoDB for the closed set of commands that the store uses. Expected
// values come from MongoDB's manual. It runs against the embedded engine always, and
// against a server when one is given; mitra doctor runs it
// against the database that is configured.
package enginetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// checks are the cases, by what they are about.
func checks() map[string]func(trial.T, *mongo.Database) {
	return map[string]func(trial.T, *mongo.Database){
		"filters": filters, "comparison by type": bracketing, "numbers by worth": numbers, "null and missing": nothing,
		"arrays on the way": arraysOnTheWay, "words beginning": wordsBeginning,
		"order across types": order, "sorts by arrays": sortsByArrays, "skip, limit and batches": windows, "counts": counts,
		"projections": projections, "projections through arrays": shapes,
		"cursors": cursors, "cursors by command": cursorCommands, "aggregation": aggregation, "pipelines": pipelines,
		"unknown commands": unknownCommands,

		"updates": updates, "refused updates": refusedUpdates, "update errors leave all as it was": updateErrors,
		"order of new fields": newFields, "upserts": upserts, "upserts copy equalities": upsertedFields,
		"replacements": replacements, "find and modify": findAndModify, "find and modify, each way": modifyEachWay,
		"identifiers": identifiers, "bulk": bulk, "bulk, ordered and not": bulkErrors,

		"duplicate keys": duplicateKeys, "partial unique": partialUnique, "multikey unique": multikeyUnique,
		"refused indexes": refusedIndexes, "indexes are made together": indexesTogether, "refusals of single parts": refusedParts,
		"small agreements": smallAgreements,
		"indexes are kept": indexesAreKept, "indexes change no answer": indexesChangeNoAnswer, "changes move index rows": changesMoveRows,
		"random filters match as documented": randomFilters,

		"64 writers increment exactly": increments, "64 compare and set": compareAndSet, "a unique race leaves one": uniqueRace,
	}
}

// Run runs every case against a client's server, each on a database of its own that is
// dropped after.
func Run(t trial.T, client *mongo.Client) {
	t.Helper()
	var random [6]byte
	if _, err := rand.Read(random[:]); err != nil {
		t.Fatal(err)
	}
	every := checks()
	for n, name := range slices.Sorted(maps.Keys(every)) {
		t.Run(name, func(t trial.T) {
			t.Parallel()
			db := client.Database(fmt.Sprintf("mitra_conformance_%x_%d", random, n))
			t.Cleanup(func() {
				if err := db.Drop(context.WithoutCancel(t.Context())); err != nil {
					t.Errorf("drop %s: %v", db.Name(), err)
				}
			})
			every[name](t, db)
		})
	}
}

// Try runs every case outside of any test, against the server of the driver's options.
func Try(ctx context.Context, o *options.ClientOptions) []trial.Outcome {
	return trial.Run(ctx, "connect", func(t trial.T) {
		client, err := mongo.Connect(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Disconnect(context.WithoutCancel(ctx)) })
		if err := client.Ping(ctx, nil); err != nil {
			t.Fatal(err)
		}
		Run(t, client)
	})
}

func d(pairs ...any) bson.D {
	doc := bson.D{}
	for i := 0; i+1 < len(pairs); i += 2 {
		doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return doc
}

func a(items ...any) bson.A { return append(bson.A{}, items...) }

func insert(t trial.T, c *mongo.Collection, docs ...any) {
	t.Helper()
	if _, err := c.InsertMany(t.Context(), docs); err != nil {
		t.Fatalf("insert: %v", err)
	}
}

// ids are the _ids that a filter finds, in an order, as text.
func ids(t trial.T, c *mongo.Collection, filter any, o ...options.Lister[options.FindOptions]) string {
	t.Helper()
	if len(o) == 0 {
		o = append(o, options.Find().SetSort(d("_id", 1)))
	}
	cursor, err := c.Find(t.Context(), filter, o...)
	if err != nil {
		t.Fatalf("find %v: %v", filter, err)
	}
	var found []struct {
		ID any `bson:"_id"`
	}
	if err := cursor.All(t.Context(), &found); err != nil {
		t.Fatalf("find %v: %v", filter, err)
	}
	text := ""
	for _, f := range found {
		text += fmt.Sprint(f.ID, " ")
	}
	return text
}

func one(t trial.T, c *mongo.Collection, id any) bson.D {
	t.Helper()
	var doc bson.D
	if err := c.FindOne(t.Context(), d("_id", id)).Decode(&doc); err != nil {
		t.Fatalf("find %v: %v", id, err)
	}
	return doc
}

func filters(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c,
		d("_id", 1, "n", 5, "s", "abc", "l", a(1, 5, 9), "o", d("x", 1, "y", d("z", "deep"))),
		d("_id", 2, "n", int64(7), "s", "abd", "l", a(), "o", d("x", a(d("k", 1), d("k", 2)))),
		d("_id", 3, "n", 5.5, "s", nil, "l", a("5", a(5))),
		d("_id", 4, "s", true, "items", a(d("q", 3, "w", "a"), d("q", 8, "w", "b"))),
		d("_id", 5, "n", "5", "items", a(d("q", 8, "w", "a"))),
	)
	for _, row := range []struct {
		filter bson.D
		want   string
	}{
		{d(), "1 2 3 4 5 "},
		{d("n", 5.0), "1 "},                                  // numbers compare by value
		{d("n", d("$gt", 5)), "2 3 "},                        // within their type
		{d("n", d("$gte", 5, "$lt", 7)), "1 3 "},             //
		{d("n", nil), "4 "},                                  // missing is null
		{d("s", nil), "3 5 "},                                // null and missing
		{d("n", d("$ne", 5)), "2 3 4 5 "},                    //
		{d("n", d("$exists", true)), "1 2 3 5 "},             //
		{d("n", d("$exists", false)), "4 "},                  //
		{d("n", d("$in", a(5, "5"))), "1 5 "},                //
		{d("n", d("$nin", a(5, "5", nil))), "2 3 "},          //
		{d("l", 5), "1 "},                                    // an item
		{d("l", a(5)), "3 "},                                 // an item that is an array
		{d("l", a(1, 5, 9)), "1 "},                           // the whole array
		{d("l", d("$size", 0)), "2 "},                        //
		{d("l", d("$all", a(1, 9))), "1 "},                   //
		{d("l", d("$gt", 8)), "1 "},                          //
		{d("l", d("$gt", 5, "$lt", 5)), "1 "},                // met by different items
		{d("l", d("$elemMatch", d("$gt", 5, "$lt", 9))), ""}, // by one item: none
		{d("l", d("$elemMatch", d("$gt", 4, "$lt", 9))), "1 "},
		{d("o.y.z", "deep"), "1 "},
		{d("o.x.k", 2), "2 "},
		{d("o.x.1.k", 2), "2 "},
		{d("items.q", 8, "items.w", "a"), "4 5 "},
		{d("items", d("$elemMatch", d("q", 8, "w", "a"))), "5 "},
		{d("s", bson.Regex{Pattern: "^ab"}), "1 2 "},
		{d("$or", a(d("n", 5), d("s", true))), "1 4 "},
		{d("$nor", a(d("n", 5), d("s", true))), "2 3 5 "},
		{d("$and", a(d("n", d("$gt", 4)), d("s", "abd"))), "2 "},
		{d("n", d("$not", d("$gt", 5))), "1 4 5 "},
		{d("o", d("x", 1, "y", d("z", "deep"))), "1 "},
		{d("o", d("y", d("z", "deep"), "x", 1)), ""}, // fields in another order are another document
	} {
		if got := ids(t, c, row.filter); got != row.want {
			t.Errorf("%v: got %q, want %q", row.filter, got, row.want)
		}
	}
}

func order(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	at := bson.DateTime(1700000000000)
	insert(t, c,
		d("_id", "null", "v", nil), d("_id", "int", "v", 2), d("_id", "double", "v", 2.5), d("_id", "big", "v", int64(9007199254740993)),
		d("_id", "bigger", "v", float64(9007199254740994)), d("_id", "text", "v", "a"), d("_id", "longer", "v", "aa"), d("_id", "object", "v", d("a", 1)),
		d("_id", "binary", "v", bson.Binary{Data: []byte{1}}), d("_id", "oid", "v", bson.ObjectID{1}), d("_id", "false", "v", false), d("_id", "true", "v", true),
		d("_id", "date", "v", at), d("_id", "stamp", "v", bson.Timestamp{T: 1}), d("_id", "min", "v", bson.MinKey{}), d("_id", "max", "v", bson.MaxKey{}),
		d("_id", "array", "v", a(3, 1)), d("_id", "missing"),
	)
	up := "min missing null array int double big bigger text longer object binary oid false true date stamp max "
	if got := ids(t, c, d(), options.Find().SetSort(d("v", 1, "_id", 1))); got != up {
		t.Errorf("ascending:\n got %s\nwant %s", got, up)
	}
	// Descending, an array counts by its greatest item.
	down := "max stamp date true false oid binary object longer text bigger big array double int null missing min "
	if got := ids(t, c, d(), options.Find().SetSort(d("v", -1, "_id", -1))); got != down {
		t.Errorf("descending:\n got %s\nwant %s", got, down)
	}
	if _, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: d("v", 1, "_id", 1)}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, c, d(), options.Find().SetSort(d("v", 1, "_id", 1))); got != up {
		t.Errorf("ascending with an index:\n got %s\nwant %s", got, up)
	}
}

func projections(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "a", 1, "b", d("c", 2, "d", 3), "l", a(d("x", 1, "y", 2), 7)))
	for _, row := range []struct{ shape, want bson.D }{
		{d("a", 1), d("_id", int32(1), "a", int32(1))},
		{d("a", 1, "_id", 0), d("a", int32(1))},
		{d("b.c", 1, "_id", 0), d("b", d("c", int32(2)))},
		{d("b.c", 0, "l", 0), d("_id", int32(1), "a", int32(1), "b", d("d", int32(3)))},
		{d("l.x", 1, "_id", 0), d("l", a(d("x", int32(1))))},
	} {
		var got bson.D
		if err := c.FindOne(t.Context(), d(), options.FindOne().SetProjection(row.shape)).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(row.want) {
			t.Errorf("%v: got %v, want %v", row.shape, got, row.want)
		}
	}
}
