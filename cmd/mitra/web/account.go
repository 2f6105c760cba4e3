package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

const deviceLife = 365 * 24 * time.Hour

// accountRoutes are one's own person, seats, sessions and tokens.
func (s *Site) accountRoutes() []Route {
	return []Route{
		{Name: "me", Method: fiber.MethodGet, API: "/me", Page: "/me", Do: s.me, Out: tenants.Person{}},
		{Name: "my-seats", Method: fiber.MethodGet, API: "/me/seats", Do: s.mySeats, Out: listed[people.OwnSeat]{}},
		{Name: "switch-seat", Method: fiber.MethodPost, Page: "/me/seat", Do: s.switchSeat},
		// PUT, because what a POST was asked is remembered for a day, and a password must not be.
		{Name: "change-password", Method: fiber.MethodPut, API: "/me/password", Page: "/me/password", Do: s.changePassword, In: people.NewPassword{}},
		{Name: "my-sessions", Method: fiber.MethodGet, API: "/me/sessions", Do: s.mySessions, Out: listed[tenants.Session]{}},
		{Name: "end-session", Method: fiber.MethodDelete, API: "/me/sessions/:id", Page: "/me/sessions/end", Do: s.endSession},
		{Name: "end-other-sessions", Method: fiber.MethodPost, API: "/me/sessions/end-others", Page: "/me/sessions/end-others", Do: s.endOtherSessions},
		{Name: "my-tokens", Method: fiber.MethodGet, API: "/me/tokens", Do: s.myTokens, Out: listed[tenants.Token]{}},
		{Name: "create-token", Creates: true, Method: fiber.MethodPost, API: "/me/tokens", Page: "/me/tokens", Do: s.createToken, In: people.NewToken{}, Out: people.MadeToken{}},
		{Name: "end-token", Method: fiber.MethodDelete, API: "/me/tokens/:id", Page: "/me/tokens/end", Do: s.endToken},
		// A second step is made and ended in a browser alone: a token that leaked must not.
		{Name: "show-second-step-setting", Method: fiber.MethodGet, Page: "/me/second-step", Do: s.showSecond},
		{Name: "begin-second-step", Method: fiber.MethodPost, Page: "/me/second-step/begin", Do: s.beginSecond},
		{Name: "confirm-second-step", Method: fiber.MethodPost, Page: "/me/second-step", Do: s.confirmSecond},
		{Name: "renew-recovery-codes", Method: fiber.MethodPost, Page: "/me/second-step/codes", Do: s.renewCodes},
		{Name: "end-second-step", Method: fiber.MethodPost, Page: "/me/second-step/end", Do: s.endSecond},
		{Name: "create-tenant", Method: fiber.MethodPost, Page: "/me/tenants", Do: s.createTenant, In: people.NewTenant{}},
		{Name: "show-founding", Method: fiber.MethodGet, Page: "/me/tenants/:slug", Do: s.showFounding},
		{Name: "invite-founder", Method: fiber.MethodPost, Page: "/me/tenants/:slug/founders", Do: s.inviteFounder, In: organisations.NewOrganisation{}},
	}
}

