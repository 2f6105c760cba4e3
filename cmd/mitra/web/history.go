package web

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// rows makes of journal entries what people read: without the system's own copies, and
// with names instead of ids, each kind of name in one read.
func (s *Site) rows(ctx context.Context, entries []tenants.Entry) ([]pages.HistoryRow, error) {
	shown := slices.DeleteFunc(slices.Clone(entries), func(e tenants.Entry) bool { return !pages.ForPeople(&e) })
	names, err := s.names(ctx, shown)
	if err != nil {
		return nil, err
	}
	w := words.From(ctx)
	list := make([]pages.HistoryRow, len(shown))
	for i, e := range shown {
		row := pages.HistoryRow{Entry: e, To: pages.RecordPath(e.Kind, e.Record), Who: names[string(e.Person)], Whose: names[string(e.Organisation)], Names: names}
		if row.Who == "" {
			row.Who = w.T("history.system")
		}
		if row.Title == "" {
			row.Title = names[e.Record]
		}
		if row.Title == "" {
			row.Title = w.T("kind." + e.Kind)
		}
		list[i] = row
	}
	return list, nil
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
func (s *Site) names(ctx context.Context, entries []tenants.Entry) (map[string]string, error) {
	a := askedOf()
	for _, e := range entries {
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
