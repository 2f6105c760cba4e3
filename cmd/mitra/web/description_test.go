package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// queryOf are the query parameters that the description gives an operation.
func queryOf(operation map[string]any) []string {
	var names []string
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		if p := p.(map[string]any); p["in"] == "query" {
			names = append(names, p["name"].(string))
		}
	}
	return names
}

// codesOf are the refusals of fields in an answer, by field.
func codesOf(said map[string]any) map[string]string {
	codes := map[string]string{}
	errors, _ := said["errors"].([]any)
	for _, e := range errors {
		e := e.(map[string]any)
		codes[e["name"].(string)] = e["code"].(string)
	}
	return codes
}

// What a list takes in its query is described, and what is described is taken.
func TestTheDescriptionNamesWhatAListTakes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, d, _ := s.call(t, "", "GET", "/api/openapi.json", "")
	// ask gives the refusals that anybody who may read the list gets.
	ask := func(path string) map[string]string {
		for _, who := range matrixSeats {
			if _, said, _ := s.call(t, who, "GET", path, ""); said["code"] != "forbidden" {
				return codesOf(said)
			}
		}
		return nil
	}
	lists := 0
	for path, operations := range d["paths"].(map[string]any) {
		operation, ok := operations.(map[string]any)["get"].(map[string]any)
		if !ok {
			continue
		}
		at := strings.NewReplacer("{tenant}", "kupang", "{id}", "x", "{no}", "1").Replace(path)
		described := queryOf(operation)
		if ask(at + "?wells=1")["wells"] == "filter_unknown" {
			lists++
			if len(described) == 0 {
				t.Errorf("%s takes filters, and the description names none", path)
			}
		} else if len(described) > 0 {
			t.Errorf("%s is described with %v and takes what it does not know", path, described)
		}
		for _, name := range described {
			if ask(at + "?" + name + "=%20")[name] == "filter_unknown" {
				t.Errorf("%s refuses %s, which the description names", path, name)
			}
		}
		if limited := ask(at + "?limit=0")["limit"] == "limit_out_of_range"; limited != slices.Contains(described, "limit") && len(described) > 0 && slices.Contains(described, "cursor") {
			t.Errorf("%s: limit=0 is refused: %v; described: %v", path, limited, described)
		}
	}
	if lists < 20 {
		t.Errorf("%d lists were asked, want every one", lists)
	}
}

// A path that is there answers a method it does not know with those it knows, and HEAD
// as it answers GET.
func TestAPathSaysWhichMethodsItKnows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.draft(t)
	for _, row := range []struct{ method, path, allow string }{
		{"DELETE", "/api/v1/kupang/programs", "GET, HEAD, POST"},
		{"PATCH", "/api/v1/kupang/programs/" + id, "GET, HEAD"},
		{"GET", "/api/v1/kupang/programs/" + id + "/accept", "POST"},
		{"DELETE", "/api/openapi.json", "GET, HEAD"},
		{"PUT", "/sign-in", "GET, HEAD, POST"},
		{"DELETE", "/healthz", "GET, HEAD"},
	} {
		status, said, header := s.call(t, officer, row.method, row.path, "")
		if status != http.StatusMethodNotAllowed || header.Get("Allow") != row.allow {
			t.Errorf("%s %s: %d, allows %q; want 405 and %q", row.method, row.path, status, header.Get("Allow"), row.allow)
		}
		if strings.HasPrefix(row.path, "/api/v1") && said["code"] != "method_not_allowed" {
			t.Errorf("%s %s: %v", row.method, row.path, said)
		}
	}
	if status, _, header := s.call(t, officer, "DELETE", "/api/v1/kupang/nothing/here/at/all", ""); status != 404 || header.Get("Allow") != "" {
		t.Errorf("a path that is not there: %d, allows %q", status, header.Get("Allow"))
	}
	for _, path := range []string{"/api/v1/kupang/programs/" + id, "/api/v1/kupang/programs", "/api/v1/kupang/programs/pg_none", "/sign-in", "/healthz", "/kupang"} {
		status, _, got := s.call(t, officer, "GET", path, "")
		headed, said, head := s.call(t, officer, "HEAD", path, "")
		if headed != status || head.Get("ETag") != got.Get("ETag") || head.Get("Content-Type") != got.Get("Content-Type") || head.Get("Location") != got.Get("Location") || len(said) > 0 {
			t.Errorf("HEAD %s: %d %v, and GET: %d %v", path, headed, head, status, got)
		}
	}
}
