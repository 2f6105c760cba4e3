package notices_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

const kupang = tenants.TenantID("kupang")

// process is what one server has: its own connection, on the database of the world.
type process struct {
	db       *store.DB
	people   *people.Service
	programs *programs.Service
	notices  *notices.Service
}

// world is a tenant with a lead of each side and a third organisation.
type world struct {
	*tenantstest.World
	process
	officer, approver, head, coordinator, signatory, trainer, third context.Context
}

func open(t *testing.T, w *tenantstest.World, db *store.DB, holder string) process {
	t.Helper()
	sender, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: t.TempDir(), Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := people.Open(people.Config{DB: db, Gate: w.Gate, Mail: sender, PublicURL: "http://mitra.example.org", Random: rand.Reader})
	t.Cleanup(p.Close)
	b := settings.Open(settings.Config{DB: db, Gate: w.Gate, Book: w.Book, People: p})
	g := programs.Open(programs.Config{DB: db, Gate: w.Gate, Organisation: p.OrganisationOf, Calendar: b.Calendar})
	n := notices.Open(notices.Config{
		DB: db, Gate: w.Gate, Book: w.Book, People: p, Areas: []notices.Area{g, b}, Tellers: []notices.Teller{g, b, p},
		Calendar: b.Calendar, Holder: holder, Log: slog.New(slog.DiscardHandler),
	})
	return process{db, p, g, n}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: tenantstest.New(t)}
	w.process = open(t, w.World, w.DB, "one")
	if _, err := w.people.AddTenant(t.Context(), people.NewTenant{Slug: "kupang", Demo: true, Zone: "Asia/Makassar"}); err != nil {
		t.Fatal(err)
	}
	seat := func(id, name string, side policies.Side, role policies.Role) context.Context {
		of := people.Organisation{ID: tenants.OrganisationID(id), Name: name, Side: side}
		seats, err := w.people.SeedSeats(t.Context(), kupang, "perahu-sasando-7", []people.Seed{
			{Of: of, Login: string(role) + "@" + id[3:] + ".example.org", Name: "Contoh", Roles: []policies.Role{role}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return tenants.WithActor(t.Context(), seats[0].Actor())
	}
	w.officer = seat("og_dinas", "Dinas", policies.Agency, policies.ProgramOfficer)
	w.approver = seat("og_dinas", "Dinas", policies.Agency, policies.Approver)
	w.head = seat("og_dinas", "Dinas", policies.Agency, policies.Signatory)
	w.coordinator = seat("og_yayasan", "Yayasan", policies.CSO, policies.CSOCoordinator)
	w.signatory = seat("og_yayasan", "Yayasan", policies.CSO, policies.Signatory)
	w.trainer = seat("og_yayasan", "Yayasan", policies.CSO, policies.Trainer)
	w.third = seat("og_third", "Ketiga", policies.CSO, policies.CSOCoordinator)
	return w
}

// handOver drafts a program of the agency and gives the CSO the turn.
func (w *world) handOver(t *testing.T) *programs.Program {
	t.Helper()
	p, err := w.programs.Start(w.officer, programs.Start{Title: "Air", Purpose: "Sumur", Partner: "og_yayasan"})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = w.programs.HandOver(w.officer, p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	return p
}

// followed lets a process follow the journal to its end.
func (w *world) followed(t *testing.T, by process) {
	t.Helper()
	if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), kupang, policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	if err := by.notices.Follow(t.Context(), kupang); err != nil {
		t.Fatal(err)
	}
}

func (w *world) told(t *testing.T, who context.Context) []work.Told {
	t.Helper()
	page, err := w.notices.List(who, notices.Criteria{}, store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var list []work.Told
	for _, n := range page.Items {
		list = append(list, n.Told)
	}
	slices.Sort(list)
	return list
}

func (w *world) wantTold(t *testing.T, name string, who context.Context, want ...work.Told) {
	t.Helper()
	if got := w.told(t, who); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the %s was told %v, want %v", name, got, want)
	}
}

// Who is concerned is told, once; not who acted, nor a colleague whose role may do
// nothing about it, nor a third organisation.
func TestWhoIsConcernedIsToldAndNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.handOver(t)
	p, err := w.programs.EditPlan(w.coordinator, p.ID, p.Version, programs.Basics{Title: "Air", Purpose: "Sumur", From: "2026-11-01", To: "2027-10-31"})
	if err != nil {
		t.Fatal(err)
	}
	yes := programs.Acceptance{Hash: p.Accord.Hash}
	if p, err = w.programs.Accept(w.signatory, p.ID, p.Version, yes); err != nil {
		t.Fatal(err)
	}
	w.followed(t, w.process)
	w.wantTold(t, "coordinator", w.coordinator, work.ProgramStarted, work.TurnHanded)
	w.wantTold(t, "officer", w.officer, work.PlanAcceptedByOne)
	w.wantTold(t, "approver", w.approver, work.PlanAcceptedByOne)
	if _, err = w.programs.Accept(w.approver, p.ID, p.Version, yes); err != nil {
		t.Fatal(err)
	}
	w.followed(t, w.process)
	w.wantTold(t, "signatory", w.signatory, work.PlanAcceptedByBoth)
	w.wantTold(t, "officer", w.officer, work.PlanAcceptedByOne, work.PlanAcceptedByBoth)
	w.wantTold(t, "approver, who accepted last", w.approver, work.PlanAcceptedByOne)
	w.wantTold(t, "trainer", w.trainer)
	w.wantTold(t, "agency's signatory, who accepts no plan", w.head)
	w.wantTold(t, "third organisation", w.third)
	page, err := w.notices.List(w.signatory, notices.Criteria{}, store.Query{})
	if err != nil || !page.Items[0].Consequence || !page.Items[0].Unread || page.Items[0].Title != "Air" {
		t.Errorf("a plan that both accepted: %+v, %v", page.Items, err)
	}
}

// Two processes that follow one journal at once tell each person once.
func TestTwoProcessesTellEachPersonOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	db := w.Dial(t, "another")
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	other := open(t, w.World, db, "two")
	for range 5 {
		w.handOver(t)
	}
	if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), kupang, policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 4 {
		for _, p := range []process{w.process, other} {
			both.Go(func() {
				if err := p.notices.Follow(t.Context(), kupang); err != nil {
					t.Error(err)
				}
			})
		}
	}
	both.Wait()
	w.followed(t, w.process) // what a lease kept from the last of them
	if got := w.told(t, w.coordinator); len(got) != 10 {
		t.Errorf("five programs and five turns were told as %d notices", len(got))
	}
}

