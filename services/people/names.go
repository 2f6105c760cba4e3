package people

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

type seatsByID struct {
	ID []tenants.ID[Seat] `where:"_id,in"`
}

type invitationsByID struct {
	ID []tenants.ID[Invitation] `where:"_id,in"`
}

// Called gives the names of people by their seat, and of those who were invited by their
// invitation where the caller may invite: journals do not keep them. At most
// store.MaxLimit of each are read, in one read each; what is not there has no name.
func (s *Service) Called(ctx context.Context, seats []tenants.ID[Seat], invitations []tenants.ID[Invitation]) (map[string]string, error) {
	names := map[string]string{}
	if len(seats) > 0 {
		sc, err := s.gate.Enter(ctx, policies.ListPeople)
		if err != nil {
			return nil, err
		}
		list, err := s.seats.List(ctx, sc, seatsByID{seats}, store.Query{Limit: store.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, seat := range list.Items {
			names[string(seat.ID)] = seat.Name
		}
	}
	if len(invitations) > 0 {
		sc, err := s.gate.Enter(ctx, policies.InvitePerson)
		if fault.KindOf(err) == fault.Forbidden && err != nil {
			return names, nil
		} else if err != nil {
			return nil, err
		}
		list, err := s.invitations.List(ctx, sc, invitationsByID{invitations}, store.Query{Limit: store.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, i := range list.Items {
			names[string(i.ID)] = i.Name
		}
	}
	return names, nil
}
