package web_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/web"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
	"github.com/mitra-platform/mitra/uploads"
)

// site is the product as HTTP, on a world of its own, with a token for each seat.
type site struct {
	*tenantstest.World
	web.Services
	site   *web.Site
	tokens map[string]string // "tenant/organisation/role"
}

const secret = "perahu-sasando-7"

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteOn(t, tenantstest.New(t))
}

func newSiteOn(t testing.TB, w *tenantstest.World) *site {
	t.Helper()
	sender, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: t.TempDir(), Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := people.Open(people.Config{DB: w.DB, Gate: w.Gate, Mail: sender, PublicURL: "http://mitra.example.org", Random: rand.Reader})
	t.Cleanup(p.Close)
	f := forms.Open(forms.Config{DB: w.DB, Gate: w.Gate})
	files, err := uploads.Open(t.Context(), uploads.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	o := organisations.Open(organisations.Config{DB: w.DB, Gate: w.Gate, People: p, Forms: f, Files: files})
	b := settings.Open(settings.Config{DB: w.DB, Gate: w.Gate, Book: w.Book, People: p})
	g := programs.Open(programs.Config{DB: w.DB, Gate: w.Gate, Organisation: p.OrganisationOf, Calendar: b.Calendar})
	s := &site{World: w, tokens: map[string]string{}, Services: web.Services{
		Gate: w.Gate, DB: w.DB, People: p, Organisations: o, Programs: g, Forms: f, Exchange: exchange.Open(exchange.Config{DB: w.DB, Gate: w.Gate, Programs: g, Files: files, Log: slog.New(slog.DiscardHandler)}),
		Settings: b, Notices: notices.Open(notices.Config{
			DB: w.DB, Gate: w.Gate, Book: w.Book, People: p, Areas: []notices.Area{g, o, b}, Tellers: []notices.Teller{g, o, b, p}, Calendar: b.Calendar,
			Holder: "test", Log: slog.New(slog.DiscardHandler),
		}),
		Audit: audit.Open(audit.Config{DB: w.DB, Gate: w.Gate, People: p, Calendar: b.Calendar, PublicURL: "http://mitra.example.org", Holder: "test", Log: slog.New(slog.DiscardHandler)}),
	}}
	s.site, err = web.New(web.Config{PublicURL: "http://mitra.example.org", Log: slog.New(slog.DiscardHandler)}, s.Services, w.DB.Ping)
	if err != nil {
		t.Fatal(err)
	}
	for _, slug := range []string{"kupang", "ende"} {
		if _, err := p.AddTenant(t.Context(), people.NewTenant{Slug: slug, Demo: true}); err != nil {
			t.Fatal(err)
		}
	}
	dinas := people.Organisation{ID: "og_dinas", Name: "Dinas", Side: policies.Agency}
	yayasan := people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}
	third := people.Organisation{ID: "og_third", Name: "Ketiga", Side: policies.CSO}
	s.seat(t, "kupang", dinas, policies.ProgramOfficer, policies.Approver, policies.Member, policies.Observer, policies.TenantAdmin)
	s.seat(t, "kupang", yayasan, policies.CSOCoordinator, policies.Signatory, policies.Trainer)
	s.seat(t, "kupang", third, policies.CSOCoordinator, policies.Signatory)
	s.seat(t, "ende", people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}, policies.CSOCoordinator)
	s.seat(t, "ende", dinas, policies.ProgramOfficer)
	return s
}

