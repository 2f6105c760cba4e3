package exchange

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/paper"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads"
)

// OursManifest is the last entry of what an organisation takes away, manifest.json: what is
// in the file, so that whoever reads it can tell that it is whole.
type OursManifest struct {
	MadeAt       time.Time              `json:"made_at"`
	Tenant       tenants.TenantID       `json:"tenant"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Lists        []OursPart             `json:"lists"`
	Files        []OursPart             `json:"files"`
}

// OursPart is one entry of the file: its name, how many records a list holds, its bytes and
// their SHA-256.
type OursPart struct {
	Name    string `json:"name"`
	Records int    `json:"records,omitempty"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
}

// TakeOurs writes everything of one's own organisation as a zip: what the tenant of the seat
// and the commons keep that names it, each list as JSON and as CSV, the files, and a
// manifest. Its coordinator or officer may. Records of others that the organisation merely
// may read, as everybody may, are not its own and not there.
func (s *Service) TakeOurs(ctx context.Context, w io.Writer) error {
	sc, err := s.Gate.Enter(ctx, policies.ExportOwnData)
	if err != nil {
		return err
	}
	home, err := s.Gate.Home(ctx, policies.ExportOwnData)
	if err != nil {
		return err
	}
	of := sc.Actor().Organisation
	t := &taking{service: s, of: of, zip: zip.NewWriter(w), manifest: OursManifest{MadeAt: sc.Now(), Tenant: sc.Tenant(), Organisation: of, Lists: []OursPart{}, Files: []OursPart{}}}
	for _, from := range []tenants.Scope{sc, home} {
		if err := t.lists(ctx, from); err != nil {
			return errors.Join(err, t.drop())
		}
	}
	beginning := string(of) + "-"
	err = s.Files.EachOf(ctx, home, beginning, func(f uploads.File) error { return t.file(ctx, home, f.ID) })
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(t.manifest, "", "  ")
	if err != nil {
		return err
	}
	if _, err := t.entry("manifest.json", bytes.NewReader(text)); err != nil {
		return err
	}
	return t.zip.Close()
}

// taking is one such file in the making.
type taking struct {
	service  *Service
	of       tenants.OrganisationID
	zip      *zip.Writer
	manifest OursManifest

	// The list that is being read: its name, its records as lines of JSON on the disk, their
	// fields in the order in which they came, and how many there are.
	list   string
	spool  *os.File
	lines  *bufio.Writer
	fields []string
	n      int
}

// lists writes every list that a scope reads of the organisation.
func (t *taking) lists(ctx context.Context, sc tenants.Scope) error {
	var files []string
	err := t.service.DB.Ours(ctx, sc, t.of, func(list string, record any) error {
		if name := string(sc.Tenant()) + "/" + list; name != t.list {
			if err := t.finish(); err != nil {
				return err
			}
			if err := t.begin(name); err != nil {
				return err
			}
		}
		line, err := json.Marshal(record)
		if err != nil {
			return err
		}
		var held struct {
			File *uploads.File `json:"file"`
		}
		if err := json.Unmarshal(line, &held); err == nil && held.File != nil && held.File.ID != "" {
			files = append(files, held.File.ID)
		}
		return t.add(line)
	})
	if err == nil {
		err = t.finish()
	}
	if err != nil {
		return err
	}
	for _, id := range files {
		if err := t.file(ctx, sc, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *taking) begin(list string) (err error) {
	t.list, t.fields, t.n = list, nil, 0
	if t.spool, err = os.CreateTemp("", "mitra-*"); err != nil {
		return err
	}
	t.lines = bufio.NewWriter(t.spool)
	return os.Remove(t.spool.Name())
}

func (t *taking) add(line []byte) error {
	keys, err := fieldsOf(line)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if !slices.Contains(t.fields, key) {
			t.fields = append(t.fields, key)
		}
	}
	t.n++
	_, err = t.lines.Write(append(line, '\n'))
	return err
}

// fieldsOf are the fields of a record in their order.
func fieldsOf(line []byte) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var keys []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		keys = append(keys, name)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// finish writes the list that was read as JSON and as CSV.
func (t *taking) finish() error {
	if t.spool == nil {
		return nil
	}
	err := t.lines.Flush()
	for _, kind := range []struct {
		end   string
		write func(io.Writer) error
	}{{".json", t.json}, {".csv", t.csv}} {
		if err == nil {
			_, err = t.spool.Seek(0, io.SeekStart)
		}
		if err == nil {
			err = t.part(kind.end, kind.write)
		}
	}
	return errors.Join(err, t.drop())
}

// drop lets go of what was read.
func (t *taking) drop() error {
	if t.spool == nil {
		return nil
	}
	err := t.spool.Close()
	t.spool = nil
	return err
}

func (t *taking) part(end string, write func(io.Writer) error) error {
	out, in := io.Pipe()
	go func() { in.CloseWithError(write(in)) }() // ends when the entry is written, or refuses the rest
	part, err := t.entry(t.list+end, out)
	_ = out.Close()
	part.Records = t.n
	t.manifest.Lists = append(t.manifest.Lists, part)
	return err
}

// json is the list as one array.
func (t *taking) json(w io.Writer) error {
	mark := "[\n"
	for line, err := range t.records() {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, mark+string(line)); err != nil {
			return err
		}
		mark = ",\n"
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

// csv is the list as a table: a field a column, and what is more than one value as JSON.
func (t *taking) csv(w io.Writer) error {
	return paper.Table{Head: t.fields, Rows: func(yield func([]paper.Cell, error) bool) {
		for line, err := range t.records() {
			var record map[string]json.RawMessage
			if err == nil {
				err = json.Unmarshal(line, &record)
			}
			row := make([]paper.Cell, len(t.fields))
			for i, field := range t.fields {
				row[i] = cellOf(record[field])
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}}.CSV(w)
}

func cellOf(value json.RawMessage) paper.Cell {
	var text string
	var n int64
	switch {
	case len(value) == 0 || string(value) == "null":
		return paper.Cell{}
	case json.Unmarshal(value, &text) == nil:
		return paper.Text(text)
	case json.Unmarshal(value, &n) == nil:
		return paper.Number(n)
	}
	return paper.Text(string(value))
}

// records reads the lines back.
func (t *taking) records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := bufio.NewReader(t.spool)
		for {
			line, err := in.ReadBytes('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(bytes.TrimSuffix(line, []byte("\n")), err) || err != nil {
				return
			}
		}
	}
}

// file copies a file; one that was removed meanwhile is not there.
func (t *taking) file(ctx context.Context, sc tenants.Scope, id string) error {
	in, err := t.service.Files.Open(ctx, sc, id)
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil
	}
	if err != nil {
		return err
	}
	part, err := t.entry("files/"+string(sc.Tenant())+"/"+id, in)
	t.manifest.Files = append(t.manifest.Files, part)
	return errors.Join(err, in.Close())
}

func (t *taking) entry(name string, r io.Reader) (OursPart, error) {
	part := OursPart{Name: name}
	w, err := t.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: t.manifest.MadeAt})
	if err != nil {
		return part, err
	}
	sum := sha256.New()
	part.Size, err = io.Copy(io.MultiWriter(w, sum), r)
	part.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return part, err
}
