package forms

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

// Limits of a form. Texts are counted in characters.
const (
	maxLine    = 300
	maxHelp    = 2_000
	maxLong    = 10_000
	maxFields  = 200
	maxOptions = 60
	maxColumns = 12
	maxRows    = 100
	maxRefs    = 60
	maxScale   = 10
)

// Kind is how a question is answered.
type Kind string

// Kinds of questions. File is known and refused, see the package.
const (
	Short   Kind = "short"
	Long    Kind = "long"
	Number  Kind = "number"
	Money   Kind = "money"
	Date    Kind = "date"
	Single  Kind = "single"
	Multi   Kind = "multi"
	Scale   Kind = "scale"
	Matrix  Kind = "matrix"
	Table   Kind = "table"
	Place   Kind = "place"
	Heading Kind = "heading"
	File    Kind = "file"
)

// Kinds lists those that a question may have.
func Kinds() []Kind {
	return []Kind{Heading, Short, Long, Number, Money, Date, Single, Multi, Scale, Matrix, Table, Place}
}

// UnmarshalText refuses a kind that is none. File is read, to be refused by name.
func (k *Kind) UnmarshalText(text []byte) error { return fault.OneOf(k, text, append(Kinds(), File)) }

// Choice says that the question is answered by its own options.
func (k Kind) Choice() bool { return k == Single || k == Multi || k == Matrix }

// Text is said in both languages.
type Text struct {
	Indonesian string `json:"indonesian"`
	English    string `json:"english"`
}

// In is the text in a language: "en" is English, everything else Indonesian.
func (t Text) In(language string) string {
	if language == "en" {
		return t.English
	}
	return t.Indonesian
}

// Option is something to choose, or a row of a matrix.
type Option struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
}

// Column is a column of a table. Its kind is short, number, money or date.
type Column struct {
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	Label Text   `json:"label"`
}

// ColumnKinds lists the kinds of a table's columns.
func ColumnKinds() []Kind { return []Kind{Short, Number, Money, Date} }

// Ref names an answer that makes another question appear: "question:option", of a single,
// multi or scale question (for which the option is the number).
type Ref string

func (r Ref) field() string { before, _, _ := strings.Cut(string(r), ":"); return before }

func (r Ref) option() string { _, after, _ := strings.Cut(string(r), ":"); return after }

