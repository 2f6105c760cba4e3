package settings_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// process is a mitra on a world's database.
type process struct {
	*settings.Service
	gate   *tenants.Gate
	people *people.Service
}

// table is a world with an administrator of each side, and others.
type table struct {
	*tenantstest.World
	process

	agency, cso, member, officer, elsewhere context.Context
}

func newProcess(t testing.TB, w *tenantstest.World, db *store.DB) process {
	t.Helper()
	book, err := policies.Open()
	if err != nil {
		t.Fatal(err)
	}
	gate := tenants.NewGate(book, w.Clock.Now)
	sender, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: t.TempDir(), Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := people.Open(people.Config{DB: db, Gate: gate, Mail: sender, PublicURL: "http://mitra.example.org", Random: rand.Reader})
	t.Cleanup(p.Close)
	return process{settings.Open(settings.Config{DB: db, Gate: gate, Book: book, People: p}), gate, p}
}

func newTable(t testing.TB) *table {
	t.Helper()
	w := tenantstest.New(t)
	h := &table{World: w, process: newProcess(t, w, w.DB)}
	for _, slug := range []string{"kupang", "ende"} {
		if _, err := h.people.AddTenant(t.Context(), people.NewTenant{Slug: slug, Zone: "Asia/Makassar", Demo: true}); err != nil {
			t.Fatal(err)
		}
	}
	h.agency = w.As("kupang", "og_dinas", policies.Agency, policies.TenantAdmin)
	h.cso = w.As("kupang", "og_yayasan", policies.CSO, policies.TenantAdmin)
	h.member = w.As("kupang", "og_yayasan", policies.CSO, policies.Member)
	h.officer = w.As("kupang", "og_dinas", policies.Agency, policies.ProgramOfficer)
	h.elsewhere = w.As("ende", "og_yayasan", policies.CSO, policies.TenantAdmin)
	return h
}

func want(t *testing.T, what string, err error, code string) {
	t.Helper()
	if code == "" && err != nil || code != "" && fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %q", what, err, code)
	}
}

func wantField(t *testing.T, what string, err error, name, code string) {
	t.Helper()
	refusal, ok := err.(*fault.Error) //nolint:errorlint // made by the service
	if !ok || !slices.ContainsFunc(refusal.Fields, func(f fault.Field) bool { return f.Name == name && f.Code == code }) {
		t.Errorf("%s: got %v, want %s on %s", what, err, code, name)
	}
}

var longer = settings.Change{
	Parts: []settings.Part{settings.Promises}, Promises: clocks.Lengths{Acknowledge: 5, Answer: 20, Decide: 30, Pay: 17}, Reason: "Petugas kami hanya dua orang.",
}

