package people_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

// codeAt is the code of a key at an instant, by RFC 4226 §5.3 and RFC 6238 §4.
func codeAt(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	counter := make([]byte, 8)
	binary.BigEndian.PutUint64(counter, uint64(at.Unix()/30)) //nolint:gosec // after 1970
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter)
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:offset+4])&0x7fffffff)%1_000_000)
}

// twoSteps turns the second step on for somebody, and gives key and recovery codes.
func (h *house) twoSteps(t *testing.T, ctx context.Context) (key string, codes []string) {
	t.Helper()
	if err := h.BeginSecondStep(ctx); err != nil {
		t.Fatal(err)
	}
	e, err := h.Enrolling(ctx)
	if err != nil || e == nil {
		t.Fatalf("enrolling: %+v, %v", e, err)
	}
	if !strings.HasPrefix(e.Address, "otpauth://totp/Mitra:") || !strings.Contains(e.Address, "secret="+e.Key) || !strings.Contains(e.Address, "issuer=Mitra") {
		t.Errorf("the address is %s", e.Address)
	}
	if codes, err = h.ConfirmSecondStep(ctx, codeAt(t, e.Key, h.Clock.Now())); err != nil || len(codes) != 10 {
		t.Fatalf("confirm: %v, %v", codes, err)
	}
	return e.Key, codes
}

func wantOn(t *testing.T, what string, err error, code string) {
	t.Helper()
	refusal, ok := err.(*fault.Error) //nolint:errorlint // made by the service
	if !ok || refusal.Code != code && (len(refusal.Fields) != 1 || refusal.Fields[0].Code != code) {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func TestASecondStepIsAskedForOnceItWasShownToWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	first := people.SignIn{Login: "ina@example.org", Password: good, Address: "192.0.2.7"}
	if err := h.BeginSecondStep(ctx); err != nil {
		t.Fatal(err)
	}
	if in, err := h.SignIn(t.Context(), first); err != nil || in.Session == nil || in.Second != "" {
		t.Fatalf("before a first code the password opens: %+v, %v", in, err)
	}
	_, err := h.ConfirmSecondStep(ctx, "000000")
	wantOn(t, "a wrong first code", err, "code_wrong")
	key, _ := h.twoSteps(t, ctx)
	wantOn(t, "another key while it is on", h.BeginSecondStep(ctx), "second_step_on")
	in, err := h.SignIn(t.Context(), first)
	if err != nil || in.Session != nil || in.Secret != "" || in.Second == "" {
		t.Fatalf("the password alone: %+v, %v", in, err)
	}
	try := func(code string) error {
		_, err := h.SecondStep(t.Context(), people.SecondCode{Code: code, Second: in.Second, From: first})
		return err
	}
	wantOn(t, "no code", try(" "), "required")
	wantOn(t, "the code that turned it on", try(codeAt(t, key, h.Clock.Now())), "code_used")
	h.Clock.Forward(2 * time.Minute)
	wantOn(t, "an old code", try(codeAt(t, key, h.Clock.Now().Add(-time.Minute))), "code_wrong")
	wantOn(t, "a later code", try(codeAt(t, key, h.Clock.Now().Add(time.Minute))), "code_wrong")
	code := codeAt(t, key, h.Clock.Now().Add(-30*time.Second)) // a clock that is a little behind
	opened, err := h.SecondStep(t.Context(), people.SecondCode{Code: code[:3] + " " + code[3:], Second: in.Second, From: first})
	if err != nil || opened.Session == nil || opened.Session.Network != "192.0.2.7" {
		t.Fatalf("with the code: %+v, %v", opened, err)
	}
	if _, err := h.Authenticate(t.Context(), opened.Secret); err != nil {
		t.Errorf("the session: %v", err)
	}
	wantOn(t, "the first step again", try(codeAt(t, key, h.Clock.Now())), "second_step_over")
	if in, err = h.SignIn(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	h.Clock.Forward(6 * time.Minute)
	wantOn(t, "too late", try(codeAt(t, key, h.Clock.Now())), "second_step_over")
	if _, err := h.Authenticate(t.Context(), in.Second); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the secret between the steps as a session: %v", err)
	}
}

// One code opens one session, however many ask at once and on whichever server.
func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	key, codes := h.twoSteps(t, ctx)
	h.Clock.Forward(time.Minute)
	other := h.service(t, h.Dial(t, "the other server"))
	for _, code := range []string{codeAt(t, key, h.Clock.Now()), codes[0], strings.ToLower(codes[1])} {
		var opened atomic.Int64
		var wait sync.WaitGroup
		for i := range 6 {
			s := h.Service
			if i%2 == 1 {
				s = other
			}
			in, err := s.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Address: fmt.Sprintf("192.0.2.%d", i)})
			if err != nil {
				t.Fatal(err)
			}
			wait.Go(func() {
				if out, err := s.SecondStep(t.Context(), people.SecondCode{Code: code, Second: in.Second}); err == nil && out.Session != nil {
					opened.Add(1)
				}
			})
		}
		wait.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("the code %s opened %d sessions", code, n)
		}
	}
}

