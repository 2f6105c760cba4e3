package forms

import "strings"

// Sheet is a form as a renderer draws it in one language: to be filled in, to be read, or
// blank to be printed.
type Sheet struct {
	Title     string
	Questions []Question
}

// Question is one question of a sheet.
type Question struct {
	ID, Name    string // Name is that of its control: "answers.q1"
	Kind        Kind
	Label, Help string
	Required    bool
	// Refs and OnlyIf say on which answers it appears, for a script and for people; both
	// are empty for a question that always does.
	Refs, OnlyIf string
	// Hidden says that it does not appear, given the answers.
	Hidden   bool
	Personal bool
	Options  []Choice
	Rows     []Choice
	Columns  []Head
	Low      int
	High     int
	Currency string
	Answer   Answer
	Answered bool
}

// Choice is an option of a question, or a row of a matrix.
type Choice struct{ ID, Label string }

// Head is a column of a table.
type Head struct {
	ID, Label string
	Kind      Kind
}

// Sheet makes what a renderer draws of a release and the answers to it.
func (r *Release) Sheet(language string, answers Answers) Sheet {
	sheet := Sheet{Title: r.Title.In(language)}
	shown := r.Shown(answers)
	for _, f := range r.Fields {
		q := Question{
			ID: f.ID, Name: "answers." + f.ID, Kind: f.Kind, Label: f.Label.In(language), Help: f.Help.In(language), Required: f.Required,
			Hidden: !shown[f.ID], Personal: f.Personal, Options: choices(f.Options, language), Rows: choices(f.Rows, language),
			Low: f.Low, High: f.High, Currency: string(f.Currency), Answer: answers[f.ID], Answered: !answers[f.ID].empty(),
		}
		for _, c := range f.Columns {
			q.Columns = append(q.Columns, Head{ID: c.ID, Label: c.Label.In(language), Kind: c.Kind})
		}
		q.Refs, q.OnlyIf = r.onlyIf(f.ShowIf, language)
		sheet.Questions = append(sheet.Questions, q)
	}
	return sheet
}

func choices(list []Option, language string) []Choice {
	out := make([]Choice, len(list))
	for i, o := range list {
		out[i] = Choice{o.ID, o.Label.In(language)}
	}
	return out
}

// onlyIf says a condition twice: as references and as "question: answer, answer".
func (d *Definition) onlyIf(refs []Ref, language string) (machine, people string) {
	var parts []string
	machines := make([]string, len(refs))
	last := ""
	for i, ref := range refs {
		machines[i] = string(ref)
		f := d.Field(ref.field())
		if f == nil {
			continue
		}
		said := f.Say(ref, language)
		if last == f.ID {
			parts[len(parts)-1] += " / " + said
			continue
		}
		last = f.ID
		parts = append(parts, "“"+f.Label.In(language)+"” = "+said)
	}
	return strings.Join(machines, " "), strings.Join(parts, "; ")
}

// Say is an answer to the question on which others may depend, in words.
func (f *Field) Say(ref Ref, language string) string {
	for _, o := range f.Options {
		if o.ID == ref.option() {
			return o.Label.In(language)
		}
	}
	return ref.option()
}

// Said is the label of a choice of the question.
func (q Question) Said(id string) string {
	for _, o := range q.Options {
		if o.ID == id {
			return o.Label
		}
	}
	return id
}
