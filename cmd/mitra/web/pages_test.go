package web_test

import (
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// visit asks for a page on a session, or sends a form to it with the session's token.
func (s *site) visit(t *testing.T, in *people.SignedIn, path string, form url.Values) (int, string, string) {
	t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		form.Set("csrf", in.Session.Form.Reveal())
		method, body = "POST", strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Cookie", "mitra_session="+in.Secret)
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header.Get("Location")
}

func (s *site) signIn(t *testing.T, login string) *people.SignedIn {
	t.Helper()
	in, err := s.People.SignIn(t.Context(), people.SignIn{Login: login, Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Two people of one side have the same form open; the second to save sees the first's
// text beside their own, and may then save theirs.
func TestAStaleEditShowsBothVersionsAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	path := "/kupang/programs/" + id + "/basics"
	typed := func(title, version string) url.Values {
		return url.Values{"title": {title}, "purpose": {"Sumur"}, "version": {version}}
	}
	if status, _, to := s.visit(t, in, path, typed("Theirs was first", "1")); status != 303 || to != "/kupang/programs/"+id {
		t.Fatalf("the first: %d to %s", status, to)
	}
	status, page, _ := s.visit(t, in, path, typed("Mine came second", "1"))
	for _, text := range []string{"Theirs was first", "Mine came second", "Somebody else saved this part", `name="version" value="2"`} {
		if !strings.Contains(page, text) {
			t.Errorf("the stale page lacks %q", text)
		}
	}
	if status != 412 {
		t.Errorf("the second: %d, want 412", status)
	}
	if status, _, _ := s.visit(t, in, path, typed("Mine came second", "2")); status != 303 {
		t.Errorf("saved again from what is there: %d", status)
	}
}

func TestARefusedFormKeepsWhatWasTypedAndNamesItsFields(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	status, page, _ := s.visit(t, in, "/kupang/programs/"+id+"/budget", url.Values{
		"version": {"1"}, "budget.0.id": {""}, "budget.0.line": {"Drilling <b>"}, "budget.0.amount": {"1,250.505"}, "budget.0.currency": {"IDR"},
	})
	if status != 422 || !strings.Contains(page, "Drilling &lt;b&gt;") || !strings.Contains(page, "1,250.505") || !strings.Contains(page, `href="#f-budget-0-amount"`) {
		t.Errorf("%d; typed text kept %v, way to the field %v", status, strings.Contains(page, "1,250.505"), strings.Contains(page, `href="#f-budget-0-amount"`))
	}
	if status, page, _ := s.visit(t, in, "/kupang/programs/"+id+"?section=money", nil); status != 200 || strings.Contains(page, "Drilling") {
		t.Errorf("a refused form wrote something: %d", status)
	}
}

// Every place of every page and operation, in a list that is reviewed like code.
func TestTheListOfRoutes(t *testing.T) {
	t.Parallel()
	got := strings.Join(newSite(t).site.Routes(), "\n") + "\n"
	golden := filepath.Join("testdata", "routes.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(golden))
	if err != nil || got != string(want) {
		t.Errorf("the routes are\n%s\nwant\n%s (%v; -update writes them)", got, want, err)
	}
}
