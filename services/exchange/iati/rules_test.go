package iati

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/exchange/standardstest"
)

// ruleCase is a case as a rule set's file has it.
type ruleCase struct {
	Condition string         `json:"condition"`
	Paths     []string       `json:"paths"`
	Prefix    []string       `json:"prefix"`
	Excluded  []string       `json:"excluded"`
	Less      string         `json:"less"`
	More      string         `json:"more"`
	Date      string         `json:"date"`
	Start     string         `json:"start"`
	End       string         `json:"end"`
	One       string         `json:"one"`
	All       string         `json:"all"`
	If        string         `json:"if"`
	Then      string         `json:"then"`
	Regex     string         `json:"regex"`
	Separator string         `json:"separator"`
	Sum       *float64       `json:"sum"`
	Min       *float64       `json:"min"`
	Max       *float64       `json:"max"`
	Foreach   string         `json:"foreach"`
	Do        map[string]one `json:"do"`
	Info      struct {
		ID       string `json:"id"`
		Severity string `json:"severity"`
	} `json:"ruleInfo"`
}

type one struct {
	Cases []ruleCase `json:"cases"`
}

func figure(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

func (c ruleCase) rule(context, kind, foreach string) rule {
	r := rule{
		context: context, kind: kind, id: c.Info.ID, grave: c.Info.Severity == "error", condition: c.Condition, foreach: foreach,
		paths: c.Paths, prefix: c.Prefix, excluded: c.Excluded, less: c.Less, more: c.More, date: c.Date, start: c.Start, end: c.End,
		one: c.One, all: c.All, when: c.If, then: c.Then, regex: c.Regex, separator: c.Separator, sum: figure(c.Sum), min: figure(c.Min), max: figure(c.Max),
	}
	if kind == "startswith" && c.Start != "" { // as the tests of the rule set still write it
		r.prefix, r.start = []string{c.Start}, ""
	}
	return r
}

// rulesOf reads a rule set.
func rulesOf(t testing.TB, path string) []rule {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	var set map[string]map[string]one
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var list []rule
	for context, byKind := range set {
		for kind, of := range byKind {
			for _, c := range of.Cases {
				if kind != "loop" {
					list = append(list, c.rule(context, kind, ""))
				}
				for inner, do := range c.Do {
					for _, d := range do.Cases {
						list = append(list, d.rule(context, inner, c.Foreach))
					}
				}
			}
		}
	}
	return list
}

func byText(a, b rule) int {
	text := func(r rule) string {
		return r.id + r.context + r.kind + r.foreach + strings.Join(r.paths, "|") + r.less + r.date + r.when
	}
	return cmp.Compare(text(a), text(b))
}

func TestOurRulesAreTheOnesOfTheStandard(t *testing.T) {
	t.Parallel()
	theirs := rulesOf(t, filepath.Join(standardstest.Dir(t, "iati", "rulesets"), "standard.json"))
	theirs = slices.DeleteFunc(theirs, func(r rule) bool { return strings.Contains(r.context, "iati-organisation") })
	ours := slices.Clone(rules)
	slices.SortFunc(ours, byText)
	slices.SortFunc(theirs, byText)
	if len(ours) != len(theirs) || len(ours) < 80 {
		t.Fatalf("%d rules, want %d", len(ours), len(theirs))
	}
	for i := range ours {
		if !reflect.DeepEqual(ours[i], theirs[i]) {
			t.Errorf("rule %s is\n%+v\nwant\n%+v", theirs[i].id, ours[i], theirs[i])
		}
		if kinds[ours[i].kind] == nil {
			t.Errorf("rule %s: nobody knows the kind %s", ours[i].id, ours[i].kind)
		}
		if _, err := ours[i].compile(); err != nil {
			t.Errorf("rule %s: %v", ours[i].id, err)
		}
	}
	rows := codeList(t, "OrganisationRegistrationAgency")
	if got := strings.Fields(agencies); !slices.Equal(got, rows) {
		t.Errorf("%d registration agencies, want %d", len(got), len(rows))
	}
}

func codeList(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(standardstest.Dir(t, "iati", "codelists"), name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, row := range rows[1:] {
		codes = append(codes, row[0])
	}
	return codes
}

// The rule set's own tests: which document each of its small rule sets lets pass.
func TestRulesAreAppliedAsTheStandardsTestsSay(t *testing.T) {
	t.Parallel()
	dir := standardstest.Dir(t, "iati", "rulesets", "tests")
	text, err := os.ReadFile(filepath.Join(dir, "cases.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		var ready []*compiled
		for _, r := range rulesOf(t, filepath.Join(dir, row[0])) {
			c, err := r.compile()
			if err != nil {
				t.Fatalf("%s: %v", row[0], err)
			}
			ready = append(ready, c)
		}
		document, err := os.ReadFile(filepath.Join(dir, row[1]))
		if err != nil {
			t.Fatal(err)
		}
		found, err := advise(bytes.NewReader(document), ready, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%s: %v", row[1], err)
		}
		if got := map[bool]string{true: "pass", false: "fail"}[len(found) == 0]; got != row[2] {
			t.Errorf("%s on %s: %s, want %s", row[0], row[1], got, row[2])
		}
	}
}
