// Package words is everything the product says, in both of its languages: sentences
// by key, plurals, the sentence and the remedy of every refusal, and how numbers,
// money, days and instants are written. It knows no record and no page.
//
// Messages stand in locales/<area>.id.toml and locales/<area>.en.toml; each area
// brings its own pair and a test holds the pairs to equal keys and placeholders.
package words

import (
	"context"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/mitra-platform/mitra/services/fault"
)

// Language is one of the languages the product is whole in.
type Language string

// The languages, by their ISO 639 code as it stands in a page's lang attribute.
const (
	Indonesian Language = "id"
	English    Language = "en"
)

// Languages lists them in the order the switch shows.
func Languages() []Language { return []Language{Indonesian, English} }

// Known says that the product speaks the language.
func (l Language) Known() bool { return l == Indonesian || l == English }

// UnmarshalText reads a language from outside and refuses another one with the code
// language_unknown; empty text is no choice.
func (l *Language) UnmarshalText(text []byte) error {
	read := Language(text)
	if read != "" && !read.Known() {
		return fault.New(fault.Unprocessable, "language_unknown")
	}
	*l = read
	return nil
}

// Words speaks one language. It is immutable and safe to share.
type Words struct {
	language  Language
	plain     map[string]string   // messages without placeholders and plural
	slots     map[string][]string // placeholders of the others
	localizer *i18n.Localizer
}

// In is the words of a language; Indonesian when the product does not speak it.
func In(l Language) *Words {
	all := load()
	if w, ok := all[l]; ok {
		return w
	}
	return all[Indonesian]
}

type key struct{}

// With puts the reader's words into the context.
func With(ctx context.Context, w *Words) context.Context {
	return context.WithValue(ctx, key{}, w)
}

// From is the reader's words; Indonesian when nobody chose.
func From(ctx context.Context) *Words {
	if w, ok := ctx.Value(key{}).(*Words); ok && w != nil {
		return w
	}
	return In(Indonesian)
}

// Language is the language these words are in.
func (w *Words) Language() Language { return w.language }

// Has says that there is a message under the key.
func (w *Words) Has(key string) bool {
	if _, ok := w.plain[key]; ok {
		return true
	}
	_, ok := w.slots[key]
	return ok
}

// T is the message under the key with its placeholders filled; args come in pairs,
// name then value. Text and integers may be given; integers are grouped as the
// language does. A missing key or argument shows as ⟦name⟧, so that tests see it.
func (w *Words) T(key string, args ...any) string {
	if text, ok := w.plain[key]; ok {
		return text
	}
	return w.render(key, nil, w.fill(key, args))
}

// N is T for a counted thing: it picks the plural form, and {{.n}} is the number as
// the language writes it.
func (w *Words) N(key string, n int64, args ...any) string {
	if text, ok := w.plain[key]; ok {
		return text
	}
	values := w.fill(key, args)
	values["n"] = w.Number(n)
	return w.render(key, n, values)
}

func (w *Words) render(key string, count any, values map[string]any) string {
	if _, ok := w.slots[key]; !ok {
		return missing(key)
	}
	text, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values, PluralCount: count})
	if err != nil {
		return missing(key)
	}
	return text
}

// fill pairs names and values and marks the placeholders nobody filled.
func (w *Words) fill(key string, args []any) map[string]any {
	values := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			values[name] = w.value(args[i+1])
		}
	}
	for _, slot := range w.slots[key] {
		if _, ok := values[slot]; !ok {
			values[slot] = missing(slot)
		}
	}
	return values
}

func (w *Words) value(v any) any {
	switch n := v.(type) {
	case int:
		return w.Number(int64(n))
	case int64:
		return w.Number(n)
	default:
		return v
	}
}

func missing(key string) string { return "⟦" + key + "⟧" }

// Fault is what a refusal says and what the reader can do about it. Arguments are put
// into the reader's words: a value with a message "<name>.<value>" (kind.program,
// role.signatory) becomes that message, a day is written out, a number is grouped.
func (w *Words) Fault(code string, args fault.Args) (detail, remedy string) {
	list := make([]any, 0, 2*len(args))
	for name, value := range args {
		list = append(list, name, w.argument(name, value))
	}
	key := "fault." + code
	return w.T(key, list...), w.T(key+".remedy", list...)
}

// argument leaves what the reader typed ("value") as it was.
func (w *Words) argument(name, value string) string {
	if name == "value" {
		return value
	}
	if known := name + "." + value; w.Has(known) {
		return w.T(known)
	}
	if d, ok := asDay(value); ok {
		return w.Day(d)
	}
	if digits(strings.TrimPrefix(value, "-")) && len(value) > 4 {
		return w.Decimal(value)
	}
	return value
}
