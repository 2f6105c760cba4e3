package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// activityRoutes are what happened in the tenant, and what its journal had come to.
func (s *Site) activityRoutes() []Route {
	return []Route{
		{Name: "activity", Method: fiber.MethodGet, API: "/:tenant/journal", Page: "/:tenant/activity", Do: s.activity, Out: listed[tenants.Entry]{}, Asked: paged[activityFilter]()},
		{Name: "journal-heads", Method: fiber.MethodGet, API: "/:tenant/journal/heads", Page: "/:tenant/journal/heads", Open: true, Do: s.journalHeads, Out: listed[audit.Head]{}, Asked: sorted[struct{}]()},
	}
}

// journalHeads gives everybody the heads of a tenant's journal.
func (s *Site) journalHeads(c *fiber.Ctx) (Reply, error) {
	_, q, err := query[struct{}](c)
	if err != nil {
		return Reply{}, err
	}
	tenant := tenants.TenantID(c.Params("tenant"))
	list, err := s.Audit.Heads(c.UserContext(), tenant, q)
	if err != nil {
		return Reply{}, err
	}
	of, err := s.People.Tenant(c.UserContext(), tenant)
	if err != nil {
		return Reply{}, err
	}
	v := pages.HeadsView{Tenant: string(tenant), Name: of.Name, Items: list.Items, Next: nextPage(c, list.Next)}
	return Reply{Body: list, Next: list.Next, Page: pages.Heads(v)}, nil
}

// activityFilter narrows what happened: to an organisation's doing or to a person's, and
// to days in the tenant's zone, of which both count.
type activityFilter struct {
	Organisation tenants.OrganisationID `query:"organisation"`
	Person       tenants.PersonID       `query:"person"`
	From         clocks.Day             `query:"from"`
	To           clocks.Day             `query:"to"`
}

func (s *Site) activity(c *fiber.Ctx) (Reply, error) {
	ctx := c.UserContext()
	sc, err := s.Gate.Enter(ctx, policies.ReadJournal)
	if err != nil {
		return Reply{}, err
	}
	filter, q, err := query[activityFilter](c)
	if err != nil {
		return Reply{}, err
	}
	calendar, err := s.Settings.Calendar(ctx, sc)
	if err != nil {
		return Reply{}, err
	}
	criteria := store.ActivityCriteria{Organisation: filter.Organisation, Person: filter.Person}
	if filter.From != "" {
		criteria.From = filter.From.Begins(calendar.Zone())
	}
	if filter.To != "" {
		criteria.Before = filter.To.Add(1).Begins(calendar.Zone())
	}
	page, err := s.DB.Activity(ctx, sc, criteria, q)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Body: page, Next: page.Next}
	if !isAPI(c) {
		reply.Page, err = s.activityPage(c, filter, page)
	}
	return reply, err
}

func (s *Site) activityPage(c *fiber.Ctx, filter activityFilter, page *entries) (func(*pages.Shown) templ.Component, error) {
	ctx := c.UserContext()
	past, err := s.past(ctx, page, nextPage(c, page.Next))
	if err != nil {
		return nil, err
	}
	v := pages.ActivityView{Past: past, From: filter.From, To: filter.To, Narrowed: filter != activityFilter{}}
	if filter.Person != "" {
		// Whom nothing readable is told of is not named: they may be of another tenant.
		v.Person, v.PersonName = filter.Person, words.From(ctx).T("history.somebody")
		for _, row := range past.Rows {
			if row.Person == filter.Person {
				v.PersonName = row.Who
			}
		}
		return pages.Activity(v), nil
	}
	if v.Organisations, err = s.partners(ctx, policies.Sides()...); err != nil {
		return nil, err
	}
	v.Organisations = v.Organisations[1:] // without "none of them"
	for i, o := range v.Organisations {
		v.Organisations[i].Chosen = o.Value == string(filter.Organisation)
	}
	return pages.Activity(v), nil
}
