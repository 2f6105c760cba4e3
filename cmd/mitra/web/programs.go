package web

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// programRoutes are programs, their plans and their moves.
func (s *Site) programRoutes() []Route {
	const at = "/:tenant/programs/:id"
	routes := []Route{
		{Name: "list-programs", Method: fiber.MethodGet, API: "/:tenant/programs", Page: "/:tenant/programs", Do: s.listPrograms, Out: listed[programs.Program]{}, Asked: sorted[programs.Criteria]()},
		{Name: "show-new-program", Method: fiber.MethodGet, Page: "/:tenant/programs/new", Do: s.showNewProgram},
		{Name: "start-program", Creates: true, Method: fiber.MethodPost, API: "/:tenant/programs", Page: "/:tenant/programs", Do: s.startProgram, In: programs.Start{}, Out: programs.Program{}},
		{Name: "show-program", Method: fiber.MethodGet, API: at, Page: at, Do: s.showProgram, Out: programs.Program{}},
		{Name: "program-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(programID, s.Programs.History)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "program-versions", Method: fiber.MethodGet, API: at + "/versions", Do: s.programVersions, Out: listed[programs.PlanVersion]{}},
		{Name: "program-version", Method: fiber.MethodGet, API: at + "/versions/:no", Page: at + "/versions/:no", Do: s.programVersion, Out: programs.Compared{}},
		{Name: "program-checklist", Method: fiber.MethodGet, API: at + "/closing", Do: s.programChecklist, Out: programs.Checklist{}},
		{Name: "program-spending", Method: fiber.MethodGet, API: at + "/spending", Do: s.programSpending, Out: programs.Spending{}},
		{Name: "program-schedule", Method: fiber.MethodGet, API: at + "/schedule", Do: s.programSchedule, Out: programs.Schedule{}},
		{Name: "show-abandon", Method: fiber.MethodGet, Page: at + "/moves/abandon", Do: s.askMove("abandon")},
		{Name: "show-suspend", Method: fiber.MethodGet, Page: at + "/moves/suspend", Do: s.askMove("suspend")},
		{Name: "show-end-early", Method: fiber.MethodGet, Page: at + "/moves/end-early", Do: s.askMove("end_early")},
		{Name: "show-open-reporting", Method: fiber.MethodGet, Page: at + "/moves/open-reporting", Do: s.askMove("open_reporting")},
		{Name: "show-close", Method: fiber.MethodGet, Page: at + "/moves/close", Do: s.askMove("close")},
		{Name: "show-confirm-closing", Method: fiber.MethodGet, Page: at + "/moves/confirm-closing", Do: s.askMove("confirm_closing")},
	}
	return slices.Concat(routes, s.sectionRoutes(at, "edit", programs.Program{}, s.inProgram()), s.moveRoutes(at), s.amendmentRoutes())
}

func (s *Site) moveRoutes(at string) []Route {
	p := s.Programs
	post := func(verb string, in any, do func(*fiber.Ctx) (Reply, error)) Route {
		return Route{Name: verb + "-program", Method: fiber.MethodPost, API: at + "/" + verb, Page: at + "/" + verb, Do: do, In: in, Out: programs.Program{}}
	}
	return []Route{
		post("take-lead", nil, moved(s, p.TakeLead)),
		post("lead", programs.NewLead{}, movedBy(s, "", p.NameLead)),
		post("hand-over", nil, moved(s, p.HandOver)),
		post("accept", programs.Acceptance{}, movedBy(s, "", p.Accept)),
		post("abandon", programs.Reason{}, movedBy(s, "abandon", p.Abandon)),
		post("suspend", programs.Suspension{}, movedBy(s, "suspend", p.Suspend)),
		post("resume", nil, moved(s, p.Resume)),
		post("end-early", programs.Reason{}, movedBy(s, "end_early", p.EndEarly)),
		post("open-reporting", programs.Opening{}, movedBy(s, "open_reporting", p.OpenReporting)),
		post("lock-reporting", programs.Locking{}, movedBy(s, "", p.LockReporting)),
		post("close", nil, movedBy(s, "close", plain(p.Close))),
		post("confirm-closing", nil, movedBy(s, "confirm_closing", plain(p.ConfirmClosing))),
	}
}

func programID(c *fiber.Ctx) programs.ID { return programs.ID(c.Params("id")) }

func programPath(c *fiber.Ctx, id programs.ID) string {
	return "/" + c.Params("tenant") + "/programs/" + string(id)
}

func (s *Site) listPrograms(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[programs.Criteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Programs.List(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	w := words.From(c.UserContext())
	v := pages.ProgramList{
		Items: list.Items, Q: criteria.Words, State: first(criteria.State), Origin: first(criteria.Origin),
		Next: nextPage(c, list.Next), Sheets: sheetLinks(c), Total: w.N("programs.count", int64(list.Count.N)),
	}
	if list.Count.Capped {
		v.Total = w.T("list.more_than", "n", list.Count.N-1)
	}
	return Reply{Body: list, Next: list.Next, Page: pages.Programs(v)}, nil
}

// partners are the organisations that could lead for the other side, or be a party.
func (s *Site) partners(ctx context.Context, sides ...policies.Side) ([]pages.Option, error) {
	list, err := s.People.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	options := []pages.Option{{Text: "–"}}
	for _, o := range list {
		for _, side := range sides {
			if o.Side == side {
				options = append(options, pages.Option{Value: string(o.ID), Text: o.Name})
			}
		}
	}
	return options, nil
}

func (s *Site) showNewProgram(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.StartProgram); err != nil {
		return Reply{}, err
	}
	partners, err := s.partners(c.UserContext(), actor(c).Side.Opposite())
	return Reply{Page: pages.NewProgram(partners)}, err
}

func (s *Site) startProgram(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		partners, err := s.partners(c.UserContext(), actor(c).Side.Opposite())
		if err != nil {
			return reply, err
		}
		reply.Again = pages.NewProgram(partners)
	}
	in, err := read[programs.Start](c)
	if err != nil {
		return reply, err
	}
	p, err := s.Programs.Start(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.To = p, p.Version, programPath(c, p.ID)
	reply.Created = reply.To
	return reply, nil
}

func (s *Site) showProgram(c *fiber.Ctx) (Reply, error) {
	p, err := s.Programs.Read(c.UserContext(), programID(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: p, Version: p.Version}
	if !isAPI(c) {
		reply.Page, err = s.programPage(c, p)
	}
	return reply, err
}

// programPage gathers what the asked section of a program's page shows.
func (s *Site) programPage(c *fiber.Ctx, p *programs.Program) (func(*Shown) templ.Component, error) {
	ctx := c.UserContext()
	v := pages.Program{Program: p, Section: c.Query("section")}
	var err error
	if v.AgencyDays, v.CSODays, err = s.Programs.Dwell(ctx, p.Turn); err != nil {
		return nil, err
	}
	if p.AcceptedVersion > 0 {
		if v.Open, err = s.Programs.OpenAmendment(ctx, p.ID); err != nil {
			return nil, err
		}
	}
	if p.State == programs.Closing {
		if v.Checklist, err = s.Programs.Checklist(ctx, p.ID); err != nil {
			return nil, err
		}
	}
	var who []string
	for _, consent := range p.Consents {
		who = append(who, string(consent.Person))
	}
	if v.Names, err = s.called(ctx, who...); err != nil {
		return nil, err
	}
	switch v.Section {
	case "results":
		if v.Today, err = s.Programs.Today(ctx); err != nil {
			return nil, err
		}
		for _, w := range p.Reporting {
			who = append(who, string(w.Person))
		}
		if v.Names, err = s.called(ctx, who...); err != nil {
			return nil, err
		}
		_, q, err := query[struct{}](c)
		if err != nil {
			return nil, err
		}
		list, err := s.Programs.Actuals(ctx, programs.ActualCriteria{Program: p.ID}, q)
		if err != nil {
			return nil, err
		}
		v.Actuals, v.MoreActuals = list.Items, nextPage(c, list.Next)
		if v.Progress, err = s.Programs.Progress(ctx, p); err != nil {
			return nil, err
		}
	case "money":
		if v.Spending, err = s.Programs.Spending(ctx, p.ID); err != nil {
			return nil, err
		}
		if p.Source != nil {
			if v.Ledger, err = s.Programs.ReadLedger(ctx, p.ID, 0); err != nil && fault.KindOf(err) != fault.Missing {
				return nil, err
			}
		}
	case "history":
		page, err := s.Programs.History(ctx, p.ID, store.Query{})
		if err != nil {
			return nil, err
		}
		if v.History, err = s.latest(ctx, page, programPath(c, p.ID)); err != nil {
			return nil, err
		}
		if v.Versions, err = s.Programs.Versions(ctx, p.ID); err != nil {
			return nil, err
		}
		amendments, err := s.Programs.Amendments(ctx, programs.AmendmentCriteria{Program: p.ID}, store.Query{Limit: store.MaxLimit})
		if err != nil {
			return nil, err
		}
		v.Amendments = amendments.Items
	default:
		v.Section = "plan"
		if p.MayEdit(actor(c)) {
			if v.Partners, err = s.partners(ctx, actor(c).Side.Opposite()); err != nil {
				return nil, err
			}
		}
	}
	return pages.ShowProgram(v), nil
}

func (s *Site) programVersions(c *fiber.Ctx) (Reply, error) {
	versions, err := s.Programs.Versions(c.UserContext(), programID(c))
	return Reply{Body: listOf(versions)}, err
}

func (s *Site) programVersion(c *fiber.Ctx) (Reply, error) {
	no, err := c.ParamsInt("no")
	if err != nil {
		return Reply{}, fault.NotFound("plan_version")
	}
	v, err := s.Programs.Version(c.UserContext(), programID(c), no)
	if err != nil {
		return Reply{}, err
	}
	var who []string
	for _, yes := range v.Acceptances {
		who = append(who, string(yes.Person), string(yes.Organisation))
	}
	names, err := s.called(c.UserContext(), who...)
	return Reply{Body: v, Page: pages.ShowPlanVersion(pages.PlanVersion{Compared: v, Names: names})}, err
}

// programChecklist is what stands open before a program is closed; its page shows it.
func (s *Site) programChecklist(c *fiber.Ctx) (Reply, error) {
	list, err := s.Programs.Checklist(c.UserContext(), programID(c))
	return Reply{Body: list}, err
}

// programSpending is the budget against what was spent; the program's page draws it.
func (s *Site) programSpending(c *fiber.Ctx) (Reply, error) {
	spending, err := s.Programs.Spending(c.UserContext(), programID(c))
	return Reply{Body: spending}, err
}

// programSchedule is how the workplan hangs together; the program's page draws it.
func (s *Site) programSchedule(c *fiber.Ctx) (Reply, error) {
	p, err := s.Programs.Read(c.UserContext(), programID(c))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: p.Schedule()}, nil
}

// asked is the form of a move. Before a closing it says what stands open.
func (s *Site) asked(c *fiber.Ctx, p *programs.Program, move string) (pages.Asked, error) {
	v := pages.Asked{Program: p, Move: move}
	var err error
	switch move {
	case "close", "confirm_closing":
		v.Checklist, err = s.Programs.Checklist(c.UserContext(), p.ID)
	case "open_reporting":
		v.From, v.To = clocks.Day(c.Query("from", c.FormValue("from"))), clocks.Day(c.Query("to", c.FormValue("to")))
		v.Today, err = s.Programs.Today(c.UserContext())
	}
	return v, err
}

func (s *Site) askMove(move string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		p, err := s.Programs.Read(c.UserContext(), programID(c))
		if err != nil {
			return Reply{}, err
		}
		asked, err := s.asked(c, p, move)
		return Reply{Page: pages.AskMove(asked)}, err
	}
}

// moved runs a move without input.
func moved(s *Site, move func(context.Context, programs.ID, tenants.Version) (*programs.Program, error)) func(*fiber.Ctx) (Reply, error) {
	return movedBy(s, "", func(ctx context.Context, id programs.ID, seen tenants.Version, _ struct{}) (*programs.Program, error) {
		return move(ctx, id, seen)
	})
}

// movedBy runs a move with its input. Refused, people see the form of the move (asked),
// or the program's page with the reason.
func movedBy[In any](
	s *Site, asked string, move func(context.Context, programs.ID, tenants.Version, In) (*programs.Program, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: programPath(c, programID(c))}
		if strings.HasSuffix(c.Path(), "-reporting") {
			reply.To += "?section=results"
		}
		if !isAPI(c) {
			p, err := s.Programs.Read(c.UserContext(), programID(c))
			if err != nil {
				return reply, err
			}
			if asked != "" {
				ask, err := s.asked(c, p, asked)
				if err != nil {
					return reply, err
				}
				reply.Again = pages.AskMove(ask)
			} else if reply.Again, err = s.programPage(c, p); err != nil {
				return reply, err
			}
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		p, err := move(c.UserContext(), programID(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = p, p.Version
		return reply, nil
	}
}
