package embedded_test

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// doc is a document of one field.
func doc(name string, v any) bson.D { return bson.D{{Key: name, Value: v}} }

func finding(filter bson.D) bson.D {
	return bson.D{{Key: "find", Value: "c"}, {Key: "filter", Value: filter}}
}

func findingWith(option string, v any) bson.D {
	return bson.D{{Key: "find", Value: "c"}, {Key: option, Value: v}}
}

func updating(change any, more ...bson.E) bson.D {
	statement := append(bson.D{{Key: "q", Value: bson.D{}}, {Key: "u", Value: change}}, more...)
	return bson.D{{Key: "update", Value: "c"}, {Key: "updates", Value: bson.A{statement}}}
}

func piping(stages ...any) bson.D {
	return bson.D{{Key: "aggregate", Value: "c"}, {Key: "pipeline", Value: bson.A(stages)}, {Key: "cursor", Value: bson.D{}}}
}

// TestEveryOperatorOutsideTheClosedSetIsRefusedByName asks for what a MongoDB server
// would answer: to leave an operator out in silence would be a wrong answer here and a
// right one there.
func TestEveryOperatorOutsideTheClosedSetIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	c := collection(t, s, "db", "c")
	if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: 2}, {Key: "l", Value: bson.A{1, 2}}}); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []map[string]bson.D{refusedFilters(), refusedUpdates(), refusedStages(), refusedOptions(), refusedCommands()} {
		for name, command := range asked {
			t.Run(name, func(t *testing.T) { refusedByName(t, c.Database(), name, command) })
		}
	}
	var left bson.D
	if err := c.FindOne(t.Context(), bson.D{}).Decode(&left); err != nil || len(left) != 3 || left[1].Value != int32(2) {
		t.Errorf("refused commands left %v, %v", left, err)
	}
}

func refusedByName(t *testing.T, db *mongo.Database, name string, command bson.D) {
	t.Helper()
	reply, err := db.RunCommand(t.Context(), command).Raw()
	text := reply.String()
	if err == nil {
		if _, lookup := reply.LookupErr("writeErrors"); lookup != nil {
			t.Fatalf("%s was answered: %v", name, reply)
		}
	} else if _, ok := errors.AsType[mongo.ServerError](err); !ok {
		t.Fatalf("%s: got %v, want an answer that refuses", name, err)
	} else {
		text = err.Error()
	}
	if word, _, _ := strings.Cut(name, " "); !strings.Contains(text, word) {
		t.Errorf("the refusal does not name %s: %s", word, text)
	}
}

