package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
)

const (
	admin    = "kupang/og_dinas/tenant_admin"
	csoAdmin = "kupang/og_yayasan/tenant_admin"
)

// withAdmins adds an administrator on the side of the CSOs, and one in another tenant.
func (s *site) withAdmins(t *testing.T) {
	t.Helper()
	yayasan := people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}
	s.seat(t, "kupang", yayasan, policies.TenantAdmin)
	s.seat(t, "ende", yayasan, policies.TenantAdmin)
}

const longerPromises = `{"parts":["promises"],"promises":{"acknowledge":5,"answer":20,"decide":30,"pay":17},"reason":"Petugas kami hanya dua orang."}`

// proposal makes one by the agency and gives its id.
func (s *site) proposal(t *testing.T) string {
	t.Helper()
	status, said, _ := s.call(t, admin, "POST", "/api/v1/kupang/settings/proposals", longerPromises)
	if status != 201 {
		t.Fatalf("propose: %d %v", status, said)
	}
	return said["id"].(string)
}

func TestSettingsAreProposedAndAcceptedByTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.proposal(t)
	path := "/api/v1/kupang/settings/proposals/" + id
	_, said, header := s.call(t, admin, "GET", path, "")
	if said["no_admin"] != true || said["state"] != "waiting" || header.Get("ETag") != `"1"` {
		t.Errorf("without an administrator of the CSOs: %v %v, ETag %s", said["no_admin"], said["state"], header.Get("ETag"))
	}
	s.withAdmins(t)
	_, said, _ = s.call(t, coordinator, "GET", path, "")
	if said["no_admin"] != false || len(said["changes"].([]any)) != 2 {
		t.Errorf("for a coordinator: %v, %v", said["no_admin"], said["changes"])
	}
	accord := said["accord"].(map[string]any)
	accept := fmt.Sprintf(`{"hash":%q}`, accord["hash"])
	for _, tt := range []struct {
		who, verb, body, version string
		status                   int
		code                     string
	}{
		{admin, "accept", accept, "1", 403, "proposal_own_side"},
		{coordinator, "accept", accept, "1", 403, "forbidden"},
		{"ende/og_yayasan/tenant_admin", "accept", accept, "1", 404, "not_found"},
		{csoAdmin, "accept", `{"hash":"x"}`, "1", 409, "accord_other_text"},
		{csoAdmin, "accept", accept, "9", 412, "stale"},
		{csoAdmin, "withdraw", "{}", "1", 403, "proposal_other_side"},
		{csoAdmin, "refuse", `{"reason":""}`, "1", 422, "invalid"},
		{csoAdmin, "accept", accept, "1", 200, ""},
		{csoAdmin, "refuse", `{"reason":"x"}`, "3", 409, "proposal_state"},
	} {
		status, said, _ := s.call(t, tt.who, "POST", path+"/"+tt.verb, tt.body, "If-Match", `"`+tt.version+`"`)
		if code, _ := said["code"].(string); status != tt.status || code != tt.code {
			t.Errorf("%s by %s: got %d %v, want %d %s", tt.verb, tt.who, status, said["code"], tt.status, tt.code)
		}
	}
	_, said, header = s.call(t, "kupang/og_dinas/observer", "GET", "/api/v1/kupang/settings/terms", "")
	promises := said["promises"].(map[string]any)
	if promises["answer"] != 20.0 || said["proposal"] != id || header.Get("ETag") != `"2"` {
		t.Errorf("the terms: %v of %v, ETag %s", promises, said["proposal"], header.Get("ETag"))
	}
	_, said, _ = s.call(t, coordinator, "GET", "/api/v1/kupang/settings/proposals?state=in_effect", "")
	if len(said["items"].([]any)) != 1 {
		t.Errorf("in effect: %v", said["items"])
	}
	status, _, _ := s.call(t, "ende/og_yayasan/tenant_admin", "GET", path, "")
	other, said, _ := s.call(t, "ende/og_yayasan/tenant_admin", "GET", strings.Replace(path, "kupang", "ende", 1), "")
	if status != 404 || other != 404 {
		t.Errorf("from another tenant: %d and %d %v, want 404", status, other, said["code"])
	}
}

