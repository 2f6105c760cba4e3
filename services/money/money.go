// Package money holds amounts as whole minor units with their currency, so that
// nothing is ever rounded. It reads the decimal text of data files and what people
// write into a form. It does not convert between currencies, and the words around an
// amount on a page belong to package words.
package money

import (
	"math/big"
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
)

// Money is an amount in minor units: {125000000, IDR} is Rp 1,250,000. It may be negative.
type Money struct {
	Amount   int64    `json:"amount" bson:"amount"`
	Currency Currency `json:"currency" bson:"currency"`
}

// IsZero says that neither an amount nor a currency is there.
func (m Money) IsZero() bool { return m == Money{} }

// Decimal is the amount as decimal text with all the places of its currency and no
// grouping: "1250000.00". ParseDecimal reads it back.
func (m Money) Decimal() string { return decimal(big.NewInt(m.Amount), m.Currency.Places()) }

// String is for logs and tests: "1250000.00 IDR".
func (m Money) String() string { return m.Decimal() + " " + string(m.Currency) }

// Add is the sum of two amounts of one currency. It refuses two currencies
// (money_currency_differs) and a sum that does not fit (money_too_large).
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, differs(m.Currency, n.Currency)
	}
	sum := m.Amount + n.Amount
	if (m.Amount > 0 && n.Amount > 0 && sum < 0) || (m.Amount < 0 && n.Amount < 0 && sum >= 0) {
		return Money{}, tooLarge()
	}
	return Money{Amount: sum, Currency: m.Currency}, nil
}

// Sum adds up amounts of one currency and has no largest value. The zero Sum takes
// the currency of the first amount.
type Sum struct {
	minor    big.Int
	currency Currency
}

// Add takes one more amount and refuses another currency (money_currency_differs).
func (s *Sum) Add(m Money) error {
	if s.currency == "" {
		s.currency = m.Currency
	}
	if s.currency != m.Currency {
		return differs(s.currency, m.Currency)
	}
	s.minor.Add(&s.minor, big.NewInt(m.Amount))
	return nil
}

// Decimal is the sum as decimal text with all the places of its currency.
func (s *Sum) Decimal() string { return decimal(&s.minor, s.currency.Places()) }

// Currency is that of the amounts added; empty when there were none.
func (s *Sum) Currency() Currency { return s.currency }

func decimal(minor *big.Int, places int) string {
	digits := new(big.Int).Abs(minor).String()
	if len(digits) <= places {
		digits = strings.Repeat("0", places+1-len(digits)) + digits
	}
	sign := ""
	if minor.Sign() < 0 {
		sign = "-"
	}
	whole, part := digits[:len(digits)-places], digits[len(digits)-places:]
	if places == 0 {
		return sign + whole
	}
	return sign + whole + "." + part
}

func differs(want, got Currency) error {
	return fault.New(fault.Unprocessable, "money_currency_differs", "want", string(want), "got", string(got))
}

func tooLarge() error { return fault.New(fault.Unprocessable, "money_too_large") }
