package pages

import (
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/programs"
)

// askedReason are the moves of a program that ask for a reason; the others say what
// follows and are confirmed.
var askedReason = []string{"abandon", "suspend", "end_early", "open_reporting"}

// drafted is a text that both sides write in turns, for the card about its turn.
type drafted struct {
	accord.Draft
	text                *programs.Agreed
	agencyDays, csoDays int
	mayEdit             bool
	// lacking are the parts that the text needs before anybody accepts it.
	lacking string
}

func (v Program) drafted(s *Shown) drafted {
	return drafted{v.Draft, &v.Agreed, v.AgencyDays, v.CSODays, v.MayEdit(s.Actor), v.lacking(s)}
}

// yesOf says who gives a side's yes to a plan that lacks it.
func (v drafted) yesOf(s *Shown, side policies.Side) string {
	lead := v.text.LeadOf(side)
	if lead == nil {
		return s.T("programs.not_accepted_by", "side", s.T("side."+string(side)))
	}
	return s.T("next.accepts_"+string(side), "name", lead.Name)
}

// lacking are the parts that a plan needs before anybody accepts it; empty when it has all.
func (v Program) lacking(s *Shown) string {
	var list []string
	if v.Purpose == "" {
		list = append(list, s.T("programs.purpose"))
	}
	if v.From == "" || v.To == "" {
		list = append(list, s.T("programs.period"))
	}
	for _, side := range []policies.Side{policies.Agency, policies.CSO} {
		if v.LeadOf(side) == nil {
			list = append(list, s.T("next.lead", "side", s.T("side."+string(side))))
		}
	}
	return strings.ToLower(strings.Join(list, ", "))
}

// begun is how a closing began; nil where nobody here began it.
func (v Program) begun() *programs.Consent {
	for i := range v.Consents {
		if v.Consents[i].Move == programs.MoveBeginClosing {
			return &v.Consents[i]
		}
	}
	return nil
}

// called is a person's name, or that it is somebody's.
func called(s *Shown, names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return s.T("history.somebody")
}

// hand says who did a step of a verification, for whom and when.
func (v MemberView) hand(s *Shown, h *organisations.Hand) string {
	return s.T("next.hand", "name", called(s, v.Names, string(h.Person)), "organisation", called(s, v.Names, string(h.Organisation)), "at", s.Instant(h.At))
}

// wroteIt says that the reader could give their side's yes but for having written the text.
func (v drafted) wroteIt(s *Shown) bool {
	return s.May(accepting(s.Actor.Side)) && v.text.Leads(s.Actor) && v.WrittenBy(s.Actor.Person) && !v.Accord.By(s.Actor.Side)
}

// verificationNext says what a verification waits for; empty where it waits for nothing.
func verificationNext(s *Shown, m *organisations.Member) string {
	switch m.State {
	case organisations.Draft, organisations.Submitted, organisations.InCheck, organisations.Returned, organisations.Expired, organisations.Suspended:
		return s.T("next.verification_"+string(m.State), "name", m.Name)
	case organisations.Verified:
	}
	return ""
}

// unanswered are the required questions of a section that a passport does not answer.
func (v PassportView) unanswered(s *Shown, section organisations.Section) string {
	var list []string
	for _, q := range organisations.Questions(section) {
		if q.Required && v.Answers[section][q.Key] == "" {
			list = append(list, s.T("question."+q.Key))
		}
	}
	return strings.Join(list, ", ")
}
