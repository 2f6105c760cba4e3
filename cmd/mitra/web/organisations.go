package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// organisationRoutes are the organisations of a tenant, their verification, and one's
// own passport, whose pages stand among them.
func (s *Site) organisationRoutes() []Route {
	const all = "/:tenant/organisations"
	const at = all + "/:id"
	routes := append(append(s.passportRoutes(all+"/passport"), s.orgDocumentRoutes()...), []Route{
		{Name: "list-organisations", Method: fiber.MethodGet, API: all, Page: all, Do: s.listMembers, Out: listed[organisations.Member]{}, Asked: sorted[organisations.Criteria]()},
		{Name: "show-invite-organisation", Method: fiber.MethodGet, Page: all + "/new", Do: s.showInviteOrganisation},
		{Name: "invite-organisation", Creates: true, Method: fiber.MethodPost, API: all, Page: all + "/new", Do: s.inviteOrganisation, In: organisations.NewOrganisation{}, Out: organisations.Brought{}},
		{Name: "join", Method: fiber.MethodPost, API: all + "/join", Page: all + "/join", Do: s.join, Out: organisations.Member{}},
		{Name: "show-organisation", Method: fiber.MethodGet, API: at, Page: at, Do: s.showMember, Out: organisations.Member{}},
		{Name: "organisation-profile", Method: fiber.MethodGet, API: at + "/profile", Do: s.memberProfile, Out: organisations.Profile{}},
		{Name: "organisation-history", Method: fiber.MethodGet, API: at + "/history", Page: at + "/history", Do: s.history(ofRecord(memberOf, s.Organisations.History)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
	}...)
	for _, move := range pages.AskedMoves() {
		routes = append(routes, Route{Name: "show-" + move + "-organisation", Method: fiber.MethodGet, Page: at + "/moves/" + move, Do: s.askMemberMove(move)})
	}
	o := s.Organisations
	post := func(verb string, in any, do func(*fiber.Ctx) (Reply, error)) Route {
		return Route{Name: verb + "-organisation", Method: fiber.MethodPost, API: at + "/" + verb, Page: at + "/" + verb, Do: do, In: in, Out: organisations.Member{}}
	}
	return append(routes,
		post("submit", nil, memberMove(s, "", plain(o.Submit))), post("check", nil, memberMove(s, "", plain(o.Check))),
		post("return", organisations.Reason{}, memberMove(s, "return", o.Return)), post("confirm", organisations.Confirm{}, memberMove(s, "confirm", o.Confirm)),
		post("suspend", organisations.Reason{}, memberMove(s, "suspend", o.Suspend)), post("lift", organisations.Reason{}, memberMove(s, "lift", o.Lift)),
	)
}

type memberID = tenants.ID[organisations.Member]

func memberOf(c *fiber.Ctx) memberID { return memberID(c.Params("id")) }

func memberPath(c *fiber.Ctx, id memberID) string {
	return "/" + c.Params("tenant") + "/organisations/" + string(id)
}

func (s *Site) listMembers(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.Criteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Organisations.List(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	w := words.From(c.UserContext())
	v := pages.MemberList{
		Items: list.Items, Asked: criteria, Next: nextPage(c, list.Next), Sheets: sheetLinks(c), Total: w.N("organisations.count", int64(list.Count.N)),
	}
	if list.Count.Capped {
		v.Total = w.T("list.more_than", "n", list.Count.N-1)
	}
	return Reply{Body: list, Next: list.Next, Page: pages.Members(v)}, nil
}

func (s *Site) showInviteOrganisation(c *fiber.Ctx) (Reply, error) {
	_, err := s.Gate.Enter(c.UserContext(), policies.InviteOrganisation)
	return Reply{Page: pages.InviteOrganisation}, err
}

func (s *Site) inviteOrganisation(c *fiber.Ctx) (Reply, error) {
	reply := Reply{Again: pages.InviteOrganisation}
	in, err := read[organisations.NewOrganisation](c)
	if err != nil {
		return reply, err
	}
	made, err := s.Organisations.Invite(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.Created = made, made.Version, memberPath(c, made.ID)
	if !isAPI(c) {
		reply.Page, err = s.memberPage(c, made.Member, made.Link, pages.Offered{Invitation: made.Invitation, Asked: in.Mail, Mailed: made.Mailed})
	}
	return reply, err
}

func (s *Site) join(c *fiber.Ctx) (Reply, error) {
	m, err := s.Organisations.Join(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: m, Version: m.Version, To: memberPath(c, m.ID)}, nil
}

func (s *Site) showMember(c *fiber.Ctx) (Reply, error) {
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: m, Version: m.Version}
	if !isAPI(c) {
		reply.Page, err = s.memberPage(c, m, "")
	}
	return reply, err
}

// memberPage gathers what an organisation's page shows; made is the link for its first
// person, shown this once, and offered what it offers.
func (s *Site) memberPage(c *fiber.Ctx, m *organisations.Member, made string, offered ...pages.Offered) (func(*Shown) templ.Component, error) {
	v := pages.MemberView{Member: m, Made: made}
	if len(offered) > 0 {
		v.Offered = offered[0]
	}
	var err error
	if v.Profile, err = s.Organisations.Profile(c.UserContext(), m); err != nil {
		return nil, err
	}
	page, err := s.Organisations.History(c.UserContext(), m.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	if v.History, err = s.latest(c.UserContext(), page, memberPath(c, m.ID)); err != nil {
		return nil, err
	}
	var hands []string
	for _, h := range []*organisations.Hand{m.CheckedBy, m.ConfirmedBy} {
		if h != nil {
			hands = append(hands, string(h.Person), string(h.Organisation))
		}
	}
	if v.Names, err = s.called(c.UserContext(), hands...); err != nil {
		return nil, err
	}
	if err := s.findings(c, m, &v); err != nil {
		return nil, err
	}
	if made != "" {
		v.QR, err = qrOf(made)
	}
	return pages.ShowMember(v), err
}

func (s *Site) memberProfile(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.ReadPassport); err != nil {
		return Reply{}, err
	}
	m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
	if err != nil {
		return Reply{}, err
	}
	p, err := s.Organisations.Profile(c.UserContext(), m)
	if err == nil && p == nil {
		err = fault.NotFound("member_profile")
	}
	return Reply{Body: p}, err
}

func (s *Site) askMemberMove(move string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
		if err != nil {
			return Reply{}, err
		}
		return Reply{Page: pages.AskMemberMove(m, move)}, nil
	}
}

// plain makes a move without input one with an empty input.
func plain[ID, V, R any](move func(context.Context, ID, V) (R, error)) func(context.Context, ID, V, struct{}) (R, error) {
	return func(ctx context.Context, id ID, seen V, _ struct{}) (R, error) { return move(ctx, id, seen) }
}

// memberMove runs a move of a verification. Refused, people see the form of the move
// (asked), or the organisation's page with the reason.
func memberMove[In any](
	s *Site, asked string, move func(context.Context, memberID, tenants.Version, In) (*organisations.Member, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: memberPath(c, memberOf(c))}
		if !isAPI(c) {
			m, err := s.Organisations.Read(c.UserContext(), memberOf(c))
			if err != nil {
				return reply, err
			}
			if asked != "" {
				reply.Again = pages.AskMemberMove(m, asked)
			} else if reply.Again, err = s.memberPage(c, m, ""); err != nil {
				return reply, err
			}
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		m, err := move(c.UserContext(), memberOf(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = m, m.Version
		return reply, nil
	}
}
