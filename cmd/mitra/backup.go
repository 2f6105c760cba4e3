package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/mitra-platform/mitra/cmd/mitra/archive"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads"
)

// A backup may be taken while the server runs. What it promises of records and their
// journal is said in tenants/store; files are copied after the records, so that every
// file that a record names is there unless it was removed meanwhile. It holds password
// hashes and personal data, and neither the master key nor who is signed in.

// Entries of the registry.
const (
	personsEntry = "registry/persons.bson"
	tenantsEntry = "registry/tenants.bson"
)

func documentsEntry(tenant tenants.TenantID, part string) string {
	return "tenants/" + string(tenant) + "/" + part + ".bson"
}

func filesEntry(tenant tenants.TenantID, id string) string {
	return "tenants/" + string(tenant) + "/files/" + id
}

// backedUp is what a backup or a restore says it did.
type backedUp struct {
	File    string        `json:"file"`
	Bytes   int64         `json:"bytes,omitempty"`
	Persons int64         `json:"persons"`
	Tenants []tenantCount `json:"tenants"`
}

// tenantCount counts one tenant's part; the chain is whole when its first bad entry is 0.
type tenantCount struct {
	Tenant  tenants.TenantID `json:"tenant"`
	Records int64            `json:"records"`
	Entries int64            `json:"entries"`
	Files   int64            `json:"files"`
	Broken  int64            `json:"first_bad,omitempty"`
}

func backupCommand(ctx context.Context, c *call) error {
	tenant, all := tenants.TenantID(c.cfg.Options["tenant"]), c.cfg.Options["all"] == "true"
	if len(c.args) != 1 || (tenant == "") == !all {
		return usageError("use: mitra backup (--tenant T|--all) FILE")
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		done, err := h.backup(ctx, tenant, c.args[0])
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s: %d bytes, %d persons", done.File, done.Bytes, done.Persons)
		for _, t := range done.Tenants {
			text += fmt.Sprintf("\n%s: %d records, %d journal entries, %d files", t.Tenant, t.Records, t.Entries, t.Files)
		}
		return c.print(done, text)
	})
}

// backup writes one tenant, or everything, to a new file that is whole or not there.
func (h *house) backup(ctx context.Context, tenant tenants.TenantID, path string) (*backedUp, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fault.New(fault.Conflict, "backup_exists", "value", path)
	}
	done := &backedUp{File: path, Tenants: []tenantCount{}}
	err := wholly(path, func(out *os.File) error {
		b := &backup{house: h, w: archive.Create(out), done: done}
		if err := b.write(ctx, tenant); err != nil {
			return err
		}
		info, err := out.Stat()
		if err == nil {
			done.Bytes = info.Size()
		}
		return err
	})
	return done, err
}

// wholly writes a file of mode 0600 that is whole or not there: beside its place first, and
// put there when it is on the disk.
func wholly(path string, write func(*os.File) error) error {
	out, err := os.CreateTemp(filepath.Dir(path), ".mitra-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(out.Name()) }() // gone already when it was renamed
	if err := write(out); err != nil {
		return errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

// backup is one on its way.
type backup struct {
	*house
	w    *archive.Writer
	done *backedUp
}

func (b *backup) write(ctx context.Context, only tenants.TenantID) error {
	m := archive.Manifest{MadeAt: b.gate.Now(), MadeBy: "mitra " + buildVersion(), Whole: only == "", Migrations: b.db.Migrations()}
	list, err := b.tenants(ctx, only)
	if err != nil {
		return err
	}
	var named []tenants.PersonID
	var organisations []tenants.OrganisationID
	for _, t := range list {
		m.Tenants = append(m.Tenants, string(t))
		persons, of, err := b.tenant(ctx, t)
		if err != nil {
			return err
		}
		named, organisations = append(named, persons...), append(organisations, of...)
	}
	commons := b.gate.System(ctx, tenants.Commons, policies.RunCommand)
	if only == "" {
		_, _, err = b.tenant(ctx, tenants.Commons)
	} else {
		err = b.owned(ctx, commons, organisations)
	}
	if err != nil {
		return err
	}
	// Persons after the records, so that whoever a record names is there.
	err = b.db.Registry().ExportPersons(ctx, only, named, func(doc []byte) error {
		b.done.Persons++
		return b.w.Document(personsEntry, doc)
	})
	if err != nil {
		return err
	}
	for _, t := range list {
		err := b.db.Registry().ExportTenants(ctx, t, func(doc []byte) error { return b.w.Document(tenantsEntry, doc) })
		if err != nil {
			return err
		}
	}
	return b.w.Close(m)
}

// owned writes what the commons keep of organisations: records, and the files of their
// documents, whose ids begin with the organisation's.
func (b *backup) owned(ctx context.Context, commons tenants.Scope, organisations []tenants.OrganisationID) error {
	err := b.db.ExportOwned(ctx, commons, organisations, func(part string, doc []byte) error {
		return b.w.Document(documentsEntry(tenants.Commons, part), doc)
	})
	if err != nil {
		return err
	}
	count := tenantCount{Tenant: tenants.Commons}
	slices.Sort(organisations)
	for _, of := range slices.Compact(organisations) {
		if err := b.files.EachOf(ctx, commons, string(of)+"-", b.file(ctx, commons, &count)); err != nil {
			return err
		}
	}
	return nil
}

// file writes one file of a scope's tenant.
func (b *backup) file(ctx context.Context, sc tenants.Scope, count *tenantCount) func(uploads.File) error {
	return func(f uploads.File) error {
		in, err := b.files.Open(ctx, sc, f.ID)
		if fault.KindOf(err) == fault.Missing && err != nil {
			return nil // removed since it was named
		}
		if err != nil {
			return err
		}
		count.Files++
		_, err = b.w.File(filesEntry(sc.Tenant(), f.ID), in)
		return errors.Join(err, in.Close())
	}
}

// tenants are those that a backup is of.
func (b *backup) tenants(ctx context.Context, only tenants.TenantID) ([]tenants.TenantID, error) {
	if only != "" {
		_, err := b.db.Registry().Tenant(ctx, only)
		return []tenants.TenantID{only}, err
	}
	rows, err := b.db.Registry().Tenants(ctx)
	list := make([]tenants.TenantID, len(rows))
	for i, t := range rows {
		list[i] = t.ID
	}
	return list, err
}

// tenant writes the records, the journal and the files of one tenant.
func (b *backup) tenant(ctx context.Context, t tenants.TenantID) ([]tenants.PersonID, []tenants.OrganisationID, error) {
	sc := b.gate.System(ctx, t, policies.RunCommand)
	count := tenantCount{Tenant: t}
	referred, err := b.db.Export(ctx, sc, func(part string, doc []byte) error {
		if isJournal(part) {
			count.Entries++
		} else {
			count.Records++
		}
		return b.w.Document(documentsEntry(t, part), doc)
	})
	if err != nil {
		return nil, nil, err
	}
	err = b.files.Each(ctx, sc, b.file(ctx, sc, &count))
	b.done.Tenants = append(b.done.Tenants, count)
	return referred.Persons, referred.Organisations, err
}
