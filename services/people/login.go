package people

import (
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
)

// firstAdmin is a login nobody can type. Whoever was first to set the platform up has
// it, and the unique key on logins lets there be one.
const firstAdmin = "mitra:first-admin"

// Login reads the address a person signs in with: an e-mail address, or a phone number
// as it is typed in Indonesia (0812…, 62812…) or with a country (+62…, 0062…). It gives
// "mailto:" and the folded address, or "tel:" and the number in E.164.
func Login(text string) (string, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") {
		address, ok := mail.Address(text)
		if !ok {
			return "", fault.New(fault.Unprocessable, "email_malformed")
		}
		return "mailto:" + strings.ToLower(address), nil
	}
	number, ok := phone(text)
	if !ok {
		return "", fault.New(fault.Unprocessable, "login_malformed")
	}
	return "tel:" + number, nil
}

// phone brings a number into E.164 form: 8 to 15 digits after the plus.
func phone(text string) (string, bool) {
	number, plus := digits(text)
	switch {
	case number == "":
		return "", false
	case plus:
	case strings.HasPrefix(number, "00"):
		number = number[2:]
	case number[0] == '0':
		number = "62" + number[1:]
	case !strings.HasPrefix(number, "62") || len(number) < 10:
		return "", false
	}
	if rest, ok := strings.CutPrefix(number, "620"); ok { // +62 (0)812 …
		number = "62" + rest
	}
	if len(number) < 8 || len(number) > 15 || number[0] == '0' {
		return "", false
	}
	return "+" + number, true
}

// digits takes away what people put between them; "" when there is anything else.
func digits(text string) (number string, plus bool) {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0:
			plus = true
		case strings.ContainsRune(" -.()", r):
		default:
			return "", false
		}
	}
	return b.String(), plus
}

// Shown is a login as people read it.
func Shown(login string) string {
	_, text, _ := strings.Cut(login, ":")
	return text
}

// address is the e-mail address in a login; false for a phone.
func address(login string) (string, bool) { return strings.CutPrefix(login, "mailto:") }