// Field is one question.
type Field struct {
	ID       string `json:"id"`
	Kind     Kind   `json:"kind"`
	Label    Text   `json:"label"`
	Help     Text   `json:"help"`
	Required bool   `json:"required"`
	// ShowIf makes the question appear only when one of these answers was given.
	ShowIf []Ref `json:"show_if"`
	// Blind answers are kept from those who must not know whose they are.
	Blind bool `json:"blind"`
	// Personal answers are about people: they are journalled as changed, without values.
	Personal bool `json:"personal"`
	// Reusable is the question of the organisation's passport whose answer is offered here.
	Reusable string `json:"reusable_from_profile"`
	// Options are those of single, multi and matrix questions; Rows those of a matrix;
	// Columns those of a table.
	Options []Option `json:"options"`
	Rows    []Option `json:"rows"`
	Columns []Column `json:"columns"`
	// Low and High are the ends of a scale.
	Low  int `json:"low"`
	High int `json:"high"`
	// Currency is that of a money question and of a table's money columns.
	Currency money.Currency `json:"currency"`
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// tidy fills what a maker need not: ids of options, rows and columns, the currency, empty
// lists; and forgets what does not belong to the kind.
func (f *Field) tidy() {
	f.Label, f.Help = f.Label.trim(), f.Help.trim()
	f.Options, f.Rows = named(f.Options, "o", f.Kind.Choice()), named(f.Rows, "r", f.Kind == Matrix)
	f.tidyColumns()
	if f.Kind != Scale {
		f.Low, f.High = 0, 0
	}
	switch {
	case f.Kind != Money && f.Kind != Table:
		f.Currency = ""
	case f.Currency == "":
		f.Currency = money.IDR
	}
	if f.ShowIf == nil {
		f.ShowIf = []Ref{}
	}
	if f.Kind == Heading {
		f.Required, f.Blind, f.Personal, f.Reusable = false, false, false, ""
	}
}

func (f *Field) tidyColumns() {
	if f.Kind != Table || f.Columns == nil {
		f.Columns = []Column{}
	}
	taken := map[string]bool{}
	for _, c := range f.Columns {
		taken[c.ID] = true
	}
	for i := range f.Columns {
		f.Columns[i].Label = f.Columns[i].Label.trim()
		if f.Columns[i].ID == "" {
			f.Columns[i].ID = next("c", taken)
		}
	}
}

// named gives options without an id the next free one.
func named(list []Option, prefix string, belongs bool) []Option {
	if !belongs || list == nil {
		return []Option{}
	}
	taken := map[string]bool{}
	for _, o := range list {
		taken[o.ID] = true
	}
	for i := range list {
		list[i].Label = list[i].Label.trim()
		if list[i].ID == "" {
			list[i].ID = next(prefix, taken)
		}
	}
	return list
}

// next is the first free id after a prefix, which it takes.
func next(prefix string, taken map[string]bool) string {
	for n := 1; ; n++ {
		if id := prefix + strconv.Itoa(n); !taken[id] {
			taken[id] = true
			return id
		}
	}
}

// check says what is wrong with a question by itself; at is its place, "fields.2.".
func (f *Field) check(at string) []fault.Field {
	var wrong []fault.Field
	if !identifier.MatchString(f.ID) {
		wrong = append(wrong, fault.On(at+"id", "id_malformed"))
	}
	switch {
	case f.Kind == File:
		wrong = append(wrong, fault.On(at+"kind", "file_kind_later"))
	case !slices.Contains(Kinds(), f.Kind):
		wrong = append(wrong, fault.On(at+"kind", "choice_unknown", "value", string(f.Kind)))
	}
	wrong = append(wrong, f.Label.check(at+"label", maxLine, true)...)
	wrong = append(wrong, f.Help.check(at+"help", maxHelp, false)...)
	wrong = append(wrong, checkOptions(at+"options", f.Options, f.Kind.Choice())...)
	wrong = append(wrong, checkOptions(at+"rows", f.Rows, f.Kind == Matrix)...)
	wrong = append(wrong, f.checkColumns(at)...)
	if f.Kind == Scale && (f.Low < 0 || f.High > maxScale || f.Low >= f.High) {
		wrong = append(wrong, fault.On(at+"high", "scale_malformed", "max", strconv.Itoa(maxScale)))
	}
	if f.Reusable != "" && !identifier.MatchString(f.Reusable) {
		wrong = append(wrong, fault.On(at+"reusable_from_profile", "id_malformed"))
	}
	if f.Currency != "" && !f.Currency.Known() {
		wrong = append(wrong, fault.On(at+"currency", "currency_unknown"))
	}
	return wrong
}

func checkOptions(name string, list []Option, needed bool) []fault.Field {
	if needed && len(list) == 0 {
		return []fault.Field{fault.On(name, "options_missing")}
	}
	wrong := tooMany(name, len(list), maxOptions)
	taken := map[string]bool{}
	for i, o := range list {
		at := name + "." + strconv.Itoa(i) + "."
		wrong = append(wrong, checkID(at, o.ID, taken)...)
		wrong = append(wrong, o.Label.check(at+"label", maxLine, true)...)
	}
	return wrong
}

func (f *Field) checkColumns(at string) []fault.Field {
	name := at + "columns"
	if f.Kind == Table && len(f.Columns) == 0 {
		return []fault.Field{fault.On(name, "options_missing")}
	}
	wrong := tooMany(name, len(f.Columns), maxColumns)
	taken := map[string]bool{}
	for i, c := range f.Columns {
		at := name + "." + strconv.Itoa(i) + "."
		wrong = append(wrong, checkID(at, c.ID, taken)...)
		wrong = append(wrong, c.Label.check(at+"label", maxLine, true)...)
		if !slices.Contains(ColumnKinds(), c.Kind) {
			wrong = append(wrong, fault.On(at+"kind", "choice_unknown", "value", string(c.Kind)))
		}
	}
	return wrong
}

func checkID(at, id string, taken map[string]bool) []fault.Field {
	switch {
	case !identifier.MatchString(id):
		return []fault.Field{fault.On(at+"id", "id_malformed")}
	case taken[id]:
		return []fault.Field{fault.On(at+"id", "id_taken")}
	}
	taken[id] = true
	return nil
}

// check holds both texts to a length; needed ones may not be empty in either language.
func (t Text) check(name string, most int, needed bool) []fault.Field {
	var wrong []fault.Field
	for _, one := range []struct{ name, text string }{{name + ".indonesian", t.Indonesian}, {name + ".english", t.English}} {
		if needed && one.text == "" {
			wrong = append(wrong, fault.On(one.name, "required"))
		}
		wrong = append(wrong, CheckText(one.name, one.text, most)...)
	}
	return wrong
}

// CheckText holds a text from outside to a length in characters, and to characters that
// can be seen and do not show another text than is there.
func CheckText(name, text string, most int) []fault.Field {
	switch {
	case utf8.RuneCountInString(text) > most:
		return []fault.Field{fault.On(name, "too_long", "max", strconv.Itoa(most))}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unseen):
		return []fault.Field{fault.On(name, "control_characters")}
	}
	return nil
}

func unseen(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

func tooMany(name string, n, most int) []fault.Field {
	if n <= most {
		return nil
	}
	return []fault.Field{fault.On(name, "too_many", "max", strconv.Itoa(most))}
}
