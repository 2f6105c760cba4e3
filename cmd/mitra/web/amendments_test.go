package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// amendment is the id of one that the agency proposed.
func (s *site) amendment(t testing.TB, program string) string {
	t.Helper()
	status, said, header := s.call(t, officer, "POST", "/api/v1/kupang/programs/"+program+"/amendments", `{"reason":"Musim hujan"}`)
	if status != 201 || header.Get("ETag") != `"1"` || said["no"] != 2.0 || said["plan"].(map[string]any)["title"] != "Air" {
		t.Fatalf("propose: %d %v", status, said)
	}
	return said["id"].(string)
}

// The whole of an amendment by the API, from the proposal to the plan.
func TestAnAmendmentByTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	program := s.running(t)
	at := "/api/v1/kupang/program-amendments/" + s.amendment(t, program)
	step := func(who, method, path, body, seen string) map[string]any {
		t.Helper()
		status, said, _ := s.call(t, who, method, at+path, body, "If-Match", seen)
		if status != 200 {
			t.Fatalf("%s %s by %s: %d %v", method, path, who, status, said)
		}
		return said
	}
	step(coordinator, "POST", "/take-up", "", `"1"`)
	said := step(officer, "PUT", "/basics", `{"title":"Air","purpose":"Sumur bagi dua desa lagi","from":"2026-01-01","to":"2027-12-31"}`, `"2"`)
	beside := step(coordinator, "GET", "", "", "")
	if changes := beside["changes"].([]any); len(changes) != 1 || changes[0].(map[string]any)["path"] != "purpose" {
		t.Errorf("it changes %v", beside["changes"])
	}
	yes := `{"hash":"` + said["accord"].(map[string]any)["hash"].(string) + `"}`
	step(signatory, "POST", "/accept", yes, `"3"`)
	if said = step(approver, "POST", "/accept", yes, `"4"`); said["state"] != "effective" {
		t.Errorf("both accepted: %v", said["state"])
	}
	_, now, _ := s.call(t, third, "GET", "/api/v1/kupang/programs/"+program, "")
	if now["purpose"] != "Sumur bagi dua desa lagi" || now["accepted_version"] != 2.0 {
		t.Errorf("the plan is %v, version %v", now["purpose"], now["accepted_version"])
	}
	_, list, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs/"+program+"/amendments?state=effective", "")
	if items := list["items"].([]any); len(items) != 1 {
		t.Errorf("%d effective amendments", len(items))
	}
}

// The pages of an amendment: proposed with a reason, taken up, written, and rejected with a
// reason that is kept when it is refused.
func TestThePagesOfAnAmendment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	home := "/kupang/programs/" + s.running(t)
	officer, coordinator, outsider := s.desk(t, "program_officer", "dinas"), s.desk(t, "cso_coordinator", "yayasan"), s.desk(t, "cso_coordinator", "third")
	_, page, _ := s.visit(t, officer, home, nil)
	if link := hrefIn(page, "Propose an amendment"); link != home+"/amendments/new" {
		t.Fatalf("the program's page leads to %q", link)
	}
	status, page, _ := s.visit(t, officer, home+"/amendments", url.Values{"reason": {" "}})
	if status != 422 || !strings.Contains(page, `id="f-reason"`) {
		t.Errorf("without a reason: %d\n%s", status, text(page))
	}
	_, _, at := s.visit(t, officer, home+"/amendments", url.Values{"reason": {"Musim <hujan>"}})
	_, page, _ = s.visit(t, officer, home, nil)
	says(t, page, "The agency side proposes to amend the plan.", "Musim &lt;hujan&gt;")
	if strings.Contains(page, "/amendments/new") {
		t.Error("a second one can be asked for")
	}
	status, page, _ = s.visit(t, officer, home+"/amendments", url.Values{"reason": {"Lagi"}})
	if status != 409 || !strings.Contains(page, "Lagi") {
		t.Errorf("a second one: %d\n%s", status, text(page))
	}
	if status, _, _ = s.visit(t, outsider, at, nil); status != 404 {
		t.Errorf("a third organisation reads it: %d", status)
	}
	_, page, _ = s.visit(t, officer, at, nil)
	says(t, page, "Take the amendment back")
	_, page, _ = s.visit(t, coordinator, at, nil)
	says(t, page, "Take it up", "Reject the amendment", "Nothing yet.")
	s.visit(t, coordinator, at+"/take-up", url.Values{"version": {"1"}})
	_, page, _ = s.visit(t, officer, at, nil)
	if link := hrefIn(page, `<span class="unseen">Risks`); link != at+"/risks" {
		t.Fatalf("the risks are edited at %q\n%s", link, text(page))
	}
	status, page, _ = s.visit(t, officer, at+"/risks", url.Values{"version": {"2"}, "risks.0.id": {""}, "risks.0.title": {"Banjir"}, "risks.0.likelihood": {"9"}, "risks.0.impact": {"4"}})
	if status != 422 || !strings.Contains(page, `value="Banjir"`) || !strings.Contains(page, `action="`+at+`/risks"`) {
		t.Errorf("a likelihood of 9: %d\n%s", status, text(page))
	}
	s.visit(t, officer, at+"/risks", url.Values{"version": {"2"}, "risks.0.id": {""}, "risks.0.title": {"Banjir"}, "risks.0.likelihood": {"3"}, "risks.0.impact": {"4"}})
	_, page, _ = s.visit(t, coordinator, at, nil)
	says(t, page, "Risk “Banjir” New – impact 4 likelihood 3")
	status, page, _ = s.visit(t, coordinator, at+"/risks", nil)
	if status != 200 || strings.Contains(page, "<input type=\"text\"") {
		t.Errorf("out of one's turn: %d\n%s", status, text(page))
	}
	_, page, _ = s.visit(t, coordinator, home, nil)
	says(t, page, "An amendment of the plan is being written; it is the agency’s turn.")
	status, page, _ = s.visit(t, coordinator, at+"/reject", url.Values{"version": {"3"}, "reason": {""}})
	if status != 422 {
		t.Errorf("rejected without a reason: %d\n%s", status, text(page))
	}
	s.visit(t, coordinator, at+"/reject", url.Values{"version": {"3"}, "reason": {"Anggaran terikat"}})
	_, page, _ = s.visit(t, officer, at, nil)
	says(t, page, "Rejected", "Anggaran terikat")
	_, page, _ = s.visit(t, officer, home+"?section=history", nil)
	says(t, page, "Amendment: plan version 2 Rejected")
	_, page, _ = s.visitIn(t, "id", officer, at, nil)
	says(t, page, "Adendum: rencana versi 2", "Ditolak", "Mengapa berakhir")
}
