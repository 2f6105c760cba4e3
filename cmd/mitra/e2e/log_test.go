package e2e_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// Invariant: no log holds a password, a token, a cookie, a form's token, the secret of a
// link, an address or what was typed, whatever is answered and whatever breaks.
func TestTheLogOfAStoryHoldsNoSecretAndNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	s := launch(t, t.TempDir(), []string{"MITRA_SMTP_URL=smtp://pengirim:rahasia-surat@127.0.0.1:1", "MITRA_MAIL_FROM=mitra@example.org"})
	secrets := map[string]string{"the mail server's password": "rahasia-surat", "a password": password, "a wrong password": "salah-sekali-77"}
	link, err := os.ReadFile(filepath.Join(s.data, "setup-link"))
	if err != nil {
		t.Fatal(err)
	}
	// A path of a link, and the secret at its end.
	remember := func(what, link string) string {
		u, err := url.Parse(strings.TrimSpace(link))
		if err != nil {
			t.Fatal(err)
		}
		secrets["the secret of "+what] = filepath.Base(u.Path)
		return u.Path
	}
	admin := s.visitor(t)
	setUp := remember("the set-up link", string(link))
	admin.get(t, setUp)
	admin.post(t, setUp, url.Values{"name": {"Pengelola Contoh"}, "login": {"pengelola@example.org"}, "password": {password}})
	admin.get(t, setUp) // used
	s.run(t, "tenant", "create", "kupang")
	invitation := remember("an invitation", s.run(t, "person", "invite", "--tenant", "kupang", "--organisation", "Yayasan Air", "--side", "cso", "--role", "cso_coordinator", "--email", "maria@example.org", "--name", "Maria"))
	maria := s.visitor(t)
	maria.get(t, invitation)
	maria.post(t, invitation, url.Values{"password": {"pendek"}})
	maria.post(t, invitation, url.Values{"password": {password}})
	if !s.visitor(t).signIn(t, "maria@example.org", password) {
		t.Fatal("cannot sign in")
	}
	s.visitor(t).post(t, "/sign-in", url.Values{"login": {"maria@example.org"}, "password": {secrets["a wrong password"]}})
	s.visitor(t).post(t, "/forgotten", url.Values{"login": {"maria@example.org"}}) // the mail cannot be sent
	me := maria.get(t, "/me")
	form := formToken.FindSubmatch(me.body)
	if form == nil {
		t.Fatalf("no form on one's own page: %d", me.status)
	}
	secrets["a form's token"] = string(form[1])
	made := maria.post(t, "/me/tokens", url.Values{"csrf": {string(form[1])}, "name": {"skrip"}, "days": {"30"}})
	token := regexp.MustCompile(`mitra_[A-Za-z0-9_-]{20,}`).Find(made.body)
	if token == nil {
		t.Fatalf("no token on the page: %d", made.status)
	}
	secrets["a token"] = string(token)
	place, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range maria.http.Jar.Cookies(place) {
		if len(c.Value) > 10 {
			secrets["the cookie "+c.Name] = c.Value
		}
	}
	secrets["an address"], secrets["what was typed"] = "maria@example.org", "Tulisan orang"
	api := s.caller(string(token))
	for _, ask := range [][2]string{
		{http.MethodPost, "/kupang/programs"}, {http.MethodPost, "/kupang/programs/" + url.PathEscape("Tulisan orang")},
		{http.MethodGet, "/kupang/programs?q=" + url.QueryEscape("Tulisan orang")}, {http.MethodGet, "/kupang/programs?sort=" + string(token)},
	} {
		if _, err := api.ask(ask[0], ask[1], map[string]string{"title": "Tulisan orang"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.send(http.MethodPost, "/kupang/programs", "application/json", []byte(`{"title":"Tulisan orang`)); err != nil {
		t.Fatal(err)
	}
	maria.get(t, "/reset/"+string(token))
	maria.get(t, "/nowhere/"+string(token)+"?x="+password)
	s.stop()
	text := s.logged(t)
	if !strings.Contains(text, `"msg":"request"`) || !strings.Contains(text, "people: not done") {
		t.Errorf("the log tells neither of requests nor of the mail:\n%s", text)
	}
	for what, secret := range secrets {
		if strings.Contains(text, secret) {
			at := strings.Index(text, secret)
			t.Errorf("%s is in the log: …%s", what, text[max(0, at-300):min(len(text), at+100)])
		}
	}
	// An address with a password that cannot be reached.
	_, status, log := command(t, []string{"MITRA_MONGODB_URI=mongodb://mitra:rahasia-data@127.0.0.1:1/?directConnection=true"}, "tenant", "list", "--data", t.TempDir())
	if status != 3 || strings.Contains(log, "rahasia-data") {
		t.Errorf("a database that cannot be reached: %d %s", status, log)
	}
}
