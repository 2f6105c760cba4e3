package web_test

import (
	"strings"
	"testing"
)

// A plan that both sides accepted stays readable as it was, by whoever reads the program.
func TestAnAcceptedPlanIsReadAsItWas(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.running(t)
	for _, who := range []string{coordinator, third} {
		status, said, _ := s.call(t, who, "GET", "/api/v1/kupang/programs/"+id+"/versions/1", "")
		agreed, _ := said["agreed"].(map[string]any)
		if status != 200 || said["no"] != 1.0 || agreed["title"] != "Air" || len(said["changes"].([]any)) != 0 {
			t.Errorf("%s: %d %v", who, status, said)
		}
	}
	for _, no := range []string{"0", "2", "-1", "x", "999999999999999999999"} {
		if status, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs/"+id+"/versions/"+no, ""); status != 404 {
			t.Errorf("version %s: %d %v", no, status, said)
		}
	}
	draft := s.draft(t)
	if status, _, _ := s.call(t, third, "GET", "/api/v1/kupang/programs/"+draft+"/versions/1", ""); status != 404 {
		t.Errorf("of a draft of others: %d", status)
	}
	in := s.desk(t, "member", "dinas")
	_, page, _ := s.visit(t, in, "/kupang/programs/"+id+"?section=history", nil)
	link := hrefIn(page, "Version 1")
	if link != "/kupang/programs/"+id+"/versions/1" {
		t.Fatalf("the history leads to %q", link)
	}
	status, page, _ := s.visit(t, in, link, nil)
	if status != 200 || !strings.Contains(page, "Jumlah sumur") || !strings.Contains(page, "Accepted by both sides") || strings.Contains(page, "/activities\"") {
		t.Errorf("%d\n%s", status, text(page))
	}
}
