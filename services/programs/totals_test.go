package programs_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants/store"
)

// said is an accepted actual, later ones written later.
func said(n int, from, to clocks.Day, place string, v programs.Value) *programs.Actual {
	a := &programs.Actual{State: programs.ActualAccepted, Indicator: "in", From: from, To: to, Place: place, Value: v}
	a.UpdatedAt = time.Date(2027, 1, 1, 0, 0, n, 0, time.UTC)
	return a
}

func figure(text string) programs.Value { return programs.Value{Value: text} }

func share(n, d string) programs.Value { return programs.Value{Numerator: n, Denominator: d} }

func TestInvariant26_TotalsFollowTheAggregationMode(t *testing.T) {
	t.Parallel()
	const q1, q1end, q2, q2end = clocks.Day("2027-01-01"), clocks.Day("2027-03-31"), clocks.Day("2027-04-01"), clocks.Day("2027-06-30")
	two := []*programs.Actual{said(1, q1, q1end, "", figure("0.5")), said(2, q2, q2end, "", figure("2"))}
	places := []*programs.Actual{said(1, q1, q1end, "a", figure("3")), said(2, q1, q1end, "b", figure("4"))}
	shares := []*programs.Actual{said(1, q1, q1end, "a", share("1", "2")), said(2, q1, q1end, "b", share("9", "98"))}
	none := programs.Value{NotApplicable: true}
	for _, row := range []struct {
		name    string
		measure programs.Measure
		mode    programs.Aggregation
		given   []*programs.Actual
		making  programs.Making
		of      int
		value   programs.Value
	}{
		{"a sum of counts", programs.CountOf, programs.Sum, two, programs.MadeOf, 2, figure("2.5")},
		{"a sum over places", programs.CountOf, programs.Sum, places, programs.MadeOf, 2, figure("7")},
		{"a sum that would count a day twice", programs.CountOf, programs.Sum, append(two[:2:2], said(3, q2, q2, "", figure("1"))), programs.Overlapping, 0, programs.Value{}},
		{"a sum of a place and of all places", programs.CountOf, programs.Sum, append(places[:2:2], said(3, q1, q1, "", figure("1"))), programs.Overlapping, 0, programs.Value{}},
		{"a sum in which one does not apply", programs.CountOf, programs.Sum, append(two[:2:2], said(3, q1, q1end, "", none)), programs.MadeOf, 2, figure("2.5")},
		{"a sum of nothing but zero", programs.CountOf, programs.Sum, []*programs.Actual{said(1, q1, q1end, "", figure("0"))}, programs.MadeOf, 1, figure("0")},
		{"a sum of what does not apply", programs.CountOf, programs.Sum, []*programs.Actual{said(1, q1, q1end, "", none)}, programs.NotApplicable, 0, none},
		{"a sum of nothing", programs.CountOf, programs.Sum, nil, programs.NothingYet, 0, programs.Value{}},
		{"the greatest", programs.CountOf, programs.Max, []*programs.Actual{two[1], two[0]}, programs.MadeOf, 2, figure("2")},
		{"the latest", programs.CountOf, programs.Latest, []*programs.Actual{two[1], two[0]}, programs.MadeOf, 1, figure("2")},
		{"the latest of one place", programs.CountOf, programs.Latest, places[:1], programs.MadeOf, 1, figure("3")},
		{"the latest of several places", programs.CountOf, programs.Latest, places, programs.SeveralPlaces, 0, programs.Value{}},
		{"the latest of all places beside those of some", programs.CountOf, programs.Latest, append(places[:2:2], said(3, q1, q1end, "", figure("7"))), programs.MadeOf, 1, figure("7")},
		{"the latest, said twice", programs.CountOf, programs.Latest, []*programs.Actual{said(9, q1, q1end, "", figure("6")), two[0]}, programs.MadeOf, 1, figure("6")},
		{"the mean", programs.CountOf, programs.Average, two, programs.MadeOf, 2, figure("1.25")},
		{"a mean that never ends", programs.CountOf, programs.Average, append(places[:2:2], said(3, q2, q2end, "a", figure("3"))), programs.MadeOf, 3, figure("3.33")},
		{"an average of shares is of all they are shares of", programs.Percent, programs.Average, shares, programs.MadeOf, 2, share("10", "100")},
		{"the latest shares of several places", programs.Percent, programs.Latest, shares, programs.MadeOf, 2, share("10", "100")},
		{"shares of which one lacks its parts", programs.Percent, programs.Average, append(shares[:2:2], said(3, q2, q2end, "", figure("50"))), programs.SharesUnparted, 0, programs.Value{}},
		{"each once, in two periods", programs.CountOf, programs.Unique, two, programs.NoWholePeriod, 0, programs.Value{}},
		{"each once, with the whole period", programs.CountOf, programs.Unique, append(two[:2:2], said(3, q1, q2end, "", figure("2"))), programs.MadeOf, 1, figure("2")},
		{"each once, at one place of several", programs.CountOf, programs.Unique, places, programs.NoWholePeriod, 0, programs.Value{}},
		{"each once, in one period", programs.CountOf, programs.Unique, two[:1], programs.MadeOf, 1, figure("0.5")},
		{"words", programs.Words, "", []*programs.Actual{said(1, q1, q1end, "", figure("baik"))}, programs.MadeOf, 1, figure("baik")},
	} {
		ind := programs.Indicator{ID: "in", Measure: row.measure, Aggregation: row.mode}
		got := ind.Total(row.given)
		if got != (programs.Total{Making: row.making, Of: row.of, Value: row.value}) {
			t.Errorf("%s: %+v, want %s of %d: %+v", row.name, got, row.making, row.of, row.value)
		}
	}
	waiting := said(1, q1, q1end, "", figure("5"))
	waiting.State = programs.ActualSubmitted
	other := said(1, q1, q1end, "", figure("5"))
	other.Indicator = "other"
	ind := programs.Indicator{ID: "in", Measure: programs.CountOf, Aggregation: programs.Sum}
	if got := ind.Total([]*programs.Actual{waiting, other}); got.Making != programs.NothingYet {
		t.Errorf("what is not accepted, or of another indicator: %+v", got)
	}
}

