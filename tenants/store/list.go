package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	// DefaultLimit is the length of a page that nobody asked to be longer.
	DefaultLimit = 25
	// MaxLimit is the longest page.
	MaxLimit = 100
	// countCap is where counting stops: "more than 1,000".
	countCap = 1001
	// slice is how many records Each holds at once.
	slice = 500
)

// Query says which page of a list is wanted.
type Query struct {
	// Sort is one of the kind's sorts; empty is the first.
	Sort string
	// Limit is 1 to 100; 0 is 25.
	Limit int
	// Cursor is the Next of the page before; empty is the first page.
	Cursor string
	// Count asks for the total as well.
	Count bool
}

// length settles how long a page is.
func (q *Query) length(unsaid int) error {
	if q.Limit == 0 {
		q.Limit = unsaid
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return fault.Invalid(fault.On("limit", "limit_out_of_range", "max", strconv.Itoa(MaxLimit)))
	}
	return nil
}

// Page is a part of a list.
type Page[T any] struct {
	Items []*T `json:"items"`
	// Next is the cursor of the page after, nil on the last.
	Next  *string `json:"next"`
	Count *Total  `json:"count,omitempty"`
}

// Total is a number of records; Capped says that there are at least so many.
type Total struct {
	N      int  `json:"n"`
	Capped bool `json:"capped"`
}

// List reads one page. It refuses a sort that is not the kind's (sort_unknown), a limit
// beyond 1–100 (limit_out_of_range) and a cursor of another list (cursor_malformed).
func (c *Collection[T, P]) List(ctx context.Context, sc tenants.Scope, criteria any, q Query) (*Page[T], error) {
	asked, err := filterOf(criteria)
	if err != nil {
		return nil, err
	}
	for _, field := range fieldsOf(criteria) {
		if !c.kind.narrows(field) {
			return nil, fmt.Errorf("store: lists of %s are not narrowed by %s", c.kind.Name, field)
		}
	}
	sort, err := c.sort(q.Sort)
	if err != nil {
		return nil, err
	}
	if err := q.length(DefaultLimit); err != nil {
		return nil, err
	}
	after, err := readCursor(sort, q.Cursor)
	if err != nil {
		return nil, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	raws, err := read(ctx, coll, within(sc, slices.Concat(asked, after)...), sort, q.Limit+1)
	if err != nil {
		return nil, err
	}
	page := &Page[T]{Items: make([]*T, 0, min(len(raws), q.Limit))}
	if len(raws) > q.Limit {
		raws = raws[:q.Limit]
		next, err := writeCursor(sort, raws[q.Limit-1])
		if err != nil {
			return nil, err
		}
		page.Next = &next
	}
	for _, raw := range raws {
		doc, err := c.decode(raw)
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, doc)
	}
	if q.Count {
		total, err := count(ctx, coll, within(sc, asked...))
		if err != nil {
			return nil, err
		}
		page.Count = &total
	}
	return page, nil
}

// Some reads at most n records (n up to 500) in one of the kind's orders, for callers
// who look at all that meet the criteria and have no pages.
func (c *Collection[T, P]) Some(ctx context.Context, sc tenants.Scope, criteria any, sort string, n int) ([]*T, error) {
	asked, err := filterOf(criteria)
	if err != nil {
		return nil, err
	}
	if sort, err = c.sort(sort); err != nil {
		return nil, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return nil, err
	}
	raws, err := read(ctx, coll, within(sc, asked...), sort, min(n, slice))
	if err != nil {
		return nil, err
	}
	list := make([]*T, len(raws))
	for i, raw := range raws {
		if list[i], err = c.decode(raw); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Count says how many records meet the criteria, up to 1,001.
func (c *Collection[T, P]) Count(ctx context.Context, sc tenants.Scope, criteria any) (Total, error) {
	asked, err := filterOf(criteria)
	if err != nil {
		return Total{}, err
	}
	coll, err := c.in(ctx, sc)
	if err != nil {
		return Total{}, err
	}
	return count(ctx, coll, within(sc, asked...))
}

func count(ctx context.Context, coll *mongo.Collection, filter bson.D) (Total, error) {
	n, err := coll.CountDocuments(ctx, filter, options.Count().SetLimit(countCap))
	return Total{N: int(n), Capped: n >= countCap}, tenants.Translate(err, "")
}

// Each walks every record that meets the criteria in the order of their ids, a slice
// at a time, so nothing is held open while the caller works.
func (c *Collection[T, P]) Each(ctx context.Context, sc tenants.Scope, criteria any) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		asked, err := filterOf(criteria)
		if err != nil {
			yield(nil, err)
			return
		}
		coll, err := c.in(ctx, sc)
		if err != nil {
			yield(nil, err)
			return
		}
		var after bson.D
		for {
			raws, err := read(ctx, coll, within(sc, slices.Concat(asked, after)...), "_id", slice)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, raw := range raws {
				doc, err := c.decode(raw)
				if !yield(doc, err) || err != nil {
					return
				}
			}
			if len(raws) < slice {
				return
			}
			after = bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: raws[len(raws)-1].Lookup("_id")}}}}
		}
	}
}

