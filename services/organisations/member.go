package organisations

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// State is how far the verification of a member is.
type State string

// States of a verification (grants.md §4.2).
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	InCheck   State = "in_check"
	Returned  State = "returned"
	Verified  State = "verified"
	Expired   State = "expired"
	Suspended State = "suspended"
)

// States lists them in the order of a verification's life.
func States() []State {
	return []State{Draft, Submitted, InCheck, Returned, Verified, Expired, Suspended}
}

// UnmarshalText refuses a state that is none.
func (s *State) UnmarshalText(text []byte) error { return fault.OneOf(s, text, States()) }

// Hand says who did a step of a verification.
type Hand struct {
	Person       tenants.PersonID       `json:"person"`
	Organisation tenants.OrganisationID `json:"organisation"`
	At           time.Time              `json:"at"`
}

// Member is an organisation in a tenant.
type Member struct {
	tenants.Meta[Member] `bson:",inline"`

	State        State                  `json:"state"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Name         string                 `json:"name"`
	Acronym      string                 `json:"acronym"`
	Side         policies.Side          `json:"side"`
	LegalForm    string                 `json:"legal_form"`
	Identifiers  []Identifier           `json:"identifiers"`
	// Experience is what the organisation shows to everybody of it.
	Experience []Experience `json:"experience"`
	// LedBy are the groups of that experience that lead the organisation, Fields and Places
	// what it works on and where: by these it is found.
	LedBy      []Group   `json:"led_by"`
	Fields     []Field   `json:"fields_of_work"`
	Places     []Place   `json:"places"`
	PlaceTerms []string  `json:"-" bson:"place_terms,omitempty"`
	JoinedAt   time.Time `json:"joined_at"`

	// SubmittedNo is the version that was submitted last, VerifiedNo the one that was
	// verified last; 0 before.
	SubmittedNo int `json:"submitted_no"`
	VerifiedNo  int `json:"verified_no"`
	// ValidUntil is the last day of the verification.
	ValidUntil  clocks.Day `json:"valid_until"`
	CheckedBy   *Hand      `json:"checked_by"`
	ConfirmedBy *Hand      `json:"confirmed_by"`
	// Reason is what was written with the last move that asks for one.
	Reason string `json:"reason"`
	// Before is the state that a suspension interrupted.
	Before State `json:"before,omitempty"`
}

func memberKind() store.Kind[Member] {
	return store.Kind[Member]{
		Name: "members", One: "member", Prefix: "mb",
		Indexes: []store.Index{
			{Keys: []string{"name"}}, {Keys: []string{"led_by", "name", "_id"}}, {Keys: []string{"fields_of_work", "name", "_id"}}, {Keys: []string{"place_terms"}},
		},
		Filters: []string{"side", "state"}, Sorts: []string{"name", "-updated_at"},
		Migrations: []store.Migration{{Name: "findable", Up: findable}},
		Title:      func(m *Member) string { return m.Name },
		Words: func(m *Member) []string {
			words := []string{m.Name, m.Acronym}
			for _, i := range m.Identifiers {
				words = append(words, i.Value)
			}
			return words
		},
	}
}

// Check says what is always true of a member.
func (m *Member) Check() error {
	wrong := checkText("name", m.Name, maxLine)
	if m.Name == "" {
		wrong = append(wrong, fault.On("name", "required"))
	}
	if !slices.Contains(policies.Sides(), m.Side) {
		wrong = append(wrong, fault.On("side", "choice_unknown", "value", string(m.Side)))
	}
	return fault.Invalid(append(wrong, checkText("reason", m.Reason, maxText)...)...)
}

// Profile is what a member submitted: a copy of the version its signatory attested,
// without the experience that it has not opened to agencies.
type Profile struct {
	tenants.Meta[Profile] `bson:",inline"`

	Organisation tenants.OrganisationID `json:"organisation"`
	Attested     Attestation            `json:"attested"`
}

// Check holds for every profile: it is only ever copied from a passport.
func (p *Profile) Check() error { return nil }

func profileKind() store.Kind[Profile] {
	return store.Kind[Profile]{
		Name: "member_profiles", One: "member_profile", Prefix: "mp", Sorts: []string{"-created_at"},
		Title: func(p *Profile) string { return p.Attested.Content.Name },
	}
}

func profileID(tenant tenants.TenantID, of tenants.OrganisationID, no int) tenants.ID[Profile] {
	return tenants.DeriveID[Profile]("mp", string(tenant), string(of), strconv.Itoa(no))
}

// NewOrganisation is the input of bringing an organisation into the tenant: what it is
// called, its side, and who takes its first seat there.
type NewOrganisation struct {
	Name   string        `json:"name"`
	Side   policies.Side `json:"side"`
	Login  string        `json:"login"`
	Person string        `json:"person"`
	// Mail sends the link to the login's address as well.
	Mail bool `json:"mail"`
}

// Brought is an organisation that was invited, with the link for its first person.
type Brought struct {
	*Member
	Link   string `json:"link"`
	Mailed bool   `json:"mailed"`
	// Invitation is what the link offers.
	Invitation *people.Invitation `json:"-"`
}

// Invite brings an organisation into the tenant. An administrator, officer or coordinator
// may. Where the invited person already speaks for an organisation of this name, that one
// joins; otherwise a new passport begins, because a name alone must not open one.
func (s *Service) Invite(ctx context.Context, in NewOrganisation) (*Brought, error) {
	sc, err := s.Gate.Enter(ctx, policies.InviteOrganisation)
	if err != nil {
		return nil, err
	}
	of, err := s.named(ctx, in)
	if err != nil {
		return nil, err
	}
	system := s.Gate.SystemAs(ctx, sc.Tenant(), policies.InviteOrganisation)
	invited, err := s.People.InviteFirst(ctx, system, of, people.Invite{Login: in.Login, Name: in.Person, Roles: firstRoles(in.Side), Mail: in.Mail})
	if err != nil {
		return nil, renamed(err)
	}
	m, err := s.Ensure(ctx, system, of)
	if err != nil {
		return nil, err
	}
	return &Brought{Member: m, Link: invited.Link, Mailed: invited.Mailed, Invitation: invited.Invitation}, nil
}

// Found brings the first organisation of a side into a new tenant. The platform's
// administrator may, while the side has no seat (people.InviteFounder).
func (s *Service) Found(ctx context.Context, tenant tenants.TenantID, in NewOrganisation) (*Brought, error) {
	free, err := s.People.Unfounded(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if in.Side == policies.Other {
		return nil, fault.Invalid(fault.On("side", "choice_unknown", "value", string(in.Side)))
	}
	if in.Side != "" && !slices.Contains(free, in.Side) {
		return nil, fault.New(fault.Conflict, "side_has_seats", "side", string(in.Side))
	}
	of, err := s.named(ctx, in)
	if err != nil {
		return nil, err
	}
	invited, err := s.People.InviteFounder(ctx, tenant, of, people.Invite{Login: in.Login, Name: in.Person, Roles: firstRoles(in.Side), Mail: in.Mail})
	if err != nil {
		return nil, renamed(err)
	}
	m, err := s.Ensure(ctx, s.Gate.SystemAs(ctx, tenant, policies.CreateTenant), of)
	if err != nil {
		return nil, err
	}
	return &Brought{Member: m, Link: invited.Link, Mailed: invited.Mailed, Invitation: invited.Invitation}, nil
}

// firstRoles let the first person of an organisation give its other seats.
func firstRoles(side policies.Side) []policies.Role {
	switch side {
	case policies.Agency:
		return []policies.Role{policies.ProgramOfficer}
	case policies.CSO:
		return []policies.Role{policies.CSOCoordinator}
	}
	return []policies.Role{policies.Observer}
}

// named is the organisation that an invitation means.
func (s *Service) named(ctx context.Context, in NewOrganisation) (people.Organisation, error) {
	of := people.Organisation{Name: in.Name, Side: in.Side}
	if err := (&Member{Name: in.Name, Side: in.Side}).Check(); err != nil {
		return of, err
	}
	known, err := s.People.SpeaksFor(ctx, in.Login)
	if err != nil {
		return of, err
	}
	for _, k := range known {
		if k.Side == in.Side && store.Fold(k.Name) == store.Fold(in.Name) {
			return k, nil
		}
	}
	id, err := tenants.MintID[Passport]("og")
	of.ID = tenants.OrganisationID(id)
	return of, err
}

// renamed puts a refusal of the person's name on the field that the form calls so.
func renamed(err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	fields := slices.Clone(refusal.Fields)
	for i := range fields {
		if fields[i].Name == "name" {
			fields[i].Name = "person"
		}
	}
	return fault.Invalid(fields...)
}
