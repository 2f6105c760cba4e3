package people_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

const good = "perahu-sasando-7"

// house is a world with the service, an outbox, and a tenant with two organisations.
type house struct {
	*tenantstest.World
	*people.Service
	outbox string
}

var (
	dinas   = people.Organisation{ID: "og_dinas", Name: "Dinas Contoh", Side: policies.Agency}
	yayasan = people.Organisation{ID: "og_yayasan", Name: "Yayasan Contoh", Side: policies.CSO}
)

func newHouse(t *testing.T) *house {
	t.Helper()
	w := tenantstest.New(t)
	h := &house{World: w, outbox: t.TempDir()}
	h.Service = h.service(t, w.DB)
	if _, err := h.AddTenant(t.Context(), people.NewTenant{Slug: "kupang", Zone: "Asia/Makassar"}); err != nil {
		t.Fatalf("tenant: %v", err)
	}
	return h
}

func (h *house) service(t *testing.T, db *store.DB) *people.Service {
	t.Helper()
	sender, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: h.outbox, Now: h.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return people.Open(people.Config{DB: db, Gate: h.Gate, Mail: sender, PublicURL: "https://mitra.example.org", Random: rand.Reader})
}

// invite offers a first seat from the command line and gives the link's secret.
func (h *house) invite(t *testing.T, of people.Organisation, login string, roles ...policies.Role) string {
	t.Helper()
	sc := h.Gate.System(t.Context(), "kupang", policies.RunCommand)
	in, err := h.InviteFirst(t.Context(), sc, of, people.Invite{Login: login, Name: "Orang " + login, Roles: roles})
	if err != nil {
		t.Fatalf("invite %s: %v", login, err)
	}
	return secretOf(in.Link)
}

func secretOf(link string) string { return link[strings.LastIndex(link, "/")+1:] }

// join takes a person all the way to a signed-in context on their seat.
func (h *house) join(t *testing.T, of people.Organisation, login string, roles ...policies.Role) (context.Context, *people.Seat) {
	t.Helper()
	seat, err := h.Accept(t.Context(), h.invite(t, of, login, roles...), people.Accept{Password: good})
	if err != nil {
		t.Fatalf("accept as %s: %v", login, err)
	}
	return h.enter(t, login), seat
}

func (h *house) enter(t *testing.T, login string) context.Context {
	t.Helper()
	in, err := h.SignIn(t.Context(), people.SignIn{Login: login, Password: good})
	if err != nil {
		t.Fatalf("sign in as %s: %v", login, err)
	}
	identity, err := h.Authenticate(t.Context(), in.Secret)
	if err != nil {
		t.Fatalf("authenticate %s: %v", login, err)
	}
	return tenants.WithActor(t.Context(), identity.Actor)
}

// mails waits for letters on their way and gives all, the earliest first.
func (h *house) mails(t *testing.T) []string {
	t.Helper()
	h.Close()
	names, err := filepath.Glob(filepath.Join(h.outbox, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range names {
		text, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// linkIn is the link a letter holds.
func (h *house) linkIn(t *testing.T, letter string) string {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(text)) {
		if strings.HasPrefix(word, "https://") {
			return word
		}
	}
	t.Fatalf("no link in %s", text)
	return ""
}

func want(t *testing.T, what string, err error, code string) {
	t.Helper()
	if got := fault.CodeOf(err); err == nil || got != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func wantField(t *testing.T, what string, err error, field, code string) {
	t.Helper()
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || !slices.ContainsFunc(refusal.Fields, func(f fault.Field) bool { return f.Name == field && f.Code == code }) {
		t.Errorf("%s: got %v, want %s %s", what, err, field, code)
	}
}

func TestTheSetUpLinkMakesOneAdministratorOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, needed, err := h.SetUpLink(t.Context())
	if err != nil || !needed {
		t.Fatalf("set-up link: %v, needed %v", err, needed)
	}
	second, _, err := h.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i, link := range []string{first, second, first, second} {
		group.Go(func() {
			_, err := h.SetUp(context.Background(), secretOf(link), people.SetUp{
				Name: "Admin", Login: fmt.Sprintf("admin%d@example.org", i), Password: good,
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			}
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("%d administrators were made, want 1", made)
	}
	if _, needed, err := h.SetUpLink(t.Context()); err != nil || needed {
		t.Errorf("after the set-up: needed %v, %v", needed, err)
	}
}

func TestASetUpLinkLastsAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link, _, err := h.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Forward(61 * time.Minute)
	want(t, "after 61 minutes", h.SetUpOpen(t.Context(), secretOf(link)), "link_expired")
}

func TestThePlatformsAdministratorHasNoContent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link, _, _ := h.SetUpLink(t.Context())
	if _, err := h.SetUp(t.Context(), secretOf(link), people.SetUp{Name: "Admin", Login: "admin@example.org", Password: good}); err != nil {
		t.Fatal(err)
	}
	ctx := h.enter(t, "admin@example.org")
	if _, err := h.CreateTenant(ctx, people.NewTenant{Slug: "ende", Short: "END"}); err != nil {
		t.Errorf("create a tenant: %v", err)
	}
	_, err := h.Seats(ctx, people.SeatCriteria{}, store.Query{})
	want(t, "list people", err, "forbidden")
	_, err = h.EditTenant(ctx, 1, people.Settings{})
	want(t, "edit a tenant's settings", err, "forbidden")
}

func TestAnInvitationBecomesASeatOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.invite(t, dinas, "ina@example.org", policies.ProgramOfficer)
	_, err := h.Accept(t.Context(), secret, people.Accept{Password: "short"})
	wantField(t, "a short password", err, "password", "password_short")
	var group sync.WaitGroup
	seats := make(chan *people.Seat, 4)
	for range 4 {
		group.Go(func() {
			if seat, err := h.Accept(context.Background(), secret, people.Accept{Name: "Ina", Password: good}); err == nil {
				seats <- seat
			}
		})
	}
	group.Wait()
	close(seats)
	ids := map[string]bool{}
	for seat := range seats {
		ids[string(seat.ID)] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d seats came of one invitation", len(ids))
	}
	_, err = h.Accept(t.Context(), secret, people.Accept{Password: good})
	want(t, "a used invitation", err, "link_expired")
	ctx := h.enter(t, "INA@example.org")
	if a := tenants.ActorFrom(ctx); a.Tenant != "kupang" || a.Organisation != dinas.ID || a.Side != policies.Agency || !a.Has(policies.ProgramOfficer) {
		t.Errorf("the actor on the seat: %+v", a)
	}
}

func TestWhoIsKnownAcceptsAsThemselvesOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	stranger, _ := h.join(t, dinas, "budi@example.org", policies.Member)
	secret := h.invite(t, yayasan, "ina@example.org", policies.Observer)
	for name, as := range map[string]context.Context{"nobody": t.Context(), "somebody else": stranger} {
		_, err := h.Accept(as, secret, people.Accept{Name: "X", Password: "another-password-1"})
		want(t, name, err, "invitation_sign_in")
	}
	if _, err := h.Accept(ctx, secret, people.Accept{}); err != nil {
		t.Fatalf("as herself: %v", err)
	}
	seats, err := h.OwnSeats(ctx)
	if err != nil || len(seats) != 2 {
		t.Errorf("own seats: %+v, %v; want two", seats, err)
	}
	if in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: "another-password-1"}); err == nil {
		t.Errorf("a stranger's password works: %+v", in)
	}
}

