package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// diligenceRoutes are agencies' checks of organisations.
func (s *Site) diligenceRoutes() []Route {
	const all, at, of = "/:tenant/due-diligence", "/:tenant/due-diligence/:id", "/:tenant/organisations/:id/due-diligence"
	o := s.Organisations
	routes := []Route{
		{Name: "list-due-diligence", Method: fiber.MethodGet, API: all, Page: all, Do: s.listDiligence, Out: listed[organisations.DueDiligence]{}, Asked: sorted[organisations.DiligenceCriteria]()},
		{Name: "list-due-diligence-of", Method: fiber.MethodGet, API: of, Do: s.listDiligenceOf, Out: listed[organisations.DueDiligence]{}, Asked: sorted[organisations.DiligenceCriteria]()},
		{Name: "show-start-due-diligence", Method: fiber.MethodGet, Page: of + "/new", Do: s.showStartDiligence},
		{Name: "start-due-diligence", Creates: true, Method: fiber.MethodPost, API: of, Page: of + "/new", Do: s.startDiligence, In: organisations.StartDiligence{}, Out: organisations.DueDiligence{}},
		{Name: "show-due-diligence", Method: fiber.MethodGet, API: at, Page: at, Do: s.showDiligence, Out: organisations.DueDiligence{}},
		{Name: "due-diligence-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(diligenceID, s.Organisations.DiligenceHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "show-edit-due-diligence", Method: fiber.MethodGet, Page: at + "/edit", Do: s.showEditDiligence},
		{Name: "edit-due-diligence", Method: fiber.MethodPut, API: at, Page: at + "/edit", Do: s.editDiligence, In: organisations.EditDiligence{}, Out: organisations.DueDiligence{}},
		{Name: "send-due-diligence", Method: fiber.MethodPost, API: at + "/send", Page: at + "/send", Do: diligenceMove(s, "send", o.SendDueDiligence), In: organisations.SendDiligence{}, Out: organisations.DueDiligence{}},
		{Name: "reply-due-diligence", Method: fiber.MethodPost, API: at + "/reply", Page: at + "/reply", Do: diligenceMove(s, "reply", o.ReplyToDueDiligence), In: organisations.Answer{}, Out: organisations.DueDiligence{}},
		{Name: "finalise-due-diligence", Method: fiber.MethodPost, API: at + "/finalise", Page: at + "/finalise", Do: diligenceMove(s, "finalise", o.FinaliseDueDiligence), In: organisations.Finalise{}, Out: organisations.DueDiligence{}},
	}
	for _, move := range pages.DiligenceMoves() {
		routes = append(routes, Route{Name: "show-" + move + "-due-diligence", Method: fiber.MethodGet, Page: at + "/moves/" + move, Do: s.askDiligenceMove(move)})
	}
	return routes
}

func diligenceID(c *fiber.Ctx) organisations.DiligenceID {
	return organisations.DiligenceID(c.Params("id"))
}

func diligencePath(c *fiber.Ctx, id organisations.DiligenceID) string {
	return "/" + c.Params("tenant") + "/due-diligence/" + string(id)
}

// fieldUnknown is a question that a form does not ask.
func fieldUnknown() error { return fault.NotFound("form_field") }

func (s *Site) listDiligence(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.DiligenceCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Organisations.Diligences(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	v := pages.DiligenceList{Items: list.Items, Q: criteria.Words, State: first(criteria.State), Risk: first(criteria.Risk), Next: nextPage(c, list.Next), Total: totalText(c, "diligence.count", list.Count)}
	return Reply{Body: list, Next: list.Next, Page: pages.Diligences(v)}, nil
}

func (s *Site) listDiligenceOf(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.DiligenceCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return Reply{}, err
	}
	criteria.Organisation = m.Organisation
	list, err := s.Organisations.Diligences(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next}, nil
}

// startingPage offers the published forms to check an organisation by.
func (s *Site) startingPage(c *fiber.Ctx) (func(*Shown) templ.Component, error) {
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return nil, err
	}
	offered, err := s.Forms.Offered(c.UserContext(), forms.ForDueDiligence)
	return pages.StartDiligence(m, offered), err
}

func (s *Site) showStartDiligence(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.DraftDueDiligence); err != nil {
		return Reply{}, err
	}
	page, err := s.startingPage(c)
	return Reply{Page: page}, err
}

