package iati

import (
	"context"
	"io"

	"github.com/mitra-platform/mitra/services/money"
)

// Summary is what a whole file holds.
type Summary struct {
	Version      string
	Activities   int               // elements read, the refused ones included
	Refused      int               // activities refused
	Problems     int               // elements refused inside the accepted ones
	Transactions map[string]string // "type|currency" → sum as decimal text, of what was accepted
	Budgets      map[string]string // likewise
}

// Check reads a file to its end and writes nothing, so that a file that must be
// refused whole is found before its first activity is kept. It refuses what Read refuses.
func Check(ctx context.Context, r io.Reader, o Options) (Summary, error) {
	file, err := Open(ctx, r, o)
	if err != nil {
		return Summary{}, err
	}
	summary := Summary{Version: file.Header.Version}
	var totals Totals
	for element, err := range file.Elements() {
		if err != nil {
			return Summary{}, err
		}
		summary.Activities++
		if element.Activity == nil {
			summary.Refused++
			continue
		}
		summary.Problems += len(element.Problems)
		totals.Add(element.Activity)
	}
	summary.Transactions, summary.Budgets = totals.Transactions(), totals.Budgets()
	return summary, nil
}

// Totals adds up activities. The zero Totals is empty.
type Totals struct {
	transactions, budgets map[string]*money.Sum
}

// Add takes the transactions and budgets of one more activity.
func (t *Totals) Add(a *Activity) {
	if t.transactions == nil {
		t.transactions, t.budgets = map[string]*money.Sum{}, map[string]*money.Sum{}
	}
	for _, transaction := range a.Transactions {
		add(t.transactions, string(transaction.Type), transaction.Value.Money)
	}
	for _, budget := range a.Budgets {
		add(t.budgets, string(budget.Type), budget.Value.Money)
	}
}

// Transactions are the sums by "type|currency" as decimal text.
func (t *Totals) Transactions() map[string]string { return decimals(t.transactions) }

// Budgets are the sums by "type|currency" as decimal text.
func (t *Totals) Budgets() map[string]string { return decimals(t.budgets) }

// The key holds the currency, so that no two currencies can meet in one sum.
func add(sums map[string]*money.Sum, kind string, m money.Money) {
	key := kind + "|" + string(m.Currency)
	if sums[key] == nil {
		sums[key] = new(money.Sum)
	}
	_ = sums[key].Add(m)
}

func decimals(sums map[string]*money.Sum) map[string]string {
	out := make(map[string]string, len(sums))
	for key, sum := range sums {
		out[key] = sum.Decimal()
	}
	return out
}
