package people

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// Concerned says whom a journal entry of a seat concerns: the person whose roles were
// changed. sc is a system scope of the entry's tenant.
func (s *Service) Concerned(ctx context.Context, sc tenants.Scope, e tenants.Entry) ([]work.Concern, error) {
	if e.Kind != "seat" || e.Action != policies.ChangeSeatRoles.String() {
		return nil, nil
	}
	seat, err := s.seats.Get(ctx, sc, tenants.ID[Seat](e.Record))
	if err != nil {
		return nil, err
	}
	return []work.Concern{{Told: work.RolesChanged, Person: seat.Person, Consequence: true}}, nil
}

// ActiveSeats lists the seats that count in the scope's tenant: for those who tell people
// what concerns them.
func (s *Service) ActiveSeats(ctx context.Context, sc tenants.Scope) ([]*Seat, error) {
	var list []*Seat
	for seat, err := range s.seats.Each(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}}) {
		if err != nil {
			return nil, err
		}
		list = append(list, seat)
	}
	return list, nil
}
