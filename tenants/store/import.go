package store

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Documents are those of one part, in the order in which they were given.
type Documents = iter.Seq2[[]byte, error]

// Exported is an export to read back.
type Exported struct {
	// Tenant is the one that was exported.
	Tenant tenants.TenantID
	// Parts are its parts by name.
	Parts map[string]Documents
}

// Inspection is what was found in an export before any of it is believed.
type Inspection struct {
	// Documents are counted by part.
	Documents map[string]int64
	// Broken is the number of the first entry that does not follow from the one before; 0
	// when the chain is whole.
	Broken int64
}

// Inspect reads all of an export and writes nothing. It refuses with backup_damaged what
// is not BSON, has no id of ours or belongs to another tenant.
func Inspect(e Exported) (Inspection, error) {
	found := Inspection{Documents: map[string]int64{}}
	for _, part := range e.names() {
		if !ValidPart(part) {
			return found, damaged("part " + part)
		}
		chain := chainCheck{}
		for doc, err := range e.Parts[part] {
			if err != nil {
				return found, err
			}
			if err := belongs(doc, e.Tenant); err != nil {
				return found, err
			}
			found.Documents[part]++
			if part == JournalPart && found.Broken == 0 && !chain.follows(doc) {
				found.Broken = found.Documents[part]
			}
		}
	}
	return found, nil
}

func (e Exported) names() []string { return slices.Sorted(maps.Keys(e.Parts)) }

func damaged(what string) error {
	return fault.New(fault.Malformed, "backup_damaged", "value", what)
}

func belongs(doc bson.Raw, tenant tenants.TenantID) error {
	if err := doc.Validate(); err != nil {
		return fault.New(fault.Malformed, "backup_damaged", "value", "document").Because(err)
	}
	if id, ok := doc.Lookup("_id").StringValueOK(); !ok || id == "" {
		return damaged("_id")
	}
	if t, _ := doc.Lookup("tenant").StringValueOK(); t != string(tenant) {
		return damaged("tenant")
	}
	return nil
}

// chainCheck follows a chain from its first entry.
type chainCheck struct {
	seq  int64
	hash string
}

func (c *chainCheck) follows(doc []byte) bool {
	var e tenants.Entry
	if tenants.Decode(doc, &e) != nil || e.Seq != c.seq+1 || e.Prev != c.hash {
		return false
	}
	made, err := link(e, e.Seq, e.Prev)
	c.seq, c.hash = e.Seq, e.Hash
	return err == nil && made.Hash == e.Hash
}

// Imported is what was brought back.
type Imported struct {
	Records, Entries int64
	// WakeAt is the first moment at which one of the records wants to be woken.
	WakeAt *time.Time
}

// importer brings one export back.
type importer struct {
	db       *DB
	from, to tenants.TenantID
	// add leaves alone what is there and brings back the rest: for the commons, which
	// others share.
	add   bool
	added map[string]bool
	done  Imported
}

// Import brings back what Export gave, into the scope's tenant, which nobody may use
// yet. What an import that was cut off has left there is removed first. Under another
// slug all ids stay, and the entries are linked anew, because the slug is part of every
// hash: the copy's chain is whole and is not the original's.
func (db *DB) Import(ctx context.Context, sc tenants.Scope, e Exported) (Imported, error) {
	m := &importer{db: db, from: e.Tenant, to: sc.Tenant()}
	if err := m.clear(ctx); err != nil {
		return m.done, err
	}
	for _, k := range db.declared() {
		if err := db.ensure(ctx, m.to, k); err != nil {
			return m.done, err
		}
	}
	// The journal first: an entry that a record still holds is then known when it is there.
	if err := m.journal(ctx, e.Parts[JournalPart]); err != nil {
		return m.done, err
	}
	for _, part := range e.names() {
		if part == JournalPart || part == LaterPart || m.from != m.to && (part == HeadsName || part == WatchesName) {
			continue
		}
		if err := m.records(ctx, part, e.Parts[part]); err != nil {
			return m.done, err
		}
	}
	if err := m.later(ctx, e.Parts[LaterPart]); err != nil {
		return m.done, err
	}
	return m.done, m.complete(ctx)
}

