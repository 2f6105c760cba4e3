package uploads

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name of a file, in characters.
const MaxName = 200

// Name is what a sender called a file, without its folders and without what cannot be seen
// or shows another name than is there. It is for people to read; no file is kept under it.
func Name(text string) string {
	text = text[strings.LastIndexAny(text, `/\`)+1:]
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text))
	if runes := []rune(text); len(runes) > MaxName {
		text = string(runes[:MaxName])
	}
	return text
}
