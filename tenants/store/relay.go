package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	relayBatch = 512
	// relayGather is how long the first entry of a batch waits for others: a batch costs
	// two commits, of one entry or of hundreds.
	relayGather = 20 * time.Millisecond
	// relayEvery is how often tenants in use are looked through for entries that a
	// crashed process (or a full queue) left behind.
	relayEvery = 20 * time.Second
)

// relay copies entries from the records that hold them to the tenant's journal, in
// batches, and then takes them out of the records. A crash between two of its steps
// costs nothing: an entry that is copied is recognised by its id, one that is not is
// found by the next sweep.
type relay struct {
	db     *DB
	hints  chan hint
	sweeps chan tenants.TenantID
	stop   chan struct{}
	done   sync.WaitGroup
	// behind says that some entry of this process was left to a sweep.
	behind atomic.Bool

	copied, failed atomic.Int64
	lag            atomic.Int64
	// held counts entries that are queued or at work.
	held atomic.Int64
}

// Stats are what background work on the journal did since the start.
type Stats struct {
	// Copied entries are in their tenant's journal. Failed counts batches and sweeps that
	// a later sweep does again.
	Copied, Failed int64
	// Waiting entries are queued in this process or being copied.
	Waiting int
	// Lag is how long the oldest entry of the last batch waited.
	Lag time.Duration
}

// Stats is a snapshot of the counters.
func (db *DB) Stats() Stats {
	r := db.relay
	return Stats{Copied: r.copied.Load(), Failed: r.failed.Load(), Waiting: int(r.held.Load()), Lag: time.Duration(r.lag.Load())}
}

type hint struct {
	collection string
	entry      tenants.Entry
}

func newRelay(db *DB) *relay {
	r := &relay{db: db, hints: make(chan hint, 4096), sweeps: make(chan tenants.TenantID, 256), stop: make(chan struct{})}
	r.done.Go(r.keepRunning)
	return r
}

// tell hands over an entry that is safely stored. It never waits: a full queue is left
// to the sweep.
func (r *relay) tell(collection string, e tenants.Entry) {
	r.held.Add(1)
	select {
	case r.hints <- hint{collection, e}:
	default:
		r.held.Add(-1)
		r.behind.Store(true)
	}
}

func (r *relay) sweepSoon(tenant tenants.TenantID) {
	select {
	case r.sweeps <- tenant:
	default:
	}
}

// close copies what is queued and stops.
func (r *relay) close(ctx context.Context) error {
	close(r.stop)
	r.done.Wait()
	r.drain(ctx)
	return r.db.closeOpening(ctx)
}

// relayRest is how long a relay that panicked rests before it goes on.
const relayRest = time.Second

// keepRunning runs the relay until it is told to stop.
func (r *relay) keepRunning() {
	for {
		err := fault.Guard(func() error { r.run(); return nil })
		if err == nil {
			return
		}
		r.db.cfg.Log.Error("the journal's relay broke and begins again", "error", err)
		select {
		case <-r.stop:
			return
		case <-time.After(relayRest):
		}
	}
}

func (r *relay) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case first := <-r.hints:
			r.copy(ctx, r.gather(first))
		case tenant := <-r.sweeps:
			r.sweepLogged(ctx, tenant)
		case <-tick.C:
			r.tick(ctx)
		}
	}
}

// tick gives a sign of life and looks for what was left behind: here, and by processes
// that give none any more.
func (r *relay) tick(ctx context.Context) {
	if err := r.db.live(ctx); err != nil {
		r.db.cfg.Log.ErrorContext(ctx, "extending the lease on what is open", "error", err)
	}
	for _, tenant := range r.db.InUse() {
		r.sweepLogged(ctx, tenant)
	}
	if _, err := r.db.SweepAbandoned(ctx); err != nil {
		r.db.cfg.Log.ErrorContext(ctx, "sweep of what other processes left", "error", err)
	}
}

// gather is a batch of what comes within a moment.
func (r *relay) gather(first hint) []hint {
	batch := []hint{first}
	soon := time.NewTimer(relayGather)
	defer soon.Stop()
	for len(batch) < relayBatch {
		select {
		case h := <-r.hints:
			batch = append(batch, h)
		case <-soon.C:
			return batch
		case <-r.stop:
			return batch
		}
	}
	return batch
}

