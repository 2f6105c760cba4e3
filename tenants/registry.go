package tenants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
)

// Registry keeps what truly has no tenant: persons, sessions, tokens, one-time links,
// the list of tenants, sign-in throttles, answers already given, leases, when each tenant
// wants to be woken, and which process has which tenants open. Each method is named for
// its one use; there is no general query.
type Registry struct {
	persons, sessions, tokens, links, spaces, throttles, answers, leases, wakes, openings *mongo.Collection
}

// NewRegistry opens the registry in a database and ensures its indexes. Package store
// calls it.
func NewRegistry(ctx context.Context, db *mongo.Database) (*Registry, error) {
	r := &Registry{
		persons: db.Collection("persons"), sessions: db.Collection("sessions"), tokens: db.Collection("tokens"),
		links: db.Collection("links"), spaces: db.Collection("tenants"), throttles: db.Collection("throttles"),
		answers: db.Collection("answers"), leases: db.Collection("leases"), wakes: db.Collection("wakes"),
		openings: db.Collection("openings"),
	}
	indexes := []struct {
		on    *mongo.Collection
		model mongo.IndexModel
	}{
		{r.persons, mongo.IndexModel{Keys: bson.D{{Key: "logins", Value: 1}}, Options: options.Index().SetUnique(true)}},
		{r.sessions, mongo.IndexModel{Keys: bson.D{{Key: "person", Value: 1}, {Key: "seen_at", Value: -1}}}},
		{r.sessions, mongo.IndexModel{Keys: bson.D{{Key: "renews", Value: 1}}, Options: options.Index().SetPartialFilterExpression(bson.D{{Key: "renews", Value: bson.D{{Key: "$exists", Value: true}}}})}},
		{r.sessions, expiring()},
		{r.tokens, mongo.IndexModel{Keys: bson.D{{Key: "person", Value: 1}, {Key: "created_at", Value: -1}}}},
		{r.links, expiring()},
		{r.throttles, expiring()},
		{r.answers, expiring()},
		{r.spaces, mongo.IndexModel{Keys: bson.D{{Key: "short", Value: 1}}, Options: options.Index().SetUnique(true)}},
		{r.wakes, mongo.IndexModel{Keys: bson.D{{Key: "wake_at", Value: 1}, {Key: "_id", Value: 1}}}},
		{r.openings, mongo.IndexModel{Keys: bson.D{{Key: "until", Value: 1}, {Key: "_id", Value: 1}}}},
	}
	for _, i := range indexes {
		if _, err := i.on.Indexes().CreateOne(ctx, i.model); err != nil {
			return nil, fmt.Errorf("registry: index on %s: %w", i.on.Name(), Translate(err, ""))
		}
	}
	return r, r.carryWakes(ctx)
}

// RegistryCollections names what the registry keeps. On a server the tenants' records lie
// in the same database, and none of their collections may be called like one of these.
func RegistryCollections() []string {
	return append([]string{"persons", "tenants"}, ephemeral()...)
}

// ephemeral are collections that no backup holds: who is signed in, secrets that were
// handed out, and what lasts for minutes.
func ephemeral() []string {
	return []string{"sessions", "tokens", "links", "throttles", "answers", "leases"}
}

// expiring removes a document once its own "until" has passed.
func expiring() mongo.IndexModel {
	return mongo.IndexModel{Keys: bson.D{{Key: "until", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0)}
}

func byID(id any) bson.D { return bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}} }

func set(fields ...bson.E) bson.D { return bson.D{{Key: "$set", Value: bson.D(fields)}} }

func all[T any](ctx context.Context, cursor *mongo.Cursor, err error) ([]T, error) {
	raws, err := Raws(ctx, cursor, err)
	if err != nil || raws == nil {
		return nil, err
	}
	docs := make([]T, len(raws))
	for i, raw := range raws {
		if err := Decode(raw, &docs[i]); err != nil {
			return nil, fmt.Errorf("registry: %w", err)
		}
	}
	return docs, nil
}

// outOfDiskSpace is MongoDB's code of a write for which there is no room.
const outOfDiskSpace = 14031

// Translate turns a driver's error into a refusal: nothing found, a duplicate key, a store
// that cannot be reached or has no room. It reads codes, never texts.
func Translate(err error, kind string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mongo.ErrNoDocuments):
		return fault.NotFound(kind)
	case mongo.IsDuplicateKeyError(err):
		return fault.New(fault.Conflict, "duplicate", "kind", kind).Because(err)
	case mongo.IsNetworkError(err), mongo.IsTimeout(err), errors.Is(err, mongo.ErrClientDisconnected):
		return fault.New(fault.Unavailable, "unavailable").Because(err)
	}
	if e, ok := errors.AsType[mongo.ServerError](err); ok && e.HasErrorCode(outOfDiskSpace) {
		return fault.New(fault.Unavailable, "disk_full").Because(err)
	}
	return fmt.Errorf("store: %w", err)
}

// Acquire takes the lease under a name for a holder until an instant, or extends the
// one it holds. It says false while somebody else holds it.
func (r *Registry) Acquire(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	free := bson.D{{Key: "_id", Value: name}, {Key: "$or", Value: bson.A{
		bson.D{{Key: "holder", Value: holder}}, bson.D{{Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}},
	}}}
	_, err := r.leases.UpdateOne(ctx, free, set(bson.E{Key: "holder", Value: holder}, bson.E{Key: "until", Value: until}),
		options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, Translate(err, "lease")
}

// Release gives a lease back early.
func (r *Registry) Release(ctx context.Context, name, holder string) error {
	_, err := r.leases.DeleteOne(ctx, bson.D{{Key: "_id", Value: name}, {Key: "holder", Value: holder}})
	return Translate(err, "lease")
}
