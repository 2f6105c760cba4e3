package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// note is a record as small as they come.
type note struct {
	tenants.Meta[note] `bson:",inline"`

	Title string `json:"title"`
	State string `json:"state"`
	Rank  int    `json:"rank"`
	Owner string `json:"owner" journal:"personal"`
}

func (n *note) Check() error {
	if n.Title == "" {
		return fault.Invalid(fault.On("title", "required"))
	}
	return nil
}

type noteCriteria struct {
	State   []string `where:"state,in"`
	Title   string   `where:"title,eq"`
	MinRank int      `where:"rank,gte"`
	Words   string   `where:"terms,words"`
}

type notes = store.Collection[note, *note]

func openNotes(db *store.DB) *notes {
	return store.Open[note, *note](db, store.Kind[note]{
		Name: "notes", One: "note", Prefix: "nt",
		Indexes: []store.Index{
			{Keys: []string{"title"}, Unique: true},
		},
		Filters: []string{"state", "title", "rank"},
		Sorts:   []string{"-rank", "title"},
		Title:   func(n *note) string { return n.Title },
		Words:   func(n *note) []string { return []string{n.Title} },
	})
}

const (
	kupang = tenants.TenantID("kupang")
	ende   = tenants.TenantID("ende")
)

// enter is a scope for somebody of an organisation in a tenant.
func enter(t testing.TB, w *tenantstest.World, tenant tenants.TenantID, organisation string) tenants.Scope {
	t.Helper()
	sc, err := w.Gate.Enter(w.As(tenant, organisation, policies.CSO, policies.CSOCoordinator), policies.ListPrograms)
	if err != nil {
		t.Fatalf("enter %s as %s: %v", tenant, organisation, err)
	}
	return sc
}

func add(t *testing.T, c *notes, sc tenants.Scope, n note) *note {
	t.Helper()
	kept, err := c.Add(t.Context(), sc, &n)
	if err != nil {
		t.Fatalf("add %q: %v", n.Title, err)
	}
	return kept
}

func wantCode(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %v %s", what, err, kind, code)
	}
}

// wantField fails unless the error refuses one field with the code.
func wantField(t *testing.T, what string, err error, field, code string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) != 1 || refusal.Fields[0].Name != field || refusal.Fields[0].Code != code {
		t.Errorf("%s: got %v, want %s on %s", what, err, code, field)
	}
}

func TestARecordIsKeptWithItsMetaAndItsJournalEntry(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "Sumur di Kupang"})
	if n.Version != 1 || !n.CreatedAt.Equal(sc.Now()) || !tenants.ValidID("nt", string(n.ID)) {
		t.Errorf("a new record: version %d, created %v, id %s", n.Version, n.CreatedAt, n.ID)
	}
	changed, err := c.Change(t.Context(), sc, n.ID, 1, func(n *note) error { n.Title, n.Owner = "Sumur bor", "Ibu Ina"; return nil })
	if err != nil {
		t.Fatalf("change: %v", err)
	}
	if changed.Version != 2 || changed.Title != "Sumur bor" {
		t.Errorf("after a change: version %d, title %q", changed.Version, changed.Title)
	}
	history := wholeHistory(t, c, sc, n.ID)
	if len(history) != 2 || history[0].Version != 2 || history[0].Person != sc.Actor().Person || history[0].Action != "program.list" {
		t.Fatalf("history: %+v", history)
	}
	got := fmt.Sprint(history[0].Changes)
	want := fmt.Sprint([]tenants.Difference{
		{Path: "owner", Personal: true}, {Path: "title", From: `"Sumur di Kupang"`, To: `"Sumur bor"`},
	})
	if got != want {
		t.Errorf("differences:\n got %s\nwant %s", got, want)
	}
}

