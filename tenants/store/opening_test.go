package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// leaveBehind writes a note and then makes it as if its process had died before it copied
// the entry to the journal.
func leaveBehind(t *testing.T, w *tenantstest.World, db *store.DB) {
	t.Helper()
	n := add(t, openNotes(db), enter(t, w, kupang, "og_a"), note{Title: "left behind"})
	if err := db.Sweep(t.Context(), w.Gate.System(t.Context(), kupang, policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	db.Kill()
	raw := w.Raw(t, "t_kupang")
	var entry bson.D
	if err := raw.Collection("journal").FindOneAndDelete(t.Context(), bson.D{{Key: "record", Value: string(n.ID)}}).Decode(&entry); err != nil {
		t.Fatal(err)
	}
	held := bson.D{{Key: "$push", Value: bson.D{{Key: "pending", Value: entry}}}}
	if _, err := raw.Collection("notes").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: string(n.ID)}}, held); err != nil {
		t.Fatal(err)
	}
}

// A process that was killed copies nothing any more, and nobody may open its tenant for
// days: another process sees to it once the lease has run out, and not before.
func TestWhatAKilledProcessLeftIsSweptWhenItsLeaseRunsOut(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	killed, survivor := w.Dial(t, "killed"), w.Dial(t, "survivor")
	defer func() {
		_ = killed.Close(context.Background())
		_ = survivor.Close(context.Background())
	}()
	openNotes(survivor)
	leaveBehind(t, w, killed)
	entries := func() int64 {
		n, err := w.Raw(t, "t_kupang").Collection("journal").CountDocuments(t.Context(), bson.D{{Key: "kind", Value: "note"}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n, err := survivor.SweepAbandoned(t.Context()); n != 0 || err != nil || entries() != 0 {
		t.Fatalf("while the lease runs: %d processes, %v, %d entries; want none of anything", n, err, entries())
	}
	w.Clock.Forward(2 * time.Minute)
	if n, err := survivor.SweepAbandoned(t.Context()); n != 1 || err != nil || entries() != 1 {
		t.Errorf("after the lease has run out: %d processes, %v, %d entries; want one of each", n, err, entries())
	}
	if n, err := survivor.SweepAbandoned(t.Context()); n != 0 || err != nil {
		t.Errorf("once more: %d processes, %v; want none", n, err)
	}
	chain, err := survivor.VerifyChain(t.Context(), w.Gate.System(t.Context(), kupang, policies.SweepJournal), nil)
	if err != nil || !chain.OK || chain.Entries != 1 {
		t.Errorf("chain: %+v, %v; want one entry in order", chain, err)
	}
}

// Whoever ends in order leaves nothing for others to do.
func TestAProcessThatEndsInOrderGivesItsLeaseBack(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	ending := w.Dial(t, "ending")
	add(t, openNotes(ending), enter(t, w, kupang, "og_a"), note{Title: "one"})
	if err := ending.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	if n, err := w.DB.SweepAbandoned(t.Context()); n != 0 || err != nil {
		t.Errorf("%d processes left something, %v; want none", n, err)
	}
}

// A process that was only slow finds its lease taken over, and has it again in whole.
func TestALeaseThatWasTakenOverBeginsAgainInWhole(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	r, now := w.DB.Registry(), w.Clock.Now()
	for _, tenant := range []tenants.TenantID{kupang, ende} {
		if err := r.NoteOpening(t.Context(), "slow", tenant, now); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := r.TakeOpening(t.Context(), now, now.Add(time.Minute))
	if err != nil || taken.Holder != "slow" || !slices.Equal(taken.Tenants, []tenants.TenantID{kupang, ende}) {
		t.Fatalf("taken over: %+v, %v; want both tenants of the slow process", taken, err)
	}
	if again, err := r.TakeOpening(t.Context(), now, now.Add(time.Minute)); fault.KindOf(err) != fault.Missing {
		t.Errorf("taken over twice: %+v, %v", again, err)
	}
	if err := r.EndOpening(t.Context(), *taken); err != nil {
		t.Fatal(err)
	}
	// It opens another tenant before it learns that its lease is gone.
	if err := r.NoteOpening(t.Context(), "slow", "sikka", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	all := []tenants.TenantID{kupang, ende, "sikka"}
	if err := r.ExtendOpening(t.Context(), tenants.Opening{Holder: "slow", Until: now.Add(2 * time.Minute), Tenants: all}); err != nil {
		t.Fatal(err)
	}
	later := now.Add(2 * time.Minute)
	taken, err = r.TakeOpening(t.Context(), later, later.Add(time.Minute))
	if err != nil || len(taken.Tenants) != 3 {
		t.Fatalf("taken over again: %+v, %v; want all three tenants", taken, err)
	}
	// Extended while somebody looks through what it has open, it stays.
	if err := r.ExtendOpening(t.Context(), tenants.Opening{Holder: "slow", Until: later.Add(time.Hour), Tenants: all}); err != nil {
		t.Fatal(err)
	}
	if err := r.EndOpening(t.Context(), *taken); err != nil {
		t.Fatal(err)
	}
	later = later.Add(2 * time.Hour)
	if taken, err := r.TakeOpening(t.Context(), later, later.Add(time.Minute)); err != nil || taken.Holder != "slow" {
		t.Errorf("a lease that was extended meanwhile: %+v, %v; want it there", taken, err)
	}
}
