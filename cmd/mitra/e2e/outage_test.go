package e2e_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	objects "github.com/mitra-platform/mitra/uploads/embedded"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// wire is a way to a store that can be cut and mended.
type wire struct {
	address, target string

	mu    sync.Mutex
	state string // "", "cut" (connections are closed) or "silent" (nothing passes)
	ends  map[net.Conn]bool
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: l.Addr().String(), target: target, ends: map[net.Conn]bool{}}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		w.set("cut")
		open.Wait()
	})
	open.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { w.carry(near) })
		}
	})
	return w
}

// carry takes bytes there and back until the wire is cut.
func (w *wire) carry(near net.Conn) {
	defer func() { _ = near.Close() }()
	if !w.keep(near) {
		return
	}
	far, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	if !w.keep(far) {
		return
	}
	var ways sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		ways.Go(func() {
			_, _ = io.Copy(gate{w, way[0]}, way[1])
			_ = near.Close()
			_ = far.Close()
		})
	}
	ways.Wait()
}

// gate lets bytes through unless the wire is silent.
type gate struct {
	wire *wire
	to   io.Writer
}

func (g gate) Write(b []byte) (int, error) {
	g.wire.mu.Lock()
	silent := g.wire.state == "silent"
	g.wire.mu.Unlock()
	if silent {
		return len(b), nil
	}
	return g.to.Write(b)
}

// keep remembers an end, unless the wire is cut.
func (w *wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends[c] = true
	return w.state != "cut"
}

// set cuts the wire, makes it silent or mends it; what was open does not outlive a change.
func (w *wire) set(state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.state
	w.state = state
	if state == "silent" || was == "" && state == "" {
		return
	}
	for c := range w.ends {
		_ = c.Close()
		delete(w.ends, c)
	}
}

// outage is a server whose stores are elsewhere, at the end of wires.
type outage struct {
	*server
	database, files *wire
	environ         []string
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	engine, err := embedded.Open(t.Context(), embedded.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(t.Context()) })
	o := &outage{database: newWire(t, engine.Address())}
	endpoint, err := objects.Open(t.TempDir(), objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host = "https", r.Host
		answer, err := endpoint.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	store.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told of every cut
	store.StartTLS()
	t.Cleanup(store.Close)
	o.files = newWire(t, store.Listener.Addr().String())
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: store.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	o.environ = []string{
		"MITRA_MONGODB_URI=mongodb://" + o.database.address + "/?directConnection=true",
		"MITRA_S3_ENDPOINT=" + o.files.address, "MITRA_S3_ACCESS_KEY=mitra", "MITRA_S3_SECRET_KEY=rahasia-contoh", "SSL_CERT_FILE=" + trusted,
	}
	o.server = launch(t, t.TempDir(), o.environ, "--demo")
	return o
}

// refused says that an answer is 503 with a moment to come again, and was given in time.
func refused(t *testing.T, what string, a answer, took, most time.Duration) {
	t.Helper()
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || took > most {
		t.Errorf("%s: %d after %s, Retry-After %q: %s", what, a.status, took, a.header.Get("Retry-After"), a.body)
	}
}

// When the database is gone, everything is 503 with Retry-After, soon; when it is back,
// the next request works, nothing is half-written and what was acknowledged is there.
func TestALostDatabaseIs503UntilItIsBack(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	who := o.demoAccount(t, "demo", "cso", "cso_coordinator")
	api, page := o.caller(who.Token), o.visitor(t)
	if !page.signIn(t, who.Email, who.Password) {
		t.Fatal("cannot sign in")
	}
	partner := api.partner(t)
	kept, lost := map[string]bool{}, map[string]bool{}
	program := func(title string) (answer, error) {
		return api.ask(http.MethodPost, "/demo/programs", map[string]string{"title": title, "purpose": "Air", "partner": partner})
	}
	for round, state := range []string{"cut", "silent", "cut"} {
		stop := make(chan struct{})
		var writer sync.WaitGroup
		writer.Go(func() { // somebody is writing at that moment
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				title := fmt.Sprintf("Sumur %d-%d", round, i)
				a, err := program(title)
				switch {
				case err == nil && a.status == http.StatusCreated:
					kept[title] = true
				case err == nil && a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
					lost[title] = true
					return
				default:
					t.Errorf("%s, a write: %d %s, %v", state, a.status, a.body, err)
					return
				}
			}
		})
		api.must(t, http.StatusOK, http.MethodGet, "/demo/programs", nil)
		o.database.set(state)
		most := 9 * time.Second
		if state == "silent" {
			most = 25 * time.Second
		}
		for what, ask := range map[string]func() answer{
			"the API": func() answer { a, err := api.ask(http.MethodGet, "/demo/programs", nil); return must(t, a, err) },
			"a page":  func() answer { return page.get(t, "/demo/programs") },
			"a sign-in": func() answer {
				return o.visitor(t).post(t, "/sign-in", url.Values{"login": {who.Email}, "password": {who.Password}})
			},
			"readiness":    func() answer { return page.get(t, "/readyz") },
			"an open form": func() answer { return page.post(t, "/demo/programs", url.Values{"title": {"Sumur"}}) },
		} {
			begun := time.Now()
			refused(t, state+", "+what, ask(), time.Since(begun), most)
		}
		if a := page.get(t, "/healthz"); a.status != http.StatusOK {
			t.Errorf("%s: the process is not well: %d", state, a.status)
		}
		close(stop)
		writer.Wait()
		o.database.set("")
		soon(t, "the API after "+state, func() bool {
			a, err := api.ask(http.MethodGet, "/demo/programs", nil)
			return err == nil && a.status == http.StatusOK
		})
		if a := page.get(t, "/demo/programs"); a.status != http.StatusOK {
			t.Errorf("%s: the session did not outlive it: %d", state, a.status)
		}
	}
	there := api.programs(t)
	for title := range kept {
		if there[title] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", title, there[title])
		}
	}
	for title, n := range there {
		if n != 1 || !kept[title] && !lost[title] && strings.HasPrefix(title, "Sumur ") {
			t.Errorf("%s is there %d times", title, n)
		}
	}
	// The relay goes on: every entry comes to the journal.
	soon(t, "the journal", func() bool {
		out, status, _ := command(t, o.environ, "verify", "audit", "--tenant", "demo", "--data", o.data, "--json")
		return status == 0 && strings.Contains(out, `"ok":true`)
	})
}

