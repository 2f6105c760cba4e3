package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// The platform's administrator makes a tenant, sees how its first people come, and
// hands each side's first person a link; then the way is closed.
func TestTheFirstPeopleOfATenantAreInvitedFromItsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link, _, err := s.People.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.People.SetUp(t.Context(), link[strings.LastIndex(link, "/")+1:], people.SetUp{Name: "Admin", Login: "admin@example.org", Password: secret}); err != nil {
		t.Fatal(err)
	}
	admin := s.signIn(t, "admin@example.org")
	status, _, to := s.visit(t, admin, "/me/tenants", url.Values{"slug": {"sikka"}, "name": {"Sikka"}, "short": {"SKA"}, "zone": {"Asia/Makassar"}, "language": {"id"}, "currency": {"IDR"}})
	if status != 303 || to != "/me/tenants/sikka" {
		t.Fatalf("made: %d to %s", status, to)
	}
	_, page, _ := s.visit(t, admin, to, nil)
	for _, text := range []string{"nobody yet", "mitra person invite --tenant sikka", "WITA"} {
		if !strings.Contains(page, text) {
			t.Errorf("the tenant's page lacks %q", text)
		}
	}
	founder := url.Values{"name": {"Dinas Sosial"}, "side": {"agency"}, "person": {"Ina Rahman"}, "login": {"ina@example.org"}}
	status, page, _ = s.visit(t, admin, to+"/founders", founder)
	if status != 200 || !strings.Contains(page, "http://mitra.example.org/invitations/") || !strings.Contains(page, "It is for Ina Rahman (ina@example.org), Dinas Sosial, and opens until") {
		t.Fatalf("invited: %d, says for whom: %v", status, strings.Contains(page, "It is for Ina Rahman"))
	}
	if status, _, _ := s.visit(t, s.desk(t, "tenant_admin", "dinas"), "/me/tenants/sikka", nil); status != 403 {
		t.Errorf("the tenant's own page for somebody of another tenant: %d", status)
	}
	founder.Set("login", "admin@example.org")
	if status, page, _ := s.visit(t, admin, to+"/founders", founder); status != 422 || !strings.Contains(page, `value="Dinas Sosial"`) {
		t.Errorf("the administrator's own login: %d", status)
	}
	if status, _, _ := s.visit(t, admin, "/me/tenants/kupang/founders", founder); status != 409 {
		t.Errorf("a side that has people: %d", status)
	}
	_, page, _ = s.visit(t, admin, "/me", nil)
	if strings.Contains(page, "You have no seat") || !strings.Contains(page, "You need no seat") {
		t.Error("the administrator is told to wait for a seat")
	}
}

// A link says for whom it is and until when, and is not mailed to a phone number.
func TestAnInvitationSaysForWhomItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.desk(t, "tenant_admin", "dinas")
	form := func(login, mail string) url.Values {
		return url.Values{"name": {"Maria Tamonob"}, "login": {login}, "roles": {"member"}, "mail": {mail}}
	}
	status, page, _ := s.visit(t, in, "/kupang/people/invite", form("081234567890", "true"))
	if status != 422 || !strings.Contains(page, "cannot be mailed to a phone number") || !strings.Contains(page, `value="Maria Tamonob"`) {
		t.Errorf("by mail to a phone number: %d", status)
	}
	status, page, _ = s.visit(t, in, "/kupang/people/invite", form("maria@example.org", "true"))
	if status != 200 || !strings.Contains(page, "It is for Maria Tamonob (maria@example.org), Dinas, and opens until") || !strings.Contains(page, "It was also sent to maria@example.org.") {
		t.Errorf("invited: %d", status)
	}
}
