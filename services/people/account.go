package people

import (
	"context"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	setUpLasts = time.Hour
	resetLasts = time.Hour
)

// setUpDone is the mark, and the lease, of the platform's set-up.
const setUpDone = "platform/set-up"

// SetUpLink makes the one-time link with which the platform's first administrator comes
// in. needed is false once somebody has. The caller shows it on a terminal or in a file
// of its own, never in a log.
func (s *Service) SetUpLink(ctx context.Context) (link string, needed bool, err error) {
	if _, err := s.registry.Link(ctx, setUpDone, linkSetUp, s.gate.Now()); err == nil {
		return "", false, nil
	} else if fault.KindOf(err) != fault.Missing {
		return "", false, err
	}
	secret, hash, err := s.mint()
	if err != nil {
		return "", false, err
	}
	err = s.registry.AddLink(ctx, tenants.Link{ID: hash, Kind: linkSetUp, Until: s.gate.Now().Add(setUpLasts)})
	return s.link("/setup", secret), true, err
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
	if _, err := s.registry.Link(ctx, setUpDone, linkSetUp, s.gate.Now()); err == nil {
		return fault.New(fault.Missing, "link_expired")
	}
	_, err := s.registry.Link(ctx, hashOf(secret), linkSetUp, s.gate.Now())
	return noLink(err)
}

// SetUp makes the platform's first administrator. Of several who try, one does.
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
	// One at a time, and a mark at the end: a crash in between leaves the way open, and
	// of two who hold different links only one comes in.
	now, hash := s.gate.Now(), hashOf(secret)
	if got, err := s.registry.Acquire(ctx, setUpDone, hash, now, now.Add(time.Minute)); err != nil || !got {
		return nil, busy(err)
	}
	defer func() { _ = s.registry.Release(ctx, setUpDone, hash) }()
	if err := s.SetUpOpen(ctx, secret); err != nil {
		return nil, err
	}
	person := &tenants.Person{
		Name: in.Name, Logins: []string{login}, Language: language(in.Language), Password: password, PlatformAdmin: true, CreatedAt: now,
	}
	if err := s.registry.AddPerson(ctx, person); fault.KindOf(err) == fault.Conflict && err != nil {
		return nil, fault.Invalid(fault.On("login", "login_taken"))
	} else if err != nil {
		return nil, err
	}
	mark := tenants.Link{ID: setUpDone, Kind: linkSetUp, Until: now.AddDate(1000, 0, 0)}
	if err := s.registry.AddLink(ctx, mark); err != nil {
		return nil, err
	}
	if _, err := s.registry.TakeLink(ctx, hash, linkSetUp, now); err != nil {
		return nil, noLink(err)
	}
	return person, nil
}

func busy(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "busy")
}

// OpenAs opens a session for a person whom a one-time link has just proved: after the
// set-up, an invitation or a new password.
func (s *Service) OpenAs(ctx context.Context, person tenants.PersonID, from SignIn) (*SignedIn, error) {
	p, err := s.registry.Person(ctx, person)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, p, from)
}

// Me is one's own person.
func (s *Service) Me(ctx context.Context) (*tenants.Person, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	return s.registry.Person(ctx, a.Person)
}

// NewPassword is the input of a change by oneself.
type NewPassword struct {
	Current  string `json:"current"`
	Password string `json:"password"`
}

// ChangePassword takes the current password and a new one, and ends one's sessions
// elsewhere. keep is the session it is done from.
func (s *Service) ChangePassword(ctx context.Context, keep string, in NewPassword) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	person, err := s.registry.Person(ctx, a.Person)
	if err != nil {
		return err
	}
	now := s.gate.Now()
	if n, err := s.registry.Throttle(ctx, "password/"+string(a.Person), now, now.Add(throttleWindow)); err != nil || n > triesPerLogin {
		return tooMany(err)
	}
	if ok, err := s.matches(ctx, in.Current, person.Password); err != nil {
		return err
	} else if !ok {
		return fault.Invalid(fault.On("current", "password_wrong"))
	}
	return s.setPassword(ctx, person, in.Password, keep)
}

