package exchange_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
	"github.com/mitra-platform/mitra/uploads"
)

// house is an exchange that keeps files, in one process of several.
type house struct {
	*tenantstest.World
	*exchange.Service
	programs *programs.Service
	officer  context.Context
}

func newHouse(t *testing.T) *house {
	t.Helper()
	w := tenantstest.New(t)
	if err := w.DB.Registry().AddTenant(t.Context(), tenants.Tenant{ID: "kupang", Name: "Kupang", Short: "KPG", Zone: "Asia/Makassar"}); err != nil {
		t.Fatal(err)
	}
	return openHouse(t, w, w.DB, t.TempDir())
}

func openHouse(t *testing.T, w *tenantstest.World, db *store.DB, files string) *house {
	t.Helper()
	kept, err := uploads.Open(t.Context(), uploads.Config{Dir: files})
	if err != nil {
		t.Fatal(err)
	}
	p := programs.Open(programs.Config{
		DB: db, Gate: w.Gate,
		Organisation: func(context.Context, tenants.Scope, tenants.OrganisationID) (string, policies.Side, error) {
			return "", "", fault.NotFound("organisation")
		},
		Calendar: func(context.Context, tenants.Scope) (*clocks.Calendar, error) {
			return clocks.NewCalendar("UTC", clocks.Weekdays()[:5], nil)
		},
	})
	x := exchange.Open(exchange.Config{DB: db, Gate: w.Gate, Programs: p, Files: kept, Log: slog.New(slog.DiscardHandler)})
	return &house{w, x, p, w.As("kupang", "og_dinas", policies.Agency, policies.ProgramOfficer)}
}

func many(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = one("XX-"+strconv.Itoa(i), "")
	}
	return file(list...)
}

func (h *house) upload(t *testing.T, text string) *exchange.Import {
	t.Helper()
	i, err := h.Upload(h.officer, "a.xml", strings.NewReader(text))
	if err != nil || i.State != exchange.Waiting {
		t.Fatal(i, err)
	}
	return i
}

// work does what waits, and gives the import as it is then.
func (h *house) work(t *testing.T, id tenants.ID[exchange.Import]) *exchange.Import {
	t.Helper()
	if err := h.Work(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	return h.read(t, id)
}

func (h *house) read(t *testing.T, id tenants.ID[exchange.Import]) *exchange.Import {
	t.Helper()
	i, err := h.ReadImport(h.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (h *house) confirm(t *testing.T, i *exchange.Import) *exchange.Import {
	t.Helper()
	i, err := h.Confirm(h.officer, i.ID, i.Version)
	if err != nil || i.State != exchange.Confirmed {
		t.Fatal(i, err)
	}
	return i
}

func (h *house) count(t *testing.T) int {
	t.Helper()
	n, err := h.programs.Count(h.officer, programs.Criteria{})
	if err != nil {
		t.Fatal(err)
	}
	return n.N
}

func TestAnImportIsForeseenThenDoneInTheNameOfWhoConfirmedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.work(t, h.upload(t, file(one("XX-1", ""), one("XX-2", ""), `<iati-activity/>`)).ID)
	if i.State != exchange.Previewed || i.Preview.Created != 2 || i.Preview.RefusedN != 1 || len(i.Preview.Fates) != 2 || h.count(t) != 0 {
		t.Fatalf("%s: %+v, %d programs", i.State, i.Preview, h.count(t))
	}
	i = h.work(t, h.confirm(t, i).ID)
	if i.State != exchange.Done || i.Outcome.Created != 2 || i.Outcome.RefusedN != 1 || i.Outcome.Transactions["3|IDR"] == "" || h.count(t) != 2 {
		t.Fatalf("%s: %+v, %d programs", i.State, i.Outcome, h.count(t))
	}
	page, err := h.programs.List(h.officer, programs.Criteria{}, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.programs.History(h.officer, page.Items[0].ID, store.Query{})
	if err != nil || len(entries.Items) == 0 || entries.Items[0].Person != tenants.ActorFrom(h.officer).Person {
		t.Errorf("history: %+v, %v", entries, err)
	}
	again := h.work(t, h.upload(t, file(one("XX-1", ""), one("XX-2", ""))).ID)
	if again.Preview.Unchanged != 2 {
		t.Errorf("the same again: %+v", again.Preview)
	}
	if _, err := h.Confirm(h.officer, i.ID, i.Version); fault.CodeOf(err) != "import_state" {
		t.Errorf("a done import was confirmed: %v", err)
	}
}

func TestADiscardedFileIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.upload(t, many(1))
	if _, err := h.Discard(h.officer, i.ID, i.Version); fault.CodeOf(err) != "import_state" {
		t.Errorf("while its preview is made: %v", err)
	}
	i = h.work(t, i.ID)
	i, err := h.Discard(h.officer, i.ID, i.Version)
	if err != nil || i.State != exchange.Discarded {
		t.Fatal(i, err)
	}
	if _, err := h.Files.Stat(t.Context(), h.Gate.System(t.Context(), "kupang", policies.ImportIATI), string(i.ID)); fault.KindOf(err) != fault.Missing {
		t.Errorf("its file: %v", err)
	}
	if after := h.work(t, i.ID); after.State != exchange.Discarded {
		t.Errorf("it was worked on: %s", after.State)
	}
}

// A process that stops in the middle leaves the rest to the next; nothing comes in twice.
func TestAnInterruptedImportGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	if err := w.DB.Registry().AddTenant(t.Context(), tenants.Tenant{ID: "kupang", Name: "Kupang", Short: "KPG", Zone: "Asia/Makassar"}); err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	h := openHouse(t, w, w.DB, files)
	const all = 400
	i := h.confirm(t, h.work(t, h.upload(t, many(all)).ID))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Work(ctx, "kupang") }()
	for h.count(t) == 0 {
		runtime.Gosched()
	}
	stop()
	if err := <-ended; err == nil {
		t.Fatal("400 activities came in before the first was seen")
	}
	if i = h.read(t, i.ID); i.State != exchange.Confirmed {
		t.Fatalf("interrupted: %s", i.State)
	}
	db := w.Dial(t, "other")
	defer func() { _ = db.Close(context.Background()) }()
	other := openHouse(t, w, db, files)
	running, end := context.WithCancel(t.Context())
	defer end()
	go other.Run(running)
	for h.read(t, i.ID).State != exchange.Done {
		if _, err := db.Wake(t.Context(), w.Gate); err != nil {
			t.Fatal(err)
		}
	}
	if i = h.read(t, i.ID); i.Outcome.Created+i.Outcome.Unchanged != all || i.Outcome.Unchanged == 0 || i.Percent != 100 {
		t.Errorf("%d created and %d unchanged of %d", i.Outcome.Created, i.Outcome.Unchanged, all)
	}
}