func (s *site) seat(t testing.TB, tenant string, of people.Organisation, roles ...policies.Role) {
	t.Helper()
	if _, err := s.Organisations.Ensure(t.Context(), s.World.Gate.System(t.Context(), tenants.TenantID(tenant), policies.RunCommand), of); err != nil {
		t.Fatal(err)
	}
	var seeds []people.Seed
	for _, r := range roles {
		seeds = append(seeds, people.Seed{Of: of, Login: string(r) + "@" + string(of.ID[3:]) + "." + tenant + ".example.org", Name: "Contoh", Roles: []policies.Role{r}})
	}
	seats, err := s.People.SeedSeats(t.Context(), tenants.TenantID(tenant), secret, seeds)
	if err != nil {
		t.Fatal(err)
	}
	for i, seat := range seats {
		made, err := s.People.CreateToken(tenants.WithActor(t.Context(), seat.Actor()), people.NewToken{Name: "test", Days: 30})
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[tenant+"/"+string(of.ID)+"/"+string(roles[i])] = made.Secret
	}
}

// call sends a request to the API as somebody ("" is a stranger) and gives its status and
// what it said.
func (s *site) call(t testing.TB, who, method, path, body string, header ...string) (int, map[string]any, http.Header) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if who != "" {
		if s.tokens[who] == "" {
			t.Fatalf("nobody is %s", who)
		}
		r.Header.Set("Authorization", "Bearer "+s.tokens[who])
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]any{}
	if len(text) > 0 && strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &said); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return response.StatusCode, said, response.Header
}

const (
	coordinator = "kupang/og_yayasan/cso_coordinator"
	officer     = "kupang/og_dinas/program_officer"
	third       = "kupang/og_third/cso_coordinator"
	elsewhere   = "ende/og_yayasan/cso_coordinator"
)

// draft makes a program and gives its path and its id.
func (s *site) draft(t testing.TB) string {
	t.Helper()
	status, said, header := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", `{"title":"Air","purpose":"Sumur","partner":"og_dinas"}`)
	if status != 201 || header.Get("ETag") != `"1"` || !strings.HasSuffix(header.Get("Location"), said["id"].(string)) {
		t.Fatalf("create: %d %v %v", status, said, header)
	}
	return said["id"].(string)
}

// member is the id of the CSO in its tenant.
func (s *site) member(t testing.TB) string {
	t.Helper()
	_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/organisations?q=yayasan", "")
	return said["items"].([]any)[0].(map[string]any)["id"].(string)
}

// forEverybody are read by anybody, signed in or not, and hold no record.
var forEverybody = []string{"/api/v1/kupang/journal/heads"}

// Every operation of the API, asked by strangers, by somebody of another tenant and by a
// third organisation, for the records of one tenant.
func TestNoRouteGivesAnotherTenantsOrAThirdOrganisationsRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	program := s.draft(t)
	_, seats, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/seats", "")
	seat := seats["items"].([]any)[0].(map[string]any)["id"].(string)
	member := s.member(t)
	amendment := s.amendment(t, s.running(t))
	checked := 0
	for _, route := range s.site.Routes() {
		parts := strings.Fields(route)
		method, path := parts[0], parts[1]
		if !strings.HasPrefix(path, "/api/v1/:tenant") {
			continue
		}
		checked++
		id := program
		switch {
		case strings.Contains(path, "/seats/"):
			id = seat
		case strings.Contains(path, "/organisations/"):
			id = member
		case strings.Contains(path, "/program-amendments/"):
			id = amendment
		}
		path = strings.NewReplacer(":tenant", "kupang", ":id", id).Replace(path)
		body := ""
		if method != "GET" {
			body = "{}"
		}
		if slices.Contains(forEverybody, path) {
			continue
		}
		if status, said, _ := s.call(t, "", method, path, body, "If-Match", `"1"`); status != 401 || said["code"] != "unauthenticated" {
			t.Errorf("%s %s by a stranger: %d %v", method, path, status, said["code"])
		}
		if status, said, _ := s.call(t, elsewhere, method, path, body, "If-Match", `"1"`); status != 404 || said["code"] != "not_found" {
			t.Errorf("%s %s from another tenant: %d %v", method, path, status, said["code"])
		}
		if !strings.Contains(path, program) && !strings.Contains(path, amendment) {
			continue
		}
		if status, said, _ := s.call(t, third, method, path, body, "If-Match", `"1"`); status != 404 && status != 403 {
			t.Errorf("%s %s by a third organisation: %d %v", method, path, status, said)
		}
	}
	if checked < 40 {
		t.Errorf("only %d operations were asked", checked)
	}
}

