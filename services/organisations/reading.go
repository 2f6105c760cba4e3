package organisations

import (
	"context"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Read is what was read of an organisation.
type Read string

// What is noted when somebody of another organisation reads it.
const (
	ReadProfile  Read = "profile"
	ReadDocument Read = "document"
)

// Reads lists them.
func Reads() []Read { return []Read{ReadProfile, ReadDocument} }

// UnmarshalText refuses what is none.
func (r *Read) UnmarshalText(text []byte) error { return fault.OneOf(r, text, Reads()) }

// Reading says that a person read what an organisation shows to agencies: once a day for
// each thing, at the first time. The organisation and the reader's own read it.
type Reading struct {
	tenants.Meta[Reading] `bson:",inline"`

	Organisation tenants.OrganisationID `json:"organisation"`
	Name         string                 `json:"name"`
	What         Read                   `json:"what"`
	// No is the version of the profile; Type the document's.
	No   int          `json:"no"`
	Type DocumentType `json:"type"`
	// Person and By are who read it, and for which organisation.
	Person tenants.PersonID       `json:"person"`
	By     tenants.OrganisationID `json:"by"`
	At     time.Time              `json:"at"`
}

// Check holds for every reading.
func (r *Reading) Check() error { return nil }

func readingKind() store.Kind[Reading] {
	return store.Kind[Reading]{
		Name: "readings", One: "reading", Prefix: "rg",
		Filters: []string{"organisation", "what"}, Sorts: []string{"-at"},
		Title: func(r *Reading) string { return r.Name },
	}
}

// note keeps that whoever acts read something of a member's, unless it is their own or a
// public body's. Its id follows from what, whom and the day, so a second time that day
// changes nothing. While the disk is full reading goes on, and is not noted.
func (s *Service) note(ctx context.Context, m *Member, r Reading, item string) error {
	a := tenants.ActorFrom(ctx)
	if a.Organisation == m.Organisation || m.Side == policies.Agency {
		return nil
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return err
	}
	sc := s.Gate.SystemAs(ctx, m.Tenant, policies.ReadPassport)
	r.ID = tenants.DeriveID[Reading]("rg", string(m.Tenant), string(m.Organisation), string(r.What), item, string(a.Person), string(a.Organisation), string(clocks.DayOf(sc.Now(), zone)))
	_, err = s.readings.Get(ctx, sc, r.ID)
	if err == nil || fault.KindOf(err) != fault.Missing {
		return err
	}
	r.Organisation, r.Name, r.Person, r.By, r.At = m.Organisation, m.Name, a.Person, a.Organisation, sc.Now()
	r.Readable(string(m.Organisation), string(a.Organisation))
	if _, err = s.readings.Add(ctx, sc, &r); err != nil && fault.CodeOf(err) == "disk_full" {
		return nil
	}
	return unlessThere(err)
}

func (s *Service) noteProfile(ctx context.Context, m *Member) error {
	return s.note(ctx, m, Reading{What: ReadProfile, No: m.SubmittedNo}, strconv.Itoa(m.SubmittedNo))
}

func (s *Service) noteDocument(ctx context.Context, m *Member, d *Document) error {
	return s.note(ctx, m, Reading{What: ReadDocument, Type: d.Type}, d.ID)
}

// ReadingCriteria narrow a list of readings.
type ReadingCriteria struct {
	What []Read `query:"what"`
}

type ownReadings struct {
	Organisation tenants.OrganisationID `where:"organisation,eq"`
	What         []Read                 `where:"what,in"`
}

// Readings lists who read what of one's own organisation, the latest first. Whoever reads
// its passport may.
func (s *Service) Readings(ctx context.Context, criteria ReadingCriteria, q store.Query) (*store.Page[Reading], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	return s.readings.List(ctx, sc, ownReadings{sc.Actor().Organisation, criteria.What}, q)
}
