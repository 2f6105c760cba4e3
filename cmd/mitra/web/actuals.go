package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// actualRoutes are what was reached, as reported and accepted.
func (s *Site) actualRoutes() []Route {
	const at = "/:tenant/actuals/:id"
	p := s.Programs
	post := func(verb string, in any, do func(*fiber.Ctx) (Reply, error)) Route {
		return Route{Name: verb + "-actual", Method: fiber.MethodPost, API: at + "/" + verb, Page: at + "/" + verb, Do: do, In: in, Out: programs.Actual{}}
	}
	return []Route{
		{Name: "list-actuals", Method: fiber.MethodGet, API: "/:tenant/actuals", Do: s.listActuals, Out: listed[programs.Actual]{}, Asked: sorted[programs.ActualCriteria]()},
		{Name: "show-new-actual", Method: fiber.MethodGet, Page: "/:tenant/programs/:id/actuals/new", Do: s.showNewActual},
		{Name: "report-actual", Creates: true, Method: fiber.MethodPost, API: "/:tenant/programs/:id/actuals", Page: "/:tenant/programs/:id/actuals", Do: s.reportActual, In: programs.Report{}, Out: programs.Actual{}},
		{Name: "preview-actual", Method: fiber.MethodPost, Unversioned: true, API: "/:tenant/programs/:id/actuals/preview", Page: "/:tenant/programs/:id/actuals/preview", Do: s.previewActual, In: programs.Trial{}, Out: programs.Working{}},
		{Name: "show-actual", Method: fiber.MethodGet, API: at, Page: at, Do: s.showActual, Out: programs.Actual{}},
		{Name: "actual-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(actualID, s.Programs.ActualHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "show-edit-actual", Method: fiber.MethodGet, Page: at + "/edit", Do: s.showEditActual},
		{Name: "edit-actual", Method: fiber.MethodPut, API: at, Page: at + "/edit", Do: s.editActual, In: programs.Report{}, Out: programs.Actual{}},
		post("submit", nil, s.onActual(func(c *fiber.Ctx, id tenants.ID[programs.Actual], seen tenants.Version) (*programs.Actual, error) {
			return p.Submit(c.UserContext(), id, seen)
		})),
		post("accept", nil, s.onActual(func(c *fiber.Ctx, id tenants.ID[programs.Actual], seen tenants.Version) (*programs.Actual, error) {
			return p.AcceptActual(c.UserContext(), id, seen)
		})),
		post("return", programs.Reason{}, s.onActual(func(c *fiber.Ctx, id tenants.ID[programs.Actual], seen tenants.Version) (*programs.Actual, error) {
			in, err := read[programs.Reason](c)
			if err != nil {
				return nil, err
			}
			return p.ReturnActual(c.UserContext(), id, seen, in)
		})),
		post("correct", programs.Correction{}, s.onActual(func(c *fiber.Ctx, id tenants.ID[programs.Actual], seen tenants.Version) (*programs.Actual, error) {
			in, err := read[programs.Correction](c)
			if err != nil {
				return nil, err
			}
			return p.Correct(c.UserContext(), id, seen, in)
		})),
	}
}

func actualID(c *fiber.Ctx) tenants.ID[programs.Actual] {
	return tenants.ID[programs.Actual](c.Params("id"))
}

func actualPath(c *fiber.Ctx, id tenants.ID[programs.Actual]) string {
	return "/" + c.Params("tenant") + "/actuals/" + string(id)
}

func (s *Site) listActuals(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[programs.ActualCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Programs.Actuals(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next}, nil
}

func (s *Site) showNewActual(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.ReportActual); err != nil {
		return Reply{}, err
	}
	p, err := s.Programs.Read(c.UserContext(), programID(c))
	if err != nil {
		return Reply{}, err
	}
	if why := p.WhyNotReport(actor(c)); why != nil {
		return s.closedForm(c, p, "actuals.report", why), nil
	}
	today, err := s.Programs.Today(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	if !p.Reportable(today) {
		return s.closedForm(c, p, "actuals.report", fault.New(fault.Conflict, "period_locked")), nil
	}
	form, err := s.reportForm(c, p, nil, c.Query("indicator"), c.Query("line"))
	return Reply{Page: form}, err
}

// closedForm says why a form would be refused, instead of letting it be filled.
func (s *Site) closedForm(c *fiber.Ctx, p *programs.Program, title string, why error) Reply {
	v := pages.Closed{Title: words.From(c.UserContext()).T(title), Program: p, Why: s.message(c, classify(why))}
	if p.State == programs.BothAccepted {
		v.Starts = p.From
	}
	return Reply{Page: pages.ClosedForm(v)}
}

// reportForm is the form of an actual: of a line of the budget, or of an indicator. Without
// one of the plan's it asks for an indicator.
func (s *Site) reportForm(c *fiber.Ctx, p *programs.Program, a *programs.Actual, indicator, line string) (func(*Shown) templ.Component, error) {
	if of := p.Line(line); of != nil {
		return pages.ReportSpent(pages.ReportForm{Program: p, Actual: a, Line: of}), nil
	}
	v := pages.ReportForm{Program: p, Actual: a, Indicator: p.Indicator(indicator)}
	if v.Indicator == nil && len(p.Indicators) == 1 {
		v.Indicator = &p.Indicators[0]
	}
	if v.Indicator == nil {
		return pages.Report(v), nil
	}
	progress, err := s.Programs.Progress(c.UserContext(), p)
	if err != nil {
		return nil, err
	}
	for _, row := range progress {
		if row.Indicator.ID == v.Indicator.ID {
			v.Last = row.Latest
		}
	}
	return pages.Report(v), nil
}

func (s *Site) reportActual(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		p, err := s.Programs.Read(c.UserContext(), programID(c))
		if err != nil {
			return reply, err
		}
		if reply.Again, err = s.reportForm(c, p, nil, c.FormValue("indicator"), c.FormValue("line")); err != nil {
			return reply, err
		}
	}
	in, err := read[programs.Report](c)
	if err != nil {
		return reply, err
	}
	a, err := s.Programs.Report(c.UserContext(), programID(c), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.To = a, a.Version, actualPath(c, a.ID)
	reply.Created = reply.To
	return reply, nil
}

// previewActual shows what a figure would make of its total, above the form as it was typed.
func (s *Site) previewActual(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	var v pages.ReportForm
	if !isAPI(c) {
		p, err := s.Programs.Read(c.UserContext(), programID(c))
		if err != nil {
			return reply, err
		}
		v = pages.ReportForm{Program: p, Indicator: p.Indicator(c.FormValue("indicator"))}
		if v.Indicator == nil {
			return reply, fault.Invalid(fault.On("indicator", "indicator_unknown"))
		}
		if id := tenants.ID[programs.Actual](c.FormValue("replaces")); id != "" {
			if v.Actual, err = s.Programs.Actual(c.UserContext(), id); err != nil {
				return reply, err
			}
		}
		reply.Again = pages.Report(v)
	}
	in, err := read[programs.Trial](c)
	if err != nil {
		return reply, err
	}
	if v.Working, err = s.Programs.Preview(c.UserContext(), programID(c), in); err != nil {
		return reply, err
	}
	reply.Body, reply.Page, reply.Typed = v.Working, pages.Report(v), true
	return reply, nil
}

// withProgram reads an actual and its program.
func (s *Site) withProgram(c *fiber.Ctx) (*programs.Actual, *programs.Program, error) {
	a, err := s.Programs.Actual(c.UserContext(), actualID(c))
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Programs.Read(c.UserContext(), a.Program)
	return a, p, err
}

func (s *Site) showActual(c *fiber.Ctx) (Reply, error) {
	a, p, err := s.withProgram(c)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: a, Version: a.Version}
	if !isAPI(c) {
		reply.Page, err = s.actualPage(c, a, p)
	}
	return reply, err
}

func (s *Site) actualPage(c *fiber.Ctx, a *programs.Actual, p *programs.Program) (func(*Shown) templ.Component, error) {
	names, err := s.called(c.UserContext(), string(a.Reporter), string(a.Decider))
	if err != nil {
		return nil, err
	}
	page, err := s.Programs.ActualHistory(c.UserContext(), a.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	v := pages.ActualView{Actual: a, Program: p, Names: names}
	if v.History, err = s.latest(c.UserContext(), page, actualPath(c, a.ID)); err != nil {
		return nil, err
	}
	if a.State == programs.ActualSubmitted {
		v.Working, err = s.Programs.Worked(c.UserContext(), p, a)
	}
	return pages.ShowActual(v), err
}

func (s *Site) showEditActual(c *fiber.Ctx) (Reply, error) {
	a, p, err := s.withProgram(c)
	if err != nil {
		return Reply{}, err
	}
	form, err := s.reportForm(c, p, a, a.Indicator, a.Line)
	return Reply{Page: form}, err
}

func (s *Site) editActual(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: actualPath(c, actualID(c))}
	if !isAPI(c) {
		a, p, err := s.withProgram(c)
		if err != nil {
			return reply, err
		}
		if reply.Again, err = s.reportForm(c, p, a, a.Indicator, a.Line); err != nil {
			return reply, err
		}
		reply.Since = sinceHistory(a.Version, a.ID, s.Programs.ActualHistory)
	}
	in, seen, err := readAt[programs.Report](c)
	if err != nil {
		return reply, err
	}
	a, err := s.Programs.EditActual(c.UserContext(), actualID(c), seen, in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version = a, a.Version
	return reply, nil
}

// onActual runs a move of an actual; refused, its page says why.
func (s *Site) onActual(
	move func(*fiber.Ctx, tenants.ID[programs.Actual], tenants.Version) (*programs.Actual, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: actualPath(c, actualID(c))}
		if !isAPI(c) {
			a, p, err := s.withProgram(c)
			if err != nil {
				return reply, err
			}
			if reply.Again, err = s.actualPage(c, a, p); err != nil {
				return reply, err
			}
		}
		seen, err := seenVersion(c)
		if err != nil {
			return reply, err
		}
		a, err := move(c, actualID(c), seen)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = a, a.Version
		return reply, nil
	}
}
