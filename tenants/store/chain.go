package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants"
)

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

// Head is the last entry of the tenant's chain: its place and its hash; 0 and "" before
// the first.
func (db *DB) Head(ctx context.Context, sc tenants.Scope) (seq int64, hash string, err error) {
	journal, err := db.journal(ctx, sc.Tenant())
	if err != nil {
		return 0, "", err
	}
	head, err := chainHead(ctx, journal, sc.Tenant())
	return head.Seq, head.Hash, err
}

// VerifyChain walks the tenant's journal from its first entry and recomputes every hash.
// kept are hashes that the chain had at some of its places: an entry that has another one
// there is altered, and one that is not there any more is missing.
func (db *DB) VerifyChain(ctx context.Context, sc tenants.Scope, kept map[int64]string) (Chain, error) {
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
			if flaw := chain.take(e, kept); flaw != "" {
				return chain.broken(flaw), nil
			}
		}
		if len(entries) < slice {
			break
		}
	}
	for seq := range kept {
		if seq > chain.Entries {
			return chain.broken("missing"), nil
		}
	}
	return chain, nil
}

// broken is the chain with a flaw behind what was checked.
func (c Chain) broken(flaw string) Chain {
	c.OK, c.FirstBad = false, &Flaw{Seq: c.Entries + 1, Kind: flaw}
	return c
}

// take adds one entry to what was checked, or names its flaw.
func (c *Chain) take(e tenants.Entry, kept map[int64]string) string {
	if e.Seq != c.Entries+1 {
		return "missing"
	}
	want, err := link(e, e.Seq, e.Prev)
	switch {
	case err != nil || want.Hash != e.Hash:
		return "altered"
	case e.Prev != c.Head:
		return "inserted"
	case kept[e.Seq] != "" && kept[e.Seq] != e.Hash:
		return "altered"
	}
	c.Entries, c.Head = e.Seq, e.Hash
	return ""
}
