package people

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// SeatState says whether a seat counts.
type SeatState string

// States of a seat.
const (
	SeatActive SeatState = "active"
	SeatEnded  SeatState = "ended"
)

// SeatStates lists them.
func SeatStates() []SeatState { return []SeatState{SeatActive, SeatEnded} }

// Seat is a person's place in a tenant, for one organisation, with roles. Every seat of
// the tenant sees who else has one.
type Seat struct {
	tenants.Meta[Seat] `bson:",inline"`

	State            SeatState              `json:"state"`
	Person           tenants.PersonID       `json:"person"`
	Name             string                 `json:"name" journal:"personal"`
	Organisation     tenants.OrganisationID `json:"organisation"`
	OrganisationName string                 `json:"organisation_name"`
	Side             policies.Side          `json:"side"`
	Roles            []policies.Role        `json:"roles"`
	// Until is the last day on which the seat counts, in the tenant's zone; "" is no end.
	Until   clocks.Day `json:"until"`
	EndedAt *time.Time `json:"ended_at"`
	// ResetBy and ResetAt say which colleague last made a way to a new password.
	ResetBy tenants.PersonID `json:"reset_by,omitempty"`
	ResetAt *time.Time       `json:"reset_at,omitempty"`
	// Holds is the person and the organisation while the seat counts: its unique key lets
	// a person have one seat for an organisation.
	Holds string `json:"-" bson:"holds,omitempty"`
}

// Ref is the seat as a session and a person hold it.
func (s *Seat) Ref() tenants.SeatRef {
	return tenants.SeatRef{Tenant: s.Tenant, Seat: tenants.SeatID(s.ID)}
}

// Actor is who acts on the seat. That it still counts is for the caller to know.
func (s *Seat) Actor() tenants.Actor {
	return tenants.Actor{
		Person: s.Person, Name: s.Name, Tenant: s.Tenant, Organisation: s.Organisation, Side: s.Side,
		Seat: tenants.SeatID(s.ID), Roles: s.Roles,
	}
}

func seatKind() store.Kind[Seat] {
	return store.Kind[Seat]{
		Name: "seats", One: "seat", Prefix: "st",
		Indexes: []store.Index{
			{Keys: []string{"organisation", "state"}},
			{Keys: []string{"holds"}, Unique: true, Where: "holds"},
		},
		Filters: []string{"state", "side", "organisation"}, Sorts: []string{"name", "-created_at"},
	}
}

// Check says that the roles are such as the side may hold.
func (s *Seat) Check() error {
	var fields []fault.Field
	if len(s.Roles) == 0 {
		fields = append(fields, fault.On("roles", "required"))
	}
	for _, r := range s.Roles {
		if !r.Seatable() || !r.MayBeHeldBy(s.Side) {
			fields = append(fields, fault.On("roles", "role_not_of_side", "role", string(r), "side", string(s.Side)))
		}
	}
	fields = append(fields, checkName("name", s.Name)...)
	return fault.Invalid(fields...)
}

const maxName = 200

func checkName(field, name string) []fault.Field {
	switch {
	case strings.TrimSpace(name) == "":
		return []fault.Field{fault.On(field, "required")}
	case utf8.RuneCountInString(name) > maxName:
		return []fault.Field{fault.On(field, "too_long", "max", fmt.Sprint(maxName))}
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unseen):
		return []fault.Field{fault.On(field, "control_characters")}
	}
	return nil
}

// unseen are characters that cannot be seen, or show another text than is there.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// SeatCriteria narrow a list of seats.
type SeatCriteria struct {
	State        []SeatState            `where:"state,in" query:"state"`
	Side         []policies.Side        `where:"side,in" query:"side"`
	Organisation tenants.OrganisationID `where:"organisation,eq" query:"organisation"`
}

// Seats lists who has a place in the tenant. Any seat may.
func (s *Service) Seats(ctx context.Context, criteria SeatCriteria, q store.Query) (*store.Page[Seat], error) {
	sc, err := s.gate.Enter(ctx, policies.ListPeople)
	if err != nil {
		return nil, err
	}
	return s.seats.List(ctx, sc, criteria, q)
}

// Seat reads one seat. Any seat may.
func (s *Service) Seat(ctx context.Context, id tenants.ID[Seat]) (*Seat, error) {
	sc, err := s.gate.Enter(ctx, policies.ReadPerson)
	if err != nil {
		return nil, err
	}
	return s.seats.Get(ctx, sc, id)
}

// SeatHistory is what happened to a seat. Any seat may read it.
func (s *Service) SeatHistory(ctx context.Context, id tenants.ID[Seat], q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.gate.Enter(ctx, policies.ReadPerson)
	if err != nil {
		return nil, err
	}
	return s.seats.History(ctx, sc, id, q)
}

// Roles is the input of ChangeRoles.
type Roles struct {
	Roles []policies.Role `json:"roles"`
}

// ChangeRoles gives a colleague other roles, or oneself: in a small organisation one
// person has several, and four eyes are counted by person, not by role. Only the seat's
// own organisation may; a tenant_admin is made and unmade by a tenant_admin, and the
// last of a side keeps that role.
func (s *Service) ChangeRoles(ctx context.Context, id tenants.ID[Seat], seen tenants.Version, in Roles) (*Seat, error) {
	sc, err := s.gate.Enter(ctx, policies.ChangeSeatRoles)
	if err != nil {
		return nil, err
	}
	seat, err := s.seats.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := seat.ruledBy(sc.Actor()); err != nil {
		return nil, err
	}
	if err := mayGive(sc.Actor(), in.Roles); err != nil {
		return nil, err
	}
	stays := slices.Contains(in.Roles, policies.TenantAdmin)
	return s.keepingAdmin(ctx, sc, seat, stays, func() (*Seat, error) {
		return s.seats.Change(ctx, sc, id, seen, func(seat *Seat) error { return seat.changeRoles(in.Roles) })
	})
}

