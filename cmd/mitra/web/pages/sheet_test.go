package pages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/words"
)

// everyKind is a form with a question of each kind, called what nobody should trust.
func everyKind() *forms.Form {
	f := &forms.Form{State: forms.Published, Published: 2, Changed: true, Title: forms.Text{Indonesian: hostile, English: hostile}, Purpose: forms.ForDueDiligence}
	f.ID, f.Version = "fm_1", 4
	label := forms.Text{Indonesian: hostile, English: hostile}
	choices := []forms.Option{{ID: "o1", Label: label}, {ID: "o2", Label: label}}
	for _, k := range forms.Kinds() {
		f.Fields = append(f.Fields, forms.Field{
			ID: string(k), Kind: k, Label: label, Help: label, Required: k == forms.Short, Personal: true, Blind: true, Options: choices, Rows: choices, Low: 1, High: 5, Currency: money.IDR,
			Columns: []forms.Column{{ID: "c1", Kind: forms.Short, Label: label}, {ID: "c2", Kind: forms.Date, Label: label}, {ID: "c3", Kind: forms.Money, Label: label}, {ID: "c4", Kind: forms.Number, Label: label}},
		})
	}
	long := make([]forms.Option, 9)
	for i := range long {
		long[i] = forms.Option{ID: "x" + string(rune('a'+i)), Label: label}
	}
	f.Fields = append(f.Fields, forms.Field{ID: "select", Kind: forms.Single, Label: label, Options: long, ShowIf: []forms.Ref{"single:o1", "scale:3"}})
	return f
}

func everyAnswer() forms.Answers {
	return forms.Answers{
		"short": {Text: hostile}, "long": {Text: hostile}, "number": {Text: "1250.5"}, "money": {Money: &money.Money{Amount: 125_000_00, Currency: money.IDR}}, "date": {Text: "2026-11-24"},
		"single": {Text: "o1"}, "multi": {Choices: []string{"o1", "o2"}}, "scale": {Text: "3"}, "matrix": {Cells: map[string]string{"o1": "o2"}}, "select": {Text: "xb"},
		"table": {Rows: []map[string]string{{"c1": hostile, "c2": "2026-01-31", "c3": "1250.50", "c4": "7"}}}, "place": {Place: &forms.Spot{Name: hostile, Latitude: "-9.66", Longitude: "120.26"}},
	}
}

func release(f *forms.Form) *forms.Version {
	v := &forms.Version{No: 2, Release: forms.Release{Title: f.Title, Purpose: f.Purpose, Definition: f.Definition}}
	v.ID = "fv_1"
	return v
}

func diligence(state organisations.DiligenceState) *organisations.DueDiligence {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	d := &organisations.DueDiligence{
		State: state, FormTitle: forms.Text{Indonesian: hostile, English: hostile}, FormVersion: "fv_1", Risk: organisations.HighRisk, Conclusion: hostile, AskedAt: &at, ReplyDueOn: "2026-12-08",
		Subject: organisations.Subject{Agency: "or_1", AgencyName: hostile, Organisation: "or_2", Member: "mb_1", Name: hostile}, Reply: &organisations.Reply{Text: hostile}, ValidUntil: "2027-11-24",
	}
	d.ID, d.Version = "dd_1", 3
	return d
}

func flag(state organisations.FlagState) *organisations.Flag {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	f := &organisations.Flag{
		State: state, Subject: diligence("draft").Subject, Severity: organisations.Exclude, Category: "financial", Reason: hostile, Evidence: hostile, HeldBy: &organisations.Hand{}, HeldUntil: "2026-12-24",
		HoldReason: hostile, DisclosedAt: &at, ReplyDueOn: "2026-12-08", Decision: hostile, DecidedBy: &organisations.Hand{}, ReviewDueOn: "2027-03-01",
	}
	f.ID, f.Version = "fl_1", 3
	return f
}

