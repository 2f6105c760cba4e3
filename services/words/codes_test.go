package words_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/words"
)

// refusals find the codes that the product's sources refuse with.
var refusals = []*regexp.Regexp{
	regexp.MustCompile(`fault\.New\(fault\.[A-Za-z]+, "([a-z_]+)"`),
	regexp.MustCompile(`fault\.On\((?:"[^"]*"|\w+|\w+\([^()]*\)|name\+"[^"]*"), "([a-z_]+)"`),
	regexp.MustCompile(`(?:wrong|newProblem|refused)\([^()]*"([a-z]+(?:_[a-z]+)+)"`),
}

// keysSaid find the messages that pages and handlers ask for by name.
var keysSaid = regexp.MustCompile(`\b[TN]\("([a-z_]+(?:\.[a-z_]+)+)"\s*[,)]`)

func TestEveryRefusalAndEveryMessageIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	codes, keys := map[string]string{}, map[string]string{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		source := strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".templ")
		if err != nil || d.IsDir() || !source || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return err
		}
		for _, pattern := range refusals {
			for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
				codes[m[1]] = path
			}
		}
		for _, m := range keysSaid.FindAllStringSubmatch(string(text), -1) {
			keys[m[1]] = path
		}
		return nil
	})
	if err != nil || len(codes) < 80 || len(keys) < 200 {
		t.Fatalf("found %d codes and %d messages, %v", len(codes), len(keys), err)
	}
	for _, l := range words.Languages() {
		w := words.In(l)
		for code, path := range codes {
			if !w.Has("fault."+code) || !w.Has("fault."+code+".remedy") {
				t.Errorf("%s lacks the sentence or the remedy of %s (%s)", l, code, path)
			}
		}
		for key, path := range keys {
			if !w.Has(key) {
				t.Errorf("%s lacks %s (%s)", l, key, path)
			}
		}
	}
}
