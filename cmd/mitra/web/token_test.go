package web_test

import (
	"testing"
	"time"
)

// A token for reading reads what its seat reads and changes nothing, not even by making
// another token.
func TestATokenForReadingChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	status, made, _ := s.call(t, coordinator, "POST", "/api/v1/me/tokens", `{"name":"dasbor","days":7,"read_only":true}`)
	if status != 201 || made["read_only"] != true || made["used_at"] != nil {
		t.Fatalf("made: %d %v", status, made)
	}
	s.tokens["reader"] = made["secret"].(string)
	id := s.draft(t)
	for _, path := range []string{"/api/v1/kupang/programs/" + id, "/api/v1/me", "/api/v1/me/tokens"} {
		if status, said, _ := s.call(t, "reader", "GET", path, ""); status != 200 {
			t.Errorf("%s: %d %v", path, status, said)
		}
		if status, _, _ := s.call(t, "reader", "HEAD", path, ""); status != 200 {
			t.Errorf("HEAD %s: %d", path, status)
		}
	}
	for _, row := range [][3]string{
		{"POST", "/api/v1/kupang/programs", `{"title":"x","purpose":"x"}`}, {"PUT", "/api/v1/kupang/programs/" + id + "/basics", `{"title":"x"}`},
		{"POST", "/api/v1/me/tokens", `{"name":"lain","days":7}`}, {"DELETE", "/api/v1/me/tokens/" + made["id"].(string), ""}, {"PUT", "/api/v1/me/password", `{}`},
	} {
		if status, said, _ := s.call(t, "reader", row[0], row[1], row[2], "If-Match", `"1"`); status != 403 || said["code"] != "token_reads_only" {
			t.Errorf("%s %s: %d %v", row[0], row[1], status, said["code"])
		}
	}
	used := func() map[string]any {
		_, list, _ := s.call(t, coordinator, "GET", "/api/v1/me/tokens", "")
		by := map[string]any{}
		for _, item := range list["items"].([]any) {
			row := item.(map[string]any)
			by[row["name"].(string)] = row["used_at"]
		}
		return by
	}
	if at, _ := used()["dasbor"].(string); at != s.World.Gate.Now().Format(time.RFC3339) {
		t.Errorf("last used at %q", at)
	}
}
