// Package tenantstest makes one test's world: a fresh embedded database, the permission
// book, and a clock that stands still until it is moved.
package tenantstest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/store"
)

// World is what a test of a service stands on.
type World struct {
	DB    *store.DB
	Gate  *tenants.Gate
	Book  *policies.Book
	Clock *Clock
	// Engine is the database below, for tests that ask its planner.
	Engine *embedded.Server
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Start is when every world begins: a Tuesday morning in Kupang.
var Start = time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

// Now is the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// New makes a world that ends with the test. Its writes are not synced to the disk.
func New(t testing.TB) *World {
	t.Helper()
	return open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
}

// NewDurable makes a world that is as safe, and as slow, as a server's: for benchmarks.
func NewDurable(t testing.TB) *World {
	t.Helper()
	return open(t, embedded.Options{Dir: t.TempDir()})
}

func open(t testing.TB, o embedded.Options) *World {
	t.Helper()
	engine, err := embedded.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the embedded database: %v", err)
	}
	w := &World{Engine: engine, Clock: &Clock{now: Start}}
	w.DB = w.Dial(t, "test")
	if w.Book, err = policies.Open(); err != nil {
		t.Fatalf("open the permission book: %v", err)
	}
	w.Gate = tenants.NewGate(w.Book, w.Clock.Now)
	t.Cleanup(func() {
		if err := w.DB.Close(context.Background()); err != nil {
			t.Errorf("close the store: %v", err)
		}
		if err := engine.Close(context.Background()); err != nil {
			t.Errorf("close the embedded database: %v", err)
		}
	})
	return w
}

// Dial opens another store on the same database, as another process would.
func (w *World) Dial(t testing.TB, holder string) *store.DB {
	t.Helper()
	db, err := store.Dial(t.Context(), store.Config{
		Client: embedded.ClientOptions(w.Engine), Holder: holder, Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now,
	})
	if err != nil {
		t.Fatalf("dial the store: %v", err)
	}
	return db
}

// Raw reaches below the store, for tests that look at or damage what lies there.
func (w *World) Raw(t testing.TB, database string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(embedded.ClientOptions(w.Engine).SetBSONOptions(&options.BSONOptions{DefaultDocumentM: true, UseJSONStructTags: true}))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(database)
}

// As is the context of somebody on a seat. Person, seat and organisation ids follow
// from the organisation's name and the roles.
func (w *World) As(tenant tenants.TenantID, organisation string, side policies.Side, roles ...policies.Role) context.Context {
	name := organisation
	for _, r := range roles {
		name += "/" + string(r)
	}
	return w.AsPerson(tenant, name, organisation, side, roles...)
}

// AsPerson is As for a person of one's own naming.
func (w *World) AsPerson(
	tenant tenants.TenantID, person, organisation string, side policies.Side, roles ...policies.Role,
) context.Context {
	return tenants.WithActor(context.Background(), tenants.Actor{
		Person: tenants.DeriveID[tenants.Person]("ps", person), Name: person,
		Tenant: tenant, Organisation: tenants.OrganisationID(organisation), Side: side,
		Seat: tenants.SeatID("st/" + person), Roles: roles,
	})
}
