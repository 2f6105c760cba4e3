package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// flagRoutes are concerns that agencies record.
func (s *Site) flagRoutes() []Route {
	const all, at, of = "/:tenant/flags", "/:tenant/flags/:id", "/:tenant/organisations/:id/flags"
	o := s.Organisations
	routes := []Route{
		{Name: "list-flags", Method: fiber.MethodGet, API: all, Page: all, Do: s.listFlags, Out: listed[organisations.Flag]{}, Asked: sorted[organisations.FlagCriteria]()},
		{Name: "list-flags-of", Method: fiber.MethodGet, API: of, Do: s.listFlagsOf, Out: listed[organisations.Flag]{}, Asked: sorted[organisations.FlagCriteria]()},
		{Name: "show-propose-flag", Method: fiber.MethodGet, Page: of + "/new", Do: s.showProposeFlag},
		{Name: "propose-flag", Creates: true, Method: fiber.MethodPost, API: of, Page: of + "/new", Do: s.proposeFlag, In: organisations.NewFlag{}, Out: organisations.Flag{}},
		{Name: "show-flag", Method: fiber.MethodGet, API: at, Page: at, Do: s.showFlag, Out: organisations.Flag{}},
		{Name: "flag-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(flagID, s.Organisations.FlagHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "hold-flag", Method: fiber.MethodPost, API: at + "/hold", Page: at + "/hold", Do: flagMove(s, "hold", o.HoldFlag), In: organisations.Hold{}, Out: organisations.Flag{}},
		{Name: "reply-flag", Method: fiber.MethodPost, API: at + "/reply", Page: at + "/reply", Do: flagMove(s, "reply", o.ReplyToFlag), In: organisations.Answer{}, Out: organisations.Flag{}},
		{Name: "uphold-flag", Method: fiber.MethodPost, API: at + "/uphold", Page: at + "/uphold", Do: flagMove(s, "uphold", o.UpholdFlag), In: organisations.Uphold{}, Out: organisations.Flag{}},
		{Name: "withdraw-flag", Method: fiber.MethodPost, API: at + "/withdraw", Page: at + "/withdraw", Do: flagMove(s, "withdraw", o.WithdrawFlag), In: organisations.Reason{}, Out: organisations.Flag{}},
	}
	for _, move := range pages.FlagMoves() {
		routes = append(routes, Route{Name: "show-" + move + "-flag", Method: fiber.MethodGet, Page: at + "/moves/" + move, Do: s.askFlagMove(move)})
	}
	return routes
}

func flagID(c *fiber.Ctx) organisations.FlagID { return organisations.FlagID(c.Params("id")) }

func flagPath(c *fiber.Ctx, id organisations.FlagID) string {
	return "/" + c.Params("tenant") + "/flags/" + string(id)
}

func (s *Site) listFlags(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.FlagCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Organisations.Flags(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	v := pages.FlagList{Items: list.Items, Q: criteria.Words, State: first(criteria.State), Severity: first(criteria.Severity), Next: nextPage(c, list.Next), Total: totalText(c, "flags.count", list.Count)}
	return Reply{Body: list, Next: list.Next, Page: pages.Flags(v)}, nil
}

func (s *Site) listFlagsOf(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.FlagCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return Reply{}, err
	}
	criteria.Organisation = m.Organisation
	list, err := s.Organisations.Flags(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next}, nil
}

func (s *Site) showProposeFlag(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeFlag); err != nil {
		return Reply{}, err
	}
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Page: pages.ProposeFlag(m)}, nil
}

func (s *Site) proposeFlag(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
		if err != nil {
			return reply, err
		}
		reply.Again = pages.ProposeFlag(m)
	}
	in, err := read[organisations.NewFlag](c)
	if err != nil {
		return reply, err
	}
	f, err := s.Organisations.ProposeFlag(c.UserContext(), memberOf(c), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.To = f, f.Version, flagPath(c, f.ID)
	reply.Created = reply.To
	return reply, nil
}

func (s *Site) showFlag(c *fiber.Ctx) (Reply, error) {
	f, err := s.Organisations.Flag(c.UserContext(), flagID(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: f, Version: f.Version}
	if isAPI(c) {
		return reply, nil
	}
	page, err := s.Organisations.FlagHistory(c.UserContext(), f.ID, store.Query{})
	if err != nil {
		return reply, err
	}
	past, err := s.latest(c.UserContext(), page, flagPath(c, f.ID))
	reply.Page = pages.ShowFlag(pages.FlagView{Flag: f, History: past})
	return reply, err
}

func (s *Site) askFlagMove(move string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		f, err := s.Organisations.Flag(c.UserContext(), flagID(c))
		if err != nil {
			return Reply{}, err
		}
		return Reply{Page: pages.AskFlagMove(f, move)}, nil
	}
}

// flagMove runs a move; refused, people see its form with what they wrote.
func flagMove[In any](
	s *Site, name string, move func(context.Context, organisations.FlagID, tenants.Version, In) (*organisations.Flag, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: flagPath(c, flagID(c))}
		if !isAPI(c) {
			f, err := s.Organisations.Flag(c.UserContext(), flagID(c))
			if err != nil {
				return reply, err
			}
			reply.Again = pages.AskFlagMove(f, name)
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		f, err := move(c.UserContext(), flagID(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = f, f.Version
		return reply, nil
	}
}

// findings are what agencies found about an organisation, for those who may read it.
func (s *Site) findings(c *fiber.Ctx, m *organisations.Member, v *pages.MemberView) error {
	ctx := c.UserContext()
	looks, err := s.Organisations.Diligences(ctx, organisations.DiligenceCriteria{Organisation: m.Organisation}, store.Query{Limit: 20})
	if err != nil {
		if fault.KindOf(err) == fault.Forbidden {
			return nil
		}
		return err
	}
	flags, err := s.Organisations.Flags(ctx, organisations.FlagCriteria{Organisation: m.Organisation}, store.Query{Limit: 20})
	if err != nil {
		return err
	}
	v.Findings = &pages.Findings{Member: m, Looks: looks.Items, Flags: flags.Items}
	return nil
}
