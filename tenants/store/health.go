package store

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants"
)

// Clock is what time it is for the database.
func (db *DB) Clock(ctx context.Context) (time.Time, error) {
	var said struct {
		LocalTime time.Time `bson:"localTime"`
	}
	err := db.client.Database(db.name("mitra")).RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&said)
	return said.LocalTime, tenants.Translate(err, "")
}

// Lacking names the indexes that collections of the scope's tenant should have and have
// not, or have otherwise, as "collection (fields)". A collection that is not there lacks
// none: its indexes are made when it is first used.
func (db *DB) Lacking(ctx context.Context, sc tenants.Scope) ([]string, error) {
	db.mu.Lock()
	kinds := append([]*kind(nil), db.kinds...)
	db.mu.Unlock()
	var lacking []string
	for _, k := range kinds {
		specs, err := db.database(sc.Tenant()).Collection(k.name).Indexes().ListSpecifications(ctx)
		if err != nil {
			return nil, tenants.Translate(err, "")
		}
		if len(specs) == 0 {
			continue
		}
		have := map[string]bool{}
		for _, s := range specs {
			have[described(s.KeysDocument, s.Unique != nil && *s.Unique)] = true
		}
		for _, m := range models(k.indexes) {
			want, err := describedModel(m)
			if err != nil {
				return nil, err
			}
			if !have[want] {
				lacking = append(lacking, k.name+" ("+want+")")
			}
		}
	}
	return lacking, nil
}

func describedModel(m mongo.IndexModel) (string, error) {
	keys, err := bson.Marshal(m.Keys)
	if err != nil {
		return "", err
	}
	var o options.IndexOptions
	for _, set := range m.Options.List() {
		if err := set(&o); err != nil {
			return "", err
		}
	}
	return described(keys, o.Unique != nil && *o.Unique), nil
}

// described is an index as text: two that are equal answer the same questions.
func described(keys bson.Raw, unique bool) string {
	elements, err := keys.Elements()
	if err != nil {
		return "unreadable"
	}
	var names []string
	for _, e := range elements {
		sign := ""
		if n, ok := e.Value().AsInt64OK(); ok && n < 0 {
			sign = "-"
		}
		names = append(names, sign+e.Key())
	}
	text := strings.Join(names, ", ")
	if unique {
		text += "; unique"
	}
	return text
}
