package forms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/money"
)

func said(text string) forms.Text { return forms.Text{Indonesian: text, English: text + " (en)"} }

func options(ids ...string) []forms.Option {
	list := make([]forms.Option, len(ids))
	for i, id := range ids {
		list[i] = forms.Option{ID: id, Label: said(strings.ToUpper(id))}
	}
	return list
}

// every is a form with a question of each kind.
func every() *forms.Definition {
	f := func(id string, k forms.Kind) forms.Field { return forms.Field{ID: id, Kind: k, Label: said(id)} }
	single, multi, scale, matrix, table := f("single", forms.Single), f("multi", forms.Multi), f("scale", forms.Scale), f("matrix", forms.Matrix), f("table", forms.Table)
	single.Options, multi.Options = options("yes", "no"), options("a", "b", "c")
	scale.Low, scale.High = 1, 5
	matrix.Options, matrix.Rows = options("good", "bad"), options("r1", "r2")
	table.Columns = []forms.Column{{ID: "c1", Kind: forms.Short, Label: said("n")}, {ID: "c2", Kind: forms.Number, Label: said("n")}, {ID: "c3", Kind: forms.Money, Label: said("n")}, {ID: "c4", Kind: forms.Date, Label: said("n")}}
	table.Currency = money.IDR
	price := f("money", forms.Money)
	price.Currency = money.IDR
	return &forms.Definition{Fields: []forms.Field{
		f("heading", forms.Heading), f("short", forms.Short), f("long", forms.Long), f("number", forms.Number), price, f("date", forms.Date),
		single, multi, scale, matrix, table, f("place", forms.Place),
	}}
}

// codes are what is wrong, as "name code".
func codes(err error) []string {
	list := []string{}
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		for _, f := range refusal.Fields {
			list = append(list, f.Name+" "+f.Code)
		}
		if len(refusal.Fields) == 0 {
			list = append(list, refusal.Code)
		}
	} else if err != nil {
		list = append(list, err.Error())
	}
	slices.Sort(list)
	return list
}

