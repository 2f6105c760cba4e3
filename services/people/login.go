package people

import (
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
)

// Login reads the address a person signs in with: an e-mail address, or a phone number
// as it is typed in Indonesia (0812…) or with a country (+62…). It gives "mailto:" and
// the folded address, or "tel:" and the number in E.164.
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
	var digits strings.Builder
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && i == 0, strings.ContainsRune(" -.()", r):
		default:
			return "", false
		}
	}
	number := digits.String()
	switch {
	case strings.HasPrefix(text, "+"):
	case strings.HasPrefix(number, "0") && !strings.HasPrefix(number, "00"):
		number = "62" + number[1:]
	default:
		return "", false
	}
	if len(number) < 8 || len(number) > 15 || number[0] == '0' {
		return "", false
	}
	return "+" + number, true
}

// Shown is a login as people read it.
func Shown(login string) string {
	_, text, _ := strings.Cut(login, ":")
	return text
}

// address is the e-mail address in a login; false for a phone.
func address(login string) (string, bool) { return strings.CutPrefix(login, "mailto:") }
