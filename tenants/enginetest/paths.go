package enginetest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// asked is a document and a filter that finds it or does not.
type asked struct {
	doc, filter bson.D
	found       bool
}

// ask puts each document into a collection of its own pair: without indexes, and with
// one on every field that the rows use.
func ask(t trial.T, db *mongo.Database, rows []asked) {
	t.Helper()
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	for _, keys := range []bson.D{d("v", 1), d("o.k", -1), d("l.k", 1, "l.w", 1), d("v", -1, "_id", 1)} {
		index(t, indexed, keys, nil)
	}
	for i, row := range rows {
		for name, c := range map[string]*mongo.Collection{"without indexes": plain, "with indexes": indexed} {
			insert(t, c, append(d("_id", i), row.doc...))
			n, err := c.CountDocuments(t.Context(), append(d("_id", i), row.filter...))
			if err != nil || (n == 1) != row.found {
				t.Errorf("%v on %v %s: found %d, %v; want %v", row.filter, row.doc, name, n, err, row.found)
			}
			if listed := ids(t, c, append(row.filter, d("_id", d("$gte", i, "$lte", i))...)); (listed != "") != row.found {
				t.Errorf("%v on %v %s: listed %q, want %v", row.filter, row.doc, name, listed, row.found)
			}
		}
	}
}

// bracketing: a comparison looks at values of its own type only (manual: "Comparison
// Query Operators": for most data types, comparison operators only perform comparisons
// on fields where the BSON type matches).
func bracketing(t trial.T, db *mongo.Database) {
	date, later := bson.DateTime(1_000), bson.DateTime(2_000)
	ask(t, db, []asked{
		{d("v", "10"), d("v", d("$gt", 5)), false},
		{d("v", "b"), d("v", d("$gt", "a")), true},
		{d("v", true), d("v", d("$gt", 0)), false},
		{d("v", true), d("v", d("$gt", false)), true},
		{d("v", nil), d("v", d("$lt", 5)), false},
		{d(), d("v", d("$lt", 5)), false},
		{d("v", nil), d("v", d("$lte", nil)), true},
		{d(), d("v", d("$gte", nil)), true},
		{d("v", nil), d("v", d("$gt", nil)), false},
		{d("v", 1), d("v", d("$gte", nil)), false},
		{d("v", date), d("v", d("$lt", later)), true},
		{d("v", date), d("v", d("$gt", 1)), false},
		{d("v", later), d("v", d("$gt", date)), true},
		{d("v", bson.Timestamp{T: 9}), d("v", d("$gt", date)), false},
		{d("v", bson.ObjectID{2}), d("v", d("$gt", bson.ObjectID{1})), true},
		{d("v", bson.ObjectID{2}), d("v", d("$gt", "a")), false},
		{d("v", d("a", 2)), d("v", d("$gt", d("a", 1))), true},
		{d("v", d("a", 2)), d("v", d("$lt", 5)), false},
		{d("v", 5), d("v", d("$not", d("$gt", "a"))), true},
		{d("v", "x"), d("v", d("$ne", 5)), true},
		{d("v", 1), d("v", d("$gt", bson.MinKey{})), true},
		{d("v", "x"), d("v", d("$lt", bson.MaxKey{})), true},
		{d("v", false), d("v", 0), false},
		{d("v", ""), d("v", nil), false},
		{d("v", "a"), d("v", "A"), false},
		{d("v", bson.Binary{Data: []byte{1, 2}}), d("v", bson.Binary{Data: []byte{1, 2}}), true},
		{d("v", bson.Binary{Data: []byte{9}}), d("v", d("$lt", bson.Binary{Data: []byte{1, 2}})), true}, // the shorter first
		{d("v", bson.Binary{Subtype: 4, Data: []byte{1}}), d("v", bson.Binary{Data: []byte{1}}), false},
	})
}

