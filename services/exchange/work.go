package exchange

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

const (
	// workLease is how long a process may be silent before another does its imports.
	workLease = time.Minute
	// progressStep is how much of a file is read, in percent, before people are told.
	progressStep = 10
)

// nudge says that there is work in a tenant. When too much waits already, the next
// waking finds it.
func (s *Service) nudge(tenant tenants.TenantID) {
	select {
	case s.pending <- tenant:
	default:
	}
}

// wake is how work that another process left behind is found again.
func (s *Service) wake(_ context.Context, sc tenants.Scope, _ *Import) error {
	s.nudge(sc.Tenant())
	return nil
}

// Run does the imports of every tenant as they come, until the context ends.
func (s *Service) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case tenant := <-s.pending:
			if err := fault.Guard(func() error { return s.Work(ctx, tenant) }); err != nil && ctx.Err() == nil {
				s.Log.Error("importing", "tenant", tenant, "error", err)
			}
		}
	}
}

// Work does every import that waits in a tenant, one after the other. Another process
// that is at it is left alone.
func (s *Service) Work(ctx context.Context, tenant tenants.TenantID) error {
	release, mine, err := s.hold(ctx, tenant)
	if err != nil || !mine {
		return err
	}
	defer release()
	sc := s.Gate.System(ctx, tenant, policies.ImportIATI)
	for {
		page, err := s.imports.List(ctx, sc, struct {
			State []ImportState `where:"state,in"`
		}{[]ImportState{Waiting, Confirmed}}, store.Query{Limit: 1})
		if err != nil || len(page.Items) == 0 {
			return err
		}
		if err := s.work(ctx, page.Items[0]); err != nil {
			return err
		}
	}
}

// hold takes the tenant's lease and keeps it while the work lasts.
func (s *Service) hold(ctx context.Context, tenant tenants.TenantID) (release func(), mine bool, err error) {
	holder, err := tenants.MintID[Import]("im")
	if err != nil {
		return nil, false, err
	}
	name, registry := "import/"+string(tenant), s.DB.Registry()
	take := func() (bool, error) {
		now := s.Gate.Now()
		return registry.Acquire(ctx, name, string(holder), now, now.Add(workLease))
	}
	if mine, err = take(); err != nil || !mine {
		return nil, false, err
	}
	ended := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(workLease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				if _, err := take(); err != nil {
					s.Log.Warn("keeping the lease of an import", "tenant", tenant, "error", err)
				}
			}
		}
	})
	return func() {
		close(ended)
		group.Wait()
		if err := registry.Release(context.WithoutCancel(ctx), name, string(holder)); err != nil {
			s.Log.Warn("giving the lease of an import back", "tenant", tenant, "error", err) // it runs out by itself
		}
	}, true, nil
}

// work makes the preview of one import, or carries it out on behalf of who confirmed it.
// What ends it is written down; a process that is told to stop leaves it for the next.
func (s *Service) work(ctx context.Context, i *Import) error {
	ctx = tenants.WithActor(ctx, i.By)
	sc := s.Gate.SystemAs(ctx, i.Tenant, policies.ImportIATI)
	dry := i.State == Waiting
	file := File{Name: i.Name, Open: s.watched(ctx, sc, i)}
	var report *Report
	err := fault.Guard(func() (err error) {
		report, err = s.ImportIATIAs(ctx, sc, []File{file}, dry)
		return err
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case fault.KindOf(err) == fault.Unavailable:
		return err // a store is gone: the next waking does it again
	case fault.KindOf(err) == fault.Internal:
		s.Log.ErrorContext(ctx, "an import failed", "import", i.ID, "tenant", i.Tenant, "error", err)
	}
	_, kept := s.imports.Amend(ctx, sc, i.ID, func(i *Import) error {
		switch i.WakeAt = nil; {
		case err != nil:
			i.State, i.Code = Failed, fault.CodeOf(err)
		case dry:
			i.State, i.Preview, i.Percent = Previewed, summaryOf(report), 0
		default:
			i.State, i.Outcome, i.Percent = Done, summaryOf(report), 100
		}
		return nil
	})
	return kept
}

// watched opens the file, and tells how much of it has been read. A file is read twice:
// to its end first, so that one which breaks off is refused whole.
func (s *Service) watched(ctx context.Context, sc tenants.Scope, i *Import) func() (io.ReadCloser, error) {
	var read int64
	told := 0
	return func() (io.ReadCloser, error) {
		body, err := s.Files.Open(ctx, sc, string(i.ID))
		if err != nil {
			return nil, err
		}
		return &counted{body, func(n int) error {
			read += int64(n)
			percent := min(99, int(read*50/max(1, i.File.Size)))
			if percent < told+progressStep {
				return nil
			}
			told = percent
			_, err := s.imports.Amend(ctx, sc, i.ID, func(i *Import) error { i.Percent = percent; return nil })
			return err
		}}, nil
	}
}

// counted tells how much was read.
type counted struct {
	io.ReadCloser
	tell func(n int) error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if told := c.tell(n); told != nil && err == nil {
		err = told
	}
	return n, err
}
