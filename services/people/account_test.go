package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants/store"
)

func TestASeatThatEndedDoesNotCountFromTheNextRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer, policies.TenantAdmin)
	_, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	in, err := h.SignIn(t.Context(), people.SignIn{Login: "budi@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.EndSeat(admin, seat.ID, 1); err != nil {
		t.Fatalf("end: %v", err)
	}
	identity, err := h.Authenticate(t.Context(), in.Secret)
	if err != nil || identity.Actor.Tenant != "" || !identity.Actor.Has(policies.Participant) {
		t.Errorf("after the seat ended: %+v, %v", identity, err)
	}
}

func TestSeatsAreTheirOwnOrganisationsToChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	officer, own := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer, policies.TenantAdmin)
	coordinator, theirs := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	member, _ := h.join(t, yayasan, "tius@example.org", policies.Member)
	_, err := h.EndSeat(coordinator, own.ID, 1)
	want(t, "another organisation's seat", err, "seat_of_another_organisation")
	_, err = h.ChangeRoles(member, theirs.ID, 1, people.Roles{Roles: []policies.Role{policies.Signatory}})
	want(t, "a member", err, "forbidden")
	_, err = h.EndSeat(officer, own.ID, 1)
	want(t, "the last tenant_admin of a side", err, "last_admin")
	_, err = h.ChangeRoles(coordinator, theirs.ID, 1, people.Roles{Roles: []policies.Role{policies.Approver}})
	wantField(t, "a role of the other side", err, "roles", "role_not_of_side")
	changed, err := h.ChangeRoles(coordinator, theirs.ID, 1, people.Roles{Roles: []policies.Role{policies.CSOCoordinator, policies.Signatory}})
	if err != nil || len(changed.Roles) != 2 {
		t.Errorf("own seat: %+v, %v", changed, err)
	}
	_, err = h.ChangeRoles(coordinator, theirs.ID, 1, people.Roles{Roles: []policies.Role{policies.CSOCoordinator}})
	want(t, "a stale version", err, "stale")
	history, err := h.SeatHistory(officer, theirs.ID, store.Query{})
	if err != nil || len(history.Items) != 2 {
		t.Fatalf("history: %+v, %v", history, err)
	}
	for _, e := range history.Items {
		if text := fmt.Sprint(e); strings.Contains(text, "Orang") {
			t.Errorf("a personal name is in the journal: %s", text)
		}
	}
}

func TestAnotherTenantsSeatsAreNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	elsewhere := h.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.TenantAdmin)
	_, err := h.Seat(elsewhere, seat.ID)
	want(t, "read", err, "not_found")
	_, err = h.EndSeat(elsewhere, seat.ID, 1)
	want(t, "end", err, "not_found")
	_, err = h.ResetColleague(elsewhere, seat.ID, 1)
	want(t, "reset", err, "not_found")
}

func TestANewPasswordByMailAndByAColleague(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	officer, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	_, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	stranger, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	if err := h.AskReset(t.Context(), "nobody@example.org", "10.0.0.1"); err != nil || len(h.mails(t)) != 0 {
		t.Errorf("for nobody: %v, %d mails", err, len(h.mails(t)))
	}
	if err := h.AskReset(t.Context(), "budi@example.org", "10.0.0.1"); err != nil || len(h.mails(t)) != 1 {
		t.Fatalf("by mail: %v, %d mails", err, len(h.mails(t)))
	}
	byMail := secretOf(h.linkIn(t, h.mails(t)[0]))
	if err := h.ResetOpen(t.Context(), byMail); err != nil {
		t.Errorf("the link in the mail: %v", err)
	}
	_, err := h.ResetColleague(stranger, seat.ID, 1)
	want(t, "by another organisation", err, "seat_of_another_organisation")
	link, err := h.ResetColleague(officer, seat.ID, 1)
	if err != nil {
		t.Fatalf("by a colleague: %v", err)
	}
	if n := len(h.mails(t)); n != 2 {
		t.Errorf("the colleague was not told: %d mails", n)
	}
	_, err = h.Reset(t.Context(), secretOf(link), "1234567890")
	wantField(t, "a weak password", err, "password", "password_weak")
	if _, err := h.Reset(t.Context(), secretOf(link), "kapal-layar-99"); err != nil {
		t.Fatalf("reset: %v", err)
	}
	_, err = h.Reset(t.Context(), secretOf(link), "kapal-layar-98")
	want(t, "the link again", err, "link_expired")
	_, err = h.Reset(t.Context(), byMail, "kapal-layar-97")
	want(t, "a link made before the password was replaced", err, "link_expired")
	if n := len(h.mails(t)); n != 3 {
		t.Errorf("she was not told of the new password: %d mails", n)
	}
	if _, err := h.SignIn(t.Context(), people.SignIn{Login: "budi@example.org", Password: "kapal-layar-99"}); err != nil {
		t.Errorf("with the new password: %v", err)
	}
	_, err = h.SignIn(t.Context(), people.SignIn{Login: "budi@example.org", Password: good})
	want(t, "with the old one", err, "credentials_wrong")
}

func TestTokensActOnTheirSeatAndEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	_, err := h.CreateToken(ctx, people.NewToken{Name: "skrip", Days: 400})
	wantField(t, "400 days", err, "days", "out_of_range")
	made, err := h.CreateToken(ctx, people.NewToken{Name: "skrip", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	identity, err := h.AuthenticateToken(t.Context(), made.Secret)
	if err != nil || identity.Actor.Tenant != "kupang" || !identity.Actor.Has(policies.ProgramOfficer) {
		t.Errorf("with the token: %+v, %v", identity, err)
	}
	_, err = h.AuthenticateToken(t.Context(), made.Secret+"x")
	want(t, "a wrong token", err, "unauthenticated")
	_, err = h.Authenticate(t.Context(), made.Secret)
	want(t, "a token as a cookie", err, "unauthenticated")
	stranger, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	want(t, "ended by somebody else", h.EndToken(stranger, made.ID), "not_found")
	h.Clock.Forward(31 * 24 * time.Hour)
	_, err = h.AuthenticateToken(t.Context(), made.Secret)
	want(t, "after 31 days", err, "unauthenticated")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	second, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Agent: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.Sessions(ctx)
	if err != nil || len(list) != 2 {
		t.Fatalf("sessions: %d, %v", len(list), err)
	}
	stranger, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	if err := h.EndSession(stranger, second.Session.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), second.Secret); err != nil {
		t.Errorf("a stranger ended the session: %v", err)
	}
	if err := h.EndSession(ctx, second.Session.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.Authenticate(t.Context(), second.Secret)
	want(t, "an ended session", err, "unauthenticated")
}

func TestASuspendedTenantLetsNobodyAct(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	link, _, _ := h.SetUpLink(t.Context())
	if _, err := h.SetUp(t.Context(), secretOf(link), people.SetUp{Name: "Admin", Login: "admin@example.org", Password: good}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Suspend(h.enter(t, "admin@example.org"), "kupang", true); err != nil {
		t.Fatal(err)
	}
	if identity, err := h.Authenticate(t.Context(), in.Secret); err != nil || identity.Actor.Tenant != "" {
		t.Errorf("in a suspended tenant: %+v, %v", identity, err)
	}
}

func TestLoginsAreFolded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"  Ina@Example.ORG ": "mailto:ina@example.org", "0812-3456-7890": "tel:+6281234567890", "+62 812 3456 7890": "tel:+6281234567890",
		"+1 (202) 555-0100": "tel:+12025550100", "": "", "62812": "", "0812": "", "ina@": "", "a b@example.org": "", "ina@example.org\r\nBcc: x@example.org": "",
		"00628123456789": "tel:+628123456789", "+62 (0)812 3456 7890": "tel:+6281234567890", "6281234567890": "tel:+6281234567890",
		"00": "", "0000000000": "", "+": "", "8+1234567890": "", "+0812345678": "", "08١٢٣٤٥٦٧٨": "",
	} {
		if got, err := people.Login(text); got != want || (err == nil) != (want != "") {
			t.Errorf("Login(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}
