// Package audit lets people who trust nobody check a tenant's journal. The journal's
// entries form a chain (tenants/store); this package publishes what the chain had come to
// at the end of each day, sends these heads once a week to the tenant administrators of
// both sides, and checks the chain against heads that somebody kept. Whoever can write the
// database can rewrite the chain, and the published heads with it, but not what others
// have kept.
//
// It is a reader: it follows journals and no area imports it.
package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

const (
	// lookEvery is how often it is asked whether a day has ended.
	lookEvery = 30 * time.Second
	// lease is how long a process may be silent before another publishes.
	lease = time.Minute
)

// Config is what the service stands on.
type Config struct {
	DB     *store.DB
	Gate   *tenants.Gate
	People *people.Service
	// Calendar is the tenant's: its zone says when a day ends.
	Calendar func(context.Context, tenants.Scope) (*clocks.Calendar, error)
	// PublicURL begins the links of letters.
	PublicURL string
	// Holder names this process in leases.
	Holder string
	Log    *slog.Logger
}

// Service publishes and checks heads.
type Service struct {
	Config
	heads   *store.Collection[Head, *Head]
	watches *store.Collection[Watch, *Watch]

	mu sync.Mutex
	// looked is the day on which this process last found a tenant done.
	looked map[tenants.TenantID]clocks.Day
}

// Open declares the collections. Nothing is published before Run.
func Open(cfg Config) *Service {
	return &Service{
		Config: cfg, looked: map[tenants.TenantID]clocks.Day{},
		heads: store.Open[Head, *Head](cfg.DB, headKind()), watches: store.Open[Watch, *Watch](cfg.DB, watchKind()),
	}
}

// Head is what a tenant's chain had come to when a day had ended. Everybody may read it.
type Head struct {
	tenants.Meta[Head] `bson:",inline"`

	// Day is the one that had ended, in the tenant's zone.
	Day clocks.Day `json:"day"`
	// Seq and Hash are the chain's last entry.
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Check holds for every head.
func (h *Head) Check() error { return nil }

func headKind() store.Kind[Head] {
	return store.Kind[Head]{Name: store.HeadsName, One: "journal_head", Prefix: "jh", Derived: true, Sorts: []string{"-day"}}
}

// Watch is how far a tenant's heads were published.
type Watch struct {
	tenants.Meta[Watch] `bson:",inline"`

	// Day is when it was last looked, Seq the last head that was published, Week the Monday
	// of the week in which heads were last sent.
	Day  clocks.Day `json:"day"`
	Seq  int64      `json:"seq"`
	Week clocks.Day `json:"week"`
}

// Check holds for every watch.
func (w *Watch) Check() error { return nil }

func watchKind() store.Kind[Watch] {
	return store.Kind[Watch]{Name: store.WatchesName, One: "journal_watch", Prefix: "jw", Derived: true}
}

// Heads lists a tenant's published heads, the latest first. Everybody may, signed in or not.
func (s *Service) Heads(ctx context.Context, tenant tenants.TenantID, q store.Query) (*store.Page[Head], error) {
	if _, err := s.People.Tenant(ctx, tenant); err != nil {
		return nil, err
	}
	sc, err := s.Gate.Public(ctx, tenant, policies.ReadHeads)
	if err != nil {
		return nil, err
	}
	return s.heads.List(ctx, sc, nil, q)
}

// Run publishes the heads of the tenants in use until the context ends: one that nobody
// uses has no new head.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, tenant := range s.DB.InUse() {
				err := fault.Guard(func() error { return s.Publish(ctx, tenant) })
				if err != nil && ctx.Err() == nil {
					s.Log.Error("publishing the head of a journal", "tenant", tenant, "error", err)
				}
			}
		}
	}
}

// Publish adds the head of a day that has ended since it was last looked, when the journal
// has grown, and on the first day of a week sends the week's heads to who keeps them. A
// day on which no process ran gets no head of its own: the next one covers it. Processes
// that publish at once leave one head.
func (s *Service) Publish(ctx context.Context, tenant tenants.TenantID) error {
	if tenant == tenants.Commons {
		return nil
	}
	sc := s.Gate.System(ctx, tenant, policies.PublishHeads)
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return err
	}
	today := calendar.DayOf(sc.Now())
	if s.done(tenant, today) {
		return nil
	}
	name, registry := "heads/"+string(tenant), s.DB.Registry()
	mine, err := registry.Acquire(ctx, name, s.Holder, sc.Now(), sc.Now().Add(lease))
	if err != nil || !mine {
		return err
	}
	err = s.publish(ctx, sc, today)
	if err == nil {
		s.note(tenant, today)
	}
	return errors.Join(err, registry.Release(context.WithoutCancel(ctx), name, s.Holder))
}

func (s *Service) done(tenant tenants.TenantID, today clocks.Day) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked[tenant] == today
}

func (s *Service) note(tenant tenants.TenantID, today clocks.Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked[tenant] = today
}

// publish does it under the lease. The watch is noted last, so that a crash does a part
// of it once more and leaves nothing out.
func (s *Service) publish(ctx context.Context, sc tenants.Scope, today clocks.Day) error {
	w, err := s.watch(ctx, sc, today)
	if err != nil || w.Day == today {
		return err
	}
	seq, hash, err := s.DB.Head(ctx, sc)
	if err != nil {
		return err
	}
	if seq > w.Seq {
		if err := s.add(ctx, sc, Head{Day: today.Add(-1), Seq: seq, Hash: hash}); err != nil {
			return err
		}
	}
	week := monday(today)
	if w.Week != week {
		if err := s.send(ctx, sc, w.Week); err != nil {
			return err
		}
	}
	_, err = s.watches.Amend(ctx, sc, w.ID, func(w *Watch) error {
		w.Day, w.Seq, w.Week = today, seq, week
		return nil
	})
	return err
}

// watch is how far it was published; a tenant's first day is only noted, because it has
// not ended.
func (s *Service) watch(ctx context.Context, sc tenants.Scope, today clocks.Day) (*Watch, error) {
	id := tenants.DeriveID[Watch]("jw", string(sc.Tenant()))
	w, err := s.watches.Get(ctx, sc, id)
	if err == nil || fault.KindOf(err) != fault.Missing {
		return w, err
	}
	w = &Watch{Day: today, Week: monday(today)}
	w.ID = id
	if _, err := s.watches.Add(ctx, sc, w); err != nil && fault.KindOf(err) != fault.Conflict {
		return nil, err
	}
	return s.watches.Get(ctx, sc, id)
}

// add keeps a head; one of the day that is there already stays.
func (s *Service) add(ctx context.Context, sc tenants.Scope, h Head) error {
	h.ID = tenants.DeriveID[Head]("jh", string(sc.Tenant()), string(h.Day))
	h.Readable(tenants.ForPublic)
	if _, err := s.heads.Add(ctx, sc, &h); err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	return nil
}

// monday begins the week of a day.
func monday(day clocks.Day) clocks.Day {
	return day.Add(-(int(day.Weekday()) + 6) % 7)
}
