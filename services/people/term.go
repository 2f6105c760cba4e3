package people

import (
	"context"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Term is the input of a seat's last day.
type Term struct {
	// Until is the last day on which the seat counts, in the tenant's zone; "" is no end.
	Until clocks.Day `json:"until"`
}

// SetTerm says until which day a seat counts. Who may end it may; of a side's tenant
// administrators one stays whose seat has no end.
func (s *Service) SetTerm(ctx context.Context, id tenants.ID[Seat], seen tenants.Version, in Term) (*Seat, error) {
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
	zone, err := s.zone(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	return s.keepingAdmin(ctx, sc, seat, in.Until == "", func() (*Seat, error) {
		return s.seats.Change(ctx, sc, id, seen, func(seat *Seat) error { return seat.lasts(in.Until, sc.Now(), zone) })
	})
}

func (s *Service) zone(ctx context.Context, id tenants.TenantID) (*time.Location, error) {
	t, err := s.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(t.Zone)
}

func (s *Seat) lasts(until clocks.Day, now time.Time, zone *time.Location) error {
	switch {
	case s.State != SeatActive:
		return fault.New(fault.Conflict, "seat_ended")
	case until != "" && !until.After(clocks.DayOf(now, zone)):
		return fault.Invalid(fault.On("until", "day_past"))
	}
	s.Until, s.WakeAt = until, nil
	if until != "" {
		over := until.Add(1).Begins(zone)
		s.WakeAt = &over
	}
	return nil
}

// over says that the seat's last day has passed.
func (s *Seat) over(now time.Time, zone *time.Location) bool {
	return s.Until != "" && !now.Before(s.Until.Add(1).Begins(zone))
}

// wake ends a seat whose last day has passed. It is the clock's move; from that day on the
// seat opened nothing already.
func (s *Service) wake(ctx context.Context, sc tenants.Scope, seat *Seat) error {
	zone, err := s.zone(ctx, sc.Tenant())
	if err != nil {
		return err
	}
	_, err = s.seats.Amend(ctx, sc, seat.ID, func(seat *Seat) error {
		switch {
		case seat.State != SeatActive || seat.Until == "":
			seat.WakeAt = nil
			return nil
		case !seat.over(sc.Now(), zone): // the tenant's zone was changed meanwhile
			return seat.lasts(seat.Until, sc.Now(), zone)
		}
		seat.WakeAt = nil
		return seat.end(sc)
	})
	return err
}
