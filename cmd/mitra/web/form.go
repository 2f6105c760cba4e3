package web

import (
	"encoding"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/words"
)

const (
	// maxRows is how many rows of one list a form may hold.
	maxRows = 500
	// maxFields is how many fields a form may have, longest how long a field's name may be:
	// far beyond what a page of ours asks.
	maxFields = 10_000
	longest   = 200
)

// readForm fills a struct from a form. A field is called by its json tag; fields of rows
// are "activities.2.title"; a day is three fields, "from.day", "from.month", "from.year".
func readForm(c *fiber.Ctx, in any) error {
	f := formOf(c)
	if f.tooLong() {
		return fault.New(fault.TooLarge, "form_too_long", "max", strconv.Itoa(maxFields))
	}
	for _, name := range notText(c) {
		f.faults = append(f.faults, fault.On(name, "not_text"))
	}
	f.fill("", reflect.ValueOf(in).Elem())
	if len(f.faults) == 0 {
		c.Locals(linesKey{}, lines(f.lines))
	}
	return fault.Invalid(f.faults...)
}

type linesKey struct{}

// lines are, by the name of a list in a form, the lines of the form that its rows came
// from: lines that nobody filled in are no rows.
type lines map[string][]int

// inForm is what the field of a record is called in the form it was read from.
func (l lines) inForm(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || i == 0 {
			continue
		}
		if from := l[strings.Join(parts[:i], ".")]; n >= 0 && n < len(from) {
			parts[i] = strconv.Itoa(from[n])
		}
	}
	return strings.Join(parts, ".")
}

// formOf reads the form that was sent.
func formOf(c *fiber.Ctx) *formReader {
	values := map[string][]string{}
	if form, err := c.MultipartForm(); err == nil {
		values = textOf(c, form.Value)
		c.Locals(partsKey{}, values)
	} else {
		for name, value := range c.Request().PostArgs().All() {
			values[string(name)] = append(values[string(name)], string(value))
		}
	}
	return &formReader{values: values, language: string(words.From(c.UserContext()).Language())}
}

// partsKey holds the fields of a form with a file, once they were read: until then it may
// be long, and whoever is refused has not sent it to be read.
type partsKey struct{}

// textOf holds the fields of a form with a file to text, as text does those of others.
func textOf(c *fiber.Ctx, sent map[string][]string) map[string][]string {
	values, wrong := make(map[string][]string, len(sent)), notText(c)
	for name, list := range sent {
		for _, value := range list {
			if !utf8.ValidString(value) && !slices.Contains(wrong, name) {
				wrong = append(wrong, strings.ToValidUTF8(name, ""))
			}
			values[name] = append(values[name], strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	c.Locals(notTextKey{}, wrong)
	return values
}

type formReader struct {
	values map[string][]string
	// rows are the names above those of the fields ("a" and "a.0" of "a.0.title"), and
	// whether people filled something in below; nil until one is asked for.
	rows map[string]bool
	// lines are the lines that the rows of each list came from.
	lines lines
	// language says how amounts and figures are written.
	language string
	faults   []fault.Field
}

func (f *formReader) fill(prefix string, v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			f.fill(prefix, v.Field(i))
			continue
		}
		if name == "" || name == "-" || !field.IsExported() {
			continue
		}
		if as := field.Tag.Get("form"); as != "" {
			f.figure(prefix+name, as, v.Field(i))
			continue
		}
		f.set(prefix+name, v.Field(i))
	}
}

// first is the one value of a field, with the line ends that people's machines agree on.
func (f *formReader) first(name string) (string, bool) {
	list := f.values[name]
	if len(list) == 0 {
		return "", false
	}
	return strings.ReplaceAll(list[0], "\r\n", "\n"), true
}

func (f *formReader) set(name string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if f.given(name) {
			v.Set(reflect.New(v.Type().Elem()))
			f.set(name, v.Elem())
		}
		return
	}
	if day, ok := v.Addr().Interface().(*clocks.Day); ok {
		f.day(name, day)
		return
	}
	if m, ok := v.Addr().Interface().(*money.Money); ok {
		f.money(name, m)
		return
	}
	text, given := f.first(name)
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if given && text != "" {
			f.note(name, u.UnmarshalText([]byte(strings.TrimSpace(text))))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(text))
	case reflect.Bool:
		v.SetBool(given && text != "" && text != "false")
	case reflect.Int, reflect.Int64, reflect.Int32:
		f.number(name, strings.TrimSpace(text), v)
	case reflect.Struct:
		f.fill(name+".", v)
	case reflect.Slice:
		f.slice(name, v)
	case reflect.Map:
		f.texts(name, v)
	}
}

// texts fills a map of texts from the fields below a name; the three fields of a day are
// one text.
func (f *formReader) texts(name string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	for known := range f.values {
		below, ok := strings.CutPrefix(known, name+".")
		if !ok {
			continue
		}
		key, part, parted := strings.Cut(below, ".")
		text, _ := f.first(name + "." + key)
		if parted {
			if part != "day" {
				continue
			}
			var day clocks.Day
			f.day(name+"."+key, &day)
			text = string(day)
		}
		v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(strings.TrimSpace(text)))
	}
}

