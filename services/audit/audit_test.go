package audit_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

const kupang tenants.TenantID = "kupang"

// house is a world with a tenant of two sides, and its audit.
type house struct {
	*tenantstest.World
	*audit.Service
	people *people.Service
	outbox string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{World: tenantstest.New(t), outbox: t.TempDir()}
	letters, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: h.outbox, Now: h.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.people = people.Open(people.Config{DB: h.DB, Gate: h.Gate, Mail: letters, PublicURL: "https://mitra.example.org", Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.people.Close)
	terms := settings.Open(settings.Config{DB: h.DB, Gate: h.Gate, Book: h.Book, People: h.people})
	h.Service = audit.Open(audit.Config{
		DB: h.DB, Gate: h.Gate, People: h.people, Calendar: terms.Calendar, PublicURL: "https://mitra.example.org", Holder: "test", Log: slog.New(slog.DiscardHandler),
	})
	if _, err := h.people.AddTenant(t.Context(), people.NewTenant{Slug: "kupang", Zone: "Asia/Makassar", Demo: true}); err != nil {
		t.Fatal(err)
	}
	for _, side := range policies.Sides()[:2] {
		h.join(t, side, "admin", policies.TenantAdmin)
	}
	return h
}

// join gives somebody a seat, which is an entry of the journal.
func (h *house) join(t *testing.T, side policies.Side, name string, role policies.Role) {
	t.Helper()
	of := people.Organisation{ID: tenants.OrganisationID("og_" + string(side)), Name: string(side), Side: side}
	_, err := h.people.SeedSeats(t.Context(), kupang, "a long enough secret", []people.Seed{
		{Of: of, Login: name + "@" + string(side) + ".example.org", Name: "Contoh " + name, Roles: []policies.Role{role}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// settle copies what is written to the chain, and publishes.
func (h *house) settle(t *testing.T) {
	t.Helper()
	if err := h.DB.Sweep(t.Context(), h.Gate.System(t.Context(), kupang, policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	if err := h.Publish(t.Context(), kupang); err != nil {
		t.Fatal(err)
	}
}

// atRest waits until the relay holds no entry any more, which it would copy again.
func (h *house) atRest(t *testing.T) {
	t.Helper()
	for again := time.NewTicker(time.Millisecond); h.DB.Stats().Waiting > 0; {
		select {
		case <-again.C:
		case <-t.Context().Done():
			t.Fatal("the relay still holds entries")
		}
	}
}

func (h *house) published(t *testing.T) []*audit.Head {
	t.Helper()
	page, err := h.Heads(t.Context(), kupang, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func (h *house) verify(t *testing.T, kept ...audit.Kept) store.Chain {
	t.Helper()
	chain, err := h.Verify(t.Context(), h.Gate.System(t.Context(), kupang, policies.SweepJournal), kept)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// letters are those in the outbox, decoded enough to be read.
func (h *house) letters(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.outbox, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Clean(f))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.ReplaceAll(string(text), "=\r\n", ""))
	}
	return all
}

// The head of a day is published when the day has ended in the tenant's zone, once by
// however many processes, and only when something happened.
func TestTheHeadOfADayIsPublishedOnceWhenItHasEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(t)
	if list := h.published(t); len(list) != 0 {
		t.Fatalf("on the first day: %+v, want none: it has not ended", list)
	}
	first := h.Clock.Now().In(time.FixedZone("WITA", 8*3600)).Format("2006-01-02")
	h.Clock.Forward(24 * time.Hour)
	other := audit.Open(func() audit.Config { c := h.Config; c.DB, c.Holder = h.Dial(t, "other"), "other"; return c }())
	t.Cleanup(func() { _ = other.DB.Close(t.Context()) })
	for range 2 {
		h.settle(t)
		if err := other.Publish(t.Context(), kupang); err != nil {
			t.Fatal(err)
		}
	}
	list := h.published(t)
	chain := h.verify(t)
	if len(list) != 1 || string(list[0].Day) != first || list[0].Seq != chain.Entries || list[0].Hash != chain.Head || chain.Entries == 0 {
		t.Fatalf("after the first day: %+v, want one of %s with %+v", list, first, chain)
	}
	h.Clock.Forward(24 * time.Hour)
	h.settle(t)
	if again := h.published(t); len(again) != 1 {
		t.Errorf("after a day on which nothing happened: %+v", again)
	}
	h.join(t, policies.CSO, "maria", policies.Member)
	h.Clock.Forward(24 * time.Hour)
	h.settle(t)
	if list = h.published(t); len(list) != 2 || list[0].Seq <= list[1].Seq {
		t.Errorf("after another: %+v, want the later one first", list)
	}
	if _, err := h.Heads(t.Context(), "ghost", store.Query{}); fault.KindOf(err) != fault.Missing {
		t.Errorf("of a tenant that is not there: %v", err)
	}
}

// Once a week an administrator of each side gets the heads, in a letter that the check
// reads back as it is.
func TestHeadsAreMailedWeeklyToBothSides(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(t)
	for range 8 {
		h.Clock.Forward(24 * time.Hour)
		h.settle(t)
	}
	letters := h.letters(t)
	if len(letters) != 2 {
		t.Fatalf("%d letters in eight days, want one to each side", len(letters))
	}
	for _, side := range []string{"agency", "cso"} {
		if joined := strings.Join(letters, "\n"); !strings.Contains(joined, "admin@"+side+".example.org") {
			t.Errorf("the %s has no letter", side)
		}
	}
	kept, err := audit.ReadKept(strings.NewReader(letters[0]))
	if head := h.published(t)[0]; err != nil || len(kept) != 1 || kept[0] != (audit.Kept{Seq: head.Seq, Hash: head.Hash}) {
		t.Errorf("read back: %+v, %v", kept, err)
	}
	if chain := h.verify(t, kept...); !chain.OK {
		t.Errorf("against the letter: %+v", chain)
	}
}

// relink gives an entry its place in a chain, by the formula that the store documents:
// the hash covers the one before and every field but itself.
func relink(t *testing.T, e tenants.Entry, seq int64, prev string) tenants.Entry {
	t.Helper()
	e.Seq, e.Prev, e.Hash = seq, prev, ""
	text, err := json.Marshal(struct {
		tenants.Entry
		Tenant   tenants.TenantID `json:"tenant"`
		Audience []string         `json:"audience"`
	}{e, e.Tenant, e.Audience})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	e.Hash = hex.EncodeToString(sum[:])
	return e
}

// Whoever writes the database itself can alter, drop and insert entries. The chain tells
// what was done clumsily, kept heads what was done well.
func TestWhatIsChangedBelowTheStoreIsFoundOut(t *testing.T) {
	t.Parallel()
	// rewrite puts other entries in the place of the journal's.
	rewrite := func(t *testing.T, h *house, with func([]tenants.Entry) []tenants.Entry) {
		t.Helper()
		h.atRest(t)
		journal := h.Raw(t, "t_kupang").Collection("journal")
		cursor, err := journal.Find(t.Context(), bson.D{{Key: "tenant", Value: "kupang"}})
		if err != nil {
			t.Fatal(err)
		}
		var list []tenants.Entry
		if err := cursor.All(t.Context(), &list); err != nil {
			t.Fatal(err)
		}
		ordered := make([]tenants.Entry, len(list))
		for _, e := range list {
			ordered[e.Seq-1] = e
		}
		if _, err := journal.DeleteMany(t.Context(), bson.D{{Key: "tenant", Value: "kupang"}}); err != nil {
			t.Fatal(err)
		}
		for _, e := range with(ordered) {
			if _, err := journal.InsertOne(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	chained := func(t *testing.T, list []tenants.Entry) []tenants.Entry {
		prev := ""
		for i := range list {
			list[i] = relink(t, list[i], int64(i+1), prev)
			prev = list[i].Hash
		}
		return list
	}
	forged := func(e tenants.Entry) tenants.Entry {
		e.ID, e.Record, e.Title = "seat/st_forged/1", "st_forged", "forged"
		return e
	}
	for _, row := range []struct {
		name   string
		change func(*testing.T, []tenants.Entry) []tenants.Entry
		seq    int64
		kind   string
	}{
		{"a title is altered", func(_ *testing.T, l []tenants.Entry) []tenants.Entry { l[2].Title = "other"; return l }, 3, "altered"},
		{"one is altered and its own hash made anew", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			l[2].Title = "other"
			l[2] = relink(t, l[2], 3, l[2].Prev)
			return l
		}, 4, "inserted"},
		{"one is dropped", func(_ *testing.T, l []tenants.Entry) []tenants.Entry { return append(l[:2:2], l[3:]...) }, 3, "missing"},
		{"one is dropped and the rest moved up", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			l = append(l[:2:2], l[3:]...)
			for i := 2; i < len(l); i++ {
				l[i] = relink(t, l[i], int64(i+1), l[i].Prev)
			}
			return l
		}, 3, "inserted"},
		{"one is inserted and the rest moved down", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			l = append(l[:2:2], append([]tenants.Entry{relink(t, forged(l[2]), 3, l[1].Hash)}, l[2:]...)...)
			for i := 3; i < len(l); i++ {
				l[i] = relink(t, l[i], int64(i+1), l[i].Prev)
			}
			return l
		}, 4, "inserted"},
		{"the last are dropped", func(_ *testing.T, l []tenants.Entry) []tenants.Entry { return l[:3] }, 4, "missing"},
		{"all is rewritten after one was altered", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			l[2].Title = "other"
			return chained(t, l)
		}, 6, "altered"},
		{"all is rewritten after one was inserted", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			return chained(t, append(l[:2:2], append([]tenants.Entry{forged(l[2])}, l[2:]...)...))
		}, 6, "altered"},
		{"all is rewritten after one was dropped", func(t *testing.T, l []tenants.Entry) []tenants.Entry {
			return chained(t, append(l[:2:2], l[3:]...))
		}, 6, "missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for i := range 3 { // beside two administrators and the calendar
				h.join(t, policies.CSO, fmt.Sprintf("member%d", i), policies.Member)
			}
			h.settle(t)
			h.Clock.Forward(24 * time.Hour)
			h.settle(t)
			head := h.published(t)[0]
			if head.Seq != 6 {
				t.Fatalf("the chain has %d entries, want 6", head.Seq)
			}
			rewrite(t, h, func(l []tenants.Entry) []tenants.Entry { return row.change(t, l) })
			// The published heads can be taken away too; those that people kept can not.
			if _, err := h.Raw(t, "t_kupang").Collection(store.HeadsName).DeleteMany(t.Context(), bson.D{{Key: "tenant", Value: "kupang"}}); err != nil {
				t.Fatal(err)
			}
			chain := h.verify(t, audit.Kept{Seq: head.Seq, Hash: head.Hash})
			if chain.OK || chain.FirstBad == nil || *chain.FirstBad != (store.Flaw{Seq: row.seq, Kind: row.kind}) {
				t.Errorf("found %+v %+v, want entry %d %s", chain, chain.FirstBad, row.seq, row.kind)
			}
		})
	}
}

// What somebody kept comes as a letter, as lines of one, or as the JSON of the list.
func TestKeptHeadsAreReadAsPeopleKeptThem(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	for name, text := range map[string]string{
		"lines":              "2026-11-24 12 " + sum + "\n2026-11-25 15 " + sum + "\n",
		"a forwarded letter": "Halo,\r\n\r\n> 2026-11-24 12 " + sum + "\r\n> 2026-11-25 15 " + sum + "\r\nsalam",
		"the list":           `{"items":[{"day":"2026-11-24","seq":12,"hash":"` + sum + `"},{"seq":15,"hash":"` + sum + `"}],"next":null}`,
		"its items":          `[{"seq":12,"hash":"` + sum + `"},{"seq":15,"hash":"` + sum + `"}]`,
	} {
		kept, err := audit.ReadKept(strings.NewReader(text))
		if err != nil || len(kept) != 2 || kept[0] != (audit.Kept{Seq: 12, Hash: sum}) || kept[1].Seq != 15 {
			t.Errorf("%s: %+v, %v", name, kept, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "another text": "halo", "an empty list": `{"items":[]}`, "cut JSON": `{"items":[{"seq":12,`,
		"a short hash": `[{"seq":12,"hash":"ab"}]`, "no place": `[{"seq":0,"hash":"` + sum + `"}]`, "a huge place": "2026-11-24 99999999999999999999 " + sum, "not text": "\x00\xff",
	} {
		if kept, err := audit.ReadKept(strings.NewReader(text)); fault.CodeOf(err) != "heads_malformed" {
			t.Errorf("%s: %+v, %v; want heads_malformed", name, kept, err)
		}
	}
}