func TestEveryMethodRefusesAnotherTenantAndAThirdOrganisation(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	owner := enter(t, w, kupang, "og_a")
	n := add(t, c, owner, note{Title: "rahasia", State: "open", Rank: 3})
	for name, sc := range map[string]tenants.Scope{
		"another tenant":               enter(t, w, ende, "og_a"),
		"a third organisation":         enter(t, w, kupang, "og_c"),
		"another tenant's third party": enter(t, w, ende, "og_c"),
	} {
		ctx := t.Context()
		edit := func(n *note) error { n.Title = "taken"; return nil }
		_, err := c.Get(ctx, sc, n.ID)
		wantCode(t, name+": Get", err, fault.Missing, "not_found")
		_, err = c.Find(ctx, sc, noteCriteria{Title: "rahasia"})
		wantCode(t, name+": Find", err, fault.Missing, "not_found")
		_, err = c.Change(ctx, sc, n.ID, 1, edit)
		wantCode(t, name+": Change", err, fault.Missing, "not_found")
		_, err = c.Amend(ctx, sc, n.ID, edit)
		wantCode(t, name+": Amend", err, fault.Missing, "not_found")
		_, err = c.History(ctx, sc, n.ID, store.Query{})
		wantCode(t, name+": History", err, fault.Missing, "not_found")
		_, err = c.Claim(ctx, sc, noteCriteria{Title: "rahasia"}, time.Minute)
		wantCode(t, name+": Claim", err, fault.Missing, "not_found")
		page, err := c.List(ctx, sc, noteCriteria{Words: "rahasia"}, store.Query{Count: true})
		if err != nil || len(page.Items) != 0 || page.Count.N != 0 {
			t.Errorf("%s: List gave %+v, %v", name, page, err)
		}
		for found, err := range c.Each(ctx, sc, nil) {
			t.Errorf("%s: Each gave %+v, %v", name, found, err)
		}
		if entries, err := w.DB.Activity(ctx, sc, store.ActivityCriteria{}, store.Query{}); err != nil || len(entries.Items) != 0 {
			t.Errorf("%s: Activity gave %+v, %v", name, entries, err)
		}
	}
	if still, err := c.Get(t.Context(), owner, n.ID); err != nil || still.Version != 1 {
		t.Errorf("the record itself: %+v, %v", still, err)
	}
}

func TestOfManyWritersOfOneVersionExactlyOneWins(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	var group sync.WaitGroup
	results := make(chan error, 16)
	for i := range 16 {
		group.Go(func() {
			_, err := c.Change(context.Background(), sc, n.ID, 1, func(n *note) error { n.Rank = i; return nil })
			results <- err
		})
	}
	group.Wait()
	close(results)
	won := 0
	for err := range results {
		switch {
		case err == nil:
			won++
		default:
			wantCode(t, "a loser", err, fault.Stale, "stale")
		}
	}
	if won != 1 {
		t.Errorf("%d of 16 writers won, want 1", won)
	}
}

func TestAnAmendmentIsTriedAgainUntilItHolds(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := c.Amend(context.Background(), sc, n.ID, func(n *note) error { n.Rank++; return nil }); err != nil {
				t.Errorf("amend: %v", err)
			}
		})
	}
	group.Wait()
	if got, err := c.Get(t.Context(), sc, n.ID); err != nil || got.Rank != 4 {
		t.Errorf("after four amendments: %+v, %v", got, err)
	}
}

func TestAnOperationTakenTwiceIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	again := sc.As("form-1")
	for range 2 {
		if _, err := c.Amend(t.Context(), again, n.ID, func(n *note) error { n.Rank++; return nil }); err != nil {
			t.Fatalf("amend: %v", err)
		}
	}
	if got, err := c.Get(t.Context(), sc, n.ID); err != nil || got.Rank != 1 || got.Version != 2 {
		t.Errorf("after the same operation twice: rank %d version %d, %v; want 1 and 2", got.Rank, got.Version, err)
	}
}

func TestWhatARecordRefusesIsNotWritten(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	_, err := c.Add(t.Context(), sc, &note{})
	wantCode(t, "Add", err, fault.Unprocessable, "invalid")
	n := add(t, c, sc, note{Title: "one"})
	_, err = c.Change(t.Context(), sc, n.ID, 1, func(n *note) error { n.Title = ""; return nil })
	wantCode(t, "Change", err, fault.Unprocessable, "invalid")
	broken := errors.New("no")
	if _, err = c.Change(t.Context(), sc, n.ID, 1, func(*note) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the edit's own refusal: got %v", err)
	}
	_, err = c.Change(t.Context(), sc, n.ID, 0, func(*note) error { return nil })
	wantCode(t, "without a version", err, fault.VersionRequired, "version_required")
	_, err = c.Add(t.Context(), sc, &note{Title: "one"})
	wantCode(t, "a title in use", err, fault.Conflict, "duplicate")
	if got, err := c.Get(t.Context(), sc, n.ID); err != nil || got.Version != 1 {
		t.Errorf("after refusals: %+v, %v", got, err)
	}
}

