package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// bell is a record that rings once at its moment, or cannot.
type bell struct {
	tenants.Meta[bell] `bson:",inline"`

	Name string `json:"name"`
	Rung bool   `json:"rung"`
}

func (b *bell) Check() error { return nil }

type bells = store.Collection[bell, *bell]

var errCracked = errors.New("cracked")

func openBells(db *store.DB, name string) *bells {
	var c *bells
	c = store.Open[bell, *bell](db, store.Kind[bell]{
		Name: name, One: name + "_one", Prefix: "bl",
		Wake: func(ctx context.Context, sc tenants.Scope, b *bell) error {
			if b.Name == "cracked" {
				return errCracked
			}
			_, err := c.Amend(ctx, sc, b.ID, func(b *bell) error { b.Rung, b.WakeAt = true, nil; return nil })
			return err
		},
	})
	return c
}

func hang(t *testing.T, c *bells, sc tenants.Scope, name string, at time.Time) tenants.ID[bell] {
	t.Helper()
	b := &bell{Name: name}
	b.WakeAt = &at
	kept, err := c.Add(t.Context(), sc, b)
	if err != nil {
		t.Fatalf("add %s: %v", name, err)
	}
	return kept.ID
}

func rung(t *testing.T, c *bells, sc tenants.Scope, id tenants.ID[bell]) bool {
	t.Helper()
	b, err := c.Get(t.Context(), sc, id)
	if err != nil {
		t.Fatal(err)
	}
	return b.Rung
}

// One record that fails, and one that cannot even be read, keep nobody waiting: neither
// those after them nor those of the kinds after theirs.
func TestWhatCannotBeWokenStarvesNobody(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	first, second := openBells(w.DB, "first"), openBells(w.DB, "second")
	sc := enter(t, w, kupang, "og_a")
	soon := w.Clock.Now().Add(time.Hour)
	hang(t, first, sc, "cracked", soon.Add(-time.Minute))
	spoilt := hang(t, first, sc, "spoilt", soon.Add(-time.Second))
	good := []tenants.ID[bell]{hang(t, first, sc, "good", soon), hang(t, second, sc, "good", soon)}
	later := hang(t, second, sc, "later", soon.Add(time.Minute))
	_, err := w.Raw(t, "t_kupang").Collection("first").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: string(spoilt)}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: bson.D{{Key: "not", Value: "text"}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	visited, err := w.DB.Wake(t.Context(), w.Gate)
	if visited != 1 || !errors.Is(err, errCracked) {
		t.Errorf("wake: %d tenants, %v; want one and what failed", visited, err)
	}
	if !rung(t, first, sc, good[0]) || !rung(t, second, sc, good[1]) || rung(t, second, sc, later) {
		t.Error("after one failure those who were due have not all been woken, or one too early")
	}
	// Not at once again, but the next moment is kept and what failed is tried again.
	if visited, err := w.DB.Wake(t.Context(), w.Gate); visited != 0 || err != nil {
		t.Errorf("wake at once again: %d tenants, %v; want none", visited, err)
	}
	w.Clock.Forward(time.Minute)
	if visited, _ := w.DB.Wake(t.Context(), w.Gate); visited != 1 || !rung(t, second, sc, later) {
		t.Errorf("a minute later: %d tenants visited; want the next record woken", visited)
	}
	w.Clock.Forward(10 * time.Minute)
	if visited, err := w.DB.Wake(t.Context(), w.Gate); visited != 1 || !errors.Is(err, errCracked) {
		t.Errorf("ten minutes later: %d tenants, %v; want another try", visited, err)
	}
}

// More records than are held at once fail, and the one after them is woken.
func TestManyFailuresStarveNobody(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openBells(w.DB, "bells")
	sc := enter(t, w, kupang, "og_a")
	for range 501 {
		hang(t, c, sc, "cracked", w.Clock.Now())
	}
	last := hang(t, c, sc, "good", w.Clock.Now().Add(time.Second))
	w.Clock.Forward(time.Minute)
	if _, err := w.DB.Wake(t.Context(), w.Gate); !errors.Is(err, errCracked) || !rung(t, c, sc, last) {
		t.Errorf("the last of 502 was not woken: %v", err)
	}
}

// What belongs to no space has moments too, and is no space for that.
func TestTheCommonsIsWoken(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openBells(w.DB, "bells")
	home, err := w.Gate.Home(w.As(kupang, "og_a", policies.CSO, policies.CSOCoordinator), policies.EditPassport)
	if err != nil {
		t.Fatal(err)
	}
	id := hang(t, c, home, "good", w.Clock.Now().Add(time.Hour))
	w.Clock.Forward(time.Hour)
	if visited, err := w.DB.Wake(t.Context(), w.Gate); visited != 1 || err != nil || !rung(t, c, home, id) {
		t.Errorf("wake: %d tenants, %v; want the commons, and its record woken", visited, err)
	}
	if list, err := w.DB.Registry().Tenants(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("tenants: %+v, %v; want none", list, err)
	}
}

func TestAHintOnlyMovesEarlierUntilItIsSettled(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	r, at := w.DB.Registry(), w.Clock.Now().Add(time.Hour)
	for _, after := range []time.Duration{time.Hour, 0, time.Minute} {
		if err := r.NoteWake(t.Context(), kupang, at.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	due, err := r.DueWakes(t.Context(), at)
	if err != nil || !slices.Equal(due, []tenants.WakeHint{{Tenant: kupang, At: at}}) {
		t.Fatalf("due: %+v, %v; want the earliest moment", due, err)
	}
	if err := r.NoteWake(t.Context(), kupang, at.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := r.SettleWake(t.Context(), due[0], at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if due, err := r.DueWakes(t.Context(), at); err != nil || len(due) != 1 || !due[0].At.Equal(at.Add(-time.Minute)) {
		t.Errorf("due: %+v, %v; want what was noted while the hint was read", due, err)
	}
}

// Hints once lay in the rows of the tenants.
func TestHintsOfAnOlderVersionAreCarriedOver(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	at := w.Clock.Now()
	_, err := w.Raw(t, "mitra").Collection("tenants").InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: "kupang"}, {Key: "version", Value: 1}, {Key: "short", Value: "KPG"}, {Key: "wake_at", Value: at},
	})
	if err != nil {
		t.Fatal(err)
	}
	next := w.Dial(t, "a newer process")
	defer func() { _ = next.Close(context.Background()) }()
	if due, err := next.Registry().DueWakes(t.Context(), at); err != nil || len(due) != 1 || due[0].Tenant != kupang {
		t.Errorf("due: %+v, %v; want the tenant", due, err)
	}
}
