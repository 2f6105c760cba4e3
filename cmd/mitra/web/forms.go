package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// formRoutes are the forms of one's own organisation and those that were published.
func (s *Site) formRoutes() []Route {
	const all, at, published = "/:tenant/forms", "/:tenant/forms/:id", "/:tenant/form-versions"
	f := s.Forms
	return []Route{
		{Name: "list-forms", Method: fiber.MethodGet, API: all, Page: all, Do: s.listForms, Out: listed[forms.Form]{}, Asked: sorted[forms.Criteria]()},
		{Name: "show-start-form", Method: fiber.MethodGet, Page: all + "/new", Do: s.showStartForm},
		{Name: "start-form", Creates: true, Method: fiber.MethodPost, API: all, Page: all + "/new", Do: s.startForm, In: forms.Start{}, Out: forms.Form{}},
		{Name: "show-form", Method: fiber.MethodGet, API: at, Page: at, Do: s.showForm, Out: forms.Form{}},
		{Name: "edit-form", Method: fiber.MethodPut, API: at, Do: formChange(s, nil, f.Edit), In: forms.Edit{}, Out: forms.Form{}},
		{Name: "form-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(formID, s.Forms.History)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "show-rename-form", Method: fiber.MethodGet, Page: at + "/title", Do: s.showRenameForm},
		{Name: "rename-form", Method: fiber.MethodPost, API: at + "/rename", Page: at + "/title", Do: formChange(s, pages.RenameForm, f.Rename), In: forms.Start{}, Out: forms.Form{}},
		{Name: "show-new-form-field", Method: fiber.MethodGet, Page: at + "/fields/new", Do: s.showNewField},
		{Name: "show-form-field", Method: fiber.MethodGet, Page: at + "/fields/:field", Do: s.showField},
		{Name: "save-form-field", Method: fiber.MethodPost, API: at + "/fields", Page: at + "/fields", Do: s.saveField, In: forms.Field{}, Out: forms.Form{}},
		{Name: "move-form-field", Method: fiber.MethodPost, API: at + "/move-field", Page: at + "/move-field", Do: formChange(s, s.formAgain, f.MoveField), In: forms.Step{}, Out: forms.Form{}},
		{Name: "remove-form-field", Method: fiber.MethodPost, API: at + "/remove-field", Page: at + "/remove-field", Do: formChange(s, s.formAgain, f.RemoveField), In: forms.Named{}, Out: forms.Form{}},
		{Name: "preview-form", Method: fiber.MethodGet, Page: at + "/preview", Do: s.previewForm},
		{Name: "publish-form", Method: fiber.MethodPost, API: at + "/publish", Page: at + "/publish", Do: formChange(s, s.formAgain, plain(f.Publish)), Out: forms.Form{}},
		{Name: "list-form-versions", Method: fiber.MethodGet, API: published, Do: s.listFormVersions, Out: listed[forms.Version]{}, Asked: sorted[forms.VersionCriteria]()},
		{Name: "show-form-version", Method: fiber.MethodGet, API: published + "/:id", Page: published + "/:id", Do: s.showFormVersion, Out: forms.Version{}},
	}
}

func formID(c *fiber.Ctx) forms.ID { return forms.ID(c.Params("id")) }

func formPath(c *fiber.Ctx, id forms.ID) string {
	return "/" + c.Params("tenant") + "/forms/" + string(id)
}

func (s *Site) listForms(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[forms.Criteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Forms.List(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	v := pages.FormList{Items: list.Items, Q: criteria.Words, State: first(criteria.State), Purpose: first(criteria.Purpose), Next: nextPage(c, list.Next), Total: totalText(c, "forms.count", list.Count)}
	return Reply{Body: list, Next: list.Next, Page: pages.Forms(v)}, nil
}

// totalText is how many there are, in words.
func totalText(c *fiber.Ctx, key string, n *store.Total) string {
	w := words.From(c.UserContext())
	if n.Capped {
		return w.T("list.more_than", "n", n.N-1)
	}
	return w.N(key, int64(n.N))
}

func (s *Site) showStartForm(c *fiber.Ctx) (Reply, error) {
	_, err := s.Gate.Enter(c.UserContext(), policies.EditForm)
	return Reply{Page: pages.RenameForm(nil)}, err
}

func (s *Site) startForm(c *fiber.Ctx) (Reply, error) {
	reply := Reply{Again: pages.RenameForm(nil)}
	in, err := read[forms.Start](c)
	if err != nil {
		return reply, err
	}
	f, err := s.Forms.Start(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.To = f, f.Version, formPath(c, f.ID)
	reply.Created = reply.To
	return reply, nil
}

func (s *Site) showForm(c *fiber.Ctx) (Reply, error) {
	f, err := s.Forms.Read(c.UserContext(), formID(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: f, Version: f.Version}
	if !isAPI(c) {
		reply.Page, err = s.formPage(c, f)
	}
	return reply, err
}

// formPage gathers what a form's page shows.
func (s *Site) formPage(c *fiber.Ctx, f *forms.Form) (func(*Shown) templ.Component, error) {
	versions, err := s.Forms.Versions(c.UserContext(), forms.VersionCriteria{Form: f.ID}, store.Query{Limit: 50})
	if err != nil {
		return nil, err
	}
	page, err := s.Forms.History(c.UserContext(), f.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	past, err := s.latest(c.UserContext(), page, formPath(c, f.ID))
	return pages.ShowForm(pages.FormView{Form: f, Versions: versions.Items, History: past}), err
}

// formAgain is a form's page; one that cannot be gathered is an error of its own.
func (s *Site) formAgain(f *forms.Form) func(*Shown) templ.Component {
	return pages.ShowForm(pages.FormView{Form: f})
}

// toEdit reads a form for somebody who may edit it.
func (s *Site) toEdit(c *fiber.Ctx) (*forms.Form, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.EditForm); err != nil {
		return nil, err
	}
	return s.Forms.Read(c.UserContext(), formID(c))
}

func (s *Site) showRenameForm(c *fiber.Ctx) (Reply, error) {
	f, err := s.toEdit(c)
	return Reply{Page: pages.RenameForm(f)}, err
}

func (s *Site) showNewField(c *fiber.Ctx) (Reply, error) {
	f, err := s.toEdit(c)
	if err != nil {
		return Reply{}, err
	}
	var kind forms.Kind
	if err := kind.UnmarshalText([]byte(c.Query("kind"))); err != nil {
		return Reply{}, err
	}
	if kind == "" {
		kind = forms.Short
	}
	return Reply{Page: pages.EditField(pages.FieldForm{Form: f, Field: forms.Field{Kind: kind, Low: 1, High: 5}})}, nil
}

func (s *Site) showField(c *fiber.Ctx) (Reply, error) {
	f, err := s.toEdit(c)
	if err != nil {
		return Reply{}, err
	}
	field := f.Field(c.Params("field"))
	if field == nil {
		return Reply{}, fieldUnknown()
	}
	return Reply{Page: pages.EditField(pages.FieldForm{Form: f, Field: *field})}, nil
}

func (s *Site) saveField(c *fiber.Ctx) (Reply, error) {
	again := func(f *forms.Form) func(*Shown) templ.Component {
		v := pages.FieldForm{Form: f, Field: forms.Field{ID: c.FormValue("id"), Kind: forms.Kind(c.FormValue("kind"))}}
		if now := f.Field(v.Field.ID); now != nil && now.Kind == v.Field.Kind {
			v.Field = *now
		}
		return pages.EditField(v)
	}
	reply, err := formChange(s, again, s.Forms.SaveField)(c)
	if c.FormValue("id") == "" {
		reply.Since = nil // nobody saved a question that is not there yet
	}
	return reply, err
}

func (s *Site) previewForm(c *fiber.Ctx) (Reply, error) {
	f, err := s.Forms.Read(c.UserContext(), formID(c))
	if err != nil {
		return Reply{}, err
	}
	release := forms.Release{Title: f.Title, Purpose: f.Purpose, Definition: f.Definition}
	return Reply{Page: pages.PreviewForm(f, release.Sheet(language(c), nil))}, nil
}

// language is the reader's.
func language(c *fiber.Ctx) string { return string(words.From(c.UserContext()).Language()) }

// formChange changes a form. Refused, people see the page that again draws of it.
func formChange[In any](
	s *Site, again func(*forms.Form) func(*Shown) templ.Component, change func(context.Context, forms.ID, tenants.Version, In) (*forms.Form, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: formPath(c, formID(c))}
		if !isAPI(c) {
			f, err := s.Forms.Read(c.UserContext(), formID(c))
			if err != nil {
				return reply, err
			}
			reply.Again, reply.Since = again(f), sinceHistory(f.Version, f.ID, s.Forms.History)
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		f, err := change(c.UserContext(), formID(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = f, f.Version
		return reply, nil
	}
}

func (s *Site) listFormVersions(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[forms.VersionCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Forms.Versions(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next}, nil
}

func (s *Site) showFormVersion(c *fiber.Ctx) (Reply, error) {
	v, err := s.Forms.Version(c.UserContext(), forms.VersionID(c.Params("id")))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: v, Version: v.Version, Page: pages.ShowFormVersion(v, v.Sheet(language(c), nil))}, nil
}
