package web

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// settingsRoutes are what binds both sides: the terms, the calendar they make, and the
// proposals by which they change.
func (s *Site) settingsRoutes() []Route {
	const at = "/:tenant/settings"
	const all, one = at + "/proposals", at + "/proposals/:id"
	b := s.Settings
	routes := []Route{
		{Name: "show-settings", Method: fiber.MethodGet, API: at, Page: at, Do: s.showSettings, Out: tenants.Tenant{}},
		{Name: "edit-settings", Method: fiber.MethodPut, API: at, Page: at, Do: s.editSettings, In: people.Settings{}, Out: tenants.Tenant{}},
		{Name: "show-terms", Method: fiber.MethodGet, API: at + "/terms", Do: s.showTerms, Out: settings.Binding{}},
		{Name: "terms-history", Method: fiber.MethodGet, API: at + "/terms/history", Page: at + "/history", Do: s.termsHistory, Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "show-calendar", Method: fiber.MethodGet, Page: at + "/calendar", Do: s.showCalendar},
		{Name: "preview-holidays", Method: fiber.MethodPost, API: at + "/holidays/preview", Page: at + "/holidays/preview", Do: s.previewHolidays, In: settings.Rows{}, Out: settings.Preview{}},
		{Name: "add-holiday", Method: fiber.MethodPost, Page: at + "/holidays/add", Do: s.addHoliday},
		{Name: "list-settings-proposals", Method: fiber.MethodGet, API: all, Page: all, Do: s.listProposals, Out: listed[settings.Proposal]{}, Asked: sorted[settings.Criteria]()},
		{Name: "propose-settings", Creates: true, Method: fiber.MethodPost, API: all, Page: all, Do: s.proposeSettings, In: settings.Change{}, Out: settings.View{}},
		{Name: "show-settings-proposal", Method: fiber.MethodGet, API: one, Page: one, Do: s.showProposal, Out: settings.View{}},
		{Name: "settings-proposal-history", Method: fiber.MethodGet, API: one + "/history", Page: one + "/history", Do: s.history(ofRecord(proposalOf, s.Settings.ProposalHistory)), Out: listed[tenants.Entry]{}, Asked: paged[struct{}]()},
		{Name: "accept-settings-proposal", Method: fiber.MethodPost, API: one + "/accept", Page: one + "/accept", Do: proposalMove(s, b.Accept), In: settings.Acceptance{}, Out: settings.View{}},
		{Name: "refuse-settings-proposal", Method: fiber.MethodPost, API: one + "/refuse", Page: one + "/refuse", Do: proposalMove(s, b.Refuse), In: settings.Refusal{}, Out: settings.View{}},
		{Name: "withdraw-settings-proposal", Method: fiber.MethodPost, API: one + "/withdraw", Page: one + "/withdraw", Do: proposalMove(s, plain(b.Withdraw)), Out: settings.View{}},
	}
	for _, part := range settings.Parts() {
		routes = append(routes, Route{Name: "show-propose-" + string(part), Method: fiber.MethodGet, Page: at + "/propose/" + string(part), Do: s.showPropose(part)})
	}
	return routes
}

func settingsPath(c *fiber.Ctx) string { return "/" + c.Params("tenant") + "/settings" }

func (s *Site) showSettings(c *fiber.Ctx) (Reply, error) {
	t, err := s.People.TenantSettings(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: t, Version: t.Version}
	if !isAPI(c) {
		reply.Page, err = s.settingsPage(c, t)
	}
	return reply, err
}

// settingsPage gathers what is agreed on and what waits.
func (s *Site) settingsPage(c *fiber.Ctx, t *tenants.Tenant) (func(*Shown) templ.Component, error) {
	v := pages.SettingsView{Tenant: t}
	var err error
	if v.Agreed, v.Calendar, err = s.Settings.Agreed(c.UserContext()); err != nil {
		return nil, err
	}
	waiting, err := s.Settings.Proposals(c.UserContext(), settings.Criteria{State: []settings.State{settings.Waiting}}, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	v.Waiting = waiting.Items
	return pages.ShowSettings(v), nil
}

func (s *Site) editSettings(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if !isAPI(c) {
		t, err := s.People.TenantSettings(c.UserContext())
		if err != nil {
			return reply, err
		}
		if reply.Again, err = s.settingsPage(c, t); err != nil {
			return reply, err
		}
		reply.Since = &since{t.Version, func(_ context.Context, seen tenants.Version) ([]saver, error) {
			if t.SavedIn <= seen {
				return nil, nil // what both sides agreed on is settled, and nobody saved it here
			}
			return []saver{{t.SavedBy, t.SavedAt}}, nil
		}}
	}
	in, seen, err := readAt[people.Settings](c)
	if err != nil {
		return reply, err
	}
	t, err := s.People.EditTenant(c.UserContext(), seen, in)
	if err != nil {
		return reply, err
	}
	return Reply{Body: t, Version: t.Version, To: settingsPath(c)}, nil
}

func (s *Site) showTerms(c *fiber.Ctx) (Reply, error) {
	b, _, err := s.Settings.Agreed(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: b, Version: b.Version}, nil
}

func (s *Site) termsHistory(c *fiber.Ctx) (Reply, error) {
	_, q, err := query[struct{}](c)
	if err != nil {
		return Reply{}, err
	}
	page, err := s.Settings.History(c.UserContext(), q)
	if err != nil {
		return Reply{}, err
	}
	past, err := s.past(c.UserContext(), page, nextPage(c, page.Next))
	for i, row := range past.Rows {
		past.Rows[i].To = proposalBehind(row.Entry)
	}
	return Reply{Body: page, Next: page.Next, Page: pages.TermsHistory(past)}, err
}

// proposalBehind is where the proposal is shown that an entry of the terms is of; "" where
// the entry does not keep it, or nothing was proposed.
func proposalBehind(e tenants.Entry) string {
	for _, d := range e.Changes {
		if id, err := strconv.Unquote(d.To); d.Path == "proposal" && err == nil && id != "" {
			return pages.RecordPath("settings_proposal", id)
		}
	}
	return ""
}

func (s *Site) showCalendar(c *fiber.Ctx) (Reply, error) {
	_, calendar, err := s.Settings.Agreed(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	today := calendar.DayOf(s.Gate.Now())
	return Reply{Page: pages.ShowMonth(pages.MonthView{Calendar: calendar, Today: today, First: firstOfMonth(c.Query("month"), today)})}, nil
}

// firstOfMonth reads "2026-11"; anything else, or a year nobody plans for, is the month of
// today.
func firstOfMonth(text string, today clocks.Day) clocks.Day {
	first, err := clocks.ParseDay(text + "-01")
	if err != nil || first.Before("2000-01-01") || first.After("2100-12-31") {
		y, m, _ := today.Date()
		first = clocks.DayOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	}
	return first
}

func (s *Site) showPropose(part settings.Part) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeSettings); err != nil {
			return Reply{}, err
		}
		page, err := s.proposeForm(c, part)
		return Reply{Page: page}, err
	}
}

