package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	approver  = "kupang/og_dinas/approver"
	signatory = "kupang/og_yayasan/signatory"
)

// template publishes a form for due diligence through the API and gives its version's id.
func (s *site) template(t testing.TB) string {
	t.Helper()
	_, said, _ := s.call(t, officer, "POST", "/api/v1/kupang/forms", `{"title":{"indonesian":"Uji tuntas","english":"Due diligence"},"purpose":"due_diligence"}`)
	at := "/api/v1/kupang/forms/" + said["id"].(string)
	body := `{"title":{"indonesian":"Uji tuntas","english":"Due diligence"},"purpose":"due_diligence","fields":[
		{"id":"audit","kind":"single","label":{"indonesian":"Ada audit?","english":"Is there an audit?"},"required":true,
		 "options":[{"id":"yes","label":{"indonesian":"Ada","english":"Yes"}},{"id":"no","label":{"indonesian":"Tidak","english":"No"}}]},
		{"id":"income","kind":"money","label":{"indonesian":"Pendapatan","english":"Income"},"show_if":["audit:yes"],"required":true},
		{"id":"size","kind":"number","label":{"indonesian":"Ukuran","english":"Size"}},
		{"id":"people","kind":"table","label":{"indonesian":"Pengurus","english":"Board"},"columns":[{"id":"name","kind":"short","label":{"indonesian":"Nama","english":"Name"}},{"id":"since","kind":"date","label":{"indonesian":"Sejak","english":"Since"}}]}]}`
	if status, said, _ := s.call(t, officer, "PUT", at, body, "If-Match", `"1"`); status != 200 {
		t.Fatalf("edit: %d %v", status, said)
	}
	if status, said, _ := s.call(t, officer, "POST", at+"/publish", "", "If-Match", `"2"`); status != 200 || said["published"].(float64) != 1 {
		t.Fatalf("publish: %d %v", status, said)
	}
	_, list, _ := s.call(t, third, "GET", "/api/v1/kupang/form-versions?purpose=due_diligence", "")
	return list["items"].([]any)[0].(map[string]any)["id"].(string)
}

// An officer fills a form in on a page, as Indonesians and English people write numbers;
// what does not appear is dropped; a refusal names its fields and keeps what was typed.
func TestADueDiligenceGoesFromItsFormToItsReplyOnPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form, member := s.template(t), s.member(t)
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	status, _, to := s.visit(t, in, "/kupang/organisations/"+member+"/due-diligence/new", url.Values{"form_version": {form}})
	if status != 303 || !strings.HasSuffix(to, "/edit") {
		t.Fatalf("start: %d to %s", status, to)
	}
	at := strings.TrimSuffix(to, "/edit")
	typed := url.Values{"version": {"1"}, "answers.audit": {"yes"}, "answers.income": {"12,50,0"}, "answers.size": {"many"}, "answers.people.0.name": {"Ina <b>"}, "answers.people.0.since.day": {"31"}, "answers.people.0.since.month": {"2"}, "answers.people.0.since.year": {"2020"}, "conclusion": {"Sound"}}
	status, page, _ := s.visit(t, in, at+"/edit", typed)
	for _, text := range []string{`href="#f-answers-income"`, `href="#f-answers-size"`, `href="#f-answers-people-0-since"`, "12,50,0", "many", "Ina &lt;b&gt;"} {
		if status != 422 || !strings.Contains(page, text) {
			t.Errorf("refused: %d, lacks %s", status, text)
		}
	}
	typed.Set("answers.income", "1,250,000")
	typed.Set("answers.size", "1,250.5")
	typed.Set("answers.people.0.since.month", "1")
	typed.Set("risk", "moderate")
	if status, page, _ := s.visit(t, in, at+"/edit", typed); status != 303 {
		t.Fatalf("save: %d %s", status, page)
	}
	_, said, _ := s.call(t, officer, "GET", "/api/v1"+at, "")
	answers := fmt.Sprint(said["answers"])
	if want := "map[audit:map[text:yes] income:map[money:map[amount:1.25e+08 currency:IDR]] people:map[rows:[map[name:Ina <b> since:2020-01-31]]] size:map[text:1250.5]]"; answers != want {
		t.Errorf("answers are %s, want %s", answers, want)
	}
	if status, page, _ := s.visit(t, in, at+"/edit", typed); status != 412 || !strings.Contains(page, "You yourself saved this in another window") || !strings.Contains(page, `name="version" value="2"`) {
		t.Errorf("from version 1 again: %d", status)
	}
	typed.Set("version", "2")
	typed.Set("answers.audit", "no")
	typed.Set("answers.income", "rubbish in a question that does not appear")
	if status, page, _ := s.visit(t, in, at+"/edit", typed); status != 303 {
		t.Fatalf("save without the audit: %d %s", status, page)
	}
	if _, said, _ := s.call(t, officer, "GET", "/api/v1"+at, ""); strings.Contains(fmt.Sprint(said["answers"]), "income") {
		t.Errorf("a hidden answer was kept: %v", said["answers"])
	}
	if status, page, _ := s.visit(t, in, at+"/send", url.Values{"version": {"3"}, "reply_due_on.day": {"1"}, "reply_due_on.month": {"13"}, "reply_due_on.year": {"2026"}}); status != 422 || !strings.Contains(page, `href="#f-reply_due_on"`) {
		t.Errorf("no such day: %d", status)
	}
	if status, page, _ := s.visit(t, in, at+"/send", url.Values{"version": {"3"}}); status != 303 {
		t.Fatalf("send: %d %s", status, page)
	}
	cso := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	if _, page, _ := s.visit(t, cso, "/kupang", nil); !strings.Contains(page, at) || !strings.Contains(page, "asked for its reply") {
		t.Error("the first page does not say that a reply is asked for")
	}
	if _, page, _ := s.visit(t, cso, "/kupang/organisations/"+member, nil); !strings.Contains(page, at) {
		t.Error("the organisation's page does not lead to it")
	}
	if status, page, _ := s.visit(t, cso, at+"/reply", url.Values{"version": {"4"}, "reply": {" "}}); status != 422 || !strings.Contains(page, `href="#f-reply"`) {
		t.Errorf("an empty reply: %d", status)
	}
	if status, page, _ := s.visit(t, cso, at+"/reply", url.Values{"version": {"4"}, "reply": {"We agree & thank you"}}); status != 303 {
		t.Fatalf("reply: %d %s", status, page)
	}
	if status, page, _ := s.visit(t, s.signIn(t, "approver@dinas.kupang.example.org"), at, nil); status != 200 || !strings.Contains(page, "We agree &amp; thank you") || !strings.Contains(page, at+"/moves/finalise") {
		t.Errorf("the approver's page: %d", status)
	}
	outsider := s.signIn(t, "cso_coordinator@third.kupang.example.org")
	for _, path := range []string{at, at + "/edit", at + "/moves/reply"} {
		if status, _, _ := s.visit(t, outsider, path, nil); status != 404 && status != 403 {
			t.Errorf("a third organisation visits %s: %d", path, status)
		}
	}
}

