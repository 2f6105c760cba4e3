package people

import (
	"context"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// setUpLasts is how long a set-up link works.
const setUpLasts = time.Hour

// SetUpLink makes the one-time link with which the platform's first administrator comes
// in. needed is false once somebody has. The caller shows it on a terminal or in a file
// of its own, never in a log.
func (s *Service) SetUpLink(ctx context.Context) (link string, needed bool, err error) {
	if done, err := s.isSetUp(ctx); err != nil || done {
		return "", false, err
	}
	secret, hash, err := s.mint()
	if err != nil {
		return "", false, err
	}
	err = s.registry.AddLink(ctx, tenants.Link{ID: hash, Kind: linkSetUp, Until: s.gate.Now().Add(setUpLasts)})
	return s.link("/setup", secret), true, err
}

// isSetUp says that somebody was first.
func (s *Service) isSetUp(ctx context.Context) (bool, error) {
	_, err := s.registry.PersonByLogin(ctx, firstAdmin)
	if err != nil && fault.KindOf(err) == fault.Missing {
		return false, nil
	}
	return err == nil, err
}

// SetUp is the input of the first administrator.
type SetUp struct {
	Name     string `json:"name"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Language string `json:"language"`
}

// SetUpOpen says whether a set-up link still works, for whoever holds it.
func (s *Service) SetUpOpen(ctx context.Context, secret string) error {
	if done, err := s.isSetUp(ctx); err != nil {
		return err
	} else if done {
		return fault.New(fault.Missing, "link_expired")
	}
	_, err := s.registry.Link(ctx, hashOf(secret), linkSetUp, s.gate.Now())
	return noLink(err)
}

// SetUp makes the platform's first administrator. Of several who try, with one link or
// with several, one does: keeping the person decides, because of the one login that only
// the first can have, and a crash before that leaves the way open.
func (s *Service) SetUp(ctx context.Context, secret string, in SetUp) (*tenants.Person, error) {
	if err := s.SetUpOpen(ctx, secret); err != nil {
		return nil, err
	}
	login, err := Login(in.Login)
	fields := append(checkName("name", in.Name), checkPassword("password", in.Password, login)...)
	if err != nil {
		fields = append(fields, fault.On("login", fault.CodeOf(err)))
	}
	if err := fault.Invalid(fields...); err != nil {
		return nil, err
	}
	password, err := s.hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	person := &tenants.Person{
		Name: strings.TrimSpace(in.Name), Logins: []string{login, firstAdmin}, Language: language(in.Language), Password: password,
		PlatformAdmin: true, Seats: []tenants.SeatRef{}, CreatedAt: s.gate.Now(),
	}
	if err := s.registry.AddPerson(ctx, person); fault.KindOf(err) == fault.Conflict && err != nil {
		return nil, s.notFirst(ctx)
	} else if err != nil {
		return nil, err
	}
	// The link opens nothing any more; taking it tidies up.
	if _, err := s.registry.TakeLink(ctx, hashOf(secret), linkSetUp, s.gate.Now()); err != nil && fault.KindOf(err) != fault.Missing {
		return nil, err
	}
	if s.cfg.AfterSetUp != nil {
		s.cfg.AfterSetUp(ctx)
	}
	return typedLogins(person, nil)
}

// notFirst says why the person could not be kept: somebody was first, or has the login.
func (s *Service) notFirst(ctx context.Context) error {
	if done, err := s.isSetUp(ctx); err != nil {
		return err
	} else if done {
		return fault.New(fault.Missing, "link_expired")
	}
	return fault.Invalid(fault.On("login", "login_taken"))
}