// numbers compare by what they are worth, whatever their type.
func numbers(t trial.T, db *mongo.Database) {
	nan := d("v", math.NaN())
	ask(t, db, []asked{
		{d("v", int32(5)), d("v", int64(5)), true},
		{d("v", 5.0), d("v", int32(5)), true},
		{d("v", math.Copysign(0, -1)), d("v", 0), true},
		{d("v", 0.1), d("v", d("$gt", 0)), true},
		{d("v", int64(9007199254740993)), d("v", float64(9007199254740992)), false}, // exactly, beyond 2^53
		{d("v", int64(9007199254740993)), d("v", d("$gt", float64(9007199254740992))), true},
		{d("v", int64(9007199254740993)), d("v", d("$lt", float64(9007199254740994))), true},
		{d("v", int64(9223372036854775807)), d("v", d("$lt", float64(9223372036854775808))), true},
		{d("v", int64(-9223372036854775808)), d("v", float64(-9223372036854775808)), true},
		{d("v", -1), d("v", d("$lt", -0.5)), true},
		{d("v", 1e300), d("v", d("$gt", int64(9223372036854775807))), true},
		{nan, nan, true}, // not-a-number equals itself
		{nan, d("v", d("$lt", 1)), false},
		{nan, d("v", d("$gte", -1e308)), false},
		{d("v", 5), d("v", d("$in", a(4.0, 5.0))), true},
		{d("v", a(1, 2)), d("v", a(1.0, int64(2))), true},
		{d("v", d("k", 1)), d("v", d("k", 1.0)), true},
	})
}

// nothing: null is found by null, and so is what is not there.
func nothing(t trial.T, db *mongo.Database) {
	ask(t, db, []asked{
		{d("v", nil), d("v", nil), true},
		{d(), d("v", nil), true},
		{d("v", 0), d("v", nil), false},
		{d("v", a()), d("v", nil), false},
		{d("v", a(1, nil)), d("v", nil), true},
		{d("v", nil), d("v", d("$exists", true)), true},
		{d(), d("v", d("$exists", false)), true},
		{d("v", nil), d("v", d("$ne", nil)), false},
		{d(), d("v", d("$ne", nil)), false},
		{d(), d("v", d("$ne", 5)), true},
		{d(), d("v", d("$nin", a(5, nil))), false},
		{d(), d("v", d("$in", a(5, nil))), true},
		{d("v", 1), d("v", d("$in", a())), false},
		{d(), d("v", d("$nin", a())), true},
		{d(), d("v", d("$not", d("$gt", 5))), true},
		{d("o", d("k", nil)), d("o.k", nil), true},
		{d("o", d("x", 1)), d("o.k", nil), true},
		{d(), d("o.k", nil), true},
		{d("o", 5), d("o.k", nil), true}, // a number has no field
		{d("o", d("k", 1)), d("o.k", nil), false},
		{d("o", d("k", nil)), d("o.k", d("$exists", true)), true},
		{d("o", d("x", 1)), d("o.k", d("$exists", true)), false},
		{d("l", a(d("k", 1), d("w", 2))), d("l.k", nil), true}, // one of them has none
		{d("l", a(d("k", 1), d("k", 2))), d("l.k", nil), false},
		{d("l", a(d("k", 1), d("w", 2))), d("l.k", d("$exists", true)), true},
		{d("l", a(d("k", 1), d("w", 2))), d("l.k", d("$exists", false)), false},
	})
}

