package web_test

import (
	"strings"
	"testing"
)

// An operation that changes what somebody may have changed meanwhile asks for the version
// that was seen, and the description says so of it and of no other.
func TestTheDescriptionSaysWhatNeedsAVersion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	program := s.running(t)
	_, seats, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/seats", "")
	seat := seats["items"].([]any)[0].(map[string]any)["id"].(string)
	member, proposal := s.member(t), s.proposal(t)
	_, d, _ := s.call(t, "", "GET", "/api/openapi.json", "")
	asked := 0
	for path, operations := range d["paths"].(map[string]any) {
		for method, operation := range operations.(map[string]any) {
			if method == "get" || method == "head" {
				continue
			}
			described := false
			parameters, _ := operation.(map[string]any)["parameters"].([]any)
			for _, p := range parameters {
				described = described || p.(map[string]any)["name"] == "If-Match"
			}
			id := program
			switch {
			case strings.Contains(path, "/seats/"):
				id = seat
			case strings.Contains(path, "/organisations/"):
				id = member
			case strings.Contains(path, "/settings/proposals/"):
				id = proposal
			}
			at := strings.NewReplacer("{tenant}", "kupang", "{id}", id).Replace(path)
			for _, who := range matrixSeats {
				status, said, _ := s.call(t, who, strings.ToUpper(method), at, "{}")
				if said["code"] == "version_required" {
					asked++
				}
				if status == 428 && !described {
					t.Errorf("%s %s needs a version, and the description does not say so", method, path)
				}
				if status < 300 && described {
					t.Errorf("%s %s is described to need a version, and does without", method, path)
				}
			}
		}
	}
	if asked < 20 {
		t.Errorf("%d times a version was asked for", asked)
	}
}
