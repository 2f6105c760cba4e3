package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads"
)

// acknowledged is what the server said that it has.
type acknowledged struct {
	mu       sync.Mutex
	programs map[string]programState
	tokens   []string
	invited  []string
	files    map[string][]byte // by the import's id
	sent     [][]byte          // every file, acknowledged or not
	n        int
	enough   int
	reached  chan struct{}
}

// programState is the last version of a program that was acknowledged.
type programState struct {
	version int64
	title   string
}

// note counts an acknowledgement and says when there are enough.
func (a *acknowledged) note(do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do()
	if a.n++; a.n == a.enough {
		close(a.reached)
	}
}

// writer does writes of every kind, one after the other, until the server is gone.
type writer struct {
	api     caller
	name    string
	partner string
	random  *rand.Rand
	acks    *acknowledged
	own     []string // programs that this writer alone changes
}

func (w *writer) run() error {
	for i := 0; ; i++ {
		var err error
		switch kind := w.random.IntN(20); {
		case kind < 6 || len(w.own) == 0:
			err = w.start(i)
		case kind < 14:
			err = w.edit(i)
		case kind < 16:
			err = w.token(i)
		case kind < 17:
			err = w.invite(i)
		default:
			err = w.upload(i)
		}
		if err != nil && !errors.Is(err, errLimited) {
			return err
		}
	}
}

// errLimited says that there were too many invitations in an hour.
var errLimited = errors.New("429")

// gone is the error of a connection: the server was killed.
type gone struct{ error }

func (w *writer) post(path string, in any, out any) error {
	a, err := w.api.ask(http.MethodPost, path, in)
	return taken(a, err, out)
}

func taken(a answer, err error, out any) error {
	switch {
	case err != nil:
		return gone{err}
	case a.status == http.StatusTooManyRequests:
		return errLimited
	case a.status >= 300:
		return fmt.Errorf("%d %s", a.status, a.body)
	}
	return json.Unmarshal(a.body, out)
}

func (w *writer) start(i int) error {
	title := fmt.Sprintf("Sumur %s-%d", w.name, i)
	var made struct {
		ID      string
		Version int64
	}
	err := w.post("/demo/programs", map[string]string{"title": title, "purpose": "Air", "partner": w.partner}, &made)
	if err == nil {
		w.own = append(w.own, made.ID)
		w.acks.note(func() { w.acks.programs[made.ID] = programState{made.Version, title} })
	}
	return err
}

func (w *writer) edit(i int) error {
	id := w.own[w.random.IntN(len(w.own))]
	w.acks.mu.Lock()
	seen := w.acks.programs[id]
	w.acks.mu.Unlock()
	title := fmt.Sprintf("Sumur %s-%d", w.name, i)
	a, err := w.api.ask(http.MethodPut, "/demo/programs/"+id+"/basics",
		map[string]string{"title": title, "purpose": "Air", "from": "2026-01-01", "to": "2027-12-31"}, "If-Match", fmt.Sprintf("%q", fmt.Sprint(seen.version)))
	var made struct{ Version int64 }
	if err := taken(a, err, &made); err != nil {
		return err
	}
	w.acks.note(func() { w.acks.programs[id] = programState{made.Version, title} })
	return nil
}

func (w *writer) token(i int) error {
	var made struct{ Secret string }
	err := w.post("/me/tokens", map[string]any{"name": fmt.Sprintf("%s-%d", w.name, i), "days": 30}, &made)
	if err == nil {
		w.acks.note(func() { w.acks.tokens = append(w.acks.tokens, made.Secret) })
	}
	return err
}

func (w *writer) invite(i int) error {
	var made struct{ ID string }
	err := w.post("/demo/invitations", map[string]any{"login": fmt.Sprintf("%s-%d@example.org", w.name, i), "name": "Rekan Contoh", "roles": []string{"member"}}, &made)
	if err == nil {
		w.acks.note(func() { w.acks.invited = append(w.acks.invited, made.ID) })
	}
	return err
}

func (w *writer) upload(i int) error {
	content := fmt.Appendf(nil, activity, i, i)
	content = append(content, "<!-- "+strings.Repeat(w.name, 1+w.random.IntN(40_000))+" -->"...)
	w.acks.mu.Lock()
	w.acks.sent = append(w.acks.sent, content)
	w.acks.mu.Unlock()
	a, err := w.api.upload("/demo/imports", "kegiatan.xml", content)
	var made struct{ ID string }
	if err := taken(a, err, &made); err != nil {
		return err
	}
	w.acks.note(func() { w.acks.files[made.ID] = content })
	return nil
}

