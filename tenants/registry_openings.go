package tenants

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Opening is the lease of one process on what it opened: while it runs, the process
// itself sees to the journals of these tenants; once it has run out, somebody else must.
type Opening struct {
	Holder  string     `bson:"_id"`
	Until   time.Time  `bson:"until"`
	Tenants []TenantID `bson:"tenants"`
}

// NoteOpening puts a tenant on the holder's lease and extends it. A process does it
// before it writes anything there.
func (r *Registry) NoteOpening(ctx context.Context, holder string, tenant TenantID, until time.Time) error {
	_, err := r.openings.UpdateOne(ctx, byID(holder), bson.D{
		{Key: "$set", Value: bson.D{{Key: "until", Value: until}}},
		{Key: "$addToSet", Value: bson.D{{Key: "tenants", Value: tenant}}},
	}, options.UpdateOne().SetUpsert(true))
	return Translate(err, "opening")
}

// ExtendOpening keeps the holder's lease running. One that somebody took over meanwhile,
// because it had run out, begins again with all that the holder has open.
func (r *Registry) ExtendOpening(ctx context.Context, o Opening) error {
	whole := bson.D{{Key: "_id", Value: o.Holder}, {Key: "tenants", Value: bson.D{{Key: "$size", Value: len(o.Tenants)}}}}
	done, err := r.openings.UpdateOne(ctx, whole, set(bson.E{Key: "until", Value: o.Until}))
	if err == nil && done.MatchedCount == 0 {
		_, err = r.openings.UpdateOne(ctx, byID(o.Holder), bson.D{
			{Key: "$set", Value: bson.D{{Key: "until", Value: o.Until}}},
			{Key: "$addToSet", Value: bson.D{{Key: "tenants", Value: bson.D{{Key: "$each", Value: o.Tenants}}}}},
		}, options.UpdateOne().SetUpsert(true))
	}
	return Translate(err, "opening")
}

// TakeOpening gives one lease that has run out to a process that does what its holder
// cannot do any more, until an instant: of many who ask, one gets it. It is missing when
// there is none.
func (r *Registry) TakeOpening(ctx context.Context, now, until time.Time) (*Opening, error) {
	lapsed := bson.D{{Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}}
	return One[Opening](r.openings.FindOneAndUpdate(ctx, lapsed, set(bson.E{Key: "until", Value: until}),
		options.FindOneAndUpdate().SetSort(bson.D{{Key: "until", Value: 1}, {Key: "_id", Value: 1}}).SetReturnDocument(options.After)), "opening")
}

// EndOpening removes a lease as it was read; one that its holder has extended stays.
func (r *Registry) EndOpening(ctx context.Context, o Opening) error {
	_, err := r.openings.DeleteOne(ctx, bson.D{{Key: "_id", Value: o.Holder}, {Key: "until", Value: o.Until}})
	return Translate(err, "opening")
}

// CloseOpening removes the holder's own lease: nothing is left to do for it.
func (r *Registry) CloseOpening(ctx context.Context, holder string) error {
	_, err := r.openings.DeleteOne(ctx, byID(holder))
	return Translate(err, "opening")
}