func (s *Service) setPassword(ctx context.Context, person *tenants.Person, password, keep string) error {
	if err := fault.Invalid(checkPassword("password", password, person.Logins...)...); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.registry.ChangePerson(ctx, person.ID, func(p *tenants.Person) error { p.Password = hash; return nil })
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

// AskReset mails a link for a new password to a login's address. It says nothing about
// whether there is such a person, and takes the login at most three times an hour.
func (s *Service) AskReset(ctx context.Context, text, from string) error {
	login, err := Login(text)
	if err != nil {
		return fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	now := s.gate.Now()
	if n, err := s.registry.Throttle(ctx, "reset/from/"+hashOf(from), now, now.Add(time.Hour)); err != nil || n > 20 {
		return tooMany(err)
	}
	if n, err := s.registry.Throttle(ctx, "reset/login/"+hashOf(login), now, now.Add(time.Hour)); err != nil || n > 3 {
		return err // the same answer as for a login nobody has
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if fault.KindOf(err) == fault.Missing && err != nil {
		return nil
	} else if err != nil {
		return err
	}
	to, ok := address(login)
	if !ok {
		return nil
	}
	link, err := s.resetLink(ctx, person.ID)
	if err != nil {
		return err
	}
	return s.tell(ctx, to, "mail.reset", "name", person.Name, "link", link)
}

func (s *Service) resetLink(ctx context.Context, person tenants.PersonID) (string, error) {
	secret, hash, err := s.mint()
	if err != nil {
		return "", err
	}
	err = s.registry.AddLink(ctx, tenants.Link{ID: hash, Kind: linkReset, Person: person, Until: s.gate.Now().Add(resetLasts)})
	return s.link("/reset", secret), err
}

// ResetColleague makes a link for a new password of a colleague who has no mail at
// hand. Only the colleague's own organisation may; it is in the seat's journal, and the
// colleague is told where they have an address.
func (s *Service) ResetColleague(ctx context.Context, id tenants.ID[Seat], seen tenants.Version) (link string, err error) {
	sc, err := s.gate.Enter(ctx, policies.ResetPassword)
	if err != nil {
		return "", err
	}
	seat, err := s.seats.Change(ctx, sc, id, seen, func(seat *Seat) error {
		if seat.Organisation != sc.Actor().Organisation {
			return fault.New(fault.Forbidden, "seat_of_another_organisation")
		}
		if seat.State != SeatActive {
			return fault.New(fault.Conflict, "seat_ended")
		}
		now := sc.Now()
		seat.ResetBy, seat.ResetAt = sc.Actor().Person, &now
		return nil
	})
	if err != nil {
		return "", err
	}
	person, err := s.registry.Person(ctx, seat.Person)
	if err != nil {
		return "", err
	}
	if link, err = s.resetLink(ctx, person.ID); err != nil {
		return "", err
	}
	for _, login := range person.Logins {
		if to, ok := address(login); ok {
			// The link is made; a mail server that is down must not take it back.
			_ = s.tell(ctx, to, "mail.reset_by_colleague", "name", person.Name, "colleague", sc.Actor().Name)
		}
	}
	return link, nil
}

// ResetOpen says whether a reset link still works, for whoever holds it.
func (s *Service) ResetOpen(ctx context.Context, secret string) error {
	_, err := s.registry.Link(ctx, hashOf(secret), linkReset, s.gate.Now())
	return noLink(err)
}

// Reset sets a new password through a link, once, and ends every session.
func (s *Service) Reset(ctx context.Context, secret, password string) (tenants.PersonID, error) {
	hash := hashOf(secret)
	link, err := s.registry.Link(ctx, hash, linkReset, s.gate.Now())
	if err != nil {
		return "", noLink(err)
	}
	person, err := s.registry.Person(ctx, link.Person)
	if err != nil {
		return "", err
	}
	if err := fault.Invalid(checkPassword("password", password, person.Logins...)...); err != nil {
		return "", err
	}
	if _, err := s.registry.TakeLink(ctx, hash, linkReset, s.gate.Now()); err != nil {
		return "", noLink(err)
	}
	return person.ID, s.setPassword(ctx, person, password, "")
}

// tell mails a sentence of the words under a key: its .subject and its .text.
func (s *Service) tell(ctx context.Context, to, key string, args ...any) error {
	w := words.From(ctx)
	return s.cfg.Mail.Send(ctx, message(w, to, key, args...))
}
