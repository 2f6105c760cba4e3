package people

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Budgets of sign-in. A browser on which the person signed in before has its own, so
// that nobody else's attempts keep the owner out. Everybody else shares that of their
// address, and that of their address and the login together. Attempts on one login from
// ever new addresses are never refused for good: from a number on, one is let in every
// ten seconds.
const (
	throttleWindow  = 15 * time.Minute
	triesPerDevice  = 10
	triesPerPair    = 10
	triesPerAddress = 60
	loginWindow     = time.Hour
	triesPerLogin   = 30
	slotLength      = 10 * time.Second
	deviceLasts     = 365 * 24 * time.Hour
)

// throttle counts the attempt, before the password is looked at, and gives the key that
// a success forgets. The address keeps its count: who owns one login could otherwise
// try others without end.
func (s *Service) throttle(ctx context.Context, login string, person *tenants.Person, in SignIn) (string, error) {
	if person != nil && s.knows(ctx, in.Device, person.ID) {
		key := "sign-in/device/" + hashOf(in.Device+string(person.ID))
		return key, s.within(ctx, key, triesPerDevice, throttleWindow)
	}
	from := network(in.Address)
	pair := "sign-in/pair/" + hashOf(from+" "+login)
	if err := s.within(ctx, pair, triesPerPair, throttleWindow); err != nil {
		return "", err
	}
	if err := s.within(ctx, "sign-in/from/"+hashOf(from), triesPerAddress, throttleWindow); err != nil {
		return "", err
	}
	key, now := "sign-in/login/"+hashOf(login), s.gate.Now()
	n, err := s.registry.Throttle(ctx, key, now, now.Add(loginWindow))
	if err == nil && n > triesPerLogin {
		err = s.within(ctx, key+"/slot", 1, slotLength)
	}
	return pair, err
}

// within counts one and refuses what goes beyond the limit.
func (s *Service) within(ctx context.Context, key string, limit int, span time.Duration) error {
	now := s.gate.Now()
	n, err := s.registry.Throttle(ctx, key, now, now.Add(span))
	if err == nil && n > limit {
		return tooMany(span)
	}
	return err
}

// tooMany refuses for at most as long as the count lasts.
func tooMany(span time.Duration) error {
	minutes := int64((span + time.Minute - 1) / time.Minute)
	return fault.New(fault.RateLimited, "sign_in_throttled",
		"minutes", strconv.FormatInt(minutes, 10), "retry_after", strconv.FormatInt(int64(span/time.Second), 10))
}

// network is the part of an address that one subscriber has: of IPv6 the first 64 bits.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}

// knows says that the person signed in from the browser before.
func (s *Service) knows(ctx context.Context, device string, person tenants.PersonID) bool {
	if device == "" {
		return false
	}
	_, err := s.registry.Link(ctx, hashOf(device+string(person)), linkDevice, s.gate.Now())
	return err == nil
}
