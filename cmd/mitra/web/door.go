package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// doorRoutes are what strangers may reach.
func (s *Site) doorRoutes() []Route {
	return []Route{
		{Name: "welcome", Method: fiber.MethodGet, Page: "/", Open: true, Do: s.welcome},
		{Name: "show-sign-in", Method: fiber.MethodGet, Page: "/sign-in", Open: true, Do: s.showSignIn},
		{Name: "sign-in", Method: fiber.MethodPost, Page: "/sign-in", Open: true, Do: s.signIn},
		{Name: "show-second-step", Method: fiber.MethodGet, Page: "/sign-in/code", Open: true, Do: s.showSecondStep},
		{Name: "second-step", Method: fiber.MethodPost, Page: "/sign-in/code", Open: true, Do: s.secondStep},
		{Name: "sign-out", Method: fiber.MethodPost, Page: "/sign-out", Do: s.signOut},
		{Name: "choose-language", Method: fiber.MethodPost, Page: "/language", Open: true, Do: s.chooseLanguage},
		{Name: "show-set-up", Method: fiber.MethodGet, Page: "/setup/:secret", Open: true, Do: s.showSetUp},
		{Name: "set-up", Method: fiber.MethodPost, Page: "/setup/:secret", Open: true, Do: s.setUp},
		{Name: "show-invitation", Method: fiber.MethodGet, Page: "/invitations/:secret", Open: true, Do: s.showInvitation},
		{Name: "accept-invitation", Method: fiber.MethodPost, Page: "/invitations/:secret", Open: true, Do: s.acceptInvitation},
		{Name: "show-forgotten", Method: fiber.MethodGet, Page: "/forgotten", Open: true, Do: s.showForgotten},
		{Name: "ask-reset", Method: fiber.MethodPost, Page: "/forgotten", Open: true, Do: s.askReset},
		{Name: "show-reset", Method: fiber.MethodGet, Page: "/reset/:secret", Open: true, Do: s.showReset},
		{Name: "reset-password", Method: fiber.MethodPost, Page: "/reset/:secret", Open: true, Do: s.reset},
	}
}

func (s *Site) welcome(c *fiber.Ctx) (Reply, error) {
	switch a := actor(c); {
	case a.Tenant != "":
		return Reply{To: "/" + string(a.Tenant)}, nil
	case a.SignedIn():
		return Reply{To: "/me"}, nil
	}
	return Reply{Page: pages.Welcome}, nil
}

func (s *Site) showSignIn(c *fiber.Ctx) (Reply, error) {
	return Reply{Page: pages.SignIn(safeNext(c.Query("next")))}, nil
}

