// Package standardstest finds the published standards that tests read: schemas, code
// lists, examples. They are not part of the repository.
package standardstest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Dir is a folder of the standards: Dir(t, "iati", "examples"). MITRA_STANDARDS says
// where they are; without it they are looked for beside the module, in
// ../shared/standards. The test is skipped when they are absent there, and fails when
// MITRA_STANDARDS names a folder that does not have them.
func Dir(t testing.TB, parts ...string) string {
	t.Helper()
	root, named := os.LookupEnv("MITRA_STANDARDS")
	if !named {
		root = filepath.Join(moduleRoot(t), "..", "shared", "standards")
	}
	dir := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		if named {
			t.Fatalf("MITRA_STANDARDS has no %s: %v", filepath.Join(parts...), err)
		}
		t.Skipf("the standards are not here (%v); set MITRA_STANDARDS to the folder that holds them", err)
	}
	return dir
}

// Files are the paths of every file below a folder of the standards whose name ends in suffix.
func Files(t testing.TB, suffix string, parts ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(Dir(t, parts...), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, suffix) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