func (s *Site) startDiligence(c *fiber.Ctx) (reply Reply, err error) {
	if !isAPI(c) {
		if reply.Again, err = s.startingPage(c); err != nil {
			return reply, err
		}
	}
	in, err := read[organisations.StartDiligence](c)
	if err != nil {
		return reply, err
	}
	d, err := s.Organisations.StartDueDiligence(c.UserContext(), memberOf(c), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.Created, reply.To = d, d.Version, diligencePath(c, d.ID), diligencePath(c, d.ID)+"/edit"
	return reply, nil
}

func (s *Site) showDiligence(c *fiber.Ctx) (Reply, error) {
	d, err := s.Organisations.Diligence(c.UserContext(), diligenceID(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: d, Version: d.Version}
	if !isAPI(c) {
		reply.Page, err = s.diligencePage(c, d)
	}
	return reply, err
}

// diligencePage gathers what its page shows.
func (s *Site) diligencePage(c *fiber.Ctx, d *organisations.DueDiligence) (func(*Shown) templ.Component, error) {
	v, err := s.Forms.Version(c.UserContext(), d.FormVersion)
	if err != nil {
		return nil, err
	}
	page, err := s.Organisations.DiligenceHistory(c.UserContext(), d.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	past, err := s.latest(c.UserContext(), page, diligencePath(c, d.ID))
	answers := forms.Together(d.Answers, d.Personal)
	view := pages.DiligenceView{DueDiligence: d, Sheet: v.Sheet(language(c), answers), Complete: v.Missing(answers) == nil, FormNo: v.No, History: past}
	return pages.ShowDiligence(view), err
}

// drafting reads a due diligence and what it asks.
func (s *Site) drafting(c *fiber.Ctx) (*organisations.DueDiligence, *forms.Version, error) {
	d, err := s.Organisations.Diligence(c.UserContext(), diligenceID(c))
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Forms.Version(c.UserContext(), d.FormVersion)
	return d, v, err
}

func editPage(c *fiber.Ctx, d *organisations.DueDiligence, v *forms.Version) func(*Shown) templ.Component {
	return pages.EditDiligence(d, v.Sheet(language(c), forms.Together(d.Answers, d.Personal)))
}

func (s *Site) showEditDiligence(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.DraftDueDiligence); err != nil {
		return Reply{}, err
	}
	d, v, err := s.drafting(c)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Page: editPage(c, d, v)}, nil
}

// assessed is what a page sends beside the answers.
type assessed struct {
	Risk       organisations.Risk `json:"risk"`
	Conclusion string             `json:"conclusion"`
}

// editDiligence reads JSON from the API; from a page, answers by what the form asks.
func (s *Site) editDiligence(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: diligencePath(c, diligenceID(c))}
	var in organisations.EditDiligence
	var seen tenants.Version
	var err error
	if isAPI(c) {
		in, seen, err = readAt[organisations.EditDiligence](c)
	} else {
		var d *organisations.DueDiligence
		var v *forms.Version
		if d, v, err = s.drafting(c); err != nil {
			return reply, err
		}
		reply.Again = editPage(c, d, v)
		reply.Since = sinceHistory(d.Version, d.ID, s.Organisations.DiligenceHistory)
		var beside assessed
		if beside, seen, err = readAt[assessed](c); err != nil {
			return reply, err
		}
		answers, wrong := formOf(c).answers(&v.Definition)
		in, err = organisations.EditDiligence{Answers: answers, Risk: beside.Risk, Conclusion: beside.Conclusion}, fault.Invalid(wrong...)
	}
	if err != nil {
		return reply, err
	}
	d, err := s.Organisations.EditDueDiligence(c.UserContext(), diligenceID(c), seen, in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version = d, d.Version
	return reply, nil
}

func (s *Site) askDiligenceMove(move string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		d, err := s.Organisations.Diligence(c.UserContext(), diligenceID(c))
		if err != nil {
			return Reply{}, err
		}
		return Reply{Page: pages.AskDiligenceMove(d, move)}, nil
	}
}

// diligenceMove runs a move; refused, people see its form with what they wrote.
func diligenceMove[In any](
	s *Site, name string, move func(context.Context, organisations.DiligenceID, tenants.Version, In) (*organisations.DueDiligence, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: diligencePath(c, diligenceID(c))}
		if !isAPI(c) {
			d, err := s.Organisations.Diligence(c.UserContext(), diligenceID(c))
			if err != nil {
				return reply, err
			}
			reply.Again = pages.AskDiligenceMove(d, name)
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		d, err := move(c.UserContext(), diligenceID(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = d, d.Version
		return reply, nil
	}
}
