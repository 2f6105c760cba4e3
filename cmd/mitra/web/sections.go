package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
)

// planHome is where a plan is written: a program in drafting, or an amendment of one.
type planHome struct {
	// path is the page of the record; tab the part of it that shows a section.
	path func(*fiber.Ctx) string
	tab  func(section string) string
	// open reads the record: the plan as it stands, who saved it since, and why an edit by
	// the reader would be refused.
	open func(*fiber.Ctx) (*writtenPlan, error)
	edit func(*fiber.Ctx, tenants.Version, programs.Section) (any, tenants.Version, error)
}

// writtenPlan is a plan in a form. Its program is the one in drafting, or stands for the
// text of an amendment.
type writtenPlan struct {
	program   *programs.Program
	amendment *programs.Amendment
	since     *since
	why       error
}

// sectionRoutes are the forms of a plan's sections and what they save.
func (s *Site) sectionRoutes(at, verb string, out any, home planHome) []Route {
	put := func(section string, in any, do func(*fiber.Ctx) (Reply, error)) []Route {
		return []Route{
			{Name: "show-" + verb + "-" + section, Method: fiber.MethodGet, Page: at + "/" + section, Do: s.showSection(home, section)},
			{Name: verb + "-" + section, Method: fiber.MethodPut, API: at + "/" + section, Page: at + "/" + section, Do: do, In: in, Out: out},
		}
	}
	var routes []Route
	for _, pair := range [][]Route{
		put("basics", programs.Basics{}, section[programs.Basics](s, home, "basics")),
		put("places", programs.Places{}, section[programs.Places](s, home, "places")),
		put("parties", programs.Parties{}, section[programs.Parties](s, home, "parties")),
		put("activities", programs.Activities{}, section[programs.Activities](s, home, "activities")),
		put("budget", programs.Budget{}, section[programs.Budget](s, home, "budget")),
		put("results", programs.Results{}, section[programs.Results](s, home, "results")),
		put("risks", programs.Risks{}, section[programs.Risks](s, home, "risks")),
	} {
		routes = append(routes, pair...)
	}
	return routes
}

// inProgram is a plan in its program.
func (s *Site) inProgram() planHome {
	return planHome{
		path: func(c *fiber.Ctx) string { return programPath(c, programID(c)) },
		tab: func(section string) string {
			switch section {
			case "results":
				return "?section=results"
			case "budget":
				return "?section=money"
			}
			return ""
		},
		open: func(c *fiber.Ctx) (*writtenPlan, error) {
			p, err := s.Programs.Read(c.UserContext(), programID(c))
			if err != nil {
				return nil, err
			}
			return &writtenPlan{program: p, since: sinceHistory(p.Version, p.ID, s.Programs.History), why: p.WhyNotEdit(actor(c))}, nil
		},
		edit: func(c *fiber.Ctx, seen tenants.Version, in programs.Section) (any, tenants.Version, error) {
			p, err := s.Programs.EditPlan(c.UserContext(), programID(c), seen, in)
			if err != nil {
				return nil, 0, err
			}
			return p, p.Version, nil
		},
	}
}

func (s *Site) sectionForm(ctx context.Context, of *writtenPlan, name string) (pages.Section, error) {
	partners, err := s.partners(ctx, policies.Sides()...)
	return pages.Section{Program: of.program, Amendment: of.amendment, Name: name, Partners: partners}, err
}

func (s *Site) showSection(home planHome, name string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		if _, err := s.Gate.Enter(c.UserContext(), policies.EditPlan); err != nil {
			return Reply{}, err
		}
		of, err := home.open(c)
		if err != nil {
			return Reply{}, err
		}
		if of.why != nil {
			return s.closedForm(c, of.program, "programs."+name, of.why), nil
		}
		form, err := s.sectionForm(c.UserContext(), of, name)
		return Reply{Page: pages.EditSection(form)}, err
	}
}

// section changes a part of a plan. Refused, the form comes back with what was typed;
// when somebody else was faster, with what they wrote beside it, and the version that
// the next try is made from.
func section[In programs.Section](s *Site, home planHome, name string) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: home.path(c) + home.tab(name)}
		if !isAPI(c) {
			if c.FormValue("more") != "" {
				reply.To = home.path(c) + "/" + name
			}
			of, err := home.open(c)
			if err != nil {
				return reply, err
			}
			form, err := s.sectionForm(c.UserContext(), of, name)
			if err != nil {
				return reply, err
			}
			reply.Again, reply.Since = pages.EditSection(form), of.since
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version, err = home.edit(c, seen, in)
		return reply, err
	}
}
