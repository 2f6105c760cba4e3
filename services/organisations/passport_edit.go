package organisations

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Edit is the input of a section: its answers, with the section inclusion the experience,
// and with the section capacity the fields and places of its work. What is left out or
// empty is taken away.
type Edit struct {
	Answers    Answers      `json:"answers"`
	Experience []Experience `json:"experience"`
	Fields     []Field      `json:"fields_of_work"`
	Places     []Place      `json:"places"`
}

// EditSection saves a section of one's own passport. The coordinator or officer may.
func (s *Service) EditSection(ctx context.Context, section Section, seen tenants.Version, in Edit) (*Passport, error) {
	if !slices.Contains(Sections(), section) {
		return nil, fault.NotFound("organisation")
	}
	return s.edit(ctx, section, seen, func(c *Content) error {
		answers, wrong := tidy(section, in.Answers)
		c.Answers[section] = answers
		switch section {
		case Identity:
			c.Name = answers["legal_name"]
		case Capacity:
			c.Fields, c.Places = in.Fields, tidyPlaces(in.Places)
		case Inclusion:
			c.Experience = in.Experience
		}
		return fault.Invalid(wrong...)
	})
}

// Identifiers is the input of EditIdentifiers.
type Identifiers struct {
	Identifiers []Identifier `json:"identifiers"`
}

// EditIdentifiers says by which numbers registers know the organisation. A number that
// another organisation has is refused, and one that is there twice.
func (s *Service) EditIdentifiers(ctx context.Context, seen tenants.Version, in Identifiers) (*Passport, error) {
	p, err := s.edit(ctx, Identity, seen, func(c *Content) error {
		for i := range in.Identifiers {
			in.Identifiers[i].Scheme = strings.ToUpper(strings.TrimSpace(in.Identifiers[i].Scheme))
			in.Identifiers[i].Value = strings.TrimSpace(in.Identifiers[i].Value)
		}
		c.Identifiers = in.Identifiers
		return nil
	})
	if err != nil && fault.CodeOf(err) == "duplicate" {
		return nil, s.taken(ctx, in.Identifiers)
	}
	return p, err
}

// taken says which numbers another organisation has, and nothing of that organisation.
func (s *Service) taken(ctx context.Context, list []Identifier) error {
	sc := s.Gate.SystemAs(ctx, tenants.Commons, policies.EditPassport)
	own := ownPassport(sc)
	var wrong []fault.Field
	for n, i := range list {
		p, err := s.passports.Find(ctx, sc, keyed{i.key()})
		switch {
		case err == nil && p.ID != own:
			wrong = append(wrong, fault.On(fmt.Sprintf("identifiers.%d.value", n), "identifier_taken", "scheme", i.Scheme, "value", i.Value))
		case err != nil && fault.KindOf(err) != fault.Missing:
			return err
		}
	}
	if len(wrong) == 0 { // given up in the meantime
		return fault.New(fault.Conflict, "busy")
	}
	return fault.Invalid(wrong...)
}

// keyed finds the passport that has a number.
type keyed struct {
	Key string `where:"keys,eq"`
}

// Persons is the input of EditPersons.
type Persons struct {
	Persons []OrgPerson `json:"persons"`
}

// EditPersons says who holds which office, and for which term.
func (s *Service) EditPersons(ctx context.Context, seen tenants.Version, in Persons) (*Passport, error) {
	return s.edit(ctx, Governance, seen, func(c *Content) error { c.Persons = in.Persons; return nil })
}

// edit changes the content of one's own passport and marks the section.
func (s *Service) edit(ctx context.Context, section Section, seen tenants.Version, change func(*Content) error) (*Passport, error) {
	sc, err := s.Gate.Home(ctx, policies.EditPassport)
	if err != nil {
		return nil, err
	}
	return s.passports.Change(ctx, sc, ownPassport(sc), seen, func(p *Passport) error {
		if err := change(&p.Content); err != nil {
			return err
		}
		p.mark(sc, section)
		p.Keys = nil
		for _, i := range p.Identifiers {
			p.Keys = append(p.Keys, i.key())
		}
		return p.rehash()
	})
}

func (p *Passport) mark(sc tenants.Scope, section Section) {
	m := p.MarkOf(section)
	m.No, m.At, m.By = m.No+1, sc.Now(), sc.Actor().Person
	p.Marks = slices.DeleteFunc(p.Marks, func(m Mark) bool { return m.Section == section })
	p.Marks = append(p.Marks, m)
}

// Attest is the input of attesting: the hash of the content that the signatory saw.
type Attest struct {
	Hash string `json:"hash"`
}

// Attest is the signatory's word that the whole passport is true. It refuses while a
// section is incomplete, and when the content is not what was seen.
func (s *Service) Attest(ctx context.Context, seen tenants.Version, in Attest) (*Passport, error) {
	sc, err := s.Gate.Home(ctx, policies.AttestPassport)
	if err != nil {
		return nil, err
	}
	before, err := s.passports.Get(ctx, sc, ownPassport(sc))
	if err != nil {
		return nil, err
	}
	if err := s.freeze(ctx, before); err != nil {
		return nil, err
	}
	p, err := s.passports.Change(ctx, sc, before.ID, seen, func(p *Passport) error {
		switch missing := p.Missing(); {
		case in.Hash != p.Hash:
			return fault.New(fault.Conflict, "passport_changed")
		case p.Current():
			return fault.New(fault.Conflict, "attested_already")
		case len(missing) > 0:
			return fault.New(fault.Unprocessable, "passport_incomplete", "section", string(missing[0]))
		}
		no := 1
		if p.Attested != nil {
			no = p.Attested.No + 1
		}
		p.Attested = &Attestation{No: no, At: sc.Now(), By: sc.Actor().Person, Hash: p.Hash, Content: p.Content}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, s.freeze(ctx, p)
}
