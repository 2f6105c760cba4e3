package e2e_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// fill leaves a running server no room: what it writes beyond the first page of any file
// fails. The function that is given back makes room again.
func (s *server) fill(t *testing.T) (room func()) {
	t.Helper()
	var was unix.Rlimit
	if err := unix.Prlimit(s.process.Pid, unix.RLIMIT_FSIZE, nil, &was); err != nil {
		t.Fatal(err)
	}
	full := unix.Rlimit{Cur: uint64(os.Getpagesize()), Max: was.Max} // #nosec G115 -- small
	if err := unix.Prlimit(s.process.Pid, unix.RLIMIT_FSIZE, &full, nil); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := unix.Prlimit(s.process.Pid, unix.RLIMIT_FSIZE, &was, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// On a full disk every write is refused with 503, its reason and what to do, and nothing
// of it stays; reading goes on, for sessions as well whose use would be noted; when there
// is room again the same requests work, without a restart.
func TestAFullDiskRefusesWritesAndLetsReadingGoOn(t *testing.T) {
	t.Parallel()
	s := launch(t, t.TempDir(), nil, "--demo")
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	api, page := s.caller(who.Token), s.visitor(t)
	if !page.signIn(t, who.Email, who.Password) {
		t.Fatal("cannot sign in")
	}
	partner := api.partner(t)
	start := map[string]string{"title": "Sumur", "purpose": "Air", "partner": partner}
	api.must(t, http.StatusCreated, http.MethodPost, "/demo/programs", start)
	file := append(fmt.Appendf(nil, activity, 10, 10), bytes.Repeat([]byte("<!-- panjang -->\n"), 4000)...)
	token := formToken.FindSubmatch(page.get(t, "/demo/programs/new").body)
	if token == nil {
		t.Fatal("no form for a new program")
	}
	form := url.Values{"csrf": {string(token[1])}, "title": {"Sumur di atas kertas"}, "purpose": {"Air"}, "partner": {partner}}
	programs, files := api.programs(t), imports(t, api)
	// Ten minutes later the session's use would be noted again.
	admin := s.caller(s.demoAccount(t, "demo", "agency", "tenant_admin").Token)
	admin.must(t, http.StatusOK, http.MethodPost, "/demo/clock", map[string]string{"forward": "10m"})

	for round := range 2 {
		room := s.fill(t)
		for what, ask := range map[string]func() (answer, error){
			"a record": func() (answer, error) { return api.ask(http.MethodPost, "/demo/programs", start) },
			"a record with a key": func() (answer, error) {
				return api.ask(http.MethodPost, "/demo/programs", start, "Idempotency-Key", "penuh")
			},
			"a file": func() (answer, error) { return api.upload("/demo/imports", "kegiatan.xml", file) },
		} {
			a, err := ask()
			refused(t, what, must(t, a, err), 0, 1)
			if !bytes.Contains(a.body, []byte(`"code":"disk_full"`)) || !bytes.Contains(a.body, []byte(`"remedy":"`)) {
				t.Errorf("%s: %s", what, a.body)
			}
		}
		a := page.post(t, "/demo/programs", form)
		refused(t, "a form", a, 0, 1)
		if text := string(a.body); !strings.Contains(text, "Sumur di atas kertas") || !strings.Contains(text, "Ruang penyimpanan peladen penuh") {
			t.Errorf("the form came back without what was typed or why:\n%s", text)
		}
		refused(t, "a sign-in", s.visitor(t).post(t, "/sign-in", url.Values{"login": {who.Email}, "password": {who.Password}}), 0, 1)
		for _, path := range []string{"/demo/programs", "/me", "/healthz", "/readyz"} {
			if a := page.get(t, path); a.status != http.StatusOK {
				t.Errorf("reading %s: %d %s", path, a.status, a.body)
			}
		}
		if got := api.programs(t); fmt.Sprint(got) != fmt.Sprint(programs) {
			t.Errorf("programs while the disk was full: %v, before %v", got, programs)
		}
		if got := imports(t, api); got != files {
			t.Errorf("%d imports while the disk was full, before %d", got, files)
		}
		room()
		api.must(t, http.StatusCreated, http.MethodPost, "/demo/programs", start, "Idempotency-Key", fmt.Sprint("penuh", round))
		if a, err := api.upload("/demo/imports", "kegiatan.xml", file); err != nil || a.status != http.StatusCreated {
			t.Errorf("a file when there was room: %d %s, %v", a.status, a.body, err)
		}
		if a := page.post(t, "/demo/programs", form); a.status != http.StatusOK || !bytes.Contains(a.body, []byte("Sumur di atas kertas")) { // led to the program's page
			t.Errorf("the form when there was room: %d %s", a.status, a.body)
		}
		programs, files = api.programs(t), imports(t, api)
	}
	api.must(t, http.StatusCreated, http.MethodPost, "/demo/programs", start, "Idempotency-Key", "penuh")
	if out := s.run(t, "verify", "audit", "--tenant", "demo", "--json"); !strings.Contains(out, `"ok":true`) {
		t.Errorf("the journal: %s", out)
	}
	s.stop()
	again := launch(t, s.data, nil, "--demo")
	if got := again.caller(who.Token).programs(t); got["Sumur"] != 4 || got["Sumur di atas kertas"] != 2 {
		t.Errorf("after a restart: %v", got)
	}
}
