package web_test

import (
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

// actors are who did what a part of the journal tells, by organisation.
func actors(said map[string]any) map[string]int {
	by := map[string]int{}
	items, _ := said["items"].([]any)
	for _, e := range items {
		by[e.(map[string]any)["organisation"].(string)]++
	}
	return by
}

// What happened is narrowed to an organisation's doing, a person's, and days of the
// tenant's own calendar; and read to its beginning.
func TestActivityIsNarrowedAndReadToItsBeginning(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.running(t)
	first := s.World.Gate.Now()
	s.Clock.Forward(48 * time.Hour)
	if status, said, _ := s.call(t, officer, "POST", "/api/v1/kupang/programs/"+id+"/suspend", `{"reason":"Banjir","stops":"Pengeboran","until":"2027-01-01"}`, "If-Match", s.etag(t, "/api/v1/kupang/programs/"+id)); status != 200 {
		t.Fatalf("suspended: %d %v", status, said)
	}
	if err := s.World.DB.Sweep(t.Context(), s.sweep(t)); err != nil {
		t.Fatal(err)
	}
	const journal = "/api/v1/kupang/journal"
	ask := func(query string) map[string]any {
		t.Helper()
		status, said, _ := s.call(t, officer, "GET", journal+query, "")
		if status != 200 {
			t.Fatalf("%s: %d %v", query, status, said)
		}
		return said
	}
	if by := actors(ask("?limit=100")); by["og_dinas"] == 0 || by["og_yayasan"] == 0 {
		t.Fatalf("all: %v, want both sides", by)
	}
	if by := actors(ask("?limit=100&organisation=og_yayasan")); by["og_yayasan"] == 0 || len(by) != 1 {
		t.Errorf("of an organisation: %v", by)
	}
	zone := time.FixedZone("WIB", 7*3600) // the tenant's
	day, later := first.In(zone).Format("2006-01-02"), first.Add(48*time.Hour).In(zone).Format("2006-01-02")
	recent := ask("?from=" + later)["items"].([]any)
	if len(recent) != 1 || recent[0].(map[string]any)["action"] != "program.suspend" {
		t.Errorf("since %s: %v, want the suspension alone", later, recent)
	}
	person := recent[0].(map[string]any)["person"].(string)
	for _, e := range ask("?limit=100&person=" + person)["items"].([]any) {
		if e.(map[string]any)["person"] != person {
			t.Errorf("of a person: %v", e)
		}
	}
	before := ask("?limit=100&to=" + day)["items"].([]any)
	if all := ask("?limit=100")["items"].([]any); len(before) != len(all)-1 {
		t.Errorf("until %s: %d of %d, want all but the suspension", day, len(before), len(all))
	}
	seen, cursor := 0, ""
	for range 200 {
		said := ask("?limit=5&cursor=" + cursor)
		seen += len(said["items"].([]any))
		next, more := said["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if all := ask("?limit=100")["items"].([]any); seen != len(all) {
		t.Errorf("page by page: %d entries, want %d", seen, len(all))
	}
	for query, field := range map[string]string{
		"?from=yesterday": "from", "?to=2026-02-30": "to", "?person=ps_a&organisation=og_dinas": "person", "?cursor=9": "cursor", "?limit=101": "limit", "?sort=at": "sort", "?kind=seat": "kind",
	} {
		status, said, _ := s.call(t, officer, "GET", journal+query, "")
		if codes := codesOf(said); status != 422 || codes[field] == "" {
			t.Errorf("%s: %d %v, want a refusal of %s", query, status, said, field)
		}
	}
}

// People come from a record to all that happened to it, and from an organisation or a
// person to all they did.
func TestPeopleReadAHistoryToItsBeginning(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	for range 60 {
		etag := s.etag(t, "/api/v1/kupang/programs/"+id)
		if status, said, _ := s.call(t, coordinator, "PUT", "/api/v1/kupang/programs/"+id+"/basics", `{"title":"Air`+strings.Trim(etag, `"`)+`","purpose":"Sumur"}`, "If-Match", etag); status != 200 {
			t.Fatalf("edited: %d %v", status, said)
		}
	}
	at := "/kupang/programs/" + id
	_, page, _ := s.visit(t, in, at+"?section=history", nil)
	link := hrefIn(page, "What happened before")
	if !strings.HasPrefix(link, at+"/history?cursor=") {
		t.Fatalf("the way to what was before is %q", link)
	}
	status, page, _ := s.visit(t, in, link, nil)
	if status != 200 || !strings.Contains(page, "started a draft of") || !strings.Contains(page, `href="`+at+`"`) || strings.Contains(page, `rel="next"`) {
		t.Errorf("the beginning: %d\n%s", status, page)
	}
	if _, page, _ := s.visit(t, in, "/kupang/organisations/"+s.member(t), nil); !strings.Contains(page, `href="/kupang/activity?organisation=og_yayasan"`) {
		t.Error("an organisation's page does not lead to what it did")
	}
	stranger := s.signIn(t, "program_officer@dinas.ende.example.org")
	if _, err := s.World.DB.Registry().ChangePerson(t.Context(), stranger.Person.ID, func(p *tenants.Person) error { p.Name = "Orang Ende"; return nil }); err != nil {
		t.Fatal(err)
	}
	if status, page, _ := s.visit(t, in, "/kupang/activity?person="+string(stranger.Person.ID), nil); status != 200 || strings.Contains(page, "Orang Ende") {
		t.Errorf("%d: somebody of another tenant is named", status)
	}
	status, page, _ = s.visit(t, in, "/kupang/activity?"+url.Values{"organisation": {"og_dinas"}, "from.day": {"1"}, "from.month": {"1"}, "from.year": {"2099"}}.Encode(), nil)
	if status != 200 || !strings.Contains(page, "Nothing happened there") || !strings.Contains(page, `value="2099"`) {
		t.Errorf("days without activity: %d\n%s", status, page)
	}
}

// What the journal had come to is public: to strangers, to people of another tenant, on a
// page and as JSON; and it names nobody and nothing.
func TestTheHeadsOfAJournalArePublic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	publish := func() {
		t.Helper()
		if err := s.World.DB.Sweep(t.Context(), s.sweep(t)); err != nil {
			t.Fatal(err)
		}
		if err := s.Audit.Publish(t.Context(), "kupang"); err != nil {
			t.Fatal(err)
		}
	}
	const path = "/kupang/journal/heads"
	if status, _, header := s.call(t, "", "GET", path, ""); status != 200 || header.Get("Location") != "" {
		t.Errorf("without a head: %d", status)
	}
	publish()
	s.draft(t)
	s.Clock.Forward(24 * time.Hour)
	publish()
	var hash string
	for _, who := range []string{"", coordinator, elsewhere} {
		status, said, _ := s.call(t, who, "GET", "/api/v1"+path, "")
		items, _ := said["items"].([]any)
		if status != 200 || len(items) != 1 {
			t.Fatalf("%q: %d %v", who, status, said)
		}
		head := items[0].(map[string]any)
		if hash, _ = head["hash"].(string); len(hash) != 64 || head["day"] != "2026-11-24" || head["seq"].(float64) < 1 {
			t.Errorf("%q: %v", who, head)
		}
		for field := range head {
			if !slices.Contains([]string{"id", "version", "created_at", "updated_at", "day", "seq", "hash"}, field) {
				t.Errorf("a head says %s: %v", field, head[field])
			}
		}
	}
	for _, in := range []*people.SignedIn{s.desk(t, "member", "dinas"), s.signIn(t, "program_officer@dinas.ende.example.org")} {
		if status, page, _ := s.visit(t, in, path, nil); status != 200 || !strings.Contains(page, hash) || !strings.Contains(page, "24 November 2026") {
			t.Errorf("on a page: %d\n%s", status, page)
		}
	}
	for _, unknown := range []string{"/ghost/journal/heads", "/commons/journal/heads"} {
		if status, _, _ := s.call(t, "", "GET", "/api/v1"+unknown, ""); status != 404 {
			t.Errorf("%s: %d, want 404", unknown, status)
		}
	}
}

// etag is the version of a record as the officer reads it.
func (s *site) etag(t *testing.T, path string) string {
	t.Helper()
	_, _, header := s.call(t, officer, "GET", path, "")
	return header.Get("ETag")
}

// hrefIn is where the link of a text leads.
func hrefIn(page, text string) string {
	before, _, found := strings.Cut(page, text)
	at := strings.LastIndex(before, `href="`)
	if !found || at < 0 {
		return ""
	}
	href, _, _ := strings.Cut(before[at+len(`href="`):], `"`)
	return html.UnescapeString(href)
}
