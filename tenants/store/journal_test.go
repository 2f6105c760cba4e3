package store_test

import (
	"fmt"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// walked fails when what ran between two snapshots looked at more than a few rows for
// each it gave, or sorted, or walked everything.
func walked(t *testing.T, what string, before, after embedded.Stats, atMost int64) {
	t.Helper()
	if after.FullScans != before.FullScans || after.Sorts != before.Sorts || after.Keys-before.Keys > atMost {
		t.Errorf("%s: %d full scans, %d sorts, %d keys looked at; want none, none and at most %d", what,
			after.FullScans-before.FullScans, after.Sorts-before.Sorts, after.Keys-before.Keys, atMost)
	}
}

// A tenant's journal only grows. What one organisation may read of it can be little.
func TestEveryReadOfTheJournalWalksAnIndex(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	many, few := enter(t, w, kupang, "og_many"), enter(t, w, kupang, "og_few")
	old := add(t, c, few, note{Title: "first"})
	for i := range 30 {
		if _, err := c.Amend(t.Context(), few, old.ID, func(n *note) error { n.Rank = i + 1; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1500 {
		add(t, c, many, note{Title: fmt.Sprintf("n %d", i)})
	}
	system := w.Gate.System(t.Context(), kupang, policies.SweepJournal)
	if err := w.DB.Sweep(t.Context(), system); err != nil {
		t.Fatal(err)
	}
	for what, read := range map[string]func(int64) ([]tenants.Entry, error){
		"activity": func(before int64) ([]tenants.Entry, error) { return w.DB.Activity(t.Context(), few, before, 25) },
		"activity of all": func(before int64) ([]tenants.Entry, error) {
			return w.DB.Activity(t.Context(), system, before, 25)
		},
		"history": func(before int64) ([]tenants.Entry, error) {
			return c.History(t.Context(), few, old.ID, tenants.Version(before), 25)
		},
	} {
		for _, from := range []int64{0, 28} {
			before := w.Engine.Stats()
			entries, err := read(from)
			if err != nil || len(entries) != 25 {
				t.Fatalf("%s before %d: %d entries, %v", what, from, len(entries), err)
			}
			walked(t, what, before, w.Engine.Stats(), 100) // what the relay looks at meanwhile included
		}
	}
	before := w.Engine.Stats()
	add(t, c, few, note{Title: "last"})
	if err := w.DB.Sweep(t.Context(), system); err != nil {
		t.Fatal(err)
	}
	walked(t, "the head of the chain", before, w.Engine.Stats(), 20)
}

func TestAHistoryOfFewerThanNoneIsEmpty(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 1 << 40: 1} {
		if entries, err := c.History(t.Context(), sc, n.ID, 0, limit); err != nil || len(entries) != want {
			t.Errorf("history of at most %d: %d entries, %v; want %d", limit, len(entries), err, want)
		}
		if limit < 1 {
			if entries, err := w.DB.Activity(t.Context(), sc, 0, limit); err != nil || len(entries) != 0 {
				t.Errorf("activity of at most %d: %d entries, %v; want none", limit, len(entries), err)
			}
		}
	}
}