// read fetches at most n documents in an order that ties are broken in by id.
func read(ctx context.Context, coll *mongo.Collection, filter bson.D, sort string, n int) ([]bson.Raw, error) {
	field, order := direction(sort)
	by := bson.D{{Key: field, Value: order}}
	if field != "_id" {
		by = append(by, bson.E{Key: "_id", Value: order})
	}
	cursor, err := coll.Find(ctx, filter, options.Find().SetSort(by).SetLimit(int64(n)).SetBatchSize(int32(n))) // #nosec G115 -- n ≤ 500
	return tenants.Raws(ctx, cursor, err)
}

func (c *Collection[T, P]) sort(asked string) (string, error) {
	switch {
	case asked != "" && slices.Contains(c.kind.Sorts, asked):
		return asked, nil
	case asked != "":
		return "", fault.Invalid(fault.On("sort", "sort_unknown", "value", asked))
	case len(c.kind.Sorts) == 0:
		return "_id", nil
	}
	return c.kind.Sorts[0], nil
}

// bookmark is where a page ended: the order, the last value and the last id.
type bookmark struct {
	Sort  string        `bson:"s"`
	Value bson.RawValue `bson:"v"`
	ID    string        `bson:"i"`
}

func bookmarkOf(sort string, last bson.Raw) bookmark {
	field, _ := direction(sort)
	id, _ := last.Lookup("_id").StringValueOK()
	return bookmark{Sort: sort, Value: last.Lookup(field), ID: id}
}

// maxCursor is the longest bookmark: a value as long as any that an index is made of,
// and its id.
const maxCursor = 8192

func writeCursor(sort string, last bson.Raw) (string, error) {
	b := bookmarkOf(sort, last)
	if b.Value.Type == 0 {
		b.Value = bson.RawValue{Type: bson.TypeNull} // not there sorts as null does
	}
	raw, err := bson.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("store: cursor: %w", err)
	}
	if len(raw) > maxCursor {
		return "", fmt.Errorf("store: cursor: a value of %s is too long to be sorted by", sort)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// readCursor turns a bookmark into the filter of what comes after it. A cursor comes
// from outside: it may only hold a plain value, and only move within the same order.
func readCursor(sort, cursor string) (bson.D, error) {
	if cursor == "" {
		return nil, nil
	}
	refuse := fault.Invalid(fault.On("cursor", "cursor_malformed"))
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) > maxCursor || bson.Raw(raw).Validate() != nil {
		return nil, refuse
	}
	var b bookmark
	if err := bson.Unmarshal(raw, &b); err != nil || b.Sort != sort || b.ID == "" {
		return nil, refuse
	}
	switch b.Value.Type {
	case bson.TypeString, bson.TypeDateTime, bson.TypeInt32, bson.TypeInt64, bson.TypeBoolean, bson.TypeNull:
	default:
		return nil, refuse
	}
	return b.after(), nil
}

// after is what comes after the bookmark in its order. Null (or nothing) sorts before
// every value and is compared with none: ascending, what follows it is everything that is
// something; descending, it follows every value of a field that may be missing.
func (b bookmark) after() bson.D {
	field, order := direction(b.Sort)
	past := "$gt"
	if order < 0 {
		past = "$lt"
	}
	beyond := bson.D{{Key: past, Value: b.Value}}
	tie := bson.E{Key: "_id", Value: bson.D{{Key: past, Value: b.ID}}}
	switch {
	case field == "_id":
		return bson.D{tie}
	case b.Value.Type == bson.TypeNull && order < 0:
		return bson.D{equal(field, b.Value), tie}
	case b.Value.Type == bson.TypeNull:
		beyond = bson.D{{Key: "$ne", Value: nil}}
	}
	branches := bson.A{bson.D{{Key: field, Value: beyond}}, bson.D{equal(field, b.Value), tie}}
	if order < 0 && field != "created_at" && field != "updated_at" {
		branches = append(branches, bson.D{equal(field, nil)})
	}
	return bson.D{{Key: "$or", Value: branches}}
}