// A process that ends after the notices and before its place is noted loses none and
// tells none twice; nor does one whose lease ran out while another follows.
func TestACrashBetweenTheNoticesAndThePlaceTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handOver(t)
	w.followed(t, w.process)
	before := w.told(t, w.coordinator)
	// The place as it was before: what was told is told again.
	gone, err := w.Raw(t, "t_kupang").Collection("notice_places").DeleteMany(t.Context(), map[string]any{"tenant": "kupang"})
	if err != nil || gone.DeletedCount != 1 {
		t.Fatalf("the place: %+v, %v", gone, err)
	}
	w.handOver(t)
	w.followed(t, w.process)
	if got := w.told(t, w.coordinator); len(before) != 2 || len(got) != 4 {
		t.Errorf("told %v, then %v; want two, then two more", before, got)
	}
}

// A process that holds the lease and is gone holds others up for a minute, no longer.
func TestAnotherProcessFollowsWhenALeaseRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handOver(t)
	now := w.Clock.Now()
	if ok, err := w.DB.Registry().Acquire(t.Context(), "notices/kupang", "gone", now, now.Add(time.Minute)); err != nil || !ok {
		t.Fatal(ok, err)
	}
	w.followed(t, w.process)
	w.wantTold(t, "coordinator, while another holds the lease", w.coordinator)
	w.Clock.Forward(61 * time.Second)
	w.followed(t, w.process)
	w.wantTold(t, "coordinator", w.coordinator, work.ProgramStarted, work.TurnHanded)
}

