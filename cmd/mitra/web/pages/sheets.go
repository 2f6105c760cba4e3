package pages

import (
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/paper"
	"github.com/mitra-platform/mitra/services/programs"
)

// Sheets are where a list is taken away.
type Sheets struct{ CSV, XLSX string }

// Sheet is a list to take away: what it is called, its headings, and the row of a record.
type Sheet[T any] struct {
	Name string
	Head []string
	Row  func(*T) []paper.Cell
}

// MemberSheet is the list of organisations.
func MemberSheet(s *Shown) Sheet[organisations.Member] {
	return Sheet[organisations.Member]{
		Name: s.T("nav.organisations"),
		Head: []string{
			s.T("people.organisation"), s.T("question.acronym"), s.T("people.side"), s.T("organisations.form"), s.T("passport.identifiers"), s.T("organisations.verification"),
			s.T("verification.valid_until"), s.T("organisations.field"), s.T("organisations.place"), s.T("organisations.led_by"), s.T("organisations.joined"),
		},
		Row: func(m *organisations.Member) []paper.Cell {
			form := ""
			if m.LegalForm != "" {
				form = s.T("question.legal_form." + m.LegalForm)
			}
			return []paper.Cell{
				paper.Text(m.Name), paper.Text(m.Acronym), paper.Text(s.T("side." + string(m.Side))), paper.Text(form), paper.Text(identifierText(m.Identifiers)),
				paper.Text(s.T("member_state." + string(m.State))), paper.Day(m.ValidUntil), paper.Text(fieldTexts(s, m.Fields)), paper.Text(workplaces(m.Places)),
				paper.Text(groupTexts(s, m.LedBy)), paper.Day(clocks.DayOf(m.JoinedAt, s.Zone)),
			}
		},
	}
}

// ProgramSheet is the list of programs.
func ProgramSheet(s *Shown) Sheet[programs.Program] {
	return Sheet[programs.Program]{
		Name: s.T("nav.programs"),
		Head: []string{
			s.T("programs.one"), s.T("programs.iati_identifier"), s.T("side.agency"), s.T("side.cso"), s.T("programs.from"), s.T("programs.to"), s.T("programs.state"), s.T("programs.origin"),
		},
		Row: func(p *programs.Program) []paper.Cell {
			return []paper.Cell{
				paper.Text(p.Title), paper.Text(p.IATIIdentifier), paper.Text(leadName(p, policies.Agency)), paper.Text(leadName(p, policies.CSO)),
				paper.Day(p.From), paper.Day(p.To), paper.Text(s.T("state." + string(p.State))), paper.Text(s.T("origin." + string(p.Origin))),
			}
		},
	}
}

func leadName(p *programs.Program, side policies.Side) string {
	if l := p.LeadOf(side); l != nil {
		return l.Name
	}
	return ""
}
