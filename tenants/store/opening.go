package store

import (
	"context"
	"errors"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// openingLease is how long after its last sign of life a process counts as gone: three
// times as long as it takes from one sign to the next.
const openingLease = 3 * relayEvery

// begin puts a tenant on this process's lease and has it looked through for entries that
// another process left behind.
func (db *DB) begin(ctx context.Context, tenant tenants.TenantID) error {
	if err := db.registry.NoteOpening(ctx, db.cfg.Holder, tenant, db.cfg.Now().Add(openingLease)); err != nil {
		return err
	}
	db.relay.sweepSoon(tenant)
	return nil
}

// live gives a sign of life, if this process has anything open.
func (db *DB) live(ctx context.Context) error {
	open := db.InUse()
	if len(open) == 0 {
		return nil
	}
	return db.registry.ExtendOpening(ctx, tenants.Opening{Holder: db.cfg.Holder, Until: db.cfg.Now().Add(openingLease), Tenants: open})
}

// SweepAbandoned looks through the tenants of every process whose lease has run out, and
// says how many there were: what such a process did not copy to the journals is copied
// now. A lease whose tenants could not all be looked through runs out once more.
func (db *DB) SweepAbandoned(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		now := db.cfg.Now()
		lapsed, err := db.registry.TakeOpening(ctx, now, now.Add(openingLease))
		if err != nil {
			if fault.KindOf(err) == fault.Missing {
				err = nil
			}
			return n, err
		}
		var failures []error
		for _, tenant := range lapsed.Tenants {
			failures = append(failures, db.sweep(ctx, tenant))
		}
		if err := errors.Join(failures...); err != nil {
			return n, err
		}
		if lapsed.Holder == db.cfg.Holder {
			continue // our own, which we were slow to extend
		}
		if err := db.registry.EndOpening(ctx, *lapsed); err != nil {
			return n, err
		}
	}
}

// closeOpening ends this process's lease when it has copied every entry it wrote;
// otherwise the lease runs out and another process looks.
func (db *DB) closeOpening(ctx context.Context) error {
	if db.relay.behind.Load() || len(db.InUse()) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return db.registry.CloseOpening(ctx, db.cfg.Holder)
}