func TestInvitationsRunOutAreWithdrawnAndStayWithTheirOrganisation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	coordinator, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	officer, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	in, err := h.Invite(coordinator, people.Invite{Login: "0812 3456 7890", Name: "Tius", Roles: []policies.Role{policies.Trainer}})
	if err != nil {
		t.Fatalf("invite: %v", err)
	}
	if in.Login != "tel:+6281234567890" || in.Organisation != yayasan.ID {
		t.Errorf("the invitation: %+v", in.Invitation)
	}
	page, err := h.Invitations(officer, store.Query{})
	if err != nil || slices.ContainsFunc(page.Items, func(i *people.Invitation) bool { return i.Organisation != dinas.ID }) {
		t.Errorf("another organisation sees %+v, %v", page, err)
	}
	_, err = h.Withdraw(officer, in.ID, 1)
	want(t, "withdrawn by another organisation", err, "not_found")
	_, err = h.Invite(coordinator, people.Invite{Login: "a@example.org", Name: "A", Roles: []policies.Role{policies.ProgramOfficer}})
	wantField(t, "a role of the other side", err, "roles", "role_not_of_side")
	if _, err := h.Withdraw(coordinator, in.ID, 1); err != nil {
		t.Fatalf("withdraw: %v", err)
	}
	_, err = h.Accept(t.Context(), secretOf(in.Link), people.Accept{Password: good})
	want(t, "a withdrawn invitation", err, "link_expired")
	secret := h.invite(t, dinas, "late@example.org", policies.Member)
	h.Clock.Forward(15 * 24 * time.Hour)
	_, err = h.Accept(t.Context(), secret, people.Accept{Password: good})
	want(t, "after 15 days", err, "link_expired")
}

func TestSigningInSaysTheSameOfAWrongLoginAndAWrongPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	for name, in := range map[string]people.SignIn{
		"a wrong password": {Login: "ina@example.org", Password: "wrong-password"},
		"no such person":   {Login: "nobody@example.org", Password: "wrong-password"},
		"a huge password":  {Login: "ina@example.org", Password: strings.Repeat("x", 100_000)},
	} {
		_, err := h.SignIn(t.Context(), in)
		want(t, name, err, "credentials_wrong")
	}
	_, err := h.SignIn(t.Context(), people.SignIn{Login: "not an address", Password: good})
	wantField(t, "no login at all", err, "login", "login_malformed")
}

func TestStrangersCannotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	home, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Address: "10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	other := h.service(t, h.Dial(t, "another process"))
	throttled := false
	for i := range 14 {
		attacker := []*people.Service{h.Service, other}[i%2]
		_, err := attacker.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: "guess-number-1", Address: "10.6.6.6"})
		throttled = throttled || fault.CodeOf(err) == "sign_in_throttled"
	}
	if !throttled {
		t.Error("14 guesses through two processes were not slowed")
	}
	_, err = h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Address: "10.6.6.6"})
	want(t, "the right guess from the attacker's machine", err, "sign_in_throttled")
	if _, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Address: "10.0.0.1", Device: home.Device}); err != nil {
		t.Errorf("the owner, from her own browser: %v", err)
	}
	h.Clock.Forward(16 * time.Minute)
	if _, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good}); err != nil {
		t.Errorf("the owner from anywhere, later: %v", err)
	}
}
