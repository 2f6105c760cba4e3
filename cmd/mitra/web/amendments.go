package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// amendmentRoutes are the amendments of effective plans.
func (s *Site) amendmentRoutes() []Route {
	const of, at = "/:tenant/programs/:id/amendments", "/:tenant/program-amendments/:id"
	p := s.Programs
	post := func(verb string, in any, do func(*fiber.Ctx) (Reply, error)) Route {
		return Route{Name: verb + "-amendment", Method: fiber.MethodPost, API: at + "/" + verb, Page: at + "/" + verb, Do: do, In: in, Out: programs.Amendment{}}
	}
	return append([]Route{
		{Name: "list-amendments", Method: fiber.MethodGet, API: of, Do: s.listAmendments, Out: listed[programs.Amendment]{}, Asked: sorted[programs.AmendmentCriteria]()},
		{Name: "show-propose-amendment", Method: fiber.MethodGet, Page: of + "/new", Do: s.showProposeAmendment},
		{Name: "propose-amendment", Creates: true, Method: fiber.MethodPost, API: of, Page: of, Do: s.proposeAmendment, In: programs.Reason{}, Out: programs.Amendment{}},
		{Name: "show-amendment", Method: fiber.MethodGet, API: at, Page: at, Do: s.showAmendment, Out: programs.Amended{}},
		{Name: "amendment-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(amendmentID, p.AmendmentHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "show-reject-amendment", Method: fiber.MethodGet, Page: at + "/reject", Do: s.askReject},
		post("take-up", nil, amended(s, unasked(p.TakeUp))),
		post("hand-over", nil, amended(s, unasked(p.HandOverAmendment))),
		post("accept", programs.Acceptance{}, amended(s, p.AcceptAmendment)),
		post("reject", programs.Reason{}, amended(s, p.Reject)),
	}, s.sectionRoutes(at, "amend", programs.Amendment{}, s.inAmendment())...)
}

func amendmentID(c *fiber.Ctx) programs.AmendmentID { return programs.AmendmentID(c.Params("id")) }

func amendmentPath(c *fiber.Ctx, id programs.AmendmentID) string {
	return "/" + c.Params("tenant") + "/program-amendments/" + string(id)
}

// inAmendment is a plan in an amendment.
func (s *Site) inAmendment() planHome {
	return planHome{
		path: func(c *fiber.Ctx) string { return amendmentPath(c, amendmentID(c)) },
		tab:  func(section string) string { return "#" + section },
		open: func(c *fiber.Ctx) (*writtenPlan, error) {
			a, err := s.Programs.Amendment(c.UserContext(), amendmentID(c))
			if err != nil {
				return nil, err
			}
			return &writtenPlan{
				program: a.AsProgram(), amendment: a, since: sinceHistory(a.Version, a.ID, s.Programs.AmendmentHistory), why: a.WhyNotEdit(actor(c)),
			}, nil
		},
		edit: func(c *fiber.Ctx, seen tenants.Version, in programs.Section) (any, tenants.Version, error) {
			a, err := s.Programs.EditAmendment(c.UserContext(), amendmentID(c), seen, in)
			if err != nil {
				return nil, 0, err
			}
			return a, a.Version, nil
		},
	}
}

func (s *Site) listAmendments(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[programs.AmendmentCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	if _, err := s.Programs.Read(c.UserContext(), programID(c)); err != nil {
		return Reply{}, err
	}
	criteria.Program = programID(c)
	list, err := s.Programs.Amendments(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next}, nil
}

func (s *Site) showProposeAmendment(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeAmendment); err != nil {
		return Reply{}, err
	}
	p, err := s.Programs.Read(c.UserContext(), programID(c))
	if err != nil {
		return Reply{}, err
	}
	if why := p.WhyNotAmend(actor(c)); why != nil {
		return s.closedForm(c, p, "amendments.propose", why), nil
	}
	return Reply{Page: pages.ProposeAmendment(p)}, nil
}

func (s *Site) proposeAmendment(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		p, err := s.Programs.Read(c.UserContext(), programID(c))
		if err != nil {
			return reply, err
		}
		reply.Again = pages.ProposeAmendment(p)
	}
	in, err := read[programs.Reason](c)
	if err != nil {
		return reply, err
	}
	a, err := s.Programs.Propose(c.UserContext(), programID(c), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.To = a, a.Version, amendmentPath(c, a.ID)
	reply.Created = reply.To
	return reply, nil
}

func (s *Site) showAmendment(c *fiber.Ctx) (Reply, error) {
	a, err := s.Programs.Amendment(c.UserContext(), amendmentID(c))
	if err != nil {
		return Reply{}, err
	}
	beside, err := s.Programs.Beside(c.UserContext(), a)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: beside, Version: a.Version}
	if !isAPI(c) {
		reply.Page, err = s.amendmentPage(c, beside)
	}
	return reply, err
}

func (s *Site) amendmentPage(c *fiber.Ctx, a *programs.Amended) (func(*Shown) templ.Component, error) {
	ctx := c.UserContext()
	v := pages.AmendmentView{Amended: a}
	var err error
	if v.AgencyDays, v.CSODays, err = s.Programs.Dwell(ctx, a.Turn); err != nil {
		return nil, err
	}
	if v.Names, err = s.called(ctx, string(a.Proposer)); err != nil {
		return nil, err
	}
	page, err := s.Programs.AmendmentHistory(ctx, a.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	v.History, err = s.latest(ctx, page, amendmentPath(c, a.ID))
	return pages.ShowAmendment(v), err
}

func (s *Site) askReject(c *fiber.Ctx) (Reply, error) {
	a, err := s.Programs.Amendment(c.UserContext(), amendmentID(c))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Page: pages.RejectAmendment(a)}, nil
}

// unasked is a move of an amendment that takes no input.
func unasked(
	move func(context.Context, programs.AmendmentID, tenants.Version) (*programs.Amendment, error),
) func(context.Context, programs.AmendmentID, tenants.Version, struct{}) (*programs.Amendment, error) {
	return func(ctx context.Context, id programs.AmendmentID, seen tenants.Version, _ struct{}) (*programs.Amendment, error) {
		return move(ctx, id, seen)
	}
}

// amended runs a move of an amendment. Refused, people see its page with the reason, or
// the form that asked for one.
func amended[In any](
	s *Site, move func(context.Context, programs.AmendmentID, tenants.Version, In) (*programs.Amendment, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: amendmentPath(c, amendmentID(c))}
		if !isAPI(c) {
			a, err := s.Programs.Amendment(c.UserContext(), amendmentID(c))
			if err != nil {
				return reply, err
			}
			if _, asks := any(*new(In)).(programs.Reason); asks {
				reply.Again = pages.RejectAmendment(a)
			} else {
				beside, err := s.Programs.Beside(c.UserContext(), a)
				if err != nil {
					return reply, err
				}
				if reply.Again, err = s.amendmentPage(c, beside); err != nil {
					return reply, err
				}
			}
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		a, err := move(c.UserContext(), amendmentID(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = a, a.Version
		return reply, nil
	}
}