// What a tenant_admin changes alone no longer holds a zone.
func TestNoSideSetsTheZoneAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	status, said, _ := s.call(t, admin, "PUT", "/api/v1/kupang/settings", `{"name":"Kupang","zone":"Asia/Tokyo","language":"id","currency":"IDR"}`, "If-Match", `"1"`)
	if status != 422 {
		t.Errorf("with a zone: %d %v", status, said)
	}
	status, said, _ = s.call(t, admin, "PUT", "/api/v1/kupang/settings", `{"name":"Kupang Baru","language":"en","currency":"IDR"}`, "If-Match", `"1"`)
	if status != 200 || said["zone"] != "Asia/Jakarta" || said["name"] != "Kupang Baru" {
		t.Errorf("without: %d %v", status, said)
	}
}

// An exception lets a button appear and a call pass, for the tenant alone.
func TestAnAgreedExceptionOpensAndClosesARoute(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withAdmins(t)
	attest := func() any {
		_, said, _ := s.call(t, csoAdmin, "POST", "/api/v1/kupang/passport/attest", `{}`, "If-Match", `"999"`)
		return said["code"]
	}
	agree := func(exceptions string) {
		t.Helper()
		status, said, _ := s.call(t, admin, "POST", "/api/v1/kupang/settings/proposals", `{"parts":["exceptions"],"exceptions":[`+exceptions+`],"reason":"Organisasi kecil."}`)
		if status != 201 {
			t.Fatalf("propose: %d %v", status, said)
		}
		hash := said["accord"].(map[string]any)["hash"]
		status, said, _ = s.call(t, csoAdmin, "POST", "/api/v1/kupang/settings/proposals/"+said["id"].(string)+"/accept", fmt.Sprintf(`{"hash":%q}`, hash), "If-Match", `"1"`)
		if status != 200 {
			t.Fatalf("accept: %d %v", status, said)
		}
	}
	if attest() != "forbidden" {
		t.Fatal("an administrator attests without an exception")
	}
	agree(`"tenant_admin:signatory"`)
	if code := attest(); code == "forbidden" {
		t.Error("an agreed exception is not in force")
	}
	agree("")
	if code := attest(); code != "forbidden" {
		t.Errorf("an ended exception is still in force: %v", code)
	}
}

func TestHolidaysArePreviewedByTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	status, said, _ := s.call(t, admin, "POST", "/api/v1/kupang/settings/holidays/preview", `{"text":"2026-12-24,Cuti bersama Natal\n2026-13-01,Salah"}`)
	counts, _ := said["counts"].(map[string]any)
	if status != 200 || counts["added"] != 1.0 || counts["rejected"] != 1.0 || len(said["holidays"].([]any)) != 35 {
		t.Errorf("got %d %v", status, said["counts"])
	}
	if status, said, _ = s.call(t, coordinator, "POST", "/api/v1/kupang/settings/holidays/preview", `{"text":"x"}`); status != 403 {
		t.Errorf("by a coordinator: %d %v", status, said)
	}
	if status, said, _ = s.call(t, admin, "POST", "/api/v1/kupang/settings/holidays/preview", `{"text":"`+strings.Repeat("x", 257<<10)+`"}`); status != 413 {
		t.Errorf("too large: %d %v", status, said["code"])
	}
}

// The turn of a program counts the tenant's working days, as agreed on.
func TestATurnCountsTheTenantsWorkingDays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	s.Clock.Forward(7 * 24 * time.Hour)
	_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs/"+id, "")
	status, said, _ := s.call(t, coordinator, "POST", "/api/v1/kupang/programs/"+id+"/hand-over", "", "If-Match", fmt.Sprintf(`"%.0f"`, said["version"]))
	turn, _ := said["turn"].(map[string]any)
	if status != 200 || turn["cso_days"] != 5.0 {
		t.Errorf("a week of the CSO's turn: %d %v, want 5 working days", status, said["turn"])
	}
}
