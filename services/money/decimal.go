package money

import (
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
)

// LocalDecimal reads a figure as people write it into a form and gives it as data keeps
// it ("-1250.5"). The marks are those of ParseLocal: in Indonesian a dot groups
// thousands and a comma begins the decimals, elsewhere the other way round; spaces may
// group in both. Empty text is no figure.
//
// It refuses rather than guesses: what is no number (decimal_malformed), groups that are
// not of three digits (decimal_grouped: "1.5" typed in Indonesian), and exactly three
// decimals after one to three digits (decimal_ambiguous: "1,500" typed in Indonesian may
// be an Englishman's one thousand five hundred).
func LocalDecimal(text, lang string) (string, error) {
	body, negative := sign(plain(text))
	body = strings.TrimSpace(body)
	if body == "" && !negative {
		return "", nil
	}
	if strings.Trim(body, "0123456789., ") != "" || strings.Trim(body, "., ") == "" {
		return "", fault.New(fault.Unprocessable, "decimal_malformed")
	}
	group, point := marks(lang)
	written, part, pointed := strings.Cut(body, point)
	whole, ok := ungroup(written, group)
	if !ok || !allDigits(part) || (pointed && part == "") {
		return "", fault.New(fault.Unprocessable, "decimal_grouped", "value", brief(text))
	}
	if len(part) == 3 && whole == written && len(whole) <= 3 && whole[0] != '0' {
		return "", fault.New(fault.Unprocessable, "decimal_ambiguous", "value", brief(text),
			"grouped", whole+group+part, "pointed", Unambiguous(whole+point+part, point))
	}
	if pointed {
		whole += "." + part
	}
	if negative {
		whole = "-" + whole
	}
	return whole, nil
}

// Unambiguous writes a figure so that LocalDecimal does not take its decimals for a
// group: three decimals become four, or lose their zeros.
func Unambiguous(text, point string) string {
	whole, part, pointed := strings.Cut(text, point)
	if !pointed || len(part) != 3 {
		return text
	}
	switch part = strings.TrimRight(part, "0"); len(part) {
	case 0:
		return whole
	case 3:
		part += "0"
	}
	return whole + point + part
}

// LocalDegrees reads a coordinate: either mark begins its decimals, because no degree
// has thousands and a point copied from a map has a dot in every language.
func LocalDegrees(text string) (string, error) {
	body, negative := sign(plain(text))
	body = strings.ReplaceAll(strings.TrimSpace(body), ",", ".")
	whole, part, pointed := strings.Cut(body, ".")
	switch {
	case body == "" && !negative:
		return "", nil
	case whole == "" || !allDigits(whole) || !allDigits(part) || (pointed && part == ""):
		return "", fault.New(fault.Unprocessable, "degrees_malformed")
	case negative:
		return "-" + body, nil
	}
	return body, nil
}