func TestAListIsPagedSortedAndCounted(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	for i := range 23 {
		add(t, c, sc, note{Title: fmt.Sprintf("catatan %02d", i), State: []string{"open", "closed"}[i%2], Rank: i / 3})
	}
	var seen []string
	q := store.Query{Limit: 5, Sort: "-rank", Count: true}
	for {
		page, err := c.List(t.Context(), sc, noteCriteria{State: []string{"open"}}, q)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if page.Count.N != 12 || page.Count.Capped {
			t.Errorf("count: %+v, want 12", page.Count)
		}
		for i, n := range page.Items {
			if i > 0 && n.Rank > page.Items[i-1].Rank {
				t.Errorf("rank %d after %d", n.Rank, page.Items[i-1].Rank)
			}
			seen = append(seen, n.Title)
		}
		if page.Next == nil {
			break
		}
		q.Cursor = *page.Next
	}
	if got := len(seen); got != 12 {
		t.Errorf("paging gave %d records, want 12: %v", got, seen)
	}
	_, err := c.List(t.Context(), sc, nil, store.Query{Sort: "-state"})
	wantCode(t, "a sort that is not offered", err, fault.Unprocessable, "invalid")
	_, err = c.List(t.Context(), sc, nil, store.Query{Cursor: "AAAA"})
	wantCode(t, "a cursor that is none", err, fault.Unprocessable, "invalid")
	_, err = c.List(t.Context(), sc, nil, store.Query{Limit: 101})
	wantCode(t, "a limit beyond 100", err, fault.Unprocessable, "invalid")
}

func TestWordsAreFoundByTheirBeginningsWhateverTheirCase(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	add(t, c, sc, note{Title: "Pelatihan Kader Posyandu"})
	add(t, c, sc, note{Title: "Pelatihan guru"})
	for asked, want := range map[string]int{"PELAT": 2, "pelatihan kad": 1, "guru": 1, "uru": 0, "": 2, "pelatihan ^.*": 2} {
		page, err := c.List(t.Context(), sc, noteCriteria{Words: asked}, store.Query{})
		if err != nil || len(page.Items) != want {
			t.Errorf("words %q: %d found, %v; want %d", asked, len(page.Items), err, want)
		}
	}
}

func TestEveryListWalksAnIndex(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	for i := range 300 {
		add(t, c, sc, note{Title: fmt.Sprintf("note %03d", i), State: "open", Rank: i})
	}
	for _, sort := range []string{"-rank", "title"} {
		for name, criteria := range map[string]noteCriteria{"all": {}, "by state": {State: []string{"open"}}} {
			// The relay reads meanwhile: of several looks the least is the list's own.
			scans, documents := int64(1<<40), int64(1<<40)
			for range 5 {
				before := w.Engine.Stats()
				if _, err := c.List(t.Context(), sc, criteria, store.Query{Sort: sort, Limit: 25}); err != nil {
					t.Fatalf("list: %v", err)
				}
				after := w.Engine.Stats()
				scans, documents = min(scans, after.FullScans-before.FullScans), min(documents, after.Documents-before.Documents)
			}
			if scans > 0 || documents > 40 {
				t.Errorf("%s sorted by %s: %d full scans, %d documents looked at for a page of 25", name, sort, scans, documents)
			}
		}
	}
}

