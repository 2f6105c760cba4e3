package store_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// letter is a record that once kept its lines as one text.
type letter struct {
	tenants.Meta[letter] `bson:",inline"`

	Lines []string `json:"lines"`
	Read  int      `json:"read"`
}

func (l *letter) Check() error { return nil }

type letters = store.Collection[letter, *letter]

// oldLetters writes letters as they were, below the store.
func oldLetters(t *testing.T, w *tenantstest.World, n int) {
	t.Helper()
	coll := w.Raw(t, "t_kupang").Collection("letters")
	for i := range n {
		_, err := coll.InsertOne(t.Context(), bson.D{
			{Key: "_id", Value: "lt_" + strconv.Itoa(i)}, {Key: "tenant", Value: "kupang"}, {Key: "version", Value: 3}, {Key: "audience", Value: bson.A{"tenant"}},
			{Key: "text", Value: "one"}, {Key: "created_at", Value: tenantstest.Start}, {Key: "updated_at", Value: tenantstest.Start},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func openLetters(db *store.DB, migrations ...store.Migration) *letters {
	return store.Open[letter, *letter](db, store.Kind[letter]{Name: "letters", One: "letter", Prefix: "lt", Sorts: []string{"-created_at"}, Migrations: migrations})
}

// split is a migration as a kind would have it; calls counts the records it met.
func split(calls *atomic.Int32) store.Migration {
	return store.Migration{Name: "text-to-lines", Up: func(record map[string]any) bool {
		calls.Add(1)
		text, old := record["text"].(string)
		if !old {
			return false
		}
		record["lines"] = []any{text, "two"}
		delete(record, "text")
		return true
	}}
}

func TestRecordsOfAnOldShapeAreMigratedBeforeTheyAreRead(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	oldLetters(t, w, 1203)
	var calls atomic.Int32
	second := store.Migration{Name: "count-readers", Up: func(record map[string]any) bool {
		record["read"] = len(record["lines"].([]any))
		return true
	}}
	sc := enter(t, w, kupang, "og_1")
	c := openLetters(w.DB, split(&calls), second)
	for l, err := range c.Each(t.Context(), sc, nil) {
		if err != nil || len(l.Lines) != 2 || l.Lines[1] != "two" || l.Read != 2 || l.Version != 3 {
			t.Fatalf("%+v, %v", l, err)
		}
	}
	if calls.Load() != 1203 {
		t.Errorf("met %d of 1,203 records", calls.Load())
	}
	add := letter{Lines: []string{"new"}}
	if _, err := c.Add(t.Context(), sc, &add); err != nil {
		t.Fatal(err)
	}
	other := w.Dial(t, "other")
	defer func() { _ = other.Close(context.Background()) }()
	if total, err := openLetters(other, split(&calls), second).Count(t.Context(), sc, nil); err != nil || total.N != 1001 || calls.Load() != 1203 {
		t.Errorf("another process: %+v, %v, met %d records again", total, err, calls.Load()-1203)
	}
}

// Two processes start at once, or one dies in the middle: nobody reads before all is done.
func TestAMigrationBelongsToOneProcessUntilItsLeaseEnds(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	oldLetters(t, w, 3)
	now := w.Clock.Now()
	if mine, err := w.DB.Registry().Acquire(t.Context(), "migrate/t_kupang/letters/text-to-lines", "died", now, now.Add(time.Minute)); err != nil || !mine {
		t.Fatal(mine, err)
	}
	var calls atomic.Int32
	c := openLetters(w.DB, split(&calls))
	sc := enter(t, w, kupang, "og_1")
	soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Get(soon, sc, "lt_1"); fault.KindOf(err) != fault.Unavailable || calls.Load() != 0 {
		t.Errorf("while another process migrates: %v", err)
	}
	w.Clock.Forward(2 * time.Minute)
	if l, err := c.Get(t.Context(), sc, "lt_1"); err != nil || len(l.Lines) != 2 {
		t.Errorf("after its lease: %+v, %v", l, err)
	}
}

// A command beside a server that starts waits for it, and nobody is told to come again.
func TestWhoComesWhileAnotherProcessMigratesWaitsForIt(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	oldLetters(t, w, 1203)
	var calls atomic.Int32
	var all sync.WaitGroup
	for i := range 4 {
		db := w.Dial(t, "process-"+strconv.Itoa(i))
		t.Cleanup(func() { _ = db.Close(context.Background()) })
		c := openLetters(db, split(&calls))
		sc := enter(t, w, kupang, "og_1")
		all.Go(func() {
			if l, err := c.Get(t.Context(), sc, "lt_1"); err != nil || len(l.Lines) != 2 {
				t.Errorf("process %d: %+v, %v", i, l, err)
			}
		})
	}
	all.Wait()
}
