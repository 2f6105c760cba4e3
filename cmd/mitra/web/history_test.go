package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
)

// People read in a history who did what to what, in their words, in their tenant's time;
// they are not shown how records are kept.
func TestAHistoryIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.running(t)
	at := "/kupang/programs/" + id
	in := s.desk(t, "cso_coordinator", "yayasan")
	if err := s.World.DB.Sweep(t.Context(), s.sweep(t)); err != nil {
		t.Fatal(err)
	}
	raw := regexp.MustCompile(`\b(og|ps|pg|st|in)_[0-9a-z]{5,}|[0-9a-f]{40,}|accord\.|acceptances|&#34;|T\d\d:\d\d:\d\d|⟦|plan_version`)
	tag := regexp.MustCompile(`<[^>]*>`)
	for _, row := range []struct {
		language string
		says     []string
	}{
		{"id", []string{"Contoh menerima rencana Air untuk OMS", "Contoh mengubah rencana Air", "Indikator “Jumlah sumur”, target", "1.500", "Penerimaan, sebagai", "penanda tangan", "Disusun", "Berjalan", "Yayasan"}},
		{"en", []string{"Contoh accepted the plan of Air for the CSO", "Contoh changed the plan of Air", "Indicator “Jumlah sumur”, target", "1,500", "1 January 2026", "Yayasan"}},
	} {
		for _, path := range []string{at + "?section=history", "/kupang/activity", "/kupang"} {
			_, page, _ := s.visitIn(t, row.language, in, path, nil)
			text := page[strings.Index(page, "<main"):]
			text = strings.Join(strings.Fields(tag.ReplaceAllString(text, " ")), " ")
			if path != at+"?section=history" {
				row.says = row.says[:1]
			} else if _, after, ok := strings.Cut(text, "Riwayat Contoh"); ok {
				text = after
			}
			if found := raw.FindAllString(text, -1); len(found) > 0 {
				t.Errorf("%s in %s shows %q", path, row.language, found)
			}
			for _, want := range row.says {
				if !strings.Contains(text, strings.ReplaceAll(want, "1 January", "1 Jan")) {
					t.Errorf("%s in %s lacks %q:\n%s", path, row.language, want, text)
				}
			}
		}
	}
	_, said, _ := s.call(t, officer, "GET", "/api/v1/kupang/journal", "")
	kinds := map[string]bool{}
	for _, item := range said["items"].([]any) {
		kinds[item.(map[string]any)["kind"].(string)] = true
	}
	if !kinds["plan_version"] {
		t.Error("the API does not keep the entries that people are not shown")
	}
}

// An invitation and a change of roles name the person they are about to whoever may know.
func TestAHistoryNamesWhomItIsAbout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.desk(t, "tenant_admin", "dinas")
	if status, _, _ := s.visit(t, in, "/kupang/people/invite", url.Values{"name": {"Maria Tamonob"}, "login": {"maria@example.org"}, "roles": {"member"}}); status != 200 {
		t.Fatalf("invited: %d", status)
	}
	if err := s.World.DB.Sweep(t.Context(), s.sweep(t)); err != nil {
		t.Fatal(err)
	}
	_, page, _ := s.visitIn(t, "id", in, "/kupang/activity", nil)
	text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
	if !strings.Contains(text, "Contoh mengundang Maria Tamonob") {
		t.Errorf("the invitation is told without its person:\n%s", text)
	}
	if _, page, _ := s.visitIn(t, "id", s.desk(t, "observer", "dinas"), "/kupang/activity", nil); strings.Contains(page, "Maria Tamonob") {
		t.Error("somebody who may not see invitations reads whom one is for")
	}
}

// sweep is the scope in which the journal of the first tenant is copied.
func (s *site) sweep(t *testing.T) tenants.Scope {
	t.Helper()
	return s.World.Gate.System(t.Context(), "kupang", policies.SweepJournal)
}
