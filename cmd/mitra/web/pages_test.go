package web_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
)

// visit asks for a page on a session, or sends a form to it with the session's token.
func (s *site) visit(t testing.TB, in *people.SignedIn, path string, form url.Values) (int, string, string) {
	t.Helper()
	return s.visitIn(t, "en", in, path, form)
}

// visitIn is visit by a reader of a language.
func (s *site) visitIn(t testing.TB, language string, in *people.SignedIn, path string, form url.Values) (int, string, string) {
	t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		form.Set("csrf", in.Session.Form.Reveal())
		method, body = "POST", strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", language)
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
	for _, text := range []string{"Theirs was first", "Mine came second", "You yourself saved this in another window", `<th scope="row">Title</th>`, `name="version" value="2"`} {
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
	if status != 422 || !strings.Contains(page, "Drilling &lt;b&gt;") || !strings.Contains(page, "1,250.505") || !strings.Contains(page, `href="#f-budget-0-amount">Budget line 1, amount: `) {
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

// An organisation fills its passport, its signatory attests and submits it, and two
// people of an agency verify it, all through pages; a third organisation reads the
// result and not the passport.
func TestAPassportGoesFromItsFirstAnswerToItsVerification(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	login := func(role, of string) *people.SignedIn { return s.signIn(t, role+"@"+of+".kupang.example.org") }
	editor, signatory := login("cso_coordinator", "yayasan"), login("signatory", "yayasan")
	const passport = "/kupang/organisations/passport"
	version := func() string {
		_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/passport", "")
		return fmt.Sprint(said["version"])
	}
	for _, section := range organisations.Sections() {
		form := url.Values{"version": {version()}}
		for _, q := range organisations.Questions(section) {
			answer(form, q)
		}
		if section == organisations.Inclusion {
			form.Set("experience.0.group", "women")
			form.Set("experience.0.visibility", "public")
			form.Set("experience.0.led_by", "true")
			form.Set("experience.1.id", "")
		}
		if status, page, to := s.visit(t, editor, passport+"/"+string(section), form); status != 303 || to != passport {
			t.Fatalf("%s: %d to %s\n%s", section, status, to, page)
		}
	}
	_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/passport", "")
	if status, _, to := s.visit(t, signatory, passport+"/attest", url.Values{"version": {version()}, "hash": {said["hash"].(string)}}); status != 303 {
		t.Fatalf("attest: %d to %s", status, to)
	}
	at := "/kupang/organisations/" + s.member(t)
	move := func(in *people.SignedIn, name string, form url.Values) {
		t.Helper()
		_, now, _ := s.call(t, coordinator, "GET", "/api/v1"+at, "")
		form.Set("version", fmt.Sprint(now["version"]))
		if status, page, to := s.visit(t, in, at+"/"+name, form); status != 303 || to != at {
			t.Fatalf("%s: %d to %s\n%s", name, status, to, page)
		}
	}
	move(signatory, "submit", url.Values{})
	move(login("program_officer", "dinas"), "check", url.Values{})
	approver := login("approver", "dinas")
	if status, page, _ := s.visit(t, approver, at+"/confirm", url.Values{"version": {"3"}, "valid_until.day": {"31"}, "valid_until.month": {"2"}, "valid_until.year": {"2027"}}); status != 422 || !strings.Contains(page, `value="31"`) {
		t.Errorf("a day that is none: %d", status)
	}
	move(approver, "confirm", url.Values{"valid_until.day": {"24"}, "valid_until.month": {"11"}, "valid_until.year": {"2027"}})
	outsider := login("cso_coordinator", "third")
	status, page, _ := s.visit(t, outsider, at, nil)
	if status != 200 || !strings.Contains(page, "Verified") || !strings.Contains(page, "led by themselves") || strings.Contains(page, "A safe box") {
		t.Errorf("a third organisation: %d, reads the passport %v", status, strings.Contains(page, "A safe box"))
	}
	if status, page, _ := s.visit(t, approver, at, nil); status != 200 || !strings.Contains(page, "A safe box") {
		t.Errorf("an agency: %d, reads the passport %v", status, strings.Contains(page, "A safe box"))
	}
	if status, said, _ := s.call(t, third, "GET", "/api/v1"+at+"/profile", ""); status != 404 {
		t.Errorf("a third organisation's call for the profile: %d %v", status, said)
	}
}

// answer fills a form's field as a person would.
func answer(form url.Values, q organisations.Question) {
	name := "answers." + q.Key
	switch q.As {
	case organisations.Day:
		form[name+".day"], form[name+".month"], form[name+".year"] = []string{"5"}, []string{"1"}, []string{"2020"}
	case organisations.YesNo:
		form.Set(name, "yes")
	case organisations.Choice:
		form.Set(name, q.Choices[0])
	case organisations.Number:
		form.Set(name, "7")
	case organisations.Line, organisations.Text:
		form.Set(name, "A safe box")
	}
	switch q.Key {
	case "country":
		form.Set(name, "id")
	case "website":
		form.Set(name, "https://example.org")
	case "legal_name", "acronym":
		form.Set(name, "Yayasan")
	}
}

// What another organisation is invited with is kept when it is refused, and its link is
// shown once when it is not.
func TestAnOrganisationIsInvitedWithItsFirstPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.signIn(t, "program_officer@dinas.kupang.example.org")
	status, page, _ := s.visit(t, officer, "/kupang/organisations/new", url.Values{"name": {"Lembaga <Baru>"}, "side": {"cso"}, "login": {"not an address"}})
	if status != 422 || !strings.Contains(page, "Lembaga &lt;Baru&gt;") || !strings.Contains(page, `href="#f-login"`) {
		t.Errorf("refused: %d", status)
	}
	status, page, _ = s.visit(t, officer, "/kupang/organisations/new", url.Values{"name": {"Lembaga Baru"}, "side": {"cso"}, "login": {"baru@example.org"}, "person": {"Ina"}})
	if status != 200 || !strings.Contains(page, "http://mitra.example.org/invitations/") {
		t.Errorf("invited: %d", status)
	}
	if _, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/organisations?q=lembaga", ""); len(said["items"].([]any)) != 1 {
		t.Errorf("the list: %v", said)
	}
}

// Who is signed in stays so on a page that is not there.
func TestAPageThatIsNotThereKnowsWhoLooks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	status, page, _ := s.visit(t, in, "/kupang/nowhere/at/all", nil)
	if status != 404 || !strings.Contains(page, "Sign out") || strings.Contains(page, `href="/sign-in"`) {
		t.Errorf("%d; the page offers to sign in: %v", status, strings.Contains(page, `href="/sign-in"`))
	}
	if status, said, _ := s.call(t, "", "GET", "/api/v1/nowhere", ""); status != 404 || said["code"] != "route_unknown" {
		t.Errorf("the API: %d %v", status, said)
	}
}