// money joins an amount as people write it with the currency in the field beside it.
func (f *formReader) money(name string, m *money.Money) {
	text, _ := f.first(name)
	if strings.TrimSpace(text) == "" {
		return
	}
	currency, _ := f.first(name[:strings.LastIndex(name, ".")+1] + "currency")
	c, err := money.ParseCurrency(strings.ToUpper(strings.TrimSpace(currency)))
	if err == nil {
		*m, err = money.ParseLocal(text, c, f.language)
	}
	f.note(name, err)
}

// figure reads a field of text that holds a number, by the language of the page. Its tag
// says how: form:"degrees", or form:"figure", with the field of the form ("measure:text")
// under which it holds words instead.
func (f *formReader) figure(name, as string, v reflect.Value) {
	text, _ := f.first(name)
	as, unless, _ := strings.Cut(as, ",unless=")
	var err error
	switch {
	case unless != "" && f.says(name, unless):
		text = strings.TrimSpace(text)
	case as == "degrees":
		text, err = money.LocalDegrees(text)
	default:
		text, err = money.LocalDecimal(text, f.language)
	}
	f.note(name, err)
	v.SetString(text)
}

// says looks for a field beside or above another one, and whether it has a value.
func (f *formReader) says(name, condition string) bool {
	field, value, _ := strings.Cut(condition, ":")
	for at := strings.LastIndex(name, "."); ; at = strings.LastIndex(name[:at], ".") {
		if text, ok := f.first(name[:at+1] + field); ok {
			return text == value
		}
		if at < 0 {
			return false
		}
	}
}

// filledAnyway are fields of a row that a form fills by itself.
var filledAnyway = []string{".id", ".currency", ".told.value", ".node", ".aggregation", ".categories"}

// given says that the form has the field, or in a row some field that people fill.
func (f *formReader) given(name string) bool {
	if list := f.values[name]; len(list) > 0 && !blank(list[0]) {
		return true
	}
	return f.above()[name]
}

// mentioned says that the form has fields of a row, filled or not.
func (f *formReader) mentioned(row string) bool {
	_, ok := f.above()[row]
	return ok
}

// above gathers the rows of the form once, so that a long form is not searched for each.
func (f *formReader) above() map[string]bool {
	if f.rows != nil {
		return f.rows
	}
	f.rows = map[string]bool{}
	for name, list := range f.values {
		filled := len(list) > 0 && !blank(list[0]) &&
			!slices.ContainsFunc(filledAnyway, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
		for at := strings.LastIndexByte(name, '.'); at >= 0; at = strings.LastIndexByte(name[:at], '.') {
			f.rows[name[:at]] = f.rows[name[:at]] || filled
		}
	}
	return f.rows
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// tooLong says that no page of ours sends such a form.
func (f *formReader) tooLong() bool {
	n := 0
	for name, list := range f.values {
		if n += len(list); len(name) > longest {
			return true
		}
	}
	return n > maxFields
}

func (f *formReader) note(name string, err error) {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		f.faults = append(f.faults, fault.Field{Name: name, Code: refusal.Code, Args: refusal.Args})
	} else if err != nil {
		f.faults = append(f.faults, fault.Field{Name: name, Code: fault.CodeOf(err)})
	}
}

func (f *formReader) number(name, text string, v reflect.Value) {
	if text == "" {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v.OverflowInt(n) {
		f.faults = append(f.faults, fault.On(name, "number_malformed"))
		return
	}
	v.SetInt(n)
}

// day joins three fields; one that is sent whole ("2026-11-24") is taken as well.
func (f *formReader) day(name string, day *clocks.Day) {
	whole, given := f.first(name)
	d, _ := f.first(name + ".day")
	m, _ := f.first(name + ".month")
	y, _ := f.first(name + ".year")
	d, m, y = strings.TrimSpace(d), strings.TrimSpace(m), strings.TrimSpace(y)
	switch {
	case given:
	case d == "" && m == "" && y == "":
		return
	default:
		whole = y + "-" + pad(m) + "-" + pad(d)
	}
	if whole == "" {
		return
	}
	f.note(name, day.UnmarshalText([]byte(whole)))
}

func pad(text string) string {
	if len(text) == 1 {
		return "0" + text
	}
	return text
}

func (f *formReader) slice(name string, v reflect.Value) {
	if v.Type().Elem().Kind() != reflect.Struct {
		for _, text := range splitList(f.values[name]) {
			item := reflect.New(v.Type().Elem()).Elem()
			sub := &formReader{values: map[string][]string{"x": {text}}}
			sub.set("x", item)
			for _, wrong := range sub.faults {
				f.faults = append(f.faults, fault.On(name, wrong.Code))
			}
			v.Set(reflect.Append(v, item))
		}
		return
	}
	for i := 0; ; i++ {
		row := name + "." + strconv.Itoa(i)
		if !f.mentioned(row) {
			return
		}
		if i == maxRows {
			f.faults = append(f.faults, fault.On(name, "too_many", "max", strconv.Itoa(maxRows)))
			return
		}
		item := reflect.New(v.Type().Elem()).Elem()
		f.fill(row+".", item)
		if f.given(row) {
			v.Set(reflect.Append(v, item))
			if f.lines == nil {
				f.lines = lines{}
			}
			f.lines[name] = append(f.lines[name], i)
		}
	}
}

// splitList takes several fields of one name, or one field with several words.
func splitList(values []string) []string {
	var list []string
	for _, text := range values {
		list = append(list, strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })...)
	}
	return list
}
