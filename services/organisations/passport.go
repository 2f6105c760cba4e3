package organisations

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Limits of a passport. Texts are counted in characters.
const (
	maxLine        = 300
	maxText        = 5_000
	maxIdentifiers = 20
	maxPersons     = 50
	maxExperience  = 40
	maxPlaces      = 60
)

// Content is what a passport says, and what a signatory attests.
type Content struct {
	// Name is the legal name, from the section identity.
	Name string `json:"legal_name"`
	// Answers are kept by section and question; a question without an answer is absent.
	Answers     map[Section]Answers `json:"answers"`
	Identifiers []Identifier        `json:"identifiers"`
	Persons     []OrgPerson         `json:"persons"`
	Experience  []Experience        `json:"experience"`
	// Fields and Places are by what and where others find the organisation. A passport from
	// before they were asked for has none, and keeps its hash.
	Fields []Field `json:"fields_of_work,omitempty" bson:"fields_of_work,omitempty"`
	Places []Place `json:"places,omitempty" bson:"places,omitempty"`
	// Documents prove it.
	Documents []Document `json:"documents,omitempty" bson:"documents,omitempty"`
}

// Answers are by the key of their question.
type Answers map[string]string

func newContent(name string) Content {
	c := Content{Name: name, Answers: map[Section]Answers{}, Identifiers: []Identifier{}, Persons: []OrgPerson{}, Experience: []Experience{}}
	for _, section := range Sections() {
		c.Answers[section] = Answers{}
	}
	c.Answers[Identity]["legal_name"] = name
	return c
}

// Identifier names an organisation in a register: a scheme of org-id.guide ("ID-KLN")
// or a tax office's, and the organisation's number there.
type Identifier struct {
	Scheme string `json:"scheme"`
	Value  string `json:"value"`
}

func (i Identifier) key() string { return i.Scheme + ":" + strings.ToUpper(i.Value) }

// PersonRole is what somebody is in an organisation.
type PersonRole string

// Roles of an organisation's people.
const (
	Chair      PersonRole = "chair"
	Secretary  PersonRole = "secretary"
	Treasurer  PersonRole = "treasurer"
	Signer     PersonRole = "signatory"
	Controller PersonRole = "controller"
)

// PersonRoles lists them.
func PersonRoles() []PersonRole { return []PersonRole{Chair, Secretary, Treasurer, Signer, Controller} }

// OrgPerson is somebody who holds an office for a term. SignsFor says that they may
// bind the organisation.
type OrgPerson struct {
	Role     PersonRole `json:"role"`
	Name     string     `json:"name" journal:"personal"`
	From     clocks.Day `json:"term_from"`
	To       clocks.Day `json:"term_to"`
	SignsFor bool       `json:"signs_for"`
}

// InTerm says that the person holds the office on a day. A term without an end lasts.
func (p OrgPerson) InTerm(on clocks.Day) bool {
	return !on.Before(p.From) && (p.To == "" || !on.After(p.To))
}

// Group is whom an organisation works with or is led by (grants.md, InclusionExperience).
type Group string

// Groups lists them.
func Groups() []Group {
	return []Group{"disability", "women", "children", "elderly", "indigenous", "displaced", "migrants", "faith_minority", "health_stigma", "other"}
}

// Visibility is who may see a piece of experience.
type Visibility string

// Visibilities lists them: everybody in the tenant, its agencies, or the organisation
// alone until it grants more.
func Visibilities() []Visibility { return []Visibility{"public", "agencies", "granted"} }

// Experience is work with, or leadership by, a group that is often left out. Years is how long.
type Experience struct {
	Group      Group      `json:"group"`
	LedBy      bool       `json:"led_by"`
	Years      int        `json:"years"`
	Note       string     `json:"note"`
	Visibility Visibility `json:"visibility"`
}

// Mark says how often a section was saved, and when and by whom last.
type Mark struct {
	Section Section          `json:"section"`
	No      int              `json:"no"`
	At      time.Time        `json:"at"`
	By      tenants.PersonID `json:"by"`
}

// Attestation is a signatory's word for the whole content.
type Attestation struct {
	No      int              `json:"no"`
	At      time.Time        `json:"at"`
	By      tenants.PersonID `json:"by"`
	Hash    string           `json:"hash"`
	Content Content          `json:"content"`
}

