package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	wakeLease = time.Minute
	// wakeRetry is how long a tenant waits after one of its records could not be woken.
	wakeRetry = 5 * time.Minute
	// wakeAnyway is how long a tenant that ever wanted to be woken is left alone at most:
	// a moment that was noted while the hint was being replaced is late by so much, and
	// never forgotten.
	wakeAnyway = 24 * time.Hour
)

// Wake calls the wake move of every record whose moment has come, in every tenant that
// has one and in the commons, and says how many of them it visited. One process at a
// time does it for a tenant, under a lease. Being late is harmless: states that follow
// from time are computed when read.
func (db *DB) Wake(ctx context.Context, gate *tenants.Gate) (int, error) {
	now := gate.Now()
	due, err := db.registry.DueWakes(ctx, now)
	if err != nil {
		return 0, err
	}
	var failures []error
	visited := 0
	for _, hint := range due {
		lease := "wake/" + string(hint.Tenant)
		mine, err := db.registry.Acquire(ctx, lease, db.cfg.Holder, now, now.Add(wakeLease))
		if err != nil || !mine {
			failures = append(failures, err)
			continue
		}
		visited++
		failures = append(failures, db.wakeTenant(ctx, gate, hint), db.registry.Release(ctx, lease, db.cfg.Holder))
	}
	return visited, errors.Join(failures...)
}

// wakeTenant wakes what is due and only then replaces the hint, by the first moment
// still to come: a crash in between wakes the tenant once more and forgets nothing. What
// cannot be woken keeps nobody else waiting; it is tried again after a while.
func (db *DB) wakeTenant(ctx context.Context, gate *tenants.Gate, hint tenants.WakeHint) error {
	kinds := db.known()
	sc := gate.System(ctx, hint.Tenant, policies.WakeRecord)
	var failures []error
	for _, k := range kinds {
		failures = append(failures, k.wake(ctx, sc))
	}
	first := sc.Now().Add(wakeAnyway)
	for _, k := range kinds {
		next, err := k.next(ctx, sc)
		failures = append(failures, err)
		if next != nil && next.Before(first) {
			first = *next
		}
	}
	failed := errors.Join(failures...)
	if retry := sc.Now().Add(wakeRetry); failed != nil && retry.Before(first) {
		first = retry
	}
	return errors.Join(failed, db.registry.SettleWake(ctx, hint, first))
}

// wakeDue wakes the records of one kind whose moment has come, a slice at a time.
func (c *Collection[T, P]) wakeDue(ctx context.Context, sc tenants.Scope) error {
	if c.kind.Wake == nil {
		return nil
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return err
	}
	var failures []error
	due := []bson.E{{Key: "wake_at", Value: bson.D{{Key: "$lte", Value: sc.Now()}}}}
	asked := due
	for {
		raws, err := read(ctx, coll, within(sc, asked...), "wake_at", slice)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, raw := range raws {
			failures = append(failures, c.wakeOne(ctx, sc, raw))
		}
		if len(raws) < slice {
			return errors.Join(failures...)
		}
		// Who could not be woken is still due: the next slice begins after it.
		asked = slices.Concat(due, bookmarkOf("wake_at", raws[len(raws)-1]).after())
	}
}

func (c *Collection[T, P]) wakeOne(ctx context.Context, sc tenants.Scope, raw bson.Raw) error {
	doc, err := c.decode(raw)
	if err == nil {
		err = fault.Guard(func() error { return c.kind.Wake(ctx, sc, doc) })
	}
	if err != nil {
		return fmt.Errorf("store: waking %s %s: %w", c.kind.One, raw.Lookup("_id"), err)
	}
	return nil
}

// nextWake is the first moment after this one at which a record of the kind wants to be
// woken.
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
	err = coll.FindOne(ctx, within(sc, bson.E{Key: "wake_at", Value: bson.D{{Key: "$gt", Value: sc.Now()}}}),
		options.FindOne().SetSort(bson.D{{Key: "wake_at", Value: 1}, {Key: "_id", Value: 1}}).
			SetProjection(bson.D{{Key: "wake_at", Value: 1}})).Decode(&first)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil //nolint:nilnil // no moment is an answer
	}
	return first.WakeAt, tenants.Translate(err, "")
}
