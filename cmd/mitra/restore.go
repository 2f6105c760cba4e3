package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/archive"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// A restore reads all of the file before it writes any of it, and writes the row of a
// tenant last: until then nobody reaches what was brought back, and a restore that was
// cut off is simply run again.

// errBroken says that a journal came back as broken as it was.
var errBroken = errors.New("restored, with a journal that was not whole when it was backed up")

// shortCode is what a tenant's codes begin with.
var shortCode = regexp.MustCompile(`^[A-Z]{3,5}$`)

func isJournal(part string) bool {
	return part == store.JournalPart || part == store.LaterPart
}

func restoreCommand(ctx context.Context, c *call) error {
	as := tenants.TenantID(c.cfg.Options["as"])
	if len(c.args) != 1 {
		return usageError("use: mitra restore FILE [--as SLUG] [--short CODE]")
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		done, err := h.restore(ctx, c.cfg, c.args[0], as)
		if err != nil {
			return err
		}
		text, broken := fmt.Sprintf("%s: %d persons", done.File, done.Persons), false
		for _, t := range done.Tenants {
			text += fmt.Sprintf("\n%s: %d records, %d journal entries, %d files", t.Tenant, t.Records, t.Entries, t.Files)
			broken = broken || t.Broken > 0
		}
		if err := c.print(done, text); err != nil || !broken {
			return err
		}
		return errBroken
	})
}

// restore brings a backup back, its one tenant under another slug when as is not empty.
func (h *house) restore(ctx context.Context, cfg Config, path string, as tenants.TenantID) (*backedUp, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	a, err := archive.Open(file, info.Size())
	if err != nil {
		return nil, err
	}
	r := &restore{house: h, a: a, as: as, short: cfg.Options["short"], done: &backedUp{File: path, Tenants: []tenantCount{}}}
	if err := r.check(ctx, cfg); err != nil {
		return nil, err
	}
	return r.done, r.write(ctx)
}

// restore is one on its way.
type restore struct {
	*house
	a     *archive.Reader
	as    tenants.TenantID
	short string
	// rows are the tenants' rows by slug, broken the first bad entry of each chain.
	rows   map[tenants.TenantID][]byte
	shorts map[tenants.TenantID]string
	broken map[tenants.TenantID]int64
	done   *backedUp
}

// check refuses what cannot be brought back, before anything is written.
func (r *restore) check(ctx context.Context, cfg Config) error {
	if r.as != "" && (r.a.Whole || !tenants.ValidSlug(string(r.as))) {
		return usageError("--as SLUG takes the backup of one tenant, and a slug of a-z, 0-9 and hyphens")
	}
	if r.short != "" && (r.a.Whole || !shortCode.MatchString(r.short)) {
		return usageError("--short CODE takes the backup of one tenant, and three to five capital letters")
	}
	if err := erasuresAwait(cfg); err != nil {
		return err
	}
	for _, name := range r.a.Migrations {
		if !slices.Contains(r.db.Migrations(), name) {
			return fault.New(fault.Unsupported, "backup_newer")
		}
	}
	if err := r.a.Verify(ctx); err != nil {
		return err
	}
	if err := r.readTenants(); err != nil {
		return err
	}
	r.broken = map[tenants.TenantID]int64{}
	for _, t := range append(r.slugs(), tenants.Commons) {
		found, err := store.Inspect(r.exported(t))
		if err != nil {
			return err
		}
		r.broken[t] = found.Broken
		if found.Broken > 0 && r.to(t) != t {
			return fault.New(fault.Conflict, "restore_chain_broken", "count", fmt.Sprint(found.Broken))
		}
	}
	return r.room(ctx)
}