// arraysOnTheWay: a dotted path goes through arrays to each of their documents, and to
// the position that a number names.
func arraysOnTheWay(t trial.T, db *mongo.Database) {
	two := d("l", a(d("k", 1, "w", "a"), d("k", 5, "w", "b")))
	ask(t, db, []asked{
		{two, d("l.k", 5), true},
		{two, d("l.k", d("$gt", 1, "$lt", 5)), true}, // each met by another
		{two, d("l.k", d("$not", d("$gt", 1))), false},
		{two, d("l.k", d("$ne", 1)), false},
		{two, d("l.k", d("$nin", a(2, 3))), true},
		{two, d("l.k", d("$all", a(1, 5))), true},
		{two, d("l.k", d("$all", a(1, 2))), false},
		{two, d("l.k", 1, "l.w", "b"), true},
		{two, d("l", d("$elemMatch", d("k", 1, "w", "b"))), false},
		{two, d("l", d("$elemMatch", d("k", d("$gte", 5), "w", d("$in", a("b", "c"))))), true},
		{two, d("l", d("$not", d("$elemMatch", d("k", 9)))), true},
		{two, d("l", d("$elemMatch", d("$or", a(d("k", 9), d("w", "a"))))), true},
		{two, d("l", d("$size", 2)), true},
		{two, d("l.k", d("$size", 2)), false}, // of numbers
		{two, d("l.0.k", 1), true},
		{two, d("l.1.k", 1), false},
		{two, d("l.2.k", d("$exists", false)), true},
		{two, d("l", d("k", 1, "w", "a")), true},
		{two, d("l", d("k", 1)), false}, // a whole document or none
		{two, d("l", d("w", "a", "k", 1)), false},
		{d("l", a(1, 2)), d("l.0", 1), true},
		{d("l", a(1, 2)), d("l.0", 2), false},
		{d("l", d("0", 7)), d("l.0", 7), true}, // a name, in a document
		{d("l", a(a(1, 2), 3)), d("l", 1), false},
		{d("l", a(a(1, 2), 3)), d("l", a(1, 2)), true},
		{d("l", a(a(1, 2), 3)), d("l.0", 1), true},
		{d("l", a(a(d("k", 1)))), d("l.k", 1), false}, // not through two arrays at once
		{d("l", a(d("k", a(1, 2)), d("k", a(3)))), d("l.k", 3), true},
		{d("l", a(d("k", a(1, 2)), d("k", a(3)))), d("l.k", a(1, 2)), true},
		{d("l", a(d("k", a(1, 2)), d("k", a(3)))), d("l.k", d("$size", 1)), true},
		{d("v", a(1, 9)), d("v", d("$gt", 3, "$lt", 5)), true},
		{d("v", a(1, 9)), d("v", d("$elemMatch", d("$gt", 3, "$lt", 5))), false},
		{d("v", 4), d("v", d("$elemMatch", d("$gt", 3))), false}, // of arrays only
		{d("v", a(1, "x")), d("v", d("$all", a("x", 1))), true},
		{d("v", "x"), d("v", d("$all", a("x"))), true}, // as one equality each
		{d("v", a("x")), d("v", d("$all", a())), false},
		{d("v", a()), d("v", a()), true},
		{d("v", a(a())), d("v", a()), true},
		{d("v", a(1)), d("v", a()), false},
		{d("v", a(1, 2)), d("v", d("$in", a(a(1, 2)))), true},
		{d("v", a(3, 4)), d("v", d("$gt", a(3, 1))), true},
	})
}

// wordsBeginning: an anchored expression finds what begins so, exactly.
func wordsBeginning(t trial.T, db *mongo.Database) {
	ask(t, db, []asked{
		{d("v", "abc"), d("v", d("$regex", "^ab")), true},
		{d("v", "ab"), d("v", bson.Regex{Pattern: "^ab"}), true},
		{d("v", "Abc"), d("v", d("$regex", "^ab")), false},
		{d("v", "xab"), d("v", d("$regex", "^ab")), false},
		{d("v", a("x", "abc")), d("v", d("$regex", "^ab")), true},
		{d("v", 5), d("v", d("$regex", "^5")), false},
		{d("v", "a.c"), d("v", d("$regex", `^a\.`)), true},
		{d("v", "abc"), d("v", d("$regex", `^a\.`)), false},
		{d("v", "désa"), d("v", d("$regex", "^dé")), true},
		{d("v", "abc"), d("v", d("$not", bson.Regex{Pattern: "^ab"})), false},
		{d("v", "ab\xc3\xbf"), d("v", d("$regex", "^ab")), true},
		{d("v", "ac"), d("v", d("$regex", "^ab")), false},
	})
}
