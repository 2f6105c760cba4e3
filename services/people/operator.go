package people

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// What follows asks no seat: it is for the command line, whose user owns the machine,
// and for the demonstration. No route may lead here.

// ResetAsOperator makes a link for a new password of whoever has a login.
func (s *Service) ResetAsOperator(ctx context.Context, text string) (link string, err error) {
	login, err := Login(text)
	if err != nil {
		return "", fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if err != nil {
		return "", err
	}
	return s.resetLink(ctx, person)
}

// EndSecondStepAsOperator lets whoever has a login, and lost phone and recovery codes,
// sign in with the password alone. The person is told by mail. One without a second step
// stays as they are.
func (s *Service) EndSecondStepAsOperator(ctx context.Context, text string) error {
	login, err := Login(text)
	if err != nil {
		return fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if err != nil || !person.TwoSteps() {
		return err
	}
	if _, err := s.registry.ChangePerson(ctx, person.ID, func(p *tenants.Person) error { p.Second = nil; return nil }); err != nil {
		return err
	}
	s.tellPerson(ctx, person, "mail.second_off", "name", person.Name)
	return nil
}

// Listed is a seat with the logins of who holds it.
type Listed struct {
	*Seat
	Logins []string `json:"logins"`
	// TwoSteps says that the person signs in with a second step.
	TwoSteps bool `json:"two_steps"`
}

// ListAsOperator lists who has a seat in a scope's tenant, by organisation and name, ended
// seats as well.
func (s *Service) ListAsOperator(ctx context.Context, sc tenants.Scope) ([]Listed, error) {
	list := []Listed{}
	var ids []tenants.PersonID
	for seat, err := range s.seats.Each(ctx, sc, nil) {
		if err != nil {
			return nil, err
		}
		list, ids = append(list, Listed{Seat: seat}), append(ids, seat.Person)
	}
	persons, err := s.registry.Persons(ctx, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[tenants.PersonID]*tenants.Person, len(persons))
	for i := range persons {
		known[persons[i].ID] = &persons[i]
	}
	for i, row := range list {
		if p := known[row.Person]; p != nil {
			list[i].Logins, list[i].TwoSteps = p.Logins, p.TwoSteps()
		}
	}
	slices.SortFunc(list, func(a, b Listed) int {
		return cmp.Or(strings.Compare(a.OrganisationName, b.OrganisationName), strings.Compare(a.Name, b.Name), strings.Compare(string(a.ID), string(b.ID)))
	})
	return list, nil
}

// SuspendAsOperator closes a space to everybody, or opens it again.
func (s *Service) SuspendAsOperator(ctx context.Context, id tenants.TenantID, suspended bool) (*tenants.Tenant, error) {
	t, err := s.registry.ChangeTenant(ctx, id, 0, func(t *tenants.Tenant) error { t.Suspended = suspended; return nil })
	if err == nil {
		s.remember(t, s.gate.Now())
	}
	return t, err
}

// Seed is a person with a seat who is there from the start of a demonstration.
type Seed struct {
	Of          Organisation
	Login, Name string
	Roles       []policies.Role
}

// SeedSeats makes persons with one password and their seats in a demonstration tenant,
// in the order given. The password is hashed once, because a hundred hashes would be
// most of the start. What is there already stays as it is, so that a second start
// changes nothing. It refuses a tenant that is not marked as a demonstration.
func (s *Service) SeedSeats(ctx context.Context, tenant tenants.TenantID, password string, seeds []Seed) ([]*Seat, error) {
	t, err := s.registry.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if !t.Demo {
		return nil, fault.New(fault.Forbidden, "forbidden", "action", policies.SeedDemo.String())
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	seats := make([]*Seat, 0, len(seeds))
	for _, seed := range seeds {
		person, err := s.seedPerson(ctx, seed, hash)
		if err != nil {
			return nil, err
		}
		seat, err := s.seedSeat(ctx, tenant, seed, person)
		if err != nil {
			return nil, err
		}
		seats = append(seats, seat)
	}
	return seats, nil
}

func (s *Service) seedPerson(ctx context.Context, seed Seed, hash tenants.Secret) (*tenants.Person, error) {
	login, err := Login(seed.Login)
	if err != nil {
		return nil, fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if err == nil || fault.KindOf(err) != fault.Missing {
		return person, err
	}
	person = &tenants.Person{
		Name: seed.Name, Logins: []string{login}, Language: language(""), Password: hash, Seats: []tenants.SeatRef{}, CreatedAt: s.gate.Now(),
	}
	return person, s.registry.AddPerson(ctx, person)
}

func (s *Service) seedSeat(ctx context.Context, tenant tenants.TenantID, seed Seed, person *tenants.Person) (*Seat, error) {
	seat := &Seat{
		State: SeatActive, Person: person.ID, Name: person.Name, Organisation: seed.Of.ID, OrganisationName: seed.Of.Name,
		Side: seed.Of.Side, Roles: slices.Compact(slices.Sorted(slices.Values(seed.Roles))), Holds: holding(person.ID, seed.Of.ID),
	}
	seat.ID = tenants.DeriveID[Seat]("st", string(tenant), "seed", string(person.ID), string(seed.Of.ID))
	seat.Readable(string(seed.Of.ID), tenants.ForTenant)
	sc := s.gate.System(ctx, tenant, policies.SeedDemo)
	kept, err := s.seats.Add(ctx, sc, seat)
	if err != nil && fault.KindOf(err) == fault.Conflict {
		kept, err = s.seats.Get(ctx, sc, seat.ID)
	}
	if err != nil {
		return nil, err
	}
	return kept, s.refer(ctx, person.ID, kept)
}