func TestOneProcessAtATimeDoesATenantsImports(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.upload(t, many(1))
	now := h.Clock.Now()
	if mine, err := h.World.DB.Registry().Acquire(t.Context(), "import/kupang", "another", now, now.Add(time.Minute)); err != nil || !mine {
		t.Fatal(mine, err)
	}
	if i = h.work(t, i.ID); i.State != exchange.Waiting {
		t.Errorf("while another process is at it: %s", i.State)
	}
	h.Clock.Forward(2 * time.Minute)
	if i = h.work(t, i.ID); i.State != exchange.Previewed {
		t.Errorf("after its lease: %s", i.State)
	}
}

// What breaks in one import ends that one, says so in the log with the stack, and leaves
// the next to be done.
func TestAnImportThatPanicsFailsAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var log bytes.Buffer
	broken := exchange.Open(exchange.Config{DB: h.World.DB, Gate: h.Gate, Files: h.Files, Log: slog.New(slog.NewTextHandler(&log, nil))}) // without programs
	i := h.confirm(t, h.work(t, h.upload(t, many(1)).ID))
	if err := broken.Work(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	if i = h.read(t, i.ID); i.State != exchange.Failed || i.Code != "internal" {
		t.Errorf("the import: %s, %q", i.State, i.Code)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "panic: ") || !strings.Contains(log.String(), "work.go") {
		t.Errorf("the log has %d errors: %s", n, log.String())
	}
	if next := h.work(t, h.upload(t, many(1)).ID); next.State != exchange.Previewed {
		t.Errorf("the next: %s", next.State)
	}
}

// A file that cannot be read any more stops the import, says so, and may be tried again.
func TestAnImportWhoseFileIsLostStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.confirm(t, h.work(t, h.upload(t, many(1)).ID))
	sc := h.Gate.System(t.Context(), "kupang", policies.ImportIATI)
	if err := h.Files.Remove(t.Context(), sc, string(i.ID)); err != nil {
		t.Fatal(err)
	}
	i = h.work(t, i.ID)
	if i.AtWork() || h.count(t) != 0 {
		t.Fatalf("%s, %d programs", i.State, h.count(t))
	}
	if i.State == exchange.Failed {
		if _, err := h.Confirm(h.officer, i.ID, i.Version); err != nil {
			t.Errorf("again: %v", err)
		}
	}
}

func TestOnlyWhoMayImportUploadsAndOnlyTheirOrganisationReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.upload(t, many(1))
	if _, err := h.Upload(h.As("kupang", "og_dinas", policies.Agency, policies.Member), "a.xml", strings.NewReader("x")); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a member uploads: %v", err)
	}
	for name, ctx := range map[string]context.Context{
		"a third organisation": h.As("kupang", "og_third", policies.CSO, policies.CSOCoordinator), "another tenant": h.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer),
	} {
		if _, err := h.ReadImport(ctx, i.ID); fault.KindOf(err) != fault.Missing {
			t.Errorf("%s reads: %v", name, err)
		}
		if _, err := h.Confirm(ctx, i.ID, i.Version); fault.KindOf(err) != fault.Missing {
			t.Errorf("%s confirms: %v", name, err)
		}
		if list, err := h.Imports(ctx, store.Query{}); err != nil || len(list.Items) != 0 {
			t.Errorf("%s lists: %v, %v", name, list, err)
		}
	}
}
