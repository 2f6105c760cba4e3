package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// text is what a page says, without its markup.
func text(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

func says(t *testing.T, page string, wanted ...string) {
	t.Helper()
	said := text(page)
	for _, want := range wanted {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q:\n%s", want, said)
		}
	}
}

// Closing is asked before it is done, and tells who began it and what follows.
func TestClosingIsAskedAndExplained(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.running(t)
	at := "/kupang/programs/" + id
	officer, coordinator := s.desk(t, "program_officer", "dinas"), s.desk(t, "cso_coordinator", "yayasan")
	_, page, _ := s.visitIn(t, "id", coordinator, at, nil)
	if strings.Contains(page, `action="`+at+`/close"`) || !strings.Contains(page, at+"/moves/close") {
		t.Error("the closing begins with one click")
	}
	_, page, _ = s.visitIn(t, "id", coordinator, at+"/moves/close", nil)
	says(t, page, "Tidak ada adendum yang terbuka", "Pihak lain akan melihatnya", "sampai kedua pihak menyetujui penutupan")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)[1]
	if status, _, _ := s.visit(t, coordinator, at+"/close", url.Values{"version": {version}}); status != 303 {
		t.Fatalf("close: %d", status)
	}
	_, page, _ = s.visitIn(t, "id", officer, at, nil)
	says(t, page, "Sebelum program ditutup", "Tanpa capaian yang diterima:", "Masa program masih berjalan sampai 31 Desember 2027")
	says(t, page, "Dalam proses penutupan", "memulai penutupan atas nama pihak OMS", "Pihak instansi belum setuju", "Pihak OMS belum setuju")
	_, page, _ = s.visitIn(t, "id", officer, at+"/moves/confirm-closing", nil)
	says(t, page, "tidak dapat dibatalkan")
}

// A draft says who accepts it, what a turn means, and what it lacks.
func TestADraftSaysWhoMustActNext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	at := "/kupang/programs/" + id
	in := s.desk(t, "cso_coordinator", "yayasan")
	_, page, _ := s.visitIn(t, "en", in, at, nil)
	says(t, page, "An approver of Dinas accepts it who did not write the plan", "The signatory of Yayasan accepts it", "Whoever has the turn changes the plan", "You may change the plan now", "It can be accepted once these are filled in: ")
	if strings.Contains(page, "Fingerprint") {
		t.Error("a draft shows a hash to people")
	}
	s.put(t, coordinator, "/api/v1/kupang/programs/"+id, "basics", `{"title":"Air","purpose":"Sumur","from":"2026-01-01","to":"2027-12-31"}`)
	_, page, _ = s.visitIn(t, "en", in, at, nil)
	if strings.Contains(page, "once these are filled in") {
		t.Error("a whole plan is said to lack something")
	}
}

// An actual tells who reported and who accepted it.
func TestAnActualSaysWhoActed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.running(t)
	_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs/"+id, "")
	indicator := said["indicators"].([]any)[0].(map[string]any)["id"].(string)
	status, made, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs/"+id+"/actuals", `{"indicator":"`+indicator+`","from":"2026-01-01","to":"2026-03-31","value":{"value":"12"}}`)
	if status != 201 {
		t.Fatalf("report: %d %v", status, made)
	}
	at := "/kupang/actuals/" + made["id"].(string)
	for _, step := range []struct{ who, verb, version string }{{coordinator, "submit", `"1"`}, {officer, "accept", `"2"`}} {
		if status, said, _ := s.call(t, step.who, "POST", "/api/v1"+at+"/"+step.verb, "", "If-Match", step.version); status != 200 {
			t.Fatalf("%s: %d %v", step.verb, status, said)
		}
	}
	_, page, _ := s.visitIn(t, "id", s.desk(t, "observer", "dinas"), at, nil)
	says(t, page, "Contoh (OMS)", "Contoh (instansi)")
}

// A passport names the questions that it does not answer, and the state of its check.
func TestAPassportSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, page, _ := s.visitIn(t, "id", s.desk(t, "cso_coordinator", "yayasan"), "/kupang/organisations/passport", nil)
	says(t, page, "Belum lengkap", "Belum dijawab: ")
}