// complete brings into the journal what records came with, and counts what it has.
func (m *importer) complete(ctx context.Context) error {
	if err := m.db.sweep(ctx, m.to); err != nil {
		return err
	}
	journal, err := m.db.journal(ctx, m.to)
	if err != nil {
		return err
	}
	head, err := chainHead(ctx, journal, m.to)
	m.done.Entries = head.Seq
	return err
}

// ImportOwned brings back what ExportOwned gave. A record that is there stays as it is.
func (db *DB) ImportOwned(ctx context.Context, sc tenants.Scope, e Exported) (Imported, error) {
	m := &importer{db: db, from: e.Tenant, to: sc.Tenant(), add: true, added: map[string]bool{}}
	for _, k := range db.declared() {
		if e.Parts[k.name] == nil {
			continue
		}
		if err := db.ensure(ctx, m.to, k); err != nil {
			return m.done, err
		}
		if err := m.records(ctx, k.name, e.Parts[k.name]); err != nil {
			return m.done, err
		}
		if err := m.later(ctx, e.Parts[k.name+entriesSuffix]); err != nil {
			return m.done, err
		}
	}
	return m.done, nil
}

// clear removes what an import that was cut off has left.
func (m *importer) clear(ctx context.Context) error {
	database := m.db.database(m.to)
	names, err := collectionsOf(ctx, database)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !ValidPart(name) {
			continue
		}
		if _, err := database.Collection(name).DeleteMany(ctx, bson.D{{Key: "tenant", Value: m.to}}); err != nil {
			return tenants.Translate(err, "")
		}
	}
	return nil
}

// journal brings the chain back as it was, or, under another slug, linked anew.
func (m *importer) journal(ctx context.Context, docs Documents) error {
	journal, err := m.db.journal(ctx, m.to)
	if err != nil || docs == nil {
		return err
	}
	head := tenants.Entry{}
	return m.batches(docs, func(some []bson.Raw) error {
		rows := make([]any, len(some))
		for i, doc := range some {
			rows[i] = doc
			if m.from == m.to {
				continue
			}
			var e tenants.Entry
			if err := tenants.Decode(doc, &e); err != nil {
				return err
			}
			e.Tenant = m.to
			if head, err = link(e, head.Seq+1, head.Hash); err != nil {
				return err
			}
			rows[i] = head
		}
		m.done.Entries += int64(len(rows))
		_, err := journal.InsertMany(ctx, rows)
		return tenants.Translate(err, "entry")
	})
}

// records brings the documents of a collection back in their present shape.
func (m *importer) records(ctx context.Context, part string, docs Documents) error {
	coll := m.db.database(m.to).Collection(part)
	var migrations []Migration
	for _, k := range m.db.declared() {
		if k.name == part {
			migrations = k.migrations
		}
	}
	return m.batches(docs, func(some []bson.Raw) error {
		rows := make([]any, len(some))
		for i, doc := range some {
			row, err := m.shaped(doc, migrations)
			if err != nil {
				return err
			}
			rows[i] = row
			if at, ok := row.Lookup("wake_at").TimeOK(); ok && (m.done.WakeAt == nil || at.Before(*m.done.WakeAt)) {
				m.done.WakeAt = &at
			}
		}
		if m.add {
			return m.addEach(ctx, coll, rows)
		}
		m.done.Records += int64(len(rows))
		_, err := coll.InsertMany(ctx, rows)
		return tenants.Translate(err, part)
	})
}

func (m *importer) addEach(ctx context.Context, coll *mongo.Collection, rows []any) error {
	for _, row := range rows {
		_, err := coll.InsertOne(ctx, row)
		switch {
		case mongo.IsDuplicateKeyError(err):
		case err != nil:
			return tenants.Translate(err, "")
		default:
			raw, _ := row.(bson.Raw)
			m.added[raw.Lookup("_id").StringValue()] = true
			m.done.Records++
		}
	}
	return nil
}

