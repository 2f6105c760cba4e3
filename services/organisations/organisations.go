// Package organisations keeps what an organisation says of itself, and what a tenant
// has checked of it. Annex: grants.md §4 (Organisation, OrgProfileVersion, Verification,
// DueDiligence, RiskFlag).
//
// A Passport lives in the commons and belongs to its organisation alone: nobody else
// reads it. What a signatory attests is frozen as a Version. When the organisation
// submits to a tenant, that version is copied there (Profile), where the tenant's
// agencies read it; the profile of an agency, which is a public body, is read by every
// seat. A Member is the tenant's own record of the organisation: its name, its side and
// how far its verification is. Every seat of the tenant reads that.
//
// An organisation is verified by two different people of agencies that are not itself:
// an agency by another agency of the tenant.
//
// A DueDiligence is an agency's closer look by a form; a Flag is a concern that an agency
// records. Both are the tenant's. The organisation reads them before any other agency
// does, and has its say first: what others read carries its reply, or the date on which
// it was asked.
package organisations

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/uploads"
)

// Config is what the service stands on.
type Config struct {
	DB     *store.DB
	Gate   *tenants.Gate
	People *people.Service
	Forms  *forms.Service
	// Files keeps what documents are on.
	Files *uploads.Store
}

// Service answers for passports and for the members of tenants.
type Service struct {
	Config
	passports *store.Collection[Passport, *Passport]
	versions  *store.Collection[Version, *Version]
	members   *store.Collection[Member, *Member]
	profiles  *store.Collection[Profile, *Profile]
	diligence *store.Collection[DueDiligence, *DueDiligence]
	flags     *store.Collection[Flag, *Flag]
	expiries  *store.Collection[Expiry, *Expiry]
	readings  *store.Collection[Reading, *Reading]
}

// Open declares the collections.
func Open(cfg Config) *Service {
	s := &Service{Config: cfg}
	s.passports = store.Open[Passport, *Passport](cfg.DB, passportKind())
	s.versions = store.Open[Version, *Version](cfg.DB, versionKind())
	kind := memberKind()
	kind.Wake = s.wake
	s.members = store.Open[Member, *Member](cfg.DB, kind)
	s.profiles = store.Open[Profile, *Profile](cfg.DB, profileKind())
	looks := diligenceKind()
	looks.Wake = s.wakeDiligence
	s.diligence = store.Open[DueDiligence, *DueDiligence](cfg.DB, looks)
	concerns := flagKind()
	concerns.Wake = s.wakeFlag
	s.flags = store.Open[Flag, *Flag](cfg.DB, concerns)
	dated := expiryKind()
	dated.Wake = s.wakeExpiry
	s.expiries = store.Open[Expiry, *Expiry](cfg.DB, dated)
	s.readings = store.Open[Reading, *Reading](cfg.DB, readingKind())
	return s
}

// Ensure makes the passport and the membership of an organisation, where they are not
// there yet: for the command line, a new tenant's first seats and the demonstration. sc
// is a system scope of the tenant. Doing it twice is doing it once.
func (s *Service) Ensure(ctx context.Context, sc tenants.Scope, of people.Organisation) (*Member, error) {
	if err := s.begin(ctx, of); err != nil {
		return nil, err
	}
	return s.enrol(ctx, sc, of)
}

// begin makes an organisation's passport.
func (s *Service) begin(ctx context.Context, of people.Organisation) error {
	p := &Passport{Side: of.Side, Content: newContent(of.Name)}
	p.ID = tenants.ID[Passport](of.ID)
	p.Readable(string(of.ID))
	if err := p.rehash(); err != nil {
		return err
	}
	_, err := s.passports.Add(ctx, s.Gate.SystemAs(ctx, tenants.Commons, policies.JoinTenant), p)
	return unlessThere(err)
}

// enrol makes an organisation a member. An agency that joins may read what the others
// submitted before.
func (s *Service) enrol(ctx context.Context, sc tenants.Scope, of people.Organisation) (*Member, error) {
	m := &Member{
		Organisation: of.ID, Name: of.Name, Side: of.Side, State: Draft, Identifiers: []Identifier{}, Experience: []Experience{}, LedBy: []Group{},
		Fields: []Field{}, Places: []Place{}, JoinedAt: sc.Now(),
	}
	m.ID = memberID(sc.Tenant(), of.ID)
	m.Readable(tenants.ForTenant)
	if _, err := s.members.Add(ctx, sc, m); unlessThere(err) != nil {
		return nil, err
	}
	if of.Side == policies.Agency {
		if err := s.shareWith(ctx, sc.Tenant(), of.ID); err != nil {
			return nil, err
		}
	}
	return s.members.Get(ctx, sc, m.ID)
}

