package pages

import (
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/organisations"
)

// Findings are what agencies found about an organisation.
type Findings struct {
	Member *organisations.Member
	Looks  []*organisations.DueDiligence
	Flags  []*organisations.Flag
}

func findingLinks(s *Shown) []Link {
	links := []Link{{s.In("/organisations"), s.T("nav.organisations")}}
	if s.May(policies.ReadDueDiligence) {
		links = append(links, Link{s.In("/due-diligence"), s.T("diligence.title")}, Link{s.In("/flags"), s.T("flags.title")})
	}
	if s.May(policies.ReadPassport) {
		links = append(links, Link{s.In("/document-expiries"), s.T("expiries.title")})
	}
	return append(links, Link{s.In("/forms"), s.T("forms.title")})
}

func memberCrumbs(s *Shown, m *organisations.Member) []Link {
	return []Link{{s.In("/organisations"), s.T("nav.organisations")}, {s.In("/organisations/" + string(m.ID)), m.Name}}
}

// mayFind says that the reader's agency may look at this organisation.
func mayFind(s *Shown, m *organisations.Member) bool {
	return s.Actor.Side == policies.Agency && m.Organisation != s.Actor.Organisation
}

// today is the day in the tenant's zone.
func today(s *Shown) clocks.Day { return clocks.DayOf(s.Now, s.Zone) }

func riskText(s *Shown, r organisations.Risk) string {
	if r == "" {
		return "–"
	}
	return s.T("risk." + string(r))
}

func diligenceLine(s *Shown, d *organisations.DueDiligence) string {
	parts := []string{d.AgencyName}
	if d.Risk != "" {
		parts = append(parts, s.T("diligence.risk")+": "+s.T("risk."+string(d.Risk)))
	}
	if d.ValidUntil != "" {
		parts = append(parts, s.T("organisations.until", "day", s.W.Day(d.ValidUntil)))
	}
	return strings.Join(parts, " · ")
}

func versionOptions(s *Shown, offered []*forms.Version) []Option {
	list := make([]Option, len(offered))
	for i, v := range offered {
		list[i] = Option{Value: string(v.ID), Text: v.Title.In(language(s)) + ", " + s.T("history.version", "no", v.No), Chosen: len(offered) == 1}
	}
	return list
}

// diligenceMoves are the moves that the reader may make now, each with the name of its
// path. A draft with gaps is not offered to be sent.
func diligenceMoves(s *Shown, v DiligenceView) []string {
	var list []string
	for i, move := range []policies.Action{policies.SendDueDiligence, policies.ReplyDueDiligence, policies.FinaliseDueDiligence} {
		if s.May(move) && v.Refuses(s.Actor, move, today(s)) == nil && (move != policies.SendDueDiligence || ready(v)) {
			list = append(list, DiligenceMoves()[i])
		}
	}
	return list
}

func ready(v DiligenceView) bool { return v.Complete && v.Risk != "" && v.Conclusion != "" }

// diligenceNext says what is next, and whose it is.
func diligenceNext(s *Shown, v DiligenceView) string {
	switch v.State {
	case organisations.DiligenceDraft:
		if !ready(v) {
			return s.T("diligence.next_fill")
		}
		return s.T("diligence.next_send")
	case organisations.DiligenceSent:
		return s.T("diligence.next_reply", "name", v.Name, "day", s.W.Day(v.ReplyDueOn))
	case organisations.DiligenceReplied:
		return s.T("diligence.next_finalise", "name", v.AgencyName)
	case organisations.DiligenceFinal, organisations.DiligenceExpired:
	}
	return ""
}

// flagSince is the date that a flag carries for its readers: of the reply, or of the day
// the organisation was asked.
func flagSince(s *Shown, f *organisations.Flag) string {
	switch {
	case f.Reply != nil:
		return s.T("findings.replied_on", "day", s.Instant(f.Reply.At))
	case f.DisclosedAt != nil:
		return s.T("findings.asked_on", "day", s.Instant(*f.DisclosedAt))
	}
	return s.T("flags.not_disclosed")
}

// flagMoves are the moves that the reader may make now, each with the name of its path.
func flagMoves(s *Shown, f *organisations.Flag) []string {
	var list []string
	for _, move := range []struct {
		name   string
		action policies.Action
	}{
		{"hold", policies.HoldFlag}, {"reply", policies.ReplyFlag}, {"uphold", policies.UpholdFlag}, {"uphold", policies.UpholdExclusion},
		{"withdraw", policies.WithdrawFlag},
	} {
		if s.May(move.action) && f.Refuses(s.Actor, move.action, today(s)) == nil {
			list = append(list, move.name)
		}
	}
	return list
}

func flagMoveClass(move string) string {
	switch move {
	case "reply":
		return "main"
	case "uphold":
		return "danger"
	}
	return ""
}

// flagNext says what is next, and whose it is.
func flagNext(s *Shown, f *organisations.Flag) string {
	switch f.State {
	case organisations.FlagProposed:
		if f.HeldBy != nil {
			return s.T("flags.next_held", "day", s.W.Day(f.HeldUntil))
		}
		return s.T("flags.next_hold")
	case organisations.FlagDisclosed:
		return s.T("flags.next_reply", "name", f.Name, "day", s.W.Day(f.ReplyDueOn))
	case organisations.FlagReplied:
		if f.Severity == organisations.Exclude {
			return s.T("flags.next_exclude", "name", f.AgencyName, "day", s.W.Day(f.ReplyDueOn))
		}
		return s.T("flags.next_decide", "name", f.AgencyName)
	case organisations.FlagUpheld, organisations.FlagWithdrawn, organisations.FlagLapsed:
	}
	return ""
}