func refusedFilters() map[string]bson.D {
	asked := map[string]bson.D{
		"$where":      finding(doc("$where", "true")),
		"$text":       finding(doc("$text", doc("$search", "x"))),
		"$expr":       finding(doc("$expr", true)),
		"$jsonSchema": finding(doc("$jsonSchema", bson.D{})),
		"$sampleRate": finding(doc("$sampleRate", 1.0)),
		"$geoNear":    piping(doc("$geoNear", bson.D{})),
		// An operator must not be overlooked below others either.
		"$mod in $or":       finding(doc("$or", bson.A{doc("f", doc("$mod", bson.A{2, 0}))})),
		"$type in $not":     finding(doc("f", doc("$not", doc("$type", "int")))),
		"$mod in $and":      finding(doc("$and", bson.A{doc("f", 2), doc("f", doc("$mod", bson.A{2, 0}))})),
		"$type in $nor":     finding(doc("$nor", bson.A{doc("f", doc("$type", "int"))})),
		"$mod in elemMatch": finding(doc("l", doc("$elemMatch", doc("$mod", bson.A{2, 0})))),
		"$where in count":   {{Key: "count", Value: "c"}, {Key: "query", Value: doc("$where", "true")}},
		"$where in delete": {{Key: "delete", Value: "c"}, {Key: "deletes", Value: bson.A{
			bson.D{{Key: "q", Value: doc("$where", "true")}, {Key: "limit", Value: 1}}}}},
		"$where in update": {{Key: "update", Value: "c"}, {Key: "updates", Value: bson.A{
			bson.D{{Key: "q", Value: doc("$where", "true")}, {Key: "u", Value: doc("$set", doc("f", 3))}}}}},
		"$where in $match": piping(doc("$match", doc("$where", "true"))),
		"regular expression in a document": {{Key: "insert", Value: "c"}, {Key: "documents", Value: bson.A{
			bson.D{{Key: "o", Value: doc("f", bson.Regex{Pattern: "^abc"})}}}}},
		"regular expression without an anchor": finding(doc("f", bson.Regex{Pattern: "abc"})),
		"regular expression with a class":      finding(doc("f", bson.Regex{Pattern: "^[abc]"})),
		"options of a regular expression":      finding(doc("f", bson.Regex{Pattern: "^abc", Options: "i"})),
	}
	for name, v := range map[string]any{
		"$near": doc("x", 1), "$nearSphere": doc("x", 1), "$geoWithin": bson.D{}, "$geoIntersects": bson.D{},
		"$bitsAllSet": 1, "$bitsAnySet": 1, "$bitsAllClear": 1, "$bitsAnyClear": 1, "$mod": bson.A{2, 0}, "$type": "int",
	} {
		asked[name] = finding(doc("f", doc(name, v)))
	}
	return asked
}

func refusedUpdates() map[string]bson.D {
	asked := map[string]bson.D{
		"pipeline":                    updating(bson.A{doc("$set", doc("f", 3))}),
		"$ positional":                updating(doc("$set", doc("l.$", 3))),
		"$[] positional":              updating(doc("$set", doc("l.$[]", 3))),
		"$[x] positional":             updating(doc("$set", doc("l.$[x]", 3))),
		"regular expression set":      updating(doc("$set", doc("g", bson.Regex{Pattern: "^abc"}))),
		"regular expression pushed":   updating(doc("$push", doc("l", bson.Regex{Pattern: "^abc"}))),
		"regular expression in place": updating(bson.D{{Key: "f", Value: bson.Regex{Pattern: "^abc"}}}),
		"$position in $push":          updating(doc("$push", doc("l", bson.D{{Key: "$each", Value: bson.A{3}}, {Key: "$position", Value: 0}}))),
		"$mod in $pull":               updating(doc("$pull", doc("l", doc("$mod", bson.A{2, 0})))),
		"$slice of $addToSet":         updating(doc("$addToSet", doc("l", bson.D{{Key: "$each", Value: bson.A{3}}, {Key: "$slice", Value: 1}}))),
		"arrayFilters":                updating(doc("$set", doc("f", 3)), bson.E{Key: "arrayFilters", Value: bson.A{}}),
		"collation of update":         updating(doc("$set", doc("f", 3)), bson.E{Key: "collation", Value: doc("locale", "id")}),
		"hint of update":              updating(doc("$set", doc("f", 3)), bson.E{Key: "hint", Value: "_id_"}),
		"$mul in a fine one":          updating(bson.D{{Key: "$set", Value: doc("f", 3)}, {Key: "$mul", Value: doc("g", 2)}}),
		"$rename findAndModify": {{Key: "findAndModify", Value: "c"}, {Key: "query", Value: bson.D{}},
			{Key: "update", Value: doc("$rename", doc("f", "g"))}},
	}
	for name, v := range map[string]any{
		"$rename": "g", "$mul": 2, "$min": 1, "$max": 9, "$currentDate": true, "$pop": 1, "$bit": doc("or", 1), "$pullAll": bson.A{1},
	} {
		asked[name] = updating(doc(name, doc("f", v)))
	}
	return asked
}

