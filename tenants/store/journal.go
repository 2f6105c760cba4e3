package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants"
)

const journalName = "journal"

// What is published of a chain is kept under these names. A copy of a tenant under another
// slug has a chain of its own, and takes neither along.
const (
	HeadsName   = "journal_heads"
	WatchesName = "journal_watches"
)

// journalIndexes hold the orders that the journal is read in. (tenant, seq) and (kind,
// record, version) are each one entry, so no sort breaks ties by id: that would be an
// order no index holds.
func journalIndexes() []Index {
	return []Index{
		{Keys: []string{"seq"}, Unique: true},
		{Keys: []string{"kind", "record", "-version"}},
		{Keys: []string{"audience", "-at", "-seq"}},
		{Keys: []string{"audience", "organisation", "-at", "-seq"}},
		{Keys: []string{"audience", "person", "-at", "-seq"}},
	}
}

func entryOf(sc tenants.Scope, kind, record string, head tenants.Head) tenants.Entry {
	actor := sc.Actor()
	return tenants.Entry{
		ID:     kind + "/" + record + "/" + strconv.FormatInt(int64(head.Version), 10),
		Tenant: sc.Tenant(), Kind: kind, Record: record, Version: head.Version,
		Action: sc.Action().String(), At: sc.Now(),
		Person: actor.Person, Organisation: actor.Organisation, Side: string(actor.Side),
		Audience: slices.Clone(head.Audience), Changes: []tenants.Difference{},
	}
}

// link puts an entry at the end of a chain: its hash covers the hash before and every
// field but itself.
func link(e tenants.Entry, seq int64, prev string) (tenants.Entry, error) {
	e.Seq, e.Prev, e.Hash = seq, prev, ""
	text, err := json.Marshal(struct {
		tenants.Entry
		Tenant   tenants.TenantID `json:"tenant"`
		Audience []string         `json:"audience"`
	}{e, e.Tenant, e.Audience})
	if err != nil {
		return e, fmt.Errorf("store: journal: %w", err)
	}
	sum := sha256.Sum256(text)
	e.Hash = hex.EncodeToString(sum[:])
	return e, nil
}

func (db *DB) journal(ctx context.Context, tenant tenants.TenantID) (*mongo.Collection, error) {
	if err := db.ensure(ctx, tenant, &kind{name: journalName, indexes: journalIndexes()}); err != nil {
		return nil, err
	}
	return db.database(tenant).Collection(journalName), nil
}

// After gives what the tenant's journal holds behind a place in the chain that this scope
// may read, in the order of the chain, at most limit entries: for those who follow it.
func (db *DB) After(ctx context.Context, sc tenants.Scope, seq int64, limit int) ([]tenants.Entry, error) {
	journal, err := db.journal(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	cursor, err := journal.Find(ctx, within(sc, bson.E{Key: "seq", Value: bson.D{{Key: "$gt", Value: seq}}}),
		options.Find().SetSort(bson.D{{Key: "seq", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(int64(min(limit, slice))))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	var entries []tenants.Entry
	err = cursor.All(ctx, &entries)
	return entries, tenants.Translate(err, "")
}