func (h *table) propose(t *testing.T, as context.Context, in settings.Change) *settings.View {
	t.Helper()
	p, err := h.Propose(as, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *table) promises(t *testing.T) clocks.Lengths {
	t.Helper()
	b, _, err := h.Agreed(h.member)
	if err != nil {
		t.Fatal(err)
	}
	return b.Promises
}

func TestATenantBeginsWithTheNationalCalendar(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	b, calendar, err := h.Agreed(h.member)
	if err != nil {
		t.Fatal(err)
	}
	if b.Version != 1 || b.Zone != "Asia/Makassar" || len(b.Holidays) != 34 || b.Promises != clocks.DefaultLengths() || len(b.Exceptions) != 0 {
		t.Errorf("version %d, %s, %d days off, %+v, %v", b.Version, b.Zone, len(b.Holidays), b.Promises, b.Exceptions)
	}
	if calendar.Works("2026-12-25") || calendar.Works("2026-11-28") || !calendar.Works("2026-11-24") {
		t.Error("Christmas, a Saturday or a Tuesday is wrong")
	}
	other, _, err := h.Agreed(h.elsewhere)
	if err != nil || other.ID == b.ID {
		t.Errorf("another tenant: %v, %v", other, err)
	}
	if history, err := h.History(h.member, store.Query{}); err != nil || len(history.Items) != 1 {
		t.Errorf("history: %d entries, %v", len(history.Items), err)
	}
}

func TestASettingTakesEffectWhenTheOtherSideAccepts(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	p := h.propose(t, h.agency, longer)
	if h.promises(t) != clocks.DefaultLengths() {
		t.Error("a proposal took effect")
	}
	if p.State != settings.Waiting || p.Side != policies.Agency || !slices.Equal(p.Parts, longer.Parts) || len(p.Changes) != 2 {
		t.Errorf("the proposal: %s of %s, parts %v, changes %+v", p.State, p.Side, p.Parts, p.Changes)
	}
	if got, want := p.Changes[0], (settings.Difference{Part: settings.Promises, Fate: clocks.Changed, Key: "acknowledge", From: "3", To: "5"}); got != want {
		t.Errorf("first change: %+v, want %+v", got, want)
	}
	_, err := h.Accept(h.cso, p.ID, p.Version, settings.Acceptance{Hash: "0"})
	want(t, "another text", err, "accord_other_text")
	done, err := h.Accept(h.cso, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash})
	if err != nil || done.State != settings.InEffect || !done.Accord.Complete() {
		t.Fatalf("accepted: %v, %+v", err, done)
	}
	b, _, err := h.Agreed(h.member)
	if err != nil || b.Promises != longer.Promises || b.Version != 2 || b.Proposal != p.ID {
		t.Errorf("in effect: %v, %+v version %d", err, b.Promises, b.Version)
	}
	if len(b.Holidays) != 34 || b.Zone != "Asia/Makassar" {
		t.Error("a part that was not proposed changed")
	}
	if history, err := h.History(h.member, store.Query{}); err != nil || len(history.Items) != 2 || history.Items[0].Side != "cso" || len(history.Items[0].Changes) == 0 {
		t.Errorf("history: %+v, %v", history, err)
	}
	if history, err := h.ProposalHistory(h.member, p.ID, store.Query{}); err != nil || len(history.Items) != 3 {
		t.Errorf("the proposal's history: %d entries, %v; want made, accepted, in effect", len(history.Items), err)
	}
}

// Each move, in each state, as each of four people.
func TestWhoMayDecideOnAProposalAndWhen(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	moves := map[string]func(context.Context, *settings.View) error{
		"accept": func(as context.Context, p *settings.View) error {
			_, err := h.Accept(as, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash})
			return err
		},
		"refuse": func(as context.Context, p *settings.View) error {
			_, err := h.Refuse(as, p.ID, p.Version, settings.Refusal{Reason: "Terlalu lama bagi warga."})
			return err
		},
		"withdraw": func(as context.Context, p *settings.View) error {
			_, err := h.Withdraw(as, p.ID, p.Version)
			return err
		},
	}
	people := map[string]context.Context{"proposer": h.agency, "other side": h.cso, "member": h.member, "elsewhere": h.elsewhere}
	reach := map[settings.State]string{settings.Waiting: "", settings.InEffect: "accept", settings.Refused: "refuse", settings.Withdrawn: "withdraw"}
	for state, way := range reach {
		for name, move := range moves {
			for who, as := range people {
				change := longer
				change.Promises.Pay = 20 + len(state) + len(name)*10 + len(who)*3 // some other text each time
				if h.promises(t).Pay == change.Promises.Pay {
					change.Promises.Pay++
				}
				p := h.propose(t, h.agency, change)
				if way != "" {
					by := h.cso
					if way == "withdraw" {
						by = h.agency
					}
					if err := moves[way](by, p); err != nil {
						t.Fatal(err)
					}
					var err error
					if p, err = h.Read(h.member, p.ID); err != nil || p.State != state {
						t.Fatalf("%s: %v, %s", state, err, p.State)
					}
				}
				code := ""
				switch {
				case who == "member":
					code = "forbidden"
				case who == "elsewhere":
					code = "not_found"
				case state != settings.Waiting:
					code = "proposal_state"
				case name == "withdraw" && who == "other side":
					code = "proposal_other_side"
				case name != "withdraw" && who == "proposer":
					code = "proposal_own_side"
				}
				want(t, fmt.Sprintf("%s, %s by %s", state, name, who), move(as, p), code)
				if code != "" && state == settings.Waiting {
					if err := moves["withdraw"](h.agency, p); err != nil { // or too many wait
						t.Fatal(err)
					}
				}
			}
		}
	}
}

