package money

import "strings"

// ParseLocal reads an amount as people write it into a form. In Indonesian ("id", and
// every tag that begins with it) a dot groups and a comma begins the decimals
// ("Rp 1.250.000,50", "1.250.000,-"); in every other language it is the other way
// round ("1,250,000.50"). Spaces may group in both. The code or the sign of the
// currency may stand on either side of the amount.
//
// It refuses rather than guesses: groups that are not of three digits
// (money_malformed), more decimals than the currency has even when they are zeros
// (money_too_precise: "1,250" typed in Indonesian is more likely 1250 than 1.25), and
// the sign of another currency (money_malformed).
func ParseLocal(text string, c Currency, lang string) (Money, error) {
	if _, err := ParseCurrency(string(c)); err != nil {
		return Money{}, err
	}
	group, point := marks(lang)
	body, negative := undress(plain(text), c)
	if point == "," {
		body = strings.TrimSuffix(body, ",-")
	}
	whole, part, pointed := strings.Cut(body, point)
	whole, ok := ungroup(strings.TrimSpace(whole), group)
	if !ok || whole == "" || !allDigits(part) || (pointed && part == "") {
		return Money{}, malformed(text)
	}
	return compose(negative, whole, part, c)
}

func marks(lang string) (group, point string) {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if base == "id" {
		return ".", ","
	}
	return ",", "."
}

// plain makes the spaces and minus signs that keyboards and spreadsheets produce the usual ones.
func plain(text string) string {
	replaced := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2212", "-").Replace(text)
	return strings.TrimSpace(replaced)
}

// undress takes the sign and the name of the currency off; either may come first.
func undress(text string, c Currency) (body string, negative bool) {
	body, negative = sign(text)
	body = unname(strings.TrimSpace(body), c)
	if !negative {
		body, negative = sign(body)
	}
	return strings.TrimSpace(body), negative
}

func unname(text string, c Currency) string {
	for _, name := range names(c) {
		if len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
			return strings.TrimSpace(text[len(name):])
		}
		if cut := len(text) - len(name); cut >= 0 && strings.EqualFold(text[cut:], name) {
			return strings.TrimSpace(text[:cut])
		}
	}
	return text
}

// names are the ways to write a currency beside an amount, longest first.
func names(c Currency) []string {
	code := string(c)
	switch c {
	case IDR:
		return []string{code, "Rp.", "Rp"}
	case "USD":
		return []string{code, "US$", "$"}
	case "AUD":
		return []string{code, "AU$", "A$", "$"}
	case "EUR":
		return []string{code, "€"}
	case "GBP":
		return []string{code, "£"}
	case "JPY":
		return []string{code, "¥"}
	}
	return []string{code}
}

// ungroup joins the groups of a whole number: the first has one to three digits, every
// other one three. One kind of separator only.
func ungroup(whole, group string) (string, bool) {
	separator := group
	if strings.Contains(whole, " ") {
		separator = " "
	}
	groups := strings.Split(whole, separator)
	for i, digits := range groups {
		if !allDigits(digits) || digits == "" {
			return "", false
		}
		if len(groups) > 1 && (len(digits) > 3 || (i > 0 && len(digits) != 3)) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}
