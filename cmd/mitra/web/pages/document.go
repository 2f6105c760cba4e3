package pages

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
)

// AddDocument puts a document into one's own passport.
func AddDocument(p *organisations.Passport) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return addDocument(s, p) }
}

// EditDocument corrects what is written of a document, or takes it out. One that is not
// there is not found.
func EditDocument(p *organisations.Passport, id string) (func(*Shown) templ.Component, error) {
	d := p.Document(id)
	if d == nil {
		return nil, fault.NotFound("document")
	}
	return func(s *Shown) templ.Component { return editDocument(s, p, *d) }, nil
}

// ExpiryList is a page of documents by their last days.
type ExpiryList struct {
	Items []*organisations.Expiry
	Total string
	Asked organisations.ExpiryCriteria
	Next  string
}

// Expiries lists until when documents are good.
func Expiries(v ExpiryList) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return expiryList(s, v) }
}

// issuedText is by whom and when a document was issued.
func issuedText(s *Shown, d organisations.Document) string {
	var parts []string
	if d.Issuer != "" {
		parts = append(parts, d.Issuer)
	}
	if d.IssuedOn != "" {
		parts = append(parts, s.W.Day(d.IssuedOn))
	}
	return strings.Join(parts, ", ")
}

// ReadingList is a page of who read what. Names are what people and organisations are called.
type ReadingList struct {
	Items []*organisations.Reading
	Total string
	Asked organisations.ReadingCriteria
	Names map[string]string
	Next  string
}

// Readings lists who read what of one's own organisation.
func Readings(v ReadingList) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return readingList(s, v) }
}

// readingText is what was read.
func readingText(s *Shown, r *organisations.Reading) string {
	if r.What == organisations.ReadDocument {
		return s.T("document_type." + string(r.Type))
	}
	return s.T("readings.profile", "no", r.No)
}

// calledOr is what somebody is called; people who left are not looked up any more.
func calledOr(names map[string]string, id, otherwise string) string {
	if name := names[id]; name != "" {
		return name
	}
	return otherwise
}