func must(t *testing.T, a answer, err error) answer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// soon waits until something holds.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: not within 30 seconds", what)
		case <-again.C:
		}
	}
}

// programs counts the programs of the demonstration by title.
func (c caller) programs(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Title string }
			Next  *string
		}
		c.must(t, http.StatusOK, http.MethodGet, "/demo/programs?limit=100&cursor="+url.QueryEscape(cursor), nil).into(t, &page)
		for _, p := range page.Items {
			found[p.Title]++
		}
		if page.Next == nil {
			return found
		}
		cursor = *page.Next
	}
}

// When the object store is gone, what needs a file is 503, everything else goes on, and no
// record says that a file is there which is not.
func TestALostObjectStoreIs503ForFilesAlone(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	who := o.demoAccount(t, "demo", "cso", "cso_coordinator")
	api := o.caller(who.Token)
	leaveFile(t, api, 1)
	for round, state := range []string{"cut", "silent"} {
		before := imports(t, api)
		o.files.set(state)
		begun := time.Now()
		a, err := api.upload("/demo/imports", "kegiatan.xml", fmt.Appendf(nil, activity, 10+round, 10+round))
		refused(t, state+", an upload", must(t, a, err), time.Since(begun), 35*time.Second)
		if !bytes.Contains(a.body, []byte("files_unavailable")) {
			t.Errorf("%s: the refusal: %s", state, a.body)
		}
		begun = time.Now()
		ready, err := o.caller("").plain("/readyz")
		refused(t, state+", readiness", must(t, ready, err), time.Since(begun), 25*time.Second)
		api.must(t, http.StatusOK, http.MethodGet, "/demo/programs", nil)
		if after := imports(t, api); after != before {
			t.Errorf("%s: %d imports are listed, %d were", state, after, before)
		}
		o.files.set("")
		soon(t, "an upload after "+state, func() bool {
			a, err := api.upload("/demo/imports", "kegiatan.xml", fmt.Appendf(nil, activity, 20+round, 20+round))
			return err == nil && a.status == http.StatusCreated
		})
	}
}

// plain asks for what is no API.
func (c caller) plain(path string) (answer, error) {
	c.url = strings.TrimSuffix(c.url, "/api/v1")
	return c.ask(http.MethodGet, path, nil)
}

func imports(t *testing.T, c caller) int {
	t.Helper()
	var list struct{ Items []struct{ ID string } }
	c.must(t, http.StatusOK, http.MethodGet, "/demo/imports?limit=100", nil).into(t, &list)
	return len(list.Items)
}

func TestAStoreThatCannotBeReachedAtTheStartIsExitStatus3(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string][]string{
		"database":     {"MITRA_MONGODB_URI=mongodb://127.0.0.1:1/?directConnection=true"},
		"object store": {"MITRA_S3_ENDPOINT=127.0.0.1:1", "MITRA_S3_ACCESS_KEY=a", "MITRA_S3_SECRET_KEY=b", "MITRA_S3_SECURE=false"},
	} {
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"tenant", "list"}} {
			if _, status, log := command(t, environ, append(args, "--data", t.TempDir())...); status != 3 || strings.Contains(log, "panic") {
				t.Errorf("%s, mitra %s: %d %s", name, args[0], status, log)
			}
		}
	}
}