// shareWith lets an agency read the profiles that were submitted before it came, and what
// other agencies found and may be read by all of them.
func (s *Service) shareWith(ctx context.Context, tenant tenants.TenantID, agency tenants.OrganisationID) error {
	sc := s.Gate.SystemAs(ctx, tenant, policies.JoinTenant)
	for p, err := range s.profiles.Each(ctx, sc, nil) {
		if err != nil {
			return err
		}
		if _, err := s.profiles.Amend(ctx, sc.As("share/"+string(agency)), p.ID, func(p *Profile) error { p.Readable(string(agency)); return nil }); err != nil {
			return err
		}
	}
	if err := s.shareExpiries(ctx, sc, agency); err != nil {
		return err
	}
	return s.shareFindings(ctx, sc, agency)
}

// unlessThere takes "it is there already" for done.
func unlessThere(err error) error {
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

func memberID(tenant tenants.TenantID, of tenants.OrganisationID) tenants.ID[Member] {
	return tenants.DeriveID[Member]("mb", string(tenant), string(of))
}

// Criteria narrow a list of members. LedBy are groups that lead them, as far as they show
// it to everybody; Place is words of a place they work in.
type Criteria struct {
	Side  []policies.Side `where:"side,in" query:"side"`
	State []State         `where:"state,in" query:"state"`
	LedBy []Group         `where:"led_by,in" query:"led_by"`
	Field []Field         `where:"fields_of_work,in" query:"field"`
	Place string          `where:"place_terms,words" query:"place"`
	Words string          `where:"terms,words" query:"q"`
}

// List gives the organisations of the tenant. Every seat may.
func (s *Service) List(ctx context.Context, criteria Criteria, q store.Query) (*store.Page[Member], error) {
	sc, err := s.Gate.Enter(ctx, policies.ListOrganisations)
	if err != nil {
		return nil, err
	}
	page, err := s.members.List(ctx, sc, criteria, q)
	if err != nil {
		return nil, err
	}
	for _, m := range page.Items {
		m.expire(sc.Now())
	}
	return page, nil
}

// Read gives one organisation of the tenant. Every seat may.
func (s *Service) Read(ctx context.Context, id tenants.ID[Member]) (*Member, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadOrganisation)
	if err != nil {
		return nil, err
	}
	m, err := s.members.Get(ctx, sc, id)
	if err == nil {
		m.expire(sc.Now())
	}
	return m, err
}

// History is what happened to a member, the latest first. Every seat may read it.
func (s *Service) History(ctx context.Context, id tenants.ID[Member], q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadOrganisation)
	if err != nil {
		return nil, err
	}
	return s.members.History(ctx, sc, id, q)
}

// Profile is what a member submitted last, for those who may read it; nil where nothing
// was submitted or one may not read it. The organisation can tell that it was read.
func (s *Service) Profile(ctx context.Context, m *Member) (*Profile, error) {
	p, err := s.profile(ctx, m)
	if err != nil || p == nil {
		return nil, err
	}
	return p, s.noteProfile(ctx, m)
}

func (s *Service) profile(ctx context.Context, m *Member) (*Profile, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadPassport)
	if fault.KindOf(err) == fault.Forbidden && err != nil || m.SubmittedNo == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := s.profiles.Get(ctx, sc, profileID(m.Tenant, m.Organisation, m.SubmittedNo))
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return p, err
}

// Own is the membership of one's own organisation; nil while it has not joined.
func (s *Service) Own(ctx context.Context) (*Member, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadOrganisation)
	if err != nil {
		return nil, err
	}
	m, err := s.members.Get(ctx, sc, memberID(sc.Tenant(), sc.Actor().Organisation))
	if err != nil && fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return m, err
}

// Named finds the organisation of a tenant by its name as it is written; nil where there
// is none. It is for the command line, which knows organisations by their names.
func (s *Service) Named(ctx context.Context, sc tenants.Scope, name string) (*Member, error) {
	page, err := s.members.List(ctx, sc, struct {
		Name string `where:"name,eq"`
	}{name}, store.Query{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	return page.Items[0], nil
}

// Join makes one's own organisation a member of the tenant of the seat. Its coordinator
// or officer may.
func (s *Service) Join(ctx context.Context) (*Member, error) {
	sc, err := s.Gate.Enter(ctx, policies.JoinTenant)
	if err != nil {
		return nil, err
	}
	of, err := s.own(ctx, sc)
	if err != nil {
		return nil, err
	}
	return s.Ensure(ctx, sc, of)
}

// own is what the seats of one's organisation call it.
func (s *Service) own(ctx context.Context, sc tenants.Scope) (people.Organisation, error) {
	id := sc.Actor().Organisation
	in := s.Gate.SystemAs(ctx, sc.Actor().Tenant, policies.ReadSeat)
	name, side, err := s.People.OrganisationOf(ctx, in, id)
	return people.Organisation{ID: id, Name: name, Side: side}, err
}
