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
	// migrationPatience is how long a process waits for another that migrates, looking again
	// every migrationPause; then it says that the store is not ready.
	migrationPatience = 10 * time.Second
	migrationPause    = 20 * time.Millisecond
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
		if err := db.migrateOnce(ctx, database, k, m); err != nil {
			return fmt.Errorf("migration %s/%s of %s: %w", k.name, m.Name, database, err)
		}
	}
	return nil
}

// migrateOnce does one migration, or waits while another process does it.
func (db *DB) migrateOnce(ctx context.Context, database string, k *kind, m Migration) error {
	name := k.name + "/" + m.Name
	marks := db.client.Database(database).Collection(migrationsName)
	again := time.NewTicker(migrationPause)
	defer again.Stop()
	over := time.NewTimer(migrationPatience)
	defer over.Stop()
	for {
		err := marks.FindOne(ctx, bson.D{{Key: "_id", Value: name}}).Err()
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		mine, err := db.migrateOne(ctx, database, k, m)
		if err != nil {
			return err
		}
		if mine {
			_, err = marks.UpdateOne(ctx, bson.D{{Key: "_id", Value: name}}, bson.D{{Key: "$set", Value: bson.D{{Key: "at", Value: db.cfg.Now()}}}}, options.UpdateOne().SetUpsert(true))
			return err
		}
		select {
		case <-again.C:
		case <-over.C:
			return fault.New(fault.Unavailable, "unavailable")
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "unavailable").Because(ctx.Err())
		}
	}
}

// migrateOne walks the records under a lease, a slice at a time. It says false where
// another process holds that.
func (db *DB) migrateOne(ctx context.Context, database string, k *kind, m Migration) (bool, error) {
	lease := "migrate/" + database + "/" + k.name + "/" + m.Name
	last := ""
	for {
		now := db.cfg.Now()
		mine, err := db.registry.Acquire(ctx, lease, db.cfg.Holder, now, now.Add(migrationLease))
		if err != nil || !mine {
			return false, err
		}
		coll := db.client.Database(database).Collection(k.name)
		cursor, err := coll.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: last}}}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(migrationSlice))
		records, err := tenants.Raws(ctx, cursor, err)
		if err != nil {
			return false, err
		}
		if len(records) == 0 {
			return true, db.registry.Release(ctx, lease, db.cfg.Holder)
		}
		for _, raw := range records {
			if err := migrateRecord(ctx, coll, raw, m); err != nil {
				return false, err
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
