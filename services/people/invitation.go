package people

import (
	"context"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// InvitationState says what became of an invitation.
type InvitationState string

// States of an invitation. One that has run out stays open and is refused.
const (
	InvitationOpen      InvitationState = "open"
	InvitationAccepted  InvitationState = "accepted"
	InvitationWithdrawn InvitationState = "withdrawn"
)

// invitationLasts is how long an invitation may be accepted.
const invitationLasts = 14 * 24 * time.Hour

// Invitation offers one person a seat. Only the organisation that invites sees it.
type Invitation struct {
	tenants.Meta[Invitation] `bson:",inline"`

	State            InvitationState        `json:"state"`
	Login            string                 `json:"login" journal:"personal"`
	Name             string                 `json:"name" journal:"personal"`
	Organisation     tenants.OrganisationID `json:"organisation"`
	OrganisationName string                 `json:"organisation_name"`
	Side             policies.Side          `json:"side"`
	Roles            []policies.Role        `json:"roles"`
	Until            time.Time              `json:"until"`
	// Person is who accepted.
	Person tenants.PersonID `json:"person,omitempty"`
	// Key is the hash of the link's secret.
	Key string `json:"-" bson:"key"`
}

func invitationKind() store.Kind[Invitation] {
	return store.Kind[Invitation]{
		Name: "invitations", One: "invitation", Prefix: "in",
		Indexes: []store.Index{{Keys: []string{"key"}, Unique: true}},
		Sorts:   []string{"-created_at"},
	}
}

// Check says that the seat it leads to could be.
func (i *Invitation) Check() error {
	seat := Seat{Name: i.Name, Side: i.Side, Roles: i.Roles}
	return seat.Check()
}

// Expired says that the invitation's time was over at an instant.
func (i *Invitation) Expired(at time.Time) bool {
	return i.State == InvitationOpen && !i.Until.After(at)
}

// Invite is the input of an invitation.
type Invite struct {
	Login string          `json:"login"`
	Name  string          `json:"name"`
	Roles []policies.Role `json:"roles"`
	// Mail sends the link to the login's address as well.
	Mail bool `json:"mail"`
}

// Invited is a new invitation with its link, which is shown this once.
type Invited struct {
	*Invitation
	Link   string `json:"link"`
	Mailed bool   `json:"mailed"`
}

// Organisation is for whom a seat is, as the inviting side knows it.
type Organisation struct {
	ID   tenants.OrganisationID
	Name string
	Side policies.Side
}

// invitesPerHour bounds what one person may have sent in the product's name.
const invitesPerHour = 100

// Invite offers somebody a seat in one's own organisation. The coordinator, officer and
// tenant_admin may; a tenant_admin is invited by a tenant_admin.
func (s *Service) Invite(ctx context.Context, in Invite) (*Invited, error) {
	sc, err := s.gate.Enter(ctx, policies.InvitePerson)
	if err != nil {
		return nil, err
	}
	if err := mayGive(sc.Actor(), in.Roles); err != nil {
		return nil, err
	}
	if err := s.within(ctx, "invite/"+string(sc.Actor().Person), invitesPerHour, time.Hour); err != nil {
		return nil, err
	}
	own, err := s.seats.Get(ctx, sc, tenants.ID[Seat](sc.Actor().Seat))
	if err != nil {
		return nil, err
	}
	return s.invite(ctx, sc, Organisation{own.Organisation, own.OrganisationName, own.Side}, in)
}

// InviteFirst offers the first seat of an organisation in a tenant, through a system
// scope: the command line, the platform's administrator for a new tenant, and an
// organisation that another one brought in.
func (s *Service) InviteFirst(ctx context.Context, sc tenants.Scope, of Organisation, in Invite) (*Invited, error) {
	return s.invite(ctx, sc, of, in)
}

// InviteFounder offers the first seat of a side in a new tenant: that of a tenant_admin.
// The platform's administrator may, only while the side has no seat, and not for the
// login of their own, because that account reads no content.
func (s *Service) InviteFounder(ctx context.Context, tenant tenants.TenantID, of Organisation, in Invite) (*Invited, error) {
	a, err := s.own(ctx, policies.CreateTenant)
	if err != nil {
		return nil, err
	}
	if _, err := s.registry.Tenant(ctx, tenant); err != nil {
		return nil, err
	}
	if login, err := Login(in.Login); err == nil {
		owner, err := s.registry.PersonByLogin(ctx, login)
		if err == nil && owner.ID == a.Person {
			return nil, fault.Invalid(fault.On("login", "login_own"))
		}
	}
	sc := s.gate.SystemAs(ctx, tenant, policies.CreateTenant)
	if seated, err := s.seated(ctx, sc, of.Side); err != nil {
		return nil, err
	} else if seated {
		return nil, fault.New(fault.Conflict, "side_has_seats", "side", string(of.Side))
	}
	if !slices.Contains(in.Roles, policies.TenantAdmin) {
		in.Roles = append(slices.Clone(in.Roles), policies.TenantAdmin)
	}
	return s.invite(ctx, sc, of, in)
}

// Unfounded lists the sides of a tenant that have no seat yet, for the platform's
// administrator, who may offer the first one of each.
func (s *Service) Unfounded(ctx context.Context, tenant tenants.TenantID) ([]policies.Side, error) {
	if _, err := s.own(ctx, policies.CreateTenant); err != nil {
		return nil, err
	}
	if _, err := s.registry.Tenant(ctx, tenant); err != nil {
		return nil, err
	}
	sc := s.gate.SystemAs(ctx, tenant, policies.CreateTenant)
	list := []policies.Side{}
	for _, side := range []policies.Side{policies.Agency, policies.CSO} {
		seated, err := s.seated(ctx, sc, side)
		if err != nil {
			return nil, err
		}
		if !seated {
			list = append(list, side)
		}
	}
	return list, nil
}

// seated says that a side has an active seat.
func (s *Service) seated(ctx context.Context, sc tenants.Scope, side policies.Side) (bool, error) {
	taken, err := s.seats.Count(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}, Side: []policies.Side{side}})
	return taken.N > 0, err
}

