package programs

import (
	"context"
	"iter"

	"github.com/mitra-platform/mitra/tenants"
)

// Published is a program that may be told to everybody: both sides accepted its plan, or it
// came from a file that is public where it came from.
type Published struct {
	*Program
	// Ledger is the first part of what its file said; nil for a program made here.
	Ledger *Ledger
	// Actuals are those that were accepted.
	Actuals []*Actual
}

// Public says that a program may be told to everybody.
func (p *Program) Public() bool {
	return p.State != Abandoned && (p.AcceptedVersion > 0 || p.Origin == FromIATI)
}

// publishedAtOnce is how many programs are gathered with what belongs to them.
const publishedAtOnce = 16

// Published walks the programs that may be told to everybody, in the order of their ids, a
// few at a time with what belongs to them: memory does not grow with their number.
func (s *Service) Published(ctx context.Context, sc tenants.Scope) iter.Seq2[*Published, error] {
	return func(yield func(*Published, error) bool) {
		var some []*Program
		tell := func() bool {
			list, err := s.gather(ctx, sc, some)
			if err != nil {
				return yield(nil, err) && false
			}
			for _, p := range list {
				if !yield(p, nil) {
					return false
				}
			}
			some = some[:0]
			return true
		}
		for p, err := range s.programs.Each(ctx, sc, struct{}{}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !p.Public() {
				continue
			}
			if some = append(some, p); len(some) == publishedAtOnce && !tell() {
				return
			}
		}
		tell()
	}
}

// PublishedOf gathers what belongs to programs that one has read already; those that may
// not be told to everybody are left out.
func (s *Service) PublishedOf(ctx context.Context, sc tenants.Scope, list []*Program) ([]*Published, error) {
	var some []*Program
	for _, p := range list {
		if p.Public() {
			some = append(some, p)
		}
	}
	return s.gather(ctx, sc, some)
}

// gather reads the ledgers and the accepted actuals of some programs, each at once.
func (s *Service) gather(ctx context.Context, sc tenants.Scope, some []*Program) ([]*Published, error) {
	list := make([]*Published, len(some))
	at := map[ID]*Published{}
	var ids []ID
	var ledgers []tenants.ID[Ledger]
	for i, p := range some {
		list[i] = &Published{Program: p}
		at[p.ID] = list[i]
		ids = append(ids, p.ID)
		if p.Origin == FromIATI {
			ledgers = append(ledgers, ledgerID(sc.Tenant(), p.ID, 0))
		}
	}
	if len(ledgers) > 0 {
		found, err := s.ledgers.Some(ctx, sc, struct {
			ID []tenants.ID[Ledger] `where:"_id,in"`
		}{ledgers}, "", len(ledgers))
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			at[l.Program].Ledger = l
		}
	}
	if len(ids) == 0 {
		return list, nil
	}
	for a, err := range s.actuals.Each(ctx, sc, struct {
		Program []ID          `where:"program,in"`
		State   []ActualState `where:"state,in"`
	}{ids, []ActualState{ActualAccepted}}) {
		if err != nil {
			return nil, err
		}
		at[a.Program].Actuals = append(at[a.Program].Actuals, a)
	}
	return list, nil
}
