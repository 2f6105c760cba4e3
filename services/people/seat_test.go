package people_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

func TestOnlyATenantAdminMakesOrUnmakesOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, boss := h.join(t, dinas, "ani@example.org", policies.TenantAdmin)
	officer, own := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	admin := []policies.Role{policies.TenantAdmin}
	_, err := h.Invite(officer, people.Invite{Login: "x@example.org", Name: "X", Roles: admin})
	want(t, "invite one", err, "role_not_yours")
	_, err = h.ChangeRoles(officer, own.ID, 1, people.Roles{Roles: admin})
	want(t, "become one", err, "role_not_yours")
	_, err = h.ChangeRoles(officer, boss.ID, 1, people.Roles{Roles: []policies.Role{policies.Member}})
	want(t, "unmake one", err, "role_not_yours")
	_, err = h.EndSeat(officer, boss.ID, 1)
	want(t, "end one", err, "role_not_yours")
	_, err = h.ResetColleague(officer, boss.ID, 1)
	want(t, "sign in as one", err, "role_not_yours")
}

func TestTwoAdminsWhoEndEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, seatA := h.join(t, dinas, "a@example.org", policies.TenantAdmin)
	b, seatB := h.join(t, dinas, "b@example.org", policies.TenantAdmin)
	other := h.service(t, h.Dial(t, "another process"))
	var group sync.WaitGroup
	var ended atomic.Int32
	group.Go(func() {
		if _, err := h.EndSeat(a, seatB.ID, 1); err == nil {
			ended.Add(1)
		}
	})
	group.Go(func() {
		if _, err := other.EndSeat(b, seatA.ID, 1); err == nil {
			ended.Add(1)
		}
	})
	group.Wait()
	if n := ended.Load(); n != 1 {
		t.Errorf("%d of two ended the other, want 1", n)
	}
}

func TestAPersonHasOneSeatForAnOrganisation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	boss, _ := h.join(t, dinas, "ani@example.org", policies.TenantAdmin)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	secret := h.invite(t, dinas, "ina@example.org", policies.Member)
	_, err := h.Accept(ctx, secret, people.Accept{})
	want(t, "a second seat", err, "already_seated")
	if _, err := h.EndSeat(boss, seat.ID, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Accept(ctx, secret, people.Accept{}); err != nil {
		t.Errorf("after the first one ended: %v", err)
	}
}

func TestASeatIsSwitchedInOnesOwnSessionOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	mine, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	_, theirs := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	other, err := h.SignIn(t.Context(), people.SignIn{Login: "maria@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "in another person's session", h.SwitchSeat(ctx, other.Session, seat.Ref()), "not_found")
	want(t, "to another person's seat", h.SwitchSeat(ctx, mine.Session, theirs.Ref()), "not_found")
	if err := h.SwitchSeat(ctx, mine.Session, tenants.SeatRef{}); err != nil {
		t.Fatal(err)
	}
	identity, err := h.Authenticate(t.Context(), mine.Secret)
	if err != nil || identity.Actor.Tenant != "" || !identity.Actor.Has(policies.Participant) {
		t.Errorf("without a seat: %+v, %v", identity, err)
	}
}

func TestANewNameShowsOnEverySeatAndInNoJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	for code, bad := range map[string]string{"control_characters": "Ina\u202e", "required": "  ", "too_long": strings.Repeat("x", 201)} {
		_, err := h.Rename(ctx, bad)
		wantField(t, code, err, "name", code)
	}
	if _, err := h.Rename(ctx, " Ina Contoh "); err != nil {
		t.Fatal(err)
	}
	got, err := h.Seat(ctx, seat.ID)
	if err != nil || got.Name != "Ina Contoh" {
		t.Errorf("the seat: %+v, %v", got, err)
	}
	history, err := h.SeatHistory(ctx, seat.ID, store.Query{})
	if err != nil || strings.Contains(fmt.Sprint(history), "Contoh") {
		t.Errorf("the journal: %+v, %v", history, err)
	}
}

func TestATokenIsOverWithItsSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	boss, _ := h.join(t, dinas, "ani@example.org", policies.TenantAdmin)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	token, err := h.CreateToken(ctx, people.NewToken{Name: "skrip", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.EndSeat(boss, seat.ID, 1); err != nil {
		t.Fatal(err)
	}
	_, err = h.AuthenticateToken(t.Context(), token.Secret)
	want(t, "a token of an ended seat", err, "unauthenticated")
}

func TestASeatOfAnotherTenantIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.AddTenant(t.Context(), people.NewTenant{Slug: "ende"}); err != nil {
		t.Fatal(err)
	}
	in, err := h.InviteFirst(t.Context(), h.Gate.System(t.Context(), "ende", policies.RunCommand), dinas, people.Invite{
		Login: "ani@example.org", Name: "Ani", Roles: []policies.Role{policies.TenantAdmin},
	})
	if err != nil {
		t.Fatal(err)
	}
	there, err := h.Accept(t.Context(), secretOf(in.Link), people.Accept{Password: good})
	if err != nil {
		t.Fatal(err)
	}
	// The same organisation has a seat in both tenants.
	here, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer, policies.TenantAdmin)
	_, err = h.Seat(here, there.ID)
	want(t, "read", err, "not_found")
	_, err = h.SeatHistory(here, there.ID, store.Query{})
	want(t, "history", err, "not_found")
	_, err = h.ChangeRoles(here, there.ID, 1, people.Roles{Roles: []policies.Role{policies.Member}})
	want(t, "change roles", err, "not_found")
	_, err = h.EndSeat(here, there.ID, 1)
	want(t, "end", err, "not_found")
	_, err = h.ResetColleague(here, there.ID, 1)
	want(t, "reset", err, "not_found")
	_, err = h.Withdraw(here, in.ID, 1)
	want(t, "withdraw", err, "not_found")
}