// Notices are their person's: a colleague cannot list, read or mark them.
func TestANoticeIsItsPersonsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handOver(t)
	w.followed(t, w.process)
	page, err := w.notices.List(w.coordinator, notices.Criteria{Unread: true}, store.Query{})
	if err != nil || len(page.Items) != 2 {
		t.Fatal(page, err)
	}
	for name, who := range map[string]context.Context{"a colleague": w.signatory, "a third organisation": w.third} {
		if _, err := w.notices.Read(who, page.Items[0].ID); fault.KindOf(err) != fault.Missing {
			t.Errorf("%s marks it: %v", name, err)
		}
	}
	n, err := w.notices.Read(w.coordinator, page.Items[0].ID)
	if err != nil || n.Unread || n.ReadAt == nil {
		t.Errorf("read: %+v, %v", n, err)
	}
	again, err := w.notices.Read(w.coordinator, n.ID)
	if err != nil || again.Version != n.Version {
		t.Errorf("read again: version %d after %d, %v", again.Version, n.Version, err)
	}
	if left, err := w.notices.Unread(w.coordinator); err != nil || left.N != 1 {
		t.Errorf("unread: %+v, %v; want 1", left, err)
	}
	if marked, err := w.notices.ReadAll(w.coordinator); err != nil || marked.Marked != 1 {
		t.Errorf("all: %+v, %v; want 1", marked, err)
	}
	if left, err := w.notices.Unread(w.coordinator); err != nil || left.N != 0 {
		t.Errorf("unread: %+v, %v; want none", left, err)
	}
}

// Telling people writes nothing to the journal, or it would never end; and what is older
// than a month is not told when a journal is followed for the first time.
func TestTellingWritesNoEntriesAndPassesOverWhatIsLongPast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handOver(t)
	sc := w.Gate.System(t.Context(), kupang, policies.FollowJournal)
	w.Clock.Forward(31 * 24 * time.Hour)
	w.handOver(t)
	if err := w.DB.Sweep(t.Context(), sc); err != nil {
		t.Fatal(err)
	}
	before, err := w.DB.After(t.Context(), sc, 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	w.followed(t, w.process)
	w.followed(t, w.process)
	after, err := w.DB.After(t.Context(), sc, 0, 500)
	if err != nil || len(after) != len(before) {
		t.Errorf("%d entries before and %d after, %v", len(before), len(after), err)
	}
	w.wantTold(t, "coordinator", w.coordinator, work.ProgramStarted, work.TurnHanded)
}

// Work is put in order by its last day and narrowed by what it is asked for.
func TestWorkIsInOrderAndNarrowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := tenantstest.Start
	items := []work.Item{
		{Ask: work.WritePlan, Kind: "program", Record: "a", Title: "Air bersih", Since: at},
		{Ask: work.ReplyToFlag, Kind: "flag", Record: "b", Title: "Yayasan", Since: at, Due: "2026-12-01"},
		{Ask: work.ReplyToFlag, Kind: "flag", Record: "c", Title: "Yayasan", Since: at, Due: "2026-11-23"},
		{Ask: work.DecideActual, Kind: "actual", Record: "d", Title: "Sumur", Since: at.Add(-time.Hour)},
		{Ask: work.DecideActual, Kind: "actual", Record: "e", Title: "Sumur", Since: at, Due: "2027-01-31"},
	}
	s := notices.Open(notices.Config{DB: w.DB, Gate: w.Gate, Areas: []notices.Area{fixed(items[:2]), fixed(items[2:])}, Calendar: w.notices.Calendar})
	for name, row := range map[string]struct {
		criteria notices.WorkCriteria
		want     string
	}{
		"all": {notices.WorkCriteria{}, "cbeda"}, "late": {notices.WorkCriteria{Due: notices.Late}, "c"}, "soon": {notices.WorkCriteria{Due: notices.Soon}, "b"},
		"of a kind": {notices.WorkCriteria{Kind: []notices.Subject{"flag", "program"}}, "cba"}, "by what is asked": {notices.WorkCriteria{Ask: []work.Ask{work.DecideActual}}, "ed"},
		"by words": {notices.WorkCriteria{Words: "BER air"}, "a"}, "by a middle": {notices.WorkCriteria{Words: "ersih"}, ""},
	} {
		list, err := s.Work(w.trainer, row.criteria)
		got := ""
		for _, i := range list {
			got += i.Record
		}
		if err != nil || got != row.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, row.want)
		}
	}
	if _, err := s.Work(t.Context(), notices.WorkCriteria{}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a stranger: %v", err)
	}
}

// fixed is an area whose work stands.
type fixed []work.Item

func (f fixed) Waiting(context.Context) ([]work.Item, error) { return f, nil }
