package web_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A list is taken away as it is on the screen: the same rows for the same filter and the
// same reader, in their language.
func TestAListIsTakenAwayAsItIsOnTheScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.running(t)
	draft := s.draft(t)
	get := func(who, path string) (int, []byte, string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1"+path, nil)
		r.Header.Set("Authorization", "Bearer "+s.tokens[who])
		r.Header.Set("Accept-Language", "en")
		response, err := s.site.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, body, response.Header.Get("Content-Type") + " " + response.Header.Get("Content-Disposition")
	}
	rows := func(who, path string) [][]string {
		t.Helper()
		status, body, headers := get(who, path)
		lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if status != 200 || err != nil || !strings.HasPrefix(headers, "text/csv; charset=utf-8 attachment; filename=") {
			t.Fatalf("%s: %d %s %v\n%s", path, status, headers, err, body)
		}
		return lines
	}
	for _, query := range []string{"", "?state=active", "?state=drafting", "?q=nothing"} {
		for _, who := range []string{coordinator, officer, third} {
			_, list, _ := s.call(t, who, "GET", "/api/v1/kupang/programs"+query, "")
			want := len(list["items"].([]any))
			if got := len(rows(who, "/kupang/programs.csv"+query)) - 1; got != want {
				t.Errorf("%s, %q: %d rows, and %d on the screen", who, query, got, want)
			}
			status, body, headers := get(who, "/kupang/programs.xlsx"+query)
			book, err := excelize.OpenReader(bytes.NewReader(body))
			if status != 200 || err != nil || !strings.Contains(headers, "programs-kupang.xlsx") {
				t.Fatalf("%d %s %v", status, headers, err)
			}
			lines, err := book.GetRows(book.GetSheetName(0))
			if err != nil || len(lines)-1 != want {
				t.Errorf("%s, %q: %d rows of XLSX, %v; want %d", who, query, len(lines)-1, err, want)
			}
		}
	}
	if len(rows(third, "/kupang/programs.csv")) != len(rows(coordinator, "/kupang/programs.csv"))-1 {
		t.Error("a third organisation is to see one program less: the draft " + draft)
	}
	members := rows(coordinator, "/kupang/organisations.csv?side=cso")
	if members[0][0] != "Organisation" || len(members) < 2 || members[1][2] != "CSO" {
		t.Errorf("organisations: %q", members)
	}
	if status, body, _ := get(coordinator, "/kupang/programs.csv?state=nowhere"); status != 422 || !strings.Contains(string(body), "choice_unknown") {
		t.Errorf("a state that is none: %d %s", status, body)
	}
	if status, _, _ := get(elsewhere, "/kupang/programs.csv"); status != 404 {
		t.Errorf("from another tenant: %d", status)
	}
	if page := s.page(t, coordinator, "/kupang/programs?state=active&cursor="); !strings.Contains(page, `href="/kupang/programs.csv?state=active"`) {
		t.Error("the page does not offer its list with its filter")
	}
}
