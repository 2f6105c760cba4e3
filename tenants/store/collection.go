package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Collection keeps the records of one kind. Every method takes a Scope: its tenant and
// its readers are part of each command, and what they leave out is not found.
type Collection[T any, P tenants.Record[T]] struct {
	db       *DB
	kind     Kind[T]
	own      *kind
	personal personal
}

// keptOps is how many operation ids a record remembers.
const keptOps = 32

// Open declares a collection. When a tenant first uses it, its indexes are made and its
// records brought to their present shape.
func Open[T any, P tenants.Record[T]](db *DB, k Kind[T]) *Collection[T, P] {
	c := &Collection[T, P]{db: db, kind: k, personal: personalOf[T]()}
	c.own = &kind{
		name: k.Name, one: k.One, lists: Lists{Collection: k.Name, Filters: k.Filters, Sorts: k.Sorts}, indexes: k.indexes(),
		migrations: k.Migrations, wake: c.wakeDue, next: c.nextWake,
	}
	if !k.Derived {
		c.own.ours = c.ours
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.kinds = append(db.kinds, c.own)
	return c
}

// in is the driver's collection for a scope, with its indexes there and its records in shape.
func (c *Collection[T, P]) in(ctx context.Context, sc tenants.Scope) (*mongo.Collection, error) {
	if err := c.db.ensure(ctx, sc.Tenant(), c.own); err != nil {
		return nil, err
	}
	return c.db.database(sc.Tenant()).Collection(c.kind.Name), nil
}

// within is the filter that no caller can widen: the tenant, who may read, and then
// what was asked.
func within(sc tenants.Scope, asked ...bson.E) bson.D {
	filter := bson.D{{Key: "tenant", Value: sc.Tenant()}}
	if readers, all := sc.Readers(); !all {
		filter = append(filter, bson.E{Key: "audience", Value: bson.D{{Key: "$in", Value: readers}}})
	}
	if len(asked) > 0 {
		filter = append(filter, bson.E{Key: "$and", Value: bson.A{bson.D(asked)}})
	}
	return filter
}

func equal(field string, value any) bson.E {
	return bson.E{Key: field, Value: bson.D{{Key: "$eq", Value: value}}}
}

// Get reads one record.
func (c *Collection[T, P]) Get(ctx context.Context, sc tenants.Scope, id tenants.ID[T]) (*T, error) {
	return c.first(ctx, sc, within(sc, equal("_id", id)))
}

// Find reads the one record that meets the criteria, which name a unique key.
func (c *Collection[T, P]) Find(ctx context.Context, sc tenants.Scope, criteria any) (*T, error) {
	asked, err := filterOf(criteria)
	if err != nil {
		return nil, err
	}
	return c.first(ctx, sc, within(sc, asked...))
}

func (c *Collection[T, P]) first(ctx context.Context, sc tenants.Scope, filter bson.D) (*T, error) {
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	return tenants.One[T](coll.FindOne(ctx, filter), c.kind.One)
}

func mayWrite(sc tenants.Scope) error {
	if sc.ReadOnly() {
		return fault.New(fault.Forbidden, "forbidden", "action", sc.Action().String())
	}
	return nil
}

// Add keeps a new record. Its id is minted unless it was derived. The organisation of
// the actor may read it whatever else its audience says. A unique key in use is a
// conflict, code duplicate.
func (c *Collection[T, P]) Add(ctx context.Context, sc tenants.Scope, doc *T) (*T, error) {
	if err := mayWrite(sc); err != nil {
		return nil, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	if err := P(doc).Check(); err != nil {
		return nil, err
	}
	m := tenants.MetaOf[T, P](doc)
	if m.ID == "" {
		if m.ID, err = tenants.MintID[T](c.kind.Prefix); err != nil {
			return nil, err
		}
	}
	m.Tenant, m.Version, m.CreatedAt, m.UpdatedAt = sc.Tenant(), 1, sc.Now(), sc.Now()
	m.Readable(string(sc.Actor().Organisation))
	raw, entry, err := c.write(ctx, sc, doc, nil, 0)
	if err != nil {
		return nil, err
	}
	if _, err := coll.InsertOne(ctx, raw); err != nil {
		return nil, tenants.Translate(err, c.kind.One)
	}
	c.tell(entry)
	return c.decode(raw)
}

// Change edits a record from the version that was seen and keeps it with one more and
// its journal entry. It refuses with version_required for version 0, and with stale
// when the record has moved on. A record that has taken the scope's operation already
// is returned as it is. A change gives back the lease of a claim, and is stale when it was
// made from before one.
func (c *Collection[T, P]) Change(
	ctx context.Context, sc tenants.Scope, id tenants.ID[T], seen tenants.Version, edit func(*T) error,
) (*T, error) {
	if seen == 0 {
		return nil, fault.New(fault.VersionRequired, "version_required")
	}
	return c.change(ctx, sc, id, seen, edit)
}

// Amend is Change for what follows from an entry or a clock, where nobody saw a
// version: it edits whatever is there, and again when somebody else was faster.
func (c *Collection[T, P]) Amend(ctx context.Context, sc tenants.Scope, id tenants.ID[T], edit func(*T) error) (*T, error) {
	for range 16 {
		doc, err := c.change(ctx, sc, id, 0, edit)
		if fault.KindOf(err) != fault.Stale || err == nil {
			return doc, err
		}
	}
	return nil, fault.New(fault.Conflict, "busy")
}

func (c *Collection[T, P]) change(
	ctx context.Context, sc tenants.Scope, id tenants.ID[T], seen tenants.Version, edit func(*T) error,
) (*T, error) {
	if err := mayWrite(sc); err != nil {
		return nil, err
	}
	doc, err := c.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	m := tenants.MetaOf[T, P](doc)
	if op := sc.Operation(); op != "" && slices.Contains(m.Ops, op) {
		return doc, nil
	}
	read := m.Head
	if seen != 0 && read.Version != seen {
		return nil, fault.New(fault.Stale, "stale")
	}
	before, err := c.personal.flatten(doc)
	if err != nil {
		return nil, err
	}
	if err := edit(doc); err != nil {
		return nil, err
	}
	if err := P(doc).Check(); err != nil {
		return nil, err
	}
	// What the edit may not touch is put back.
	m.ID, m.Tenant, m.CreatedAt, m.Pending, m.Ops = id, read.Tenant, read.CreatedAt, read.Pending, read.Ops
	m.Version, m.UpdatedAt = read.Version+1, sc.Now()
	m.ClaimedBy, m.ClaimedUntil = "", nil
	raw, entry, err := c.write(ctx, sc, doc, before, read.Version)
	if err != nil {
		return nil, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	// A claim leaves the version as it is, so the lease that was read is asked for too.
	seenLease := equal("claimed_until", read.ClaimedUntil)
	done, err := coll.ReplaceOne(ctx, within(sc, equal("_id", id), equal("version", read.Version), seenLease), raw)
	if err != nil {
		return nil, tenants.Translate(err, c.kind.One)
	}
	if done.MatchedCount == 0 {
		return nil, fault.New(fault.Stale, "stale")
	}
	c.tell(entry)
	return c.decode(raw)
}

// write puts the journal entry, the words and the operation into the record and gives
// the document to store. The wake-up hint is moved before the record is written, so
// that a crash in between wakes a tenant for nothing and never forgets one.
func (c *Collection[T, P]) write(
	ctx context.Context, sc tenants.Scope, doc *T, before map[string]string, from tenants.Version,
) (bson.Raw, tenants.Entry, error) {
	m := tenants.MetaOf[T, P](doc)
	entry := entryOf(sc, c.kind.One, string(m.ID), m.Head)
	if c.kind.Title != nil {
		entry.Title = c.kind.Title(doc)
	}
	if from > 0 {
		after, err := c.personal.flatten(doc)
		if err != nil {
			return nil, entry, err
		}
		entry.Changes, entry.More = c.personal.differences(before, after)
	}
	if !c.kind.Derived {
		m.Pending = append(slices.Clip(m.Pending), entry)
	}
	if op := sc.Operation(); op != "" {
		m.Ops = append(slices.Clip(m.Ops), op)
		m.Ops = m.Ops[max(0, len(m.Ops)-keptOps):]
	}
	if c.kind.Words != nil {
		m.Terms = Terms(c.kind.Words(doc)...)
	}
	if m.WakeAt != nil && c.kind.Wake != nil {
		if err := c.db.registry.NoteWake(ctx, sc.Tenant(), *m.WakeAt); err != nil {
			return nil, entry, err
		}
	}
	raw, err := c.encode(doc)
	return raw, entry, err
}

// tell lets an entry that is stored be copied to the journal.
func (c *Collection[T, P]) tell(e tenants.Entry) {
	if !c.kind.Derived {
		c.db.relay.tell(c.kind.Name, e)
	}
}

func (c *Collection[T, P]) encode(doc *T) (bson.Raw, error) {
	raw, err := marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", c.kind.One, err)
	}
	return raw, nil
}

// decode gives back what was stored, as the next reader will see it.
func (c *Collection[T, P]) decode(raw bson.Raw) (*T, error) {
	doc := new(T)
	if err := tenants.Decode(raw, doc); err != nil {
		return nil, fmt.Errorf("store: %s: %w", c.kind.One, err)
	}
	return doc, nil
}

// Claim takes one record that meets the criteria under a lease: of many who claim, one
// gets it, until it is given back by a change or the lease runs out. Claiming is not a
// change: the version stays.
func (c *Collection[T, P]) Claim(ctx context.Context, sc tenants.Scope, criteria any, lease time.Duration) (*T, error) {
	if err := mayWrite(sc); err != nil {
		return nil, err
	}
	asked, err := filterOf(criteria)
	if err != nil {
		return nil, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	free := bson.E{Key: "$or", Value: bson.A{
		bson.D{{Key: "claimed_until", Value: bson.D{{Key: "$exists", Value: false}}}},
		bson.D{{Key: "claimed_until", Value: bson.D{{Key: "$lte", Value: sc.Now()}}}},
	}}
	found := coll.FindOneAndUpdate(ctx, within(sc, append(asked, free)...), bson.D{{Key: "$set", Value: bson.D{
		{Key: "claimed_by", Value: c.db.cfg.Holder}, {Key: "claimed_until", Value: sc.Now().Add(lease)},
	}}}, options.FindOneAndUpdate().SetSort(bson.D{{Key: "_id", Value: 1}}).SetReturnDocument(options.After))
	return tenants.One[T](found, c.kind.One)
}