func (s *Site) me(c *fiber.Ctx) (Reply, error) {
	person, err := s.People.Me(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	if isAPI(c) {
		return Reply{Body: person, Version: person.Version}, nil
	}
	page, err := s.accountPage(c, "")
	return Reply{Page: page}, err
}

func (s *Site) accountPage(c *fiber.Ctx, secret string) (func(*Shown) templ.Component, error) {
	if err := noSession(c); err != nil {
		return nil, err
	}
	ctx := c.UserContext()
	v := pages.Account{Current: identityOf(c).Session.ID, Secret: secret, Admin: s.Gate.May(ctx, policies.CreateTenant)}
	var err error
	if v.Person, err = s.People.Me(ctx); err != nil {
		return nil, err
	}
	if v.Seats, err = s.People.OwnSeats(ctx); err != nil {
		return nil, err
	}
	if v.Sessions, err = s.People.Sessions(ctx); err != nil {
		return nil, err
	}
	if s.Gate.May(ctx, policies.ManageTokens) {
		if v.Tokens, err = s.People.Tokens(ctx); err != nil {
			return nil, err
		}
	}
	if v.Admin {
		if v.Tenants, err = s.People.Tenants(ctx); err != nil {
			return nil, err
		}
	}
	return pages.ShowAccount(v), nil
}

func (s *Site) mySeats(c *fiber.Ctx) (Reply, error) {
	seats, err := s.People.OwnSeats(c.UserContext())
	return Reply{Body: listOf(seats)}, err
}

func (s *Site) switchSeat(c *fiber.Ctx) (Reply, error) {
	ref := tenants.SeatRef{Tenant: tenants.TenantID(c.FormValue("tenant")), Seat: tenants.SeatID(c.FormValue("seat"))}
	return Reply{To: "/" + string(ref.Tenant)}, s.People.SwitchSeat(c.UserContext(), identityOf(c).Session, ref)
}

// changePassword keeps the session from which it is done and ends the others; a program
// has none to keep.
func (s *Site) changePassword(c *fiber.Ctx) (Reply, error) {
	if isAPI(c) {
		in, err := read[people.NewPassword](c)
		if err != nil {
			return Reply{}, err
		}
		return Reply{}, s.People.ChangePassword(c.UserContext(), "", in)
	}
	page, err := s.accountPage(c, "")
	if err != nil {
		return Reply{}, err
	}
	// A form's fields are read as they were typed: a space is part of a password.
	in := people.NewPassword{Current: c.FormValue("current"), Password: c.FormValue("password")}
	return Reply{To: "/me", Again: page}, s.People.ChangePassword(c.UserContext(), identityOf(c).Session.ID, in)
}

func (s *Site) mySessions(c *fiber.Ctx) (Reply, error) {
	sessions, err := s.People.Sessions(c.UserContext())
	return Reply{Body: listOf(sessions)}, err
}

func (s *Site) endSession(c *fiber.Ctx) (Reply, error) {
	return Reply{To: "/me"}, s.People.EndSession(c.UserContext(), ownID(c))
}

// endOtherSessions ends all sessions but the one it is asked from; a program asks from none.
func (s *Site) endOtherSessions(c *fiber.Ctx) (Reply, error) {
	keep := ""
	if session := identityOf(c).Session; session != nil {
		keep = session.ID
	}
	return Reply{To: "/me"}, s.People.EndOtherSessions(c.UserContext(), keep)
}

// ownID names one of one's own sessions or tokens: in the path, or in a form of a page.
func ownID(c *fiber.Ctx) string {
	if isAPI(c) {
		return c.Params("id")
	}
	return c.FormValue("id")
}

func (s *Site) myTokens(c *fiber.Ctx) (Reply, error) {
	tokens, err := s.People.Tokens(c.UserContext())
	return Reply{Body: listOf(tokens)}, err
}

func (s *Site) createToken(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		page, err := s.accountPage(c, "")
		if err != nil {
			return reply, err
		}
		reply.Again = page
	}
	in, err := read[people.NewToken](c)
	if err != nil {
		return reply, err
	}
	made, err := s.People.CreateToken(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Created = made, "/me/tokens/"+made.ID
	if !isAPI(c) {
		reply.Page, err = s.accountPage(c, made.Secret)
	}
	return reply, err
}

func (s *Site) endToken(c *fiber.Ctx) (Reply, error) {
	return Reply{To: "/me"}, s.People.EndToken(c.UserContext(), ownID(c))
}

func (s *Site) createTenant(c *fiber.Ctx) (Reply, error) {
	page, err := s.accountPage(c, "")
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{To: "/me", Again: page}
	in, err := read[people.NewTenant](c)
	if err != nil {
		return reply, err
	}
	t, err := s.People.CreateTenant(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.To = foundingPath(t.ID)
	return reply, nil
}

func foundingPath(tenant tenants.TenantID) string { return "/me/tenants/" + string(tenant) }

// foundingPage shows a tenant to the platform's administrator.
func (s *Site) foundingPage(c *fiber.Ctx, made *organisations.Brought, asked bool) (func(*Shown) templ.Component, error) {
	ctx, id := c.UserContext(), tenants.TenantID(c.Params("slug"))
	free, err := s.People.Unfounded(ctx, id)
	if err != nil {
		return nil, err
	}
	v := pages.Founding{Free: free}
	if v.Tenant, err = s.People.Tenant(ctx, id); err != nil {
		return nil, err
	}
	if made != nil {
		v.Made, v.Offered = made.Link, pages.Offered{Invitation: made.Invitation, Asked: asked, Mailed: made.Mailed}
		v.QR, err = qrOf(made.Link)
	}
	return pages.ShowFounding(v), err
}

func (s *Site) showFounding(c *fiber.Ctx) (Reply, error) {
	page, err := s.foundingPage(c, nil, false)
	return Reply{Page: page}, err
}

func (s *Site) inviteFounder(c *fiber.Ctx) (Reply, error) {
	page, err := s.foundingPage(c, nil, false)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Again: page}
	in, err := read[organisations.NewOrganisation](c)
	if err != nil {
		return reply, err
	}
	made, err := s.Organisations.Found(c.UserContext(), tenants.TenantID(c.Params("slug")), in)
	if err != nil {
		return reply, err
	}
	reply.Page, err = s.foundingPage(c, made, in.Mail)
	return reply, err
}
