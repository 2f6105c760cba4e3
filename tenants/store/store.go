// Package store keeps records: one collection type, with the tenant, the audience, the
// version and the journal put into every command, so that no service can forget them.
// Services never write BSON; they name a record, a criteria struct and a closed list of
// sorts. The commands used are the few that both engines serve (DESIGN.md §3.1).
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants"
)

// Config says which database to use and what to tell.
type Config struct {
	// Client holds the driver's options: an in-process dialer or a server's address.
	Client *options.ClientOptions
	// Database is the one database of all tenants on a server; empty keeps one database
	// per tenant, as the embedded engine does.
	Database string
	// Holder names this process in leases.
	Holder string
	Log    *slog.Logger
	// Now is the clock of background work.
	Now func() time.Time
}

// DB is an open store. Close it last.
type DB struct {
	client   *mongo.Client
	cfg      Config
	registry *tenants.Registry
	relay    *relay

	mu    sync.Mutex
	kinds []*kind
	ready map[string]*preparation // by database/collection
	used  map[tenants.TenantID]*preparation
}

// Dial connects, opens the registry and begins to copy journal entries.
func Dial(ctx context.Context, cfg Config) (*DB, error) {
	cfg.Client.SetBSONOptions(&options.BSONOptions{UseJSONStructTags: true, NilSliceAsEmpty: true})
	client, err := mongo.Connect(cfg.Client)
	if err != nil {
		return nil, fmt.Errorf("store: connect: %w", err)
	}
	db := &DB{
		client: client, cfg: cfg,
		ready: map[string]*preparation{}, used: map[tenants.TenantID]*preparation{},
	}
	if db.registry, err = tenants.NewRegistry(ctx, client.Database(db.name("mitra"))); err != nil {
		_ = client.Disconnect(ctx)
		return nil, err
	}
	db.relay = newRelay(db)
	return db, nil
}

// Registry is what has no tenant.
func (db *DB) Registry() *tenants.Registry { return db.registry }

// Ping says whether the store answers.
func (db *DB) Ping(ctx context.Context) error {
	return tenants.Translate(db.client.Ping(ctx, nil), "")
}

// Close copies what is still pending and disconnects.
func (db *DB) Close(ctx context.Context) error {
	return errors.Join(db.relay.close(ctx), db.client.Disconnect(ctx))
}

// name is the database of a tenant ("mitra" for the registry).
func (db *DB) name(tenant string) string {
	switch {
	case db.cfg.Database != "":
		return db.cfg.Database
	case tenant == "mitra" || tenant == string(tenants.Commons):
		return tenant
	}
	return "t_" + tenant
}

func (db *DB) database(tenant tenants.TenantID) *mongo.Database {
	return db.client.Database(db.name(string(tenant)))
}

// known are the kinds of record that were opened.
func (db *DB) known() []*kind {
	db.mu.Lock()
	defer db.mu.Unlock()
	return slices.Clone(db.kinds)
}

// ensure makes the indexes of a collection in a tenant's database, and migrates its
// records, once per process. The first use of a tenant is noted before, so that somebody
// sees to its journal whatever becomes of this process. An error is not remembered for
// good: the next use tries again.
func (db *DB) ensure(ctx context.Context, tenant tenants.TenantID, k *kind) error {
	if err := once(db, db.used, tenant, func() error { return db.begin(ctx, tenant) }); err != nil {
		return err
	}
	key := db.name(string(tenant)) + "/" + k.name
	if err := once(db, db.ready, key, func() error { return db.prepare(ctx, tenant, k) }); err != nil {
		return fmt.Errorf("store: preparing %s: %w", key, tenants.Translate(err, ""))
	}
	return nil
}

// once does something for a key, one caller at a time and never again once it was done.
func once[K comparable](db *DB, of map[K]*preparation, key K, do func() error) error {
	db.mu.Lock()
	p := of[key]
	if p == nil {
		p = new(preparation)
		of[key] = p
	}
	db.mu.Unlock()
	p.once.Do(func() {
		if p.err = do(); p.err != nil {
			db.mu.Lock()
			delete(of, key)
			db.mu.Unlock()
		}
	})
	return p.err
}

// preparation is done once; whoever waited for it learns as well that it failed.
type preparation struct {
	once sync.Once
	err  error
}

// prepare migrates first: a unique index may be of a field that a migration brings.
func (db *DB) prepare(ctx context.Context, tenant tenants.TenantID, k *kind) error {
	if err := db.migrate(ctx, db.name(string(tenant)), k); err != nil {
		return err
	}
	_, err := db.database(tenant).Collection(k.name).Indexes().CreateMany(ctx, models(k.indexes))
	return err
}

// Index is one access path: field names, "-" before one that descends. The tenant
// comes first by itself.
type Index struct {
	Keys   []string
	Unique bool
	// Where limits the index to records whose field exists.
	Where string
}

func (i Index) model() mongo.IndexModel {
	keys := bson.D{{Key: "tenant", Value: 1}}
	for _, name := range i.Keys {
		field, order := direction(name)
		keys = append(keys, bson.E{Key: field, Value: order})
	}
	o := options.Index().SetUnique(i.Unique)
	if i.Where != "" {
		o.SetPartialFilterExpression(bson.D{{Key: i.Where, Value: bson.D{{Key: "$exists", Value: true}}}})
	}
	return mongo.IndexModel{Keys: keys, Options: o}
}

func direction(name string) (field string, order int) {
	if name != "" && name[0] == '-' {
		return name[1:], -1
	}
	return name, 1
}

const (
	// selection is how long a request waits for a server that answers: long enough for a
	// replica set that elects a primary without fuss, and short enough that a page says
	// that it cannot be shown instead of hanging. The address may say otherwise.
	selection = 5 * time.Second
	// reach is how long a new connection may take, and how often a server is looked at,
	// which finds one that went silent without closing its connections.
	reach = 5 * time.Second
)

// Server are the driver's options for a MongoDB server (replica set or sharded cluster).
func Server(uri string) *options.ClientOptions {
	o := options.Client().ApplyURI(uri)
	if o.ServerSelectionTimeout == nil {
		o.SetServerSelectionTimeout(selection)
	}
	if o.ConnectTimeout == nil {
		o.SetConnectTimeout(reach)
	}
	if o.HeartbeatInterval == nil {
		o.SetHeartbeatInterval(reach)
	}
	return o
}