func (s *Site) proposeForm(c *fiber.Ctx, part settings.Part) (func(*Shown) templ.Component, error) {
	b, _, err := s.Settings.Agreed(c.UserContext())
	if err != nil {
		return nil, err
	}
	return pages.Propose(pages.ProposeView{Agreed: b, Part: part}), nil
}

func (s *Site) proposeSettings(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeSettings); err != nil {
		return reply, err
	}
	in, err := read[settings.Change](c)
	if !isAPI(c) {
		var failed error
		if reply.Again, failed = s.proposeAgain(c, in); failed != nil {
			return reply, failed
		}
	}
	if err != nil {
		return reply, err
	}
	p, err := s.Settings.Propose(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Version, reply.Created, reply.To = p, p.Version, proposalPath(c, p.ID), proposalPath(c, p.ID)
	return reply, nil
}

// proposeAgain is the form from which a proposal was sent: for days off, the preview.
func (s *Site) proposeAgain(c *fiber.Ctx, in settings.Change) (func(*Shown) templ.Component, error) {
	var part settings.Part
	if part.UnmarshalText([]byte(c.FormValue("parts"))) != nil || part == "" {
		part = settings.Zone
	}
	if part != settings.Holidays {
		return s.proposeForm(c, part)
	}
	rows := make([]clocks.HolidayRow, len(in.Holidays))
	for i, h := range in.Holidays {
		rows[i].Holiday = h
	}
	b, _, err := s.Settings.Agreed(c.UserContext())
	if err != nil {
		return nil, err
	}
	v := &settings.Preview{}
	v.Fates, v.Holidays = clocks.Preview(b.Holidays, rows, true)
	return pages.PreviewHolidays(v), nil
}

func proposalOf(c *fiber.Ctx) settings.ID { return settings.ID(c.Params("id")) }

func proposalPath(c *fiber.Ctx, id settings.ID) string {
	return settingsPath(c) + "/proposals/" + string(id)
}

func (s *Site) listProposals(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[settings.Criteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Settings.Proposals(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	v := pages.ProposalList{Items: list.Items, State: first(criteria.State), Next: nextPage(c, list.Next), Total: words.From(c.UserContext()).N("settings.proposals_count", int64(list.Count.N))}
	return Reply{Body: list, Next: list.Next, Page: pages.Proposals(v)}, nil
}

func (s *Site) showProposal(c *fiber.Ctx) (Reply, error) {
	p, err := s.Settings.Read(c.UserContext(), proposalOf(c))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: p, Version: p.Version}
	if !isAPI(c) {
		reply.Page, err = s.proposalPage(c, p)
	}
	return reply, err
}

func (s *Site) proposalPage(c *fiber.Ctx, p *settings.View) (func(*Shown) templ.Component, error) {
	ctx := c.UserContext()
	page, err := s.Settings.ProposalHistory(ctx, p.ID, store.Query{})
	if err != nil {
		return nil, err
	}
	v := pages.ProposalView{View: p}
	if v.History, err = s.latest(ctx, page, proposalPath(c, p.ID)); err != nil {
		return nil, err
	}
	ids := []tenants.PersonID{}
	for _, yes := range p.Accord.Acceptances {
		ids = append(ids, yes.Person)
	}
	persons, err := s.DB.Registry().Persons(ctx, ids)
	if err != nil {
		return nil, err
	}
	v.Names = map[tenants.PersonID]string{}
	for _, person := range persons {
		v.Names[person.ID] = person.Name
	}
	return pages.ShowProposal(v), nil
}

// proposalMove runs a move of a proposal. Refused, people see the proposal with the reason.
func proposalMove[In any](
	s *Site, move func(context.Context, settings.ID, tenants.Version, In) (*settings.View, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		reply := Reply{To: proposalPath(c, proposalOf(c))}
		if !isAPI(c) {
			p, err := s.Settings.Read(c.UserContext(), proposalOf(c))
			if err != nil {
				return reply, err
			}
			if reply.Again, err = s.proposalPage(c, p); err != nil {
				return reply, err
			}
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		p, err := move(c.UserContext(), proposalOf(c), seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = p, p.Version
		return reply, nil
	}
}