func TestOnePersonDoesNotAnswerForBothSides(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	agency := h.AsPerson("kupang", "ina", "og_dinas", policies.Agency, policies.TenantAdmin)
	cso := h.AsPerson("kupang", "ina", "og_yayasan", policies.CSO, policies.TenantAdmin)
	p := h.propose(t, agency, longer)
	_, err := h.Accept(cso, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash})
	want(t, "the same person on the other side", err, "accord_one_person")
}

func TestOnlyAnAdministratorProposes(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	for name, as := range map[string]context.Context{"member": h.member, "officer": h.officer} {
		_, err := h.Propose(as, longer)
		want(t, "propose as "+name, err, "forbidden")
		_, err = h.Preview(as, settings.Rows{Text: "2026-12-24,Cuti"})
		want(t, "preview as "+name, err, "forbidden")
	}
	_, err := h.Propose(context.Background(), longer)
	want(t, "propose as a stranger", err, "unauthenticated")
}

func TestAProposalThatCannotHoldIsRefusedByField(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	tests := []struct {
		name, field, code string
		in                settings.Change
	}{
		{"nothing named", "parts", "proposal_changes_nothing", settings.Change{Reason: "x"}},
		{"nothing changed", "parts", "proposal_changes_nothing", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Makassar", Reason: "x"}},
		{"no reason", "reason", "required", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Jakarta", Reason: " "}},
		{"long reason", "reason", "too_long", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Jakarta", Reason: strings.Repeat("a", 2001)}},
		{"turned reason", "reason", "control_characters", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Jakarta", Reason: "a\u202eb"}},
		{"no zone", "zone", "zone_unknown", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Atlantis", Reason: "x"}},
		{"a path for a zone", "zone", "zone_unknown", settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "../../etc/passwd", Reason: "x"}},
		{"no working day", "working_days", "working_days_none", settings.Change{Parts: []settings.Part{settings.WorkingDays}, Reason: "x"}},
		{"a day off twice", "holidays.1.on", "holiday_twice", settings.Change{Parts: []settings.Part{settings.Holidays}, Holidays: []clocks.Holiday{{On: "2026-12-24", Name: "a"}, {On: "2026-12-24", Name: "b"}}, Reason: "x"}},
		{"a negative promise", "promises.pay", "length_out_of_range", settings.Change{Parts: []settings.Part{settings.Promises}, Promises: clocks.Lengths{Acknowledge: 1, Answer: 1, Decide: 1, Pay: -1}, Reason: "x"}},
		{"two keys", "exceptions", "exception_two_keys", settings.Change{Parts: []settings.Part{settings.Exceptions}, Exceptions: []policies.Exception{"tenant_admin:signatory", "tenant_admin:finance_officer"}, Reason: "x"}},
		{"an exception of one's own", "exceptions", "choice_unknown", settings.Change{Parts: []settings.Part{settings.Exceptions}, Exceptions: []policies.Exception{"member:tenant_admin"}, Reason: "x"}},
	}
	for _, tt := range tests {
		_, err := h.Propose(h.agency, tt.in)
		wantField(t, tt.name, err, tt.field, tt.code)
	}
	if page, err := h.Proposals(h.member, settings.Criteria{}, store.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("after refusals: %d proposals, %v", len(page.Items), err)
	}
}

// Two proposals of one part: the second to be accepted was written about terms that are
// gone. Of another part, both hold.
func TestAProposalIsOvertakenByAChangeOfTheSamePartAlone(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	first := h.propose(t, h.agency, longer)
	second := h.propose(t, h.cso, settings.Change{Parts: longer.Parts, Promises: clocks.Lengths{Acknowledge: 1, Answer: 7, Decide: 20, Pay: 10}, Reason: "Warga menunggu terlalu lama."})
	zone := h.propose(t, h.cso, settings.Change{Parts: []settings.Part{settings.Zone}, Zone: "Asia/Jayapura", Reason: "Pindah."})
	accept := func(as context.Context, p *settings.View) error {
		_, err := h.Accept(as, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash})
		return err
	}
	want(t, "the first", accept(h.cso, first), "")
	if got, err := h.Read(h.member, second.ID); err != nil || !got.Overtaken {
		t.Errorf("the second says that it was overtaken: %t, %v", got.Overtaken, err)
	}
	want(t, "the second", accept(h.agency, second), "proposal_outdated")
	want(t, "the zone", accept(h.agency, zone), "")
	b, calendar, err := h.Agreed(h.member)
	if err != nil || b.Promises != longer.Promises || calendar.Zone().String() != "Asia/Jayapura" {
		t.Errorf("in effect: %+v in %s, %v", b.Promises, calendar.Zone(), err)
	}
	if space, err := h.people.TenantSettings(h.member); err != nil || space.Zone != "Asia/Jayapura" {
		t.Errorf("the tenant's zone: %v, %v", space, err)
	}
}

func TestAProposalSaysThatNobodyIsThereToAnswer(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	if p := h.propose(t, h.agency, longer); !p.NoAdmin || p.State != settings.Waiting {
		t.Errorf("without an administrator of the CSOs: %t, %s", p.NoAdmin, p.State)
	}
	of := people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}
	seed := people.Seed{Of: of, Login: "tius@example.org", Name: "Tius", Roles: []policies.Role{policies.TenantAdmin}}
	if _, err := h.people.SeedSeats(t.Context(), "kupang", "perahu-sasando-7", []people.Seed{seed}); err != nil {
		t.Fatal(err)
	}
	change := longer
	change.Promises.Pay = 40
	if p := h.propose(t, h.agency, change); p.NoAdmin {
		t.Error("with one it says the same")
	}
}

func TestNoMoreThanTwentyProposalsWait(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	for i := range 20 {
		change := longer
		change.Promises.Pay = 100 + i
		h.propose(t, h.agency, change)
	}
	_, err := h.Propose(h.cso, longer)
	want(t, "the twenty-first", err, "proposals_many")
}

// An exception and a calendar that were agreed on in one process hold in another within
// two seconds, and end there as fast.
func TestAnotherProcessSeesWhatWasAgreedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	db := h.Dial(t, "other")
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	other := newProcess(t, h.World, db)
	attests := func(p process, want bool, when string) {
		t.Helper()
		_, err := p.gate.Enter(h.cso, policies.AttestPassport)
		if got := err == nil; got != want {
			t.Errorf("%s: an administrator may attest %t, want %t (%v)", when, got, want, err)
		}
		if got := p.gate.May(h.cso, policies.AttestPassport); got != want {
			t.Errorf("%s: the button %t, want %t", when, got, want)
		}
	}
	attests(h.process, false, "here, before")
	attests(other, false, "there, before")
	if _, calendar, err := other.Agreed(h.member); err != nil || calendar.Works("2026-11-28") {
		t.Fatalf("there, before: %v", err)
	}
	agree := func(exceptions []policies.Exception, working []clocks.Weekday) {
		t.Helper()
		p := h.propose(t, h.agency, settings.Change{
			Parts: []settings.Part{settings.Exceptions, settings.WorkingDays}, Exceptions: exceptions, WorkingDays: working, Reason: "Organisasi kecil.",
		})
		if _, err := h.Accept(h.cso, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash}); err != nil {
			t.Fatal(err)
		}
	}
	agree([]policies.Exception{"tenant_admin:signatory"}, clocks.Weekdays()[:6])
	attests(h.process, true, "here, at once")
	h.Clock.Forward(2 * time.Second)
	attests(other, true, "there, two seconds later")
	if _, calendar, err := other.Agreed(h.member); err != nil || !calendar.Works("2026-11-28") {
		t.Errorf("there the Saturday is no working day, %v", err)
	}
	if _, err := other.gate.Enter(h.elsewhere, policies.AttestPassport); fault.CodeOf(err) != "forbidden" {
		t.Errorf("in another tenant: %v", err)
	}
	agree(nil, clocks.Weekdays()[:5])
	attests(h.process, false, "here, ended")
	h.Clock.Forward(2 * time.Second)
	attests(other, false, "there, ended")
}

