package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	migrationsName = "migrations"
	// migrationLease is how long a process may be silent before another goes on.
	migrationLease = time.Minute
	// migrationSlice is how many records are read at once.
	migrationSlice = 500
)

// Migration brings the records of a kind from the shape they had to the one they have.
// A kind's list only grows. Each is idempotent, because a process that dies leaves the
// rest to the next, which begins again; and each has a test from the old shape.
type Migration struct {
	// Name is for good: what was done under it is not done again.
	Name string
	// Up edits a record by its fields as they lie in the store, and says whether it did.
	// Documents within are maps, lists are []any. Id, tenant and version are not its to edit.
	Up func(record map[string]any) bool
}

// migrate does what has not been done yet to the records of a kind in a database. Before
// it is done nobody uses them.
func (db *DB) migrate(ctx context.Context, database string, k *kind) error {
	for _, m := range k.migrations {
		name := k.name + "/" + m.Name
		done := db.client.Database(database).Collection(migrationsName)
		err := done.FindOne(ctx, bson.D{{Key: "_id", Value: name}}).Err()
		if err == nil {
			continue
		}
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		if err := db.migrateOne(ctx, database, k, m); err != nil {
			return fmt.Errorf("migration %s of %s: %w", name, database, err)
		}
		_, err = done.UpdateOne(ctx, bson.D{{Key: "_id", Value: name}}, bson.D{{Key: "$set", Value: bson.D{{Key: "at", Value: db.cfg.Now()}}}}, options.UpdateOne().SetUpsert(true))
		if err != nil {
			return err
		}
	}
	return nil
}

// migrateOne walks the records under a lease, a slice at a time.
func (db *DB) migrateOne(ctx context.Context, database string, k *kind, m Migration) error {
	lease := "migrate/" + database + "/" + k.name + "/" + m.Name
	last := ""
	for {
		now := db.cfg.Now()
		mine, err := db.registry.Acquire(ctx, lease, db.cfg.Holder, now, now.Add(migrationLease))
		switch {
		case err != nil:
			return err
		case !mine:
			return fault.New(fault.Unavailable, "unavailable")
		}
		coll := db.client.Database(database).Collection(k.name)
		cursor, err := coll.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: last}}}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(migrationSlice))
		records, err := tenants.Raws(ctx, cursor, err)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return db.registry.Release(ctx, lease, db.cfg.Holder)
		}
		for _, raw := range records {
			if err := migrateRecord(ctx, coll, raw, m); err != nil {
				return err
			}
		}
		last = records[len(records)-1].Lookup("_id").StringValue()
	}
}

// migrateRecord changes one record, again when somebody else was faster.
func migrateRecord(ctx context.Context, coll *mongo.Collection, raw bson.Raw, m Migration) error {
	for {
		record, err := asMap(raw)
		if err != nil {
			return err
		}
		id, version := record["_id"], record["version"]
		if !m.Up(record) {
			return nil
		}
		kept, err := coll.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}, record)
		if err != nil || kept.MatchedCount == 1 {
			return err
		}
		if raw, err = coll.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw(); err != nil {
			return err
		}
	}
}

// asMap is a document as migrations see it.
func asMap(raw bson.Raw) (map[string]any, error) {
	record := bson.M{}
	d := bson.NewDecoder(bson.NewDocumentReader(bytes.NewReader(raw)))
	d.DefaultDocumentM()
	err := d.Decode(&record)
	return plain(record).(map[string]any), err
}

// plain is a value without the driver's names for maps and lists.
func plain(value any) any {
	switch v := value.(type) {
	case bson.M:
		record := make(map[string]any, len(v))
		for name, field := range v {
			record[name] = plain(field)
		}
		return record
	case bson.A:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	}
	return value
}
