// Package forms keeps the forms that agencies and organisations make for themselves: what
// is asked, in both languages, and what counts as an answer. Calls, reports, surveys,
// assessments, visits and due diligence ask by them.
//
// A Form is what its makers work on; only their own organisation reads it. Publishing
// freezes it as a Version that every seat of the tenant may read and that never changes
// again, so whoever answered it can always be shown the questions that were asked.
// Editing afterwards leads to the next version.
//
// A Definition is the list of questions. It holds Answers to itself: Tidy takes what
// somebody typed so far, Missing says what is still to be answered, and Sheet is what a
// renderer draws. The package holds no HTML and asks no database to validate.
//
// The JSON form of answers is an object from the id of a question to its answer, and of
// an answer one member, by the kind of the question:
//
//	short, long         {"text": "…"}
//	number              {"text": "1250.5"}      decimal text, a point, no grouping
//	date                {"text": "2026-11-24"}
//	single              {"text": "o1"}          the option's id
//	scale               {"text": "4"}
//	money               {"money": {"amount": 125000000, "currency": "IDR"}}
//	multi               {"choices": ["o1", "o3"]}
//	matrix              {"cells": {"r1": "o2"}} row to option
//	table               {"rows": [{"c1": "…"}]} column to text as above; money as decimal text
//	place               {"place": {"name": "…", "latitude": "-9.66", "longitude": "120.26"}}
//
// A heading has no answer. The kind file is refused by name (file_kind_later) until there
// are documents to refer to.
package forms

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Config is what the service stands on.
type Config struct {
	DB   *store.DB
	Gate *tenants.Gate
}

// Service answers for forms and their versions.
type Service struct {
	Config
	forms    *store.Collection[Form, *Form]
	versions *store.Collection[Version, *Version]
}

// Open declares the collections.
func Open(cfg Config) *Service {
	return &Service{Config: cfg, forms: store.Open[Form, *Form](cfg.DB, formKind()), versions: store.Open[Version, *Version](cfg.DB, versionKind())}
}

// Start is the input of a new form.
type Start struct {
	Title   Text    `json:"title"`
	Purpose Purpose `json:"purpose"`
}

// Start begins a form of one's own organisation. An administrator or officer may.
func (s *Service) Start(ctx context.Context, in Start) (*Form, error) {
	sc, err := s.Gate.Enter(ctx, policies.EditForm)
	if err != nil {
		return nil, err
	}
	return s.forms.Add(ctx, sc, &Form{
		State: Draft, Organisation: sc.Actor().Organisation, Title: in.Title.trim(), Purpose: in.Purpose, Definition: Definition{Fields: []Field{}},
	})
}

// Criteria narrow a list of forms.
type Criteria struct {
	State   []State   `where:"state,in" query:"state"`
	Purpose []Purpose `where:"purpose,in" query:"purpose"`
	Words   string    `where:"terms,words" query:"q"`
}

// List gives the forms of one's own organisation.
func (s *Service) List(ctx context.Context, criteria Criteria, q store.Query) (*store.Page[Form], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadForm)
	if err != nil {
		return nil, err
	}
	return s.forms.List(ctx, sc, criteria, q)
}

// Read gives a form of one's own organisation.
func (s *Service) Read(ctx context.Context, id ID) (*Form, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadForm)
	if err != nil {
		return nil, err
	}
	return s.forms.Get(ctx, sc, id)
}

// History is what happened to a form, the latest first.
func (s *Service) History(ctx context.Context, id ID, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadForm)
	if err != nil {
		return nil, err
	}
	return s.forms.History(ctx, sc, id, q)
}

// Edit is the input of a form as a whole.
type Edit struct {
	Title   Text    `json:"title"`
	Purpose Purpose `json:"purpose"`
	Fields  []Field `json:"fields"`
}

// Edit replaces what a form asks.
func (s *Service) Edit(ctx context.Context, id ID, seen tenants.Version, in Edit) (*Form, error) {
	return s.edit(ctx, id, seen, func(f *Form) error {
		f.Title, f.Purpose, f.Definition = in.Title.trim(), in.Purpose, Definition{Fields: in.Fields}
		return nil
	})
}

// Rename is the input of a form's title and purpose.
func (s *Service) Rename(ctx context.Context, id ID, seen tenants.Version, in Start) (*Form, error) {
	return s.edit(ctx, id, seen, func(f *Form) error {
		f.Title, f.Purpose = in.Title.trim(), in.Purpose
		return nil
	})
}

// SaveField puts a question into a form: in the place of the one with its id, or at the
// end. A question without an id is given the next free one.
func (s *Service) SaveField(ctx context.Context, id ID, seen tenants.Version, in Field) (*Form, error) {
	at := -1
	f, err := s.edit(ctx, id, seen, func(f *Form) error {
		if in.ID == "" {
			in.ID = f.Definition.free()
		}
		if at = f.Definition.at(in.ID); at >= 0 {
			f.Definition.Fields[at] = in
			return nil
		}
		at = len(f.Definition.Fields)
		f.Definition.Fields = append(f.Definition.Fields, in)
		return nil
	})
	return f, within(err, "fields."+strconv.Itoa(at)+".")
}

// within names what is wrong with one question as if it stood alone.
func within(err error, place string) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	fields := slices.Clone(refusal.Fields)
	for i := range fields {
		fields[i].Name = strings.TrimPrefix(fields[i].Name, place)
	}
	return fault.Invalid(fields...)
}

// Step is the input of moving a question: by -1 (earlier) or 1 (later).
type Step struct {
	Field string `json:"field"`
	By    int    `json:"by"`
}

