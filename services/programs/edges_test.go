package programs_test

import (
	"slices"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants/store"
)

func TestAPartyThatIsTakenOutOfADraftReadsItNoMore(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Program](t, "step")
	p := x.draft(t)
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Parties{Parties: []programs.Party{
		{Organisation: "og_third", Role: programs.Implementer}, {Organisation: "og_dinas", Role: programs.Funder},
	}}))
	ok(x.Read(x.third, p.ID))
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Parties{}))
	_, err := x.Read(x.third, p.ID)
	want(t, "a party that was taken out reads", err, "not_found")
	ok(x.Read(x.officer, p.ID))
	ok(x.Read(x.coordinator, p.ID))
}

func TestAResultHangsOnAnotherResultOfThePlan(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	for name, row := range map[string]struct {
		results     []programs.ResultNode
		field, code string
	}{
		"an unknown parent": {[]programs.ResultNode{{ID: "a", Level: programs.Output, Title: "A", Parent: "z"}}, "results.0.parent", "result_unknown"},
		"itself":            {[]programs.ResultNode{{ID: "a", Level: programs.Output, Title: "A", Parent: "a"}}, "results.0.parent", "result_unknown"},
		"a ring": {[]programs.ResultNode{
			{ID: "a", Level: programs.Output, Title: "A", Parent: "b"}, {ID: "b", Level: programs.Outcome, Title: "B", Parent: "a"},
		}, "results.0.parent", "result_cycle"},
	} {
		_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{Results: row.results})
		wantField(t, name, err, row.field, row.code)
	}
	must[*programs.Program](t, "a tree")(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{Results: []programs.ResultNode{
		{ID: "o", Level: programs.Output, Title: "Sumur", Parent: "i"}, {ID: "i", Level: programs.Impact, Title: "Sehat"},
	}}))
}

func TestAPlanHasRoomForSoManyTargetsAndDependencies(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	target := programs.Target{From: "2026-11-01", To: "2026-11-30", Value: programs.Value{Value: "1"}}
	_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Results{
		Results:    []programs.ResultNode{{ID: "o", Level: programs.Output, Title: "O"}},
		Indicators: []programs.Indicator{{Node: "o", Title: "I", Measure: programs.CountOf, Targets: slices.Repeat([]programs.Target{target}, 501)}},
	})
	wantField(t, "501 targets", err, "indicators.0.targets", "too_many")
	_, err = x.EditPlan(x.coordinator, p.ID, p.Version, programs.Activities{Activities: []programs.Activity{
		{ID: "a", Title: "A", From: "2026-11-01", To: "2026-11-30"},
		{ID: "b", Title: "B", From: "2026-12-01", To: "2026-12-30", DependsOn: slices.Repeat([]string{"a"}, 501)},
	}})
	wantField(t, "501 dependencies", err, "activities.1.depends_on", "too_many")
}

func TestInvariant25_AnActualStaysInsideThePeriodOfThePlan(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	report := programs.Report{Indicator: "wells", From: "2026-10-31", To: "2026-11-30", Value: programs.Value{Value: "3"}}
	_, err := x.Report(x.coordinator, p.ID, report)
	wantField(t, "before the first day", err, "from", "outside_period")
	report.From, report.To = "2027-10-01", "2027-11-01"
	_, err = x.Report(x.coordinator, p.ID, report)
	wantField(t, "after the last day", err, "to", "outside_period")
}

func TestARestEndsAfterItBegins(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	_, err := x.Suspend(x.officer, p.ID, p.Version, programs.Suspension{Reason: "banjir", Stops: "semua", Until: "2020-01-01"})
	wantField(t, "until a day that has gone", err, "until", "period_reversed")
}

func TestAFileDoesNotUndoWhatTheLeadsDecided(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	sc := x.Gate.System(t.Context(), kupang, policies.RunCommand)
	_, p, err := x.TakeImport(t.Context(), sc, imported(programs.Drafting))
	if err != nil {
		t.Fatal(err)
	}
	ok := must[*programs.Program](t, "step")
	p = ok(x.TakeLead(x.coordinator, p.ID, p.Version))
	p = ok(x.Abandon(x.coordinator, p.ID, p.Version, programs.Reason{Reason: "ganda"}))
	other := imported(programs.Active)
	other.Digest = "d2"
	_, err = x.Foresee(t.Context(), sc, other)
	want(t, "foreseen", err, "program_state")
	_, _, err = x.TakeImport(t.Context(), sc, other)
	want(t, "a later file", err, "program_state")
	if p = ok(x.Read(x.coordinator, p.ID)); p.State != programs.Abandoned {
		t.Errorf("after a later file: %s", p.State)
	}
}

func TestOfTwoWritersOfOneVersionOneIsRefused(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	errs := make(chan error, 2)
	for _, title := range []string{"satu", "dua"} {
		go func() {
			_, err := x.EditPlan(x.coordinator, p.ID, p.Version, programs.Basics{Title: title, From: p.From, To: p.To})
			errs <- err
		}()
	}
	first, second := <-errs, <-errs
	if (first == nil) == (second == nil) {
		t.Errorf("two writers: %v and %v, want one refused", first, second)
	}
}

func TestAcceptedVersionsStayReadableForASeatOfTheTenant(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	versions, err := x.Versions(x.third, p.ID)
	if err != nil || len(versions) != 1 || versions[0].No != 1 || versions[0].Hash != p.Accord.Hash {
		t.Errorf("versions: %+v, %v", versions, err)
	}
	if page, err := x.List(x.third, programs.Criteria{}, store.Query{Sort: "title"}); err != nil || len(page.Items) != 1 {
		t.Errorf("listed: %v, %v", page, err)
	}
}
