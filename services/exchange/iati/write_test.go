package iati_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
)

// written is a file of some activities.
func written(t testing.TB, activities ...*iati.Activity) []byte {
	t.Helper()
	var b bytes.Buffer
	w := iati.NewWriter(&b, time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC))
	for _, a := range activities {
		if err := w.Write(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// valid holds files to the official schema.
func valid(t *testing.T, files map[string][]byte) {
	t.Helper()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("MITRA_REQUIRE_XMLLINT") != "" {
			t.Fatal(err)
		}
		t.Skip("xmllint (libxml2-utils) is not here")
	}
	dir := t.TempDir()
	args := []string{"--nonet", "--noout", "--schema", filepath.Join(standardstest.Dir(t, "iati", "schema"), "iati-activities-schema.xsd")}
	for name, text := range files {
		path := filepath.Join(dir, strings.NewReplacer("/", "_").Replace(name)+".xml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	said, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput() // #nosec G204 -- a tool of the test
	if err != nil {
		t.Errorf("the schema refuses what was written: %v", err)
		for line := range strings.Lines(string(said)) {
			if !strings.HasSuffix(line, "validates\n") {
				t.Error(line)
			}
		}
	}
}

// Every document that the schema lets pass, and the annotated example, reads as the same
// activity when it is written again, and the schema lets that pass too.
func TestWhatIsWrittenReadsAsTheSameAndTheSchemaLetsItPass(t *testing.T) {
	t.Parallel()
	paths := standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-pass")
	paths = append(paths, filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml"))
	files := map[string][]byte{}
	for _, path := range paths {
		all, err := readAll(t, bytes.NewReader(standardstest.Filled(t, path)))
		if err != nil || len(all) != 1 || all[0].Activity == nil {
			t.Fatalf("%s: %d elements, %v", path, len(all), err)
		}
		text := written(t, all[0].Activity)
		files[filepath.Base(filepath.Dir(path))+"-"+filepath.Base(path)] = text
		again, err := readAll(t, bytes.NewReader(text))
		if err != nil || len(again) != 1 || again[0].Activity == nil {
			t.Fatalf("%s: written, it is %d elements, %v", path, len(again), err)
		}
		before, _ := all[0].Activity.Digest()
		if after, _ := again[0].Activity.Digest(); after != before {
			t.Errorf("%s: written, it is another activity:\n%s", path, text)
		}
		if len(again[0].Problems)+len(again[0].Leftovers) > 0 {
			t.Errorf("%s: written, it has problems %v, leftovers %v", path, codes(again[0]), again[0].Leftovers)
		}
	}
	valid(t, files)
}

func TestTextsOfAFileAreEscaped(t *testing.T) {
	t.Parallel()
	a := one(t, "").Activity
	a.Titles = iati.Texts{{Lang: "id", Text: `Air & "tanah" <1> ]]> ` + "\x01"}, {Lang: "en", Text: "Water"}}
	text := string(written(t, a))
	if strings.Contains(text, "<1>") || strings.Contains(text, "\x01") || !strings.Contains(text, `<narrative xml:lang="en">Water</narrative>`) {
		t.Errorf("written:\n%s", text)
	}
	all, err := readAll(t, strings.NewReader(text))
	if err != nil || len(all) != 1 || !strings.HasPrefix(all[0].Activity.Titles.In("id"), `Air & "tanah" <1> ]]>`) {
		t.Errorf("read again: %v, %v", all, err)
	}
}
