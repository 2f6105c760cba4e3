package web_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// holidayFile sends a file of days off to the preview, as a browser does.
func (s *site) holidayFile(t *testing.T, in *people.SignedIn, text string) (int, string) {
	t.Helper()
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	if err := w.WriteField("csrf", in.Session.Form.Reveal()); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", "libur.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(part, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return s.answer(t, in, "en", "/kupang/settings/holidays/preview", w.FormDataContentType(), body)
}

// answer asks for a page in a language, or sends a body to it.
func (s *site) answer(t *testing.T, in *people.SignedIn, language, path, kind string, body io.Reader) (int, string) {
	t.Helper()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	r.Header.Set("Content-Type", kind)
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
	return response.StatusCode, string(text)
}

// Every route of the settings with a real proposal's id: nothing of it leaves its tenant,
// a third organisation of the tenant reads what binds it too, and moves nothing.
func TestNoRouteOfAProposalLetsAnotherTenantInOrAThirdOrganisationDecide(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withAdmins(t)
	id := s.proposal(t)
	asked := 0
	for _, route := range s.site.Routes() {
		parts := strings.Fields(route)
		if !strings.HasPrefix(parts[1], "/api/v1/:tenant/settings") {
			continue
		}
		asked++
		body := ""
		if parts[0] != "GET" {
			body = "{}"
		}
		at := strings.NewReplacer(":tenant", "kupang", ":id", id).Replace(parts[1])
		if status, said, _ := s.call(t, "ende/og_yayasan/tenant_admin", parts[0], at, body, "If-Match", `"1"`); status != 404 || said["code"] != "not_found" {
			t.Errorf("%s %s from another tenant: %d %v", parts[0], at, status, said["code"])
		}
		want := 200
		if parts[0] != "GET" {
			want = 403
		}
		if status, said, _ := s.call(t, third, parts[0], at, body, "If-Match", `"1"`); status != want {
			t.Errorf("%s %s by a third organisation: %d %v, want %d", parts[0], at, status, said["code"], want)
		}
		if strings.Contains(at, id) {
			own := strings.Replace(at, "kupang", "ende", 1)
			if status, said, _ := s.call(t, "ende/og_yayasan/tenant_admin", parts[0], own, body, "If-Match", `"1"`); status != 404 {
				t.Errorf("%s %s in another tenant: %d %v", parts[0], own, status, said["code"])
			}
		}
	}
	if asked != 12 {
		t.Errorf("%d routes were asked, want 12", asked)
	}
	if _, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/settings/proposals/"+id, ""); said["state"] != "waiting" || said["version"] != 1.0 {
		t.Errorf("after all of it: %v, version %v", said["state"], said["version"])
	}
	for who, path := range map[string]string{"cso_coordinator@yayasan.ende.example.org": "/kupang/settings/proposals/" + id, "program_officer@dinas.ende.example.org": "/ende/settings/proposals/" + id} {
		if status, page, _ := s.visit(t, s.signIn(t, who), path, nil); status != 404 || strings.Contains(page, "Petugas kami") {
			t.Errorf("the page of %s to %s: %d", path, who, status)
		}
	}
}

