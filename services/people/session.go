package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	// sessionIdle ends a session that nobody used, sessionWhole every session.
	sessionIdle  = 14 * 24 * time.Hour
	sessionWhole = 90 * 24 * time.Hour
	// sessionTouch is how often its use is noted.
	sessionTouch = 5 * time.Minute
	// sessionRenew is how old a session's token becomes: one that leaked is of use for so
	// long at most, once its owner comes back. The one before works on for renewGrace, for
	// requests that are on their way.
	sessionRenew = 4 * time.Hour
	renewGrace   = time.Minute
)

// SignIn is what a person brings to the door.
type SignIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`

	// Agent and Address say from where; Device is the secret left with a browser that
	// signed in before.
	Agent, Address, Device string `json:"-"`
}

// SignedIn is an open session with its secrets, which are handed out this once.
type SignedIn struct {
	Session *tenants.Session
	Person  *tenants.Person
	// Secret goes into the session's cookie, Device into the browser's.
	Secret, Device string
	// Second says that there is no session yet: it is the secret with which the second step
	// follows.
	Second string
}

// SignIn opens a session. A wrong login and a wrong password are one answer, given in
// the same time. Too many attempts are refused with rate_limited; a browser from which
// the person signed in before is counted apart from everybody else.
func (s *Service) SignIn(ctx context.Context, in SignIn) (*SignedIn, error) {
	login, err := Login(in.Login)
	if err != nil {
		return nil, fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	if in.Password == "" {
		return nil, fault.Invalid(fault.On("password", "required"))
	}
	if len(in.Password) > 4*maxPassword {
		return nil, credentialsWrong()
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if err != nil && fault.KindOf(err) != fault.Missing {
		return nil, err
	}
	key, err := s.throttle(ctx, login, person, in)
	if err != nil {
		return nil, err
	}
	stored := tenants.Secret("")
	if person != nil {
		stored = person.Password
	}
	ok, err := s.matches(ctx, in.Password, stored)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, credentialsWrong()
	}
	if err := s.registry.Unthrottle(ctx, key); err != nil {
		return nil, err
	}
	return s.proved(ctx, person, in)
}

// proved opens a session for who has shown a password or a one-time link, or asks for the
// second step.
func (s *Service) proved(ctx context.Context, person *tenants.Person, in SignIn) (*SignedIn, error) {
	if !person.TwoSteps() {
		return s.open(ctx, person, in)
	}
	second, err := s.secondLink(ctx, person)
	return &SignedIn{Person: person, Second: second}, err
}

func credentialsWrong() error { return fault.New(fault.Unprocessable, "credentials_wrong") }

// open begins a session for a person who has proved to be themselves.
func (s *Service) open(ctx context.Context, person *tenants.Person, in SignIn) (*SignedIn, error) {
	now := s.gate.Now()
	secret, hash, err := s.mint()
	if err != nil {
		return nil, err
	}
	form, _, err := s.mint()
	if err != nil {
		return nil, err
	}
	seat, err := s.firstSeat(ctx, person)
	if err != nil {
		return nil, err
	}
	agent := in.Agent
	if len(agent) > 300 {
		agent = strings.ToValidUTF8(agent[:300], "")
	}
	session := tenants.Session{
		ID: hash, Person: person.ID, Seat: seat, Form: tenants.Secret(form), Agent: agent, Network: network(in.Address),
		CreatedAt: now, SeenAt: now, Until: now.Add(sessionIdle),
	}
	if err := s.registry.AddSession(ctx, session); err != nil {
		return nil, err
	}
	device, err := s.rememberDevice(ctx, in.Device, person.ID)
	return &SignedIn{Session: &session, Person: person, Secret: secret, Device: device}, err
}

func (s *Service) rememberDevice(ctx context.Context, device string, person tenants.PersonID) (string, error) {
	if s.knows(ctx, device, person) {
		return device, nil
	}
	if len(device) < 40 || len(device) > 64 {
		var err error
		if device, _, err = s.mint(); err != nil {
			return "", err
		}
	}
	err := s.registry.AddLink(ctx, tenants.Link{
		ID: hashOf(device + string(person)), Kind: linkDevice, Person: person, Until: s.gate.Now().Add(deviceLasts),
	})
	if fault.KindOf(err) == fault.Conflict {
		err = nil
	}
	return device, err
}

// firstSeat is the first of a person's seats that still counts.
func (s *Service) firstSeat(ctx context.Context, person *tenants.Person) (tenants.SeatRef, error) {
	for _, ref := range person.Seats {
		if _, err := s.activeSeat(ctx, ref); err == nil {
			return ref, nil
		} else if kind := fault.KindOf(err); kind != fault.Missing && kind != fault.Forbidden {
			return tenants.SeatRef{}, err
		}
	}
	return tenants.SeatRef{}, nil
}

// activeSeat reads a seat that counts, in a tenant that is not suspended.
func (s *Service) activeSeat(ctx context.Context, ref tenants.SeatRef) (*Seat, error) {
	if ref.Seat == "" {
		return nil, fault.NotFound("seat")
	}
	t, err := s.Tenant(ctx, ref.Tenant)
	if err != nil {
		return nil, err
	}
	if t.Suspended {
		return nil, fault.New(fault.Forbidden, "tenant_suspended")
	}
	seat, err := s.seats.Get(ctx, s.gate.System(ctx, ref.Tenant, policies.ReadSeat), tenants.ID[Seat](ref.Seat))
	switch {
	case err != nil:
		return nil, err
	case seat.State != SeatActive:
		return nil, fault.NotFound("seat")
	case seat.Until != "":
		// States that follow from time hold before the clock has come by.
		zone, err := time.LoadLocation(t.Zone)
		if err != nil {
			return nil, err
		}
		if seat.over(s.gate.Now(), zone) {
			return nil, fault.NotFound("seat")
		}
	}
	return seat, nil
}

// Identity is who a request comes from.
type Identity struct {
	Actor   tenants.Actor
	Session *tenants.Session
	// OrganisationName and TenantID are of the active seat.
	OrganisationName string
	// Renewed is the session's new secret, where the old one is due to be replaced: every
	// answer to the request hands it on. "" where the old one stays.
	Renewed string
	// ReadOnly says that it comes by a token which changes nothing.
	ReadOnly bool
}

// Authenticate knows the holder of a session's secret. It reads the session and its
// seat, fresh; a person without a seat is a participant, or the platform's administrator.
func (s *Service) Authenticate(ctx context.Context, secret string) (*Identity, error) {
	now := s.gate.Now()
	session, err := s.registry.Session(ctx, hashOf(secret), now)
	if err != nil {
		return nil, unknown(err)
	}
	// A full disk must not keep people from reading.
	renewed, err := s.keepUp(ctx, session, now)
	if err != nil && fault.CodeOf(err) != "disk_full" {
		return nil, err
	}
	identity, err := s.identify(ctx, session.Person, session.Seat)
	if err != nil {
		return nil, err
	}
	identity.Session, identity.Renewed = session, renewed
	return identity, nil
}

// keepUp notes that a session is used, and renews its token when that is old. A new token
// counts from its first use: an answer that was lost on its way signs nobody out.
func (s *Service) keepUp(ctx context.Context, session *tenants.Session, now time.Time) (renewed string, err error) {
	if session.Replaced {
		return "", nil
	}
	if session.Renews != "" {
		if err := s.registry.ReplaceSession(ctx, *session, now.Add(renewGrace)); err != nil {
			return "", err
		}
		session.Renews = ""
	}
	if now.Sub(session.SeenAt) > sessionTouch {
		until := now.Add(sessionIdle)
		if whole := session.CreatedAt.Add(sessionWhole); whole.Before(until) {
			until = whole
		}
		if err := s.registry.TouchSession(ctx, session.ID, now, until); err != nil {
			return "", err
		}
		session.SeenAt, session.Until = now, until
	}
	made := session.RenewedAt
	if made.IsZero() {
		made = session.CreatedAt
	}
	if now.Sub(made) < sessionRenew {
		return "", nil
	}
	renewed, hash, err := s.mint()
	if err != nil {
		return "", err
	}
	next := *session
	next.ID, next.Renews, next.RenewedAt = hash, session.ID, now
	return renewed, s.registry.RenewSession(ctx, next)
}

// AuthenticateToken knows the holder of an API token. It acts on the seat it was made
// on and on nothing else: when the seat is over, so is the token.
func (s *Service) AuthenticateToken(ctx context.Context, secret string) (*Identity, error) {
	now := s.gate.Now()
	token, err := s.registry.Token(ctx, hashOf(secret), now)
	if err != nil {
		return nil, unknown(err)
	}
	identity, err := s.identify(ctx, token.Person, token.Seat)
	switch {
	case err != nil:
		return nil, err
	case identity.Actor.Seat == "":
		return nil, fault.New(fault.Unauthenticated, "unauthenticated")
	}
	identity.ReadOnly = token.ReadOnly
	if token.UsedAt == nil || now.Sub(*token.UsedAt) > sessionTouch {
		// A full disk must not keep programs from reading.
		if err := s.registry.TouchToken(ctx, token.ID, now); err != nil && fault.CodeOf(err) != "disk_full" {
			return nil, err
		}
	}
	return identity, nil
}

func unknown(err error) error {
	if fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return err
}

func (s *Service) identify(ctx context.Context, person tenants.PersonID, ref tenants.SeatRef) (*Identity, error) {
	seat, err := s.activeSeat(ctx, ref)
	if err == nil && seat.Person == person {
		return &Identity{OrganisationName: seat.OrganisationName, Actor: seat.Actor()}, nil
	}
	if kind := fault.KindOf(err); err != nil && kind != fault.Missing && kind != fault.Forbidden {
		return nil, err
	}
	p, err := s.registry.Person(ctx, person)
	if err != nil {
		return nil, unknown(err)
	}
	role := policies.Participant
	if p.PlatformAdmin {
		role = policies.PlatformAdmin
	}
	return &Identity{Actor: tenants.Actor{Person: p.ID, Name: p.Name, Roles: []policies.Role{role}}}, nil
}

// SignOut ends a session by its secret. Whoever holds it may.
func (s *Service) SignOut(ctx context.Context, session *tenants.Session) error {
	return s.registry.EndSession(ctx, session.Person, session.ID)
}

// own is the person who acts, asked of the gate.
func (s *Service) own(ctx context.Context, action policies.Action) (tenants.Actor, error) {
	a := tenants.ActorFrom(ctx)
	switch {
	case !a.SignedIn():
		return a, fault.New(fault.Unauthenticated, "unauthenticated")
	case !s.gate.May(ctx, action):
		return a, forbidden(action)
	}
	return a, nil
}

// Sessions lists one's own sessions, the latest used first.
func (s *Service) Sessions(ctx context.Context) ([]tenants.Session, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	return s.registry.SessionsOf(ctx, a.Person, s.gate.Now())
}

// EndSession ends one of one's own sessions.
func (s *Service) EndSession(ctx context.Context, id string) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	return s.registry.EndSession(ctx, a.Person, id)
}

// EndOtherSessions ends all of one's own sessions but one.
func (s *Service) EndOtherSessions(ctx context.Context, keep string) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	return s.registry.EndSessionsOf(ctx, a.Person, keep)
}

// OwnSeat is a place that a person could take.
type OwnSeat struct {
	tenants.SeatRef
	TenantName       string          `json:"tenant_name"`
	OrganisationName string          `json:"organisation_name"`
	Side             policies.Side   `json:"side"`
	Roles            []policies.Role `json:"roles"`
}

// OwnSeats lists one's own places, in every tenant.
func (s *Service) OwnSeats(ctx context.Context) ([]OwnSeat, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	person, err := s.registry.Person(ctx, a.Person)
	if err != nil {
		return nil, err
	}
	var list []OwnSeat
	for _, ref := range person.Seats {
		seat, err := s.activeSeat(ctx, ref)
		if kind := fault.KindOf(err); err != nil && (kind == fault.Missing || kind == fault.Forbidden) {
			continue
		} else if err != nil {
			return nil, err
		}
		t, err := s.Tenant(ctx, ref.Tenant)
		if err != nil {
			return nil, err
		}
		list = append(list, OwnSeat{ref, t.Name, seat.OrganisationName, seat.Side, seat.Roles})
	}
	return list, nil
}

// SwitchSeat makes another of one's own seats the session's. No seat at all is a choice
// too: the platform's administrator acts without one.
func (s *Service) SwitchSeat(ctx context.Context, session *tenants.Session, ref tenants.SeatRef) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	if session.Person != a.Person {
		return fault.NotFound("session")
	}
	if ref == (tenants.SeatRef{}) {
		return s.registry.SeatSession(ctx, session.ID, ref)
	}
	person, err := s.registry.Person(ctx, a.Person)
	if err != nil {
		return err
	}
	if !slices.Contains(person.Seats, ref) {
		return fault.NotFound("seat")
	}
	if _, err := s.activeSeat(ctx, ref); err != nil {
		return err
	}
	return s.registry.SeatSession(ctx, session.ID, ref)
}
