package web_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// What a tenant publishes: a file for whoever may, and beforehand what the rules say of it.
func TestAProgramIsPublishedAsIATI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	program := s.running(t)
	s.draft(t)
	get := func(method, who, path string) (int, string, string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("Authorization", "Bearer "+s.tokens[who])
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text), response.Header.Get("Content-Type") + "; " + response.Header.Get("Content-Disposition")
	}
	status, text, headers := get("GET", coordinator, "/api/v1/kupang/exports/iati.xml")
	if status != 200 || headers != `application/xml; charset=utf-8; attachment; filename=iati-kupang.xml` || strings.Count(text, "<iati-activity ") != 1 || !strings.Contains(text, "-"+program+"</iati-identifier>") {
		t.Errorf("the file: %d, %s\n%s", status, headers, text)
	}
	if status, text, _ := get("HEAD", coordinator, "/api/v1/kupang/exports/iati.xml"); status != 200 || text != "" {
		t.Errorf("HEAD: %d, %q", status, text)
	}
	if status, text, _ := get("GET", elsewhere, "/api/v1/kupang/exports/iati.xml"); status != 404 || strings.Contains(text, "iati-activity") {
		t.Errorf("from another tenant: %d", status)
	}
	_, said, _ := s.call(t, officer, "GET", "/api/v1/kupang/exports/iati", "")
	items := said["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["program"] != program {
		t.Fatalf("checked: %v", said)
	}
	in := s.desk(t, "program_officer", "dinas")
	_, page, _ := s.visit(t, in, "/kupang/programs", nil)
	if link := hrefIn(page, "IATI export"); link != "/kupang/exports/iati" {
		t.Fatalf("the programs lead to %q", link)
	}
	_, page, _ = s.visit(t, in, "/kupang/exports/iati", nil)
	says(t, page, "Air", "Error No sector is given", "Give a place of the program its country", "(rule 6.2.2, 1 place)")
	_, page, _ = s.visitIn(t, "id", in, "/kupang/exports/iati", nil)
	says(t, page, "Kesalahan Sektor tidak disebut", "Unduh berkasnya")
	if status, _, _ := s.visit(t, s.desk(t, "member", "dinas"), "/kupang/exports/iati", nil); status != 403 {
		t.Errorf("a member: %d", status)
	}
}