// A value that its type does not know is refused by its code, all else by its field.
func TestHostileProposalsAreRefusedByField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	many := strings.Repeat(`{"on":"2026-12-24","name":"a"},`, 401)
	for name, row := range map[string]struct{ body, names string }{
		"no part":                 {`{"reason":"x"}`, "parts"},
		"an unknown part":         {`{"parts":["currency"],"reason":"x"}`, "choice_unknown"},
		"a field of another":      {`{"parts":["zone"],"zone":"Asia/Jayapura","reason":"x","state":"in_effect"}`, "state"},
		"both sides at once":      {`{"parts":["zone"],"zone":"Asia/Jayapura","reason":"x","accord":{}}`, "accord"},
		"the machine's zone":      {`{"parts":["zone"],"zone":"localtime","reason":"x"}`, "zone"},
		"a way to a file":         {`{"parts":["zone"],"zone":"../../../etc/localtime","reason":"x"}`, "zone"},
		"a long zone":             {`{"parts":["zone"],"zone":"` + strings.Repeat("a", 5000) + `","reason":"x"}`, "zone"},
		"a zone with a nought":    {`{"parts":["zone"],"zone":"Asia/Jakarta\u0000","reason":"x"}`, "zone"},
		"an eighth day":           {`{"parts":["working_days"],"working_days":["monday","holiday"],"reason":"x"}`, "choice_unknown"},
		"no working day":          {`{"parts":["working_days"],"working_days":[],"reason":"x"}`, "working_days"},
		"30 February":             {`{"parts":["holidays"],"holidays":[{"on":"2027-02-30","name":"a"}],"reason":"x"}`, "day_malformed"},
		"a day with a turn":       {`{"parts":["holidays"],"holidays":[{"on":"2027-02-03","name":"a\u202eb"}],"reason":"x"}`, "holidays.0.name"},
		"a day without a name":    {`{"parts":["holidays"],"holidays":[{"on":"2027-02-03","name":" "}],"reason":"x"}`, "holidays.0.name"},
		"a day twice":             {`{"parts":["holidays"],"holidays":[{"on":"2027-02-03","name":"a"},{"on":"2027-02-03","name":"b"}],"reason":"x"}`, "holidays.1.on"},
		"days without end":        {`{"parts":["holidays"],"holidays":[` + many[:len(many)-1] + `],"reason":"x"}`, "holidays"},
		"a promise of no day":     {`{"parts":["promises"],"promises":{"acknowledge":0,"answer":1,"decide":1,"pay":1},"reason":"x"}`, "promises.acknowledge"},
		"a promise of years":      {`{"parts":["promises"],"promises":{"acknowledge":1,"answer":1,"decide":1,"pay":261},"reason":"x"}`, "promises.pay"},
		"a promise of half days":  {`{"parts":["promises"],"promises":{"acknowledge":1.5,"answer":2,"decide":1,"pay":1},"reason":"x"}`, "promises.acknowledge"},
		"a promise beyond number": {`{"parts":["promises"],"promises":{"acknowledge":1,"answer":2,"decide":1,"pay":99999999999999999999},"reason":"x"}`, "promises.pay"},
		"an exception of its own": {`{"parts":["exceptions"],"exceptions":["cso_coordinator:tenant_admin"],"reason":"x"}`, "choice_unknown"},
		"an exception of rules":   {`{"parts":["exceptions"],"exceptions":["p, member, settings, accept"],"reason":"x"}`, "choice_unknown"},
		"an exception twice":      {`{"parts":["exceptions"],"exceptions":["signatory:trainer","signatory:trainer"],"reason":"x"}`, "exceptions"},
		"two keys to one":         {`{"parts":["exceptions"],"exceptions":["tenant_admin:signatory","tenant_admin:finance_officer"],"reason":"x"}`, "exceptions"},
		"no reason":               {`{"parts":["zone"],"zone":"Asia/Jayapura"}`, "reason"},
		"a long reason":           {`{"parts":["zone"],"zone":"Asia/Jayapura","reason":"` + strings.Repeat("a", 2001) + `"}`, "reason"},
		"a reason with a turn":    {`{"parts":["zone"],"zone":"Asia/Jayapura","reason":"a\u2066b"}`, "reason"},
	} {
		status, said, _ := s.call(t, admin, "POST", "/api/v1/kupang/settings/proposals", row.body)
		if names := append(fieldsOf(said), fmt.Sprint(said["code"])); status != 422 || !slices.Contains(names, row.names) {
			t.Errorf("%s: %d %v, want 422 and %s", name, status, names, row.names)
		}
	}
	for _, query := range []string{"?state=sleeping", "?state=waiting&state=ghost", "?cursor=x", "?limit=-1", "?sort=reason", "?reason=x"} {
		if status, said, _ := s.call(t, third, "GET", "/api/v1/kupang/settings/proposals"+query, ""); status != 422 {
			t.Errorf("%s: %d %v", query, status, said["code"])
		}
	}
	if _, said, _ := s.call(t, third, "GET", "/api/v1/kupang/settings/proposals", ""); len(said["items"].([]any)) != 0 {
		t.Errorf("after refusals alone there are proposals: %v", said["items"])
	}
}

