package web_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// matrixSeats are the columns: a role of each kind on each side.
var matrixSeats = []string{
	"kupang/og_dinas/tenant_admin", "kupang/og_dinas/program_officer", "kupang/og_dinas/approver", "kupang/og_dinas/member",
	"kupang/og_dinas/observer", "kupang/og_yayasan/cso_coordinator", "kupang/og_yayasan/signatory", "kupang/og_yayasan/trainer",
}

// Every operation of the API as every role: what the permission book lets pass. The
// golden file is reviewed like code.
func TestTheMatrixOfRoutesAndRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	program := s.draft(t)
	_, seats, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/seats", "")
	seat := seats["items"].([]any)[0].(map[string]any)["id"].(string)
	member := s.member(t)
	proposal := s.proposal(t)
	amendment := s.amendment(t, s.running(t))
	var b strings.Builder
	for i, who := range matrixSeats {
		fmt.Fprintf(&b, "%d %s\n", i+1, strings.TrimPrefix(who, "kupang/og_"))
	}
	for _, route := range s.site.Routes() {
		parts := strings.Fields(route)
		if !strings.HasPrefix(parts[1], "/api/v1/") {
			continue
		}
		id := program
		switch {
		case strings.Contains(parts[1], "/seats/"):
			id = seat
		case strings.Contains(parts[1], "/organisations/"):
			id = member
		case strings.Contains(parts[1], "/settings/proposals/"):
			id = proposal
		case strings.Contains(parts[1], "/program-amendments/"):
			id = amendment
		}
		path := strings.NewReplacer(":tenant", "kupang", ":id", id).Replace(parts[1])
		body := ""
		if parts[0] != "GET" {
			body = "{}"
		}
		fmt.Fprintf(&b, "\n%-6s %-48s", parts[0], strings.TrimPrefix(parts[1], "/api/v1"))
		for i, who := range matrixSeats {
			// A version nobody has seen: what passes the book is refused as stale and changes nothing.
			_, said, _ := s.call(t, who, parts[0], path, body, "If-Match", `"999"`)
			mark := fmt.Sprint(i + 1)
			if said["code"] == "forbidden" {
				mark = "."
			}
			b.WriteString(" " + mark)
		}
	}
	got := b.String() + "\n"
	golden := filepath.Join("testdata", "matrix.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(golden))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the matrix is\n%s\nwant\n%s\n(-update writes it, to be reviewed)", got, want)
	}
}
