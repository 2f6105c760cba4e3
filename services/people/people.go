// Package people keeps who may come in: persons with their sign-in, their sessions and
// API tokens, the seats they have in tenants, and the invitations from which alone a
// seat comes. What a seat allows is the permission book's to say.
//
// Persons are global and kept by the registry; seats and invitations are records of
// their tenant, with a journal. Secrets of links, sessions and tokens are stored as
// hashes only.
package people

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Config is what the service stands on.
type Config struct {
	DB   *store.DB
	Gate *tenants.Gate
	Mail *mail.Sender
	// PublicURL begins every link that is handed out.
	PublicURL string
	// Random makes secrets: crypto/rand.Reader, or a fixed source in tests.
	Random io.Reader
	// AfterSetUp is called once somebody came through the set-up link; nil is nothing to do.
	AfterSetUp func(context.Context)
	// Log hears what went wrong after an answer was given; nil tells nobody.
	Log *slog.Logger
}

// Service answers for persons, seats and invitations.
type Service struct {
	cfg         Config
	gate        *tenants.Gate
	registry    *tenants.Registry
	seats       *store.Collection[Seat, *Seat]
	invitations *store.Collection[Invitation, *Invitation]
	hashing     chan struct{}

	after   sync.WaitGroup
	letters chan struct{} // one place for each letter on its way
	dropped atomic.Int64

	mu     sync.Mutex
	spaces map[tenants.TenantID]space
}

// space is a tenant's settings as read a moment ago.
type space struct {
	tenant *tenants.Tenant
	until  time.Time
}

const (
	// hashers is how many passwords are hashed at once: each takes 19 MiB.
	hashers = 2
	// maxLetters is how many letters may be on their way at once; the rest is dropped, so
	// that a flood of requests cannot become a flood of goroutines.
	maxLetters = 64
	letterTime = time.Minute
)

// Open declares the collections. Close the service before the store.
func Open(cfg Config) *Service {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		cfg: cfg, gate: cfg.Gate, registry: cfg.DB.Registry(),
		invitations: store.Open[Invitation, *Invitation](cfg.DB, invitationKind()),
		hashing:     make(chan struct{}, hashers), letters: make(chan struct{}, maxLetters), spaces: map[tenants.TenantID]space{},
	}
	kind := seatKind()
	kind.Wake = s.wake
	s.seats = store.Open[Seat, *Seat](cfg.DB, kind)
	return s
}

// Close waits for letters that are still on their way.
func (s *Service) Close() { s.after.Wait() }

// later does what must not delay an answer, or must not show by its delay that somebody
// exists.
func (s *Service) later(ctx context.Context, what string, do func(context.Context) error) {
	select {
	case s.letters <- struct{}{}:
	default:
		s.dropped.Add(1)
		s.cfg.Log.WarnContext(ctx, "people: too many letters, one dropped", "what", what)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letterTime)
	s.after.Go(func() {
		defer func() { cancel(); <-s.letters }()
		if err := fault.Guard(func() error { return do(ctx) }); err != nil {
			s.cfg.Log.ErrorContext(ctx, "people: not done", "what", what, "err", err)
		}
	})
}

// Dropped is how many letters were not even tried, because too many were on their way.
func (s *Service) Dropped() int64 { return s.dropped.Load() }

// settingsFresh is how long another process's change of a tenant may stay unseen.
const settingsFresh = 2 * time.Second

// Tenant gives a tenant's settings, at most two seconds old. Whoever knows the slug may
// ask: pages carry the name and the zone.
func (s *Service) Tenant(ctx context.Context, id tenants.TenantID) (*tenants.Tenant, error) {
	now := s.gate.Now()
	s.mu.Lock()
	known, ok := s.spaces[id]
	s.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.tenant, nil
	}
	t, err := s.registry.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	s.remember(t, now)
	return t, nil
}

func (s *Service) remember(t *tenants.Tenant, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spaces[t.ID] = space{t, now.Add(settingsFresh)}
}

// link is an address with a secret in it. The secret stands in the path's last part.
func (s *Service) link(path, secret string) string {
	return s.cfg.PublicURL + path + "/" + url.PathEscape(secret)
}

// forbidden names the action nobody of this kind may do.
func forbidden(action policies.Action) error {
	return fault.New(fault.Forbidden, "forbidden", "action", action.String())
}