// Every route of a due diligence and of a flag, asked with a real record's id by a third
// organisation and from another tenant.
func TestNoRouteOfAFindingGivesItToAThirdOrganisation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form, member := s.template(t), s.member(t)
	_, look, _ := s.call(t, officer, "POST", "/api/v1/kupang/organisations/"+member+"/due-diligence", `{"form_version":"`+form+`"}`)
	status, flag, _ := s.call(t, officer, "POST", "/api/v1/kupang/organisations/"+member+"/flags", `{"severity":"caution","category":"financial","reason":"Laporan","evidence":"Berita acara"}`)
	if status != 201 || flag["state"] != "disclosed" {
		t.Fatalf("propose: %d %v", status, flag)
	}
	_, list, _ := s.call(t, officer, "GET", "/api/v1/kupang/forms", "")
	working := list["items"].([]any)[0].(map[string]any)["id"].(string)
	asked := 0
	for _, route := range s.site.Routes() {
		parts := strings.Fields(route)
		id := ""
		switch {
		case strings.HasPrefix(parts[1], "/api/v1/:tenant/due-diligence/:id"):
			id = look["id"].(string)
		case strings.HasPrefix(parts[1], "/api/v1/:tenant/flags/:id"):
			id = flag["id"].(string)
		case strings.HasPrefix(parts[1], "/api/v1/:tenant/forms/:id"):
			id = working
		default:
			continue
		}
		asked++
		path := strings.NewReplacer(":tenant", "kupang", ":id", id).Replace(parts[1])
		for _, who := range []string{third, "kupang/og_third/signatory", elsewhere, "ende/og_dinas/program_officer"} {
			body := ""
			if parts[0] != "GET" {
				body = "{}"
			}
			if status, said, _ := s.call(t, who, parts[0], path, body, "If-Match", `"1"`); status != 404 && said["code"] != "forbidden" {
				t.Errorf("%s %s by %s: %d %v", parts[0], path, who, status, said)
			}
		}
	}
	if asked < 18 {
		t.Errorf("only %d routes were asked", asked)
	}
}

