package tenants

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// WakeHint says when a tenant wants to be looked through: not later than the first
// moment at which one of its records wants to be woken. Tenants without one need not be
// opened. The commons has one like every tenant, and is no row among the tenants.
type WakeHint struct {
	Tenant TenantID  `bson:"_id"`
	At     time.Time `bson:"wake_at"`
}

// NoteWake moves the tenant's hint earlier when at is earlier.
func (r *Registry) NoteWake(ctx context.Context, id TenantID, at time.Time) error {
	later := bson.D{{Key: "_id", Value: id}, {Key: "wake_at", Value: bson.D{{Key: "$gt", Value: at}}}}
	_, err := r.wakes.UpdateOne(ctx, later, set(bson.E{Key: "wake_at", Value: at}), options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return nil // an earlier hint is there
	}
	return Translate(err, "tenant")
}

// DueWakes lists the tenants that want to be looked through at the instant, at most 100.
func (r *Registry) DueWakes(ctx context.Context, now time.Time) ([]WakeHint, error) {
	cursor, err := r.wakes.Find(ctx, bson.D{{Key: "wake_at", Value: bson.D{{Key: "$lte", Value: now}}}},
		options.Find().SetSort(bson.D{{Key: "wake_at", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(100))
	return all[WakeHint](ctx, cursor, err)
}

// SettleWake replaces a hint that was read, unless it was moved earlier since.
func (r *Registry) SettleWake(ctx context.Context, read WakeHint, next time.Time) error {
	_, err := r.wakes.UpdateOne(ctx, bson.D{{Key: "_id", Value: read.Tenant}, {Key: "wake_at", Value: read.At}}, set(bson.E{Key: "wake_at", Value: next}))
	return Translate(err, "tenant")
}

// carryWakes moves hints from where they lay before: in the rows of the tenants.
func (r *Registry) carryWakes(ctx context.Context) error {
	there := bson.D{{Key: "wake_at", Value: bson.D{{Key: "$exists", Value: true}}}}
	cursor, err := r.spaces.Find(ctx, there)
	old, err := all[WakeHint](ctx, cursor, err)
	if err != nil {
		return err
	}
	for _, hint := range old {
		if err := r.NoteWake(ctx, hint.Tenant, hint.At); err != nil {
			return err
		}
		if _, err := r.spaces.UpdateOne(ctx, byID(hint.Tenant), bson.D{{Key: "$unset", Value: bson.D{{Key: "wake_at", Value: ""}}}}); err != nil {
			return fmt.Errorf("registry: wake of %s: %w", hint.Tenant, err)
		}
	}
	return nil
}