// readTenants takes the tenants' rows, which must be those that the manifest names.
func (r *restore) readTenants() error {
	r.rows, r.shorts = map[tenants.TenantID][]byte{}, map[tenants.TenantID]string{}
	for _, e := range r.a.Entries {
		if e.Name != tenantsEntry {
			continue
		}
		for doc, err := range r.a.Documents(tenantsEntry) {
			var t tenants.Tenant
			if err == nil {
				err = tenants.Decode(doc, &t)
			}
			if err != nil || !slices.Contains(r.a.Manifest.Tenants, string(t.ID)) || !tenants.ValidSlug(string(t.ID)) {
				return fault.New(fault.Malformed, "backup_damaged", "value", tenantsEntry).Because(err)
			}
			r.rows[t.ID], r.shorts[t.ID] = slices.Clone(doc), t.Short
		}
	}
	if len(r.rows) != len(r.a.Manifest.Tenants) || !r.a.Whole && len(r.rows) != 1 {
		return fault.New(fault.Malformed, "backup_damaged", "value", tenantsEntry)
	}
	for _, e := range r.a.Entries {
		slug := strings.SplitN(e.Name, "/", 3)
		_, known := r.rows[tenants.TenantID(slug[1])]
		if slug[0] == "tenants" && slug[1] != string(tenants.Commons) && !known || slug[0] == "registry" && e.Name != tenantsEntry && e.Name != personsEntry {
			return fault.New(fault.Malformed, "backup_damaged", "value", e.Name)
		}
	}
	return nil
}

// room refuses a target that is not empty.
func (r *restore) room(ctx context.Context) error {
	registry := r.db.Registry()
	if r.a.Whole {
		return r.emptyButFor(ctx)
	}
	for t := range r.rows {
		if r.to(t) != t && r.db.Shared() {
			if _, err := registry.Tenant(ctx, t); err == nil {
				return fault.New(fault.Conflict, "restore_beside", "value", string(t))
			}
		}
		if err := registry.RoomForTenant(ctx, r.to(t), r.shortOf(t)); err != nil {
			return err
		}
	}
	return r.eachPerson(func(doc []byte) error { return registry.RoomForPerson(ctx, doc) })
}

// emptyButFor refuses an installation that has a tenant, or somebody who is not in the
// backup: who is, was left by a restore that was cut off.
func (r *restore) emptyButFor(ctx context.Context) error {
	occupied := fault.New(fault.Conflict, "restore_not_empty", "value", "mitra")
	list, err := r.db.Registry().Tenants(ctx)
	switch {
	case err != nil:
		return err
	case len(list) > 0:
		return occupied
	}
	known := map[tenants.PersonID]bool{}
	err = r.eachPerson(func(doc []byte) error {
		var p tenants.Person
		err := tenants.Decode(doc, &p)
		known[p.ID] = true
		return err
	})
	if err != nil {
		return fault.New(fault.Malformed, "backup_damaged", "value", personsEntry).Because(err)
	}
	return r.db.Registry().ExportPersons(ctx, "", nil, func(doc []byte) error {
		var p tenants.Person
		if err := tenants.Decode(doc, &p); err != nil || !known[p.ID] {
			return errors.Join(err, occupied)
		}
		return nil
	})
}

func (r *restore) slugs() []tenants.TenantID {
	list := []tenants.TenantID{}
	for t := range r.rows {
		list = append(list, t)
	}
	slices.Sort(list)
	return list
}

// to is a tenant's slug here, shortOf its short code.
func (r *restore) to(t tenants.TenantID) tenants.TenantID {
	if r.as == "" || t == tenants.Commons {
		return t
	}
	return r.as
}

func (r *restore) shortOf(t tenants.TenantID) string {
	if r.short != "" && !r.a.Whole {
		return r.short
	}
	return r.shorts[t]
}

