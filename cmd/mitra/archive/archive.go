// Package archive is the file in which a backup is kept: a zip whose entries are BSON
// documents one after another, or stored files, and whose last entry is a manifest that
// counts them and holds the SHA-256 of each. Writing streams and remembers one line for
// each entry. Nothing of a file is believed before Verify has read all of it.
//
// The manifest tells damage, not malice: whoever can write the file can write a manifest
// for it. Keep backups where only their owner writes. It knows no database and no record.
package archive

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"regexp"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	// Format names what this is in the manifest.
	Format = "mitra-backup"
	// Version of the format; a later one is refused.
	Version = 1

	manifestName = "manifest.json"
	maxManifest  = 256 << 20
	// maxDocument is MongoDB's largest document and a little more, as its servers allow.
	maxDocument = 16<<20 + 16<<10
	// maxRatio is how much larger than its packed form an entry may be: documents pack
	// ten- or thirtyfold, an entry that packs a thousandfold is there to fill a disk.
	maxRatio = 250
)

// Entry is one entry's line in the manifest.
type Entry struct {
	Name      string `json:"name"`
	Documents int64  `json:"documents"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
}

// Manifest says what an archive holds.
type Manifest struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	MadeBy  string    `json:"made_by"`
	// Whole says that it holds everything; else it is of the one tenant that Tenants names.
	Whole   bool     `json:"whole"`
	Tenants []string `json:"tenants"`
	// Migrations are those that the build knew which wrote it.
	Migrations []string `json:"migrations"`
	Entries    []Entry  `json:"entries"`
}

var entryName = regexp.MustCompile(`^(registry|tenants/[a-z0-9-]{2,40})/([a-z][a-z0-9_-]{0,80}\.bson|files/[a-z0-9][a-z0-9_-]{0,99})$`)

// Writer writes an archive.
type Writer struct {
	zip  *zip.Writer
	list []Entry
	to   io.Writer
	sum  hash.Hash
}

// Create begins an archive.
func Create(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Document adds a document to the entry of a name, which is begun when it is not the
// last one.
func (w *Writer) Document(name string, doc []byte) error {
	if len(w.list) == 0 || w.list[len(w.list)-1].Name != name {
		if err := w.begin(name, zip.Deflate); err != nil {
			return err
		}
	}
	e := &w.list[len(w.list)-1]
	e.Documents++
	e.Bytes += int64(len(doc))
	_, err := w.to.Write(doc)
	return err
}

// File adds a file as it is.
func (w *Writer) File(name string, r io.Reader) (int64, error) {
	if err := w.begin(name, zip.Store); err != nil {
		return 0, err
	}
	n, err := io.Copy(w.to, r)
	w.list[len(w.list)-1].Bytes = n
	return n, err
}

func (w *Writer) begin(name string, method uint16) error {
	w.finish()
	if !entryName.MatchString(name) {
		return fmt.Errorf("archive: %q is no name of an entry", name)
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		return err
	}
	w.sum = sha256.New()
	w.to = io.MultiWriter(to, w.sum)
	w.list = append(w.list, Entry{Name: name})
	return nil
}

func (w *Writer) finish() {
	if w.sum != nil {
		w.list[len(w.list)-1].SHA256 = hex.EncodeToString(w.sum.Sum(nil))
		w.sum = nil
	}
}

// Close writes the manifest and ends the archive. Without it nothing can be read back.
func (w *Writer) Close(m Manifest) error {
	w.finish()
	m.Format, m.Version, m.Entries = Format, Version, w.list
	to, err := w.zip.Create(manifestName)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(to).Encode(m); err != nil {
		return err
	}
	return w.zip.Close()
}

// Reader reads an archive.
type Reader struct {
	Manifest
	files map[string]*zip.File
}

func damaged(what string) error { return fault.New(fault.Malformed, "backup_damaged", "value", what) }

// Open reads the manifest and holds it against what is there. It refuses with
// backup_damaged a file that was cut off or holds other entries than its manifest says,
// and with backup_newer one of a later format.
func Open(r io.ReaderAt, size int64) (*Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Malformed, "backup_damaged", "value", "zip").Because(err)
	}
	a := &Reader{files: map[string]*zip.File{}}
	var manifest *zip.File
	for _, f := range z.File {
		switch {
		case f.Name == manifestName && manifest == nil:
			manifest = f
		case a.files[f.Name] != nil, !entryName.MatchString(f.Name):
			return nil, damaged(f.Name)
		default:
			a.files[f.Name] = f
		}
	}
	if manifest == nil {
		return nil, damaged(manifestName)
	}
	if err := a.readManifest(manifest); err != nil {
		return nil, err
	}
	return a, a.compare()
}

func (a *Reader) readManifest(f *zip.File) error {
	if f.UncompressedSize64 > maxManifest {
		return damaged(manifestName)
	}
	in, err := f.Open()
	if err != nil {
		return damaged(manifestName)
	}
	defer func() { _ = in.Close() }() // it was read to its end, or is refused
	if err := json.NewDecoder(io.LimitReader(in, maxManifest)).Decode(&a.Manifest); err != nil {
		return fault.New(fault.Malformed, "backup_damaged", "value", manifestName).Because(err)
	}
	switch {
	case a.Format != Format:
		return damaged("format")
	case a.Manifest.Version > Version:
		return fault.New(fault.Unsupported, "backup_newer")
	}
	return nil
}

// compare says that manifest and zip name the same entries, of lengths that can be.
func (a *Reader) compare() error {
	if len(a.Entries) != len(a.files) {
		return damaged(manifestName)
	}
	seen := make(map[string]bool, len(a.Entries))
	for _, e := range a.Entries {
		f := a.files[e.Name]
		if f == nil || seen[e.Name] || e.Bytes < 0 || f.UncompressedSize64 != uint64(e.Bytes) {
			return damaged(e.Name)
		}
		if f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return damaged(e.Name)
		}
		seen[e.Name] = true
	}
	return nil
}

// Verify reads every entry to its end and holds it against its SHA-256.
func (a *Reader) Verify(ctx context.Context) error {
	for _, e := range a.Entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		in, err := a.files[e.Name].Open()
		if err != nil {
			return damaged(e.Name)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, io.LimitReader(in, e.Bytes+1))
		if err = errors.Join(err, in.Close()); err != nil || n != e.Bytes || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
			return fault.New(fault.Malformed, "backup_damaged", "value", e.Name).Because(err)
		}
	}
	return nil
}

// Documents gives the documents of an entry in their order. The bytes are the caller's
// until the next.
func (a *Reader) Documents(name string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := a.files[name].Open()
		if err != nil {
			yield(nil, damaged(name))
			return
		}
		defer func() { _ = in.Close() }() // what was read is whole
		var doc []byte
		for {
			var size [4]byte
			if _, err := io.ReadFull(in, size[:]); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				yield(nil, damaged(name))
				return
			}
			n := binary.LittleEndian.Uint32(size[:])
			if n < 5 || n > maxDocument {
				yield(nil, damaged(name))
				return
			}
			doc = append(doc[:0], size[:]...)
			doc = append(doc, make([]byte, n-4)...)
			if _, err := io.ReadFull(in, doc[4:]); err != nil {
				yield(nil, damaged(name))
				return
			}
			if !yield(doc, nil) {
				return
			}
		}
	}
}

// File opens a stored file.
func (a *Reader) File(name string) (io.ReadCloser, error) {
	f := a.files[name]
	if f == nil {
		return nil, damaged(name)
	}
	return f.Open()
}
