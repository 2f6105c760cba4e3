package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/tenants"
)

const (
	maxDifferences = 200  // kept per entry
	maxValue       = 1000 // bytes of one value
)

// personal knows which paths of a record hold personal values: fields tagged
// `journal:"personal"`. Elements of lists are "*" in it.
type personal map[string]bool

func personalOf[T any]() personal {
	p := make(personal)
	p.collect(reflect.TypeFor[T](), "", 0)
	return p
}

func (p personal) collect(t reflect.Type, path string, depth int) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			path = join(path, "*")
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || depth > 12 {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := path
		if !f.Anonymous || name != "" {
			inner = join(path, name)
		}
		if f.Tag.Get("journal") == "personal" {
			p[inner] = true
		}
		p.collect(f.Type, inner, depth+1)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// flatten gives the JSON text of every leaf by its path. Elements of lists go by their
// "id" where they have one, or by the day they are "on" where each has a day of its own, so
// that moving one is not changing all.
func (p personal) flatten(doc any) (map[string]string, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("store: journal: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value map[string]any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("store: journal: %w", err)
	}
	for _, own := range []string{"id", "version", "created_at", "updated_at"} {
		delete(value, own)
	}
	leaves := make(map[string]string)
	for name, v := range value {
		flatten(leaves, name, v)
	}
	return leaves, nil
}

func flatten(leaves map[string]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			flatten(leaves, join(path, name), inner)
		}
	case []any:
		name := namer(v)
		for i, inner := range v {
			flatten(leaves, join(path, "["+name(i, inner)+"]"), inner)
		}
	case nil:
	default:
		text, err := json.Marshal(v)
		if err == nil && string(text) != `""` {
			leaves[path] = cut(string(text))
		}
	}
}

// namer says how the elements of a list go.
func namer(list []any) func(int, any) string {
	days := make(map[string]bool, len(list))
	for _, v := range list {
		days[member(v, "on")] = true
	}
	byDay := len(days) == len(list) && !days[""]
	return func(i int, v any) string {
		if id := member(v, "id"); id != "" {
			return id
		}
		if byDay {
			return member(v, "on")
		}
		return strconv.Itoa(i)
	}
}

// member is the text that an object has under a name; "" without any.
func member(value any, name string) string {
	m, _ := value.(map[string]any)
	text, _ := m[name].(string)
	return text
}

func cut(text string) string {
	if len(text) <= maxValue {
		return text
	}
	end := maxValue
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// differences lists what changed in the order of the paths, and counts those beyond
// what an entry keeps.
func (p personal) differences(before, after map[string]string) (list []tenants.Difference, more int) {
	paths := make(map[string]bool, len(before))
	for path, from := range before {
		if after[path] != from {
			paths[path] = true
		}
	}
	for path, to := range after {
		if before[path] != to {
			paths[path] = true
		}
	}
	list = []tenants.Difference{}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if len(list) == maxDifferences {
			more++
			continue
		}
		d := tenants.Difference{Path: path, From: before[path], To: after[path]}
		if p.covers(path) {
			d = tenants.Difference{Path: path, Personal: true}
		}
		list = append(list, d)
	}
	return list, more
}

// Differences are what became of every field between two states of one thing, as a
// journal entry has them, and how many more there are than an entry keeps.
func Differences(before, after any) (list []tenants.Difference, more int, err error) {
	none := personal{}
	was, err := none.flatten(before)
	if err != nil {
		return nil, 0, err
	}
	is, err := none.flatten(after)
	if err != nil {
		return nil, 0, err
	}
	list, more = none.differences(was, is)
	return list, more, nil
}

// covers says that a path lies in a personal field.
func (p personal) covers(path string) bool {
	if len(p) == 0 {
		return false
	}
	pattern := ""
	for step := range strings.SplitSeq(path, ".") {
		if strings.HasPrefix(step, "[") {
			step = "*"
		}
		pattern = join(pattern, step)
		if p[pattern] {
			return true
		}
	}
	return false
}