// Whoever has the password tries codes ten times, and then not for a while; the owner, who
// cannot be kept out by it for long, comes in after that.
func TestCodesCannotBeTriedWithoutEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	known, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	key, _ := h.twoSteps(t, ctx)
	h.Clock.Forward(time.Minute)
	in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	var kind fault.Kind
	for range 11 {
		_, err := h.SecondStep(t.Context(), people.SecondCode{Code: "000001", Second: in.Second})
		kind = fault.KindOf(err)
	}
	if kind != fault.RateLimited {
		t.Errorf("the eleventh try: %v", kind)
	}
	// The owner's own browser is counted apart: nobody keeps them out.
	device := known.Device
	if in, err = h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good, Device: device}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SecondStep(t.Context(), people.SecondCode{Code: codeAt(t, key, h.Clock.Now()), Second: in.Second, From: people.SignIn{Device: device}}); err != nil {
		t.Errorf("the owner at their own browser: %v", err)
	}
	h.Clock.Forward(16 * time.Minute)
	if in, err = h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SecondStep(t.Context(), people.SecondCode{Code: codeAt(t, key, h.Clock.Now()), Second: in.Second}); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

// A new password or an invitation's link does not go round the second step.
func TestALinkDoesNotGoRoundTheSecondStep(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	h.twoSteps(t, ctx)
	if in, err := h.OpenAs(t.Context(), seat.Person, people.SignIn{}); err != nil || in.Session != nil || in.Second == "" {
		t.Errorf("after a link: %+v, %v", in, err)
	}
}

func TestTheSecondStepChangesWithPasswordAndCodeAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	key, codes := h.twoSteps(t, ctx)
	h.Clock.Forward(time.Minute)
	now := func() string { return codeAt(t, key, h.Clock.Now()) }
	wantOn(t, "a wrong password", h.EndSecondStep(ctx, people.Proof{Password: "x", Code: now()}), "password_wrong")
	wantOn(t, "a wrong code", h.EndSecondStep(ctx, people.Proof{Password: good, Code: "12"}), "code_wrong")
	fresh, err := h.RenewCodes(ctx, people.Proof{Password: good, Code: codes[3]})
	if err != nil || len(fresh) != 10 {
		t.Fatalf("new codes: %v, %v", fresh, err)
	}
	wantOn(t, "an old recovery code", h.EndSecondStep(ctx, people.Proof{Password: good, Code: codes[4]}), "code_wrong")
	if err := h.EndSecondStep(ctx, people.Proof{Password: good, Code: fresh[9]}); err != nil {
		t.Fatal(err)
	}
	if in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good}); err != nil || in.Session == nil {
		t.Errorf("turned off: %+v, %v", in, err)
	}
	told := strings.Join(h.mails(t), "\n")
	for _, subject := range []string{"Langkah kedua saat masuk sudah aktif", "Kode pemulihan baru sudah dibuat", "Langkah kedua saat masuk sudah dimatikan"} {
		if !strings.Contains(told, subject) {
			t.Errorf("nobody is told: %s", subject)
		}
	}
}

