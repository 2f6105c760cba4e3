package web_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Bytes that are no text lead nowhere in an address, are refused in a body and in a
// query, and are refused by field in a form, which comes back.
func TestBytesThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string]int{
		"/api/v1/kupang/programs/%ff": 404, "/api/v1/kupang/organisations/%ff": 404, "/api/v1/kupang/seats/%ff": 404,
		"/api/v1/kupang/imports/%ff": 404, "/api/v1/kupang/flags/%fe": 404, "/api/v1/%ff/programs": 404,
		"/api/v1/kupang/actuals?program=%ff": 400, "/api/v1/kupang/programs?cursor=%ff": 400, "/api/v1/kupang/programs?%ff=1": 400,
	} {
		if status, said, _ := s.call(t, coordinator, "GET", path, ""); status != want {
			t.Errorf("GET %s: %d %v, want %d", path, status, said["code"], want)
		}
	}
	status, said, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", "{\"title\":\"\xff\xfe\"}")
	if status != 400 || said["code"] != "not_text" {
		t.Errorf("a body: %d %v", status, said["code"])
	}

	id := s.draft(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	if status, _, _ := s.visit(t, in, "/kupang/programs/%ff", nil); status != 404 {
		t.Errorf("a page: %d", status)
	}
	status, page, _ := s.visit(t, in, "/kupang/programs/"+id+"/basics", url.Values{"title": {"Sumur \xff\xfe"}, "purpose": {"Air untuk desa"}, "version": {"1"}})
	if status != 422 || !strings.Contains(page, "Air untuk desa") || !strings.Contains(page, "bytes that are no text") {
		t.Errorf("a form: %d, kept: %v", status, strings.Contains(page, "Air untuk desa"))
	}
	if status, _, _ := s.visit(t, in, "/kupang/programs/"+id+"/basics", url.Values{"ti\xff": {"x"}, "version": {"1"}}); status != 400 {
		t.Errorf("a field's name: %d", status)
	}
}

func TestAFormOfAnyLengthIsReadOnceOrRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	rows := func(n int) url.Values {
		form := url.Values{"version": {"1"}}
		for i := range n {
			form.Set(fmt.Sprintf("risks.%d.title", i), "x")
		}
		return form
	}
	status, page, _ := s.visit(t, in, "/kupang/programs/"+id+"/risks", rows(501))
	if status != 422 || !strings.Contains(page, "at most 500") {
		t.Errorf("a row too many: %d", status)
	}
	nested := url.Values{"version": {"1"}}
	for i := range 400 {
		for j := range 20 {
			nested.Set(fmt.Sprintf("indicators.%d.targets.%d.note", i, j), "x")
		}
	}
	if status, _, _ := s.visit(t, in, "/kupang/programs/"+id+"/results", nested); status != 422 {
		t.Errorf("8,000 fields in rows of rows: %d", status)
	}
	for name, form := range map[string]url.Values{
		"too many fields": rows(10_001),
		"too long a name": {"version": {"1"}, strings.Repeat("a.", 500): {"x"}},
	} {
		if status, _, _ := s.visit(t, in, "/kupang/programs/"+id+"/risks", form); status != 413 {
			t.Errorf("%s: %d", name, status)
		}
	}
	if _, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs/"+id, ""); said["version"] != 1.0 {
		t.Errorf("something was written: version %v", said["version"])
	}
}

// Whoever was signed out while writing finds what they wrote, and a way to send it.
func TestWhatWasTypedOutlivesItsSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	typed := url.Values{"title": {"Sumur bersama"}, "purpose": {"Baris satu\nbaris dua"}, "version": {"1"}}
	post := func(cookie, csrf string) (int, string) {
		typed.Set("csrf", csrf)
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/kupang/programs/"+id+"/basics", strings.NewReader(typed.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept-Language", "en")
		r.Header.Set("Cookie", cookie)
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	carried := []string{`name="title" value="Sumur bersama"`, "Baris satu\nbaris dua", `name="version" value="1"`, `action="/kupang/programs/` + id + `/basics"`, "Send once more"}

	status, page := post("", in.Session.Form.Reveal())
	for _, text := range append(carried, "Sign in in another tab") {
		if status != 401 || !strings.Contains(page, text) {
			t.Errorf("signed out: %d, %q is there: %v", status, text, strings.Contains(page, text))
		}
	}
	status, page = post("mitra_session="+in.Secret, "of the session before")
	for _, text := range append(carried, `name="csrf" value="`+in.Session.Form.Reveal()+`"`) {
		if status != 403 || !strings.Contains(page, text) {
			t.Errorf("signed in again: %d, %q is there: %v", status, text, strings.Contains(page, text))
		}
	}
	if strings.Contains(page, "of the session before") {
		t.Error("the old token is carried along")
	}
	if status, _ = post("mitra_session="+in.Secret, in.Session.Form.Reveal()); status != 303 {
		t.Errorf("sent once more: %d", status)
	}
}

// A password is never given back, whatever became of its form.
func TestAPasswordIsNotCarriedAlong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	form := url.Values{"current": {secret}, "password": {"another long pass phrase"}, "csrf": {"old"}}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/me/password", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
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
	if response.StatusCode != 403 || strings.Contains(string(text), secret) || strings.Contains(string(text), "another long") {
		t.Errorf("%d, a password is on the page", response.StatusCode)
	}
}

// Tokens that are nobody's do not each begin a count of their own: guessing them is one
// stranger's doing. A known token is counted for itself.
func TestTokensOfNobodyAreCountedTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ask := func(token string) int {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/kupang/programs", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for i := range 1200 {
		if status := ask(fmt.Sprintf("mitra_guess%d", i)); status != 401 {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	if status := ask("mitra_another"); status != 429 {
		t.Errorf("one guess more: %d", status)
	}
	if status := ask(s.tokens[coordinator]); status != 200 {
		t.Errorf("a known token from the same address: %d", status)
	}
}