func (s *Site) signIn(c *fiber.Ctx) (Reply, error) {
	next := safeNext(c.FormValue("next"))
	reply := Reply{To: next, Again: pages.SignIn(next)}
	in, err := read[people.SignIn](c)
	if err != nil {
		return reply, err
	}
	from := s.from(c)
	in.Agent, in.Address, in.Device = from.Agent, from.Address, from.Device
	// What a person typed into a password field is theirs to the last space.
	in.Password = c.FormValue("password")
	signed, err := s.People.SignIn(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.To = s.enter(c, signed, next)
	return reply, nil
}

// enter sets the cookies of who has signed in, and says where they go on: to next, or to
// the second step before.
func (s *Site) enter(c *fiber.Ctx, signed *people.SignedIn, next string) string {
	if signed.Second == "" {
		s.remember(c, signed)
		return next
	}
	s.setCookie(c, secondCookie, signed.Second, secondLife)
	return "/sign-in/code?next=" + escapeQuery(next)
}

// showSecondStep asks for the code of a person's device.
func (s *Site) showSecondStep(c *fiber.Ctx) (Reply, error) {
	if err := s.People.SecondOpen(c.UserContext(), c.Cookies(secondCookie)); fault.KindOf(err) == fault.Conflict && err != nil {
		return Reply{To: "/sign-in?next=" + escapeQuery(safeNext(c.Query("next")))}, nil
	} else if err != nil {
		return Reply{}, err
	}
	return Reply{Page: pages.SecondStep(safeNext(c.Query("next")))}, nil
}

func (s *Site) secondStep(c *fiber.Ctx) (Reply, error) {
	next := safeNext(c.FormValue("next"))
	reply := Reply{To: next, Again: pages.SecondStep(next)}
	in := people.SecondCode{Code: c.FormValue("code"), Second: c.Cookies(secondCookie), From: s.from(c)}
	signed, err := s.People.SecondStep(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	s.setCookie(c, secondCookie, "", -time.Hour)
	s.remember(c, signed)
	return reply, nil
}

func (s *Site) signOut(c *fiber.Ctx) (Reply, error) {
	s.forget(c)
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	return Reply{To: "/"}, s.People.SignOut(c.UserContext(), identityOf(c).Session)
}

func (s *Site) chooseLanguage(c *fiber.Ctx) (Reply, error) {
	var l words.Language
	if err := l.UnmarshalText([]byte(c.FormValue("language"))); err != nil {
		return Reply{}, err
	}
	s.setCookie(c, languageCookie, string(l), deviceLife)
	reply := Reply{To: safeNext(c.FormValue("next"))}
	if actor(c).SignedIn() {
		return reply, s.People.ChooseLanguage(c.UserContext(), l)
	}
	return reply, nil
}

func (s *Site) showSetUp(c *fiber.Ctx) (Reply, error) {
	return Reply{Page: pages.SetUp(c.Params("secret"))}, s.People.SetUpOpen(c.UserContext(), c.Params("secret"))
}

func (s *Site) setUp(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: "/me", Again: pages.SetUp(c.Params("secret"))}
	in, err := read[people.SetUp](c)
	if err != nil {
		return reply, err
	}
	in.Password = c.FormValue("password")
	in.Language = string(words.From(c.UserContext()).Language())
	person, err := s.People.SetUp(c.UserContext(), c.Params("secret"), in)
	if err != nil {
		return reply, err
	}
	return s.openFor(c, person.ID, reply)
}

// openFor opens a session for somebody whom a one-time link has proved, on their way to
// where the reply leads.
func (s *Site) openFor(c *fiber.Ctx, person tenants.PersonID, reply Reply) (Reply, error) {
	signed, err := s.People.OpenAs(c.UserContext(), person, s.from(c))
	if err != nil {
		return reply, err
	}
	reply.To = s.enter(c, signed, reply.To)
	return reply, nil
}

func (s *Site) invitationPage(c *fiber.Ctx) (func(*Shown) templ.Component, error) {
	offered, err := s.People.Offer(c.UserContext(), c.Params("secret"))
	if err != nil {
		return nil, err
	}
	t, err := s.People.Tenant(c.UserContext(), offered.Tenant)
	if err != nil {
		return nil, err
	}
	w := words.From(c.UserContext())
	roles := make([]string, len(offered.Roles))
	for i, r := range offered.Roles {
		roles[i] = w.T("role." + string(r))
	}
	return pages.Accept(pages.Invitation{
		Secret: c.Params("secret"), Name: offered.Name, Organisation: offered.OrganisationName, Tenant: t.Name,
		Roles: strings.Join(roles, ", "), Login: people.Shown(offered.Login), Known: actor(c).SignedIn(),
	}), nil
}

func (s *Site) showInvitation(c *fiber.Ctx) (Reply, error) {
	page, err := s.invitationPage(c)
	return Reply{Page: page}, err
}

func (s *Site) acceptInvitation(c *fiber.Ctx) (Reply, error) {
	page, err := s.invitationPage(c)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Again: page}
	in, err := read[people.Accept](c)
	if err != nil {
		return reply, err
	}
	in.Password = c.FormValue("password")
	in.Language = string(words.From(c.UserContext()).Language())
	seat, err := s.People.Accept(c.UserContext(), c.Params("secret"), in)
	if err != nil {
		return reply, err
	}
	reply.To = "/" + string(seat.Tenant)
	if identity := identityOf(c); identity != nil {
		ref := tenants.SeatRef{Tenant: seat.Tenant, Seat: tenants.SeatID(seat.ID)}
		return reply, s.People.SwitchSeat(c.UserContext(), identity.Session, ref)
	}
	return s.openFor(c, seat.Person, reply)
}

func (s *Site) showForgotten(c *fiber.Ctx) (Reply, error) {
	return Reply{Page: pages.Forgotten(c.Query("sent") != "")}, nil
}

func (s *Site) askReset(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: "/forgotten?sent=1", Again: pages.Forgotten(false)}
	return reply, s.People.AskReset(c.UserContext(), c.FormValue("login"), c.IP())
}

func (s *Site) showReset(c *fiber.Ctx) (Reply, error) {
	return Reply{Page: pages.Reset(c.Params("secret"))}, s.People.ResetOpen(c.UserContext(), c.Params("secret"))
}

func (s *Site) reset(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: "/", Again: pages.Reset(c.Params("secret"))}
	person, err := s.People.Reset(c.UserContext(), c.Params("secret"), c.FormValue("password"))
	if err != nil {
		return reply, err
	}
	return s.openFor(c, person, reply)
}

// noSession refuses what only a browser's session can do.
func noSession(c *fiber.Ctx) error {
	if identity := identityOf(c); identity == nil || identity.Session == nil {
		return fault.New(fault.Unauthenticated, "unauthenticated")
	}
	return nil
}
