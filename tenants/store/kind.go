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
	// Sorts is the closed list of orders a list may be asked for, the first by default:
	// field names that every record has, with "-" before one that descends.
	Sorts []string
	// Title is what people call a record in the journal.
	Title func(*T) string
	// Words is the text by which a record is found; never a personal field.
	Words func(*T) []string
	// Migrations bring records of older shapes to the present one, in this order.
	Migrations []Migration
	// Wake is called when a record's WakeAt has come.
	Wake func(context.Context, tenants.Scope, *T) error
}

// kind is a Kind without its type, for the relay and the waker.
type kind struct {
	name       string
	models     []mongo.IndexModel
	migrations []Migration
	wake       func(context.Context, tenants.Scope) error
	next       func(context.Context, tenants.Scope) (*time.Time, error)
}

// standing are the indexes that every collection has: unread journal entries, words,
// and the next moment to wake at.
func (k Kind[T]) models() []mongo.IndexModel {
	standing := []Index{{Keys: []string{"pending._id"}, Where: "pending._id"}}
	if k.Words != nil {
		standing = append(standing, Index{Keys: []string{"terms"}})
	}
	if k.Wake != nil {
		standing = append(standing, Index{Keys: []string{"wake_at"}, Where: "wake_at"})
	}
	for _, sort := range k.Sorts {
		field, order := direction(sort)
		last := "_id"
		if order < 0 {
			last = "-_id"
		}
		if field == "_id" {
			standing = append(standing, Index{Keys: []string{"audience", sort}})
			continue
		}
		standing = append(standing, Index{Keys: []string{"audience", sort, last}})
	}
	all := slices.Concat(standing, k.Indexes)
	models := make([]mongo.IndexModel, len(all))
	for i, index := range all {
		models[i] = index.model()
	}
	return models
}
