package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants/store"
)

// mitra runs one sub-command in a data directory, as a shell would, and gives its exit
// status and what it printed. Package main cannot be imported, so this test lies inside it.
func mitra(t *testing.T, data string, args ...string) (status int, out, log string) {
	t.Helper()
	var printed, said strings.Builder
	status = run(t.Context(), append(args, "--data", data), nil, &printed, &said)
	return status, printed.String(), said.String()
}

func databases(t *testing.T, data string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".bolt") {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A slip of the finger must not be answered with "ok", nor leave a database behind.
func TestCommandsRefuseATenantThatIsNotThere(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if status, _, log := mitra(t, data, "tenant", "create", "kupang", "--name", "Kupang", "--short", "KPG"); status != exitDone {
		t.Fatalf("tenant create: status %d, %s", status, log)
	}
	before := databases(t, data)
	if len(before) == 0 {
		t.Fatal("no database file where they are looked for")
	}
	for _, slug := range []string{"kupnag", "../x", "KUPANG", "commons/x", "mitra", " "} {
		for name, args := range map[string][]string{
			"verify audit":   {"verify", "audit", "--tenant", slug},
			"import iati":    {"import", "iati", "--tenant", slug, "none.xml"},
			"export iati":    {"export", "iati", "--tenant", slug},
			"person list":    {"person", "list", "--tenant", slug},
			"person invite":  {"person", "invite", "--tenant", slug, "--organisation", "X", "--role", "approver", "--email", "a@example.org"},
			"tenant suspend": {"tenant", "suspend", slug},
		} {
			if status, out, log := mitra(t, data, args...); status != exitNotDone || out != "" || log == "" {
				t.Errorf("%s for %q: status %d, printed %q, said %q; want a refusal", name, slug, status, out, log)
			}
		}
	}
	if after := databases(t, data); len(after) != len(before) {
		t.Errorf("databases before %v, after %v", before, after)
	}
	for _, slug := range []string{"kupang", "commons"} {
		if status, out, log := mitra(t, data, "verify", "audit", "--tenant", slug, "--json"); status != exitDone || !strings.Contains(out, `"ok":true`) {
			t.Errorf("verify audit of %s: status %d, printed %q, said %q", slug, status, out, log)
		}
	}
}

// A journal that was rewritten whole verifies by itself; not against what somebody kept.
func TestAnAuditIsHeldAgainstKeptHeads(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, args := range [][]string{
		{"tenant", "create", "kupang", "--name", "Kupang", "--short", "KPG"},
		{"person", "invite", "--tenant", "kupang", "--organisation", "Dinas", "--role", "approver", "--email", "a@example.org"},
	} {
		if status, _, log := mitra(t, data, args...); status != exitDone {
			t.Fatalf("%v: %d %s", args, status, log)
		}
	}
	_, out, _ := mitra(t, data, "verify", "audit", "--tenant", "kupang", "--json")
	var chain store.Chain
	if err := json.Unmarshal([]byte(out), &chain); err != nil || chain.Entries < 1 {
		t.Fatalf("%q: %v", out, err)
	}
	keep := func(text string) string {
		path := filepath.Join(t.TempDir(), "heads")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := strings.Repeat("0", 64)
	for _, row := range []struct {
		name, file string
		status     int
		says       string
	}{
		{"its own head", keep(fmt.Sprintf("2026-11-24 %d %s", chain.Entries, chain.Head)), exitDone, `"ok":true`},
		{"another head", keep(fmt.Sprintf("2026-11-24 %d %s", chain.Entries, other)), exitNotDone, fmt.Sprintf(`"first_bad":{"seq":%d,"kind":"altered"}`, chain.Entries)},
		{"a later head", keep(fmt.Sprintf(`{"items":[{"seq":%d,"hash":%q}]}`, chain.Entries+1, other)), exitNotDone, fmt.Sprintf(`"first_bad":{"seq":%d,"kind":"missing"}`, chain.Entries+1)},
		{"no heads", keep("halo"), exitNotDone, ""},
		{"no file", filepath.Join(t.TempDir(), "none"), exitNotDone, ""},
	} {
		status, out, log := mitra(t, data, "verify", "audit", "--tenant", "kupang", "--heads", row.file, "--json")
		if status != row.status || !strings.Contains(out, row.says) || status != exitDone && log == "" {
			t.Errorf("%s: status %d, printed %q, said %q", row.name, status, out, log)
		}
	}
}

// Whoever owns the machine sees who is there, and lets in again who lost the way.
func TestPeopleAreListedAndLetInAgain(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if status, _, log := mitra(t, data, "tenant", "create", "kupang", "--name", "Kupang", "--short", "KPG"); status != exitDone {
		t.Fatal(log)
	}
	h, err := build(t.Context(), Config{Data: data, MailFrom: "Mitra <mitra@example.org>"}, "http://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sc := h.gate.System(t.Context(), "kupang", policies.RunCommand)
	made, err := h.people.InviteFirst(t.Context(), sc, organisationNamed("Dinas", policies.Agency), people.Invite{Login: "ina@example.org", Name: "Ina", Roles: []policies.Role{policies.Approver}})
	if err != nil {
		t.Fatal(err)
	}
	secret := made.Link[strings.LastIndex(made.Link, "/")+1:]
	if _, err := h.people.Accept(t.Context(), secret, people.Accept{Password: "perahu-sasando-7"}); err != nil {
		t.Fatal(err)
	}
	if err := h.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, out, log := mitra(t, data, "person", "list", "--tenant", "kupang", "--json")
	var printed struct {
		People []struct {
			Name, State string
			Logins      []string
			Roles       []string
			TwoSteps    bool `json:"two_steps"`
		}
	}
	if err := json.Unmarshal([]byte(out), &printed); status != exitDone || err != nil || len(printed.People) != 1 {
		t.Fatalf("list: %d %q %q", status, out, log)
	}
	if p := printed.People[0]; p.Name != "Ina" || p.State != "active" || len(p.Logins) != 1 || p.Logins[0] != "mailto:ina@example.org" || p.Roles[0] != "approver" || p.TwoSteps {
		t.Errorf("listed: %+v", p)
	}
	if strings.Contains(out, "argon2id") {
		t.Error("the list prints a password's hash")
	}
	if _, out, _ = mitra(t, data, "person", "list", "--tenant", "kupang"); !strings.Contains(out, "Ina\tina@example.org\tDinas") {
		t.Errorf("as text: %q", out)
	}
	for _, args := range [][]string{{"person", "reset", "--email", "ina@example.org"}, {"person", "reset", "--email", "ina@example.org", "--second-step"}} {
		if status, out, log := mitra(t, data, args...); status != exitDone || !strings.Contains(out, "/reset/ps_") {
			t.Errorf("%v: %d %q %q", args, status, out, log)
		}
	}
	for _, row := range []struct {
		status int
		args   []string
	}{
		{exitUsage, []string{"person"}}, {exitUsage, []string{"person", "list"}}, {exitUsage, []string{"person", "reset"}}, {exitUsage, []string{"person", "erase"}},
		{exitNotDone, []string{"person", "list", "--tenant", "kupnag"}}, {exitNotDone, []string{"person", "reset", "--email", "nobody@example.org"}}, {exitNotDone, []string{"person", "reset", "--email", "x"}},
	} {
		if status, out, log := mitra(t, data, row.args...); status != row.status || out != "" || log == "" {
			t.Errorf("%v: %d %q %q, want %d", row.args, status, out, log, row.status)
		}
	}
}

// Scripts tell by the status that nothing is wrong with what they asked, and try again.
func TestEveryCommandSaysThatAStoreCannotBeReached(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.xml")
	for name, args := range map[string][]string{
		"serve":          {"serve", "--listen", "127.0.0.1:0"},
		"tenant create":  {"tenant", "create", "kupang"},
		"tenant list":    {"tenant", "list"},
		"tenant suspend": {"tenant", "suspend", "kupang"},
		"person invite":  {"person", "invite", "--tenant", "kupang", "--organisation", "X", "--role", "approver", "--email", "a@example.org"},
		"person list":    {"person", "list", "--tenant", "kupang"},
		"person reset":   {"person", "reset", "--email", "a@example.org"},
		"import iati":    {"import", "iati", "--tenant", "kupang", file},
		"export iati":    {"export", "iati", "--tenant", "kupang"},
		"verify audit":   {"verify", "audit", "--tenant", "kupang"},
		"backup":         {"backup", "--all", file},
		"doctor":         {"doctor"},
	} {
		for store, variable := range map[string]string{
			"database": "MITRA_MONGODB_URI=mongodb://127.0.0.1:" + deaf(t) + "/?serverSelectionTimeoutMS=200",
			"files":    "MITRA_S3_ENDPOINT=127.0.0.1:" + deaf(t),
		} {
			t.Run(name+" without its "+store, func(t *testing.T) {
				t.Parallel()
				var printed, said strings.Builder
				environ := []string{variable, "MITRA_S3_SECURE=false", "MITRA_S3_ACCESS_KEY=a", "MITRA_S3_SECRET_KEY=b"}
				status := run(t.Context(), append(args, "--data", t.TempDir()), environ, &printed, &said)
				if status != exitUnreachable || said.Len() == 0 {
					t.Errorf("status %d, printed %q, said %q; want %d and what to do", status, printed.String(), said.String(), exitUnreachable)
				}
			})
		}
	}
}

// deaf is a port of this machine at which nobody listens.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}
