package store

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/tenants"
)

// Kind declares a record: what its collection, ids and journal entries are called, by
// what it is found and sorted, and what it is called for people.
type Kind[T any] struct {
	// Name is the collection ("programs"), One a single record ("program"), Prefix begins
	// its ids ("pg"). All three are unique in the product.
	Name, One, Prefix string
	Indexes           []Index
	// Filters are the fields by which a list may be narrowed. Each has an index with each
	// of the sorts, so that a page is read in its order, and not sorted from all that match.
	Filters []string
	// Sorts is the closed list of orders a list may be asked for, the first by default:
	// field names that every record has, with "-" before one that descends.
	Sorts []string
	// Title is what people call a record in the journal.
	Title func(*T) string
	// Words is the text by which a record is found; never a personal field.
	Words func(*T) []string
	// Migrations bring records of older shapes to the present one, in this order.
	Migrations []Migration
	// Derived says that the records follow from journal entries. Their own changes are not
	// journalled: the journal would never end.
	Derived bool
	// Wake is called when a record's WakeAt has come.
	Wake func(context.Context, tenants.Scope, *T) error
}

// kind is a Kind without its type, for the relay and the waker.
type kind struct {
	name, one  string
	lists      Lists
	indexes    []Index
	migrations []Migration
	wake       func(context.Context, tenants.Scope) error
	next       func(context.Context, tenants.Scope) (*time.Time, error)
	// ours is nil for what is derived.
	ours func(context.Context, tenants.Scope, tenants.OrganisationID, func(any) error) error
}

// Lists says of a collection what its lists may be narrowed by and sorted by.
type Lists struct {
	Collection     string
	Filters, Sorts []string
	Indexes        []mongo.IndexModel
}

// Lists are what every collection that was opened offers.
func (db *DB) Lists() []Lists {
	var all []Lists
	for _, k := range db.known() {
		lists := k.lists
		lists.Indexes = models(k.indexes)
		all = append(all, lists)
	}
	return all
}

// indexes are the kind's own and those that every collection has: unread journal entries,
// the records of a tenant in the order of their ids, words, the next moment to wake at,
// and what lists are sorted and narrowed by.
func (k Kind[T]) indexes() []Index {
	standing := []Index{{Keys: []string{"pending._id"}, Where: "pending._id"}, {Keys: []string{"_id"}}}
	if k.Words != nil {
		standing = append(standing, Index{Keys: []string{"terms"}})
	}
	if k.Wake != nil {
		standing = append(standing, Index{Keys: []string{"wake_at"}, Where: "wake_at"})
	}
	for _, sort := range k.Sorts {
		field, way := direction(sort)
		last := "_id"
		if way < 0 {
			last = "-_id"
		}
		order := []string{sort, last}
		if field == "_id" {
			order = order[:1]
		}
		standing = append(standing, Index{Keys: slices.Concat([]string{"audience"}, order)})
		for _, filter := range k.Filters {
			if filter != field { // whose order is the filter's already
				standing = append(standing, Index{Keys: slices.Concat([]string{"audience", filter}, order)})
			}
		}
	}
	return slices.Concat(standing, k.Indexes)
}

// models are indexes as the driver wants them, new ones for each use: the driver writes
// their names into what it is given.
func models(list []Index) []mongo.IndexModel {
	all := make([]mongo.IndexModel, len(list))
	for i, index := range list {
		all[i] = index.model()
	}
	return all
}

// narrows says that a list may be narrowed by a field: one of the filters, the words, what
// an index of the kind's own begins with, or the records' own ids.
func (k Kind[T]) narrows(field string) bool {
	return field == "_id" || slices.Contains(k.Filters, field) || field == "terms" && k.Words != nil ||
		slices.ContainsFunc(k.Indexes, func(i Index) bool { return len(i.Keys) > 0 && i.Keys[0] == field })
}