// Shares are not summed, and words have no mean.
func TestInvariant26_AnAggregationFitsItsMeasure(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	in := programs.Results{Results: p.Results}
	for _, m := range programs.Measures() {
		for _, mode := range programs.CountOf.Aggregations() {
			in.Indicators = []programs.Indicator{{ID: "wells", Node: "o1", Title: "Jumlah", Measure: m, Aggregation: mode}}
			edited, err := x.EditPlan(x.coordinator, p.ID, p.Version, in)
			fits := m == programs.CountOf || mode == programs.Latest || m != programs.Words && (mode == programs.Average || mode == programs.Max)
			switch {
			case fits && err != nil:
				t.Errorf("%s of %s: %v", mode, m, err)
			case fits:
				p = edited
			default:
				wantField(t, fmt.Sprintf("%s of %s", mode, m), err, "indicators.0.aggregation", "aggregation_unfit")
			}
		}
	}
}

// A draft is its organisation's until it is submitted: not the other side's, and not
// another organisation's of the same side.
func TestADraftOfAnActualIsItsOrganisationsAlone(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.accepted(t)
	ok := must[*programs.Actual](t, "actual")
	a := ok(x.Report(x.coordinator, p.ID, programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-12-31", Value: figure("7")}))
	seen := func() (n int) {
		for _, ctx := range []context.Context{x.officer, x.third} {
			if _, err := x.Actual(ctx, a.ID); err == nil {
				n++
			} else if fault.KindOf(err) != fault.Missing {
				t.Errorf("read: %v", err)
			}
			list, err := x.Actuals(ctx, programs.ActualCriteria{Program: p.ID}, store.Query{Count: true})
			if err != nil {
				t.Fatal(err)
			}
			n += len(list.Items) + list.Count.N
			if _, err := x.ActualHistory(ctx, a.ID, store.Query{}); err == nil {
				n++
			}
		}
		return n
	}
	if n := seen(); n != 0 {
		t.Errorf("a draft is seen %d times by others", n)
	}
	if _, err := x.Actual(x.signatory, a.ID); err != nil {
		t.Errorf("a colleague does not read the draft: %v", err)
	}
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	if n := seen(); n != 8 {
		t.Errorf("what was submitted is seen %d times by whoever reads the program, want 8", n)
	}
}

// Everything accepted counts, however much was reported since.
func TestProgressCountsEveryAcceptedActual(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	p := x.draft(t)
	in := programs.Results{Results: p.Results, Indicators: p.Indicators}
	in.Indicators[0].Aggregation = programs.Sum
	ok := must[*programs.Program](t, "plan")
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, in))
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = x.opened(t, p)
	report := must[*programs.Actual](t, "report")
	day := clocks.Day("2026-11-01")
	for range 130 {
		a := report(x.Report(x.coordinator, p.ID, programs.Report{Indicator: "wells", From: day, To: day, Value: figure("0.05")}))
		a = report(x.Submit(x.coordinator, a.ID, a.Version))
		report(x.AcceptActual(x.officer, a.ID, a.Version))
		day = day.Add(1)
	}
	progress, err := x.Progress(x.third, p)
	if err != nil {
		t.Fatal(err)
	}
	// From 2 over 6.5 to 12: 45 % of the way.
	if got := progress[0]; got.Total.Of != 130 || got.Total.Value.Value != "6.5" || got.BasisPoints != 4500 || got.Latest.To != day.Add(-1) {
		t.Errorf("progress: %+v, %d of the way, latest %v", got.Total, got.BasisPoints, got.Latest)
	}
}
