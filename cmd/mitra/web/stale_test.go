package web_test

import (
	"net/url"
	"testing"

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
		return url.Values{"title": {title}, "purpose": {"Sumur"}, "version": {"1"}}
	}
	if status, _, _ := s.visit(t, s.signIn(t, "maria@example.org"), at+"/basics", form("Dari Maria")); status != 303 {
		t.Fatalf("the faster: %d", status)
	}
	status, page, _ := s.visitIn(t, "id", s.desk(t, "cso_coordinator", "yayasan"), at+"/basics", form("Dari saya"))
	if status != 412 {
		t.Errorf("the slower: %d", status)
	}
	says(t, page, "Maria Tamonob menyimpan bagian ini", "Judul Dari Maria", "Tujuan Sumur")
}