func refusedStages() map[string]bson.D {
	asked := map[string]bson.D{
		"$lookup after others":          piping(doc("$match", bson.D{}), doc("$limit", 1), doc("$lookup", bson.D{})),
		"$avg":                          piping(doc("$group", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: doc("$avg", "$f")}})),
		"$push accumulator":             piping(doc("$group", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: doc("$push", "$f")}})),
		"$first":                        piping(doc("$group", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: doc("$first", "$f")}})),
		"$add in $sum":                  piping(doc("$group", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: doc("$sum", doc("$add", bson.A{1, 2}))}})),
		"path through an array":         piping(doc("$group", bson.D{{Key: "_id", Value: "$l.f"}})),
		"path through an array, summed": piping(doc("$group", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: doc("$sum", "$l.f")}})),
		"$toUpper as _id":               piping(doc("$group", bson.D{{Key: "_id", Value: doc("$toUpper", "$f")}})),
		"$$ROOT":                        piping(doc("$group", bson.D{{Key: "_id", Value: "$$ROOT"}})),
	}
	for _, name := range []string{
		"$lookup", "$out", "$merge", "$unwind", "$facet", "$graphLookup", "$unionWith", "$sample", "$bucket", "$addFields", "$set", "$unset",
		"$replaceRoot", "$redact", "$sortByCount", "$changeStream", "$collStats", "$indexStats", "$setWindowFields", "$densify", "$fill",
	} {
		asked[name] = piping(doc(name, bson.D{}))
	}
	return asked
}

func refusedOptions() map[string]bson.D {
	return map[string]bson.D{
		"collation":             findingWith("collation", doc("locale", "id")),
		"hint":                  findingWith("hint", "_id_"),
		"let":                   findingWith("let", doc("x", 1)),
		"min":                   findingWith("min", doc("_id", 1)),
		"max":                   findingWith("max", doc("_id", 1)),
		"returnKey":             findingWith("returnKey", true),
		"showRecordId":          findingWith("showRecordId", true),
		"tailable":              findingWith("tailable", true),
		"positional projection": findingWith("projection", doc("l.$", 1)),
		"'l' projected $slice":  findingWith("projection", doc("l", doc("$slice", 1))),
		"part of _id":           findingWith("projection", doc("_id.x", 1)),
		"'g' computed":          findingWith("projection", doc("g", "$f")),
		"$sort by $meta":        findingWith("sort", doc("f", doc("$meta", "textScore"))),
		"'f' text index":        indexing("text"),
		"'f' 2dsphere index":    indexing("2dsphere"),
		"'f' hashed index":      indexing("hashed"),
		"capped collection":     {{Key: "create", Value: "d"}, {Key: "capped", Value: true}, {Key: "size", Value: 4096}},
		"viewOn":                {{Key: "create", Value: "d"}, {Key: "viewOn", Value: "c"}},
		"validator":             {{Key: "create", Value: "d"}, {Key: "validator", Value: bson.D{}}},
		"collation of delete": {{Key: "delete", Value: "c"}, {Key: "deletes", Value: bson.A{
			bson.D{{Key: "q", Value: bson.D{}}, {Key: "limit", Value: 1}, {Key: "collation", Value: doc("locale", "id")}}}}},
	}
}

func indexing(kind any) bson.D {
	return bson.D{{Key: "createIndexes", Value: "c"}, {Key: "indexes", Value: bson.A{
		bson.D{{Key: "key", Value: doc("f", kind)}, {Key: "name", Value: "f_index"}}}}}
}

func refusedCommands() map[string]bson.D {
	asked := map[string]bson.D{}
	for _, name := range []string{
		"mapReduce", "renameCollection", "collMod", "compact", "validate", "eval", "shutdown", "fsync", "startSession",
		"commitTransaction", "abortTransaction", "createUser", "saslStart", "bulkWrite", "collStats", "cloneCollectionAsCapped",
	} {
		asked[name] = doc(name, "c")
	}
	return asked
}
