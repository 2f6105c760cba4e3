package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// desk is somebody of the tenant at their computer.
func (s *site) desk(t *testing.T, role, of string) *people.SignedIn {
	t.Helper()
	return s.signIn(t, role+"@"+of+".kupang.example.org")
}

// put changes a program by the API, from the version it is at.
func (s *site) put(t testing.TB, who, at, section, body string) map[string]any {
	t.Helper()
	_, now, _ := s.call(t, who, "GET", at, "")
	method := "PUT"
	if section == "accept" || section == "hand-over" || section == "close" || section == "open-reporting" {
		method = "POST"
	}
	status, said, _ := s.call(t, who, method, at+"/"+section, body, "If-Match", fmt.Sprintf(`"%v"`, now["version"]))
	if status != 200 {
		t.Fatalf("%s: %d %v", section, status, said)
	}
	return said
}

const twoIndicators = `{"results":[{"id":"r1","level":"output","title":"Sumur"}],"indicators":[
	{"id":"in_wells","node":"r1","title":"Jumlah sumur","measure":"count","unit":"sumur","targets":[{"from":"2026-01-01","to":"2027-12-31","value":{"value":"1500"}}]},
	{"id":"in_share","node":"r1","title":"Bagian perempuan","measure":"percent"},
	{"id":"in_words","node":"r1","title":"Cerita","measure":"text"}]}`

// running makes a program that both sides have accepted, and gives its id.
func (s *site) running(t testing.TB) string {
	t.Helper()
	id := s.draft(t)
	at := "/api/v1/kupang/programs/" + id
	s.put(t, coordinator, at, "basics", `{"title":"Air","purpose":"Sumur","from":"2026-01-01","to":"2027-12-31"}`)
	s.put(t, coordinator, at, "results", twoIndicators)
	_, now, _ := s.call(t, coordinator, "GET", at, "")
	yes := fmt.Sprintf(`{"hash":%q}`, now["accord"].(map[string]any)["hash"])
	s.put(t, "kupang/og_yayasan/signatory", at, "accept", yes)
	if said := s.put(t, "kupang/og_dinas/approver", at, "accept", yes); said["state"] != "active" {
		t.Fatalf("the program is %v", said["state"])
	}
	s.put(t, officer, at, "open-reporting", `{"from":"2026-01-01","to":"2027-12-31","until":"2026-12-31"}`)
	return id
}

// An Indonesian writes 1.500 and means one thousand five hundred; nobody's figure
// becomes a thousandth of itself, on either language's pages.
func TestFiguresAreReadByTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	results := func(version, baseline, target string) url.Values {
		return url.Values{
			"version": {version}, "results.0.id": {"r1"}, "results.0.level": {"output"}, "results.0.title": {"Sumur"},
			"indicators.0.id": {"in_1"}, "indicators.0.node": {"r1"}, "indicators.0.title": {"Jumlah"}, "indicators.0.measure": {"count"},
			"indicators.0.baseline.value": {baseline}, "indicators.0.targets.0.value.value": {target},
			"indicators.0.targets.0.from": {"2026-01-01"}, "indicators.0.targets.0.to": {"2026-12-31"},
		}
	}
	at := "/kupang/programs/" + id
	indicator := func() (baseline, target any) {
		_, said, _ := s.call(t, coordinator, "GET", "/api/v1"+at, "")
		ind := said["indicators"].([]any)[0].(map[string]any)
		return ind["baseline"].(map[string]any)["value"], ind["targets"].([]any)[0].(map[string]any)["value"].(map[string]any)["value"]
	}
	for i, row := range []struct{ language, baseline, target, wantBaseline, wantTarget string }{
		{"id", "12,5", "1.500", "12.5", "1500"},
		{"en", "12.5", "1,500.25", "12.5", "1500.25"},
	} {
		if status, page, _ := s.visitIn(t, row.language, in, at+"/results", results(fmt.Sprint(i+1), row.baseline, row.target)); status != 303 {
			t.Fatalf("%s: %d %s", row.language, status, page)
		}
		if b, g := indicator(); b != row.wantBaseline || g != row.wantTarget {
			t.Errorf("%s: baseline %v, target %v; want %s and %s", row.language, b, g, row.wantBaseline, row.wantTarget)
		}
	}
	if _, page, _ := s.visitIn(t, "id", in, at+"/results", nil); !strings.Contains(page, `value="12,5"`) || !strings.Contains(page, `value="1.500,25"`) || !strings.Contains(page, "Misalnya 1.500 atau 12,5.") {
		t.Error("the Indonesian form does not hold the figures as Indonesians write them, or does not say how")
	}
	for _, row := range []struct{ language, typed, says string }{
		{"id", "1.5", "Titik memisahkan ribuan"}, {"id", "1,500", "Tulis 1.500 untuk ribuan, atau 1,5 untuk desimal"},
		{"en", "1,5", "A comma groups thousands"}, {"en", "1.500", "Write 1,500 for thousands, or 1.5 for decimals"},
	} {
		status, page, _ := s.visitIn(t, row.language, in, at+"/results", results("3", row.typed, "1"))
		if status != 422 || !strings.Contains(page, row.says) || !strings.Contains(page, `value="`+row.typed+`"`) {
			t.Errorf("%q in %s: %d; says why %v, keeps it %v", row.typed, row.language, status, strings.Contains(page, row.says), strings.Contains(page, `value="`+row.typed+`"`))
		}
	}
	if status, page, _ := s.visitIn(t, "id", in, at+"/places", url.Values{"version": {"3"}, "places.0.name": {"Oesapa"}, "places.0.latitude": {"-10,5"}, "places.0.longitude": {"123.625"}}); status != 303 {
		t.Fatalf("a place: %d %s", status, page)
	}
	_, said, _ := s.call(t, coordinator, "GET", "/api/v1"+at, "")
	if place := said["places"].([]any)[0].(map[string]any); place["latitude"] != "-10.5" || place["longitude"] != "123.625" {
		t.Errorf("the place is %v", place)
	}
}

