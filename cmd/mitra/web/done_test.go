package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// follow sends a form and then looks at the page it leads to, as a browser does, with
// the cookies it was given. It says what the notice on the page is.
func (s *site) follow(t *testing.T, language string, in *people.SignedIn, path string, form url.Values) (page string, cookies string) {
	t.Helper()
	form.Set("csrf", in.Session.Form.Reveal())
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", language)
	cookies = "mitra_session=" + in.Secret
	r.Header.Set("Cookie", cookies)
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != 303 {
		t.Fatalf("%s: %d", path, response.StatusCode)
	}
	for _, c := range response.Cookies() {
		cookies += "; " + c.Name + "=" + c.Value
	}
	page, _ = s.look(t, language, cookies, response.Header.Get("Location"))
	return page, cookies
}

// look asks for a page with cookies, and says which of them the answer clears.
func (s *site) look(t *testing.T, language, cookies, path string) (page string, cleared []string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	r.Header.Set("Accept-Language", language)
	r.Header.Set("Cookie", cookies)
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var text strings.Builder
	if err := response.Write(&text); err != nil {
		t.Fatal(err)
	}
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			cleared = append(cleared, c.Name)
		}
	}
	return text.String(), cleared
}

// Whoever sends a form is told on the next page what became of it, once, in words that
// nobody else can choose.
func TestAPageSaysOnceWhatWasDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	at := "/kupang/programs/" + id
	basics := url.Values{"title": {"Air"}, "purpose": {"Sumur"}, "version": {"1"}}
	page, cookies := s.follow(t, "id", in, at+"/basics", basics)
	if !strings.Contains(page, `role="status"`) || !strings.Contains(page, "Tersimpan.") {
		t.Error("an edit is not confirmed")
	}
	if _, cleared := s.look(t, "id", cookies, at); len(cleared) != 1 || cleared[0] != "mitra_done" {
		t.Errorf("the page that tells it clears %v, want the notice alone", cleared)
	}
	if page, _ = s.follow(t, "id", in, at+"/hand-over", url.Values{"version": {"2"}}); !strings.Contains(page, "Giliran diserahkan ke pihak instansi.") {
		t.Error("handing over is not confirmed with the side it went to")
	}
	mine := "mitra_session=" + in.Secret
	for _, forged := range []string{"saved", "Call 0800 now", "show-program", "sign-in", "../x", "%3Cb%3E"} {
		if page, _ := s.look(t, "en", mine+"; mitra_done="+forged, at); strings.Contains(page, `role="status"`) {
			t.Errorf("a cookie that says %q is believed", forged)
		}
	}
	if page, _ := s.look(t, "en", mine, at+"?done=start-program&mitra_done=start-program"); strings.Contains(page, `role="status"`) {
		t.Error("a link can put a notice on a page")
	}
	status, page, _ := s.visitIn(t, "en", in, at+"/hand-over", url.Values{"version": {"3"}})
	if status == 303 || strings.Contains(page, `role="status"`) {
		t.Errorf("a refusal is told as done: %d", status)
	}
}