// shaped is a document of the tenant's present slug, with every migration done to it.
func (m *importer) shaped(doc bson.Raw, migrations []Migration) (bson.Raw, error) {
	if m.from != m.to {
		var row bson.D
		if err := bson.Unmarshal(doc, &row); err != nil {
			return nil, err
		}
		renamed(row, m.to)
		var err error
		if doc, err = bson.Marshal(row); err != nil {
			return nil, err
		}
	}
	for _, up := range migrations {
		record, err := asMap(doc)
		if err != nil {
			return nil, err
		}
		if !up.Up(record) {
			continue
		}
		if doc, err = bson.Marshal(record); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// renamed puts another slug into a record and into the entries that it holds.
func renamed(row bson.D, slug tenants.TenantID) {
	for i := range row {
		switch row[i].Key {
		case "tenant":
			row[i].Value = slug
		case "pending":
			entries, _ := row[i].Value.(bson.A)
			for _, e := range entries {
				if entry, ok := e.(bson.D); ok {
					renamed(entry, slug)
				}
			}
		}
	}
}

// later appends entries of records that have come to their version.
func (m *importer) later(ctx context.Context, docs Documents) error {
	if docs == nil {
		return nil
	}
	journal, err := m.db.journal(ctx, m.to)
	if err != nil {
		return err
	}
	kinds := map[string]string{}
	for _, k := range m.db.declared() {
		kinds[k.one] = k.name
	}
	return m.batches(docs, func(some []bson.Raw) error {
		var entries []tenants.Entry
		for _, doc := range some {
			var e tenants.Entry
			if err := tenants.Decode(doc, &e); err != nil {
				return err
			}
			took, err := m.took(ctx, kinds[e.Kind], e)
			if err != nil {
				return err
			}
			if e.Tenant = m.to; took {
				entries = append(entries, e)
			}
		}
		if len(entries) == 0 {
			return nil
		}
		m.done.Entries += int64(len(entries))
		return appendChain(ctx, journal, m.to, entries)
	})
}

// took says that the record that was brought back has the change of an entry.
func (m *importer) took(ctx context.Context, collection string, e tenants.Entry) (bool, error) {
	if collection == "" || m.add && !m.added[e.Record] {
		return false, nil
	}
	n, err := m.db.database(m.to).Collection(collection).CountDocuments(ctx, bson.D{
		{Key: "tenant", Value: m.to}, {Key: "_id", Value: e.Record}, {Key: "version", Value: bson.D{{Key: "$gte", Value: e.Version}}},
	}, options.Count().SetLimit(1))
	return n > 0, tenants.Translate(err, "")
}

// batchBytes is how much one command brings back.
const batchBytes = 4 << 20

// batches hands documents on, so many at once that a command is neither small nor long.
func (m *importer) batches(docs Documents, take func([]bson.Raw) error) error {
	var some []bson.Raw
	size := 0
	for doc, err := range docs {
		if err != nil {
			return err
		}
		if err := belongs(doc, m.from); err != nil {
			return err
		}
		some = append(some, slices.Clone(doc))
		if size += len(doc); len(some) < slice && size < batchBytes {
			continue
		}
		if err := take(some); err != nil {
			return err
		}
		some, size = nil, 0
	}
	if len(some) == 0 {
		return nil
	}
	return take(some)
}

// Occupied says that the scope's tenant holds documents.
func (db *DB) Occupied(ctx context.Context, sc tenants.Scope) (bool, error) {
	names, err := collectionsOf(ctx, db.database(sc.Tenant()))
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if !ValidPart(name) || strings.HasSuffix(name, entriesSuffix) {
			continue
		}
		n, err := db.database(sc.Tenant()).Collection(name).CountDocuments(ctx, bson.D{{Key: "tenant", Value: sc.Tenant()}}, options.Count().SetLimit(1))
		if err != nil || n > 0 {
			return n > 0, tenants.Translate(err, "")
		}
	}
	return false, nil
}

// Shared says that all tenants lie in one database, where an id is one record's only.
func (db *DB) Shared() bool { return db.cfg.Database != "" }