// Invariant: killed at any point, the server has every write that it acknowledged, with
// its journal entry, and no half of a file. MITRA_SOAK=1 does it a hundred times.
func TestKilledWhileEverythingIsWrittenNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	rounds := 3
	if os.Getenv("MITRA_SOAK") != "" {
		rounds = 100
	}
	data := t.TempDir()
	s := launch(t, data, nil, "--demo")
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	partner := s.caller(who.Token).partner(t)
	acks := &acknowledged{programs: map[string]programState{}, files: map[string][]byte{}}
	for seed := range rounds {
		random := rand.New(rand.NewPCG(uint64(seed), 11)) // #nosec G115 G404 -- the seed of a test
		acks.n, acks.enough, acks.reached = 0, 20+random.IntN(200), make(chan struct{})
		var writers sync.WaitGroup
		for n := range 6 {
			w := &writer{api: s.caller(who.Token), name: fmt.Sprintf("s%dw%d", seed, n), partner: partner, acks: acks, random: rand.New(rand.NewPCG(uint64(seed), uint64(n)))} // #nosec G115 G404
			writers.Go(func() {
				err := w.run()
				if _, ok := errors.AsType[gone](err); !ok {
					t.Errorf("seed %d, %s: %v", seed, w.name, err)
				}
			})
		}
		select {
		case <-acks.reached:
		case <-time.After(time.Minute):
			t.Errorf("seed %d: only %d writes in a minute", seed, acks.n)
		}
		s.kill()
		writers.Wait()
		if t.Failed() {
			return
		}
		s = launch(t, data, nil, "--demo")
		acks.hold(t, seed, s, who)
	}
}

// hold checks a restarted server against what was acknowledged.
func (a *acknowledged) hold(t *testing.T, seed int, s *server, who account) {
	t.Helper()
	audit(t, s.data, "demo") // sweeps first: every entry that a record held is copied
	api := s.caller(who.Token)
	for id, want := range a.programs {
		var got struct {
			Version int64
			Title   string
		}
		api.must(t, http.StatusOK, http.MethodGet, "/demo/programs/"+id, nil).into(t, &got)
		if got.Version < want.version || got.Version == want.version && got.Title != want.title || got.Version > want.version+1 {
			t.Errorf("seed %d: %s is version %d, %q; acknowledged was %d, %q", seed, id, got.Version, got.Title, want.version, want.title)
		}
		var history struct{ Items []struct{ Version int64 } }
		api.must(t, http.StatusOK, http.MethodGet, "/demo/programs/"+id+"/history?limit=100", nil).into(t, &history)
		if len(history.Items) != int(min(got.Version, 50)) && len(history.Items) != int(got.Version) {
			t.Errorf("seed %d: %s at version %d has %d entries", seed, id, got.Version, len(history.Items))
		}
		delete(a.programs, id) // checked; the next round has its own
	}
	for _, secret := range a.tokens {
		s.caller(secret).must(t, http.StatusOK, http.MethodGet, "/me", nil)
	}
	var list struct{ Items []struct{ ID string } }
	api.must(t, http.StatusOK, http.MethodGet, "/demo/invitations?limit=100&sort=-created_at", nil).into(t, &list)
	there := fmt.Sprint(list.Items)
	for _, id := range a.invited {
		if !strings.Contains(there, id) {
			t.Errorf("seed %d: the invitation %s is gone", seed, id)
		}
	}
	a.tokens, a.invited = nil, nil
	a.whole(t, seed, s, api)
}

// whole checks that every object is one that was sent, from its first byte to its last.
func (a *acknowledged) whole(t *testing.T, seed int, s *server, api caller) {
	t.Helper()
	kept, err := uploads.Open(t.Context(), uploads.Config{Dir: filepath.Join(s.data, "files")})
	if err != nil {
		t.Fatal(err)
	}
	book, err := policies.Open()
	if err != nil {
		t.Fatal(err)
	}
	sc := tenants.NewGate(book, time.Now).System(t.Context(), "demo", policies.RunCommand)
	read := func(id string) []byte {
		in, err := kept.Open(t.Context(), sc, id)
		if err != nil {
			t.Errorf("seed %d: file %s: %v", seed, id, err)
			return nil
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Errorf("seed %d: file %s: %v", seed, id, err)
		}
		_ = in.Close()
		return text
	}
	for id, content := range a.files {
		api.must(t, http.StatusOK, http.MethodGet, "/demo/imports/"+id, nil)
		if !bytes.Equal(read(id), content) {
			t.Errorf("seed %d: the file of %s is not what was sent", seed, id)
		}
	}
	err = kept.Each(t.Context(), sc, func(f uploads.File) error {
		text := read(f.ID)
		for _, content := range a.sent {
			if bytes.Equal(content, text) {
				return nil
			}
		}
		t.Errorf("seed %d: %s is half an object: %d bytes", seed, f.ID, len(text))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
