package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/cmd/mitra/archive"
	"github.com/mitra-platform/mitra/services/fault"
)

// document is as much of BSON as an archive looks at: its length comes first.
func document(text string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(text)+5)), text+"\x00"...) // #nosec G115 -- short
}

func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := archive.Create(&b)
	for i := range 100 {
		if err := w.Document("tenants/kupang/programs.bson", document(strings.Repeat("air", i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.File("tenants/kupang/files/im_1", strings.NewReader("isi berkas")); err != nil {
		t.Fatal(err)
	}
	if err := w.Document("registry/tenants.bson", document("kupang")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(archive.Manifest{Tenants: []string{"kupang"}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read opens, verifies and reads everything.
func read(t *testing.T, text []byte) error {
	t.Helper()
	a, err := archive.Open(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	return a.Verify(t.Context())
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	text := written(t)
	a, err := archive.Open(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for doc, err := range a.Documents("tenants/kupang/programs.bson") {
		if want := document(strings.Repeat("air", n)); err != nil || !bytes.Equal(doc, want) {
			t.Fatalf("document %d: %q, %v", n, doc, err)
		}
		n++
	}
	if n != 100 || a.Entries[0].Documents != 100 {
		t.Errorf("%d documents, the manifest says %d", n, a.Entries[0].Documents)
	}
	file, err := a.File("tenants/kupang/files/im_1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(file); err != nil || string(got) != "isi berkas" {
		t.Errorf("the file: %q, %v", got, err)
	}
}

func TestEveryTruncatedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	text := written(t)
	for n := range text {
		if err := read(t, text[:n]); fault.CodeOf(err) != "backup_damaged" {
			t.Fatalf("the first %d of %d bytes: %v", n, len(text), err)
		}
	}
}

// A changed byte is refused, or was one that nothing is read from (a date, an attribute).
func TestNoChangedByteChangesWhatIsReadBack(t *testing.T) {
	t.Parallel()
	text := written(t)
	same := 0
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 0x40
		if err := read(t, bad); err == nil {
			same++
		} else if code := fault.CodeOf(err); code != "backup_damaged" && code != "backup_newer" {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	if same > len(text)/3 {
		t.Errorf("%d of %d bytes may be changed and nobody sees it", same, len(text))
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	t.Parallel()
	type entry struct{ name, text string }
	build := func(version int, entries []entry, listed ...archive.Entry) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, e := range entries {
			w, err := z.Create(e.name)
			if err == nil {
				_, err = w.Write([]byte(e.text))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		w, err := z.Create("manifest.json")
		if err == nil {
			err = json.NewEncoder(w).Encode(archive.Manifest{Format: archive.Format, Version: version, Entries: listed})
		}
		if err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := archive.Entry{Name: "registry/persons.bson", Bytes: 3, SHA256: "00"}
	zeros := strings.Repeat("\x00", 32<<20)
	for name, text := range map[string][]byte{
		"nothing":               {},
		"no zip":                []byte("bukan zip"),
		"a way out":             build(1, []entry{{"../../etc/passwd", "abc"}}, archive.Entry{Name: "../../etc/passwd", Bytes: 3}),
		"a name with a slash":   build(1, []entry{{"tenants/kupang/files/a/b", "abc"}}, archive.Entry{Name: "tenants/kupang/files/a/b", Bytes: 3}),
		"an unlisted entry":     build(1, []entry{{"registry/persons.bson", "abc"}}),
		"a missing entry":       build(1, nil, good),
		"a wrong hash":          build(1, []entry{{"registry/persons.bson", "abc"}}, good),
		"one entry twice":       build(1, []entry{{"registry/persons.bson", "abc"}, {"registry/persons.bson", "abc"}}, good, good),
		"another length":        build(1, []entry{{"registry/persons.bson", "abcd"}}, good),
		"a bomb":                build(1, []entry{{"registry/persons.bson", zeros}}, archive.Entry{Name: "registry/persons.bson", Bytes: int64(len(zeros))}),
		"a manifest of its own": build(1, []entry{{"manifest.json", "{}"}}),
	} {
		if err := read(t, text); fault.CodeOf(err) != "backup_damaged" {
			t.Errorf("%s: got %v, want backup_damaged", name, err)
		}
	}
	if err := read(t, build(2, nil)); fault.CodeOf(err) != "backup_newer" {
		t.Errorf("a later format: %v", err)
	}
}
