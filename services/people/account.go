package people

import (
	"context"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// OpenAs opens a session for a person whom a one-time link has just proved: after the
// set-up, an invitation or a new password. The second step is asked for all the same.
func (s *Service) OpenAs(ctx context.Context, person tenants.PersonID, from SignIn) (*SignedIn, error) {
	p, err := s.registry.Person(ctx, person)
	if err != nil {
		return nil, err
	}
	return s.proved(ctx, p, from)
}

// Me is one's own person.
func (s *Service) Me(ctx context.Context) (*tenants.Person, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	return typedLogins(s.registry.Person(ctx, a.Person))
}

// typedLogins leaves out the login that nobody typed.
func typedLogins(p *tenants.Person, err error) (*tenants.Person, error) {
	if err != nil {
		return nil, err
	}
	p.Logins = slices.DeleteFunc(p.Logins, func(login string) bool { return login == firstAdmin })
	return p, nil
}

// Rename changes one's own name, on one's person and on every seat that shows it. A
// crash in between is healed by saving again.
func (s *Service) Rename(ctx context.Context, name string) (*tenants.Person, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	if err := fault.Invalid(checkName("name", name)...); err != nil {
		return nil, err
	}
	name = strings.TrimSpace(name)
	p, err := s.registry.ChangePerson(ctx, a.Person, func(p *tenants.Person) error { p.Name = name; return nil })
	if err != nil {
		return nil, err
	}
	for _, ref := range p.Seats {
		sc := s.gate.SystemAs(ctx, ref.Tenant, policies.ManageOwnAccount)
		_, err := s.seats.Amend(ctx, sc, tenants.ID[Seat](ref.Seat), func(seat *Seat) error { seat.Name = name; return nil })
		if err != nil && fault.KindOf(err) != fault.Missing {
			return nil, err
		}
	}
	return typedLogins(p, nil)
}

// NewPassword is the input of a change by oneself.
type NewPassword struct {
	Current  string `json:"current"`
	Password string `json:"password"`
}

// ChangePassword takes the current password and a new one, and ends one's sessions
// elsewhere. keep is the session it is done from. The person is told by mail.
func (s *Service) ChangePassword(ctx context.Context, keep string, in NewPassword) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	person, err := s.registry.Person(ctx, a.Person)
	if err != nil {
		return err
	}
	if err := s.within(ctx, "password/"+string(a.Person), triesPerDevice, throttleWindow); err != nil {
		return err
	}
	if ok, err := s.matches(ctx, in.Current, person.Password); err != nil {
		return err
	} else if !ok {
		return fault.Invalid(fault.On("current", "password_wrong"))
	}
	if err := s.setPassword(ctx, person, in.Password, keep); err != nil {
		return err
	}
	s.tellPerson(ctx, person, "mail.password_changed", "name", person.Name)
	return nil
}

// setPassword replaces the password that was read with the person. Of two who hold a
// link each, one does.
func (s *Service) setPassword(ctx context.Context, person *tenants.Person, password, keep string) error {
	if err := fault.Invalid(checkPassword("password", password, person.Logins...)...); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.registry.ChangePerson(ctx, person.ID, func(p *tenants.Person) error {
		if p.Password != person.Password {
			return fault.New(fault.Conflict, "busy")
		}
		p.Password = hash
		return nil
	})
	if err != nil {
		return err
	}
	return s.registry.EndSessionsOf(ctx, person.ID, keep)
}

// ChooseLanguage keeps the language a person wants to read.
func (s *Service) ChooseLanguage(ctx context.Context, l words.Language) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	_, err = s.registry.ChangePerson(ctx, a.Person, func(p *tenants.Person) error { p.Language = language(string(l)); return nil })
	return err
}
