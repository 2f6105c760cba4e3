package people_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

// admin sets the platform up and gives its administrator's context.
func (h *house) admin(t *testing.T) context.Context {
	t.Helper()
	link, _, err := h.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SetUp(t.Context(), secretOf(link), people.SetUp{Name: "Admin", Login: "admin@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	return h.enter(t, "admin@example.org")
}

func TestOfManySetUpsOneLeavesAnAccountBehind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link, _, err := h.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := h.service(t, h.Dial(t, "another process"))
	login := func(i int) string { return fmt.Sprintf("admin%d@example.org", i) }
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			in := people.SetUp{Name: "Admin", Login: login(i), Password: good}
			_, _ = []*people.Service{h.Service, other}[i%2].SetUp(context.Background(), secretOf(link), in)
		})
	}
	group.Wait()
	accounts := 0
	for i := range 6 {
		if _, err := h.SignIn(t.Context(), people.SignIn{Login: login(i), Password: good}); err != nil {
			continue
		}
		accounts++
		me, err := h.Me(h.enter(t, login(i)))
		if err != nil || !me.PlatformAdmin || len(me.Logins) != 1 {
			t.Errorf("the administrator sees %+v, %v; want the one login they typed", me, err)
		}
	}
	if accounts != 1 {
		t.Errorf("%d accounts were made, want 1", accounts)
	}
}

func TestTheFirstSeatOfASideIsOfferedWithoutContentPowers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.admin(t)
	founder := people.Invite{Login: "ina@example.org", Name: "Ina"}
	_, err := h.InviteFounder(t.Context(), "kupang", dinas, founder)
	want(t, "nobody", err, "unauthenticated")
	_, err = h.InviteFounder(admin, "nowhere", dinas, founder)
	want(t, "a tenant that is not", err, "not_found")
	_, err = h.InviteFounder(admin, "kupang", dinas, people.Invite{Login: "ADMIN@example.org", Name: "Admin"})
	wantField(t, "the administrator's own login", err, "login", "login_own")
	in, err := h.InviteFounder(admin, "kupang", dinas, founder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Accept(t.Context(), secretOf(in.Link), people.Accept{Password: good}); err != nil {
		t.Fatal(err)
	}
	ina := h.enter(t, "ina@example.org")
	if !tenants.ActorFrom(ina).Has(policies.TenantAdmin) {
		t.Errorf("the founder is %v", tenants.ActorFrom(ina).Roles)
	}
	_, err = h.InviteFounder(admin, "kupang", dinas, people.Invite{Login: "budi@example.org", Name: "Budi"})
	want(t, "a second founder", err, "side_has_seats")
	_, err = h.InviteFounder(ina, "kupang", yayasan, people.Invite{Login: "maria@example.org", Name: "Maria"})
	want(t, "a tenant_admin", err, "forbidden")
	if _, err := h.InviteFounder(admin, "kupang", yayasan, people.Invite{Login: "maria@example.org", Name: "Maria"}); err != nil {
		t.Errorf("the founder of the other side: %v", err)
	}
}

func TestASuspendedTenantTakesNobodyIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.invite(t, dinas, "ina@example.org", policies.ProgramOfficer)
	if _, err := h.SuspendAsOperator(t.Context(), "kupang", true); err != nil {
		t.Fatal(err)
	}
	_, err := h.Accept(t.Context(), secret, people.Accept{Password: good})
	want(t, "accept", err, "tenant_suspended")
	if _, err := h.SuspendAsOperator(t.Context(), "kupang", false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Accept(t.Context(), secret, people.Accept{Password: good}); err != nil {
		t.Errorf("once it is open again: %v", err)
	}
}

func TestAHostileTenantIsRefusedByField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, test := range []struct {
		field, code string
		in          people.NewTenant
	}{
		{"slug", "slug_malformed", people.NewTenant{Slug: "../etc", Short: "ETC"}},
		{"short", "short_malformed", people.NewTenant{Slug: "ende", Short: "toolong"}},
		{"zone", "zone_unknown", people.NewTenant{Slug: "ende", Zone: "../../etc/passwd"}},
		{"language", "language_unknown", people.NewTenant{Slug: "ende", Language: "xx"}},
		{"currency", "currency_unknown", people.NewTenant{Slug: "ende", Currency: "RUPIAH"}},
		{"name", "control_characters", people.NewTenant{Slug: "ende", Name: "Ende\u202e"}},
	} {
		_, err := h.AddTenant(t.Context(), test.in)
		wantField(t, test.field, err, test.field, test.code)
	}
}

func TestADemonstrationIsSeededOnceAndNowhereElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seeds := []people.Seed{
		{Of: dinas, Login: "ina@example.org", Name: "Ina", Roles: []policies.Role{policies.ProgramOfficer}},
		{Of: yayasan, Login: "maria@example.org", Name: "Maria", Roles: []policies.Role{policies.CSOCoordinator}},
		{Of: yayasan, Login: "ina@example.org", Name: "Ina", Roles: []policies.Role{policies.Observer}},
	}
	_, err := h.SeedSeats(t.Context(), "kupang", good, seeds)
	want(t, "a tenant of real people", err, "forbidden")
	if _, err := h.AddTenant(t.Context(), people.NewTenant{Slug: "demo", Demo: true}); err != nil {
		t.Fatal(err)
	}
	first, err := h.SeedSeats(t.Context(), "demo", good, seeds)
	if err != nil || len(first) != 3 {
		t.Fatalf("seeded: %+v, %v", first, err)
	}
	again, err := h.SeedSeats(t.Context(), "demo", "another-password-1", seeds)
	if err != nil || again[0].ID != first[0].ID || again[0].Version != 1 {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	ina := h.enter(t, "ina@example.org")
	if seats, err := h.OwnSeats(ina); err != nil || len(seats) != 2 {
		t.Errorf("own seats: %+v, %v; want two", seats, err)
	}
	token, err := h.CreateToken(tenants.WithActor(t.Context(), first[1].Actor()), people.NewToken{Name: "skrip", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	identity, err := h.AuthenticateToken(t.Context(), token.Secret)
	if err != nil || identity.Actor.Name != "Maria" {
		t.Errorf("a seeded token: %+v, %v", identity, err)
	}
}