// waiting is a batch of what is there already.
func (r *relay) waiting(first hint) []hint {
	batch := []hint{first}
	for len(batch) < relayBatch {
		select {
		case h := <-r.hints:
			batch = append(batch, h)
		default:
			return batch
		}
	}
	return batch
}

func (r *relay) drain(ctx context.Context) {
	for {
		select {
		case first := <-r.hints:
			r.copy(ctx, r.waiting(first))
		default:
			return
		}
	}
}

func (r *relay) copy(ctx context.Context, batch []hint) {
	defer r.held.Add(-int64(len(batch)))
	for tenant, hints := range byTenant(batch) {
		if err := r.copyTenant(ctx, tenant, hints); err != nil {
			r.behind.Store(true)
			r.failed.Add(1)
			r.db.cfg.Log.ErrorContext(ctx, "journal entries wait for the next sweep", "tenant", tenant, "error", err)
		}
	}
}

func byTenant(batch []hint) map[tenants.TenantID][]hint {
	groups := make(map[tenants.TenantID][]hint)
	for _, h := range batch {
		groups[h.entry.Tenant] = append(groups[h.entry.Tenant], h)
	}
	return groups
}

// copyTenant appends entries to the chain of one tenant, then takes them out of their
// records.
func (r *relay) copyTenant(ctx context.Context, tenant tenants.TenantID, hints []hint) error {
	journal, err := r.db.journal(ctx, tenant)
	if err != nil {
		return err
	}
	entries := make([]tenants.Entry, len(hints))
	for i, h := range hints {
		entries[i] = h.entry
	}
	if err := appendChain(ctx, journal, tenant, entries); err != nil {
		return err
	}
	r.counted(entries)
	records, ids := map[string]bson.A{}, map[string]bson.A{}
	for _, h := range hints {
		records[h.collection] = append(records[h.collection], h.entry.Record)
		ids[h.collection] = append(ids[h.collection], h.entry.ID)
	}
	for collection, of := range records {
		these := bson.D{{Key: "$in", Value: ids[collection]}}
		_, err := r.db.database(tenant).Collection(collection).UpdateMany(ctx,
			bson.D{{Key: "tenant", Value: tenant}, {Key: "_id", Value: bson.D{{Key: "$in", Value: of}}}},
			bson.D{{Key: "$pull", Value: bson.D{{Key: "pending", Value: bson.D{{Key: "_id", Value: these}}}}}})
		if err != nil {
			return tenants.Translate(err, "")
		}
	}
	return nil
}

// counted notes a batch that is in the journal.
func (r *relay) counted(entries []tenants.Entry) {
	r.copied.Add(int64(len(entries)))
	if r.db.cfg.Now == nil || len(entries) == 0 {
		return
	}
	oldest := entries[0].At
	for _, e := range entries {
		if e.At.Before(oldest) {
			oldest = e.At
		}
	}
	r.lag.Store(int64(max(0, r.db.cfg.Now().Sub(oldest))))
}

// appendChain adds the entries that the journal does not have. No lease is needed: two
// processes that append at once meet at the unique (tenant, seq), and the later one
// begins again from the new head. Most often none is there yet, so that is tried first:
// an entry's id is its own and tells when it is.
func appendChain(ctx context.Context, journal *mongo.Collection, tenant tenants.TenantID, entries []tenants.Entry) error {
	fresh := entries
	for range 100 {
		head, err := chainHead(ctx, journal, tenant)
		if err != nil {
			return err
		}
		linked := make([]any, len(fresh))
		for i, e := range fresh {
			if head, err = link(e, head.Seq+1, head.Hash); err != nil {
				return err
			}
			linked[i] = head
		}
		if _, err = journal.InsertMany(ctx, linked); err == nil {
			return nil
		}
		if !mongo.IsDuplicateKeyError(err) {
			return tenants.Translate(err, "")
		}
		if fresh, err = missing(ctx, journal, entries); err != nil || len(fresh) == 0 {
			return err
		}
	}
	return fault.New(fault.Unavailable, "busy")
}

