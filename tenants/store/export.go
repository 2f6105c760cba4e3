package store

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants"
)

// An export is taken while others write. It is a walk, a slice at a time, each slice read
// to its end before the next is asked for, so that no read stays open and no memory grows
// with the tenant. What it promises is consistency by record: every record is one that
// was, with every entry of its journal up to its version and none beyond. The order of the
// walk gives that, on both engines and without a transaction:
//
//  1. what is kept beside the records (a reader's place in the journal, kept heads), so
//     that none of it is ahead of the journal;
//  2. the journal to the number N at which it ended when its copying began;
//  3. the records, each with the entries it still holds;
//  4. the entries that were copied to the journal after N. Reading them back, an entry is
//     taken when the record that was copied has come to its version, and left otherwise.
//
// Two records need not be of one instant. What one of them causes in the other follows
// from its entry again, as after a crash. When nobody writes, the chain that is read back
// is the one that was copied, hash by hash; when somebody does, it may part from it after N.

// Parts of an export that are no collection of records.
const (
	JournalPart = "journal"
	// LaterPart are entries that belong to the records and have no fixed place in the chain.
	LaterPart = "journal-later"
	// entriesSuffix follows a kind's name: entries of its records, from another chain.
	entriesSuffix = "-entries"
)

var partName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,60}$`)

// ValidPart says whether a part of an export may have this name.
func ValidPart(name string) bool {
	name = strings.TrimSuffix(name, entriesSuffix)
	return name == LaterPart || partName.MatchString(name) && name != migrationsName && !slices.Contains(tenants.RegistryCollections(), name)
}

// Emit takes one document of a part, as BSON. The bytes are its to read until it returns.
// All documents of a part come after one another.
type Emit func(part string, doc []byte) error

// Referred is whom the documents of an export name.
type Referred struct {
	Persons       []tenants.PersonID
	Organisations []tenants.OrganisationID
}

// exporter is one walk.
type exporter struct {
	db     *DB
	tenant tenants.TenantID
	emit   Emit

	persons       map[tenants.PersonID]bool
	organisations map[tenants.OrganisationID]bool
}

// Export gives every document of the scope's tenant.
func (db *DB) Export(ctx context.Context, sc tenants.Scope, emit Emit) (Referred, error) {
	if err := db.sweep(ctx, sc.Tenant()); err != nil {
		return Referred{}, err
	}
	x := &exporter{db, sc.Tenant(), emit, map[tenants.PersonID]bool{}, map[tenants.OrganisationID]bool{}}
	loose, err := db.loose(ctx, x.tenant)
	if err != nil {
		return Referred{}, err
	}
	for _, name := range loose {
		if err := x.walk(ctx, name, bson.D{}, "_id", name); err != nil {
			return Referred{}, err
		}
	}
	journal, err := db.journal(ctx, x.tenant)
	if err != nil {
		return Referred{}, err
	}
	head, err := chainHead(ctx, journal, x.tenant)
	if err != nil {
		return Referred{}, err
	}
	until := bson.D{{Key: "seq", Value: bson.D{{Key: "$lte", Value: head.Seq}}}}
	if err := x.walk(ctx, journalName, until, "seq", JournalPart); err != nil {
		return Referred{}, err
	}
	for _, k := range db.declared() {
		if err := x.walk(ctx, k.name, bson.D{}, "_id", k.name); err != nil {
			return Referred{}, err
		}
	}
	last, err := chainHead(ctx, journal, x.tenant)
	if err != nil {
		return Referred{}, err
	}
	after := bson.D{{Key: "seq", Value: bson.D{{Key: "$gt", Value: head.Seq}, {Key: "$lte", Value: last.Seq}}}}
	return x.referred(), x.walk(ctx, journalName, after, "seq", LaterPart)
}

// ExportOwned gives the records of the scope's tenant that one of the organisations may
// read, and their entries: of the commons, what a tenant needs of it.
func (db *DB) ExportOwned(ctx context.Context, sc tenants.Scope, of []tenants.OrganisationID, emit Emit) error {
	if err := db.sweep(ctx, sc.Tenant()); err != nil {
		return err
	}
	x := &exporter{db, sc.Tenant(), nil, map[tenants.PersonID]bool{}, map[tenants.OrganisationID]bool{}}
	for _, k := range db.declared() {
		var ids []string
		x.emit = func(part string, doc []byte) error {
			ids = append(ids, bson.Raw(doc).Lookup("_id").StringValue())
			return emit(part, doc)
		}
		for some := range slices.Chunk(of, slice) {
			filter := bson.D{{Key: "audience", Value: bson.D{{Key: "$in", Value: some}}}}
			if err := x.walk(ctx, k.name, filter, "_id", k.name); err != nil {
				return err
			}
		}
		if err := x.entriesOf(ctx, k, ids, emit); err != nil {
			return err
		}
	}
	return nil
}

// entriesOf gives the journal entries of records, which have no place in another chain.
func (x *exporter) entriesOf(ctx context.Context, k *kind, ids []string, emit Emit) error {
	x.emit = func(_ string, doc []byte) error { return emit(k.name+entriesSuffix, doc) }
	for some := range slices.Chunk(ids, slice) {
		filter := bson.D{{Key: "kind", Value: k.one}, {Key: "record", Value: bson.D{{Key: "$in", Value: some}}}}
		if err := x.walk(ctx, journalName, filter, "seq", LaterPart); err != nil {
			return err
		}
	}
	return nil
}

// walk gives the documents of a collection that meet a filter, in the order of a field
// that no two of them share.
func (x *exporter) walk(ctx context.Context, collection string, filter bson.D, by, part string) error {
	coll := x.db.database(x.tenant).Collection(collection)
	var after bson.D
	for {
		asked := slices.Concat(bson.D{{Key: "tenant", Value: x.tenant}}, filter)
		if after != nil {
			asked = append(asked, bson.E{Key: "$and", Value: bson.A{after}})
		}
		cursor, err := coll.Find(ctx, asked, options.Find().SetSort(bson.D{{Key: by, Value: 1}}).SetLimit(slice))
		docs, err := tenants.Raws(ctx, cursor, err)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			x.note(doc)
			if err := x.emit(part, doc); err != nil {
				return err
			}
		}
		if len(docs) < slice {
			return nil
		}
		after = bson.D{{Key: by, Value: bson.D{{Key: "$gt", Value: docs[len(docs)-1].Lookup(by)}}}}
	}
}

// note remembers whom a document names: who acted, for which organisation, and which
// organisations may read.
func (x *exporter) note(doc bson.Raw) {
	if person, ok := doc.Lookup("person").StringValueOK(); ok && person != "" {
		x.persons[tenants.PersonID(person)] = true
	}
	if organisation, ok := doc.Lookup("organisation").StringValueOK(); ok && organisation != "" {
		x.organisations[tenants.OrganisationID(organisation)] = true
	}
	audience, ok := doc.Lookup("audience").ArrayOK()
	if !ok {
		return
	}
	values, err := audience.Values()
	if err != nil {
		return
	}
	for _, v := range values {
		if who, ok := v.StringValueOK(); ok && who != tenants.ForTenant && who != tenants.ForPublic && who != "" {
			x.organisations[tenants.OrganisationID(who)] = true
		}
	}
}

func (x *exporter) referred() Referred {
	var r Referred
	for p := range x.persons {
		r.Persons = append(r.Persons, p)
	}
	for o := range x.organisations {
		r.Organisations = append(r.Organisations, o)
	}
	slices.Sort(r.Persons)
	slices.Sort(r.Organisations)
	return r
}

// declared are the kinds by name. One name may be declared twice (two services that read
// the same records); it is walked once.
func (db *DB) declared() []*kind {
	db.mu.Lock()
	defer db.mu.Unlock()
	list := slices.Clone(db.kinds)
	slices.SortStableFunc(list, func(a, b *kind) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(list, func(a, b *kind) bool { return a.name == b.name })
}

// loose names the collections of a tenant that hold no declared records, by name.
func (db *DB) loose(ctx context.Context, tenant tenants.TenantID) ([]string, error) {
	names, err := collectionsOf(ctx, db.database(tenant))
	if err != nil {
		return nil, err
	}
	kinds := db.declared()
	return slices.DeleteFunc(names, func(name string) bool {
		return name == JournalPart || !ValidPart(name) || slices.ContainsFunc(kinds, func(k *kind) bool { return k.name == name })
	}), nil
}

func collectionsOf(ctx context.Context, db *mongo.Database) ([]string, error) {
	names, err := db.ListCollectionNames(ctx, bson.D{})
	slices.Sort(names)
	return names, tenants.Translate(err, "")
}

// Migrations names every migration that this build knows, so that what a newer build
// wrote can be told.
func (db *DB) Migrations() []string {
	list := []string{}
	for _, k := range db.declared() {
		for _, m := range k.migrations {
			list = append(list, k.name+"/"+m.Name)
		}
	}
	return list
}