// What is kept of a second step is not given to anybody by the API, and recovery codes are
// kept as hashes alone.
func TestKeysAndCodesAreNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	key, codes := h.twoSteps(t, ctx)
	p, err := h.DB.Registry().Person(t.Context(), seat.Person)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range p.Second.Codes {
		if len(kept) != 64 || strings.Contains(kept, strings.ReplaceAll(codes[0], "-", "")) {
			t.Errorf("a code is kept as %s", kept)
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v %s", p.Second, body); strings.Contains(text, key) {
		t.Errorf("the key is shown: %s", text)
	}
}

// A session's token is renewed every four hours. Nobody is signed out by it: not by an
// answer that was lost, not by requests that were on their way.
func TestASessionsTokenIsRenewedWithoutSigningAnybodyOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.Accept(t.Context(), h.invite(t, dinas, "ina@example.org", policies.ProgramOfficer), people.Accept{Password: good}); err != nil {
		t.Fatal(err)
	}
	in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(secret string) (*people.Identity, error) { return h.Authenticate(t.Context(), secret) }
	is := func(what, secret string, renews bool) *people.Identity {
		t.Helper()
		identity, err := ask(secret)
		if err != nil || (identity.Renewed != "") != renews {
			t.Fatalf("%s: %+v, %v; want renewed: %v", what, identity, err, renews)
		}
		return identity
	}
	is("at first", in.Secret, false)
	h.Clock.Forward(4 * time.Hour)
	lost := is("after four hours", in.Secret, true)
	next := is("the answer was lost", in.Secret, true)
	if _, err := ask(lost.Renewed); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the token that never arrived: %v", err)
	}
	list := func() []tenants.Session {
		t.Helper()
		all, err := h.Sessions(tenants.WithActor(t.Context(), next.Actor))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if n := len(list()); n != 1 {
		t.Errorf("%d sessions are listed while the token is renewed, want 1", n)
	}
	renewed := is("the new token", next.Renewed, false)
	if renewed.Session.Form != in.Session.Form || !renewed.Session.CreatedAt.Equal(in.Session.CreatedAt) {
		t.Error("an open form or the session's age was lost")
	}
	is("a request that was on its way", in.Secret, false)
	if all := list(); len(all) != 1 || all[0].ID != renewed.Session.ID {
		t.Errorf("listed: %+v, want the renewed one", all)
	}
	h.Clock.Forward(2 * time.Minute)
	if _, err := ask(in.Secret); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the old token after a while: %v", err)
	}
	is("the new one still", next.Renewed, false)
}

// What is done in the request that renews the token holds for the new token too.
func TestWhatIsDoneWhileATokenIsRenewedHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, seat := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	open := func() (*people.SignedIn, *people.Identity) {
		t.Helper()
		in, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: good})
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Forward(5 * time.Hour)
		identity, err := h.Authenticate(t.Context(), in.Secret)
		if err != nil || identity.Renewed == "" {
			t.Fatalf("%+v, %v", identity, err)
		}
		return in, identity
	}
	in, identity := open()
	ctx := tenants.WithActor(t.Context(), identity.Actor)
	if err := h.ChangePassword(ctx, identity.Session.ID, people.NewPassword{Current: good, Password: good + "-baru"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), identity.Renewed); err != nil {
		t.Errorf("who changed the password is signed out: %v", err)
	}
	_ = in
	if err := h.ChangePassword(ctx, identity.Session.ID, people.NewPassword{Current: good + "-baru", Password: good}); err != nil {
		t.Fatal(err)
	}
	in, identity = open()
	if err := h.SignOut(ctx, identity.Session); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{in.Secret, identity.Renewed} {
		if _, err := h.Authenticate(t.Context(), secret); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("after signing out: %v", err)
		}
	}
	_, identity = open()
	if err := h.SwitchSeat(tenants.WithActor(t.Context(), identity.Actor), identity.Session, seat.Ref()); err != nil {
		t.Fatal(err)
	}
	if now, err := h.Authenticate(t.Context(), identity.Renewed); err != nil || now.Actor.Seat != tenants.SeatID(seat.ID) {
		t.Errorf("the seat that was taken: %+v, %v", now, err)
	}
}
