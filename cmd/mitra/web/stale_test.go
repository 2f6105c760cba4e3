package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
)

// Whoever was slower reads who was faster, by name, and what they wrote, with its labels.
func TestAStaleFormNamesWhoWasFaster(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seed := people.Seed{
		Of:    people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO},
		Login: "maria@example.org", Name: "Maria Tamonob", Roles: []policies.Role{policies.CSOCoordinator},
	}
	if _, err := s.People.SeedSeats(t.Context(), "kupang", secret, []people.Seed{seed}); err != nil {
		t.Fatal(err)
	}
	at := "/kupang/programs/" + s.draft(t)
	form := func(title string) url.Values {
		return url.Values{"title": {title}, "purpose": {"Sumur"}, "version": {"1"}, "from.day": {""}, "from.month": {""}, "from.year": {""}}
	}
	if status, _, _ := s.visit(t, s.signIn(t, "maria@example.org"), at+"/basics", form("Dari Maria")); status != 303 {
		t.Fatalf("the faster: %d", status)
	}
	typed := form("Dari saya")
	typed.Set("from.day", "1")
	typed.Set("from.month", "13")
	typed.Set("from.year", "2026")
	status, page, _ := s.visitIn(t, "id", s.desk(t, "cso_coordinator", "yayasan"), at+"/basics", typed)
	if status != 422 { // an impossible day is said first, and who was faster all the same
		t.Errorf("the slower: %d", status)
	}
	says(t, page, "Maria Tamonob menyimpan data ini pada", "1 isian lain sama", "Tujuan Sumur")
	if got, want := versus(t, page), []string{"Judul | Dari Maria | Dari saya", "Mulai | (kosong) | 1 13 2026"}; !slices.Equal(got, want) {
		t.Errorf("side by side: %q, want %q", got, want)
	}
	typed.Set("from.month", "1")
	status, page, _ = s.visitIn(t, "en", s.desk(t, "cso_coordinator", "yayasan"), at+"/basics", typed)
	if status != 412 {
		t.Errorf("with a possible day: %d", status)
	}
	says(t, page, "Maria Tamonob saved this on", "1 other field is the same")
	if got, want := versus(t, page), []string{"Title | Dari Maria | Dari saya", "First day | (empty) | 1 January 2026"}; !slices.Equal(got, want) {
		t.Errorf("side by side: %q, want %q", got, want)
	}
	if !strings.Contains(page, `name="title" value="Dari saya"`) || !strings.Contains(page, `name="version" value="2"`) {
		t.Error("the form keeps neither what was typed nor the version to go on from")
	}
}

