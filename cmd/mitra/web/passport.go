package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// passportRoutes are what one's own organisation says of itself.
func (s *Site) passportRoutes(page string) []Route {
	const api = "/:tenant/passport"
	o := s.Organisations
	routes := []Route{
		{Name: "show-passport", Method: fiber.MethodGet, API: api, Page: page, Do: s.showPassport, Out: organisations.Passport{}},
		{Name: "passport-versions", Method: fiber.MethodGet, API: api + "/versions", Do: s.passportVersions, Out: listed[organisations.Version]{}},
		{Name: "passport-history", Method: fiber.MethodGet, API: api + "/history", Page: page + "/history", Do: s.history(func(c *fiber.Ctx, q store.Query) (*entries, error) {
			return s.Organisations.PassportHistory(c.UserContext(), q)
		}), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "attest-passport", Versioned: true, Method: fiber.MethodPost, API: api + "/attest", Page: page + "/attest", Do: passportChange(s, "", o.Attest), In: organisations.Attest{}, Out: organisations.Passport{}},
	}
	part := func(name string, in any, do func(*fiber.Ctx) (Reply, error)) {
		routes = append(routes,
			Route{Name: "show-edit-passport-" + name, Method: fiber.MethodGet, Page: page + "/" + name, Do: s.showPassportPart(name)},
			Route{Name: "edit-passport-" + name, Method: fiber.MethodPut, API: api + "/" + name, Page: page + "/" + name, Do: do, In: in, Out: organisations.Passport{}})
	}
	for _, section := range organisations.Sections() {
		edit := func(ctx context.Context, seen tenants.Version, in organisations.Edit) (*organisations.Passport, error) {
			return o.EditSection(ctx, section, seen, in)
		}
		part(string(section), organisations.Edit{}, passportChange(s, string(section), edit))
	}
	part("identifiers", organisations.Identifiers{}, passportChange(s, "identifiers", o.EditIdentifiers))
	part("persons", organisations.Persons{}, passportChange(s, "persons", o.EditPersons))
	return routes
}

func (s *Site) showPassport(c *fiber.Ctx) (Reply, error) {
	p, err := s.Organisations.Mine(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: p, Version: p.Version}
	if !isAPI(c) {
		reply.Page, err = s.passportPage(c, p)
	}
	return reply, err
}

func (s *Site) passportPage(c *fiber.Ctx, p *organisations.Passport) (func(*Shown) templ.Component, error) {
	ctx := c.UserContext()
	v := pages.PassportView{Passport: p}
	var err error
	if v.Member, err = s.Organisations.Own(ctx); err != nil {
		return nil, err
	}
	if v.Versions, err = s.Organisations.Versions(ctx); err != nil {
		return nil, err
	}
	past, err := s.Organisations.PassportHistory(ctx, store.Query{})
	if err != nil {
		return nil, err
	}
	v.History, err = s.latest(ctx, past, "/"+c.Params("tenant")+"/organisations/passport")
	return pages.ShowPassport(v), err
}

func (s *Site) passportVersions(c *fiber.Ctx) (Reply, error) {
	versions, err := s.Organisations.Versions(c.UserContext())
	return Reply{Body: listOf(versions)}, err
}

func (s *Site) showPassportPart(name string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		if _, err := s.Gate.Home(c.UserContext(), policies.EditPassport); err != nil {
			return Reply{}, err
		}
		p, err := s.Organisations.Mine(c.UserContext())
		return Reply{Page: pages.EditPassport(pages.PassportPart{Passport: p, Name: name})}, err
	}
}

// passportChange changes one's own passport. Refused, the form of the part comes back
// with what was typed, and with what somebody else wrote who was faster.
func passportChange[In any](
	s *Site, part string, change func(context.Context, tenants.Version, In) (*organisations.Passport, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: "/" + c.Params("tenant") + "/organisations/passport"}
		if !isAPI(c) {
			if part != "" && c.FormValue("more") != "" {
				reply.To += "/" + part
			}
			p, err := s.Organisations.Mine(c.UserContext())
			if err != nil {
				return reply, err
			}
			if reply.Again, err = s.passportAgain(c, p, part); err != nil {
				return reply, err
			}
			if part != "" {
				reply.Since = sinceHistory(p.Version, struct{}{}, func(ctx context.Context, _ struct{}, q store.Query) (*entries, error) {
					return s.Organisations.PassportHistory(ctx, q)
				})
			}
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		p, err := change(c.UserContext(), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = p, p.Version
		return reply, nil
	}
}

func (s *Site) passportAgain(c *fiber.Ctx, p *organisations.Passport, part string) (func(*Shown) templ.Component, error) {
	if part == "" {
		return s.passportPage(c, p)
	}
	return pages.EditPassport(pages.PassportPart{Passport: p, Name: part}), nil
}