func (r *restore) eachPerson(do func(doc []byte) error) error {
	for _, e := range r.a.Entries {
		if e.Name != personsEntry {
			continue
		}
		for doc, err := range r.a.Documents(personsEntry) {
			if err != nil {
				return err
			}
			if err := do(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// exported is what the archive holds of a tenant.
func (r *restore) exported(t tenants.TenantID) store.Exported {
	e := store.Exported{Tenant: t, Parts: map[string]store.Documents{}}
	prefix := documentsEntry(t, "")
	prefix = strings.TrimSuffix(prefix, ".bson")
	for _, entry := range r.a.Entries {
		part, ours := strings.CutPrefix(entry.Name, prefix)
		if part, ok := strings.CutSuffix(part, ".bson"); ok && ours {
			e.Parts[part] = r.a.Documents(entry.Name)
		}
	}
	return e
}

// write brings back what the tenants hold, then their people, and the tenants' rows last.
func (r *restore) write(ctx context.Context) error {
	if err := r.commons(ctx); err != nil {
		return err
	}
	wakes := map[tenants.TenantID]*time.Time{}
	for _, t := range r.slugs() {
		count, imported, err := r.contents(ctx, t)
		if err != nil {
			return err
		}
		r.done.Tenants = append(r.done.Tenants, count)
		wakes[t] = imported.WakeAt
	}
	if err := r.persons(ctx); err != nil {
		return err
	}
	for _, t := range r.slugs() {
		if err := r.db.Registry().RestoreTenant(ctx, r.rows[t], r.to(t), r.shortOf(t)); err != nil {
			return err
		}
		if at := wakes[t]; at != nil {
			if err := r.db.Registry().NoteWake(ctx, r.to(t), *at); err != nil {
				return err
			}
		}
	}
	return nil
}

// persons come with all their seats, or with those in the one tenant.
func (r *restore) persons(ctx context.Context) error {
	from, to := tenants.TenantID(""), tenants.TenantID("")
	if !r.a.Whole {
		from = r.slugs()[0]
		to = r.to(from)
	}
	return r.eachPerson(func(doc []byte) error {
		r.done.Persons++
		return r.db.Registry().RestorePerson(ctx, doc, from, to)
	})
}

// commons comes first: seats name its organisations.
func (r *restore) commons(ctx context.Context) error {
	sc := r.gate.System(ctx, tenants.Commons, policies.RunCommand)
	if !r.a.Whole {
		if _, err := r.db.ImportOwned(ctx, sc, r.exported(tenants.Commons)); err != nil {
			return err
		}
		_, err := r.bring(ctx, tenants.Commons, sc)
		return err
	}
	count, _, err := r.contents(ctx, tenants.Commons)
	if err != nil {
		return err
	}
	r.done.Tenants = append(r.done.Tenants, count)
	return nil
}

// contents brings the documents and the files of a tenant back.
func (r *restore) contents(ctx context.Context, t tenants.TenantID) (tenantCount, store.Imported, error) {
	sc := r.gate.System(ctx, r.to(t), policies.RunCommand)
	count := tenantCount{Tenant: r.to(t), Broken: r.broken[t]}
	imported, err := r.db.Import(ctx, sc, r.exported(t))
	if err != nil {
		return count, imported, err
	}
	count.Records, count.Entries = imported.Records, imported.Entries
	count.Files, err = r.bring(ctx, t, sc)
	return count, imported, err
}

// bring puts the files of a tenant back and counts them.
func (r *restore) bring(ctx context.Context, t tenants.TenantID, sc tenants.Scope) (n int64, err error) {
	prefix := filesEntry(t, "")
	for _, e := range r.a.Entries {
		id, ours := strings.CutPrefix(e.Name, prefix)
		if !ours {
			continue
		}
		in, err := r.a.File(e.Name)
		if err != nil {
			return n, err
		}
		_, err = r.files.Put(ctx, sc, id, in, math.MaxInt64)
		if err := errors.Join(err, in.Close()); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// erasuresAwait refuses while DATA/erasures.log names people whose erasure a restore
// would undo: what applies the log is not built yet, and leaving it out would bring back
// what was promised to be gone. Package seal's replay takes this function's place.
func erasuresAwait(cfg Config) error {
	file, err := os.Open(cfg.inData("erasures.log"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	one := make([]byte, 1)
	if _, err := file.Read(one); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "restore_erasures")
}
