package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed locales
var locales embed.FS

// load reads the embedded messages once. They are part of the program, so a file that
// cannot be read is a bug that the first test of any package meets.
var load = sync.OnceValue(func() map[Language]*Words {
	all := make(map[Language]*Words, len(Languages()))
	for _, l := range Languages() {
		w, err := read(l)
		if err != nil {
			panic(fmt.Sprintf("words: %v", err))
		}
		all[l] = w
	}
	return all
})

func read(l Language) (*Words, error) {
	bundle := i18n.NewBundle(language.MustParse(string(l)))
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	w := &Words{language: l, plain: map[string]string{}, slots: map[string][]string{}}
	names, err := fs.Glob(locales, "locales/*."+string(l)+".toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		bytes, err := locales.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := bundle.ParseMessageFileBytes(bytes, path.Base(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := w.take(name, file.Messages); err != nil {
			return nil, err
		}
	}
	w.localizer = i18n.NewLocalizer(bundle, string(l))
	return w, nil
}

// take sorts a file's messages into plain ones and those with placeholders or plural,
// and refuses a key that another file holds already.
func (w *Words) take(file string, messages []*i18n.Message) error {
	for _, m := range messages {
		if w.Has(m.ID) {
			return fmt.Errorf("%s: key %q is there twice", file, m.ID)
		}
		slots, err := placeholders(m.One + m.Other)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, m.ID, err)
		}
		if m.One == "" && len(slots) == 0 {
			w.plain[m.ID] = m.Other
			continue
		}
		w.slots[m.ID] = slots
	}
	return nil
}

// placeholders are the names of {{.name}} in a message, sorted, each once. Any other
// template action is refused: a message is a sentence, not a program.
func placeholders(text string) ([]string, error) {
	if !strings.Contains(text, "{{") {
		return nil, nil
	}
	trees, err := parse.Parse("message", text, "", "")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, node := range trees["message"].Root.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			name, ok := strings.CutPrefix(n.Pipe.String(), ".")
			if !ok || strings.ContainsAny(name, " .|") {
				return nil, fmt.Errorf("%s is not a placeholder", n)
			}
			names = append(names, name)
		default:
			return nil, fmt.Errorf("%s is not a placeholder", n)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
