package store

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
)

const wakeLease = time.Minute

// Wake calls the wake move of every record whose moment has come, in every tenant that
// has one, and says how many tenants it visited. One process at a time does it for a
// tenant, under a lease. Being late is harmless: states that follow from time are
// computed when read.
func (db *DB) Wake(ctx context.Context, gate *tenants.Gate) (int, error) {
	now := gate.Now()
	due, err := db.registry.Due(ctx, now)
	if err != nil {
		return 0, err
	}
	var failures []error
	visited := 0
	for _, t := range due {
		mine, err := db.registry.Acquire(ctx, "wake/"+string(t.ID), db.cfg.Holder, now, now.Add(wakeLease))
		if err != nil || !mine {
			failures = append(failures, err)
			continue
		}
		visited++
		failures = append(failures, db.wakeTenant(ctx, gate, t), db.registry.Release(ctx, "wake/"+string(t.ID), db.cfg.Holder))
	}
	return visited, errors.Join(failures...)
}

// wakeTenant wakes what is due and only then replaces the hint, so that a crash in
// between wakes the tenant once more and forgets nothing.
func (db *DB) wakeTenant(ctx context.Context, gate *tenants.Gate, t tenants.Tenant) error {
	db.mu.Lock()
	kinds := append([]*kind(nil), db.kinds...)
	db.mu.Unlock()
	sc := gate.System(ctx, t.ID, policies.WakeRecord)
	for _, k := range kinds {
		if err := k.wake(ctx, sc); err != nil {
			return err
		}
	}
	if err := db.registry.ForgetWake(ctx, t.ID, *t.WakeAt); err != nil {
		return err
	}
	// What is still to come is noted again; a note in between is kept by ForgetWake.
	for _, k := range kinds {
		next, err := k.next(ctx, sc)
		if err != nil {
			return err
		}
		if next != nil {
			if err := db.registry.NoteWake(ctx, t.ID, *next); err != nil {
				return err
			}
		}
	}
	return nil
}

// wakeDue wakes the records of one kind whose moment has come.
func (c *Collection[T, P]) wakeDue(ctx context.Context, sc tenants.Scope) error {
	if c.kind.Wake == nil {
		return nil
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return err
	}
	cursor, err := coll.Find(ctx,
		within(sc, bson.E{Key: "wake_at", Value: bson.D{{Key: "$lte", Value: sc.Now()}}}),
		options.Find().SetSort(bson.D{{Key: "wake_at", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(slice))
	if err != nil {
		return tenants.Translate(err, "")
	}
	var due []bson.Raw
	if err := cursor.All(ctx, &due); err != nil {
		return tenants.Translate(err, "")
	}
	var failures []error
	for _, raw := range due {
		doc, err := c.decode(raw)
		if err != nil {
			return err
		}
		failures = append(failures, c.kind.Wake(ctx, sc, doc))
	}
	return errors.Join(failures...)
}

// nextWake is the first moment at which a record of the kind wants to be woken.
func (c *Collection[T, P]) nextWake(ctx context.Context, sc tenants.Scope) (*time.Time, error) {
	if c.kind.Wake == nil {
		return nil, nil //nolint:nilnil // no moment is an answer
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	var first struct {
		WakeAt *time.Time `bson:"wake_at"`
	}
	err = coll.FindOne(ctx, within(sc, bson.E{Key: "wake_at", Value: bson.D{{Key: "$exists", Value: true}}}),
		options.FindOne().SetSort(bson.D{{Key: "wake_at", Value: 1}, {Key: "_id", Value: 1}}).
			SetProjection(bson.D{{Key: "wake_at", Value: 1}})).Decode(&first)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil //nolint:nilnil // no moment is an answer
	}
	return first.WakeAt, tenants.Translate(err, "")
}
