package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// An indicator is broken down on the plan's form, reported part by part, and the form
// shows how its total is made before anything is kept.
func TestAFigureIsReportedByItsPartsAndItsTotalShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	at, home := "/api/v1/kupang/programs/"+id, "/kupang/programs/"+id
	s.put(t, coordinator, at, "basics", `{"title":"Air","purpose":"Sumur","from":"2026-01-01","to":"2027-12-31"}`)
	in, other := s.desk(t, "cso_coordinator", "yayasan"), s.desk(t, "program_officer", "dinas")
	plan := url.Values{
		"version": {"2"}, "results.0.id": {"r1"}, "results.0.level": {"output"}, "results.0.title": {"Kader"},
		"indicators.0.id": {""}, "indicators.0.node": {"r1"}, "indicators.0.title": {"Orang terlatih"}, "indicators.0.measure": {"count"}, "indicators.0.aggregation": {"sum"},
		"indicators.0.dimensions.0.id": {""}, "indicators.0.dimensions.0.name": {"Jenis kelamin"},
		"indicators.0.dimensions.0.categories.0.id": {""}, "indicators.0.dimensions.0.categories.0.name": {"Perempuan"},
		"indicators.0.dimensions.0.categories.1.id": {""}, "indicators.0.dimensions.0.categories.1.name": {"Laki-laki"},
		"indicators.0.dimensions.0.categories.2.id": {""}, "indicators.0.dimensions.0.categories.2.name": {""},
		"indicators.0.dimensions.1.id": {""}, "indicators.0.dimensions.1.name": {""},
	}
	if status, page, _ := s.visitIn(t, "id", in, home+"/results", plan); status != 303 {
		t.Fatalf("the plan: %d\n%s", status, text(page))
	}
	_, now, _ := s.call(t, coordinator, "GET", at, "")
	yes := `{"hash":"` + now["accord"].(map[string]any)["hash"].(string) + `"}`
	s.put(t, signatory, at, "accept", yes)
	s.put(t, approver, at, "accept", yes)
	s.put(t, officer, at, "open-reporting", `{"from":"2026-01-01","to":"2027-12-31","until":"2026-12-31"}`)
	_, page, _ := s.visit(t, in, home+"?section=results", nil)
	says(t, page, "Broken down by Jenis kelamin: Perempuan, Laki-laki")

	form := func(women, men, whole string) url.Values {
		return url.Values{
			"indicator": {"ix1"}, "measure": {"count"}, "from": {"2026-01-01"}, "to": {"2026-06-30"}, "value.value": {whole},
			"cells.0.categories": {"ca1"}, "cells.0.value.value": {women}, "cells.1.categories": {"ca2"}, "cells.1.value.value": {men},
		}
	}
	_, page, _ = s.visit(t, in, home+"/actuals/new", nil)
	says(t, page, "Perempuan", "Laki-laki", "Show how the total is made")
	status, page, _ := s.visitIn(t, "id", in, home+"/actuals/preview", form("4", "5", ""))
	says(t, page, "Bagaimana jumlahnya dibuat", "menjumlahkan", "Jumlah dengan angka ini 9")
	if status != 200 || !strings.Contains(page, `name="cells.1.value.value" value="5"`) {
		t.Errorf("the preview: %d, and what was typed is gone", status)
	}
	if _, list, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/actuals?program="+id, ""); len(list["items"].([]any)) != 0 {
		t.Error("a preview was kept")
	}
	status, page, _ = s.visit(t, in, home+"/actuals", form("4", "5", "10"))
	says(t, page, "The parts make 9, and not the whole.")
	if status != 422 || !strings.Contains(page, `name="cells.0.value.value" value="4"`) {
		t.Errorf("parts that do not make the whole: %d", status)
	}
	_, _, actual := s.visit(t, in, home+"/actuals", form("4", "", "10"))
	_, page, _ = s.visit(t, in, actual, nil)
	says(t, page, "Value 10", "Perempuan 4")
	if strings.Contains(text(page), "Laki-laki") {
		t.Error("a part that was not given is shown")
	}
	s.visit(t, in, actual+"/submit", url.Values{"version": {"1"}})
	_, page, _ = s.visit(t, other, actual, nil)
	says(t, page, "How the total is made", "Total now Nothing accepted yet", "Total with this figure 10")
	s.visit(t, other, actual+"/accept", url.Values{"version": {"2"}})
	_, page, _ = s.visit(t, other, home+"?section=results", nil)
	says(t, page, "Perempuan 4 Laki-laki No total")
	if status, said, _ := s.call(t, third, "POST", at+"/actuals/preview", `{"indicator":"ix1"}`); status != 403 {
		t.Errorf("previewed by a third organisation: %d %v", status, said)
	}
}
