package people

import (
	"context"
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// SpeaksFor lists the organisations that whoever has a login already speaks for, in any
// tenant: as its administrator, officer or coordinator. It is nobody's to read but a
// service's that must know whether an organisation may be brought along.
func (s *Service) SpeaksFor(ctx context.Context, text string) ([]Organisation, error) {
	login, err := Login(text)
	if err != nil {
		return nil, fault.Invalid(fault.On("login", fault.CodeOf(err)))
	}
	person, err := s.registry.PersonByLogin(ctx, login)
	if err != nil {
		if fault.KindOf(err) == fault.Missing {
			return nil, nil
		}
		return nil, err
	}
	var list []Organisation
	for _, ref := range person.Seats {
		seat, err := s.seats.Get(ctx, s.gate.System(ctx, ref.Tenant, policies.ReadSeat), tenants.ID[Seat](ref.Seat))
		switch {
		case err != nil && fault.KindOf(err) == fault.Missing:
			continue
		case err != nil:
			return nil, err
		}
		of := Organisation{seat.Organisation, seat.OrganisationName, seat.Side}
		if seat.State == SeatActive && seat.speaks() && !slices.Contains(list, of) {
			list = append(list, of)
		}
	}
	return list, nil
}

// speaks says that the seat may give its organisation's other seats.
func (s *Seat) speaks() bool {
	return slices.ContainsFunc(s.Roles, func(r policies.Role) bool {
		return r == policies.TenantAdmin || r == policies.ProgramOfficer || r == policies.CSOCoordinator
	})
}