// Passport is what an organisation says of itself, in six sections.
type Passport struct {
	tenants.Meta[Passport] `bson:",inline"`

	Side    policies.Side `json:"side"`
	Content `bson:",inline"`
	Marks   []Mark `json:"marks"`
	// Hash is of the content; a signatory attests what they saw by it.
	Hash string `json:"hash"`
	// Attested is the last attestation; the versions before are kept apart.
	Attested *Attestation `json:"attested"`
	// Keys are the identifiers as their unique key has them.
	Keys []string `json:"-" bson:"keys,omitempty"`
}

func passportKind() store.Kind[Passport] {
	return store.Kind[Passport]{
		Name: "organisations", One: "organisation", Prefix: "og",
		Indexes: []store.Index{{Keys: []string{"keys"}, Unique: true, Where: "keys"}},
		Sorts:   []string{"legal_name"},
		Title:   func(p *Passport) string { return p.Name },
	}
}

// Check says what is always true of a passport.
func (p *Passport) Check() error { return fault.Invalid(p.Content.check()...) }

// Complete says that every required question of a section has its answer.
func (c *Content) Complete(section Section) bool {
	for _, q := range Questions(section) {
		if q.Required && c.Answers[section][q.Key] == "" {
			return false
		}
	}
	return true
}

// Missing lists the sections that are not complete.
func (c *Content) Missing() []Section {
	var list []Section
	for _, section := range Sections() {
		if !c.Complete(section) {
			list = append(list, section)
		}
	}
	return list
}

// Current says that nothing changed since the last attestation.
func (p *Passport) Current() bool { return p.Attested != nil && p.Attested.Hash == p.Hash }

// MarkOf is when a section was last saved; the zero Mark when never.
func (p *Passport) MarkOf(section Section) Mark {
	for _, m := range p.Marks {
		if m.Section == section {
			return m
		}
	}
	return Mark{Section: section}
}

func (p *Passport) rehash() (err error) {
	p.Hash, err = accord.Hash(p.Content)
	return err
}

// Version is what was attested, as it was.
type Version struct {
	tenants.Meta[Version] `bson:",inline"`

	Organisation tenants.OrganisationID `json:"organisation"`
	No           int                    `json:"no"`
	Attested     Attestation            `json:"attested"`
}

// Check holds for every version: it is only ever copied from a passport.
func (v *Version) Check() error { return nil }

func versionKind() store.Kind[Version] {
	return store.Kind[Version]{
		Name: "profile_versions", One: "profile_version", Prefix: "ov",
		Filters: []string{"organisation"}, Sorts: []string{"-no"},
		Title: func(v *Version) string { return v.Attested.Content.Name },
	}
}

// Mine is the passport of one's own organisation. One that has a seat and no passport
// yet begins it here.
func (s *Service) Mine(ctx context.Context) (*Passport, error) {
	sc, err := s.Gate.Home(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	p, err := s.passports.Get(ctx, sc, ownPassport(sc))
	if err == nil || fault.KindOf(err) != fault.Missing {
		return p, err
	}
	of, err := s.own(ctx, sc)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, of); err != nil {
		return nil, err
	}
	return s.passports.Get(ctx, sc, ownPassport(sc))
}

func ownPassport(sc tenants.Scope) tenants.ID[Passport] {
	return tenants.ID[Passport](sc.Actor().Organisation)
}

// PassportHistory is what happened to one's own passport, the latest first.
func (s *Service) PassportHistory(ctx context.Context, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Home(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	return s.passports.History(ctx, sc, ownPassport(sc), q)
}

// Versions lists what was attested of one's own organisation, the latest first. One that
// a crash left unwritten is written now.
func (s *Service) Versions(ctx context.Context) ([]*Version, error) {
	p, err := s.Mine(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.freeze(ctx, p); err != nil {
		return nil, err
	}
	sc, err := s.Gate.Home(ctx, policies.ReadPassport)
	if err != nil {
		return nil, err
	}
	page, err := s.versions.List(ctx, sc, struct {
		Organisation tenants.OrganisationID `where:"organisation,eq"`
	}{sc.Actor().Organisation}, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

// freeze keeps the last attestation as a version of its own. Its id follows from the
// organisation and the number, so doing it twice is doing it once.
func (s *Service) freeze(ctx context.Context, p *Passport) error {
	if p.Attested == nil {
		return nil
	}
	v := &Version{Organisation: tenants.OrganisationID(p.ID), No: p.Attested.No, Attested: *p.Attested}
	v.ID = tenants.DeriveID[Version]("ov", string(p.ID), strconv.Itoa(v.No))
	v.Audience = p.Audience
	_, err := s.versions.Add(ctx, s.Gate.SystemAs(ctx, tenants.Commons, policies.FollowJournal), v)
	return unlessThere(err)
}
