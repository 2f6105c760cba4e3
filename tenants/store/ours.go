package store

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/tenants"
)

// Ours gives every record of the scope's tenant that an organisation is named in as a
// reader, or that is about it, list by list in the order of their names and ids, and last
// its journal. It sees what the scope may read and no more. What follows from the journal
// is one person's and left out.
func (db *DB) Ours(ctx context.Context, sc tenants.Scope, of tenants.OrganisationID, do func(list string, record any) error) error {
	kinds := db.known()
	slices.SortFunc(kinds, func(a, b *kind) int { return strings.Compare(a.name, b.name) })
	for _, k := range kinds {
		if k.ours == nil {
			continue
		}
		if err := k.ours(ctx, sc, of, func(record any) error { return do(k.name, record) }); err != nil {
			return err
		}
	}
	return db.ourEntries(ctx, sc, of, do)
}

// ours is the part of one collection.
func (c *Collection[T, P]) ours(ctx context.Context, sc tenants.Scope, of tenants.OrganisationID, do func(any) error) error {
	coll, err := c.in(ctx, sc)
	if err != nil {
		return err
	}
	last := bson.E{Key: "_id", Value: bson.D{{Key: "$gt", Value: ""}}}
	named := bson.E{Key: "$or", Value: bson.A{bson.D{equal("audience", of)}, bson.D{equal("organisation", of)}}}
	for {
		raws, err := read(ctx, coll, within(sc, named, last), "_id", slice)
		if err != nil {
			return err
		}
		for _, raw := range raws {
			record, err := c.decode(raw)
			if err != nil {
				return err
			}
			if err := do(record); err != nil {
				return err
			}
		}
		if len(raws) < slice {
			return nil
		}
		last.Value = bson.D{{Key: "$gt", Value: raws[len(raws)-1].Lookup("_id")}}
	}
}

func (db *DB) ourEntries(ctx context.Context, sc tenants.Scope, of tenants.OrganisationID, do func(string, any) error) error {
	seq := int64(0)
	for {
		entries, err := db.After(ctx, sc, seq, slice)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if seq = e.Seq; e.Organisation != of && !slices.Contains(e.Audience, string(of)) {
				continue
			}
			if err := do("journal", e); err != nil {
				return err
			}
		}
		if len(entries) < slice {
			return nil
		}
	}
}
