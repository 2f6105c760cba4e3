package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const published = `<iati-activities version="2.03"><iati-activity default-currency="IDR" xml:lang="id"><iati-identifier>ID-KLN-1-A</iati-identifier>
<reporting-org ref="ID-KLN-1" type="22"><narrative>Yayasan</narrative></reporting-org><title><narrative>Air</narrative></title>
<description><narrative>Sumur</narrative></description><participating-org role="4" type="22" ref="ID-KLN-1"><narrative>Yayasan</narrative></participating-org>
<activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/><recipient-country code="ID"/></iati-activity></iati-activities>`

// From a file to a file: what was read is written again, to the terminal or to a file that
// is whole, and the rules that it breaks are said.
func TestProgramsAreExportedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	data, dir := t.TempDir(), t.TempDir()
	in, out := filepath.Join(dir, "in.xml"), filepath.Join(dir, "out.xml")
	if err := os.WriteFile(in, []byte(published), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"tenant", "create", "kupang", "--short", "KPG"}, {"import", "iati", "--tenant", "kupang", in}} {
		if status, _, log := mitra(t, data, args...); status != exitDone {
			t.Fatalf("%v: status %d, %s", args, status, log)
		}
	}
	status, printed, log := mitra(t, data, "export", "iati", "--tenant", "kupang")
	if status != exitDone || !strings.HasPrefix(printed, "<?xml") || !strings.Contains(printed, "<iati-identifier>ID-KLN-1-A</iati-identifier>") || !strings.HasSuffix(strings.TrimSpace(printed), "</iati-activities>") {
		t.Fatalf("to the terminal: status %d, %s%s", status, printed, log)
	}
	status, said, log := mitra(t, data, "export", "iati", "--tenant", "kupang", "--out", out, "--json")
	written, err := os.ReadFile(filepath.Clean(out))
	if status != exitDone || err != nil || !strings.Contains(said, `"activities":1`) || !strings.Contains(string(written), "ID-KLN-1-A") {
		t.Fatalf("to a file: status %d, %v, %s%s", status, err, said, log)
	}
	status, said, _ = mitra(t, data, "export", "iati", "--tenant", "kupang", "--check")
	if status != exitNotDone || !strings.Contains(said, "error ID-KLN-1-A: No sector is given") || !strings.Contains(said, "(rule 6.2.2)") || strings.Count(said, "\n") != 2 {
		t.Errorf("checked: status %d, %s", status, said)
	}
	if status, said, _ = mitra(t, data, "import", "iati", "--tenant", "kupang", out, "--json"); status != exitDone || !strings.Contains(said, `"unchanged":1`) {
		t.Errorf("read in again: status %d, %s", status, said)
	}
	for _, args := range [][]string{{"export"}, {"export", "iati"}, {"export", "csv", "--tenant", "kupang"}, {"export", "iati", "--tenant", "kupang", "--check", "--out", out}} {
		if status, _, _ := mitra(t, data, args...); status != exitUsage {
			t.Errorf("%v: status %d, want %d", args, status, exitUsage)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".mitra-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
