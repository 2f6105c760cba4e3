package words

import (
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/money"
)

// marks are the grouping mark and the decimal mark.
func (w *Words) marks() (group, point string) {
	if w.language == English {
		return ",", "."
	}
	return ".", ","
}

// Number is a whole number, grouped: 3.506 in Indonesian, 3,506 in English.
func (w *Words) Number(n int64) string { return w.Decimal(strconv.FormatInt(n, 10)) }

// Decimal writes decimal text as data keeps it ("-1250.5") the way the language does
// ("−1.250,5"). Text that is no number comes back unchanged.
func (w *Words) Decimal(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	whole, part, pointed := strings.Cut(rest, ".")
	if !digits(whole) || (pointed && !digits(part)) {
		return text
	}
	group, point := w.marks()
	written := grouped(whole, group)
	if pointed {
		written += point + part
	}
	if negative {
		return minus + written
	}
	return written
}

// Figure is Decimal for the field of a form: what is read back from it is the same figure.
func (w *Words) Figure(text string) string {
	_, point := w.marks()
	return money.Unambiguous(w.Decimal(text), point)
}

const minus = "−"

// Percent writes hundredths of a percent: 5400 is 54%, 5450 is 54,5%.
func (w *Words) Percent(basisPoints int64) string {
	return w.Decimal(trimmed(places(basisPoints, 2))) + "%"
}

// Share writes hundredths of a percent as whole percents, for pictures of how far
// something has come: 4166 is 42%. What is not yet whole is at most 99%, and what has
// begun at least 1%.
func (w *Words) Share(basisPoints int64) string {
	const whole = 10_000
	percent := (basisPoints + 50) / 100
	if basisPoints > 0 && basisPoints < whole {
		percent = min(max(percent, 1), 99)
	}
	return w.Number(percent) + "%"
}

// Money is an amount with its currency: "Rp 1.250.000", and with sen only when there
// are any; other currencies show all their places: "EUR 1,000.50".
func (w *Words) Money(m money.Money) string {
	text, negative := strings.CutPrefix(w.Amount(m), minus)
	if negative {
		return minus + sign(m.Currency) + " " + text
	}
	return sign(m.Currency) + " " + text
}

// Amount is Money without the currency, as a form field beside "Rp" shows it.
func (w *Words) Amount(m money.Money) string {
	text := m.Decimal()
	if m.Currency == money.IDR {
		text = strings.TrimSuffix(text, ".00")
	}
	return w.Decimal(text)
}

// MoneyShort is an amount for a tile or an axis, rounded to three figures or so:
// "Rp 1,28 M" (miliar), "Rp 1.28 bn". Below a million it is Money.
func (w *Words) MoneyShort(m money.Money) string {
	whole, _, _ := strings.Cut(strings.TrimPrefix(m.Decimal(), "-"), ".")
	power := (len(whole) - 1) / 3
	if power < 2 {
		return w.Money(m)
	}
	power = min(power, 4)
	head, hundredths := whole[:len(whole)-3*power], whole[len(whole)-3*power:]
	n, err := strconv.ParseInt(head+hundredths[:3], 10, 64)
	if err != nil {
		return w.Money(m)
	}
	n = (n + 5) / 10 // thousandths to hundredths, half up
	text := sign(m.Currency) + " " + w.Decimal(trimmed(places(n, 2))) + " " + w.T("number.power"+strconv.Itoa(power))
	if m.Amount < 0 {
		return minus + text
	}
	return text
}

func sign(c money.Currency) string {
	if c == money.IDR {
		return "Rp"
	}
	return string(c)
}

// places is n with the last digits as decimals: places(5450, 2) is "54.50".
func places(n int64, decimals int) string {
	text, negative := strings.CutPrefix(strconv.FormatInt(n, 10), "-")
	if len(text) <= decimals {
		text = strings.Repeat("0", decimals+1-len(text)) + text
	}
	text = text[:len(text)-decimals] + "." + text[len(text)-decimals:]
	if negative {
		return "-" + text
	}
	return text
}

func trimmed(decimal string) string {
	return strings.TrimSuffix(strings.TrimRight(decimal, "0"), ".")
}

func grouped(whole, mark string) string {
	head := len(whole) % 3
	if head == 0 {
		head = min(3, len(whole))
	}
	var b strings.Builder
	b.WriteString(whole[:head])
	for at := head; at < len(whole); at += 3 {
		b.WriteString(mark)
		b.WriteString(whole[at : at+3])
	}
	return b.String()
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
