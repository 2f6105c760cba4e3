package iati

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Decimal is a number as its publisher wrote it (xsd:decimal); "" when not given.
type Decimal string

// Rat is the exact number, and whether there is one.
func (d Decimal) Rat() (*big.Rat, bool) {
	if !isDecimal(string(d)) {
		return nil, false
	}
	return new(big.Rat).SetString(string(d))
}

// 40 digits are more than any amount, share or rate has, and keep the arithmetic cheap.
var decimalForm = regexp.MustCompile(`^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})$`)

func isDecimal(text string) bool { return decimalForm.MatchString(text) }

func isDateTime(text string) bool {
	for _, form := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05"} {
		if _, err := time.Parse(form, text); err == nil {
			return true
		}
	}
	return false
}

// isTrue reads xsd:boolean.
func isTrue(text string) (value, ok bool) {
	switch text {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

var zoneForm = regexp.MustCompile(`^(Z|[+-]\d\d:\d\d)?$`)

// dayAttr reads xsd:date, whose zone says nothing about a calendar day, and whether it is there.
func dayAttr(n *node, name string) (clocks.Day, bool, error) {
	text, given := n.attr(name)
	if !given {
		return "", false, nil
	}
	const length = len("2006-01-02")
	if len(text) < length || !zoneForm.MatchString(text[length:]) {
		return "", true, wrong(n, name, "day_malformed", "value", brief(text))
	}
	day, err := clocks.ParseDay(text[:length])
	if err != nil {
		return "", true, wrongBy(n, name, err)
	}
	return day, true, nil
}

// isoDate is the day of an element that is nothing but a day.
func isoDate(n *node) (clocks.Day, error) {
	if _, err := n.need("iso-date"); err != nil {
		return "", err
	}
	day, _, err := dayAttr(n, "iso-date")
	return day, err
}

func decimalAttr(n *node, name string) (Decimal, error) {
	text, given := n.attr(name)
	if given && !isDecimal(text) {
		return "", wrong(n, name, "number_malformed", "value", brief(text))
	}
	return Decimal(text), nil
}

// percentage is a share of a hundred.
func percentage(n *node) (Decimal, error) {
	number, err := decimalAttr(n, "percentage")
	if err != nil || number == "" {
		return "", err
	}
	share, ok := number.Rat()
	if !ok || share.Sign() < 0 || share.Cmp(big.NewRat(100, 1)) > 0 {
		return "", wrong(n, "percentage", "percentage_out_of_range", "value", brief(string(number)))
	}
	return number, nil
}

func codeOf(n *node) (string, error) { return n.need("code") }

func content(n *node) (string, error) { return n.content(), nil }

// attrIn is a code that must be there and be in its list.
func attrIn[C ~string](n *node, name string, list []C) (C, error) {
	text, err := n.need(name)
	if err != nil {
		return "", err
	}
	if !slices.Contains(list, C(text)) {
		return "", wrong(n, name, "code_unknown", "attribute", name, "value", brief(text))
	}
	return C(text), nil
}

func codeIn[C ~string](list []C) func(*node) (C, error) {
	return func(n *node) (C, error) { return attrIn(n, "code", list) }
}

// optionalCode is a code of a list that may be absent: into keeps what it has.
func optionalCode[C ~string](n *node, name string, into *C, list []C) error {
	if _, given := n.attr(name); !given {
		return nil
	}
	code, err := attrIn(n, name, list)
	if err == nil {
		*into = code
	}
	return err
}

func sameLanguage(tag, want string) bool {
	tag, want = strings.ToLower(tag), strings.ToLower(want)
	return tag == want || strings.HasPrefix(tag, want+"-")
}
