package organisations

import (
	"context"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Replaced is the state of a document's expiry that its organisation's last submission does
// not hold any more.
const Replaced DocumentState = "replaced"

// ExpiryStates lists the states of an expiry.
func ExpiryStates() []DocumentState {
	return []DocumentState{DocumentValid, DocumentExpiring, DocumentExpired, Replaced}
}

// UnmarshalText refuses what is none.
func (s *DocumentState) UnmarshalText(text []byte) error { return fault.OneOf(s, text, ExpiryStates()) }

// Expiry follows one document that a member submitted to its last day: the clock says when
// that is near and when it is over, and people are told. Its organisation and the tenant's
// agencies read it.
type Expiry struct {
	tenants.Meta[Expiry] `bson:",inline"`

	State        DocumentState          `json:"state"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Member       tenants.ID[Member]     `json:"member"`
	Name         string                 `json:"name"`
	Document     string                 `json:"document"`
	Type         DocumentType           `json:"type"`
	ExpiresOn    clocks.Day             `json:"expires_on"`
}

// Check holds for every expiry: it is only ever copied from a document.
func (e *Expiry) Check() error { return nil }

func expiryKind() store.Kind[Expiry] {
	return store.Kind[Expiry]{
		Name: "document_expiries", One: "document_expiry", Prefix: "dx",
		Filters: []string{"organisation", "state"}, Sorts: []string{"expires_on"},
		Title: func(e *Expiry) string { return e.Name },
	}
}

// pass makes the state that of a day, and sets when it changes next.
func (e *Expiry) pass(now time.Time, zone *time.Location) {
	e.WakeAt = nil
	if e.State == Replaced {
		return
	}
	e.State = documentState(e.ExpiresOn, clocks.DayOf(now, zone))
	var next time.Time
	switch e.State {
	case DocumentValid:
		next = e.ExpiresOn.Add(-expiresSoon).Begins(zone)
	case DocumentExpiring:
		next = e.ExpiresOn.Add(1).Begins(zone)
	case DocumentExpired, Replaced:
		return
	}
	e.WakeAt = &next
}

// wakeExpiry is the clock's move.
func (s *Service) wakeExpiry(ctx context.Context, sc tenants.Scope, e *Expiry) error {
	zone, err := s.zoneOf(ctx, sc.Tenant())
	if err != nil {
		return err
	}
	_, err = s.expiries.Amend(ctx, sc, e.ID, func(e *Expiry) error { e.pass(sc.Now(), zone); return nil })
	return err
}

// followExpiries follows the documents of what a member submits, and lets go of those that
// it does not hold. Ids follow from the documents, so doing it twice is doing it once.
func (s *Service) followExpiries(ctx context.Context, m *Member, c Content) error {
	sc := s.Gate.SystemAs(ctx, m.Tenant, policies.SubmitVerification)
	zone, err := s.zoneOf(ctx, m.Tenant)
	if err != nil {
		return err
	}
	agencies, err := s.agencies(ctx, sc)
	if err != nil {
		return err
	}
	before, err := s.expiriesOf(ctx, sc, m.Organisation)
	if err != nil {
		return err
	}
	for _, e := range before {
		if d := c.Document(e.Document); d != nil && d.ExpiresOn != "" || e.State == Replaced {
			continue
		}
		if _, err := s.expiries.Amend(ctx, sc, e.ID, func(e *Expiry) error { e.State = Replaced; e.pass(sc.Now(), zone); return nil }); err != nil {
			return err
		}
	}
	for _, d := range c.Documents {
		if d.ExpiresOn == "" {
			continue
		}
		e := &Expiry{Organisation: m.Organisation, Member: m.ID, Name: m.Name, Document: d.ID, Type: d.Type, ExpiresOn: d.ExpiresOn}
		e.ID = tenants.DeriveID[Expiry]("dx", string(m.Tenant), string(m.Organisation), d.ID)
		e.pass(sc.Now(), zone)
		e.Readable(append(agencies, string(m.Organisation))...)
		_, err := s.expiries.Add(ctx, sc, e)
		if err == nil {
			continue
		}
		if fault.KindOf(err) != fault.Conflict {
			return err
		}
		again := *e
		if _, err := s.expiries.Amend(ctx, sc, e.ID, func(e *Expiry) error {
			e.State, e.Type, e.ExpiresOn, e.Name = again.State, again.Type, again.ExpiresOn, again.Name
			e.pass(sc.Now(), zone)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

type expiriesBy struct {
	Organisation tenants.OrganisationID `where:"organisation,eq"`
	State        []DocumentState        `where:"state,in"`
}

func (s *Service) expiriesOf(ctx context.Context, sc tenants.Scope, of tenants.OrganisationID) ([]*Expiry, error) {
	return s.expiries.Some(ctx, sc, expiriesBy{Organisation: of}, "", work.Most)
}

// ExpiryCriteria narrow a list of expiries.
type ExpiryCriteria struct {
	Organisation []tenants.OrganisationID `where:"organisation,in" query:"organisation"`
	State        []DocumentState          `where:"state,in" query:"state"`
}

// Expiries lists until when documents are good, the first to end first. Agencies read all,
// an organisation its own.
func (s *Service) Expiries(ctx context.Context, criteria ExpiryCriteria, q store.Query) (*store.Page[Expiry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	page, err := s.expiries.List(ctx, sc, criteria, q)
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		e.pass(sc.Now(), zone)
	}
	return page, nil
}

// Expiry gives one. Its organisation and agencies may.
func (s *Service) Expiry(ctx context.Context, id tenants.ID[Expiry]) (*Expiry, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	e, err := s.expiries.Get(ctx, sc, id)
	if err == nil {
		e.pass(sc.Now(), zone)
	}
	return e, err
}

// documentsAsked are documents of one's own organisation to renew.
func (s *Service) documentsAsked(ctx context.Context, sc tenants.Scope, today clocks.Day) ([]work.Item, error) {
	if !s.Gate.May(ctx, policies.EditPassport) {
		return nil, nil
	}
	list, err := s.expiriesOf(ctx, sc, sc.Actor().Organisation)
	var items []work.Item
	for _, e := range list {
		if state := documentState(e.ExpiresOn, today); e.State == Replaced || state == DocumentValid {
			continue
		}
		items = append(items, work.Item{
			Ask: work.RenewDocument, Kind: "document_expiry", Record: string(e.ID), Title: e.Name, Parts: []string{string(e.Type)},
			Since: e.UpdatedAt, Due: e.ExpiresOn,
		})
	}
	return items, err
}

// concerned says who is told that a document's last day is near or over: its organisation,
// and agencies that check verifications when it is over.
func (e *Expiry) concerned(entry tenants.Entry) []work.Concern {
	own := work.Concern{Organisation: e.Organisation, May: []policies.Action{policies.EditPassport}}
	switch DocumentState(work.Became(entry, "state")) {
	case DocumentExpiring:
		own.Told = work.DocumentExpiring
		return []work.Concern{own}
	case DocumentExpired:
		own.Told = work.DocumentExpired
		return []work.Concern{own, {Told: work.DocumentExpired, Side: policies.Agency, Except: e.Organisation, May: []policies.Action{policies.CheckVerification}}}
	case DocumentValid, Replaced:
	}
	return nil
}

// shareExpiries lets an agency that joined read them.
func (s *Service) shareExpiries(ctx context.Context, sc tenants.Scope, agency tenants.OrganisationID) error {
	for e, err := range s.expiries.Each(ctx, sc, nil) {
		if err != nil {
			return err
		}
		if slices.Contains(e.Audience, string(agency)) {
			continue
		}
		if _, err := s.expiries.Amend(ctx, sc.As("share/"+string(agency)), e.ID, func(e *Expiry) error { e.Readable(string(agency)); return nil }); err != nil {
			return err
		}
	}
	return nil
}
