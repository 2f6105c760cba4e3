package money

import (
	"math"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
)

// ParseDecimal reads decimal text as data files write it (xsd:decimal: "-1250.50", no
// grouping, no exponent) into minor units. White space around it is allowed, and so
// are zeros beyond the places of the currency: "10.500" is 10.50. It refuses an
// unknown currency (currency_unknown), what is not a number (money_malformed), more
// places than the currency has (money_too_precise) and what does not fit (money_too_large).
func ParseDecimal(text string, c Currency) (Money, error) {
	if _, err := ParseCurrency(string(c)); err != nil {
		return Money{}, err
	}
	text = strings.Trim(text, " \t\r\n")
	digits, negative := sign(text)
	whole, part, _ := strings.Cut(digits, ".")
	if whole+part == "" || !allDigits(whole) || !allDigits(part) {
		return Money{}, malformed(text)
	}
	return compose(negative, whole, strings.TrimRight(part, "0"), c)
}

// compose makes minor units of digits; part holds no more zeros than are meant.
func compose(negative bool, whole, part string, c Currency) (Money, error) {
	places := c.Places()
	if len(part) > places {
		return Money{}, fault.New(fault.Unprocessable, "money_too_precise",
			"currency", string(c), "places", strconv.Itoa(places))
	}
	minor, ok := magnitude(whole + part + strings.Repeat("0", places-len(part)))
	if !ok || minor > limit(negative) {
		return Money{}, tooLarge()
	}
	if negative {
		minor = -minor // two's complement: 1<<63 becomes the least int64
	}
	return Money{Amount: int64(minor), Currency: c}, nil // #nosec G115 -- limit was checked above
}

func limit(negative bool) uint64 {
	if negative {
		return 1 << 63
	}
	return math.MaxInt64
}

// magnitude is the number that decimal digits mean, and whether it fits.
func magnitude(digits string) (uint64, bool) {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func sign(text string) (rest string, negative bool) {
	switch {
	case strings.HasPrefix(text, "-"):
		return text[1:], true
	case strings.HasPrefix(text, "+"):
		return text[1:], false
	}
	return text, false
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

func malformed(text string) error {
	return fault.New(fault.Unprocessable, "money_malformed", "value", brief(text))
}
