package forms_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

type world struct {
	*tenantstest.World
	*forms.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenantstest.New(t)
	return &world{w, forms.Open(forms.Config{DB: w.DB, Gate: w.Gate})}
}

func (w *world) officer() context.Context {
	return w.As("kupang", "og_dinas", policies.Agency, policies.ProgramOfficer)
}

func (w *world) start(t *testing.T) *forms.Form {
	t.Helper()
	f, err := w.Start(w.officer(), forms.Start{Title: said(" Uji tuntas "), Purpose: forms.ForDueDiligence})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFormOfEveryKindGoesRoundAndIsPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.start(t)
	var err error
	for _, field := range every().Fields {
		if f, err = w.SaveField(w.officer(), f.ID, f.Version, field); err != nil {
			t.Fatalf("%s: %v", field.ID, err)
		}
	}
	if f, err = w.Publish(w.officer(), f.ID, f.Version); err != nil || f.Published != 1 || f.Changed || f.State != forms.Published {
		t.Fatalf("published: %+v, %v", f, err)
	}
	v, err := w.Version(w.officer(), f.Latest())
	if err != nil || v.No != 1 || len(v.Fields) != 12 || v.Title.Indonesian != "Uji tuntas" || v.Field("table").Columns[2].Kind != forms.Money {
		t.Fatalf("version: %+v, %v", v, err)
	}
}

// A version that was published never changes: editing leads to the next one.
func TestAPublishedVersionIsFrozenAndEditingMakesTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.start(t)
	if _, err := w.Publish(w.officer(), f.ID, f.Version); fault.CodeOf(err) != "form_empty" {
		t.Errorf("nothing to ask: %v", err)
	}
	save := func(label string) {
		t.Helper()
		var err error
		if f, err = w.SaveField(w.officer(), f.ID, f.Version, forms.Field{ID: "q1", Kind: forms.Short, Label: said(label)}); err != nil {
			t.Fatal(err)
		}
	}
	publish := func() forms.VersionID {
		t.Helper()
		var err error
		if f, err = w.Publish(w.officer(), f.ID, f.Version); err != nil {
			t.Fatal(err)
		}
		return f.Latest()
	}
	save("Pertama")
	one := publish()
	if _, err := w.Publish(w.officer(), f.ID, f.Version); fault.CodeOf(err) != "form_unchanged" {
		t.Errorf("published twice: %v", err)
	}
	save("Kedua")
	if v, err := w.Version(w.officer(), one); err != nil || v.Fields[0].Label.Indonesian != "Pertama" || v.Meta.Version != 1 {
		t.Errorf("an edit reached version 1: %v, %v", v, err)
	}
	two := publish()
	v1, _ := w.Version(w.officer(), one)
	v2, err := w.Version(w.officer(), two)
	if err != nil || v2.No != 2 || v2.Fields[0].Label.Indonesian != "Kedua" || v1.Fields[0].Label.Indonesian != "Pertama" {
		t.Errorf("versions: %v, %v, %v", v1, v2, err)
	}
	offered, err := w.Offered(w.officer(), forms.ForDueDiligence)
	if err != nil || len(offered) != 1 || offered[0].ID != two {
		t.Errorf("offered: %v, %v", offered, err)
	}
}

func TestWhatIsWorkedOnIsOnesOwnAndWhatIsPublishedTheTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.start(t)
	f, err := w.SaveField(w.officer(), f.ID, f.Version, forms.Field{Kind: forms.Short, Label: said("Nama")})
	if err != nil || f.Fields[0].ID != "q1" {
		t.Fatal(f, err)
	}
	if f, err = w.Publish(w.officer(), f.ID, f.Version); err != nil {
		t.Fatal(err)
	}
	cso := w.As("kupang", "og_yayasan", policies.CSO, policies.CSOCoordinator)
	if _, err := w.Read(cso, f.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("another organisation reads the working copy: %v", err)
	}
	if list, err := w.List(cso, forms.Criteria{}, store.Query{}); err != nil || len(list.Items) != 0 {
		t.Errorf("another organisation lists it: %v, %v", list, err)
	}
	admin := w.As("kupang", "og_yayasan", policies.CSO, policies.TenantAdmin)
	if _, err := w.SaveField(admin, f.ID, f.Version, forms.Field{Kind: forms.Short, Label: said("x")}); fault.KindOf(err) != fault.Missing {
		t.Errorf("another organisation edits it: %v", err)
	}
	if v, err := w.Version(cso, f.Latest()); err != nil || v.No != 1 {
		t.Errorf("a CSO does not read what was published: %v, %v", v, err)
	}
	if _, err := w.Version(w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer), f.Latest()); fault.KindOf(err) != fault.Missing {
		t.Errorf("from another tenant: %v", err)
	}
	for _, role := range policies.Roles() {
		ctx := w.As("kupang", "og_dinas", policies.Agency, role)
		_, err := w.Start(ctx, forms.Start{Title: said("x"), Purpose: forms.ForSurvey})
		if want := role == policies.TenantAdmin || role == policies.ProgramOfficer; (err == nil) != want {
			t.Errorf("%s starts a form: %v", role, err)
		}
	}
}

