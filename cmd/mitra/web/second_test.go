package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/mitra-platform/mitra/tenants"
)

// browse sends a request as a browser does, with its cookies, and keeps those it is given.
func (s *site) browse(t *testing.T, jar map[string]string, method, path string, form url.Values) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	for name, value := range jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(jar, c.Name)
		} else {
			jar[c.Name] = c.Value
		}
		if !c.HttpOnly {
			t.Errorf("a script can read the cookie %s", c.Name)
		}
	}
	return response
}

// A person sets up the second step on the page of their account, and comes in with it
// without script, to where they wanted to go.
func TestSigningInWithASecondStep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const login = "program_officer@dinas.kupang.example.org"
	in := s.signIn(t, login)
	if status, _, to := s.visit(t, in, "/me/second-step/begin", url.Values{}); status != 303 || to != "/me/second-step" {
		t.Fatalf("begin: %d to %s", status, to)
	}
	_, page, _ := s.visit(t, in, "/me/second-step", nil)
	identity, err := s.People.Authenticate(t.Context(), in.Secret)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.People.Enrolling(tenants.WithActor(t.Context(), identity.Actor))
	if err != nil || e == nil || !strings.Contains(page, e.Key) || !strings.Contains(page, "data:image/png;base64,") {
		t.Fatalf("the key is not shown: %v %v\n%s", e, err, text(page))
	}
	code := func() string {
		t.Helper()
		made, err := totp.GenerateCode(e.Key, s.World.Gate.Now())
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	if status, page, _ := s.visit(t, in, "/me/second-step", url.Values{"code": {"12"}}); status != 422 || !strings.Contains(page, "f-code-wrong") || !strings.Contains(page, e.Key) {
		t.Errorf("a wrong code: %d\n%s", status, text(page))
	}
	status, page, _ := s.visit(t, in, "/me/second-step", url.Values{"code": {code()}})
	if status != 200 || !strings.Contains(page, "Your recovery codes are shown this once.") || strings.Contains(page, e.Key) {
		t.Fatalf("turned on: %d\n%s", status, text(page))
	}
	s.Clock.Forward(time.Minute)
	jar := map[string]string{}
	response := s.browse(t, jar, "POST", "/sign-in", url.Values{"login": {login}, "password": {secret}, "next": {"/kupang/programs"}})
	to := response.Header.Get("Location")
	if response.StatusCode != 303 || to != "/sign-in/code?next=%2Fkupang%2Fprograms" || jar["mitra_session"] != "" {
		t.Fatalf("the first step: %d to %s, %v", response.StatusCode, to, jar)
	}
	if s.browse(t, jar, "GET", "/kupang/programs", nil).StatusCode != 303 {
		t.Error("the first step alone opens a page")
	}
	if s.browse(t, jar, "GET", to, nil).StatusCode != 200 {
		t.Error("the second step is not asked for")
	}
	if status := s.browse(t, jar, "POST", "/sign-in/code", url.Values{"code": {"000000"}, "next": {"/kupang/programs"}}).StatusCode; status != 422 {
		t.Errorf("a wrong code: %d", status)
	}
	response = s.browse(t, jar, "POST", "/sign-in/code", url.Values{"code": {code()}, "next": {"/kupang/programs"}})
	if response.StatusCode != 303 || response.Header.Get("Location") != "/kupang/programs" || jar["mitra_session"] == "" || jar["mitra_second"] != "" {
		t.Fatalf("the second step: %d to %s, %v", response.StatusCode, response.Header.Get("Location"), jar)
	}
	if s.browse(t, jar, "GET", "/kupang/programs", nil).StatusCode != 200 {
		t.Error("the session does not open the page")
	}
	response = s.browse(t, map[string]string{}, "GET", "/sign-in/code?next=//evil.example", nil)
	if to := response.Header.Get("Location"); response.StatusCode != 303 || to != "/sign-in?next=%2F" {
		t.Errorf("the second step without the first: %d to %s", response.StatusCode, to)
	}
}

// Whatever page a person opens hands on the new token of their session, and so do a
// public page and the form at the door.
func TestEveryAnswerHandsOnARenewedToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, row := range []struct {
		method, path string
	}{{"GET", "/kupang"}, {"GET", "/kupang/programs/pg_none"}, {"GET", "/kupang/journal/heads"}, {"GET", "/sign-in"}, {"GET", "/api"}, {"POST", "/kupang/programs"}} {
		in := s.signIn(t, "program_officer@dinas.kupang.example.org")
		jar := map[string]string{"mitra_session": in.Secret}
		s.Clock.Forward(5 * time.Hour)
		s.browse(t, jar, row.method, row.path, url.Values{"csrf": {in.Session.Form.Reveal()}})
		if jar["mitra_session"] == in.Secret || jar["mitra_session"] == "" {
			t.Errorf("%s %s: the token stayed, or is gone", row.method, row.path)
		}
		renewed := jar["mitra_session"]
		if status := s.browse(t, jar, "GET", "/kupang", nil).StatusCode; status != 200 || jar["mitra_session"] != renewed {
			t.Errorf("%s %s: the new token: %d, or it is renewed at once", row.method, row.path, status)
		}
	}
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	jar := map[string]string{"mitra_session": in.Secret}
	s.Clock.Forward(5 * time.Hour)
	if s.browse(t, jar, "POST", "/sign-out", url.Values{"csrf": {in.Session.Form.Reveal()}}); jar["mitra_session"] != "" {
		t.Error("signing out hands on a token")
	}
}
