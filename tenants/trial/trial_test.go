package trial_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// suite is what any suite may do; it notes what ran.
func suite(ran *[]string) func(trial.T) {
	return func(t trial.T) {
		t.Run("passes", func(t trial.T) {
			t.Parallel()
			t.Cleanup(func() { *ran = append(*ran, "first cleaned last") })
			t.Cleanup(func() { *ran = append(*ran, "last cleaned first") })
			*ran = append(*ran, "passes")
		})
		t.Run("fails and goes on", func(t trial.T) {
			t.Errorf("%d is not %d", 1, 2)
			t.Error("nor", 3)
		})
		t.Run("ends", func(t trial.T) {
			t.Cleanup(func() { *ran = append(*ran, "cleaned after an end") })
			t.Fatal("no further")
			*ran = append(*ran, "went further")
		})
		t.Run("panics", func(trial.T) { panic("oh") })
	}
}

func TestASuiteRunsFromACommandAsItDoesAsATest(t *testing.T) {
	t.Parallel()
	var ran []string
	list := trial.Run(t.Context(), "suite", suite(&ran))
	if want := []string{"passes", "last cleaned first", "first cleaned last", "cleaned after an end"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
	want := map[string]string{"passes": "", "fails and goes on": "1 is not 2; nor 3", "ends": "no further"}
	for _, o := range list {
		got := strings.Join(o.Failures, "; ")
		if w, ok := want[o.Name]; ok && (got != w || o.Passed() != (w == "")) {
			t.Errorf("%s: %q, want %q", o.Name, got, w)
		}
		if o.Name == "panics" && !strings.Contains(got, "oh") {
			t.Errorf("a panic: %q", got)
		}
	}
	if len(list) != 4 {
		t.Errorf("%d outcomes, want 4", len(list))
	}
	var tested []string
	trial.In(t).Run("inside", func(t trial.T) { t.Run("deeper", func(trial.T) { tested = append(tested, "ran") }) })
	if len(tested) != 1 {
		t.Error("a check inside a test did not run")
	}
}

func TestWhatIsNotTriedHasNotPassed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var ran []string
	list := trial.Run(ctx, "suite", suite(&ran))
	if len(list) != 4 || len(ran) != 0 {
		t.Fatalf("%d outcomes, ran %q", len(list), ran)
	}
	for _, o := range list {
		if o.Passed() {
			t.Errorf("%s passed without being tried", o.Name)
		}
	}
	if list := trial.Run(t.Context(), "suite", func(t trial.T) { t.Fatal("no server") }); len(list) != 1 || list[0].Name != "suite" || list[0].Passed() {
		t.Errorf("a failure outside of any check: %+v", list)
	}
}
