package organisations

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads"
)

// MaxDocumentFile is the longest file of a document, in bytes.
const MaxDocumentFile = 20 << 20

const maxDocuments = 40

// DocumentType is what a document of an organisation proves.
type DocumentType string

// DocumentTypes lists them: what Indonesian organisations are asked for (grants.md §4.1).
func DocumentTypes() []DocumentType {
	return []DocumentType{"deed", "approval", "bylaws", "board_list", "domicile", "tax_number", "policy", "audit", "other"}
}

// UnmarshalText refuses what is none.
func (d *DocumentType) UnmarshalText(text []byte) error { return fault.OneOf(d, text, DocumentTypes()) }

// documentMedia are the types of file that are taken, by their first bytes: what every
// office opens and nothing runs.
func documentMedia() []string { return []string{"application/pdf", "image/jpeg", "image/png"} }

// Document is a paper that proves what a passport says. Its file lies in the commons and is
// read through the passport, or through a profile that holds the document.
type Document struct {
	ID     string       `json:"id"`
	Type   DocumentType `json:"type"`
	Number string       `json:"number"`
	Issuer string       `json:"issuer"`
	// ExpiresOn is its last day; empty for one that stays.
	IssuedOn  clocks.Day `json:"issued_on"`
	ExpiresOn clocks.Day `json:"expires_on"`
	// Name is what the sender called the file.
	Name string       `json:"name"`
	File uploads.File `json:"file"`
}

// DocumentState is how long a document is still good for.
type DocumentState string

// States of a document on a day.
const (
	DocumentValid    DocumentState = "valid"
	DocumentExpiring DocumentState = "expiring"
	DocumentExpired  DocumentState = "expired"
)

// expiresSoon is how many days before its last day a document is called expiring.
const expiresSoon = 30

// On is the document's state on a day.
func (d Document) On(day clocks.Day) DocumentState { return documentState(d.ExpiresOn, day) }

func documentState(last, on clocks.Day) DocumentState {
	switch {
	case last == "":
	case on.After(last):
		return DocumentExpired
	case on.Until(last) <= expiresSoon:
		return DocumentExpiring
	}
	return DocumentValid
}

// DocumentFacts is what is written of a document beside its file.
type DocumentFacts struct {
	Type      DocumentType `json:"type"`
	Number    string       `json:"number"`
	Issuer    string       `json:"issuer"`
	IssuedOn  clocks.Day   `json:"issued_on"`
	ExpiresOn clocks.Day   `json:"expires_on"`
}

func (f DocumentFacts) check() []fault.Field {
	var wrong []fault.Field
	if !slices.Contains(DocumentTypes(), f.Type) {
		wrong = append(wrong, fault.On("type", "required"))
	}
	wrong = append(wrong, checkText("number", f.Number, maxLine)...)
	wrong = append(wrong, checkText("issuer", f.Issuer, maxLine)...)
	if f.IssuedOn != "" && f.ExpiresOn != "" && f.ExpiresOn.Before(f.IssuedOn) {
		wrong = append(wrong, fault.On("expires_on", "period_reversed"))
	}
	return wrong
}

func (d *Document) set(f DocumentFacts) {
	d.Type, d.Number, d.Issuer, d.IssuedOn, d.ExpiresOn = f.Type, strings.TrimSpace(f.Number), strings.TrimSpace(f.Issuer), f.IssuedOn, f.ExpiresOn
}

// Document is the one of an id; nil without it.
func (c *Content) Document(id string) *Document {
	for i := range c.Documents {
		if c.Documents[i].ID == id {
			return &c.Documents[i]
		}
	}
	return nil
}

func (c *Content) checkDocuments() []fault.Field {
	return tooMany("documents", len(c.Documents), maxDocuments)
}

