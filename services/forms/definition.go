package forms

import (
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/services/fault"
)

// Definition is what a form asks, in order.
type Definition struct {
	Fields []Field `json:"fields"`
}

// at is the place of a question; -1 when there is none with this id.
func (d *Definition) at(id string) int {
	return slices.IndexFunc(d.Fields, func(f Field) bool { return f.ID == id })
}

// Field is the question with an id; nil when there is none.
func (d *Definition) Field(id string) *Field {
	if at := d.at(id); at >= 0 {
		return &d.Fields[at]
	}
	return nil
}

// asks says that somebody can answer something.
func (d *Definition) asks() bool {
	return slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Kind != Heading })
}

// free is the next free id of a question.
func (d *Definition) free() string {
	taken := map[string]bool{}
	for _, f := range d.Fields {
		taken[f.ID] = true
	}
	return next("q", taken)
}

func (d *Definition) tidy() {
	if d.Fields == nil {
		d.Fields = []Field{}
	}
	for i := range d.Fields {
		d.Fields[i].tidy()
	}
}

// clone shares nothing that an edit of a question would change.
func (d *Definition) clone() Definition { return Definition{Fields: slices.Clone(d.Fields)} }

// check says what is wrong with the questions and with what they depend on.
func (d *Definition) check() []fault.Field {
	wrong := tooMany("fields", len(d.Fields), maxFields)
	if wrong != nil {
		return wrong
	}
	taken := map[string]bool{}
	for i := range d.Fields {
		f := &d.Fields[i]
		at := "fields." + strconv.Itoa(i) + "."
		wrong = append(wrong, f.check(at)...)
		if taken[f.ID] {
			wrong = append(wrong, fault.On(at+"id", "id_taken"))
		}
		taken[f.ID] = true
		wrong = append(wrong, tooMany(at+"show_if", len(f.ShowIf), maxRefs)...)
		for _, ref := range f.ShowIf {
			if !d.answerable(ref) {
				wrong = append(wrong, fault.On(at+"show_if", "show_if_unknown", "value", string(ref)))
			}
		}
	}
	index := d.index()
	for i := range d.Fields {
		if cyclic(index, d.Fields[i].ID, d.Fields[i].ID, map[string]bool{}) {
			wrong = append(wrong, fault.On("fields."+strconv.Itoa(i)+".show_if", "show_if_cycle"))
		}
	}
	return wrong
}

// answerable says that a question could be answered so.
func (d *Definition) answerable(ref Ref) bool {
	f := d.Field(ref.field())
	if f == nil {
		return false
	}
	return slices.Contains(f.Refs(), ref)
}

// Refs are the answers to the question on which others may depend.
func (f *Field) Refs() []Ref {
	var list []Ref
	switch f.Kind {
	case Single, Multi:
		for _, o := range f.Options {
			list = append(list, Ref(f.ID+":"+o.ID))
		}
	case Scale:
		for n := f.Low; n <= f.High && n-f.Low <= maxScale; n++ {
			list = append(list, Ref(f.ID+":"+strconv.Itoa(n)))
		}
	default:
	}
	return list
}

// index finds questions by their ids.
func (d *Definition) index() map[string]*Field {
	index := make(map[string]*Field, len(d.Fields))
	for i := range d.Fields {
		index[d.Fields[i].ID] = &d.Fields[i]
	}
	return index
}

// cyclic says that whether start appears depends in the end on start.
func cyclic(index map[string]*Field, start, id string, visited map[string]bool) bool {
	f := index[id]
	if f == nil || visited[id] {
		return false
	}
	visited[id] = true
	for _, ref := range f.ShowIf {
		if ref.field() == start || cyclic(index, start, ref.field(), visited) {
			return true
		}
	}
	return false
}

// Shown says of each question whether it appears, given the answers so far. A question
// whose condition rests on one that does not appear does not appear either.
func (d *Definition) Shown(answers Answers) map[string]bool {
	shown, index := make(map[string]bool, len(d.Fields)), d.index()
	var appears func(f *Field, depth int) bool
	appears = func(f *Field, depth int) bool {
		if known, ok := shown[f.ID]; ok {
			return known
		}
		yes := len(f.ShowIf) == 0
		for _, ref := range f.ShowIf {
			on := index[ref.field()]
			if on != nil && depth < maxFields && answers[on.ID].chose(ref.option()) && appears(on, depth+1) {
				yes = true
			}
		}
		shown[f.ID] = yes
		return yes
	}
	for i := range d.Fields {
		appears(&d.Fields[i], 0)
	}
	return shown
}
