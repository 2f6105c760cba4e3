package exchange

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// asImported is what programs an activity makes, by each language in which it says
// something: a part of a program that is as one of them has it was not changed here.
func asImported(a *iati.Activity) []programs.Import {
	if a.Identifier == "" {
		return nil
	}
	languages := []string{"id", "en"}
	for _, text := range a.Titles {
		if !slices.Contains(languages, text.Lang) {
			languages = append(languages, text.Lang)
		}
	}
	var list []programs.Import
	for _, language := range languages {
		if in, _, err := programOf(a, language); err == nil {
			list = append(list, in)
		}
	}
	return list
}

// exportedActivity brings an activity to what its program says.
type exportedActivity struct {
	*exporting
	p     *programs.Published
	a     *iati.Activity
	known []programs.Import
	// changed says that some part is not as its file said it.
	changed bool
	// here are transactions that were accepted here.
	here []iati.Transaction
}

// unchanged says that a part of the program is as its file said it.
func (e *exportedActivity) unchanged(part func(programs.Import) any, now any) bool {
	type compared struct {
		Part any `json:"part"`
	}
	for _, in := range e.known {
		if differences, more, err := store.Differences(compared{part(in)}, compared{now}); err == nil && len(differences)+more == 0 {
			return true
		}
	}
	e.changed = true
	return false
}

func (e *exportedActivity) texts(text string) iati.Texts {
	if text == "" {
		return nil
	}
	return iati.Texts{{Lang: e.a.Lang, Text: text}}
}

func (e *exportedActivity) fill(ctx context.Context) error {
	if err := e.identify(ctx); err != nil {
		return err
	}
	if !e.unchanged(func(in programs.Import) any { return in.State }, e.p.State) {
		e.a.Status = statusOf(e.p.State)
	}
	if !e.unchanged(func(in programs.Import) any { return in.Title }, e.p.Title) {
		e.a.Titles = e.texts(e.p.Title)
	}
	if !e.unchanged(func(in programs.Import) any { return in.Purpose }, e.p.Purpose) {
		e.a.Descriptions = []iati.Description{{Type: "1", Texts: e.texts(cmp.Or(e.p.Purpose, e.p.Title))}}
	}
	if !e.unchanged(func(in programs.Import) any { return [2]clocks.Day{in.From, in.To} }, [2]clocks.Day{e.p.From, e.p.To}) {
		e.a.Dates = e.dates()
	}
	if !e.unchanged(func(in programs.Import) any { return in.Plan.Places }, e.p.Places) {
		e.places()
	}
	parties := e.unchanged(func(in programs.Import) any { return in.Plan.Parties }, e.p.Parties)
	if err := e.participants(ctx, !parties); err != nil {
		return err
	}
	if !e.unchanged(func(in programs.Import) any { return in.Plan.Budget }, e.p.Budget) {
		e.budgets()
	}
	e.results()
	e.spent()
	if e.changed {
		e.a.LastUpdated = e.p.UpdatedAt.UTC().Format(time.RFC3339)
	}
	return e.transactions(ctx)
}

// identify names the activity and who reports it: its file's names, else those of the lead
// of the agency's side.
func (e *exportedActivity) identify(ctx context.Context) error {
	if e.a.Identifier != "" {
		return nil
	}
	e.changed = true
	e.a.Lang = e.language()
	lead := e.p.LeadOf(policies.Agency)
	if lead == nil {
		lead = &programs.Lead{Name: e.p.Title}
	}
	ref, err := e.orgID(ctx, lead.Organisation)
	if err != nil {
		return err
	}
	ref = cmp.Or(ref, string(e.scope.Tenant()))
	e.a.Identifier = cmp.Or(e.p.IATIIdentifier, ref+"-"+string(e.p.ID))
	e.a.Reporting = &iati.ReportingOrg{Org: iati.Org{Ref: ref, Type: government, Names: e.texts(lead.Name)}}
	return nil
}

// Kinds of organisations by the code list OrganisationType.
const (
	government  = "10"
	nationalNGO = "22"
)

// statusOf is the way back of stateOf.
func statusOf(s programs.State) iati.Status {
	switch s {
	case programs.Active, programs.Closing:
		return iati.Implementing
	case programs.Suspended:
		return iati.Suspended
	case programs.Closed:
		return iati.Closed
	case programs.EndedEarly, programs.Abandoned:
		return iati.Cancelled
	case programs.Drafting, programs.BothAccepted:
	}
	return iati.Pipeline
}

// dates are the planned ones, and the actual ones of what has begun and ended.
func (e *exportedActivity) dates() []iati.Date {
	var list []iati.Date
	add := func(kind iati.DateType, day clocks.Day) {
		if day != "" {
			list = append(list, iati.Date{Type: kind, Day: day})
		}
	}
	today := clocks.DayOf(e.scope.Now(), time.UTC)
	add(iati.PlannedStart, cmp.Or(e.p.From, clocks.DayOf(e.p.CreatedAt, time.UTC)))
	if begun := e.p.State != programs.Drafting && e.p.State != programs.BothAccepted; begun && !e.p.From.After(today) {
		add(iati.ActualStart, e.p.From)
	}
	add(iati.PlannedEnd, e.p.To)
	if e.p.State == programs.Closed && !e.p.To.After(today) {
		add(iati.ActualEnd, e.p.To)
	}
	return list
}