func TestEntriesReachTheJournalAndFormAChain(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	for i := range 20 {
		if _, err := c.Change(t.Context(), sc, n.ID, tenants.Version(i+1), func(n *note) error { n.Rank++; return nil }); err != nil {
			t.Fatalf("change: %v", err)
		}
	}
	system := w.Gate.System(t.Context(), kupang, policies.SweepJournal)
	if err := w.DB.Sweep(t.Context(), system); err != nil {
		t.Fatalf("sweep: %v", err)
	}
	chain, err := w.DB.VerifyChain(t.Context(), system, nil)
	if err != nil || !chain.OK || chain.Entries != 21 {
		t.Errorf("chain: %+v, %v; want 21 entries in order", chain, err)
	}
	activity, err := w.DB.Activity(t.Context(), sc, store.ActivityCriteria{}, store.Query{})
	if err != nil || len(activity.Items) != 21 || activity.Items[0].Seq != 21 || activity.Next != nil {
		t.Errorf("activity: %+v, %v; want all 21, the last of the chain first", activity, err)
	}
}

func TestAChangedJournalIsCaught(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*testing.T, *tenantstest.World){
		"altered": func(t *testing.T, w *tenantstest.World) {
			_, err := w.Raw(t, "t_kupang").Collection("journal").UpdateOne(t.Context(),
				bson.D{{Key: "seq", Value: 2}}, bson.D{{Key: "$set", Value: bson.D{{Key: "title", Value: "other"}}}})
			if err != nil {
				t.Fatal(err)
			}
		},
		"missing": func(t *testing.T, w *tenantstest.World) {
			if _, err := w.Raw(t, "t_kupang").Collection("journal").DeleteOne(t.Context(), bson.D{{Key: "seq", Value: 2}}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tenantstest.New(t)
			c := openNotes(w.DB)
			sc := enter(t, w, kupang, "og_a")
			for i := range 3 {
				add(t, c, sc, note{Title: fmt.Sprint(i)})
			}
			system := w.Gate.System(t.Context(), kupang, policies.SweepJournal)
			if err := w.DB.Sweep(t.Context(), system); err != nil {
				t.Fatalf("sweep: %v", err)
			}
			damage(t, w)
			chain, err := w.DB.VerifyChain(t.Context(), system, nil)
			if err != nil || chain.OK || chain.FirstBad == nil || chain.FirstBad.Seq != 2 || chain.FirstBad.Kind != name {
				t.Errorf("chain: %+v %+v, %v; want the second entry %s", chain, chain.FirstBad, err, name)
			}
		})
	}
}

// A process that dies after a write leaves its entry in the record; one that dies after
// copying leaves it in both. The next sweep makes both right.
func TestACrashAfterAnyStepLosesNoEntry(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "one"})
	system := w.Gate.System(t.Context(), kupang, policies.SweepJournal)
	if err := w.DB.Sweep(t.Context(), system); err != nil {
		t.Fatal(err)
	}
	raw := w.Raw(t, "t_kupang")
	var entry bson.D
	if err := raw.Collection("journal").FindOne(t.Context(), bson.D{{Key: "record", Value: string(n.ID)}}).Decode(&entry); err != nil {
		t.Fatal(err)
	}
	held := bson.D{{Key: "$push", Value: bson.D{{Key: "pending", Value: entry}}}}
	byID := bson.D{{Key: "_id", Value: string(n.ID)}}
	// Copied and still held:
	if _, err := raw.Collection("notes").UpdateOne(t.Context(), byID, held); err != nil {
		t.Fatal(err)
	}
	// Held and not copied, in another record:
	m := add(t, c, sc, note{Title: "two"})
	other := w.Dial(t, "the next process")
	defer func() { _ = other.Close(context.Background()) }()
	openNotes(other)
	if err := other.Sweep(t.Context(), system); err != nil {
		t.Fatal(err)
	}
	chain, err := other.VerifyChain(t.Context(), system, nil)
	if err != nil || !chain.OK || chain.Entries != 2 {
		t.Errorf("chain after two crashes: %+v, %v; want 2 entries, each once", chain, err)
	}
	for _, id := range []string{string(n.ID), string(m.ID)} {
		left, err := raw.Collection("notes").CountDocuments(t.Context(), bson.D{
			{Key: "_id", Value: id}, {Key: "pending._id", Value: bson.D{{Key: "$exists", Value: true}}},
		})
		if err != nil || left != 0 {
			t.Errorf("%s still holds entries after the sweep (%v)", id, err)
		}
	}
}

