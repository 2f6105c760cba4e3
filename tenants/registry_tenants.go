package tenants

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
)

// Tenant is a collaboration space and the settings that bind all of it.
type Tenant struct {
	ID      TenantID `json:"id" bson:"_id"`
	Version Version  `json:"version" bson:"version"`
	Name    string   `json:"name" bson:"name"`
	// Short begins the codes people type: three to five capital letters.
	Short     string    `json:"short" bson:"short"`
	Zone      string    `json:"zone" bson:"zone"`
	Language  string    `json:"language" bson:"language"`
	Currency  string    `json:"currency" bson:"currency"`
	Demo      bool      `json:"demo" bson:"demo"`
	Suspended bool      `json:"suspended" bson:"suspended"`
	CreatedAt time.Time `json:"created_at" bson:"created_at"`
	// SavedBy, SavedAt and SavedIn say who last saved the settings that one side changes
	// alone, when, and as which version.
	SavedBy PersonID  `json:"-" bson:"saved_by"`
	SavedAt time.Time `json:"-" bson:"saved_at"`
	SavedIn Version   `json:"-" bson:"saved_in"`
	// Settled is the version of the settings that both sides agreed on, as far as they are
	// known here: Zone and Exceptions are of it. Caches of any process compare it.
	Settled    Version              `json:"-" bson:"settled"`
	Exceptions []policies.Exception `json:"-" bson:"exceptions"`
}

// AddTenant keeps a new tenant. A slug or short code in use is a conflict, code duplicate.
func (r *Registry) AddTenant(ctx context.Context, t Tenant) error {
	if !ValidSlug(string(t.ID)) {
		return fault.Invalid(fault.On("slug", "slug_malformed", "value", string(t.ID)))
	}
	t.Version = 1
	_, err := r.spaces.InsertOne(ctx, t)
	return Translate(err, "tenant")
}

// Tenant reads one tenant.
func (r *Registry) Tenant(ctx context.Context, id TenantID) (*Tenant, error) {
	return One[Tenant](r.spaces.FindOne(ctx, byID(id)), "tenant")
}

// Tenants lists every tenant by slug.
func (r *Registry) Tenants(ctx context.Context) ([]Tenant, error) {
	cursor, err := r.spaces.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	return all[Tenant](ctx, cursor, err)
}

// ChangeTenant edits a tenant's settings from the version that was seen (0: whichever).
func (r *Registry) ChangeTenant(ctx context.Context, id TenantID, seen Version, edit func(*Tenant) error) (*Tenant, error) {
	t, err := r.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if seen != 0 && seen != t.Version {
		return nil, fault.New(fault.Stale, "stale")
	}
	read := t.Version
	if err := edit(t); err != nil {
		return nil, err
	}
	t.Version = read + 1
	// What both sides agreed on is not for this to write.
	done, err := r.spaces.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "version", Value: read}}, set(
		bson.E{Key: "version", Value: t.Version}, bson.E{Key: "name", Value: t.Name},
		bson.E{Key: "language", Value: t.Language}, bson.E{Key: "currency", Value: t.Currency}, bson.E{Key: "suspended", Value: t.Suspended},
		bson.E{Key: "saved_by", Value: t.SavedBy}, bson.E{Key: "saved_at", Value: t.SavedAt}, bson.E{Key: "saved_in", Value: t.SavedIn},
	))
	if err == nil && done.MatchedCount == 0 {
		return nil, fault.New(fault.Stale, "stale")
	}
	return t, Translate(err, "tenant")
}

// Settle takes over what both sides of a tenant agreed on, unless a later version has been
// taken already. Doing it twice is doing it once.
func (r *Registry) Settle(ctx context.Context, id TenantID, settled Version, zone string, exceptions []policies.Exception) (*Tenant, error) {
	for range 16 {
		t, err := r.Tenant(ctx, id)
		if err != nil || t.Settled >= settled {
			return t, err
		}
		read := t.Version
		t.Version, t.Settled, t.Zone, t.Exceptions = read+1, settled, zone, exceptions
		done, err := r.spaces.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "version", Value: read}}, set(
			bson.E{Key: "version", Value: t.Version}, bson.E{Key: "settled", Value: t.Settled},
			bson.E{Key: "zone", Value: t.Zone}, bson.E{Key: "exceptions", Value: t.Exceptions},
		))
		if err != nil || done.MatchedCount == 1 {
			return t, Translate(err, "tenant")
		}
	}
	return nil, fault.New(fault.Conflict, "busy")
}

// Answer is what a POST with an Idempotency-Key was answered. Its id joins tenant,
// person, route and key.
type Answer struct {
	ID     string            `bson:"_id"`
	Body   string            `bson:"body"` // hash of the request's body
	Done   bool              `bson:"done"`
	Status int               `bson:"status"`
	Header map[string]string `bson:"header"`
	Reply  []byte            `bson:"reply"`
	Until  time.Time         `bson:"until"`
}

// Begin claims a key for a request. When the key was used before, it gives the earlier
// answer, which is not Done while the first request is still at work.
func (r *Registry) Begin(ctx context.Context, a Answer, now time.Time) (*Answer, error) {
	for {
		_, err := r.answers.InsertOne(ctx, a)
		if err == nil {
			return nil, nil //nolint:nilnil // "nothing was answered before" is the usual case
		}
		if !mongo.IsDuplicateKeyError(err) {
			return nil, Translate(err, "answer")
		}
		earlier, err := One[Answer](r.answers.FindOne(ctx, byID(a.ID)), "answer")
		if fault.KindOf(err) == fault.Missing && err != nil {
			continue
		}
		if err != nil || earlier.Until.After(now) {
			return earlier, err
		}
		stale := bson.D{{Key: "_id", Value: a.ID}, {Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}}
		if _, err := r.answers.DeleteOne(ctx, stale); err != nil {
			return nil, Translate(err, "answer")
		}
	}
}

// Answered keeps what a request was answered.
func (r *Registry) Answered(ctx context.Context, a Answer) error {
	_, err := r.answers.ReplaceOne(ctx, byID(a.ID), a)
	return Translate(err, "answer")
}

// Unanswered gives a key back, because the request failed on our side.
func (r *Registry) Unanswered(ctx context.Context, id string) error {
	_, err := r.answers.DeleteOne(ctx, byID(id))
	return Translate(err, "answer")
}
