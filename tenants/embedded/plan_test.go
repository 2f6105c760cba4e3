package embedded_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// A filter that is tried on every document is a full scan, whatever order they are
// walked in: the counter is there to find it.
func TestAFilterTriedOnEveryDocumentCountsAsAFullScan(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	rows := collection(t, s, "plans", "rows")
	if _, err := rows.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "n", Value: 1}}}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: i}, {Key: "n", Value: i}, {Key: "m", Value: i}}); err != nil {
			t.Fatal(err)
		}
	}
	seven := func(field string) bson.D { return bson.D{{Key: field, Value: 7}} }
	for name, row := range map[string]struct {
		filter, sort bson.D
		full         int64
	}{
		"no index, no order":              {seven("m"), bson.D{}, 1},
		"no index, in the order of ids":   {seven("m"), bson.D{{Key: "_id", Value: 1}}, 1},
		"no index, in an index's order":   {seven("m"), bson.D{{Key: "n", Value: 1}}, 1},
		"all, in the order of ids":        {bson.D{}, bson.D{{Key: "_id", Value: 1}}, 0},
		"all, in an index's order":        {bson.D{}, bson.D{{Key: "n", Value: 1}}, 0},
		"an index":                        {seven("n"), bson.D{}, 0},
		"an index, and another condition": {append(seven("m"), seven("n")...), bson.D{}, 0},
		"an id":                           {seven("_id"), bson.D{}, 0},
	} {
		before := s.Stats()
		cursor, err := rows.Find(t.Context(), row.filter, options.Find().SetSort(row.sort))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = cursor.Close(t.Context())
		if got := s.Stats().FullScans - before.FullScans; got != row.full {
			t.Errorf("%s: %d full scans, want %d", name, got, row.full)
		}
	}
}
