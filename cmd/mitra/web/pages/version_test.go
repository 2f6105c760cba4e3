package pages_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// twoVersions are a plan and what became of it.
func twoVersions() pages.PlanVersion {
	before := &programs.PlanVersion{Program: "pg_1", No: 1, Agreed: full().Agreed}
	p := full()
	p.Activities[1].To, p.Activities[1].DependsOn = "2026-11-30", nil
	p.Activities = append(p.Activities[:2:2], programs.Activity{ID: "ac4", Title: "Pelatihan kader", From: "2026-12-01", To: "2026-12-31"})
	p.Budget[0].Amount = money.Money{Amount: 150_000_000_00, Currency: money.IDR}
	p.Indicators[0].Targets[0].Value.Value, p.Indicators[0].Aggregation = "1500.5", programs.Sum
	after := &programs.PlanVersion{Program: "pg_1", No: 2, Agreed: p.Agreed, Hash: strings.Repeat("ab", 32)}
	after.Acceptances = []accord.Acceptance{{Side: policies.Agency, Person: "ps_1", Organisation: "og_1"}, {Side: policies.CSO, Person: "ps_2", Organisation: "og_2"}}
	c := &programs.Compared{PlanVersion: after, Before: before}
	c.Changes, c.More, _ = store.Differences(before.Agreed, after.Agreed) // both are made here
	return pages.PlanVersion{Compared: c, Names: map[string]string{"ps_1": hostile, "og_1": "Dinas", "ps_2": "Maria", "og_2": "Yayasan"}}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// People read what a new version changed: which row, what it said, what it says.
func TestAVersionSaysWhatItChanged(t *testing.T) {
	t.Parallel()
	v := twoVersions()
	for l, want := range map[words.Language][]string{
		words.Indonesian: {
			"Kegiatan “Sumur” sesudah kegiatan Survei", "selesai 31 Okt 2026 selesai 30 Nov 2026", "Kegiatan “Pelatihan kader” baru – mulai 1 Des 2026 selesai 31 Des 2026", "jumlah 125.000.000 jumlah 150.000.000", "target 12 beberapa periode menjadi satu angka dengan menjumlahkan target 1.500,5", "dihapus sesudah kegiatan Sumur mulai 1 Nov 2026", "Maria, Yayasan",
		},
		words.English: {"end 31 Oct 2026 end 30 Nov 2026", "Activity “Pelatihan kader” New – start 1 Dec 2026", "amount 125,000,000 amount 150,000,000", "target 12 several periods make one figure by adding up target 1,500.5", "Version 1, as it was"},
	} {
		page := render(t, shown(l), view{"version", pages.ShowPlanVersion(v)})
		text := strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the page lacks %q:\n%s", l, w, text)
			}
		}
		if strings.Contains(text, "ac2") || strings.Contains(text, "⟦") {
			t.Errorf("%s: the page shows codes", l)
		}
	}
	v.Before, v.Changes = nil, []tenants.Difference{}
	if page := render(t, shown(words.English), view{"first version", pages.ShowPlanVersion(v)}); strings.Contains(page, `id="changes"`) {
		t.Error("the first version says what it changed")
	}
}
