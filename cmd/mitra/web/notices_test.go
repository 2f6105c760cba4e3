package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
)

// asks are what somebody is asked about a kind of record, with the record's id.
func (s *site) asks(t testing.TB, who, kind string) map[string]string {
	t.Helper()
	status, said, _ := s.call(t, who, "GET", "/api/v1/kupang/work?kind="+kind, "")
	if status != 200 {
		t.Fatalf("the work of %s: %d %v", who, status, said)
	}
	found := map[string]string{}
	for _, item := range said["items"].([]any) {
		i := item.(map[string]any)
		found[i["ask"].(string)] = i["record"].(string)
	}
	return found
}

// page is what somebody sees at a path.
func (s *site) page(t testing.TB, who, path string) string {
	t.Helper()
	parts := strings.Split(who, "/")
	in, err := s.People.SignIn(t.Context(), people.SignIn{Login: parts[2] + "@" + parts[1][3:] + "." + parts[0] + ".example.org", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	status, html, _ := s.visit(t, in, path, nil)
	if status != 200 {
		t.Fatalf("%s as %s: %d", path, who, status)
	}
	return html
}

// step does one move through the API and gives the record.
func (s *site) step(t testing.TB, who, method, path, version, body string) map[string]any {
	t.Helper()
	status, said, _ := s.call(t, who, method, path, body, "If-Match", version)
	if status/100 != 2 {
		t.Fatalf("%s %s by %s: %d %v", method, path, who, status, said)
	}
	return said
}

// What waits is the same on the first page, on the page of one's work and through the
// API, and only for whoever may do it.
func TestWorkWaitsForWhoeverMayDoItOnPagesAndThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.seat(t, "kupang", people.Organisation{ID: "og_badan", Name: "Badan", Side: policies.Agency}, policies.ProgramOfficer, policies.Approver)
	id := s.draft(t)
	at := "/api/v1/kupang/programs/" + id
	s.step(t, coordinator, "PUT", at+"/basics", `"1"`, `{"title":"Air","purpose":"Sumur","from":"2026-11-01","to":"2027-10-31"}`)
	for who, want := range map[string]string{
		coordinator: "write_plan", signatory: "accept_plan", approver: "accept_plan", officer: "", third: "", admin: "",
		"kupang/og_badan/approver": "", "kupang/og_badan/program_officer": "",
	} {
		got := s.asks(t, who, "program")
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[want] != id) {
			t.Errorf("%s is asked %v, want %q", who, got, want)
		}
		sentence := map[string]string{"": "no such text", "write_plan": "turn: write the plan", "accept_plan": "can be accepted for your side"}[want]
		for _, path := range []string{"/kupang", "/kupang/work", "/kupang/work?q=air&kind=program"} {
			html := s.page(t, who, path)
			if strings.Contains(html, sentence) != (want != "") || want != "write_plan" && strings.Contains(html, "turn: write") {
				t.Errorf("%s as %s says the wrong thing of the program", path, who)
			}
		}
	}
	if html := s.page(t, third, "/kupang/work?kind=flag"); !strings.Contains(html, "Show everything") {
		t.Error("an empty list by filters does not lead to everything")
	}
	for _, query := range []string{"?kind=ghost", "?ask=ghost", "?due=never", "?ghost=1"} {
		if status, said, _ := s.call(t, officer, "GET", "/api/v1/kupang/work"+query, ""); status != 422 {
			t.Errorf("%s: %d %v", query, status, said["code"])
		}
	}
}

// Proposals of what binds both sides wait for the other side's administrator.
func TestAProposalOfSettingsWaitsForTheOtherSidesAdministrator(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.seat(t, "kupang", people.Organisation{ID: "og_third", Name: "Ketiga", Side: policies.CSO}, policies.TenantAdmin)
	said := s.step(t, admin, "POST", "/api/v1/kupang/settings/proposals", "", `{"parts":["zone"],"zone":"Asia/Makassar","reason":"Pindah"}`)
	if got := s.asks(t, "kupang/og_third/tenant_admin", "settings_proposal"); got["answer_proposal"] != said["id"] {
		t.Errorf("the other side's administrator is asked %v", got)
	}
	for _, who := range []string{admin, coordinator, officer} {
		if got := s.asks(t, who, "settings_proposal"); len(got) > 0 {
			t.Errorf("%s is asked %v", who, got)
		}
	}
}

// Whoever is handed the turn is told, on the page and through the API, in their language;
// marks what they read, and finds nothing of anybody else's.
func TestNoticesAreReadAndMarkedOnPagesAndThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	s.step(t, coordinator, "POST", "/api/v1/kupang/programs/"+id+"/hand-over", `"1"`, "")
	if err := s.World.DB.Sweep(t.Context(), s.World.Gate.System(t.Context(), "kupang", policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	if err := s.Notices.Follow(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	_, said, _ := s.call(t, officer, "GET", "/api/v1/kupang/notices?unread=true", "")
	items := said["items"].([]any)
	if len(items) != 2 || items[0].(map[string]any)["record"] != id {
		t.Fatalf("the officer was told %v, want of the program and of the turn", said)
	}
	if html := s.page(t, officer, "/kupang/notices"); !strings.Contains(html, "turn in the plan") || !strings.Contains(html, `href="/kupang/programs/`+id+`"`) || !strings.Contains(html, "2 unread notices") {
		t.Error("the page does not say what happened, or does not lead there")
	}
	if html := s.page(t, officer, "/kupang"); !strings.Contains(html, "2 unread notices") {
		t.Error("the first page does not say that there is something to read")
	}
	one := "/api/v1/kupang/notices/" + items[0].(map[string]any)["id"].(string) + "/read"
	for _, who := range []string{approver, coordinator, third} {
		if status, said, _ := s.call(t, who, "POST", one, ""); status != 404 {
			t.Errorf("%s marks the officer's notice: %d %v", who, status, said)
		}
		if _, said, _ := s.call(t, who, "GET", "/api/v1/kupang/notices", ""); len(said["items"].([]any)) > 0 {
			t.Errorf("%s reads %v", who, said["items"])
		}
	}
	if status, said, _ := s.call(t, officer, "POST", one, ""); status != 200 || said["unread"] != false {
		t.Errorf("marking one: %d %v", status, said)
	}
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	if status, _, to := s.visit(t, in, "/kupang/notices/read-all", url.Values{}); status != 303 || to != "/kupang/notices" {
		t.Errorf("marking all: %d to %s", status, to)
	}
	if html := s.page(t, officer, "/kupang/notices?unread=true"); !strings.Contains(html, "You have read everything") {
		t.Error("all were marked, and some are unread")
	}
}
