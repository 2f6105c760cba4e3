package programs_test

import (
	"slices"
	"testing"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/programs"
)

// A workplan worked out by hand: ac1 → ac2 → ac4, and ac3 beside them with 30 days to
// spare before ac4.
func workplan() *programs.Agreed {
	a := &programs.Agreed{From: "2026-01-01", To: "2026-12-31"}
	a.Activities = []programs.Activity{
		{ID: "ac1", Title: "Survei", From: "2026-01-01", To: "2026-01-31"},
		{ID: "ac2", Title: "Bor", From: "2026-02-01", To: "2026-06-30", DependsOn: []string{"ac1"}},
		{ID: "ac3", Title: "Latih", From: "2026-03-01", To: "2026-05-31", DependsOn: []string{"ac1"}},
		{ID: "ac4", Title: "Serah", From: "2026-07-01", To: "2026-12-31", DependsOn: []string{"ac2", "ac3"}},
	}
	return a
}

func TestActivitiesWithNothingToSpareAreCritical(t *testing.T) {
	t.Parallel()
	s := workplan().Schedule()
	for i, want := range []struct {
		slack    int
		critical bool
	}{{0, true}, {0, true}, {30, false}, {0, true}} {
		if got := s.Activities[i]; got.Slack != want.slack || got.Critical != want.critical {
			t.Errorf("%s: %d days to spare, critical %v; want %d, %v", got.Title, got.Slack, got.Critical, want.slack, want.critical)
		}
	}
	a := workplan()
	a.To = "2027-01-10" // ten days more at the end are everybody's
	for i, want := range []int{10, 10, 40, 10} {
		if got := a.Schedule().Activities[i].Slack; got != want {
			t.Errorf("with ten days more: %s has %d days to spare, want %d", a.Activities[i].Title, got, want)
		}
	}
}

func TestAnActivityThatBeginsBeforeWhatItWaitsForSaysSo(t *testing.T) {
	t.Parallel()
	a := workplan()
	a.Activities[1].To = "2026-07-15"
	s := a.Schedule()
	if got := s.Activities[3].Early; !slices.Equal(got, []string{"ac2"}) {
		t.Errorf("Serah begins before the end of %v, want ac2", got)
	}
	if got := s.Activities[1]; got.Slack != 0 || !got.Critical {
		t.Errorf("Bor ends too late and has %d days to spare", got.Slack)
	}
}

func TestCriticalDatesAreInOrderAndSayWhoWaits(t *testing.T) {
	t.Parallel()
	a := workplan()
	a.Indicators = []programs.Indicator{{Title: "Sumur", Targets: []programs.Target{{From: "2026-01-01", To: "2026-06-30"}}}}
	want := []struct {
		on    clocks.Day
		kind  programs.DateKind
		title string
		waits []string
	}{
		{"2026-01-01", programs.ProgramBegins, "", nil}, {"2026-01-31", programs.ActivityEnds, "Survei", []string{"Bor", "Latih"}},
		{"2026-06-30", programs.ActivityEnds, "Bor", []string{"Serah"}}, {"2026-06-30", programs.TargetDue, "Sumur", nil},
		{"2026-12-31", programs.ActivityEnds, "Serah", nil}, {"2026-12-31", programs.ProgramEnds, "", nil},
	}
	got := a.Schedule().Dates
	if len(got) != len(want) {
		t.Fatalf("%d dates, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if g := got[i]; g.On != w.on || g.Kind != w.kind || g.Title != w.title || !slices.Equal(g.Waiting, w.waits) {
			t.Errorf("date %d is %+v, want %+v", i, g, w)
		}
	}
}

func TestAnEmptyWorkplanHasItsPeriod(t *testing.T) {
	t.Parallel()
	if s := (&programs.Agreed{}).Schedule(); len(s.Activities) != 0 || len(s.Dates) != 0 {
		t.Errorf("nothing planned: %+v", s)
	}
	if s := (&programs.Agreed{From: "2026-01-01", To: "2026-12-31"}).Schedule(); len(s.Dates) != 2 {
		t.Errorf("a period: %+v", s)
	}
}