// formViews are the pages of forms, due diligence and flags.
func formViews(entry pages.HistoryRow) []view {
	f, empty := everyKind(), &forms.Form{State: forms.Draft, Purpose: forms.ForSurvey}
	v, m := release(f), member(organisations.Verified)
	sheet := func(language string) forms.Sheet { return v.Sheet(language, everyAnswer()) }
	list := []view{
		{"forms", pages.Forms(pages.FormList{Items: []*forms.Form{f, empty}, Total: "2", Q: hostile, State: "draft", Next: "/x?cursor=a"})}, {"forms, empty", pages.Forms(pages.FormList{})},
		{"new form", pages.RenameForm(nil)}, {"rename form", pages.RenameForm(f)},
		{"form", pages.ShowForm(pages.FormView{Form: f, Versions: []*forms.Version{v}, History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})}, {"form, empty", pages.ShowForm(pages.FormView{Form: empty})},
		{"preview form", pages.PreviewForm(f, sheet("id"))}, {"form version", pages.ShowFormVersion(v, v.Sheet("id", nil))},
		{"due diligences", pages.Diligences(pages.DiligenceList{Items: []*organisations.DueDiligence{diligence("draft"), diligence("final")}, Total: "2", Q: hostile, Next: "/x?cursor=a"})},
		{"due diligences, empty", pages.Diligences(pages.DiligenceList{})}, {"start due diligence", pages.StartDiligence(m, []*forms.Version{v, v})}, {"start due diligence, empty", pages.StartDiligence(m, nil)},
		{"edit due diligence", pages.EditDiligence(diligence("draft"), sheet("en"))}, {"edit due diligence, empty", pages.EditDiligence(&organisations.DueDiligence{}, v.Sheet("en", nil))},
		{"flags", pages.Flags(pages.FlagList{Items: []*organisations.Flag{flag("upheld"), {State: organisations.FlagProposed, Severity: organisations.Note, Category: "other"}}, Total: "2", Q: hostile, Next: "/x?cursor=a"})},
		{"flags, empty", pages.Flags(pages.FlagList{})}, {"propose flag", pages.ProposeFlag(m)},
		{"organisation with findings", pages.ShowMember(pages.MemberView{Member: m, Findings: &pages.Findings{Member: m, Looks: []*organisations.DueDiligence{diligence("final")}, Flags: []*organisations.Flag{flag("upheld")}}})},
		{"organisation without findings", pages.ShowMember(pages.MemberView{Member: m, Findings: &pages.Findings{Member: m}})},
	}
	for _, field := range f.Fields {
		list = append(list, view{"edit question " + field.ID, pages.EditField(pages.FieldForm{Form: f, Field: field})})
	}
	for _, state := range organisations.DiligenceStates() {
		list = append(list, view{"due diligence " + string(state), pages.ShowDiligence(pages.DiligenceView{DueDiligence: diligence(state), Sheet: sheet("id"), FormNo: 2, Complete: true, History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})})
	}
	list = append(list, view{"due diligence, empty", pages.ShowDiligence(pages.DiligenceView{DueDiligence: &organisations.DueDiligence{State: organisations.DiligenceDraft}, Sheet: v.Sheet("id", nil)})})
	for _, move := range pages.DiligenceMoves() {
		list = append(list, view{move + " due diligence", pages.AskDiligenceMove(diligence("replied"), move)})
	}
	for _, state := range organisations.FlagStates() {
		list = append(list, view{"flag " + string(state), pages.ShowFlag(pages.FlagView{Flag: flag(state), History: pages.Past{Rows: []pages.HistoryRow{entry}, Older: "/demo/history?cursor=2"}})})
	}
	for _, move := range pages.FlagMoves() {
		list = append(list, view{move + " flag", pages.AskFlagMove(flag("replied"), move)})
	}
	return list
}

// controls are the values of a page's fields by name; ticked boxes alone.
func controls(t *testing.T, text string) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	elements(t, text, func(n *html.Node, attribute func(string) string) {
		has := func(name string) bool {
			for _, a := range n.Attr {
				if a.Key == name {
					return true
				}
			}
			return false
		}
		switch {
		case n.Data == "input" && (attribute("type") == "radio" || attribute("type") == "checkbox") && !has("checked"):
		case n.Data == "input":
			values[attribute("name")] = append(values[attribute("name")], attribute("value"))
		case n.Data == "textarea" && n.FirstChild != nil:
			values[attribute("name")] = append(values[attribute("name")], n.FirstChild.Data)
		}
	})
	return values
}

func TestAFormIsDrawnWithWhatWasAnsweredAndRefusedWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	page := view{"edit", pages.EditDiligence(diligence("draft"), release(everyKind()).Sheet("id", everyAnswer()))}
	got := controls(t, render(t, shown(words.Indonesian), page))
	for name, want := range map[string]string{
		"answers.short": hostile, "answers.number": "1.250,5", "answers.money": "125.000", "answers.date.day": "24", "answers.single": "o1", "answers.multi": "o1 o2", "answers.scale": "3",
		"answers.matrix.o1": "o2", "answers.table.0.c1": hostile, "answers.table.0.c2.year": "2026", "answers.table.0.c4": "7", "answers.place.latitude": "-9.66", "risk": "high",
	} {
		if strings.Join(got[name], " ") != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	s := shown(words.Indonesian)
	s.Typed = url.Values{"answers.number": {"dua"}, "answers.multi": {"o2"}, "answers.table.0.c1": {"satu"}, "answers.table.1.c1": {hostile}}
	s.Problem = &pages.Message{Detail: "x", Fields: []pages.FieldMessage{{Name: "answers.number", Detail: "Ini bukan angka."}, {Name: "answers.table.1.c4", Detail: "Salah."}, {Name: "answers.matrix.o2", Detail: "Wajib."}}}
	text := render(t, s, page)
	check(t, "refused", text)
	got = controls(t, text)
	if got["answers.number"][0] != "dua" || strings.Join(got["answers.multi"], " ") != "o2" || got["answers.table.1.c1"][0] != hostile || got["answers.single"] != nil {
		t.Errorf("typed values are lost: %v", got)
	}
	for _, link := range []string{"#f-answers-number", "#f-answers-table-1-c4", "#f-answers-matrix-o2"} {
		if !strings.Contains(text, `href="`+link+`"`) || !strings.Contains(text, `id="`+link[1:]+`"`) {
			t.Errorf("no way to %s", link)
		}
	}
}

func TestAQuestionThatDependsSaysSoWithoutScript(t *testing.T) {
	t.Parallel()
	f := everyKind()
	text := render(t, shown(words.Indonesian), view{"preview", pages.PreviewForm(f, release(f).Sheet("id", nil))})
	if !strings.Contains(text, `data-show-if="single:o1 scale:3"`) || !strings.Contains(text, "Hanya dijawab bila ") || strings.Contains(text, `scale:3" hidden`) {
		t.Error("the condition is not said, or the question is not there")
	}
}
