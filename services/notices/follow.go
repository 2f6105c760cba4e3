package notices

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

const (
	// followEvery is how often the journals of tenants in use are looked at.
	followEvery = 2 * time.Second
	// followLease is how long a process may be silent before another follows a journal.
	followLease = time.Minute
	// followBatch is how many entries are taken between two notes of the place.
	followBatch = 200
	// longPast is when an entry is too old to be told of: that of a journal that is
	// followed for the first time.
	longPast = 30 * 24 * time.Hour
)

// Teller answers whom a journal entry of its records concerns. sc is a system scope.
type Teller interface {
	Concerned(ctx context.Context, sc tenants.Scope, e tenants.Entry) ([]work.Concern, error)
}

// Place is how far a tenant's journal was followed.
type Place struct {
	tenants.Meta[Place] `bson:",inline"`

	Seq int64 `json:"seq"`
}

// Check holds for every place.
func (p *Place) Check() error { return nil }

func placeKind() store.Kind[Place] {
	return store.Kind[Place]{Name: "notice_places", One: "notice_place", Prefix: "np", Derived: true}
}

// Run follows the journals of the tenants in use until the context ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, tenant := range s.DB.InUse() {
				if err := s.Follow(ctx, tenant); err != nil && ctx.Err() == nil {
					s.Log.Error("following a journal", "tenant", tenant, "error", err)
				}
			}
		}
	}
}

// Follow tells people of every entry behind the place of a tenant's journal. One process
// at a time does it for a tenant, under a lease. The place is noted after the notices are
// there and their ids follow from entry and person: who does a part of it again, after a
// crash or because a lease ran out, changes nothing.
func (s *Service) Follow(ctx context.Context, tenant tenants.TenantID) error {
	if tenant == tenants.Commons {
		return nil
	}
	sc := s.Gate.System(ctx, tenant, policies.FollowJournal)
	place, err := s.place(ctx, sc)
	if err != nil {
		return err
	}
	entries, err := s.DB.After(ctx, sc, place.Seq, 1)
	if err != nil || len(entries) == 0 {
		return err
	}
	name, registry := "notices/"+string(tenant), s.DB.Registry()
	mine, err := registry.Acquire(ctx, name, s.Holder, sc.Now(), sc.Now().Add(followLease))
	if err != nil || !mine {
		return err
	}
	return errors.Join(s.follow(ctx, sc), registry.Release(context.WithoutCancel(ctx), name, s.Holder))
}

func (s *Service) follow(ctx context.Context, sc tenants.Scope) error {
	place, err := s.place(ctx, sc)
	if err != nil {
		return err
	}
	seats, err := s.People.ActiveSeats(ctx, sc)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		entries, err := s.DB.After(ctx, sc, place.Seq, followBatch)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := s.tell(ctx, sc, seats, e); err != nil {
				return err
			}
		}
		last := entries[len(entries)-1].Seq
		place, err = s.places.Amend(ctx, sc, place.ID, func(p *Place) error { p.Seq = max(p.Seq, last); return nil })
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// place is how far the journal was followed; from its beginning where it never was.
func (s *Service) place(ctx context.Context, sc tenants.Scope) (*Place, error) {
	id := tenants.DeriveID[Place]("np", string(sc.Tenant()))
	p, err := s.places.Get(ctx, sc, id)
	if err == nil || fault.KindOf(err) != fault.Missing {
		return p, err
	}
	p = &Place{}
	p.ID = id
	if _, err := s.places.Add(ctx, sc, p); err != nil && fault.KindOf(err) != fault.Conflict {
		return nil, err
	}
	return s.places.Get(ctx, sc, id)
}

// tell makes the notices of one entry.
func (s *Service) tell(ctx context.Context, sc tenants.Scope, seats []*people.Seat, e tenants.Entry) error {
	if sc.Now().Sub(e.At) > longPast {
		return nil
	}
	for _, teller := range s.Tellers {
		concerns, err := teller.Concerned(ctx, sc, e)
		if err != nil && fault.KindOf(err) == fault.Missing {
			continue // the record is gone, and with it what there was to tell
		}
		if err != nil {
			return err
		}
		for _, c := range concerns {
			for _, seat := range seats {
				if !s.concerns(c, seat, e) {
					continue
				}
				if err := s.add(ctx, sc, c, seat, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// concerns says that somebody on a seat is to be told: they are meant, may read the
// record, and did not do it themselves.
func (s *Service) concerns(c work.Concern, seat *people.Seat, e tenants.Entry) bool {
	reads := slices.ContainsFunc(e.Audience, func(reader string) bool {
		return reader == tenants.ForPublic || reader == tenants.ForTenant || reader == string(seat.Organisation)
	})
	switch {
	case seat.Person == e.Person || !reads:
		return false
	case c.Person != "":
		return c.Person == seat.Person
	case c.Organisation != "" && c.Organisation != seat.Organisation,
		c.Side != "" && c.Side != seat.Side,
		c.Except != "" && c.Except == seat.Organisation:
		return false
	}
	return slices.ContainsFunc(c.May, func(a policies.Action) bool { return s.Book.May(string(e.Tenant), seat.Roles, a) })
}

// add keeps a notice. One of the entry to the person that is there already stays.
func (s *Service) add(ctx context.Context, sc tenants.Scope, c work.Concern, seat *people.Seat, e tenants.Entry) error {
	n := &Notice{
		Told: c.Told, Person: seat.Person, Kind: e.Kind, Record: e.Record, Title: e.Title, By: e.Person, Organisation: e.Organisation,
		At: e.At, Consequence: c.Consequence, Unread: true,
	}
	n.ID = tenants.DeriveID[Notice]("nt", string(e.Tenant), e.ID, string(seat.Person))
	n.Readable(string(seat.Organisation))
	_, err := s.notices.Add(ctx, sc, n)
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}
