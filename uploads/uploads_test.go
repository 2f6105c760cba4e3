package uploads_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
	"github.com/mitra-platform/mitra/uploads"
)

func open(t *testing.T, dir string) *uploads.Store {
	t.Helper()
	s, err := uploads.Open(t.Context(), uploads.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func scopes(t *testing.T) (kupang, ende tenants.Scope) {
	t.Helper()
	w := tenantstest.New(t)
	return w.Gate.System(t.Context(), "kupang", policies.ImportIATI), w.Gate.System(t.Context(), "ende", policies.ImportIATI)
}

func TestAFileIsReadAsItWasPutAndOnlyInItsTenant(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	kupang, ende := scopes(t)
	text := "<?xml version=\"1.0\"?>\n<iati-activities/>" + strings.Repeat(" ", 9<<20)
	sum := sha256.Sum256([]byte(text))
	f, err := s.Put(t.Context(), kupang, "im_1", strings.NewReader(text), 10<<20)
	if err != nil || f.Size != int64(len(text)) || f.SHA256 != hex.EncodeToString(sum[:]) || f.Type != "text/xml; charset=utf-8" {
		t.Fatalf("%+v, %v", f, err)
	}
	if again, err := s.Stat(t.Context(), kupang, "im_1"); err != nil || again.Size != f.Size || again.Type != f.Type {
		t.Errorf("stat: %+v, %v", again, err)
	}
	body, err := s.Open(t.Context(), kupang, "im_1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || string(got) != text {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := s.Open(t.Context(), ende, "im_1"); fault.KindOf(err) != fault.Missing {
		t.Errorf("from another tenant: %v", err)
	}
	if err := s.Remove(t.Context(), ende, "im_1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), kupang, "im_1"); err != nil {
		t.Errorf("another tenant removed it: %v", err)
	}
	for range 2 {
		if err := s.Remove(t.Context(), kupang, "im_1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Stat(t.Context(), kupang, "im_1"); fault.KindOf(err) != fault.Missing {
		t.Errorf("after removing: %v", err)
	}
}

func TestAFileThatIsTooLongOrBreaksLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	sc, _ := scopes(t)
	for name, row := range map[string]struct {
		body io.Reader
		want string
	}{
		"a little too long": {bytes.NewReader(make([]byte, 1<<20+1)), "file_too_large"},
		"far too long":      {bytes.NewReader(make([]byte, 30<<20)), "file_too_large"},
		"a broken line":     {io.MultiReader(bytes.NewReader(make([]byte, 1000)), broken{}), "files_unavailable"},
	} {
		if _, err := s.Put(t.Context(), sc, "im_1", row.body, 1<<20); fault.CodeOf(err) != row.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Put(t.Context(), sc, "im_2", bytes.NewReader(make([]byte, 1<<20)), 1<<20); err != nil {
		t.Errorf("exactly as long as it may be: %v", err)
	}
	for _, sub := range []string{"tmp", "parts", "objects/mitra/t+/kupang+"} {
		left, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(sub)))
		if want := strings.Count(sub, "kupang"); err != nil || len(left) != want {
			t.Errorf("%s holds %v, %v", sub, left, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line dropped") }

func TestAnIDIsNeverAPath(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	sc, _ := scopes(t)
	for _, id := range []string{"", "..", "../ende/x", "a/b", ".x", "A", "a b", strings.Repeat("a", 101), "a\x00"} {
		if _, err := s.Put(t.Context(), sc, id, strings.NewReader("x"), 10); fault.KindOf(err) != fault.Missing {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A quarter of a gigabyte goes through in pieces: what is allocated on the way does not
// grow with it.
func TestALongFileIsStreamed(t *testing.T) {
	s := open(t, t.TempDir())
	sc, _ := scopes(t)
	const size = 256 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.Put(t.Context(), sc, "long", io.LimitReader(zeroes{}, size), size); err != nil {
		t.Fatal(err)
	}
	body, err := s.Open(t.Context(), sc, "long")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, body)
	if err = errors.Join(err, body.Close()); err != nil || n != size {
		t.Fatal(n, err)
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 {
		t.Errorf("%d MiB were allocated for %d", spent>>20, size>>20)
	}
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestAStoreThatDoesNotAnswerIsSaidToBeAway(t *testing.T) {
	t.Parallel()
	_, err := uploads.Open(t.Context(), uploads.Config{Endpoint: "127.0.0.1:1", AccessKey: "x", SecretKey: "y", Region: "us-east-1"})
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("nobody listens: %v", err)
	}
	s := open(t, t.TempDir())
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the embedded store: %v", err)
	}
}