// AddDocument puts a document with its file into one's own passport. The coordinator or
// officer may. The file is a PDF, JPEG or PNG of at most MaxDocumentFile.
func (s *Service) AddDocument(ctx context.Context, seen tenants.Version, in DocumentFacts, name string, file io.Reader) (*Passport, error) {
	sc, err := s.Gate.Home(ctx, policies.EditPassport)
	if err != nil {
		return nil, err
	}
	if err := fault.Invalid(in.check()...); err != nil {
		return nil, err // before a byte of the file is kept
	}
	d := Document{Name: uploads.Name(name)}
	d.set(in)
	id, err := tenants.MintID[Document]("dc")
	if err != nil {
		return nil, err
	}
	d.ID = string(id)
	if d.File, err = s.keep(ctx, sc, fileOf(ownPassport(sc), d.ID), file); err != nil {
		return nil, err
	}
	p, err := s.edit(ctx, Documents, seen, func(c *Content) error {
		c.Documents = append(c.Documents, d)
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, s.Files.Remove(ctx, sc, d.File.ID))
	}
	return p, nil
}

// fileOf is the key of a document's file: it begins with its organisation, so that what is
// an organisation's is found by it.
func fileOf(p tenants.ID[Passport], document string) string { return string(p) + "-" + document }

// keep stores a file of a type that is taken.
func (s *Service) keep(ctx context.Context, sc tenants.Scope, id string, file io.Reader) (uploads.File, error) {
	f, err := s.Files.Put(ctx, sc, id, file, MaxDocumentFile)
	switch {
	case err != nil:
		return f, err
	case f.Size == 0:
		err = fault.Invalid(fault.On("file", "required"))
	case !slices.Contains(documentMedia(), f.Type):
		err = fault.Invalid(fault.On("file", "file_type"))
	default:
		return f, nil
	}
	return f, errors.Join(err, s.Files.Remove(ctx, sc, id))
}

// EditDocument corrects what is written of a document. Another file is another document.
func (s *Service) EditDocument(ctx context.Context, id string, seen tenants.Version, in DocumentFacts) (*Passport, error) {
	return s.edit(ctx, Documents, seen, func(c *Content) error {
		d := c.Document(id)
		if d == nil {
			return fault.NotFound("document")
		}
		d.set(in)
		return fault.Invalid(in.check()...)
	})
}

// RemoveDocument takes a document out of one's own passport. Its file goes too, unless
// somebody attested it: then it stays for who reads that version.
func (s *Service) RemoveDocument(ctx context.Context, id string, seen tenants.Version) (*Passport, error) {
	p, err := s.edit(ctx, Documents, seen, func(c *Content) error {
		if c.Document(id) == nil {
			return fault.NotFound("document")
		}
		c.Documents = slices.DeleteFunc(c.Documents, func(d Document) bool { return d.ID == id })
		return nil
	})
	if err != nil || p.Attested != nil && p.Attested.Content.Document(id) != nil {
		return p, err
	}
	sc, err := s.Gate.Home(ctx, policies.EditPassport)
	if err != nil {
		return nil, err
	}
	return p, s.Files.Remove(ctx, sc, fileOf(p.ID, id))
}

// OwnDocument opens the file of a document of one's own passport. The caller closes it.
func (s *Service) OwnDocument(ctx context.Context, id string) (*Document, io.ReadCloser, error) {
	p, err := s.Mine(ctx)
	if err != nil {
		return nil, nil, err
	}
	return s.open(ctx, p.ID, p.Document(id))
}

// MemberDocument opens the file of a document that a member submitted last, for those who
// may read its profile. The caller closes it.
func (s *Service) MemberDocument(ctx context.Context, member tenants.ID[Member], id string) (*Document, io.ReadCloser, error) {
	m, err := s.Read(ctx, member)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.profile(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	if p == nil || p.Attested.Content.Document(id) == nil {
		return nil, nil, fault.NotFound("document")
	}
	if err := s.noteDocument(ctx, m, p.Attested.Content.Document(id)); err != nil {
		return nil, nil, err
	}
	return s.open(ctx, tenants.ID[Passport](m.Organisation), p.Attested.Content.Document(id))
}

func (s *Service) open(ctx context.Context, of tenants.ID[Passport], d *Document) (*Document, io.ReadCloser, error) {
	if d == nil {
		return nil, nil, fault.NotFound("document")
	}
	file, err := s.Files.Open(ctx, s.Gate.SystemAs(ctx, tenants.Commons, policies.ReadPassport), fileOf(of, d.ID))
	return d, file, err
}