func missing(ctx context.Context, journal *mongo.Collection, entries []tenants.Entry) ([]tenants.Entry, error) {
	ids := make(bson.A, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	cursor, err := journal.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	var have []struct {
		ID string `bson:"_id"`
	}
	if err := cursor.All(ctx, &have); err != nil {
		return nil, tenants.Translate(err, "")
	}
	known := make(map[string]bool, len(have))
	for _, h := range have {
		known[h.ID] = true
	}
	fresh := make([]tenants.Entry, 0, len(entries))
	for _, e := range entries {
		if !known[e.ID] {
			known[e.ID] = true
			fresh = append(fresh, e)
		}
	}
	return fresh, nil
}

func chainHead(ctx context.Context, journal *mongo.Collection, tenant tenants.TenantID) (tenants.Entry, error) {
	var head tenants.Entry
	err := journal.FindOne(ctx, bson.D{{Key: "tenant", Value: tenant}},
		options.FindOne().SetSort(bson.D{{Key: "seq", Value: -1}})).Decode(&head)
	if err = tenants.Translate(err, "entry"); fault.KindOf(err) == fault.Missing {
		return tenants.Entry{}, nil
	}
	return head, err
}

// InUse lists the tenants that this process has opened.
func (db *DB) InUse() []tenants.TenantID {
	db.mu.Lock()
	defer db.mu.Unlock()
	list := make([]tenants.TenantID, 0, len(db.used))
	for tenant := range db.used {
		list = append(list, tenant)
	}
	return list
}

func (r *relay) sweepLogged(ctx context.Context, tenant tenants.TenantID) {
	if err := r.db.sweep(ctx, tenant); err != nil {
		r.failed.Add(1)
		r.db.cfg.Log.ErrorContext(ctx, "sweep of the journal", "tenant", tenant, "error", err)
	}
}

// Sweep copies every entry that records of the scope's tenant still hold.
func (db *DB) Sweep(ctx context.Context, sc tenants.Scope) error { return db.sweep(ctx, sc.Tenant()) }

func (db *DB) sweep(ctx context.Context, tenant tenants.TenantID) error {
	kinds := db.known()
	for _, k := range kinds {
		if err := db.ensure(ctx, tenant, k); err != nil {
			return err
		}
		if err := db.sweepKind(ctx, tenant, k.name); err != nil {
			return err
		}
	}
	return nil
}

// sweepKind copies what records of a collection hold when it begins. Others may go on
// writing meanwhile, faster than it copies, and must not keep it from ending.
func (db *DB) sweepKind(ctx context.Context, tenant tenants.TenantID, name string) error {
	left, err := db.database(tenant).Collection(name).CountDocuments(ctx, holding(tenant))
	if err != nil {
		return tenants.Translate(err, "")
	}
	for left > 0 {
		hints, records, err := db.held(ctx, tenant, name)
		if err != nil || records == 0 {
			return err
		}
		if err := db.relay.copyTenant(ctx, tenant, hints); err != nil {
			return err
		}
		left -= int64(records)
	}
	return nil
}

// holding are records of which the journal may lack an entry.
func holding(tenant tenants.TenantID) bson.D {
	return bson.D{{Key: "tenant", Value: tenant}, {Key: "pending._id", Value: bson.D{{Key: "$exists", Value: true}}}}
}

// held lists entries that records of a collection still hold, and of how many records.
func (db *DB) held(ctx context.Context, tenant tenants.TenantID, name string) (hints []hint, records int, err error) {
	cursor, err := db.database(tenant).Collection(name).Find(ctx, holding(tenant),
		options.Find().SetProjection(bson.D{{Key: "pending", Value: 1}}).SetLimit(relayBatch))
	if err != nil {
		return nil, 0, tenants.Translate(err, "")
	}
	var holders []struct {
		Pending []tenants.Entry `bson:"pending"`
	}
	if err := cursor.All(ctx, &holders); err != nil {
		return nil, 0, tenants.Translate(err, "")
	}
	for _, h := range holders {
		for _, e := range h.Pending {
			hints = append(hints, hint{name, e})
		}
	}
	return hints, len(holders), nil
}
