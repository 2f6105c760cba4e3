package web

import (
	"bytes"
	"encoding/base64"
	"image/png"

	"github.com/a-h/templ"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// peopleRoutes are seats and invitations.
func (s *Site) peopleRoutes() []Route {
	return []Route{
		{Name: "list-seats", Method: fiber.MethodGet, API: "/:tenant/seats", Page: "/:tenant/people", Do: s.listSeats, Out: listed[people.Seat]{}, Asked: sorted[people.SeatCriteria]()},
		{Name: "show-invite", Method: fiber.MethodGet, Page: "/:tenant/people/invite", Do: s.showInvite},
		{Name: "list-invitations", Method: fiber.MethodGet, API: "/:tenant/invitations", Do: s.listInvitations, Out: listed[people.Invitation]{}, Asked: sorted[struct{}]()},
		{Name: "invite", Creates: true, Method: fiber.MethodPost, API: "/:tenant/invitations", Page: "/:tenant/people/invite", Do: s.invite, In: people.Invite{}, Out: people.Invited{}},
		{Name: "withdraw-invitation", Method: fiber.MethodPost, API: "/:tenant/invitations/:id/withdraw", Page: "/:tenant/invitations/:id/withdraw", Do: s.withdraw, Out: people.Invitation{}},
		{Name: "show-seat", Method: fiber.MethodGet, API: "/:tenant/seats/:id", Page: "/:tenant/people/:id", Do: s.showSeat, Out: people.Seat{}},
		{Name: "change-roles", Method: fiber.MethodPut, API: "/:tenant/seats/:id/roles", Page: "/:tenant/people/:id/roles", Do: s.changeRoles, In: people.Roles{}, Out: people.Seat{}},
		{Name: "seat-history", Method: fiber.MethodGet, API: "/:tenant/seats/:id/history", Page: "/:tenant/people/:id/history", Do: s.history(ofRecord(seatID, s.People.SeatHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "set-term", Method: fiber.MethodPut, API: "/:tenant/seats/:id/term", Page: "/:tenant/people/:id/term", Do: s.setTerm, In: people.Term{}, Out: people.Seat{}},
		{Name: "end-seat", Method: fiber.MethodPost, API: "/:tenant/seats/:id/end", Page: "/:tenant/people/:id/end", Do: s.endSeat, Out: people.Seat{}},
		{Name: "reset-colleague", Method: fiber.MethodPost, API: "/:tenant/seats/:id/reset-password", Page: "/:tenant/people/:id/reset-password", Do: s.resetColleague, Out: madeLink{}},
	}
}

// madeLink is a link that is handed over once.
type madeLink struct {
	Link string `json:"link"`
}

// qrOf draws a link as a picture to be held against a phone.
func qrOf(link string) (string, error) {
	code, err := qr.Encode(link, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	if code, err = barcode.Scale(code, 352, 352); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (s *Site) listSeats(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[people.SeatCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	seats, err := s.People.Seats(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	if isAPI(c) {
		return Reply{Body: seats, Next: seats.Next}, nil
	}
	page, err := s.peoplePage(c, seats, nil, false)
	return Reply{Page: page}, err
}

// peoplePage lists seats and invitations; made is the one just offered, whose link is
// shown this once, asked whether it was to be mailed.
func (s *Site) peoplePage(c *fiber.Ctx, seats *store.Page[people.Seat], made *people.Invited, asked bool) (func(*Shown) templ.Component, error) {
	v := pages.People{Seats: seats.Items, Next: nextPage(c, seats.Next), Side: policies.Side(c.Query("side")), State: people.SeatState(c.Query("state"))}
	if seats.Count != nil {
		v.Total = totalText(c, "people.count", seats.Count)
	}
	partners, err := s.partners(c.UserContext(), policies.Sides()...)
	if err != nil {
		return nil, err
	}
	for _, o := range partners[1:] { // without "none of them"
		o.Chosen = o.Value == c.Query("organisation")
		v.Organisations = append(v.Organisations, o)
	}
	if s.Gate.May(c.UserContext(), policies.InvitePerson) {
		open, err := s.People.Invitations(c.UserContext(), store.Query{Limit: 50})
		if err != nil {
			return nil, err
		}
		v.Invitations = open.Items
	}
	if made != nil {
		v.Made, v.Offered = made.Link, pages.Offered{Invitation: made.Invitation, Asked: asked, Mailed: made.Mailed}
		v.QR, err = qrOf(made.Link)
	}
	return pages.ShowPeople(v), err
}

func (s *Site) showInvite(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.InvitePerson); err != nil {
		return Reply{}, err
	}
	return Reply{Page: pages.Invite(people.Giveable(actor(c)))}, nil
}

func (s *Site) listInvitations(c *fiber.Ctx) (Reply, error) {
	_, q, err := query[struct{}](c)
	if err != nil {
		return Reply{}, err
	}
	page, err := s.People.Invitations(c.UserContext(), q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: page, Next: page.Next}, nil
}

func (s *Site) invite(c *fiber.Ctx) (Reply, error) {
	reply := Reply{Again: pages.Invite(people.Giveable(actor(c)))}
	in, err := read[people.Invite](c)
	if err != nil {
		return reply, err
	}
	made, err := s.People.Invite(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.Created = made, made.Version, "/"+string(made.Tenant)+"/invitations/"+string(made.ID)
	if isAPI(c) {
		return reply, nil
	}
	seats, err := s.People.Seats(c.UserContext(), people.SeatCriteria{}, store.Query{})
	if err != nil {
		return reply, err
	}
	reply.Page, err = s.peoplePage(c, seats, made, in.Mail)
	return reply, err
}

func (s *Site) withdraw(c *fiber.Ctx) (Reply, error) {
	seen, err := seenVersion(c)
	if err != nil {
		return Reply{}, err
	}
	i, err := s.People.Withdraw(c.UserContext(), tenants.ID[people.Invitation](c.Params("id")), seen)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: i, Version: i.Version, To: "/" + c.Params("tenant") + "/people"}, nil
}

func (s *Site) showSeat(c *fiber.Ctx) (Reply, error) {
	seat, err := s.People.Seat(c.UserContext(), seatID(c))
	if err != nil {
		return Reply{}, err
	}
	if isAPI(c) {
		return Reply{Body: seat, Version: seat.Version}, nil
	}
	page, err := s.seatPage(c, seat, "")
	return Reply{Page: page}, err
}

// seatID is the seat that the path names.
func seatID(c *fiber.Ctx) tenants.ID[people.Seat] { return tenants.ID[people.Seat](c.Params("id")) }

func (s *Site) seatPage(c *fiber.Ctx, seat *people.Seat, made string) (func(*Shown) templ.Component, error) {
	page, err := s.People.SeatHistory(c.UserContext(), seat.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	v := pages.SeatView{Seat: seat, Roles2: people.Giveable(actor(c)), Made: made}
	if v.History, err = s.latest(c.UserContext(), page, "/"+c.Params("tenant")+"/people/"+string(seat.ID)); err != nil {
		return nil, err
	}
	if made != "" {
		v.QR, err = qrOf(made)
	}
	return pages.ShowSeat(v), err
}

// onSeat runs a change of a seat; refused, the seat's page says why.
func (s *Site) onSeat(c *fiber.Ctx, change func(tenants.ID[people.Seat], tenants.Version) (*people.Seat, string, error)) (Reply, error) {
	id := seatID(c)
	seat, err := s.People.Seat(c.UserContext(), id)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{To: "/" + c.Params("tenant") + "/people/" + string(id)}
	if !isAPI(c) {
		if reply.Again, err = s.seatPage(c, seat, ""); err != nil {
			return reply, err
		}
		reply.Since = sinceHistory(seat.Version, seat.ID, s.People.SeatHistory)
	}
	seen, err := seenVersion(c)
	if err != nil {
		return reply, err
	}
	seat, made, err := change(id, seen)
	if err != nil {
		return reply, err
	}
	switch {
	case made != "" && isAPI(c):
		return Reply{Body: madeLink{made}}, nil
	case made != "":
		if seat, err = s.People.Seat(c.UserContext(), id); err != nil {
			return Reply{}, err
		}
		page, err := s.seatPage(c, seat, made)
		return Reply{Page: page}, err
	}
	reply.Body, reply.Version = seat, seat.Version
	return reply, nil
}

func (s *Site) changeRoles(c *fiber.Ctx) (Reply, error) {
	return s.onSeat(c, func(id tenants.ID[people.Seat], seen tenants.Version) (*people.Seat, string, error) {
		in, err := read[people.Roles](c)
		if err != nil {
			return nil, "", err
		}
		seat, err := s.People.ChangeRoles(c.UserContext(), id, seen, in)
		return seat, "", err
	})
}

func (s *Site) setTerm(c *fiber.Ctx) (Reply, error) {
	return s.onSeat(c, func(id tenants.ID[people.Seat], seen tenants.Version) (*people.Seat, string, error) {
		in, err := read[people.Term](c)
		if err != nil {
			return nil, "", err
		}
		seat, err := s.People.SetTerm(c.UserContext(), id, seen, in)
		return seat, "", err
	})
}

func (s *Site) endSeat(c *fiber.Ctx) (Reply, error) {
	return s.onSeat(c, func(id tenants.ID[people.Seat], seen tenants.Version) (*people.Seat, string, error) {
		seat, err := s.People.EndSeat(c.UserContext(), id, seen)
		return seat, "", err
	})
}

func (s *Site) resetColleague(c *fiber.Ctx) (Reply, error) {
	return s.onSeat(c, func(id tenants.ID[people.Seat], seen tenants.Version) (*people.Seat, string, error) {
		link, err := s.People.ResetColleague(c.UserContext(), id, seen)
		return nil, link, err
	})
}