func (s *Service) invite(ctx context.Context, sc tenants.Scope, of Organisation, in Invite) (*Invited, error) {
	login, err := Login(in.Login)
	if err != nil {
		return nil, fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	if _, ok := address(login); in.Mail && !ok {
		return nil, fault.Invalid(fault.On("mail", "mail_needs_address"))
	}
	secret, hash, err := s.mint()
	if err != nil {
		return nil, err
	}
	offered := &Invitation{
		State: InvitationOpen, Login: login, Name: in.Name, Organisation: of.ID, OrganisationName: of.Name, Side: of.Side,
		Roles: slices.Compact(slices.Sorted(slices.Values(in.Roles))), Until: sc.Now().Add(invitationLasts), Key: hash,
	}
	offered.Readable(string(of.ID))
	kept, err := s.invitations.Add(ctx, sc, offered)
	if err != nil {
		return nil, err
	}
	err = s.registry.AddLink(ctx, tenants.Link{ID: hash, Kind: linkInvitation, Tenant: sc.Tenant(), Until: kept.Until})
	if err != nil {
		return nil, err
	}
	invited := &Invited{Invitation: kept, Link: s.link("/invitations", secret)}
	if to, ok := address(login); ok && in.Mail {
		invited.Mailed = s.tell(ctx, to, "mail.invitation", "name", in.Name, "organisation", of.Name, "link", invited.Link) == nil
	}
	return invited, nil
}

// Kinds of one-time links.
const (
	linkSetUp      = "setup"
	linkInvitation = "invitation"
	linkReset      = "reset"
	linkDevice     = "device"
)

// Invitations lists what one's own organisation has offered.
func (s *Service) Invitations(ctx context.Context, q store.Query) (*store.Page[Invitation], error) {
	sc, err := s.gate.Enter(ctx, policies.InvitePerson)
	if err != nil {
		return nil, err
	}
	return s.invitations.List(ctx, sc, nil, q)
}

// Withdraw takes an open invitation back.
func (s *Service) Withdraw(ctx context.Context, id tenants.ID[Invitation], seen tenants.Version) (*Invitation, error) {
	sc, err := s.gate.Enter(ctx, policies.InvitePerson)
	if err != nil {
		return nil, err
	}
	kept, err := s.invitations.Change(ctx, sc, id, seen, func(i *Invitation) error {
		if i.State != InvitationOpen {
			return fault.New(fault.Conflict, "invitation_used")
		}
		i.State = InvitationWithdrawn
		return nil
	})
	return kept, err
}

// Offer reads an invitation by its secret, for whoever holds the link.
func (s *Service) Offer(ctx context.Context, secret string) (*Invitation, error) {
	now := s.gate.Now()
	link, err := s.registry.Link(ctx, hashOf(secret), linkInvitation, now)
	if err != nil {
		return nil, noLink(err)
	}
	sc := s.gate.System(ctx, link.Tenant, policies.AcceptInvitation)
	offered, err := s.invitations.Find(ctx, sc, struct {
		Key string `where:"key,eq"`
	}{link.ID})
	switch {
	case err != nil:
		return nil, noLink(err)
	case offered.acceptedBy(tenants.ActorFrom(ctx).Person): // and not finished: the link is still there
	case offered.State != InvitationOpen, offered.Expired(now):
		return nil, fault.New(fault.Missing, "link_expired")
	}
	return offered, nil
}

func (i *Invitation) acceptedBy(person tenants.PersonID) bool {
	return i.State == InvitationAccepted && person != "" && i.Person == person
}

func (i *Invitation) accept(by tenants.PersonID, at time.Time) error {
	if i.State != InvitationOpen || i.Expired(at) {
		return fault.New(fault.Missing, "link_expired")
	}
	i.State, i.Person = InvitationAccepted, by
	return nil
}

// noLink says the same of every link that does not work.
func noLink(err error) error {
	if fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Missing, "link_expired")
	}
	return err
}

// Accept is the input with which an invitation becomes a seat. A person who is new
// chooses a name and a password; one who is known is signed in as themselves.
type Accept struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Language string `json:"language"`
}

func language(asked string) string {
	if asked == "en" {
		return "en"
	}
	return "id"
}