// Through the API: proposed, replied to, upheld by somebody else; a file question is
// refused by name.
func TestAFlagIsRepliedToAndUpheldThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, flag, _ := s.call(t, officer, "POST", "/api/v1/kupang/organisations/"+s.member(t)+"/flags", `{"severity":"caution","category":"financial","reason":"Laporan","evidence":"Berita acara"}`)
	at := "/api/v1/kupang/flags/" + flag["id"].(string)
	if status, said, _ := s.call(t, approver, "POST", at+"/uphold", `{"reason":"x","review_due_on":"2027-03-01"}`, "If-Match", `"2"`); status != 409 || said["code"] != "reply_open" {
		t.Errorf("before the reply: %d %v", status, said)
	}
	if status, said, _ := s.call(t, signatory, "POST", at+"/reply", `{"reply":"Sudah diperbaiki"}`, "If-Match", `"2"`); status != 200 || said["state"] != "replied" {
		t.Fatalf("reply: %d %v", status, said)
	}
	if status, said, header := s.call(t, approver, "POST", at+"/uphold", `{"reason":"Terbukti","review_due_on":"2027-03-01"}`, "If-Match", `"3"`); status != 200 || said["state"] != "upheld" || header.Get("ETag") != `"4"` {
		t.Fatalf("uphold: %d %v", status, said)
	}
	s.Clock.Forward(24 * time.Hour)
	if _, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/flags?state=upheld&severity=caution&q=yaya", ""); len(said["items"].([]any)) != 1 {
		t.Errorf("the list: %v", said)
	}
	status, said, _ := s.call(t, officer, "POST", "/api/v1/kupang/forms", `{"title":{"indonesian":"A","english":"A"},"purpose":"report"}`)
	if status != 201 {
		t.Fatalf("form: %d %v", status, said)
	}
	form := "/api/v1/kupang/forms/" + said["id"].(string)
	status, said, _ = s.call(t, officer, "POST", form+"/fields", `{"kind":"file","label":{"indonesian":"A","english":"A"}}`, "If-Match", `"1"`)
	if status != 422 || said["errors"].([]any)[0].(map[string]any)["code"] != "file_kind_later" {
		t.Errorf("a file: %d %v", status, said)
	}
}

// A form is made, tried and published on pages, without a script.
func TestAFormIsBuiltOnPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	status, page, _ := s.visit(t, in, "/kupang/forms/new", url.Values{"title.indonesian": {"Kunjungan"}})
	if status != 422 || !strings.Contains(page, `href="#f-title-english"`) || !strings.Contains(page, `href="#f-purpose"`) || !strings.Contains(page, "Kunjungan") {
		t.Errorf("half a form: %d", status)
	}
	status, _, at := s.visit(t, in, "/kupang/forms/new", url.Values{"title.indonesian": {"Kunjungan"}, "title.english": {"Visit"}, "purpose": {"visit"}})
	if status != 303 {
		t.Fatalf("start: %d", status)
	}
	if status, page, _ := s.visit(t, in, at+"/fields/new?kind=single", nil); status != 200 || !strings.Contains(page, `name="options.0.label.indonesian"`) {
		t.Errorf("a new question: %d", status)
	}
	if status, page, _ := s.visit(t, in, at+"/fields", url.Values{"version": {"1"}, "kind": {"single"}, "label.english": {"How?"}}); status != 422 || !strings.Contains(page, `href="#f-label-indonesian"`) || !strings.Contains(page, `href="#f-options"`) || !strings.Contains(page, "How?") {
		t.Errorf("half a question: %d", status)
	}
	choice := url.Values{
		"version": {"1"}, "kind": {"single"}, "label.indonesian": {"Bagaimana?"}, "label.english": {"How?"}, "required": {"true"}, "options.0.id": {""}, "options.0.label.indonesian": {"Baik"}, "options.0.label.english": {"Well"},
		"options.1.id": {""}, "options.1.label.indonesian": {"Buruk"}, "options.1.label.english": {"Badly"}, "options.2.id": {""},
	}
	if status, page, to := s.visit(t, in, at+"/fields", choice); status != 303 || to != at {
		t.Fatalf("save: %d %s", status, page)
	}
	why := url.Values{"version": {"2"}, "kind": {"long"}, "label.indonesian": {"Mengapa?"}, "label.english": {"Why?"}, "show_if": {"q1:o2"}}
	if status, page, _ := s.visit(t, in, at+"/fields", why); status != 303 {
		t.Fatalf("save: %d %s", status, page)
	}
	if status, page, _ := s.visit(t, in, at+"/remove-field", url.Values{"version": {"3"}, "field": {"q1"}}); status != 409 || !strings.Contains(page, "Another question appears") {
		t.Errorf("removed what is needed: %d", status)
	}
	if status, _, _ := s.visit(t, in, at+"/move-field", url.Values{"version": {"3"}, "field": {"q2"}, "by": {"-1"}}); status != 303 {
		t.Errorf("move: %d", status)
	}
	if status, page, _ := s.visit(t, in, at+"/preview", nil); status != 200 || !strings.Contains(page, "Only answered if “How?” = Badly") || strings.Index(page, "Why?") > strings.LastIndex(page, "How?") {
		t.Errorf("preview: %d", status)
	}
	if status, page, _ := s.visit(t, in, at+"/publish", url.Values{"version": {"4"}}); status != 303 {
		t.Fatalf("publish: %d %s", status, page)
	}
	_, list, _ := s.call(t, third, "GET", "/api/v1/kupang/form-versions", "")
	version := list["items"].([]any)[0].(map[string]any)
	if status, page, _ := s.visit(t, s.signIn(t, "cso_coordinator@third.kupang.example.org"), "/kupang/form-versions/"+version["id"].(string), nil); status != 200 || !strings.Contains(page, "Badly") {
		t.Errorf("the blank form: %d", status)
	}
}
