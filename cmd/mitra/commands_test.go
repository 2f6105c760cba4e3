package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
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
