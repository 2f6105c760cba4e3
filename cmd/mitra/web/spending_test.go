package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// Money that was spent is reported by one side on a page, accepted by the other, and then
// stands against the budget.
func TestSpendingStandsAgainstTheBudget(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	at := "/api/v1/kupang/programs/" + id
	s.put(t, coordinator, at, "basics", `{"title":"Air","purpose":"Sumur","from":"2026-01-01","to":"2027-12-31"}`)
	s.put(t, coordinator, at, "budget", `{"budget":[{"line":"Lapangan","source":"Dinas","amount":{"amount":100000000,"currency":"IDR"}}]}`)
	_, now, _ := s.call(t, coordinator, "GET", at, "")
	yes := `{"hash":"` + now["accord"].(map[string]any)["hash"].(string) + `"}`
	s.put(t, signatory, at, "accept", yes)
	s.put(t, approver, at, "accept", yes)
	s.put(t, officer, at, "open-reporting", `{"from":"2026-01-01","to":"2027-12-31","until":"2026-12-31"}`)

	in, other := s.desk(t, "cso_coordinator", "yayasan"), s.desk(t, "program_officer", "dinas")
	home := "/kupang/programs/" + id
	_, page, _ := s.visit(t, in, home+"?section=money", nil)
	says(t, page, "Budget against actuals")
	link := hrefIn(page, `Report spending`)
	if link != home+"/actuals/new?line=bl1" {
		t.Fatalf("spending is reported at %q", link)
	}
	form := func(amount string) url.Values {
		return url.Values{
			"line": {"bl1"}, "currency": {"IDR"}, "spent": {amount}, "from": {"2026-01-01"}, "to": {"2026-06-30"},
		}
	}
	status, page, _ := s.visitIn(t, "id", in, home+"/actuals", form("nol"))
	if status != 422 || !strings.Contains(page, `value="nol"`) || !strings.Contains(page, `name="line" value="bl1"`) {
		t.Errorf("no amount: %d\n%s", status, text(page))
	}
	_, _, actual := s.visitIn(t, "id", in, home+"/actuals", form("250.000,50"))
	_, page, _ = s.visitIn(t, "id", in, actual, nil)
	says(t, page, "Lapangan", "Rp 250.000,50")
	s.visit(t, in, actual+"/submit", url.Values{"version": {"1"}})
	_, page, _ = s.visit(t, other, home+"?section=money", nil)
	says(t, page, "Lapangan Rp 1,000,000 Rp 0 0% Rp 250,000.50")
	s.visit(t, other, actual+"/accept", url.Values{"version": {"2"}})
	_, page, _ = s.visit(t, other, home+"?section=money", nil)
	says(t, page, "Lapangan Rp 1,000,000 Rp 250,000.50 25% Rp 0")
	_, said, _ := s.call(t, officer, "GET", at+"/spending", "")
	line := said["lines"].([]any)[0].(map[string]any)
	if line["basis_points"] != 2500.0 {
		t.Errorf("through the API: %v", said)
	}
	s.visitIn(t, "id", in, actual+"/correct", url.Values{"version": {"3"}, "currency": {"IDR"}, "spent": {"200.000"}, "reason": {"Kuitansi ganda"}})
	_, page, _ = s.visit(t, in, actual, nil)
	says(t, page, "Rp 200,000", "Earlier value Rp 250,000.50 (Kuitansi ganda")
}