func TestTwoProcessesShareOneChain(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	second := w.Dial(t, "second")
	defer func() { _ = second.Close(context.Background()) }()
	sc := enter(t, w, kupang, "og_a")
	var group sync.WaitGroup
	for p, c := range []*notes{openNotes(w.DB), openNotes(second)} {
		group.Go(func() {
			for i := range 40 {
				if _, err := c.Add(context.Background(), sc, &note{Title: fmt.Sprintf("%d-%d", p, i)}); err != nil {
					t.Errorf("add: %v", err)
				}
			}
		})
	}
	group.Wait()
	system := w.Gate.System(t.Context(), kupang, policies.SweepJournal)
	for _, db := range []*store.DB{w.DB, second} {
		if err := db.Sweep(t.Context(), system); err != nil {
			t.Fatal(err)
		}
	}
	if chain, err := w.DB.VerifyChain(t.Context(), system, nil); err != nil || !chain.OK || chain.Entries != 80 {
		t.Errorf("chain: %+v, %v; want 80 entries", chain, err)
	}
}

func TestOfManyWhoClaimOneGetsIt(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	add(t, c, sc, note{Title: "work", State: "open"})
	var mu sync.Mutex
	got := 0
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := c.Claim(context.Background(), sc, noteCriteria{State: []string{"open"}}, time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got++
			} else if fault.KindOf(err) != fault.Missing {
				t.Errorf("claim: %v", err)
			}
		})
	}
	group.Wait()
	if got != 1 {
		t.Errorf("%d of 8 got the record, want 1", got)
	}
	w.Clock.Forward(2 * time.Minute)
	later := enter(t, w, kupang, "og_a")
	if _, err := c.Claim(t.Context(), later, noteCriteria{State: []string{"open"}}, time.Minute); err != nil {
		t.Errorf("after the lease ran out: %v", err)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	for _, title := range []string{`{"$gt":""}`, "$where", "a.b.c", "\u0000nul", "\u200b", strings.Repeat("x", 4000)} {
		n := add(t, c, sc, note{Title: title})
		got, err := c.Find(t.Context(), sc, noteCriteria{Title: title})
		if err != nil || got.ID != n.ID {
			t.Errorf("title %.20q: %v", title, err)
		}
	}
}

// ranked is a record with a field to sort by that not every record has.
type ranked struct {
	tenants.Meta[ranked] `bson:",inline"`

	Title string `json:"title"`
	Due   string `json:"due" bson:"due,omitempty"`
}

func (r *ranked) Check() error { return nil }