// A process that dies between the acceptance and its effect leaves the rest to the waker,
// which does it once.
func TestAnAcceptedProposalTakesEffectAfterAnInterruption(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	p := h.propose(t, h.agency, longer)
	if _, err := h.Accept(h.cso, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash}); err != nil {
		t.Fatal(err)
	}
	// As it lies when the process died after the terms changed and before the rest.
	raw := h.Raw(t, "t_kupang")
	type doc = map[string]any
	if _, err := raw.Collection("settings_proposals").UpdateOne(t.Context(), doc{"_id": p.ID}, doc{"$set": doc{"state": "accepted", "wake_at": h.Clock.Now()}}); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Registry().NoteWake(t.Context(), "kupang", h.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.DB.Wake(t.Context(), h.gate); err != nil {
		t.Fatal(err)
	}
	got, err := h.Read(h.member, p.ID)
	if err != nil || got.State != settings.InEffect || got.WakeAt != nil {
		t.Errorf("after the waker: %v, %s", err, got.State)
	}
	b, _, err := h.Agreed(h.member)
	if err != nil || b.Version != 2 || b.Promises != longer.Promises {
		t.Errorf("the terms: version %d, %v; want 2, once", b.Version, err)
	}
}

// The history says which day came, and not that every later one moved up a place.
func TestADayOffThatComesIsOneChangeInTheHistory(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	days := append(clocks.NationalHolidays(), clocks.Holiday{On: "2026-01-02", Name: "Hari jadi"})
	p := h.propose(t, h.agency, settings.Change{Parts: []settings.Part{settings.Holidays}, Holidays: days, Reason: "Kantor tutup."})
	if _, err := h.Accept(h.cso, p.ID, p.Version, settings.Acceptance{Hash: p.Accord.Hash}); err != nil {
		t.Fatal(err)
	}
	history, err := h.History(h.member, store.Query{})
	if err != nil || len(history.Items) != 2 {
		t.Fatalf("%d entries, %v", len(history.Items), err)
	}
	want := fmt.Sprint([]tenants.Difference{
		{Path: "holidays.[2026-01-02].check", To: "false"}, {Path: "holidays.[2026-01-02].name", To: `"Hari jadi"`},
		{Path: "holidays.[2026-01-02].on", To: `"2026-01-02"`}, {Path: "proposal", To: fmt.Sprintf("%q", p.ID)},
	})
	if got := fmt.Sprint(history.Items[0].Changes); got != want {
		t.Errorf("differences:\n got %s\nwant %s", got, want)
	}
}