// A report asks first of what, then for what that kind of value needs, and reads it as
// the page writes it.
func TestAReportAsksForWhatItsIndicatorNeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/kupang/programs/" + s.running(t) + "/actuals"
	in := s.desk(t, "cso_coordinator", "yayasan")
	_, first, _ := s.visitIn(t, "id", in, at+"/new", nil)
	if !strings.Contains(first, "Indikator mana?") || strings.Contains(first, "value.value") {
		t.Error("the first step is not the choice of an indicator")
	}
	_, count, _ := s.visitIn(t, "id", in, at+"/new?indicator=in_wells", nil)
	if !strings.Contains(count, `name="value.value"`) || strings.Contains(count, "value.numerator") || !strings.Contains(count, "1.500") {
		t.Error("a count is not asked for as one number beside its target")
	}
	if _, share, _ := s.visitIn(t, "id", in, at+"/new?indicator=in_share", nil); !strings.Contains(share, "value.numerator") || strings.Contains(share, `name="value.value"`) {
		t.Error("a percentage is not asked for by its parts")
	}
	report := func(indicator, measure, value string) url.Values {
		return url.Values{"indicator": {indicator}, "measure": {measure}, "from": {"2026-01-01"}, "to": {"2026-03-31"}, "value.value": {value}}
	}
	for _, row := range []struct{ indicator, measure, typed, want string }{{"in_wells", "count", "1.250", "1250"}, {"in_words", "text", "Pasal 1.5, ayat 2", "Pasal 1.5, ayat 2"}} {
		status, page, to := s.visitIn(t, "id", in, at, report(row.indicator, row.measure, row.typed))
		if status != 303 {
			t.Fatalf("%s: %d %s", row.indicator, status, page)
		}
		_, said, _ := s.call(t, coordinator, "GET", "/api/v1"+to, "")
		if got := said["value"].(map[string]any)["value"]; got != row.want {
			t.Errorf("%s typed as %q is %v, want %q", row.indicator, row.typed, got, row.want)
		}
		if _, page, _ := s.visitIn(t, "id", in, to+"/edit", nil); !strings.Contains(page, "<h1>Ubah capaian</h1>") {
			t.Error("the edit page is not called so")
		}
	}
}

// A form that would be refused says so before anybody fills it.
func TestAFormThatWouldBeRefusedSaysSoOnOpening(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/kupang/programs/" + s.draft(t)
	if _, page, _ := s.visit(t, s.desk(t, "cso_coordinator", "yayasan"), at+"/actuals/new", nil); !strings.Contains(page, "Both sides have not accepted the plan yet") || strings.Contains(page, `name="value`) {
		t.Error("a report on a draft is asked for")
	}
	if _, page, _ := s.visit(t, s.desk(t, "program_officer", "dinas"), at+"/activities", nil); !strings.Contains(page, "It is the other side") || strings.Contains(page, `name="activities`) {
		t.Error("an edit off one's turn is asked for")
	}
	if status, _, _ := s.visit(t, s.desk(t, "member", "dinas"), at+"/activities", nil); status != 403 {
		t.Errorf("somebody who never edits: %d", status)
	}
}

// A coordinator is offered the roles they may give, and keeps what they typed when one
// is refused all the same.
func TestOnlyRolesThatMayBeGivenAreOffered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, row := range []struct {
		role, of string
		admin    bool
	}{{"cso_coordinator", "yayasan", false}, {"program_officer", "dinas", false}, {"tenant_admin", "dinas", true}} {
		in := s.desk(t, row.role, row.of)
		_, page, _ := s.visit(t, in, "/kupang/people/invite", nil)
		if got := strings.Contains(page, `value="tenant_admin"`); got != row.admin {
			t.Errorf("%s is offered to invite a tenant_admin: %v", row.role, got)
		}
		if !strings.Contains(page, `value="signatory"`) || strings.Contains(page, `value="cso_coordinator"`) != (row.of == "yayasan") {
			t.Errorf("%s is offered the roles of another side, or not those of their own", row.role)
		}
	}
	in := s.desk(t, "cso_coordinator", "yayasan")
	status, page, _ := s.visit(t, in, "/kupang/people/invite", url.Values{"name": {"Maria Tamonob"}, "login": {"maria@example.org"}, "roles": {"member", "tenant_admin"}})
	if status != 403 || !strings.Contains(page, `value="Maria Tamonob"`) || !strings.Contains(page, `value="member" checked`) || !strings.Contains(page, `role="alert"`) {
		t.Errorf("a role that is not theirs to give: %d; the form is kept: %v", status, strings.Contains(page, "Maria Tamonob"))
	}
	_, seats, _ := s.call(t, officer, "GET", "/api/v1/kupang/seats", "")
	for _, item := range seats["items"].([]any) {
		seat := item.(map[string]any)
		if seat["organisation"] != "og_dinas" || !strings.Contains(fmt.Sprint(seat["roles"]), "tenant_admin") {
			continue
		}
		if _, page, _ := s.visit(t, s.desk(t, "program_officer", "dinas"), "/kupang/people/"+seat["id"].(string), nil); strings.Contains(page, "/roles") {
			t.Error("an officer is offered to change a tenant_admin's roles")
		}
	}
}
