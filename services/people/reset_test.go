package people_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
)

func TestAColleagueOpensNoMoreThanTheirOwnOrganisation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	officer, own := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	budi, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	_, err := h.ResetColleague(officer, own.ID, 1)
	want(t, "oneself, without the current password", err, "reset_own")
	if _, err := h.Accept(budi, h.invite(t, yayasan, "budi@example.org", policies.Signatory), people.Accept{}); err != nil {
		t.Fatal(err)
	}
	_, err = h.ResetColleague(officer, seat.ID, 1)
	want(t, "somebody with a seat elsewhere", err, "reset_elsewhere")
}

func TestANewPasswordEndsSessionsAndTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	_, seat := h.join(t, dinas, "budi@example.org", policies.Member)
	session, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.CreateToken(ctx, people.NewToken{Name: "skrip", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.ResetAsOperator(t.Context(), "ina@example.org")
	if err != nil {
		t.Fatal(err)
	}
	secret := secretOf(link)
	for name, bad := range map[string]string{
		"cut": secret[:len(secret)-1], "another person's": string(seat.Person) + secret[strings.Index(secret, "."):], "nothing": "", "a dot": ".", "huge": strings.Repeat("x", 1<<16),
	} {
		_, err := h.Reset(t.Context(), bad, "kapal-layar-99")
		want(t, name, err, "link_expired")
	}
	var group sync.WaitGroup
	var done atomic.Int32
	for i := range 4 {
		group.Go(func() {
			if _, err := h.Reset(context.Background(), secret, fmt.Sprintf("kapal-layar-9%d", i)); err == nil {
				done.Add(1)
			}
		})
	}
	group.Wait()
	if n := done.Load(); n != 1 {
		t.Errorf("%d of four set a password through one link, want 1", n)
	}
	_, err = h.Authenticate(t.Context(), session.Secret)
	want(t, "a session from before", err, "unauthenticated")
	_, err = h.AuthenticateToken(t.Context(), token.Secret)
	want(t, "a token from before", err, "unauthenticated")
}

func TestOnesOwnPasswordNeedsTheOneBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	in := people.SignIn{Login: "ina@example.org", Password: good}
	here, err := h.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	there, err := h.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	wrong := people.NewPassword{Current: "wrong-password", Password: "kapal-layar-99"}
	wantField(t, "a wrong one", h.ChangePassword(ctx, here.Session.ID, wrong), "current", "password_wrong")
	if err := h.ChangePassword(ctx, here.Session.ID, people.NewPassword{Current: good, Password: "kapal-layar-99"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), here.Secret); err != nil {
		t.Errorf("this session: %v", err)
	}
	_, err = h.Authenticate(t.Context(), there.Secret)
	want(t, "the other session", err, "unauthenticated")
	if n := len(h.mails(t)); n != 1 {
		t.Errorf("she was not told: %d mails", n)
	}
	for range 9 {
		err = h.ChangePassword(ctx, here.Session.ID, wrong)
	}
	want(t, "guessing in a stolen session", err, "sign_in_throttled")
}

func TestAskingForResetsIsBoundedAndSaysNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	for range 6 {
		if err := h.AskReset(t.Context(), "ina@example.org", "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.mails(t)); n != 3 {
		t.Errorf("%d mails for six requests, want 3", n)
	}
	var err error
	for i := range 16 {
		err = h.AskReset(t.Context(), fmt.Sprintf("x%d@example.org", i), "10.0.0.1")
	}
	want(t, "the 22nd from one address", err, "sign_in_throttled")
}

func TestPasswordsThatAreGuessedFirstAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.invite(t, dinas, "ina.contoh@example.org", policies.ProgramOfficer)
	for password, code := range map[string]string{
		"": "password_short", "123456789": "password_short", "ééééééééé": "password_short", strings.Repeat("x1", 65): "too_long",
		"1234567890": "password_weak", "0987654321": "password_weak", "aaaaaaaaaaaa": "password_weak", "ababababab": "password_weak",
		"abcdefghij": "password_weak", "Password123": "password_weak", "Bismillah99": "password_weak", "selamat datang 1": "password_weak",
		"19870412198": "password_weak", "081234567890": "password_weak", "ina.contoh": "password_weak", "ina.contoh@example.org": "password_weak",
		"INA.CONTOH1": "password_weak", "kapal\x00layar-99": "control_characters",
	} {
		_, err := h.Accept(t.Context(), secret, people.Accept{Password: password})
		wantField(t, fmt.Sprintf("%q", password), err, "password", code)
	}
	// Two spellings of one letter are one password.
	if _, err := h.Accept(t.Context(), secret, people.Accept{Password: "caf\u00e9 di kupang"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SignIn(t.Context(), people.SignIn{Login: "ina.contoh@example.org", Password: "cafe\u0301 di kupang"}); err != nil {
		t.Errorf("with a combining accent: %v", err)
	}
}
