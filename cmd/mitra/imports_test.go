package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mitra-platform/mitra/"

// servicesInOrder is the order of STYLE.md §2: each may import those before it.
var servicesInOrder = []string{"fault", "clocks", "work", "money", "words", "accord", "mail", "paper", "people", "settings", "forms", "organisations", "programs", "exchange", "notices", "audit"}

// keepers are the only packages that know a library.
var keepers = map[string][]string{
	"github.com/gofiber/fiber":      {"cmd/mitra/web"},
	"go.mongodb.org/mongo-driver":   {"tenants"},
	"github.com/casbin/casbin":      {"policies"},
	"github.com/minio/minio-go":     {"uploads"},
	"go.etcd.io/bbolt":              {"tenants/embedded"},
	"github.com/a-h/templ":          {"cmd/mitra/web"},
	"github.com/nicksnyder/go-i18n": {"services/words"},
	"github.com/wneessen/go-mail":   {"services/mail"},
}

// Every arrow between packages is one that STYLE.md §3 draws.
func TestImportsFollowTheirDirection(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if reason := wrong(filepath.ToSlash(relative), to, strings.HasSuffix(path, "_test.go")); reason != "" {
				t.Errorf("%s imports %s: %s", path, to, reason)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wrong says what is wrong with an arrow; empty when nothing is.
func wrong(from, to string, test bool) string {
	for library, keeper := range keepers {
		if !test && strings.HasPrefix(to, library) && !slices.ContainsFunc(keeper, func(k string) bool { return within(from, k) }) {
			return "only " + strings.Join(keeper, ", ") + " knows it"
		}
	}
	to, ours := strings.CutPrefix(to, module)
	if !ours || test {
		return ""
	}
	switch {
	case within(from, "cmd/mitra"), to == "services/fault", within(to, area(from)):
		return ""
	case within(to, "cmd"):
		return "nothing imports cmd"
	case within(to, "tenants/tenantstest"):
		return "only tests make worlds"
	case within(from, "policies"), within(from, "services/fault"):
		return "it imports nothing of ours but services/fault"
	case within(from, "tenants"):
		if within(to, "policies") || within(to, "tenants") {
			return ""
		}
		return "tenants knows no service"
	case within(from, "services") && within(to, "services"):
		if before(to, from) {
			return ""
		}
		return "it stands later in the order of the services"
	case within(from, "uploads"):
		if to == "tenants" || to == "tenants/trial" || within(to, "uploads") {
			return ""
		}
		return "uploads knows no service and no store"
	case within(to, "tenants/embedded"), within(to, "uploads") && to != "uploads":
		return "services know no engine"
	}
	return ""
}

// The rules themselves, told by an arrow that each allows or refuses.
func TestEveryRuleOfTheArrowsHolds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, to string
		allowed  bool
	}{
		{"services/programs", "services/accord", true}, {"services/accord", "services/programs", false},
		{"services/programs", "services/unknown", false}, {"services/programs", "tenants/store", true},
		{"services/exchange", "uploads", true}, {"services/exchange", "uploads/embedded", false}, {"services/exchange", "uploads/objecttest", false},
		{"services/programs", "tenants/embedded", false}, {"services/programs", "tenants/tenantstest", false},
		{"services/programs", "cmd/mitra/web", false}, {"services/fault", "policies", false},
		{"uploads", "services/fault", true}, {"uploads", "services/mail", false}, {"uploads", "services/exchange/iati", false},
		{"uploads", "tenants", true}, {"uploads", "tenants/store", false}, {"uploads", "policies", false}, {"uploads/embedded", "uploads", true}, {"uploads/embedded", "services/clocks", false},
		{"policies", "services/fault", true}, {"policies", "tenants", false}, {"policies", "uploads", false},
		{"tenants", "policies", true}, {"tenants/store", "services/fault", true}, {"tenants/store", "services/people", false},
		{"tenants/store", "uploads", false}, {"cmd/mitra", "uploads/embedded", true}, {"cmd/mitra/web", "services/programs", true},
	} {
		if reason := wrong(row.from, module+row.to, false); (reason == "") != row.allowed {
			t.Errorf("%s → %s: allowed is %v (%s), want %v", row.from, row.to, reason == "", reason, row.allowed)
		}
	}
}

// area is the service a package belongs to, else the package.
func area(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func within(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func before(a, b string) bool {
	place := func(path string) int {
		return slices.Index(servicesInOrder, strings.TrimPrefix(area(path), "services/"))
	}
	return place(a) >= 0 && place(a) < place(b)
}
