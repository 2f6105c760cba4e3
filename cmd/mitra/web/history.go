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

// recordPaths are where a record of a journal entry is shown.
var recordPaths = map[string]string{
	"program": "/programs/", "actual": "/actuals/", "seat": "/people/", "member": "/organisations/", "import": "/imports/",
	"form": "/forms/", "form_version": "/form-versions/", "due_diligence": "/due-diligence/", "flag": "/flags/", "settings_proposal": "/settings/proposals/",
}

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
		row := pages.HistoryRow{Entry: e, Who: names[string(e.Person)], Whose: names[string(e.Organisation)], Names: names}
		if row.Who == "" {
			row.Who = w.T("history.system")
		}
		if path := recordPaths[e.Kind]; path != "" {
			row.To = path + e.Record
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

// names are what the people and the organisations in entries are called.
func (s *Site) names(ctx context.Context, entries []tenants.Entry) (map[string]string, error) {
	persons, organisations := map[tenants.PersonID]bool{}, map[tenants.OrganisationID]bool{}
	var seats []tenants.ID[people.Seat]
	var invitations []tenants.ID[people.Invitation]
	note := func(text string) {
		switch text = strings.Trim(text, `"`); {
		case strings.HasPrefix(text, "ps_"):
			persons[tenants.PersonID(text)] = true
		case strings.HasPrefix(text, "og_"):
			organisations[tenants.OrganisationID(text)] = true
		}
	}
	for _, e := range entries {
		note(string(e.Person))
		note(string(e.Organisation))
		for _, c := range e.Changes {
			note(c.From)
			note(c.To)
		}
		switch e.Kind {
		case "seat":
			seats = append(seats, tenants.ID[people.Seat](e.Record))
		case "invitation":
			invitations = append(invitations, tenants.ID[people.Invitation](e.Record))
		}
	}
	names, err := s.People.Called(ctx, seats, invitations)
	if err != nil {
		return nil, err
	}
	of, err := s.Organisations.Names(ctx, slices.Collect(maps.Keys(organisations)))
	if err != nil {
		return nil, err
	}
	maps.Copy(names, of)
	if len(persons) > 0 {
		list, err := s.DB.Registry().Persons(ctx, slices.Collect(maps.Keys(persons)))
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			names[string(p.ID)] = p.Name
		}
	}
	return names, nil
}
