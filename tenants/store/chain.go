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
