package store_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// bareNotes is what the driver has of the records in another tenant, with every index
// that they have, for inserts without a store.
func bareNotes(b *testing.B, w *tenantstest.World, c *notes, tenant tenants.TenantID) *mongo.Collection {
	b.Helper()
	if _, err := c.Add(b.Context(), enter(b, w, tenant, "og_a"), &note{Title: "first"}); err != nil {
		b.Fatal(err)
	}
	return w.Raw(b, "t_"+string(tenant)).Collection("notes")
}

// BenchmarkCreate prints how much longer a record takes with its journal entry, copied
// to the end of the chain, than the driver's insert of the same record into the same
// indexes. Sixteen write at once, and each write is on the disk.
func BenchmarkCreate(b *testing.B) {
	const writers = 16
	w := tenantstest.NewDurable(b)
	c := openNotes(w.DB)
	bare, sc := bareNotes(b, w, c, ende), enter(b, w, kupang, "og_a")
	var n atomic.Int64
	fresh := func() *note {
		title := "Sumur " + strconv.FormatInt(n.Add(1), 10)
		return &note{Title: title, State: "open", Rank: len(title), Owner: "Ibu Ina"}
	}
	insert := tenantstest.Calls(writers, func() {
		doc := fresh()
		doc.ID, doc.Tenant, doc.Version, doc.CreatedAt, doc.UpdatedAt = tenants.DeriveID[note]("nt", doc.Title), ende, 1, sc.Now(), sc.Now()
		doc.Readable("og_a")
		if _, err := bare.InsertOne(b.Context(), doc); err != nil {
			b.Error(err)
		}
	})
	create := tenantstest.Calls(writers, func() {
		if _, err := c.Add(b.Context(), sc, fresh()); err != nil {
			b.Error(err)
		}
	})
	tenantstest.Compare(b, "x-of-insert", insert, func() time.Duration {
		took, start := create(), time.Now()
		if err := w.DB.Sweep(b.Context(), sc); err != nil {
			b.Error(err)
		}
		return took + time.Since(start)
	})
}
