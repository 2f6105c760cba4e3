package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/store"
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
	type part struct {
		items int
		next  *string
	}
	of := func(page *store.Page[tenants.Entry], err error) part {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return part{len(page.Items), page.Next}
	}
	by := few.Actor()
	for what, read := range map[string]func(store.Query) part{
		"activity": func(q store.Query) part { return of(w.DB.Activity(t.Context(), few, store.ActivityCriteria{}, q)) },
		"activity of an organisation": func(q store.Query) part {
			return of(w.DB.Activity(t.Context(), few, store.ActivityCriteria{Organisation: by.Organisation}, q))
		},
		"activity of a person": func(q store.Query) part {
			return of(w.DB.Activity(t.Context(), few, store.ActivityCriteria{Person: by.Person}, q))
		},
		"activity of a day": func(q store.Query) part {
			return of(w.DB.Activity(t.Context(), few, store.ActivityCriteria{From: few.Now().Add(-time.Hour), Before: few.Now().Add(time.Hour)}, q))
		},
		"activity of an organisation on a day": func(q store.Query) part {
			return of(w.DB.Activity(t.Context(), few, store.ActivityCriteria{Organisation: by.Organisation, From: few.Now()}, q))
		},
		"history": func(q store.Query) part { return of(c.History(t.Context(), few, old.ID, q)) },
	} {
		q := store.Query{Limit: 16}
		for _, want := range []int{16, 15} {
			before := w.Engine.Stats()
			got := read(q)
			walked(t, what, before, w.Engine.Stats(), 100) // what the relay looks at meanwhile included
			if got.items != want || (got.next == nil) != (want == 15) {
				t.Fatalf("%s: %d entries, next %v; want %d", what, got.items, got.next, want)
			}
			if got.next != nil {
				q.Cursor = *got.next
			}
		}
	}
	before := w.Engine.Stats()
	add(t, c, few, note{Title: "last"})
	if err := w.DB.Sweep(t.Context(), system); err != nil {
		t.Fatal(err)
	}
	walked(t, "the head of the chain", before, w.Engine.Stats(), 20)
}

// wholeHistory reads what happened to a record, page by page to its beginning.
func wholeHistory(t *testing.T, c *store.Collection[note, *note], sc tenants.Scope, id tenants.ID[note]) []*tenants.Entry {
	t.Helper()
	var all []*tenants.Entry
	for q := (store.Query{Limit: 10}); ; {
		page, err := c.History(t.Context(), sc, id, q)
		if err != nil {
			t.Fatalf("history: %v", err)
		}
		if all = append(all, page.Items...); page.Next == nil {
			return all
		}
		q.Cursor = *page.Next
	}
}

// A history reads to the record's first entry, each entry once, while newer ones are
// written and older ones are not copied yet.
func TestAHistoryIsReadToItsBeginning(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	for i := range 34 {
		if _, err := c.Amend(t.Context(), sc, n.ID, func(n *note) error { n.Rank = i + 1; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	all := wholeHistory(t, c, sc, n.ID)
	for i, e := range all {
		if want := tenants.Version(35 - i); e.Version != want {
			t.Fatalf("entry %d is of version %d, want %d", i, e.Version, want)
		}
	}
	if len(all) != 35 {
		t.Errorf("%d entries, want 35", len(all))
	}
}

// What is asked of a history or of activity comes from outside.
func TestAPartOfAJournalThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	for _, row := range []struct {
		q     store.Query
		field string
		code  string
	}{
		{store.Query{Limit: -1}, "limit", "limit_out_of_range"},
		{store.Query{Limit: 101}, "limit", "limit_out_of_range"},
		{store.Query{Sort: "title"}, "sort", "sort_unknown"},
		{store.Query{Cursor: "x"}, "cursor", "cursor_malformed"},
		{store.Query{Cursor: "-3"}, "cursor", "cursor_malformed"},
		{store.Query{Cursor: "1.2.3"}, "cursor", "cursor_malformed"},
		{store.Query{Cursor: "99999999999999999999999.1"}, "cursor", "cursor_malformed"},
	} {
		_, err := c.History(t.Context(), sc, n.ID, row.q)
		wantField(t, fmt.Sprintf("history of %+v", row.q), err, row.field, row.code)
		_, err = w.DB.Activity(t.Context(), sc, store.ActivityCriteria{}, row.q)
		wantField(t, fmt.Sprintf("activity of %+v", row.q), err, row.field, row.code)
	}
	_, err := w.DB.Activity(t.Context(), sc, store.ActivityCriteria{Organisation: "og_a", Person: "ps_a"}, store.Query{})
	wantField(t, "an organisation and a person", err, "person", "filters_exclusive")
}
