package pages

import (
	"maps"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/services/exchange"
)

// worthIt says that an import would change something.
func worthIt(r *exchange.Summary) bool { return r != nil && r.Created+r.Updated > 0 }

// importFacts are the numbers of a summary: Text is what is counted, To how many.
func importFacts(s *Shown, r *exchange.Summary) []Link {
	var list []Link
	for _, fact := range []struct {
		key string
		n   int
	}{
		{"imports.activities", r.Activities}, {"imports.created", r.Created}, {"imports.updated", r.Updated},
		{"imports.unchanged", r.Unchanged}, {"imports.refused", r.RefusedN}, {"imports.warnings", r.WarningsN},
	} {
		list = append(list, Link{Text: s.T(fact.key), To: s.W.Number(int64(fact.n))})
	}
	return list
}

// rowPlace says where in the file something was refused or left out.
func rowPlace(s *Shown, r exchange.Row) string {
	var parts []string
	for _, part := range []string{r.Activity, r.Element} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if r.Line > 0 {
		parts = append(parts, s.T("imports.line", "n", r.Line))
	}
	return strings.Join(parts, " · ")
}

// sums are amounts by "type|currency".
type sums struct {
	title string
	by    map[string]string
}

func (m sums) keys() []string { return slices.Sorted(maps.Keys(m.by)) }

func (m sums) name(key string) string { name, _, _ := strings.Cut(key, "|"); return name }

func (m sums) currency(key string) string { _, currency, _ := strings.Cut(key, "|"); return currency }
