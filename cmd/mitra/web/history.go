package web

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// entries is a page of a journal, or of one record's part of it.
type entries = store.Page[tenants.Entry]

// history serves what happened to one record, to its beginning: a page at a time.
func (s *Site) history(read func(*fiber.Ctx, store.Query) (*entries, error)) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		_, q, err := query[struct{}](c)
		if err != nil {
			return Reply{}, err
		}
		page, err := read(c, q)
		if err != nil {
			return Reply{}, err
		}
		reply := Reply{Body: page, Next: page.Next}
		if !isAPI(c) {
			past, err := s.past(c.UserContext(), page, nextPage(c, page.Next))
			if err != nil {
				return reply, err
			}
			reply.Page = pages.Story(strings.TrimSuffix(c.Path(), "/history"), past)
		}
		return reply, nil
	}
}

// ofRecord reads the history of the record that the path names.
func ofRecord[ID any](id func(*fiber.Ctx) ID, read func(context.Context, ID, store.Query) (*entries, error)) func(*fiber.Ctx, store.Query) (*entries, error) {
	return func(c *fiber.Ctx, q store.Query) (*entries, error) { return read(c.UserContext(), id(c), q) }
}

// latest is the first part of a history, as the page of its record shows it; the rest is
// below the record's own address.
func (s *Site) latest(ctx context.Context, page *entries, record string) (pages.Past, error) {
	older := ""
	if page.Next != nil {
		older = record + "/history?cursor=" + escapeQuery(*page.Next)
	}
	return s.past(ctx, page, older)
}

// past makes of a page of a journal what people read. older is where they read on.
func (s *Site) past(ctx context.Context, page *entries, older string) (pages.Past, error) {
	rows, err := s.rows(ctx, page.Items)
	return pages.Past{Rows: rows, Older: older}, err
}

// rows makes of journal entries what people read: without the system's own copies, and
// with names instead of ids, each kind of name in one read.
func (s *Site) rows(ctx context.Context, list []*tenants.Entry) ([]pages.HistoryRow, error) {
	shown := slices.DeleteFunc(slices.Clone(list), func(e *tenants.Entry) bool { return !pages.ForPeople(e) })
	names, err := s.names(ctx, shown)
	if err != nil {
		return nil, err
	}
	w := words.From(ctx)
	rows := make([]pages.HistoryRow, len(shown))
	for i, e := range shown {
		row := pages.HistoryRow{Entry: *e, To: pages.RecordPath(e.Kind, e.Record), Who: names[string(e.Person)], Whose: names[string(e.Organisation)], Names: names}
		if row.Who == "" {
			row.Who = w.T("history.system")
		}
		if row.Title == "" {
			row.Title = names[e.Record]
		}
		if row.Title == "" {
			row.Title = w.T("kind." + e.Kind)
		}
		rows[i] = row
	}
	return rows, nil
}

// asked are the ids whose names somebody wants.
type asked struct {
	persons       map[tenants.PersonID]bool
	organisations map[tenants.OrganisationID]bool
	seats         []tenants.ID[people.Seat]
	invitations   []tenants.ID[people.Invitation]
}

func (a *asked) note(text string) {
	switch text = strings.Trim(text, `"`); {
	case strings.HasPrefix(text, "ps_"):
		a.persons[tenants.PersonID(text)] = true
	case strings.HasPrefix(text, "og_"):
		a.organisations[tenants.OrganisationID(text)] = true
	}
}

func askedOf(ids ...string) *asked {
	a := &asked{persons: map[tenants.PersonID]bool{}, organisations: map[tenants.OrganisationID]bool{}}
	for _, id := range ids {
		a.note(id)
	}
	return a
}

// called is what persons and organisations are called, by id, each kind in one read.
func (s *Site) called(ctx context.Context, ids ...string) (map[string]string, error) {
	return s.look(ctx, askedOf(ids...))
}

// names are what the people and the organisations in entries are called.
func (s *Site) names(ctx context.Context, list []*tenants.Entry) (map[string]string, error) {
	a := askedOf()
	for _, e := range list {
		a.note(string(e.Person))
		a.note(string(e.Organisation))
		for _, c := range e.Changes {
			a.note(c.From)
			a.note(c.To)
		}
		switch e.Kind {
		case "seat":
			a.seats = append(a.seats, tenants.ID[people.Seat](e.Record))
		case "invitation":
			a.invitations = append(a.invitations, tenants.ID[people.Invitation](e.Record))
		}
	}
	return s.look(ctx, a)
}

func (s *Site) look(ctx context.Context, a *asked) (map[string]string, error) {
	names, err := s.People.Called(ctx, a.seats, a.invitations)
	if err != nil {
		return nil, err
	}
	of, err := s.Organisations.Names(ctx, slices.Collect(maps.Keys(a.organisations)))
	if err != nil {
		return nil, err
	}
	maps.Copy(names, of)
	if len(a.persons) > 0 {
		list, err := s.DB.Registry().Persons(ctx, slices.Collect(maps.Keys(a.persons)))
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			names[string(p.ID)] = p.Name
		}
	}
	return names, nil
}
