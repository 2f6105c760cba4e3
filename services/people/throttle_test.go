package people_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
)

func TestManyAddressesSlowALoginAndNeverCloseIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	guess := func(i int) error {
		_, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: "guess-number-1", Address: fmt.Sprintf("2001:db8:%x::1", i)})
		return err
	}
	for i := range 29 { // her own was the first of thirty
		want(t, fmt.Sprintf("guess %d", i), guess(i), "credentials_wrong")
	}
	want(t, "the guess after", guess(29), "credentials_wrong") // one slot of ten seconds
	want(t, "one more in the same seconds", guess(30), "sign_in_throttled")
	h.Clock.Forward(11 * time.Second)
	in := people.SignIn{Login: "ina@example.org", Password: good, Address: "192.0.2.7"}
	if _, err := h.SignIn(t.Context(), in); err != nil {
		t.Errorf("the owner from a new address, ten seconds later: %v", err)
	}
}

func TestOneNetworkHasOneBudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	throttled := false
	for i := range 12 {
		_, err := h.SignIn(t.Context(), people.SignIn{Login: "ina@example.org", Password: "guess-number-1", Address: fmt.Sprintf("2001:db8::%x", i)})
		throttled = throttled || fault.CodeOf(err) == "sign_in_throttled"
	}
	if !throttled {
		t.Error("12 addresses of one IPv6 network were not counted together")
	}
}

func TestAKnownBrowserHasItsOwnBudgetOnASharedAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	in := people.SignIn{Login: "ina@example.org", Password: good, Address: "10.0.0.1"}
	home, err := h.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 61 { // a machine beside hers uses the address up
		_, _ = h.SignIn(t.Context(), people.SignIn{Login: fmt.Sprintf("x%d@example.org", i), Password: "guess-number-1", Address: "10.0.0.1"})
	}
	_, err = h.SignIn(t.Context(), in)
	want(t, "a new browser on the address", err, "sign_in_throttled")
	in.Device = home.Device
	if _, err := h.SignIn(t.Context(), in); err != nil {
		t.Errorf("her own browser: %v", err)
	}
	in.Password = "guess-number-1"
	throttled := false
	for range 11 {
		_, err := h.SignIn(t.Context(), in)
		throttled = throttled || fault.CodeOf(err) == "sign_in_throttled"
	}
	if !throttled {
		t.Error("a stolen browser guesses without end")
	}
}
