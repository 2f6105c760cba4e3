package embedded

import (
	"crypto/md5" // #nosec G501 -- S3's ETag is an MD5
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// facts stand behind the bytes of an object.
type facts struct {
	Key string `json:"key"`
	// ETag is without its quotes; that of a multipart object ends in its number of parts.
	ETag     string            `json:"etag"`
	Size     int64             `json:"size"`
	Modified time.Time         `json:"modified"`
	Header   map[string]string `json:"header"`
}

// magic ends every object's file.
const magic = "mitraob1"

// trailerSize is the length of the facts, 8 bytes, and the magic.
const trailerSize = 8 + int64(len(magic))

// maxFacts bounds the facts that are read.
const maxFacts = 64 << 10

// draft is a file that is being written and has no name yet.
type draft struct {
	*os.File
	sum  hash.Hash
	size int64
}

func (e *Endpoint) draft() (*draft, error) {
	e.sweepNowAndThen()
	f, err := os.CreateTemp(filepath.Join(e.dir, "tmp"), "put-*")
	if err != nil {
		return nil, err
	}
	return &draft{File: f, sum: md5.New()}, nil // #nosec G401 -- S3's ETag is an MD5
}

// discard takes a draft away that was not placed; nil after placing.
func (d *draft) discard() {
	_ = d.Close()
	_ = os.Remove(d.Name())
}

// take reads the body to its end. want is the length that was announced, or -1.
func (d *draft) take(body io.Reader, want int64) error {
	n, err := io.Copy(io.MultiWriter(d.File, d.sum), body)
	d.size += n
	switch {
	case err != nil:
		return err
	case want >= 0 && n != want:
		return refuse(400, "IncompleteBody", "the body is shorter than its Content-Length")
	}
	return nil
}

func (d *draft) etag() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// checkMD5 holds the body to its Content-MD5.
func (d *draft) checkMD5(header string) error {
	if header == "" {
		return nil
	}
	want, err := base64.StdEncoding.DecodeString(header)
	switch {
	case err != nil || len(want) != md5.Size:
		return refuse(400, "InvalidDigest", "Content-MD5 is not one")
	case hex.EncodeToString(want) != d.etag():
		return refuse(400, "BadDigest", "the body does not have its Content-MD5")
	}
	return nil
}

// finish writes the facts behind the bytes and makes the file durable.
func (d *draft) finish(f facts) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if len(text) > maxFacts {
		return refuse(400, "MetadataTooLarge", "the metadata are too large")
	}
	text = binary.BigEndian.AppendUint64(text, uint64(len(text)))
	if _, err := d.Write(append(text, magic...)); err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// place gives a finished draft its name. With fresh, of many who try one wins: the others
// are refused, because a link is not made twice.
func (d *draft) place(path string, fresh bool) error {
	dir := filepath.Dir(path)
	if err := makeDir(dir); err != nil {
		return err
	}
	if !fresh {
		if err := os.Rename(d.Name(), path); err != nil {
			return err
		}
		return syncDir(dir)
	}
	err := os.Link(d.Name(), path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return preconditionFailed()
	case err != nil:
		return err
	}
	_ = os.Remove(d.Name()) // the sweep takes it otherwise
	return syncDir(dir)
}

// opened is an object's file with its facts.
type opened struct {
	*os.File
	facts
}

// open reads an object's facts. Something that is no object is as if it were not there.
func open(path string) (*opened, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	o := &opened{File: f}
	if o.facts, err = readFacts(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return o, nil
}

func readFacts(f *os.File) (facts, error) {
	var found facts
	info, err := f.Stat()
	if err != nil {
		return found, err
	}
	if info.IsDir() || info.Size() < trailerSize {
		return found, fs.ErrNotExist
	}
	tail := make([]byte, trailerSize)
	if _, err := f.ReadAt(tail, info.Size()-trailerSize); err != nil {
		return found, err
	}
	length := binary.BigEndian.Uint64(tail)
	if string(tail[8:]) != magic || length > maxFacts || int64(length) > info.Size()-trailerSize { // #nosec G115 -- at most maxFacts
		return found, fmt.Errorf("embedded: %s is no whole object", f.Name())
	}
	text := make([]byte, length)
	if _, err := f.ReadAt(text, info.Size()-trailerSize-int64(length)); err != nil { // #nosec G115 -- at most maxFacts
		return found, err
	}
	return found, json.Unmarshal(text, &found)
}
