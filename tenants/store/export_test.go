package store_test

import (
	"bytes"
	"slices"
	"strconv"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// kept is an export in memory.
type kept map[string][][]byte

func (k kept) emit(part string, doc []byte) error {
	k[part] = append(k[part], slices.Clone(doc))
	return nil
}

func (k kept) of(tenant tenants.TenantID) store.Exported {
	e := store.Exported{Tenant: tenant, Parts: map[string]store.Documents{}}
	for part, docs := range k {
		e.Parts[part] = func(yield func([]byte, error) bool) {
			for _, doc := range docs {
				if !yield(doc, nil) {
					return
				}
			}
		}
	}
	return e
}

func system(t *testing.T, w *tenantstest.World, tenant tenants.TenantID) tenants.Scope {
	t.Helper()
	return w.Gate.System(t.Context(), tenant, policies.RunCommand)
}

func export(t *testing.T, w *tenantstest.World) kept {
	t.Helper()
	k := kept{}
	if _, err := w.DB.Export(t.Context(), system(t, w, kupang), k.emit); err != nil {
		t.Fatalf("export: %v", err)
	}
	return k
}

// everyEntry checks that each note has its whole history, up to its version and no further.
func everyEntry(t *testing.T, w *tenantstest.World, c *notes, tenant tenants.TenantID) (n int) {
	t.Helper()
	sc := system(t, w, tenant)
	if err := w.DB.Sweep(t.Context(), sc); err != nil {
		t.Fatal(err)
	}
	chain, err := w.DB.VerifyChain(t.Context(), sc, nil)
	if err != nil || !chain.OK {
		t.Fatalf("the chain: %+v, %v", chain, err)
	}
	entries := int64(0)
	for doc, err := range c.Each(t.Context(), sc, noteCriteria{}) {
		if err != nil {
			t.Fatal(err)
		}
		history := wholeHistory(t, c, sc, doc.ID)
		if len(history) != int(doc.Version) || doc.Rank != int(doc.Version) {
			t.Errorf("%s: version %d says %d, %d entries", doc.ID, doc.Version, doc.Rank, len(history))
		}
		entries += int64(len(history))
		n++
	}
	if chain.Entries != entries {
		t.Errorf("the chain has %d entries, the records %d", chain.Entries, entries)
	}
	return n
}

// Invariant: a record in an export is one that was, with every entry up to its version
// and none beyond, whatever is written meanwhile.
func TestAnExportTakenWhileOthersWriteIsConsistentByRecord(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	const records = 1200 // more than two slices
	ids := make([]tenants.ID[note], records)
	for i := range ids {
		ids[i] = add(t, c, sc, note{Title: "Catatan " + strconv.Itoa(i), Rank: 1}).ID
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for worker := range 4 {
		writers.Go(func() {
			for i := worker; ; i += 7 {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := c.Amend(t.Context(), sc, ids[i%records], func(n *note) error { n.Rank++; return nil }); err != nil {
					t.Errorf("amend: %v", err)
					return
				}
			}
		})
	}
	exports := []kept{}
	for range 3 {
		exports = append(exports, export(t, w))
	}
	close(stop)
	writers.Wait()
	for i, k := range exports {
		target := tenantstest.New(t)
		there := openNotes(target.DB)
		if _, err := target.DB.Import(t.Context(), system(t, target, kupang), k.of(kupang)); err != nil {
			t.Fatalf("import %d: %v", i, err)
		}
		if n := everyEntry(t, target, there, kupang); n != records {
			t.Errorf("export %d came back with %d records, want %d", i, n, records)
		}
		if _, err := there.Amend(t.Context(), enter(t, target, kupang, "og_a"), ids[i], func(n *note) error { n.Rank++; return nil }); err != nil {
			t.Errorf("a change after the import: %v", err)
		}
		everyEntry(t, target, there, kupang)
	}
}

func TestAQuietExportComesBackHashByHashAndUnderAnotherSlugWithAChainOfItsOwn(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	n := add(t, c, sc, note{Title: "Sumur", Rank: 1})
	if _, err := c.Amend(t.Context(), sc, n.ID, func(n *note) error { n.Rank++; return nil }); err != nil {
		t.Fatal(err)
	}
	k := export(t, w)
	before, err := w.DB.VerifyChain(t.Context(), sc, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, slug := range []tenants.TenantID{kupang, ende} {
		target := tenantstest.New(t)
		there := openNotes(target.DB)
		if _, err := target.DB.Import(t.Context(), system(t, target, slug), k.of(kupang)); err != nil {
			t.Fatalf("import as %s: %v", slug, err)
		}
		everyEntry(t, target, there, slug)
		after, err := target.DB.VerifyChain(t.Context(), system(t, target, slug), nil)
		if err != nil || (after.Head == before.Head) != (slug == kupang) {
			t.Errorf("as %s: head %s, was %s (%v)", slug, after.Head, before.Head, err)
		}
		if _, err := there.Get(t.Context(), enter(t, target, slug, "og_a"), n.ID); err != nil {
			t.Errorf("as %s, by its id: %v", slug, err)
		}
	}
}

func TestAnImportThatWasCutOffIsDoneAgain(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	c := openNotes(w.DB)
	sc := enter(t, w, kupang, "og_a")
	for i := range 700 {
		add(t, c, sc, note{Title: strconv.Itoa(i), Rank: 1})
	}
	whole := export(t, w)
	broken := kept{"journal": whole["journal"], "notes": append(slices.Clone(whole["notes"][:600]), []byte("no document"))}
	target := tenantstest.New(t)
	there := openNotes(target.DB)
	_, err := target.DB.Import(t.Context(), system(t, target, kupang), broken.of(kupang))
	wantCode(t, "a damaged document", err, fault.Malformed, "backup_damaged")
	if _, err := target.DB.Import(t.Context(), system(t, target, kupang), whole.of(kupang)); err != nil {
		t.Fatalf("again: %v", err)
	}
	if n := everyEntry(t, target, there, kupang); n != 700 {
		t.Errorf("%d records came back, want 700", n)
	}
}

func TestAnImportBringsRecordsToTheirPresentShape(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	add(t, openNotes(w.DB), enter(t, w, kupang, "og_a"), note{Title: "Sumur", Rank: 1, State: "open"})
	k := export(t, w)
	target := tenantstest.New(t)
	there := store.Open[note, *note](target.DB, store.Kind[note]{
		Name: "notes", One: "note", Prefix: "nt", Sorts: []string{"title"},
		Migrations: []store.Migration{{Name: "open is now begun", Up: func(r map[string]any) bool {
			if r["state"] != "open" {
				return false
			}
			r["state"] = "begun"
			return true
		}}},
	})
	sc := system(t, target, kupang)
	if _, err := target.DB.Occupied(t.Context(), sc); err != nil { // the migration is done before anything is there
		t.Fatal(err)
	}
	if _, err := target.DB.Import(t.Context(), sc, k.of(kupang)); err != nil {
		t.Fatal(err)
	}
	for n, err := range there.Each(t.Context(), sc, noteCriteria{}) {
		if err != nil || n.State != "begun" {
			t.Errorf("the state: %q, %v", n.State, err)
		}
	}
}

func TestWhatIsNotAnExportOfTheTenantIsRefusedBeforeItIsBelieved(t *testing.T) {
	t.Parallel()
	w := tenantstest.New(t)
	add(t, openNotes(w.DB), enter(t, w, kupang, "og_a"), note{Title: "Sumur", Rank: 1})
	good := export(t, w)
	doc := func(fields bson.D) [][]byte {
		raw, err := bson.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return [][]byte{raw}
	}
	foreign := doc(bson.D{{Key: "_id", Value: "nt_1"}, {Key: "tenant", Value: "ende"}})
	for name, k := range map[string]kept{
		"another tenant's record": {"notes": foreign}, "no tenant": {"notes": doc(bson.D{{Key: "_id", Value: "nt_1"}})},
		"an id that is no text": {"notes": doc(bson.D{{Key: "_id", Value: 1}, {Key: "tenant", Value: "kupang"}})},
		"no BSON":               {"notes": {[]byte{9, 0, 0, 0, 1, 2, 3, 4, 0}}},
		"the registry's":        {"sessions": good["notes"]}, "the server's own": {"system.users": good["notes"]},
	} {
		_, err := store.Inspect(k.of(kupang))
		wantCode(t, name, err, fault.Malformed, "backup_damaged")
	}
	found, err := store.Inspect(good.of(kupang))
	if err != nil || found.Broken != 0 || found.Documents["notes"] != 1 || found.Documents["journal"] != 1 {
		t.Errorf("an export as it is: %+v, %v", found, err)
	}
	good["journal"][0] = bytes.Replace(good["journal"][0], []byte("Sumur"), []byte("Sumor"), 1)
	if found, err := store.Inspect(good.of(kupang)); err != nil || found.Broken != 1 {
		t.Errorf("an altered entry: %+v, %v; want the first to be bad", found, err)
	}
}
