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

const (
	journalName = "journal"
	// maxHistory is the longest part of a history that is read at once.
	maxHistory = 1000
)

// journalIndexes hold the orders that the journal is read in. (tenant, seq) and (kind,
// record, version) are each one entry, so no sort breaks ties by id: that would be an
// order no index holds.
func journalIndexes() []Index {
	return []Index{
		{Keys: []string{"seq"}, Unique: true},
		{Keys: []string{"kind", "record", "-version"}},
		{Keys: []string{"audience", "-seq"}},
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

// History gives what happened to one record, the latest first, at most limit entries
// before a version (0: from the last). Entries not yet copied are there as well.
func (c *Collection[T, P]) History(
	ctx context.Context, sc tenants.Scope, id tenants.ID[T], before tenants.Version, limit int,
) ([]tenants.Entry, error) {
	doc, err := c.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if limit = min(limit, maxHistory); limit < 1 {
		return nil, nil
	}
	asked := bson.D{equal("kind", c.kind.One), equal("record", string(id))}
	if before > 0 {
		asked = append(asked, bson.E{Key: "version", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	journal, err := c.db.journal(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	// Who may read the record may read its history: the audience is the record's.
	cursor, err := journal.Find(ctx, append(bson.D{{Key: "tenant", Value: sc.Tenant()}}, asked...),
		options.Find().SetSort(bson.D{{Key: "version", Value: -1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	var copied []tenants.Entry
	if err := cursor.All(ctx, &copied); err != nil {
		return nil, tenants.Translate(err, "")
	}
	known := make(map[string]bool, len(copied))
	for _, e := range copied {
		known[e.ID] = true
	}
	for _, e := range tenants.MetaOf[T, P](doc).Pending {
		if !known[e.ID] && (before == 0 || e.Version < before) {
			copied = append(copied, e)
		}
	}
	slices.SortFunc(copied, func(a, b tenants.Entry) int { return int(b.Version - a.Version) })
	return copied[:min(limit, len(copied))], nil
}

func (db *DB) journal(ctx context.Context, tenant tenants.TenantID) (*mongo.Collection, error) {
	if err := db.ensure(ctx, tenant, &kind{name: journalName, indexes: journalIndexes()}); err != nil {
		return nil, err
	}
	return db.database(tenant).Collection(journalName), nil
}

// Activity gives what happened in the tenant that this scope may read, the latest
// first, at most limit entries before a place in the chain (0: from the last).
func (db *DB) Activity(ctx context.Context, sc tenants.Scope, before int64, limit int) ([]tenants.Entry, error) {
	if limit < 1 {
		return nil, nil
	}
	journal, err := db.journal(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	var asked []bson.E
	if before > 0 {
		asked = append(asked, bson.E{Key: "seq", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	cursor, err := journal.Find(ctx, within(sc, asked...), options.Find().SetSort(bson.D{{Key: "seq", Value: -1}}).
		SetLimit(int64(min(limit, MaxLimit))))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	var entries []tenants.Entry
	err = cursor.All(ctx, &entries)
	return entries, tenants.Translate(err, "")
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

// Flaw is what is wrong with a chain: altered, missing or inserted.
type Flaw struct {
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"`
}

// Chain is what checking a tenant's journal found.
type Chain struct {
	Entries  int64  `json:"entries"`
	Head     string `json:"head"`
	OK       bool   `json:"ok"`
	FirstBad *Flaw  `json:"first_bad"`
}

// VerifyChain walks the tenant's journal from its first entry and recomputes every hash.
func (db *DB) VerifyChain(ctx context.Context, sc tenants.Scope) (Chain, error) {
	journal, err := db.journal(ctx, sc.Tenant())
	if err != nil {
		return Chain{}, err
	}
	chain := Chain{OK: true}
	for {
		filter := bson.D{{Key: "tenant", Value: sc.Tenant()}, {Key: "seq", Value: bson.D{{Key: "$gt", Value: chain.Entries}}}}
		cursor, err := journal.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "seq", Value: 1}}).SetLimit(slice))
		if err != nil {
			return chain, tenants.Translate(err, "")
		}
		var entries []tenants.Entry
		if err := cursor.All(ctx, &entries); err != nil {
			return chain, tenants.Translate(err, "")
		}
		for _, e := range entries {
			if flaw := chain.take(e); flaw != "" {
				chain.OK, chain.FirstBad = false, &Flaw{Seq: chain.Entries + 1, Kind: flaw}
				return chain, nil
			}
		}
		if len(entries) < slice {
			return chain, nil
		}
	}
}

// take adds one entry to what was checked, or names its flaw.
func (c *Chain) take(e tenants.Entry) string {
	if e.Seq != c.Entries+1 {
		return "missing"
	}
	want, err := link(e, e.Seq, e.Prev)
	switch {
	case err != nil || want.Hash != e.Hash:
		return "altered"
	case e.Prev != c.Head:
		return "inserted"
	}
	c.Entries, c.Head = e.Seq, e.Hash
	return ""
}
