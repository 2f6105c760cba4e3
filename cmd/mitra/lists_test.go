package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/store"
)

// manyRecords are kept of each kind, of which fewRecords are what a list asks for.
const (
	manyRecords = 3000
	fewRecords  = 5
)

// Whatever a list may be narrowed by, and however it may be sorted, a page of it is read
// in its order from an index: one that is not offered so is not offered.
func TestEveryFilterOfEveryListIsIndexedWithEverySort(t *testing.T) {
	t.Parallel()
	h, err := build(t.Context(), Config{Data: t.TempDir()}, "http://127.0.0.1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close(context.Background()) })
	engine, err := embedded.Open(t.Context(), embedded.Options{Dir: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	client, err := mongo.Connect(embedded.ClientOptions(engine))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	lists := h.db.Lists()
	if len(lists) < 10 {
		t.Fatalf("%d kinds of record", len(lists))
	}
	for _, list := range lists {
		if len(list.Filters) == 0 {
			continue
		}
		coll := client.Database("t_kupang").Collection(list.Collection)
		fillList(t, coll, list)
		if _, err := coll.Indexes().CreateMany(t.Context(), list.Indexes); err != nil {
			t.Fatal(err)
		}
		for _, sort := range list.Sorts {
			for _, filter := range list.Filters {
				walksInOrder(t, engine, coll, sort, filter)
			}
		}
	}
}

// fillList keeps records that differ in what their list is sorted by; the few are the
// last in every order, whether it goes up or down.
func fillList(t *testing.T, coll *mongo.Collection, list store.Lists) {
	t.Helper()
	var records []any
	for i := range manyRecords {
		r := bson.D{{Key: "_id", Value: fmt.Sprintf("r_%04d", i)}, {Key: "tenant", Value: "kupang"}, {Key: "audience", Value: bson.A{"tenant", "og_a"}}}
		for _, sort := range list.Sorts {
			r = append(r, bson.E{Key: strings.TrimPrefix(sort, "-"), Value: fmt.Sprintf("%04d", i)})
		}
		value := "many"
		if i/fewRecords == manyRecords/fewRecords/2 {
			value = "few"
		}
		for _, filter := range list.Filters {
			r = append(r, bson.E{Key: filter, Value: value})
		}
		records = append(records, r)
	}
	if _, err := coll.InsertMany(t.Context(), records); err != nil {
		t.Fatal(err)
	}
}

func walksInOrder(t *testing.T, engine *embedded.Server, coll *mongo.Collection, sort, filter string) {
	t.Helper()
	field, order := strings.TrimPrefix(sort, "-"), 1
	if field != sort {
		order = -1
	}
	for what, asked := range map[string]any{"the few": bson.A{"few"}, "the few and some": bson.A{"few", "other"}, "the many": bson.A{"many"}} {
		before := engine.Stats()
		cursor, err := coll.Find(t.Context(), bson.D{
			{Key: "tenant", Value: "kupang"},
			{Key: "audience", Value: bson.D{{Key: "$in", Value: bson.A{"public", "tenant", "og_a"}}}},
			{Key: filter, Value: bson.D{{Key: "$in", Value: asked}}},
		}, options.Find().SetSort(bson.D{{Key: field, Value: order}, {Key: "_id", Value: order}}).SetLimit(26).SetBatchSize(26))
		if err != nil {
			t.Fatal(err)
		}
		var found []bson.Raw
		if err := cursor.All(t.Context(), &found); err != nil || len(found) < fewRecords {
			t.Fatalf("%d found, %v", len(found), err)
		}
		after := engine.Stats()
		if after.FullScans != before.FullScans || after.Sorts != before.Sorts || after.Keys-before.Keys > 100 {
			t.Errorf("%s: %s of %s sorted by %s: %d full scans, %d sorts, %d keys looked at",
				coll.Name(), what, filter, sort, after.FullScans-before.FullScans, after.Sorts-before.Sorts, after.Keys-before.Keys)
		}
	}
}
