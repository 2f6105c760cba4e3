package forms

import (
	"slices"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Identifiers of the package's records.
type (
	ID        = tenants.ID[Form]
	VersionID = tenants.ID[Version]
)

// State is whether a form was ever published.
type State string

// States of a form.
const (
	Draft     State = "draft"
	Published State = "published"
)

// States lists them.
func States() []State { return []State{Draft, Published} }

// UnmarshalText refuses a state that is none.
func (s *State) UnmarshalText(text []byte) error { return fault.OneOf(s, text, States()) }

// Purpose is what a form is for; who asks by it offers those of its purpose.
type Purpose string

// Purposes of forms.
const (
	ForDueDiligence Purpose = "due_diligence"
	ForApplication  Purpose = "application"
	ForReport       Purpose = "report"
	ForSurvey       Purpose = "survey"
	ForAssessment   Purpose = "assessment"
	ForVisit        Purpose = "visit"
)

// Purposes lists them.
func Purposes() []Purpose {
	return []Purpose{ForDueDiligence, ForApplication, ForReport, ForSurvey, ForAssessment, ForVisit}
}

// UnmarshalText refuses a purpose that is none.
func (p *Purpose) UnmarshalText(text []byte) error { return fault.OneOf(p, text, Purposes()) }

// Form is what its makers work on.
type Form struct {
	tenants.Meta[Form] `bson:",inline"`

	State        State                  `json:"state"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Title        Text                   `json:"title"`
	Purpose      Purpose                `json:"purpose"`
	Definition   `bson:",inline"`
	// Published is the number of the latest version, 0 before the first.
	Published int `json:"published"`
	// Changed says that the working copy differs from what was released last.
	Changed bool `json:"changed"`
	// Released is what the latest version holds, so that it can always be written.
	Released *Release `json:"-" bson:"released,omitempty"`
}

// Release is what publishing freezes.
type Release struct {
	Title      Text    `json:"title"`
	Purpose    Purpose `json:"purpose"`
	Definition `bson:",inline"`
}

func formKind() store.Kind[Form] {
	return store.Kind[Form]{
		Name: "forms", One: "form", Prefix: "fm",
		Filters: []string{"state", "purpose"}, Sorts: []string{"-updated_at"},
		Title: func(f *Form) string { return f.Title.Indonesian },
		Words: func(f *Form) []string { return []string{f.Title.Indonesian, f.Title.English} },
	}
}

// Check says what is always true of a form.
func (f *Form) Check() error {
	wrong := f.Title.check("title", maxLine, true)
	if !slices.Contains(Purposes(), f.Purpose) {
		code := "choice_unknown"
		if f.Purpose == "" {
			code = "required"
		}
		wrong = append(wrong, fault.Field{Name: "purpose", Code: code, Args: fault.Args{"value": string(f.Purpose)}})
	}
	return fault.Invalid(append(wrong, f.Definition.check()...)...)
}

// Version is a form as it was published. It never changes.
type Version struct {
	tenants.Meta[Version] `bson:",inline"`

	Form         ID                     `json:"form"`
	No           int                    `json:"no"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Release      `bson:",inline"`
}

// Check holds for every version: it is only ever made of a checked form.
func (v *Version) Check() error { return nil }

func versionKind() store.Kind[Version] {
	return store.Kind[Version]{
		Name: "form_versions", One: "form_version", Prefix: "fv",
		Filters: []string{"purpose", "form"}, Sorts: []string{"-created_at"},
		Title: func(v *Version) string { return v.Title.Indonesian },
	}
}