// Every cursor that a list hands out is one that it takes: after the longest title, and
// after a record that has nothing to sort by.
func TestEveryCursorHandedOutIsTaken(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := store.Open[ranked, *ranked](w.DB, store.Kind[ranked]{
		Name: "ranked", One: "ranked_one", Prefix: "rk", Sorts: []string{"title", "-title", "due", "-due"},
	})
	sc := enter(t, w, kupang, "og_a")
	for i := range 12 {
		r := &ranked{Title: strings.Repeat("𝄞", 600) + fmt.Sprint(i)}
		if i%3 == 0 {
			r.Due = fmt.Sprintf("2026-%02d-01", i+1)
		}
		if _, err := c.Add(t.Context(), sc, r); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Raw(t, "t_kupang").Collection("ranked").UpdateOne(t.Context(),
		bson.D{{Key: "due", Value: bson.D{{Key: "$exists", Value: false}}}}, bson.D{{Key: "$set", Value: bson.D{{Key: "due", Value: nil}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, sort := range []string{"title", "-title", "due", "-due"} {
		seen := map[string]bool{}
		var order []string
		q := store.Query{Sort: sort, Limit: 2}
		for {
			page, err := c.List(t.Context(), sc, nil, q)
			if err != nil {
				t.Fatalf("%s: after %d records: %v", sort, len(seen), err)
			}
			for _, r := range page.Items {
				seen[string(r.ID)] = true
				order = append(order, r.Due+"/"+r.Title)
			}
			if page.Next == nil {
				break
			}
			q.Cursor = *page.Next
		}
		if len(seen) != 12 || len(order) != 12 {
			t.Errorf("%s: %d records, %d of them different; want each of 12 once", sort, len(order), len(seen))
		}
		if strings.HasSuffix(sort, "due") {
			empty := slices.IndexFunc(order, func(s string) bool { return strings.HasPrefix(s, "/") })
			if want := map[string]int{"due": 0, "-due": 4}[sort]; empty != want {
				t.Errorf("%s: the first without a date is at %d, want %d", sort, empty, want)
			}
		}
	}
}

// A lease is not a change, and still a write: who may only read may not take one.
func TestAReadOnlyScopeClaimsNothing(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc, err := w.Gate.Commons(w.As(kupang, "og_a", policies.CSO, policies.CSOCoordinator), policies.ListPrograms)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Claim(t.Context(), sc, nil, time.Minute)
	wantCode(t, "claim", err, fault.Forbidden, "forbidden")
}

// A change gives the lease back, and one made from before a claim does not undo it.
func TestAChangeGivesBackTheLeaseItSawAndNoOther(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "work", State: "open"})
	open := noteCriteria{State: []string{"open"}}
	claimed, err := c.Claim(t.Context(), sc, open, time.Minute)
	if err != nil || claimed.ClaimedUntil == nil || claimed.ClaimedBy == "" {
		t.Fatalf("claim: %+v, %v", claimed, err)
	}
	done, err := c.Change(t.Context(), sc, n.ID, claimed.Version, func(n *note) error { n.Rank = 1; return nil })
	if err != nil || done.ClaimedUntil != nil || done.ClaimedBy != "" {
		t.Errorf("after a change: %+v, %v; want no lease", done, err)
	}
	if _, err := c.Claim(t.Context(), sc, open, time.Minute); err != nil {
		t.Errorf("claim of what was given back: %v", err)
	}
	w.Clock.Forward(time.Hour)
	later := enter(t, w, kupang, "og_a")
	_, err = c.Change(t.Context(), later, n.ID, done.Version, func(n *note) error {
		n.Rank = 2
		_, err := c.Claim(t.Context(), later, open, time.Minute) // somebody else, in between
		return err
	})
	wantCode(t, "a change from before a claim", err, fault.Stale, "stale")
	if kept, err := c.Get(t.Context(), later, n.ID); err != nil || kept.ClaimedUntil == nil || kept.Rank != 1 {
		t.Errorf("after it: %+v, %v; want the claim kept", kept, err)
	}
}

// Whoever opens a tenant makes its indexes, and many are opened at once after a start.
// The race detector looks on.
func TestTenantsAreOpenedAtOnce(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	var group sync.WaitGroup
	for i := range 16 {
		sc := enter(t, w, tenants.TenantID(fmt.Sprintf("tenant-%d", i)), "og_a")
		group.Go(func() {
			if _, err := c.Add(context.Background(), sc, &note{Title: "one"}); err != nil {
				t.Errorf("add in %s: %v", sc.Tenant(), err)
			}
		})
	}
	group.Wait()
}

// One record that breaks when it is woken does not keep the others asleep.
func TestARecordThatPanicsWhenItIsWokenLeavesTheOthersToWake(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	if err := w.DB.Registry().AddTenant(t.Context(), tenants.Tenant{ID: kupang, Name: "Kupang", Short: "KPG", Zone: "Asia/Makassar"}); err != nil {
		t.Fatal(err)
	}
	woken := []string{}
	c := store.Open[note, *note](w.DB, store.Kind[note]{
		Name: "notes", One: "note", Prefix: "nt", Sorts: []string{"title"},
		Wake: func(_ context.Context, _ tenants.Scope, n *note) error {
			if n.Title == "rusak" {
				panic("rusak")
			}
			woken = append(woken, n.Title)
			return nil
		},
	})
	sc := enter(t, w, kupang, "og_a")
	at := w.Clock.Now()
	for _, title := range []string{"rusak", "utuh"} {
		n := note{Title: title}
		n.WakeAt = &at
		add(t, c, sc, n)
	}
	w.Clock.Forward(time.Minute)
	if n, err := w.DB.Wake(t.Context(), w.Gate); n != 1 || fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "panic: rusak") {
		t.Errorf("waking: %d tenants, %v", n, err)
	}
	if len(woken) != 1 || woken[0] != "utuh" {
		t.Errorf("woken: %v", woken)
	}
}