func TestAnswersAreHeldToTheKindOfTheirQuestion(t *testing.T) {
	t.Parallel()
	rp := func(n int64) *money.Money { return &money.Money{Amount: n, Currency: money.IDR} }
	tests := []struct {
		id   string
		in   forms.Answer
		want string // "" is taken
	}{
		{"short", forms.Answer{Text: "  Kupang "}, ""}, {"short", forms.Answer{Text: strings.Repeat("é", 301)}, "answers.short too_long"},
		{"short", forms.Answer{Text: "a\u202eb"}, "answers.short control_characters"}, {"short", forms.Answer{Text: "a\x00b"}, "answers.short control_characters"},
		{"short", forms.Answer{Money: rp(1)}, "answers.short type_wrong"}, {"short", forms.Answer{Text: "\xff"}, "answers.short control_characters"},
		{"long", forms.Answer{Text: "a\nb"}, ""}, {"long", forms.Answer{Text: strings.Repeat("a", 10_001)}, "answers.long too_long"},
		{"number", forms.Answer{Text: "-12.5"}, ""}, {"number", forms.Answer{Text: "1e9"}, "answers.number number_malformed"},
		{"number", forms.Answer{Text: "NaN"}, "answers.number number_malformed"}, {"number", forms.Answer{Text: "007"}, "answers.number number_malformed"},
		{"number", forms.Answer{Text: strings.Repeat("9", 400)}, "answers.number number_malformed"},
		{"money", forms.Answer{Money: rp(125)}, ""}, {"money", forms.Answer{Money: rp(-1)}, "answers.money amount_negative"},
		{"money", forms.Answer{Money: &money.Money{Amount: 1, Currency: "USD"}}, "answers.money money_currency_differs"}, {"money", forms.Answer{Text: "125"}, "answers.money type_wrong"},
		{"date", forms.Answer{Text: "2026-02-28"}, ""}, {"date", forms.Answer{Text: "2026-02-30"}, "answers.date day_malformed"},
		{"single", forms.Answer{Text: "yes"}, ""}, {"single", forms.Answer{Text: "maybe"}, "answers.single choice_unknown"}, {"single", forms.Answer{Choices: []string{"yes"}}, "answers.single type_wrong"},
		{"multi", forms.Answer{Choices: []string{"a", "c"}}, ""}, {"multi", forms.Answer{Choices: []string{"a", "a"}}, "answers.multi choice_unknown"}, {"multi", forms.Answer{Choices: []string{"z"}}, "answers.multi choice_unknown"},
		{"scale", forms.Answer{Text: "5"}, ""}, {"scale", forms.Answer{Text: "6"}, "answers.scale out_of_range"}, {"scale", forms.Answer{Text: "+5"}, "answers.scale out_of_range"}, {"scale", forms.Answer{Text: "x"}, "answers.scale out_of_range"},
		{"matrix", forms.Answer{Cells: map[string]string{"r1": "good"}}, ""}, {"matrix", forms.Answer{Cells: map[string]string{"r1": "best"}}, "answers.matrix.r1 choice_unknown"},
		{"matrix", forms.Answer{Cells: map[string]string{"r9": "good"}}, "answers.matrix field_unknown"},
		{"table", forms.Answer{Rows: []map[string]string{{"c1": "x", "c2": "2", "c3": "1250.50", "c4": "2026-01-31"}}}, ""},
		{"table", forms.Answer{Rows: []map[string]string{{}, {"c2": "two"}}}, "answers.table.1.c2 number_malformed"},
		{"table", forms.Answer{Rows: []map[string]string{{"c3": "-5"}}}, "answers.table.0.c3 amount_negative"},
		{"table", forms.Answer{Rows: []map[string]string{{"c4": "31-01-2026"}}}, "answers.table.0.c4 day_malformed"},
		{"table", forms.Answer{Rows: []map[string]string{{"$where": "1"}}}, "answers.table field_unknown"},
		{"table", forms.Answer{Rows: slices.Repeat([]map[string]string{{"c1": "x"}}, 101)}, "answers.table too_many"},
		{"place", forms.Answer{Place: &forms.Spot{Name: "Waingapu", Latitude: "-9.66", Longitude: "120.26"}}, ""}, {"place", forms.Answer{Place: &forms.Spot{Name: "Waingapu"}}, ""},
		{"place", forms.Answer{Place: &forms.Spot{Latitude: "-9.66", Longitude: "120.26"}}, "answers.place.name required"},
		{"place", forms.Answer{Place: &forms.Spot{Name: "x", Latitude: "-91", Longitude: "0"}}, "answers.place.latitude point_malformed"},
		{"place", forms.Answer{Place: &forms.Spot{Name: "x", Latitude: "1"}}, "answers.place.longitude point_malformed"},
		{"heading", forms.Answer{Text: "x"}, "answers.heading type_wrong"},
		{"ghost", forms.Answer{Text: "x"}, "answers field_unknown"},
	}
	for _, tt := range tests {
		out, err := every().Tidy(forms.Answers{tt.id: tt.in})
		if got := strings.Join(codes(err), ", "); got != tt.want {
			t.Errorf("%s %+v: got %q, want %q", tt.id, tt.in, got, tt.want)
		}
		if _, there := out[tt.id]; there != (tt.want == "") {
			t.Errorf("%s %+v: taken is %t", tt.id, tt.in, there)
		}
	}
}

func TestAllAnswersTogetherAreBounded(t *testing.T) {
	t.Parallel()
	d, in := &forms.Definition{}, forms.Answers{}
	for i := range 40 {
		id := fmt.Sprintf("q%d", i)
		d.Fields = append(d.Fields, forms.Field{ID: id, Kind: forms.Long, Label: said("x")})
		in[id] = forms.Answer{Text: strings.Repeat("a", 9_000)}
	}
	if _, err := d.Tidy(in); !slices.Equal(codes(err), []string{"answers answers_too_large"}) {
		t.Errorf("360 kB: %v", err)
	}
}

