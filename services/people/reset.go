package people

import (
	"context"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	// resetLasts is how long a link for a new password works.
	resetLasts = time.Hour
	// resetsPerLogin and resetsPerAddress are how many links may be asked for in an hour.
	resetsPerLogin   = 3
	resetsPerAddress = 20
)

// AskReset mails a link for a new password to a login's address. The answer is the same,
// and as quick, whether or not there is such a person; a login is taken three times an
// hour. It is open to strangers.
func (s *Service) AskReset(ctx context.Context, text, from string) error {
	login, err := Login(text)
	if err != nil {
		return fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	now := s.gate.Now()
	if err := s.within(ctx, "reset/from/"+hashOf(network(from)), resetsPerAddress, time.Hour); err != nil {
		return err
	}
	n, err := s.registry.Throttle(ctx, "reset/login/"+hashOf(login), now, now.Add(time.Hour))
	if err != nil || n > resetsPerLogin {
		return err // the same answer as for a login nobody has
	}
	s.later(ctx, "mail.reset", func(ctx context.Context) error { return s.mailReset(ctx, login) })
	return nil
}

func (s *Service) mailReset(ctx context.Context, login string) error {
	person, err := s.registry.PersonByLogin(ctx, login)
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil
	} else if err != nil {
		return err
	}
	if _, ok := address(login); !ok {
		return nil
	}
	link, err := s.resetLink(ctx, person)
	if err != nil {
		return err
	}
	s.tellPerson(ctx, person, "mail.reset", "name", person.Name, "link", link)
	return nil
}

// resetLink makes a link that works for the password there is now: whichever way that
// is replaced, every link made before is over.
func (s *Service) resetLink(ctx context.Context, person *tenants.Person) (string, error) {
	secret, _, err := s.mint()
	if err != nil {
		return "", err
	}
	err = s.registry.AddLink(ctx, tenants.Link{
		ID: resetHash(secret, person), Kind: linkReset, Person: person.ID, Until: s.gate.Now().Add(resetLasts),
	})
	return s.link("/reset", string(person.ID)+"."+secret), err
}

func resetHash(secret string, person *tenants.Person) string {
	return hashOf(secret + "." + person.Password.Reveal())
}

// ResetColleague makes a link for a new password of a colleague who has no mail at
// hand. Only the colleague's own organisation may; it is in the seat's journal, and the
// colleague is told where they have an address.
//
// Whoever holds the link can sign in as the colleague, so it is refused for somebody
// whose sign-in opens more than this seat (another organisation, another tenant, the
// platform), and the way to a tenant_admin is a tenant_admin's to make.
func (s *Service) ResetColleague(ctx context.Context, id tenants.ID[Seat], seen tenants.Version) (link string, err error) {
	sc, err := s.gate.Enter(ctx, policies.ResetPassword)
	if err != nil {
		return "", err
	}
	seat, err := s.seats.Get(ctx, sc, id)
	if err != nil {
		return "", err
	}
	if err := seat.ruledBy(sc.Actor()); err != nil {
		return "", err
	}
	if seat.Person == sc.Actor().Person {
		return "", fault.New(fault.Conflict, "reset_own") // it asks for no current password
	}
	person, err := s.registry.Person(ctx, seat.Person)
	if err != nil {
		return "", err
	}
	if err := s.opensOnly(ctx, person, seat.Organisation); err != nil {
		return "", err
	}
	if _, err := s.seats.Change(ctx, sc, id, seen, func(seat *Seat) error { return seat.reset(sc) }); err != nil {
		return "", err
	}
	if link, err = s.resetLink(ctx, person); err != nil {
		return "", err
	}
	s.tellPerson(ctx, person, "mail.reset_by_colleague", "name", person.Name, "colleague", sc.Actor().Name)
	return link, nil
}

// opensOnly refuses a person whose sign-in opens more than one organisation's seats.
func (s *Service) opensOnly(ctx context.Context, person *tenants.Person, organisation tenants.OrganisationID) error {
	elsewhere := fault.New(fault.Conflict, "reset_elsewhere")
	if person.PlatformAdmin {
		return elsewhere
	}
	for _, ref := range person.Seats {
		seat, err := s.seats.Get(ctx, s.gate.System(ctx, ref.Tenant, policies.ReadSeat), tenants.ID[Seat](ref.Seat))
		switch {
		case err != nil && fault.KindOf(err) == fault.Missing:
		case err != nil:
			return err
		case seat.State == SeatActive && seat.Organisation != organisation:
			return elsewhere
		}
	}
	return nil
}

func (s *Seat) reset(sc tenants.Scope) error {
	if s.State != SeatActive {
		return fault.New(fault.Conflict, "seat_ended")
	}
	now := sc.Now()
	s.ResetBy, s.ResetAt = sc.Actor().Person, &now
	return nil
}

// resetting finds the person and the link that a secret belongs to.
func (s *Service) resetting(ctx context.Context, text string) (*tenants.Person, *tenants.Link, error) {
	id, secret, ok := strings.Cut(text, ".")
	if !ok || !tenants.ValidID("ps", id) || len(secret) > 64 {
		return nil, nil, fault.New(fault.Missing, "link_expired")
	}
	person, err := s.registry.Person(ctx, tenants.PersonID(id))
	if err != nil {
		return nil, nil, noLink(err)
	}
	link, err := s.registry.Link(ctx, resetHash(secret, person), linkReset, s.gate.Now())
	if err != nil {
		return nil, nil, noLink(err)
	}
	if link.Person != person.ID {
		return nil, nil, fault.New(fault.Missing, "link_expired")
	}
	return person, link, nil
}

// ResetOpen says whether a reset link still works, for whoever holds it.
func (s *Service) ResetOpen(ctx context.Context, secret string) error {
	_, _, err := s.resetting(ctx, secret)
	return err
}

// Reset sets a new password through a link, once, and ends every session and token:
// somebody else may have had the old one. The person is told by mail.
func (s *Service) Reset(ctx context.Context, secret, password string) (tenants.PersonID, error) {
	person, link, err := s.resetting(ctx, secret)
	if err != nil {
		return "", err
	}
	if err := fault.Invalid(checkPassword("password", password, person.Logins...)...); err != nil {
		return "", err
	}
	if _, err := s.registry.TakeLink(ctx, link.ID, linkReset, s.gate.Now()); err != nil {
		return "", noLink(err)
	}
	if err := s.setPassword(ctx, person, password, ""); err != nil {
		return "", err
	}
	if err := s.endTokens(ctx, person.ID); err != nil {
		return "", err
	}
	s.tellPerson(ctx, person, "mail.password_changed", "name", person.Name)
	return person.ID, nil
}

// endTokens ends every token of a person.
func (s *Service) endTokens(ctx context.Context, person tenants.PersonID) error {
	for {
		tokens, err := s.registry.TokensOf(ctx, person)
		if err != nil || len(tokens) == 0 {
			return err
		}
		for _, t := range tokens {
			if err := s.registry.EndToken(ctx, person, t.ID); err != nil && fault.KindOf(err) != fault.Missing {
				return err
			}
		}
	}
}
