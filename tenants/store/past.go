package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// historyLimit is how much of a history is read when nobody asks for less or more.
const historyLimit = 50

// History gives what happened to one record, the latest first, a page at a time to its
// beginning. Entries not yet copied are there as well. It has one order and counts
// nothing.
func (c *Collection[T, P]) History(ctx context.Context, sc tenants.Scope, id tenants.ID[T], q Query) (*Page[tenants.Entry], error) {
	doc, err := c.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if q.Sort != "" {
		return nil, fault.Invalid(fault.On("sort", "sort_unknown", "value", q.Sort))
	}
	if err := q.length(historyLimit); err != nil {
		return nil, err
	}
	asked := bson.D{{Key: "tenant", Value: sc.Tenant()}, equal("kind", c.kind.One), equal("record", string(id))}
	var before tenants.Version
	if q.Cursor != "" {
		n, err := strconv.ParseInt(q.Cursor, 10, 64)
		if err != nil || n < 1 {
			return nil, fault.Invalid(fault.On("cursor", "cursor_malformed"))
		}
		before = tenants.Version(n)
		asked = append(asked, bson.E{Key: "version", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	journal, err := c.db.journal(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	// Who may read the record may read its history: the audience is the record's.
	cursor, err := journal.Find(ctx, asked, options.Find().SetSort(bson.D{{Key: "version", Value: -1}}).SetLimit(int64(q.Limit)+1))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	var entries []*tenants.Entry
	if err := cursor.All(ctx, &entries); err != nil {
		return nil, tenants.Translate(err, "")
	}
	entries = withPending(entries, tenants.MetaOf[T, P](doc).Pending, before)
	page := &Page[tenants.Entry]{Items: entries}
	if len(entries) > q.Limit {
		page.Items = entries[:q.Limit]
		next := strconv.FormatInt(int64(page.Items[q.Limit-1].Version), 10)
		page.Next = &next
	}
	return page, nil
}

// withPending joins entries that the record still holds to those that were copied, the
// latest first. before 0 is from the last.
func withPending(copied []*tenants.Entry, pending []tenants.Entry, before tenants.Version) []*tenants.Entry {
	known := make(map[string]bool, len(copied))
	for _, e := range copied {
		known[e.ID] = true
	}
	for i, e := range pending {
		if !known[e.ID] && (before == 0 || e.Version < before) {
			copied = append(copied, &pending[i])
		}
	}
	slices.SortFunc(copied, func(a, b *tenants.Entry) int { return int(b.Version - a.Version) })
	return copied
}

// ActivityCriteria narrow what happened. Of Organisation and Person at most one is given,
// because each has its order in an index.
type ActivityCriteria struct {
	// Organisation is whose people did it, Person who.
	Organisation tenants.OrganisationID `where:"organisation,eq"`
	Person       tenants.PersonID       `where:"person,eq"`
	// From and Before bound the instant: From counts, Before does not.
	From   time.Time `where:"at,gte"`
	Before time.Time `where:"at,lt"`
}

// Activity gives what happened in the tenant that this scope may read, the latest first,
// a page at a time to the beginning. It has one order and counts nothing.
func (db *DB) Activity(ctx context.Context, sc tenants.Scope, criteria ActivityCriteria, q Query) (*Page[tenants.Entry], error) {
	if q.Sort != "" {
		return nil, fault.Invalid(fault.On("sort", "sort_unknown", "value", q.Sort))
	}
	if criteria.Organisation != "" && criteria.Person != "" {
		return nil, fault.Invalid(fault.On("person", "filters_exclusive", "other", "organisation"))
	}
	if err := q.length(historyLimit); err != nil {
		return nil, err
	}
	asked, err := filterOf(criteria)
	if err != nil {
		return nil, err
	}
	if q.Cursor != "" {
		after, err := behind(q.Cursor)
		if err != nil {
			return nil, err
		}
		asked = append(asked, after)
	}
	journal, err := db.journal(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	cursor, err := journal.Find(ctx, within(sc, asked...),
		options.Find().SetSort(bson.D{{Key: "at", Value: -1}, {Key: "seq", Value: -1}}).SetLimit(int64(q.Limit)+1))
	if err != nil {
		return nil, tenants.Translate(err, "")
	}
	page := &Page[tenants.Entry]{Items: []*tenants.Entry{}}
	if err := cursor.All(ctx, &page.Items); err != nil {
		return nil, tenants.Translate(err, "")
	}
	if len(page.Items) > q.Limit {
		page.Items = page.Items[:q.Limit]
		last := page.Items[q.Limit-1]
		next := fmt.Sprintf("%d.%d", last.At.UnixMilli(), last.Seq)
		page.Next = &next
	}
	return page, nil
}

// behind is what follows an entry in the order of activity: by the instant, and of one
// instant by the chain. What a crash left uncopied stands where it happened.
func behind(cursor string) (bson.E, error) {
	refuse := fault.Invalid(fault.On("cursor", "cursor_malformed"))
	milli, place, ok := strings.Cut(cursor, ".")
	if !ok {
		return bson.E{}, refuse
	}
	at, err := strconv.ParseInt(milli, 10, 64)
	if err != nil {
		return bson.E{}, refuse
	}
	seq, err := strconv.ParseInt(place, 10, 64)
	if err != nil {
		return bson.E{}, refuse
	}
	then := time.UnixMilli(at).UTC()
	return bson.E{Key: "$or", Value: bson.A{
		bson.D{{Key: "at", Value: bson.D{{Key: "$lt", Value: then}}}},
		bson.D{equal("at", then), {Key: "seq", Value: bson.D{{Key: "$lt", Value: seq}}}},
	}}, nil
}
