// Package settings keeps what binds both sides of a tenant: its zone, its working days,
// its days off, the lengths of its promises and the exceptions of its roles. None of them
// is set: one side proposes a change, and it takes effect when a tenant_admin of the other
// side accepts that text. What binds nobody (name, language, currency) is package people's.
//
//	terms     what is agreed on, and the one record that holds it
//	proposal  a change that one side proposes, its moves, and how it differs
//	settle    how an accepted proposal takes effect, here and in other processes
//
// Everybody with a seat reads all of it. The rest of the product reads Calendar and
// Promises, which cost nothing while nothing changes.
package settings

import (
	"context"
	"sync"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Config is what the service stands on.
type Config struct {
	DB     *store.DB
	Gate   *tenants.Gate
	Book   *policies.Book
	People *people.Service
}

// Service answers for the settings that bind both sides.
type Service struct {
	Config
	bindings  *store.Collection[Binding, *Binding]
	proposals *store.Collection[Proposal, *Proposal]

	mu sync.Mutex
	// known are bindings as last read, entered the versions that the book has taken.
	known   map[tenants.TenantID]agreed
	entered map[tenants.TenantID]tenants.Version
}

// agreed is a binding and the calendar it makes.
type agreed struct {
	*Binding
	calendar *clocks.Calendar
}

// Open declares the collections, and has the gate follow what is agreed on.
func Open(cfg Config) *Service {
	s := &Service{Config: cfg, known: map[tenants.TenantID]agreed{}, entered: map[tenants.TenantID]tenants.Version{}}
	s.bindings = store.Open[Binding, *Binding](cfg.DB, bindingKind())
	kind := proposalKind()
	kind.Wake = s.wake
	s.proposals = store.Open[Proposal, *Proposal](cfg.DB, kind)
	cfg.Gate.Follow(s.follow)
	return s
}

// Calendar is the calendar of the scope's tenant, at most two seconds behind another
// process.
func (s *Service) Calendar(ctx context.Context, sc tenants.Scope) (*clocks.Calendar, error) {
	a, err := s.agreed(ctx, sc.Tenant())
	return a.calendar, err
}

// Promises are the lengths of the promises of the scope's tenant, as fresh as Calendar.
func (s *Service) Promises(ctx context.Context, sc tenants.Scope) (clocks.Lengths, error) {
	a, err := s.agreed(ctx, sc.Tenant())
	if err != nil {
		return clocks.Lengths{}, err
	}
	return a.Promises, nil
}

// Agreed gives what both sides agreed on, and the calendar it makes. Every seat may.
func (s *Service) Agreed(ctx context.Context) (*Binding, *clocks.Calendar, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, nil, err
	}
	a, err := s.agreed(ctx, sc.Tenant())
	return a.Binding, a.calendar, err
}

// History is how what is agreed on came about, the latest first. Every seat may.
func (s *Service) History(ctx context.Context, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	if _, err := s.agreed(ctx, sc.Tenant()); err != nil {
		return nil, err
	}
	return s.bindings.History(ctx, sc, bindingID(sc.Tenant()), q)
}

// agreed reads what is agreed on from memory, unless the registry knows a later version.
func (s *Service) agreed(ctx context.Context, id tenants.TenantID) (agreed, error) {
	t, err := s.People.Tenant(ctx, id)
	if err != nil {
		return agreed{}, err
	}
	s.mu.Lock()
	a, ok := s.known[id]
	s.mu.Unlock()
	if ok && a.Version >= t.Settled {
		return a, nil
	}
	b, err := s.binding(ctx, t)
	if err != nil {
		return agreed{}, err
	}
	return s.remember(b)
}

// binding reads the record, and begins it with what holds by default where there is none.
func (s *Service) binding(ctx context.Context, t *tenants.Tenant) (*Binding, error) {
	sc := s.Gate.System(ctx, t.ID, policies.SettleTerms)
	b, err := s.bindings.Get(ctx, sc, bindingID(t.ID))
	if err == nil || fault.KindOf(err) != fault.Missing {
		return b, err
	}
	b = &Binding{Terms: Default(t.Zone)}
	b.ID = bindingID(t.ID)
	b.Readable(tenants.ForTenant)
	if _, err := s.bindings.Add(ctx, sc, b); err != nil && fault.KindOf(err) != fault.Conflict {
		return nil, err
	}
	return s.bindings.Get(ctx, sc, bindingID(t.ID))
}

func (s *Service) remember(b *Binding) (agreed, error) {
	c, err := b.Calendar()
	if err != nil {
		return agreed{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.known[b.Tenant]; ok && a.Version > b.Version {
		return a, nil
	}
	s.known[b.Tenant] = agreed{b, c}
	return s.known[b.Tenant], nil
}

// follow brings a tenant's exceptions into the book when the registry has a later version
// of them than the book. The gate calls it before each question.
func (s *Service) follow(ctx context.Context, id tenants.TenantID) error {
	t, err := s.People.Tenant(ctx, id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entered[id] >= t.Settled {
		return nil
	}
	if fault.KindOf(s.Book.Except(string(id), t.Exceptions)) == fault.Unprocessable {
		// A newer program knows an exception that this one does not: then none holds here.
		if err := s.Book.Except(string(id), nil); err != nil {
			return err
		}
	}
	s.entered[id] = t.Settled
	return nil
}
