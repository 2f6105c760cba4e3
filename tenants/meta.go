package tenants

import (
	"slices"
	"time"
)

// Version counts the changes of a record from 1; it is the ETag. Zero means that no
// version was given.
type Version int64

// Audience values beside organisation ids.
const (
	// ForTenant lets every seat of the tenant read a record.
	ForTenant = "tenant"
	// ForPublic lets everybody read a record.
	ForPublic = "public"
)

// Meta is what every record carries; records embed it inline. Its fields are written
// by package store alone, except Audience and WakeAt, which the record's moves set.
type Meta[T any] struct {
	ID   ID[T] `json:"id" bson:"_id"`
	Head `bson:",inline"`
}

// Head is the part of Meta that does not know its record's type.
type Head struct {
	Tenant    TenantID  `json:"-" bson:"tenant"`
	Version   Version   `json:"version" bson:"version"`
	CreatedAt time.Time `json:"created_at" bson:"created_at"`
	UpdatedAt time.Time `json:"updated_at" bson:"updated_at"`

	// Audience lists who may read the record: organisation ids, ForTenant, ForPublic.
	Audience []string `json:"-" bson:"audience"`
	// WakeAt is the next moment at which time itself changes the record.
	WakeAt *time.Time `json:"-" bson:"wake_at,omitempty"`
	// Terms are the folded words by which the record is found.
	Terms []string `json:"-" bson:"terms,omitempty"`
	// Pending are journal entries not yet copied to the journal.
	Pending []Entry `json:"-" bson:"pending,omitempty"`
	// Ops are the last 32 operation ids applied, so that a retry is seen.
	Ops []string `json:"-" bson:"ops,omitempty"`
	// ClaimedBy and ClaimedUntil are the lease under which a worker holds the record.
	ClaimedBy    string     `json:"-" bson:"claimed_by,omitempty"`
	ClaimedUntil *time.Time `json:"-" bson:"claimed_until,omitempty"`
}

//lint:ignore U1000 called through Record, whose type parameter hides the use
func (m *Meta[T]) meta() *Meta[T] { return m }

// Record is sealed: only a struct that embeds Meta of itself is one.
type Record[T any] interface {
	*T
	meta() *Meta[T]
	// Check says what is always true of the record, as a fault.
	Check() error
}

// MetaOf is the Meta inside a record.
func MetaOf[T any, P Record[T]](record P) *Meta[T] { return record.meta() }

// Readable widens the audience; what may read already stays.
func (h *Head) Readable(by ...string) {
	for _, b := range by {
		if b != "" && !slices.Contains(h.Audience, b) {
			h.Audience = append(h.Audience, b)
		}
	}
}

// Entry is one change in the journal: who did what to which record, and what became
// of each field. Entries are copied to the journal as they are and never changed.
type Entry struct {
	// ID is kind/record/version, so that copying twice is copying once.
	ID           string         `json:"id" bson:"_id"`
	Tenant       TenantID       `json:"-" bson:"tenant"`
	Kind         string         `json:"kind" bson:"kind"`
	Record       string         `json:"record" bson:"record"`
	Title        string         `json:"title" bson:"title"`
	Version      Version        `json:"version" bson:"version"`
	Action       string         `json:"action" bson:"action"`
	At           time.Time      `json:"at" bson:"at"`
	Person       PersonID       `json:"person" bson:"person"`
	Organisation OrganisationID `json:"organisation" bson:"organisation"`
	Side         string         `json:"side" bson:"side"`
	Audience     []string       `json:"-" bson:"audience"`
	Changes      []Difference   `json:"changes" bson:"changes"`
	// More counts differences beyond those kept.
	More int `json:"more,omitempty" bson:"more,omitempty"`

	// Seq, Prev and Hash chain the tenant's entries; they are set when copied.
	Seq  int64  `json:"seq,omitempty" bson:"seq,omitempty"`
	Prev string `json:"prev,omitempty" bson:"prev,omitempty"`
	Hash string `json:"hash,omitempty" bson:"hash,omitempty"`
}

// Difference is what became of one field. From and To are JSON text, empty where the
// field was not there; a personal field says only that it changed.
type Difference struct {
	Path     string `json:"path" bson:"path"`
	From     string `json:"from,omitempty" bson:"from,omitempty"`
	To       string `json:"to,omitempty" bson:"to,omitempty"`
	Personal bool   `json:"personal,omitempty" bson:"personal,omitempty"`
}