// MoveField moves a question one place; at the end of the list it stays.
func (s *Service) MoveField(ctx context.Context, id ID, seen tenants.Version, in Step) (*Form, error) {
	return s.edit(ctx, id, seen, func(f *Form) error {
		at := f.Definition.at(in.Field)
		switch {
		case in.By != 1 && in.By != -1:
			return fault.Invalid(fault.On("by", "out_of_range", "min", "-1", "max", "1"))
		case at < 0:
			return fault.NotFound("form_field")
		}
		if to := at + in.By; to >= 0 && to < len(f.Definition.Fields) {
			f.Definition.Fields[at], f.Definition.Fields[to] = f.Definition.Fields[to], f.Definition.Fields[at]
		}
		return nil
	})
}

// Named is the input of a move on one question.
type Named struct {
	Field string `json:"field"`
}

// RemoveField takes a question out. It refuses one that decides whether another is shown.
func (s *Service) RemoveField(ctx context.Context, id ID, seen tenants.Version, in Named) (*Form, error) {
	return s.edit(ctx, id, seen, func(f *Form) error {
		at := f.Definition.at(in.Field)
		if at < 0 {
			return fault.NotFound("form_field")
		}
		for _, other := range f.Definition.Fields {
			for _, ref := range other.ShowIf {
				if ref.field() == in.Field {
					return fault.New(fault.Conflict, "field_needed")
				}
			}
		}
		f.Definition.Fields = append(f.Definition.Fields[:at], f.Definition.Fields[at+1:]...)
		return nil
	})
}

// edit changes the working copy; what was published stays.
func (s *Service) edit(ctx context.Context, id ID, seen tenants.Version, do func(*Form) error) (*Form, error) {
	sc, err := s.Gate.Enter(ctx, policies.EditForm)
	if err != nil {
		return nil, err
	}
	return s.forms.Change(ctx, sc, id, seen, func(f *Form) error {
		if err := do(f); err != nil {
			return err
		}
		f.Definition.tidy()
		f.Changed = true
		return nil
	})
}

// Publish freezes the working copy as the next version. It refuses a form that asks
// nothing, and one that has not changed since it was published.
func (s *Service) Publish(ctx context.Context, id ID, seen tenants.Version) (*Form, error) {
	sc, err := s.Gate.Enter(ctx, policies.PublishForm)
	if err != nil {
		return nil, err
	}
	f, err := s.forms.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := s.freeze(ctx, sc, f); err != nil { // a version that a crash left unwritten
		return nil, err
	}
	f, err = s.forms.Change(ctx, sc, id, seen, func(f *Form) error {
		switch {
		case !f.Definition.asks():
			return fault.New(fault.Conflict, "form_empty")
		case !f.Changed:
			return fault.New(fault.Conflict, "form_unchanged")
		}
		f.State, f.Changed, f.Published = Published, false, f.Published+1
		f.Released = &Release{Title: f.Title, Purpose: f.Purpose, Definition: f.Definition.clone()}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, s.freeze(ctx, sc, f)
}

// freeze writes the version that a form released last, where it is not there yet. Its id
// follows from the number, so doing it twice is doing it once.
func (s *Service) freeze(ctx context.Context, sc tenants.Scope, f *Form) error {
	if f.Released == nil {
		return nil
	}
	v := &Version{Form: f.ID, No: f.Published, Organisation: f.Organisation, Release: *f.Released}
	v.ID = versionID(sc.Tenant(), f.ID, f.Published)
	v.Readable(tenants.ForTenant, string(f.Organisation))
	_, err := s.versions.Add(ctx, s.Gate.SystemAs(ctx, sc.Tenant(), policies.PublishForm), v)
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

func versionID(tenant tenants.TenantID, form ID, no int) VersionID {
	return tenants.DeriveID[Version]("fv", string(tenant), string(form), strconv.Itoa(no))
}

// Latest is the version that a form released last.
func (f *Form) Latest() VersionID {
	if f.Published == 0 {
		return ""
	}
	return versionID(f.Tenant, f.ID, f.Published)
}

// Version gives a published form. Every seat of the tenant may read it.
func (s *Service) Version(ctx context.Context, id VersionID) (*Version, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadForm)
	if err != nil {
		return nil, err
	}
	return s.versions.Get(ctx, sc, id)
}

// VersionCriteria narrow a list of published forms.
type VersionCriteria struct {
	Form    ID        `where:"form,eq" query:"form"`
	Purpose []Purpose `where:"purpose,in" query:"purpose"`
}

// Versions lists published forms, the latest first. Every seat of the tenant may read them.
func (s *Service) Versions(ctx context.Context, criteria VersionCriteria, q store.Query) (*store.Page[Version], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadForm)
	if err != nil {
		return nil, err
	}
	return s.versions.List(ctx, sc, criteria, q)
}

// Offered are the latest versions of the forms of the tenant that serve a purpose, to be
// chosen from: at most 100.
func (s *Service) Offered(ctx context.Context, purpose Purpose) ([]*Version, error) {
	page, err := s.Versions(ctx, VersionCriteria{Purpose: []Purpose{purpose}}, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	newest := map[ID]int{}
	for _, v := range page.Items {
		newest[v.Form] = max(newest[v.Form], v.No)
	}
	list := []*Version{}
	for _, v := range page.Items {
		if v.No == newest[v.Form] {
			list = append(list, v)
		}
	}
	return list, nil
}

// trim takes the space around both texts.
func (t Text) trim() Text {
	return Text{Indonesian: strings.TrimSpace(t.Indonesian), English: strings.TrimSpace(t.English)}
}
