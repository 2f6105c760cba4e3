package programs_test

import (
	"testing"

	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/programs"
)

func rupiah(n int64) *money.Money { return &money.Money{Amount: n * 100, Currency: money.IDR} }

// funded is an accepted program with a budget of two lines.
func (x *table) funded(t *testing.T) *programs.Program {
	t.Helper()
	ok := must[*programs.Program](t, "fund")
	p := x.draft(t)
	p = ok(x.EditPlan(x.coordinator, p.ID, p.Version, programs.Budget{Budget: []programs.BudgetLine{
		{Line: "Lapangan", Source: "Dinas", Amount: *rupiah(100)}, {Line: "Pelatihan", Source: "Yayasan", Amount: *rupiah(50)},
	}}))
	p = ok(x.Accept(x.signatory, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	p = ok(x.Accept(x.approver, p.ID, p.Version, programs.Acceptance{Hash: p.Accord.Hash}))
	return x.opened(t, p)
}

func TestSpendingIsReportedByOneSideAndCountsWhenTheOtherAccepts(t *testing.T) {
	t.Parallel()
	x := newTable(t)
	ok := must[*programs.Actual](t, "actual")
	p := x.funded(t)
	spent := func(line string, amount *money.Money) programs.Report {
		return programs.Report{Line: line, Spent: amount, From: "2026-11-01", To: "2026-11-20"}
	}
	for what, of := range map[string]struct {
		in          programs.Report
		field, code string
	}{
		"no line of the budget":   {spent("bl9", rupiah(1)), "line", "line_unknown"},
		"nothing":                 {spent("bl1", nil), "spent", "required"},
		"less than nothing":       {spent("bl1", rupiah(-1)), "spent", "spent_not_positive"},
		"another currency":        {spent("bl1", &money.Money{Amount: 1, Currency: "USD"}), "spent", "money_currency_differs"},
		"of an indicator as well": {programs.Report{Line: "bl1", Indicator: "wells", Spent: rupiah(1), From: "2026-11-01", To: "2026-11-20"}, "indicator", "line_and_indicator"},
	} {
		_, err := x.Report(x.coordinator, p.ID, of.in)
		wantField(t, what, err, of.field, of.code)
	}
	a := ok(x.Report(x.coordinator, p.ID, spent("bl1", rupiah(60))))
	if a.Title != "Lapangan" || a.Indicator != "" {
		t.Errorf("reported %+v", a)
	}
	a = ok(x.Submit(x.coordinator, a.ID, a.Version))
	got := must[*programs.Spending](t, "spending")(x.Spending(x.officer, p.ID))
	if got.Lines[0].Waiting != *rupiah(60) || got.Lines[0].Spent != *rupiah(0) || got.Total.Planned != *rupiah(150) {
		t.Errorf("submitted: %+v", got)
	}
	a = ok(x.AcceptActual(x.officer, a.ID, a.Version))
	b := ok(x.Report(x.officer, p.ID, spent("bl2", rupiah(60))))
	b = ok(x.Submit(x.officer, b.ID, b.Version))
	ok(x.AcceptActual(x.coordinator, b.ID, b.Version))
	got = must[*programs.Spending](t, "spending")(x.Spending(x.officer, p.ID))
	if got.Lines[0].Spent != *rupiah(60) || got.Lines[0].BasisPoints != 6000 || got.Lines[1].BasisPoints != 12_000 || got.Total.Spent != *rupiah(120) || got.Total.BasisPoints != 8000 {
		t.Errorf("accepted: %+v", got)
	}
	a = ok(x.Correct(x.coordinator, a.ID, a.Version, programs.Correction{Spent: rupiah(55), Reason: "Kuitansi ganda"}))
	if *a.Spent != *rupiah(55) || a.Earlier[0].Spent == nil || *a.Earlier[0].Spent != *rupiah(60) || a.State != programs.ActualSubmitted {
		t.Errorf("corrected: %+v", a)
	}
	progress := must[[]programs.Progress](t, "progress")(x.Progress(x.officer, p))
	if progress[0].Total.Making != programs.NothingYet {
		t.Errorf("money counts as an indicator's: %+v", progress[0].Total)
	}
}

func TestSpendingOfALineThatIsGoneStandsApart(t *testing.T) {
	t.Parallel()
	plan := &programs.Plan{Budget: []programs.BudgetLine{{ID: "bl1", Amount: *rupiah(0)}}}
	got := plan.SpendingOf([]*programs.Actual{
		{Line: "bl1", Spent: rupiah(5), State: programs.ActualAccepted}, {Line: "gone", Spent: rupiah(5), State: programs.ActualAccepted},
		{Line: "bl1", Spent: &money.Money{Amount: 1, Currency: "USD"}, State: programs.ActualAccepted},
	})
	if got.Apart != 2 || got.Lines[0].Spent != *rupiah(5) || got.Lines[0].BasisPoints != -1 {
		t.Errorf("got %+v", got)
	}
}