// versus are the rows of the comparison on a page: field, saved now, typed.
func versus(t *testing.T, page string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for n := range doc.Descendants() {
		if n.Data != "table" || !slices.Contains(n.Attr, html.Attribute{Key: "class", Val: "versus"}) {
			continue
		}
		for row := range n.Descendants() {
			if row.Data != "tr" || row.Parent.Data != "tbody" {
				continue
			}
			var cells []string
			for cell := range row.ChildNodes() {
				if cell.FirstChild != nil {
					cells = append(cells, cell.FirstChild.Data)
				}
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	return rows
}

// staleForm is a form that somebody else saved first: saved through the API or a page,
// then sent from the version before.
type staleForm struct {
	name  string
	path  string
	as    string // role@organisation at the computer
	typed url.Values
	want  []string
}

// Every form that edits a record shows field by field what somebody else saved beside what
// was typed, by the form's own labels, and keeps what was typed.
func TestEveryStaleFormShowsBothFieldByField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, f := range slices.Concat(s.stalePlans(t), s.staleForms(t), s.staleRecords(t)) {
		t.Run(f.name, func(t *testing.T) {
			role, of, _ := strings.Cut(f.as, "@")
			status, page, _ := s.visitIn(t, "en", s.desk(t, role, of), f.path, f.typed)
			if status != 412 {
				t.Errorf("answers %d: %s", status, text(page))
			}
			if got := versus(t, page); !slices.Equal(got, f.want) {
				t.Errorf("side by side:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(f.want, "\n"))
			}
			if strings.Contains(page, `name="version" value="`+f.typed.Get("version")+`"`) {
				t.Error("the form would be refused again")
			}
		})
	}
}

// stalePlans are lists of a plan: lines are set beside each other by their ids, because
// somebody else removed the one above and added one below.
func (s *site) stalePlans(t *testing.T) []staleForm {
	t.Helper()
	id := s.draft(t)
	at, page := "/api/v1/kupang/programs/"+id, "/kupang/programs/"+id
	s.put(t, coordinator, at, "risks", `{"risks":[{"id":"ri1","title":"Banjir","likelihood":2,"impact":3},{"id":"ri2","title":"Kering","likelihood":4,"impact":5}]}`)
	s.put(t, coordinator, at, "risks", `{"risks":[{"id":"ri2","title":"Kemarau","likelihood":4,"impact":5},{"id":"ri3","title":"Gempa","likelihood":1,"impact":5}]}`)
	risk := func(form url.Values, row int, id, title, likelihood, impact string) {
		for field, value := range map[string]string{"id": id, "title": title, "likelihood": likelihood, "impact": impact, "response": "", "owner": ""} {
			form.Set(fmt.Sprintf("risks.%d.%s", row, field), value)
		}
	}
	risks := url.Values{"version": {"2"}}
	risk(risks, 0, "ri1", "Banjir", "2", "3")
	risk(risks, 1, "ri2", "Kering", "4", "4")
	risk(risks, 2, "", "", "", "")

	run := s.running(t)
	_, made, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs/"+run+"/actuals", `{"indicator":"in_wells","from":"2026-01-01","to":"2026-06-30","value":{"value":"10"},"note":"ten"}`)
	actual := "/kupang/actuals/" + made["id"].(string)
	if status, said, _ := s.call(t, coordinator, "PUT", "/api/v1"+actual, `{"indicator":"in_wells","from":"2026-01-01","to":"2026-06-30","value":{"value":"1250"},"note":"ten"}`, "If-Match", `"1"`); status != 200 {
		t.Fatalf("edit the actual: %d %v", status, said)
	}
	return []staleForm{
		{"risks", page + "/risks", "cso_coordinator@yayasan", risks, []string{
			"Risk 1, risk | (empty) | Banjir", "Risk 1, likelihood | (empty) | 2", "Risk 1, impact | (empty) | 3",
			"Risk 2, risk | Kemarau | Kering", "Risk 2, impact | 5 | 4",
			"Risk 2, risk | Gempa | (empty)", "Risk 2, likelihood | 1 | (empty)", "Risk 2, impact | 5 | (empty)",
		}},
		{"actual", actual + "/edit", "cso_coordinator@yayasan", url.Values{
			"version": {"1"}, "indicator": {"in_wells"}, "measure": {"count"}, "value.value": {"12"}, "note": {"twelve"}, "evidence": {""},
			"from.day": {"1"}, "from.month": {"1"}, "from.year": {"2026"}, "to.day": {"30"}, "to.month": {"6"}, "to.year": {"2026"},
		}, []string{"Number | 1,250 | 12", "Note | ten | twelve"}},
	}
}

// staleForms are forms about forms, and one that is made of a form's questions.
func (s *site) staleForms(t *testing.T) []staleForm {
	t.Helper()
	version, member := s.template(t), s.member(t)
	_, list, _ := s.call(t, officer, "GET", "/api/v1/kupang/forms", "")
	form := "/kupang/forms/" + list["items"].([]any)[0].(map[string]any)["id"].(string)
	rename := `{"title":{"indonesian":"Uji tuntas","english":"A look before trust"},"purpose":"due_diligence"}`
	if status, said, _ := s.call(t, officer, "POST", "/api/v1"+form+"/rename", rename, "If-Match", `"3"`); status != 200 {
		t.Fatalf("rename: %d %v", status, said)
	}
	_, look, _ := s.call(t, officer, "POST", "/api/v1/kupang/organisations/"+member+"/due-diligence", fmt.Sprintf(`{"form_version":%q}`, version))
	due := "/kupang/due-diligence/" + look["id"].(string)
	if status, said, _ := s.call(t, officer, "PUT", "/api/v1"+due, `{"answers":{"audit":{"text":"yes"},"people":{"rows":[{"name":"Ina"}]}},"risk":"low","conclusion":"Sound"}`, "If-Match", `"1"`); status != 200 {
		t.Fatalf("edit: %d %v", status, said)
	}
	return []staleForm{
		{"title of a form", form + "/title", "program_officer@dinas", url.Values{
			"version": {"3"}, "title.indonesian": {"Uji tuntas"}, "title.english": {"Vetting"}, "purpose": {"survey"},
		}, []string{"Title in English | A look before trust | Vetting", "Purpose | Due diligence | Survey"}},
		{"question of a form", form + "/fields", "program_officer@dinas", url.Values{
			"version": {"3"}, "id": {"size"}, "kind": {"number"}, "label.indonesian": {"Ukuran"}, "label.english": {"How large"}, "required": {"true"},
		}, []string{"Text in English | Size | How large", "Must it be answered? | (empty) | Must be answered"}},
		{"due diligence", due + "/edit", "program_officer@dinas", url.Values{
			"version": {"1"}, "answers.audit": {"no"}, "answers.people.0.name": {"Ita"}, "risk": {"high"}, "conclusion": {"Sound"},
		}, []string{"Is there an audit? | Yes | No", "Board (optional), row 1, name | Ina | Ita", "Risk | Low | High"}},
	}
}

// staleRecords are what the tenant and the organisation say of themselves and their people.
func (s *site) staleRecords(t *testing.T) []staleForm {
	t.Helper()
	put := func(who, path, body, version string) {
		if status, said, _ := s.call(t, who, "PUT", path, body, "If-Match", version); status != 200 {
			t.Fatalf("%s: %d %v", path, status, said)
		}
	}
	_, now, _ := s.call(t, admin, "GET", "/api/v1/kupang/settings", "")
	settings := fmt.Sprint(now["version"])
	put(admin, "/api/v1/kupang/settings", `{"name":"Kupang bersama","language":"id","currency":"IDR"}`, `"`+settings+`"`)
	_, passport, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/passport", "")
	seen := fmt.Sprint(passport["version"])
	put(coordinator, "/api/v1/kupang/passport/persons", `{"persons":[{"role":"chair","name":"Ina","term_from":"2024-01-01"}]}`, `"`+seen+`"`)
	_, seats, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/seats", "")
	seat := ""
	for _, one := range seats["items"].([]any) {
		if row := one.(map[string]any); row["organisation"] == "og_yayasan" && fmt.Sprint(row["roles"]) == "[trainer]" {
			seat = row["id"].(string)
		}
	}
	put(coordinator, "/api/v1/kupang/seats/"+seat+"/roles", `{"roles":["trainer","signatory"]}`, `"1"`)
	return []staleForm{
		{"settings", "/kupang/settings", "tenant_admin@dinas", url.Values{"version": {settings}, "name": {"Kupang maju"}, "language": {"id"}, "currency": {"USD"}},
			[]string{"Name | Kupang bersama | Kupang maju", "Currency | IDR | USD"}},
		{"persons of a passport", "/kupang/organisations/passport/persons", "cso_coordinator@yayasan", url.Values{
			"version": {seen}, "persons.0.id": {""}, "persons.0.role": {"treasurer"}, "persons.0.name": {"Ina"},
			"persons.0.term_from.day": {"1"}, "persons.0.term_from.month": {"1"}, "persons.0.term_from.year": {"2024"}, "persons.0.term_to.day": {""}, "persons.0.term_to.month": {""}, "persons.0.term_to.year": {""},
		}, []string{"Officer 1, office | Chair | Treasurer"}},
		{"roles of a seat", "/kupang/people/" + seat + "/roles", "cso_coordinator@yayasan", url.Values{"version": {"1"}, "roles": {"member"}},
			[]string{"Roles | signatory, trainer | member"}},
	}
}