// Hidden questions' answers are dropped, whatever they hold, and what they ask for is
// not missing.
func TestAQuestionCountsOnlyWhereItAppears(t *testing.T) {
	t.Parallel()
	d := every()
	d.Field("multi").ShowIf, d.Field("multi").Required = []forms.Ref{"single:yes"}, true
	d.Field("number").ShowIf, d.Field("number").Required = []forms.Ref{"multi:a", "scale:1"}, true
	tests := []struct {
		name    string
		in      forms.Answers
		kept    string
		missing string
	}{
		{"nothing", forms.Answers{}, "", ""},
		{"yes", forms.Answers{"single": {Text: "yes"}}, "single", "answers.multi required"},
		{"yes and a", forms.Answers{"single": {Text: "yes"}, "multi": {Choices: []string{"a"}}}, "multi single", "answers.number required"},
		{"no, with what was answered before", forms.Answers{"single": {Text: "no"}, "multi": {Choices: []string{"a"}}, "number": {Text: "rubbish"}}, "single", ""},
		{"by the other condition", forms.Answers{"scale": {Text: "1"}, "number": {Text: "7"}}, "number scale", ""},
	}
	for _, tt := range tests {
		out, err := d.Tidy(tt.in)
		var kept []string
		for id := range out {
			kept = append(kept, id)
		}
		slices.Sort(kept)
		if err != nil || strings.Join(kept, " ") != tt.kept {
			t.Errorf("%s: kept %v, %v; want %s", tt.name, kept, err, tt.kept)
		}
		if got := strings.Join(codes(d.Missing(out)), ", "); got != tt.missing {
			t.Errorf("%s: missing %q, want %q", tt.name, got, tt.missing)
		}
	}
}

func TestEveryRowOfARequiredMatrixMustBeAnswered(t *testing.T) {
	t.Parallel()
	d := every()
	d.Field("matrix").Required, d.Field("table").Required = true, true
	out, err := d.Tidy(forms.Answers{"matrix": {Cells: map[string]string{"r1": "good"}}, "table": {Rows: []map[string]string{{"c1": "  "}, {}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := codes(d.Missing(out)); !slices.Equal(got, []string{"answers.matrix.r2 required", "answers.table required"}) {
		t.Errorf("missing: %v", got)
	}
}

func TestAnswersAboutPeopleAndThoseThatTellWhoseTheyAreStandApart(t *testing.T) {
	t.Parallel()
	d := every()
	d.Field("short").Personal, d.Field("long").Blind = true, true
	all := forms.Answers{"short": {Text: "Ina"}, "long": {Text: "Kami"}, "date": {Text: "2026-01-01"}}
	open, personal := d.Apart(all)
	if len(open) != 2 || len(personal) != 1 || personal["short"].Text != "Ina" || len(forms.Together(open, personal)) != 3 {
		t.Errorf("apart: %v and %v", open, personal)
	}
	if blinded := d.Blinded(all); len(blinded) != 2 || blinded["long"].Text != "" {
		t.Errorf("blinded: %v", blinded)
	}
}

func TestAPassportIsOfferedWhereItFits(t *testing.T) {
	t.Parallel()
	d := every()
	d.Field("short").Reusable, d.Field("number").Reusable, d.Field("date").Reusable = "acronym", "board_size", "acronym"
	got := d.Offer(map[string]string{"acronym": "YAC", "board_size": "5", "address": "Jalan"})
	if len(got) != 2 || got["short"].Text != "YAC" || got["number"].Text != "5" {
		t.Errorf("offered: %v", got)
	}
}

// The JSON form that the package documents is the one that is read and written.
func TestTheJSONFormOfAnswers(t *testing.T) {
	t.Parallel()
	text := `{"date":{"text":"2026-11-24"},"matrix":{"cells":{"r1":"good"}},"money":{"money":{"amount":125000000,"currency":"IDR"}},"multi":{"choices":["a","c"]},` +
		`"place":{"place":{"name":"Waingapu","latitude":"-9.66","longitude":"120.26"}},"table":{"rows":[{"c1":"x"}]}}`
	var in forms.Answers
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	out, err := every().Tidy(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(out)
	if err != nil || string(got) != text {
		t.Errorf("got %s, %v; want %s", got, err, text)
	}
}