func TestAPreviewProposesNothing(t *testing.T) {
	t.Parallel()
	h := newTable(t)
	v, err := h.Preview(h.agency, settings.Rows{Text: "2026-12-24,Cuti bersama\n2026-12-25,Kelahiran Yesus Kristus\n2026-14-01,Salah"})
	if err != nil || v.Counts[clocks.Added] != 1 || v.Counts[clocks.Unchanged] != 1 || v.Counts[clocks.Rejected] != 1 || len(v.Holidays) != 35 {
		t.Errorf("got %+v, %d days off, %v", v.Counts, len(v.Holidays), err)
	}
	b, _, err := h.Agreed(h.member)
	if err != nil || b.Version != 1 {
		t.Errorf("the terms moved to version %d, %v", b.Version, err)
	}
	p := h.propose(t, h.agency, settings.Change{Parts: []settings.Part{settings.Holidays}, Holidays: v.Holidays, Reason: "Surat keputusan bersama."})
	if len(p.Changes) != 1 || p.Changes[0].Key != "2026-12-24" || p.Changes[0].Fate != clocks.Added {
		t.Errorf("changes: %+v", p.Changes)
	}
}

func BenchmarkCalendar(b *testing.B) {
	h := newTable(b)
	sc, err := h.gate.Enter(h.member, policies.ReadTenant)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Calendar(b.Context(), sc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEnter(b *testing.B) {
	h := newTable(b)
	for b.Loop() {
		if _, err := h.gate.Enter(h.member, policies.ReadTenant); err != nil {
			b.Fatal(err)
		}
	}
}