// places are locations where they are known by name or point, and countries.
func (e *exportedActivity) places() {
	e.a.Locations, e.a.Countries = nil, nil
	for _, place := range e.p.Places {
		l := iati.Location{Ref: place.ID, Names: e.texts(place.Name)}
		latitude, err1 := strconv.ParseFloat(place.Latitude, 64)
		longitude, err2 := strconv.ParseFloat(place.Longitude, 64)
		if err1 == nil && err2 == nil {
			l.Point = &iati.Point{Latitude: latitude, Longitude: longitude}
		}
		if place.Name != "" || l.Point != nil {
			e.a.Locations = append(e.a.Locations, l)
		}
		known := slices.ContainsFunc(e.a.Countries, func(s iati.Share) bool { return s.Code == place.Country })
		if place.Country != "" && !known {
			e.a.Countries = append(e.a.Countries, iati.Share{Coded: iati.Coded{Code: place.Country}})
		}
	}
}

// participants are the parties that the standard has a role for, and the leads where they
// are not among them.
func (e *exportedActivity) participants(ctx context.Context, anew bool) error {
	if anew {
		e.a.Participants = nil
		for _, party := range e.p.Parties {
			for role, ours := range partyRoles {
				if ours != party.Role {
					continue
				}
				if err := e.participant(ctx, party.Organisation, party.Name, role, ""); err != nil {
					return err
				}
			}
		}
	}
	for _, side := range []policies.Side{policies.Agency, policies.CSO} {
		lead := e.p.LeadOf(side)
		if lead == nil || slices.ContainsFunc(e.a.Participants, func(p iati.Participant) bool { return p.Names.In(e.a.Lang) == lead.Name }) {
			continue
		}
		role, kind := iati.Accountable, government
		if side == policies.CSO {
			role, kind = iati.Implementer, nationalNGO
		}
		e.changed = true
		if err := e.participant(ctx, lead.Organisation, lead.Name, role, kind); err != nil {
			return err
		}
	}
	return nil
}

func (e *exportedActivity) participant(ctx context.Context, id tenants.OrganisationID, name string, role iati.Role, kind string) error {
	ref, err := e.orgID(ctx, id)
	e.a.Participants = append(e.a.Participants, iati.Participant{Org: iati.Org{Ref: ref, Type: kind, Names: e.texts(name)}, Role: role})
	return err
}

// budgets are the lines, each over its fiscal year as far as the program lasts in it.
func (e *exportedActivity) budgets() {
	e.a.Budgets = nil
	for _, line := range e.p.Budget {
		from, to := e.fiscalYear(line.FiscalYear)
		e.a.Budgets = append(e.a.Budgets, iati.Budget{
			Type: iati.OriginalBudget, Status: iati.Committed, From: from, To: to, Value: iati.Value{Money: line.Amount, Day: from},
		})
		if e.a.DefaultCurrency == "" {
			e.a.DefaultCurrency = line.Amount.Currency
		}
	}
}

// fiscalYear is the part of a year in which the program lasts, or its whole period where
// that is no year.
func (e *exportedActivity) fiscalYear(text string) (from, to clocks.Day) {
	from, to = cmp.Or(e.p.From, clocks.DayOf(e.p.CreatedAt, time.UTC)), cmp.Or(e.p.To, clocks.DayOf(e.p.UpdatedAt, time.UTC))
	year, err := strconv.Atoi(text)
	if err != nil || year < 1900 || year > 9999 {
		return from, max(from, to)
	}
	first, last := clocks.Day(text+"-01-01"), clocks.Day(text+"-12-31")
	if first.After(to) || last.Before(from) {
		return first, last
	}
	return max(first, from), min(last, to)
}

// spent adds what was accepted as spent here to the file's transactions, as expenditure on
// the last day of its period.
func (e *exportedActivity) spent() {
	for _, actual := range e.p.Actuals {
		if actual.Line == "" || actual.Spent == nil {
			continue
		}
		e.changed = true
		e.here = append(e.here, iati.Transaction{
			Ref: string(actual.ID), Type: iati.Expenditure, Day: actual.To, Value: iati.Value{Money: *actual.Spent, Day: actual.To}, Description: e.texts(actual.Title),
		})
	}
}

// transactions are the file's, and after them those from here. Where the file was too long
// to be kept whole they are made anew from the ledger.
func (e *exportedActivity) transactions(ctx context.Context) error {
	defer func() { e.a.Transactions = append(e.a.Transactions, e.here...) }()
	if e.p.Source == nil || e.p.Source.Transactions == 0 || len(e.a.Transactions) > 0 {
		return nil
	}
	rows := 0
	for no := 0; rows < e.p.Source.Transactions; no++ {
		part, err := e.service.Programs.LedgerOf(ctx, e.scope, e.p.ID, no)
		if err != nil {
			return err
		}
		for _, row := range part.Rows {
			if row.Kind != "transaction" {
				continue
			}
			rows++
			e.a.Transactions = append(e.a.Transactions, iati.Transaction{
				Type: iati.TransactionType(row.Type), Day: row.From, Value: iati.Value{Money: row.Amount, Day: row.From},
				Description: e.texts(row.Text), Provider: e.named(row.Provider), Receiver: e.named(row.Receiver),
			})
		}
		if len(part.Rows) == 0 {
			return nil
		}
	}
	return nil
}

func (e *exportedActivity) named(name string) *iati.Org {
	if name == "" {
		return nil
	}
	return &iati.Org{Names: e.texts(name)}
}
