package people_test

import (
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

// A seat with a last day opens everything until midnight in the tenant's zone, and nothing
// after, whether or not the clock has come by; then it is ended in its history too.
func TestASeatEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // 24 November 2026, 09.00 in Makassar
	admin, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer, policies.TenantAdmin)
	_, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	seat, err := h.SetTerm(admin, seat.ID, seat.Version, people.Term{Until: "2026-11-30"})
	if err != nil || seat.Until != "2026-11-30" {
		t.Fatalf("%+v, %v", seat, err)
	}
	in, err := h.SignIn(t.Context(), people.SignIn{Login: "budi@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	seated := func() tenants.SeatID {
		t.Helper()
		identity, err := h.Authenticate(t.Context(), in.Secret)
		if err != nil {
			t.Fatal(err)
		}
		return identity.Actor.Seat
	}
	makassar := time.FixedZone("WITA", 8*3600)
	midnight := time.Date(2026, 12, 1, 0, 0, 0, 0, makassar)
	h.Clock.Forward(midnight.Add(-time.Second).Sub(h.Clock.Now()))
	if seated() == "" {
		t.Error("on its last evening the seat opens nothing")
	}
	h.Clock.Forward(time.Second)
	if seated() != "" {
		t.Error("after its last day the seat still opens something, before the clock came by")
	}
	if _, err := h.DB.Wake(t.Context(), h.Gate); err != nil {
		t.Fatal(err)
	}
	ended, err := h.Seat(admin, seat.ID)
	if err != nil || ended.State != people.SeatEnded || ended.EndedAt == nil || ended.WakeAt != nil {
		t.Errorf("after the clock: %+v, %v", ended, err)
	}
	// The person may be invited for the same organisation again.
	if _, err := h.InviteFirst(t.Context(), h.Gate.System(t.Context(), "kupang", policies.RunCommand), dinas,
		people.Invite{Login: "budi@example.org", Name: "Budi", Roles: []policies.Role{policies.Member}}); err != nil {
		t.Errorf("invited again: %v", err)
	}
}

func TestALastDayIsSetByTheSeatsOwnOrganisation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, own := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer, policies.TenantAdmin)
	officer, _ := h.join(t, dinas, "sri@example.org", policies.ProgramOfficer)
	other, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	member, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	_, err := h.SetTerm(other, seat.ID, seat.Version, people.Term{Until: "2026-12-31"})
	want(t, "by another organisation", err, "seat_of_another_organisation")
	_, err = h.SetTerm(member, seat.ID, seat.Version, people.Term{Until: "2026-12-31"})
	want(t, "by a member", err, "forbidden")
	for _, day := range []string{"2026-11-24", "2026-11-01"} {
		_, err = h.SetTerm(officer, seat.ID, seat.Version, people.Term{Until: clocks.Day(day)})
		wantField(t, day, err, "until", "day_past")
	}
	_, err = h.SetTerm(officer, seat.ID, seat.Version+1, people.Term{Until: "2026-12-31"})
	if fault.KindOf(err) != fault.Stale {
		t.Errorf("a stale edit: %v", err)
	}
	seat, err = h.SetTerm(officer, seat.ID, seat.Version, people.Term{Until: "2026-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	if seat, err = h.SetTerm(officer, seat.ID, seat.Version, people.Term{}); err != nil || seat.Until != "" || seat.WakeAt != nil {
		t.Errorf("without an end again: %+v, %v", seat, err)
	}
	// A side keeps a tenant administrator whose seat has no end.
	_, err = h.SetTerm(admin, own.ID, own.Version, people.Term{Until: "2026-12-31"})
	want(t, "the only administrator of a side", err, "last_admin")
	_, second := h.join(t, dinas, "tono@example.org", policies.TenantAdmin)
	if _, err = h.SetTerm(admin, second.ID, second.Version, people.Term{Until: "2026-12-31"}); err != nil {
		t.Fatal(err)
	}
	_, err = h.EndSeat(admin, own.ID, own.Version)
	want(t, "the only administrator without an end", err, "last_admin")
}