// ruledBy refuses whoever may not decide over the seat: another organisation, and over a
// tenant_admin whoever is none, because that would be a way to become one.
func (s *Seat) ruledBy(a tenants.Actor) error {
	switch {
	case s.Organisation != a.Organisation:
		return fault.New(fault.Forbidden, "seat_of_another_organisation")
	case s.Person != a.Person && slices.Contains(s.Roles, policies.TenantAdmin) && !a.Has(policies.TenantAdmin):
		return roleNotYours(policies.TenantAdmin)
	}
	return nil
}

// mayGive refuses to give a role that one would have to have oneself.
func mayGive(a tenants.Actor, roles []policies.Role) error {
	if slices.Contains(roles, policies.TenantAdmin) && !a.Has(policies.TenantAdmin) {
		return roleNotYours(policies.TenantAdmin)
	}
	return nil
}

// Giveable are the roles that somebody may give to seats of their organisation.
func Giveable(a tenants.Actor) []policies.Role {
	var list []policies.Role
	for _, r := range policies.Roles() {
		if r.Seatable() && r.MayBeHeldBy(a.Side) && mayGive(a, []policies.Role{r}) == nil {
			list = append(list, r)
		}
	}
	return list
}

// RuledBy says whether to paint what decides over the seat.
func (s *Seat) RuledBy(a tenants.Actor) bool { return s.ruledBy(a) == nil }

func roleNotYours(r policies.Role) error {
	return fault.New(fault.Forbidden, "role_not_yours", "role", string(r))
}

func (s *Seat) changeRoles(roles []policies.Role) error {
	if s.State != SeatActive {
		return fault.New(fault.Conflict, "seat_ended")
	}
	s.Roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	return nil
}

// EndSeat takes a colleague's place away, or gives one's own up; it counts from the next
// request. Only the seat's own organisation may, and the last tenant_admin of a side
// stays.
func (s *Service) EndSeat(ctx context.Context, id tenants.ID[Seat], seen tenants.Version) (*Seat, error) {
	sc, err := s.gate.Enter(ctx, policies.EndSeat)
	if err != nil {
		return nil, err
	}
	seat, err := s.seats.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := seat.ruledBy(sc.Actor()); err != nil {
		return nil, err
	}
	return s.keepingAdmin(ctx, sc, seat, false, func() (*Seat, error) {
		return s.seats.Change(ctx, sc, id, seen, func(seat *Seat) error { return seat.end(sc) })
	})
}

func (s *Seat) end(sc tenants.Scope) error {
	if s.State != SeatActive {
		return fault.New(fault.Conflict, "seat_ended")
	}
	now := sc.Now()
	s.State, s.EndedAt, s.Holds, s.WakeAt = SeatEnded, &now, "", nil
	return nil
}

// keepingAdmin does what may take a tenant_admin from a side, unless the side would be
// left without. It is done one at a time in a tenant, under a lease: two who end each
// other would otherwise both see the other one stay.
func (s *Service) keepingAdmin(
	ctx context.Context, sc tenants.Scope, seat *Seat, stays bool, do func() (*Seat, error),
) (*Seat, error) {
	if stays || seat.State != SeatActive || !slices.Contains(seat.Roles, policies.TenantAdmin) {
		return do()
	}
	holder, _, err := s.mint()
	if err != nil {
		return nil, err
	}
	name := "people/admins/" + string(sc.Tenant())
	got, err := s.registry.Acquire(ctx, name, holder, sc.Now(), sc.Now().Add(time.Minute))
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, fault.New(fault.Conflict, "busy")
	}
	defer func() { _ = s.registry.Release(context.WithoutCancel(ctx), name, holder) }() // it runs out by itself
	if err := s.hasOtherAdmin(ctx, sc, seat); err != nil {
		return nil, err
	}
	return do()
}

func (s *Service) hasOtherAdmin(ctx context.Context, sc tenants.Scope, seat *Seat) error {
	for other, err := range s.seats.Each(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}, Side: []policies.Side{seat.Side}}) {
		if err != nil {
			return err
		}
		if other.ID != seat.ID && other.Until == "" && slices.Contains(other.Roles, policies.TenantAdmin) {
			return nil
		}
	}
	return fault.New(fault.Conflict, "last_admin", "side", string(seat.Side))
}

// Organisations lists who has an active seat in the tenant, by name. Every seat may.
func (s *Service) Organisations(ctx context.Context) ([]Organisation, error) {
	sc, err := s.gate.Enter(ctx, policies.ListOrganisations)
	if err != nil {
		return nil, err
	}
	var list []Organisation
	for seat, err := range s.seats.Each(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}}) {
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(o Organisation) bool { return o.ID == seat.Organisation }) {
			list = append(list, Organisation{seat.Organisation, seat.OrganisationName, seat.Side})
		}
	}
	slices.SortFunc(list, func(a, b Organisation) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// OrganisationOf says what an organisation with an active seat in the scope's tenant is
// called, and on which side it works.
func (s *Service) OrganisationOf(
	ctx context.Context, sc tenants.Scope, id tenants.OrganisationID,
) (name string, side policies.Side, err error) {
	page, err := s.seats.List(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}, Organisation: id}, store.Query{Limit: 1})
	switch {
	case err != nil:
		return "", "", err
	case len(page.Items) == 0:
		return "", "", fault.NotFound("organisation")
	}
	return page.Items[0].OrganisationName, page.Items[0].Side, nil
}