func TestWhatNeedsAVersionSaysSoAndAStaleOneIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/api/v1/kupang/programs/" + s.draft(t)
	if status, said, _ := s.call(t, coordinator, "PUT", at+"/basics", `{"title":"x"}`); status != 428 || said["code"] != "version_required" {
		t.Errorf("without a version: %d %v", status, said)
	}
	if status, said, header := s.call(t, coordinator, "PUT", at+"/basics", `{"title":"Air bersih"}`, "If-Match", `"1"`); status != 200 || header.Get("ETag") != `"2"` || said["title"] != "Air bersih" {
		t.Errorf("from version 1: %d %v", status, said)
	}
	if status, said, _ := s.call(t, coordinator, "PUT", at+"/basics", `{"title":"x"}`, "If-Match", `"1"`); status != 412 || said["code"] != "stale" {
		t.Errorf("from version 1 again: %d %v", status, said)
	}
	if status, _, _ := s.call(t, coordinator, "GET", at, "", "If-None-Match", `"2"`); status != 304 {
		t.Errorf("read again unchanged: %d, want 304", status)
	}
}

func TestARepeatedKeyIsAnsweredOnceAndIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := `{"title":"Air","purpose":"Sumur"}`
	_, first, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", body, "Idempotency-Key", "k1")
	status, again, header := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", body, "Idempotency-Key", "k1")
	if status != 201 || again["id"] != first["id"] || header.Get("Location") == "" {
		t.Errorf("again: %d %v, want the first answer %v", status, again["id"], first["id"])
	}
	if status, said, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", `{"title":"Lain"}`, "Idempotency-Key", "k1"); status != 409 || said["code"] != "idempotency_conflict" {
		t.Errorf("another body: %d %v", status, said["code"])
	}
	if _, others, _ := s.call(t, officer, "POST", "/api/v1/kupang/programs", body, "Idempotency-Key", "k1"); others["id"] == first["id"] {
		t.Error("somebody else's key gave the first answer")
	}
}

func TestHostileBodiesAreRefusedByField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, row := range map[string]struct {
		body, kind string
		status     int
		code       string
	}{
		"no JSON":          {"title=x", "application/x-www-form-urlencoded", 415, "json_expected"},
		"half a JSON":      {`{"title":`, "application/json", 400, "json_malformed"},
		"two bodies":       {`{"title":"a"}{"title":"b"}`, "application/json", 400, "json_malformed"},
		"too deep":         {strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200), "application/json", 400, "json_malformed"},
		"an unknown field": {`{"title":"x","tenant":"ende"}`, "application/json", 422, "invalid"},
		"a wrong type":     {`{"title":{"$gt":""}}`, "application/json", 422, "invalid"},
		"nothing":          {`{}`, "application/json", 422, "invalid"},
		"an unknown lead":  {`{"title":"x","partner":"og_ghost"}`, "application/json", 422, "invalid"},
	} {
		status, said, header := s.call(t, coordinator, "POST", "/api/v1/kupang/programs", row.body, "Content-Type", row.kind, "Accept-Language", "en")
		if status != row.status || said["code"] != row.code || said["remedy"] == "" || !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %v, want %d %s", name, status, said, row.status, row.code)
		}
		if row.status == 422 && len(said["errors"].([]any)) == 0 {
			t.Errorf("%s: no field is named", name)
		}
	}
	for _, query := range []string{"?ghost=1", "?limit=0", "?limit=1000", "?sort=-state", "?cursor=x", "?state=sleeping"} {
		if status, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs"+query, ""); status != 422 {
			t.Errorf("%s: %d %v", query, status, said["code"])
		}
	}
}

func TestPagesTakeNoFormOfAnotherSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	post := func(header ...string) int {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/sign-in", strings.NewReader("login=a@example.org&password=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for name, header := range map[string][]string{
		"by fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "a sister site": {"Sec-Fetch-Site", "same-site"},
		"by origin": {"Origin", "https://evil.example"}, "a null origin": {"Origin", "null"},
	} {
		if status := post(header...); status != 403 {
			t.Errorf("%s: %d, want 403", name, status)
		}
	}
	if status := post("Sec-Fetch-Site", "same-origin"); status != 422 {
		t.Errorf("from here, with a wrong password: %d, want 422", status)
	}
}

// A session's form must carry its token.
func TestAFormWithoutItsSessionsTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in, err := s.People.SignIn(t.Context(), people.SignIn{Login: "program_officer@dinas.kupang.example.org", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"": 403, "wrong": 403, in.Session.Form.Reveal(): 303} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/kupang/programs", strings.NewReader("title=Air&csrf="+token))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "mitra_session="+in.Secret)
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("token %.5q: %d, want %d", token, response.StatusCode, want)
		}
	}
}

func TestEveryAnswerCarriesItsGuards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/", "/sign-in", "/api", "/api/openapi.json", "/nowhere", "/healthz", "/kupang"} {
		_, _, header := s.call(t, "", "GET", path, "")
		if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") || header.Get("X-Content-Type-Options") != "nosniff" ||
			strings.Contains(header.Get("Content-Security-Policy"), "unsafe") || header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, header)
		}
	}
}

// What is described is what is mounted: every operation once, with its path parameters.
func TestTheDescriptionIsOfTheRouteTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, d, _ := s.call(t, "", "GET", "/api/openapi.json", "")
	if dir := os.Getenv("MITRA_PAGES"); dir != "" { // for the linter
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "openapi.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if d["openapi"] != "3.1.0" {
		t.Fatalf("openapi: %v", d["openapi"])
	}
	described := 0
	var names []string
	for path, operations := range d["paths"].(map[string]any) {
		for method, operation := range operations.(map[string]any) {
			described++
			o := operation.(map[string]any)
			names = append(names, o["operationId"].(string))
			parameters, _ := o["parameters"].([]any)
			if n := strings.Count(path, "{"); len(parameters) < n {
				t.Errorf("%s %s: %d parameters for %d in the path", method, path, len(parameters), n)
			}
		}
	}
	slices.Sort(names)
	if unique := len(slices.Compact(names)); unique != described {
		t.Errorf("%d operations have %d names", described, unique)
	}
	mounted := 0
	for _, route := range s.site.Routes() {
		if strings.Contains(route, " /api/v1/") {
			mounted++
		}
	}
	if mounted != described {
		t.Errorf("%d operations are mounted, %d described", mounted, described)
	}
}

func TestAServerToldToStopBeforeItServesStops(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.site.Serve(ctx, l, time.Second); err != nil {
		t.Errorf("a server stopped at once: %v", err)
	}
}

// Whoever chose no language, in a browser that asks for none, reads their tenant's.
func TestATenantsLanguageIsReadByWhoChoseNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.World.DB.Registry().ChangeTenant(t.Context(), "kupang", 0, func(t *tenants.Tenant) error { t.Language = "en"; return nil }); err != nil {
		t.Fatal(err)
	}
	s.Clock.Forward(3 * time.Second) // changed as by another process: known here within two
	for _, row := range []struct{ name, asked, title string }{
		{"none", "", "Not found"}, {"one that nobody here speaks", "fr", "Not found"}, {"Indonesian", "id", "Tidak ditemukan"},
	} {
		_, said, _ := s.call(t, officer, "GET", "/api/v1/kupang/programs/pg_none", "", "Accept-Language", row.asked)
		if said["title"] != row.title {
			t.Errorf("asking for %s: the title is %q, want %q", row.name, said["title"], row.title)
		}
	}
}
