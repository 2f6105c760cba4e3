package people

import (
	"context"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Accept makes the seat of an invitation. The invitation decides: of one who accepts and
// one who withdraws at once, one wins. What follows from it can be repeated, so a crash
// between two steps is healed by opening the link again, signed in.
func (s *Service) Accept(ctx context.Context, secret string, in Accept) (*Seat, error) {
	offered, err := s.Offer(ctx, secret)
	if err != nil {
		return nil, err
	}
	if t, err := s.registry.Tenant(ctx, offered.Tenant); err != nil {
		return nil, err
	} else if t.Suspended {
		return nil, fault.New(fault.Forbidden, "tenant_suspended")
	}
	person, err := s.invitee(ctx, offered, in)
	if err != nil {
		return nil, err
	}
	ctx = tenants.WithActor(ctx, tenants.Actor{
		Person: person.ID, Name: person.Name, Tenant: offered.Tenant, Organisation: offered.Organisation, Side: offered.Side,
	})
	sc := s.gate.SystemAs(ctx, offered.Tenant, policies.AcceptInvitation)
	if err := s.unseated(ctx, sc, offered, person); err != nil {
		return nil, err
	}
	_, err = s.invitations.Amend(ctx, sc.As("accept"), offered.ID, func(i *Invitation) error { return i.accept(person.ID, sc.Now()) })
	if err != nil {
		return nil, err
	}
	return s.seat(ctx, sc, offered, person)
}

// seat does what follows from an accepted invitation: the seat, the person's reference
// to it, and the end of the link.
func (s *Service) seat(ctx context.Context, sc tenants.Scope, offered *Invitation, person *tenants.Person) (*Seat, error) {
	seat, err := s.takeSeat(ctx, sc, offered, person)
	if err != nil {
		return nil, err
	}
	if err := s.refer(ctx, person.ID, seat); err != nil {
		return nil, err
	}
	if _, err := s.registry.TakeLink(ctx, offered.Key, linkInvitation, s.gate.Now()); err != nil && fault.KindOf(err) != fault.Missing {
		return nil, err
	}
	return seat, nil
}

// refer tells a person of their seat, once.
func (s *Service) refer(ctx context.Context, person tenants.PersonID, seat *Seat) error {
	_, err := s.registry.ChangePerson(ctx, person, func(p *tenants.Person) error {
		if ref := seat.Ref(); !slices.Contains(p.Seats, ref) {
			p.Seats = append(p.Seats, ref)
		}
		return nil
	})
	return err
}

func (s *Service) takeSeat(ctx context.Context, sc tenants.Scope, offered *Invitation, person *tenants.Person) (*Seat, error) {
	seat := &Seat{
		State: SeatActive, Person: person.ID, Name: person.Name, Organisation: offered.Organisation,
		OrganisationName: offered.OrganisationName, Side: offered.Side, Roles: offered.Roles, Holds: holding(person.ID, offered.Organisation),
	}
	seat.ID = seatOf(offered)
	seat.Readable(tenants.ForTenant)
	kept, err := s.seats.Add(ctx, sc, seat)
	if err == nil || fault.KindOf(err) != fault.Conflict {
		return kept, err
	}
	kept, err = s.seats.Get(ctx, sc, seat.ID)
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil, fault.New(fault.Conflict, "already_seated")
	}
	return kept, err
}

// seatOf is the one seat that an invitation leads to.
func seatOf(i *Invitation) tenants.ID[Seat] {
	return tenants.DeriveID[Seat]("st", string(i.Tenant), string(i.ID))
}

func holding(person tenants.PersonID, organisation tenants.OrganisationID) string {
	return string(person) + " " + string(organisation)
}

// unseated refuses a second seat for one organisation before the invitation is used up.
func (s *Service) unseated(ctx context.Context, sc tenants.Scope, offered *Invitation, person *tenants.Person) error {
	seat, err := s.seats.Find(ctx, sc, struct {
		Holds string `where:"holds,eq"`
	}{holding(person.ID, offered.Organisation)})
	switch {
	case err != nil && fault.KindOf(err) == fault.Missing:
		return nil
	case err == nil && seat.ID != seatOf(offered):
		return fault.New(fault.Conflict, "already_seated")
	}
	return err
}

// invitee is who accepts: the person that the login belongs to, made when nobody has it.
// Whoever has the link of a person that is known must sign in as that person.
func (s *Service) invitee(ctx context.Context, offered *Invitation, in Accept) (*tenants.Person, error) {
	known := fault.New(fault.Conflict, "invitation_sign_in", "value", Shown(offered.Login))
	person, err := s.registry.PersonByLogin(ctx, offered.Login)
	switch {
	case err == nil && tenants.ActorFrom(ctx).Person == person.ID:
		return person, nil
	case err == nil:
		return nil, known
	case fault.KindOf(err) != fault.Missing:
		return nil, err
	}
	if strings.TrimSpace(in.Name) == "" {
		in.Name = offered.Name
	}
	fields := append(checkName("name", in.Name), checkPassword("password", in.Password, offered.Login)...)
	if err := fault.Invalid(fields...); err != nil {
		return nil, err
	}
	person = &tenants.Person{
		Name: strings.TrimSpace(in.Name), Logins: []string{offered.Login}, Language: language(in.Language),
		Seats: []tenants.SeatRef{}, CreatedAt: s.gate.Now(),
	}
	if person.Password, err = s.hash(ctx, in.Password); err != nil {
		return nil, err
	}
	if err := s.registry.AddPerson(ctx, person); fault.KindOf(err) == fault.Conflict && err != nil {
		return nil, known
	} else if err != nil {
		return nil, err
	}
	return person, nil
}