// fieldsOf names the fields of a refusal.
func fieldsOf(said map[string]any) []string {
	var fields []string
	list, _ := said["errors"].([]any)
	for _, e := range list {
		fields = append(fields, fmt.Sprint(e.(map[string]any)["name"]))
	}
	return fields
}

// A file of days off that is none is said where it was chosen, or in its row; nothing is
// proposed of a row that is refused.
func TestAHostileFileOfDaysOffIsRefusedWhereItWasChosen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "tenant_admin@dinas.kupang.example.org")
	calendar := func(body string) string {
		return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + body + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	for name, row := range map[string]struct {
		text   string
		status int
		says   string
	}{
		"nothing":           {"", 422, `href="#f-file"`},
		"no text":           {"2026-12-24,\xff\xfe", 422, `href="#f-file"`},
		"too large":         {strings.Repeat("2026-12-24,a\n", 30<<10), 413, "256 KB"},
		"cut off":           {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x", 422, "cut off"},
		"rows without end":  {strings.Repeat("x\n", 3000), 422, "2000"},
		"a script":          {`2026-12-24,"<script>alert(1)</script>"`, 200, "&lt;script&gt;alert(1)&lt;/script&gt;"},
		"no such day":       {"2026-02-30,Salah", 200, "Not taken"},
		"as people write":   {"24/12/2026;Cuti bersama", 200, "24 December 2026"},
		"a rule":            {calendar("DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:x"), 200, "repeats by a rule"},
		"a thousand years":  {calendar("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:30261224\r\nSUMMARY:x"), 200, "longer than 31 days"},
		"a turned name":     {"2026-12-24,a\u202eb", 200, "Not taken"},
		"a name that calls": {`2026-12-24,"=HYPERLINK(""http://evil.example"")"`, 200, "=HYPERLINK("},
	} {
		status, page := s.holidayFile(t, in, row.text)
		if status != row.status || !strings.Contains(page, row.says) || strings.Contains(page, "<script>alert") {
			t.Errorf("%s: %d, says %q: %t", name, status, row.says, strings.Contains(page, row.says))
		}
		if strings.Contains(page, "Not taken") && strings.Contains(page, `value="2026-12-24"`) {
			t.Errorf("%s: a row that is not taken would be proposed", name)
		}
	}
	if status, _ := s.holidayFile(t, s.signIn(t, "cso_coordinator@yayasan.kupang.example.org"), "2026-12-24,a"); status != 403 {
		t.Errorf("a file by a coordinator: %d", status)
	}
}

// A refused form keeps what was typed, beside the field; an accepted one is answered by
// the other side on its page, in either language.
func TestAProposalIsMadeAndAnsweredOnPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withAdmins(t)
	agency, cso := s.signIn(t, "tenant_admin@dinas.kupang.example.org"), s.signIn(t, "tenant_admin@yayasan.kupang.example.org")
	typed := url.Values{"parts": {"promises"}, "promises.acknowledge": {"3"}, "promises.answer": {"<b>"}, "promises.decide": {"30"}, "promises.pay": {"17"}, "reason": {"Warga & OMS\nmenunggu"}}
	status, page, _ := s.visit(t, agency, "/kupang/settings/proposals", typed)
	for _, text := range []string{`href="#f-promises-answer"`, "&lt;b&gt;", "Warga &amp; OMS\nmenunggu"} {
		if status != 422 || !strings.Contains(page, text) {
			t.Errorf("refused: %d, lacks %q", status, text)
		}
	}
	typed.Set("promises.answer", "10")
	status, _, at := s.visit(t, agency, "/kupang/settings/proposals", typed)
	if status != 303 || !strings.HasPrefix(at, "/kupang/settings/proposals/sg_") {
		t.Fatalf("propose: %d to %s", status, at)
	}
	for language, texts := range map[string][]string{
		"id": {"Semula", "14 hari kerja", "10 hari kerja", "Terima usulan", "Warga &amp; OMS\nmenunggu", "Pihak instansi setuju: Contoh"},
		"en": {"Before", "14 working days", "10 working days", "Accept the proposal", "The agency agrees: Contoh"},
	} {
		_, page := s.answer(t, cso, language, at, "", nil)
		for _, text := range texts {
			if !strings.Contains(page, text) {
				t.Errorf("the other side's page in %s lacks %q", language, text)
			}
		}
	}
	if _, page, _ := s.visit(t, agency, at, nil); strings.Contains(page, at+"/accept") || !strings.Contains(page, at+"/withdraw") {
		t.Error("the side that proposes is offered to accept, or not to withdraw")
	}
	if _, page, _ := s.visit(t, s.signIn(t, "cso_coordinator@third.kupang.example.org"), at, nil); strings.Contains(page, at+"/") || !strings.Contains(page, "10 working days") {
		t.Error("a third organisation is offered a move, or does not read what would bind it")
	}
	if _, page, _ := s.visit(t, cso, "/kupang", nil); !strings.Contains(page, at) {
		t.Error("the other side's first page does not lead to the proposal")
	}
	_, said, _ := s.call(t, csoAdmin, "GET", "/api/v1"+at, "")
	hash := fmt.Sprint(said["accord"].(map[string]any)["hash"])
	yes := func(version, hash string) url.Values { return url.Values{"version": {version}, "hash": {hash}} }
	if status, _, _ := s.visit(t, agency, at+"/accept", yes("1", hash)); status != 403 {
		t.Errorf("accepted by the side that proposes: %d", status)
	}
	if status, _, _ := s.visit(t, cso, at+"/accept", yes("1", strings.Repeat("0", 64))); status != 409 {
		t.Errorf("another text accepted: %d", status)
	}
	if status, page, _ := s.visit(t, cso, at+"/refuse", url.Values{"version": {"1"}, "reason": {" "}}); status != 422 || !strings.Contains(page, `href="#f-reason"`) {
		t.Errorf("refused without a reason: %d", status)
	}
	if status, _, to := s.visit(t, cso, at+"/accept", yes("1", hash)); status != 303 || to != at {
		t.Fatalf("accept: %d to %s", status, to)
	}
	if status, page, _ := s.visit(t, agency, "/kupang/settings/history", nil); status != 200 || !strings.Contains(page, at) {
		t.Errorf("the history of what holds does not lead to its proposal: %d", status)
	}
	if _, page := s.answer(t, cso, "id", "/kupang/settings", "", nil); !strings.Contains(page, "10 hari kerja") || strings.Contains(page, "menunggu jawaban") {
		t.Error("what was accepted does not hold, or waits still")
	}
}

// The month's address takes any text, and shows a month.
func TestTheCalendarShowsAMonthWhateverIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "member@dinas.kupang.example.org")
	asked := map[string]string{
		"2026-12": "Desember 2026", "2027-03": "Maret 2027", "": "November 2026", "2026-13": "November 2026", "9999-12": "November 2026",
		"0001-01": "November 2026", "<script>": "November 2026", strings.Repeat("9", 4000): "November 2026", "2026-12-24": "November 2026",
	}
	for _, month := range slices.Sorted(maps.Keys(asked)) {
		status, page := s.answer(t, in, "id", "/kupang/settings/calendar?month="+url.QueryEscape(month), "", nil)
		if status != 200 || !strings.Contains(page, `<h2 id="month">`+asked[month]+`</h2>`) || strings.Contains(page, "<script>\"") {
			t.Errorf("%.20q: %d, want %s", month, status, asked[month])
		}
	}
}