func TestQuestionsAreMovedAndRemovedUnlessAnotherDependsOnThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.start(t)
	a := forms.Field{ID: "a", Kind: forms.Single, Label: said("A"), Options: options("yes", "no")}
	b := forms.Field{ID: "b", Kind: forms.Short, Label: said("B"), ShowIf: []forms.Ref{"a:yes"}}
	f, err := w.Edit(w.officer(), f.ID, f.Version, forms.Edit{Title: said("T"), Purpose: forms.ForSurvey, Fields: []forms.Field{a, b}})
	if err != nil {
		t.Fatal(err)
	}
	order := func() string {
		var ids []string
		for _, f := range f.Fields {
			ids = append(ids, f.ID)
		}
		return strings.Join(ids, "")
	}
	for _, step := range []struct {
		field string
		by    int
		want  string
	}{{"b", -1, "ba"}, {"b", -1, "ba"}, {"b", 1, "ab"}, {"b", 1, "ab"}} {
		if f, err = w.MoveField(w.officer(), f.ID, f.Version, forms.Step{Field: step.field, By: step.by}); err != nil || order() != step.want {
			t.Errorf("%s by %d: %s, %v", step.field, step.by, order(), err)
		}
	}
	if _, err := w.MoveField(w.officer(), f.ID, f.Version, forms.Step{Field: "a", By: 7}); fault.KindOf(err) != fault.Unprocessable {
		t.Errorf("by 7: %v", err)
	}
	if _, err := w.RemoveField(w.officer(), f.ID, f.Version, forms.Named{Field: "a"}); fault.CodeOf(err) != "field_needed" {
		t.Errorf("removed what B depends on: %v", err)
	}
	if _, err := w.RemoveField(w.officer(), f.ID, f.Version, forms.Named{Field: "z"}); fault.KindOf(err) != fault.Missing {
		t.Errorf("removed a ghost: %v", err)
	}
	if f, err = w.RemoveField(w.officer(), f.ID, f.Version, forms.Named{Field: "b"}); err != nil || order() != "a" {
		t.Errorf("removed: %s, %v", order(), err)
	}
}

func TestHostileFormsAreRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.start(t)
	short := func(id string) forms.Field { return forms.Field{ID: id, Kind: forms.Short, Label: said(id)} }
	single := func(id string, refs ...forms.Ref) forms.Field {
		return forms.Field{ID: id, Kind: forms.Single, Label: said(id), Options: options("o"), ShowIf: refs}
	}
	many := make([]forms.Field, 201)
	for i := range many {
		many[i] = short(fmt.Sprintf("q%d", i))
	}
	changed := func(edit func(*forms.Field)) []forms.Field { f := single("q"); edit(&f); return []forms.Field{f} }
	tests := map[string]struct {
		fields []forms.Field
		want   string
	}{
		"a file":                {[]forms.Field{{ID: "f", Kind: forms.File, Label: said("f")}}, "fields.0.kind file_kind_later"},
		"an unknown kind":       {[]forms.Field{{ID: "f", Kind: "rating", Label: said("f")}}, "fields.0.kind choice_unknown"},
		"one language":          {[]forms.Field{{ID: "f", Kind: forms.Short, Label: forms.Text{Indonesian: "Nama"}}}, "fields.0.label.english required"},
		"an id that is a path":  {[]forms.Field{short("a.b")}, "fields.0.id id_malformed"},
		"an id that is a query": {[]forms.Field{short("$where")}, "fields.0.id id_malformed"},
		"one id twice":          {[]forms.Field{short("a"), short("a")}, "fields.1.id id_taken"},
		"too many":              {many, "fields too_many"},
		"a label too long":      {changed(func(f *forms.Field) { f.Label.English = strings.Repeat("x", 301) }), "fields.0.label.english too_long"},
		"bidi in the help":      {changed(func(f *forms.Field) { f.Help.Indonesian = "\u202e" }), "fields.0.help.indonesian control_characters"},
		"no options":            {changed(func(f *forms.Field) { f.Options = nil }), "fields.0.options options_missing"},
		"options twice":         {changed(func(f *forms.Field) { f.Options = options("a", "a") }), "fields.0.options.1.id id_taken"},
		"a matrix without rows": {changed(func(f *forms.Field) { f.Kind = forms.Matrix }), "fields.0.rows options_missing"},
		"a table of tables": {[]forms.Field{{ID: "t", Kind: forms.Table, Label: said("t"), Columns: []forms.Column{{ID: "c", Kind: forms.Table, Label: said("c")}}}},
			"fields.0.columns.0.kind choice_unknown"},
		"a scale that falls":     {[]forms.Field{{ID: "s", Kind: forms.Scale, Label: said("s"), Low: 5, High: 1}}, "fields.0.high scale_malformed"},
		"a scale without end":    {[]forms.Field{{ID: "s", Kind: forms.Scale, Label: said("s"), Low: 0, High: 1_000_000}}, "fields.0.high scale_malformed"},
		"an unknown currency":    {[]forms.Field{{ID: "m", Kind: forms.Money, Label: said("m"), Currency: "RPX"}}, "fields.0.currency currency_unknown"},
		"depends on a ghost":     {[]forms.Field{single("a", "ghost:o")}, "fields.0.show_if show_if_unknown"},
		"on another option":      {[]forms.Field{single("a"), single("b", "a:p")}, "fields.1.show_if show_if_unknown"},
		"on a text":              {[]forms.Field{short("a"), single("b", "a:x")}, "fields.1.show_if show_if_unknown"},
		"on itself":              {[]forms.Field{single("a", "a:o")}, "fields.0.show_if show_if_cycle"},
		"in a circle":            {[]forms.Field{single("a", "c:o"), single("b", "a:o"), single("c", "b:o")}, "fields.0.show_if show_if_cycle, fields.1.show_if show_if_cycle, fields.2.show_if show_if_cycle"},
		"a passport key no word": {changed(func(f *forms.Field) { f.Reusable = "x y" }), "fields.0.reusable_from_profile id_malformed"},
	}
	for name, tt := range tests {
		_, err := w.Edit(w.officer(), f.ID, f.Version, forms.Edit{Title: said("T"), Purpose: forms.ForSurvey, Fields: tt.fields})
		if got := strings.Join(codes(err), ", "); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	if _, err := w.Start(w.officer(), forms.Start{Title: forms.Text{Indonesian: "x"}}); !slices.Equal(codes(err), []string{"purpose required", "title.english required"}) {
		t.Errorf("no purpose, one language: %v", err)
	}
	_, err := w.SaveField(w.officer(), f.ID, f.Version, forms.Field{Kind: forms.Single, Label: forms.Text{English: "x"}})
	if !slices.Equal(codes(err), []string{"label.indonesian required", "options options_missing"}) {
		t.Errorf("one question's refusals go by its own fields: %v", err)
	}
}

func TestASheetSaysInTheReadersLanguageWhenAQuestionCounts(t *testing.T) {
	t.Parallel()
	d := every()
	d.Field("short").ShowIf = []forms.Ref{"single:yes", "single:no", "scale:2"}
	r := forms.Release{Title: said("Judul"), Definition: *d}
	sheet := r.Sheet("en", forms.Answers{"single": {Text: "yes"}})
	q := sheet.Questions[1]
	if sheet.Title != "Judul (en)" || q.Refs != "single:yes single:no scale:2" || q.OnlyIf != "“single (en)” = YES (en) / NO (en); “scale (en)” = 2" || q.Hidden {
		t.Errorf("got %+v", q)
	}
	if blank := r.Sheet("id", nil).Questions[1]; !blank.Hidden || blank.Answered {
		t.Errorf("without an answer: %+v", blank)
	}
}
