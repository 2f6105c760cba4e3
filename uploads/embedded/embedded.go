// Package embedded is object storage without a server: an http.RoundTripper that answers
// the part of S3 which package uploads speaks, from a directory. It listens on no port.
// What it does not know it refuses by name (NotImplemented), so that nothing works here
// and fails on a real server.
//
// An object is one file: its bytes, then its facts, then the length of the facts. One
// rename makes both visible, so a crash leaves the old object or the new one. Several
// processes may serve one directory: every step that decides is a rename or a link.
//
//	DIR/objects/BUCKET/t+/demo+/01j…    the object t/demo/01j… (directories end in "+")
//	DIR/parts/UPLOAD/…                  a multipart upload that is not complete
//	DIR/tmp/…                           what is being written
package embedded

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// staleAfter is how old a temporary file, or an upload that is not complete, is before it
// belongs to nobody: what is being written gets younger with every piece.
const staleAfter = 24 * time.Hour

// sweepEvery is how often an endpoint that is written to looks for such files.
const sweepEvery = time.Hour

// Options are what an Endpoint may be told.
type Options struct {
	// Now is the clock of Last-Modified and of sweeping; time.Now by default.
	Now func() time.Time
}

// Endpoint answers S3 requests from a directory.
type Endpoint struct {
	dir string
	now func() time.Time
	// swept is when it was last swept, in nanoseconds.
	swept atomic.Int64
}

var _ http.RoundTripper = (*Endpoint)(nil)

// Open makes the directory where it is missing, and takes away what a process that died
// was writing.
func Open(dir string, o Options) (*Endpoint, error) {
	e := &Endpoint{dir: dir, now: o.Now}
	if e.now == nil {
		e.now = time.Now
	}
	for _, sub := range []string{"objects", "parts", "tmp"} {
		if err := makeDir(filepath.Join(dir, sub)); err != nil {
			return nil, err
		}
	}
	e.swept.Store(e.now().UnixNano())
	return e, e.sweep()
}

// sweepNowAndThen sweeps when that was not done for a while, so that a server which runs for
// months keeps no more than one which starts daily. It comes before something is written:
// where nothing is, nothing gathers. What it cannot remove is left to the next time, or to
// Open, which says so: it is not the fault of who writes.
func (e *Endpoint) sweepNowAndThen() {
	last, now := e.swept.Load(), e.now()
	if now.Sub(time.Unix(0, last)) >= sweepEvery && e.swept.CompareAndSwap(last, now.UnixNano()) {
		_ = e.sweep()
	}
}

// sweep removes temporary files that nobody writes any more, and uploads to which no part
// has come for as long.
func (e *Endpoint) sweep() error {
	return errors.Join(e.sweepIn("tmp"), e.sweepIn("parts"))
}

func (e *Endpoint) sweepIn(sub string) error {
	list, err := os.ReadDir(filepath.Join(e.dir, sub))
	if err != nil {
		return err
	}
	for _, entry := range list {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if e.now().Sub(info.ModTime()) > staleAfter {
			if err := os.RemoveAll(filepath.Join(e.dir, sub, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Client are minio-go's address and options for this endpoint. Nothing is signed and no
// TLS happens, because nothing leaves the process; "secure" keeps minio-go from wrapping
// the body in signed chunks.
func (e *Endpoint) Client() (address string, o *minio.Options) {
	return "embedded.invalid", &minio.Options{
		Creds: credentials.NewStaticV4("embedded", "embedded", ""), Secure: true, Transport: e,
		Region: "us-east-1", BucketLookup: minio.BucketLookupPath, MaxRetries: 1,
	}
}

// makeDir makes a directory and those above it, each of them durable.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func random() (string, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}
