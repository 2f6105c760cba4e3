package organisations

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// renewBefore is how many days before a verification ends its organisation is reminded.
const renewBefore = 60

// Waiting lists what waits for whoever asks: their organisation's own passport, and
// verifications, due diligences and flags whose next move is theirs. It is one query for
// each kind of record, and two reads for the passport.
func (s *Service) Waiting(ctx context.Context) ([]work.Item, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadOrganisation)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	today := clocks.DayOf(sc.Now(), zone)
	var list []work.Item
	for _, ask := range []func(context.Context, tenants.Scope, clocks.Day) ([]work.Item, error){
		s.passportAsked, s.documentsAsked, s.verificationsAsked, s.diligencesAsked, s.flagsAsked,
	} {
		some, err := ask(ctx, sc, today)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// passportAsked is what is next for one's own passport, if one's role may do it.
func (s *Service) passportAsked(ctx context.Context, sc tenants.Scope, today clocks.Day) ([]work.Item, error) {
	edits, attests, submits := s.Gate.May(ctx, policies.EditPassport), s.Gate.May(ctx, policies.AttestPassport), s.Gate.May(ctx, policies.SubmitVerification)
	if !edits && !attests && !submits {
		return nil, nil
	}
	m, err := s.members.Get(ctx, sc, memberID(sc.Tenant(), sc.Actor().Organisation))
	if fault.KindOf(err) == fault.Missing && err != nil {
		return nil, nil // it has not joined
	}
	if err != nil {
		return nil, err
	}
	m.expire(sc.Now())
	p, err := s.Mine(ctx)
	if err != nil {
		return nil, err
	}
	what, may := m.asks(p, today, edits, attests, submits)
	if !may {
		return nil, nil
	}
	item := work.Item{Ask: what, Kind: "passport", Record: string(p.ID), Title: m.Name, Since: p.UpdatedAt}
	if what == work.RenewPassport || what == work.CorrectPassport || what == work.SubmitPassport {
		item.Since = m.UpdatedAt
	}
	if what == work.RenewPassport {
		item.Due = m.ValidUntil
	}
	return []work.Item{item}, nil
}

// asks is the next step of a member's own passport, and whether one of those who may edit,
// attest or submit it is asked.
func (m *Member) asks(p *Passport, today clocks.Day, edits, attests, submits bool) (work.Ask, bool) {
	open := m.State == Draft || m.State == Returned || m.State == Expired
	switch {
	case len(p.Content.Missing()) > 0:
		return work.FillPassport, edits
	case !p.Current():
		return work.AttestPassport, attests
	case m.State == Returned && p.Attested.No == m.SubmittedNo && edits:
		return work.CorrectPassport, true
	case open, m.State == Verified && m.VerifiedNo != p.Attested.No:
		return work.SubmitPassport, submits
	case m.State == Verified && m.ValidUntil != "" && today.Until(m.ValidUntil) <= renewBefore:
		return work.RenewPassport, edits
	}
	return "", false
}

// verificationsAsked are submissions to check and checks to confirm.
func (s *Service) verificationsAsked(ctx context.Context, sc tenants.Scope, _ clocks.Day) ([]work.Item, error) {
	next := map[State]policies.Action{Submitted: policies.CheckVerification, InCheck: policies.ConfirmVerification}
	var states []State
	for _, state := range States() {
		if action, ok := next[state]; ok && s.Gate.May(ctx, action) {
			states = append(states, state)
		}
	}
	if len(states) == 0 {
		return nil, nil
	}
	members, err := s.members.Some(ctx, sc, Criteria{State: states}, "-updated_at", work.Most)
	var list []work.Item
	for _, m := range members {
		if !m.MayMove(sc.Actor(), next[m.State]) {
			continue
		}
		item := work.Item{Ask: work.CheckVerification, Kind: "member", Record: string(m.ID), Title: m.Name, Since: m.UpdatedAt}
		if m.State == InCheck {
			item.Ask = work.ConfirmVerification
		}
		list = append(list, item)
	}
	return list, err
}

// diligencesAsked are checks to reply to or to make final.
func (s *Service) diligencesAsked(ctx context.Context, sc tenants.Scope, today clocks.Day) ([]work.Item, error) {
	if !s.Gate.May(ctx, policies.ReadDueDiligence) {
		return nil, nil
	}
	looks, err := s.diligence.Some(ctx, sc, DiligenceCriteria{State: []DiligenceState{DiligenceSent, DiligenceReplied}}, "", work.Most)
	var list []work.Item
	for _, d := range looks {
		item := work.Item{Kind: "due_diligence", Record: string(d.ID), Title: d.Name, Since: d.UpdatedAt}
		switch {
		case s.lets(ctx, d, policies.ReplyDueDiligence, today):
			item.Ask, item.Due = work.ReplyToDiligence, d.ReplyDueOn
		case s.lets(ctx, d, policies.FinaliseDueDiligence, today):
			item.Ask = work.FinaliseDiligence
		default:
			continue
		}
		list = append(list, item)
	}
	return list, err
}

// flagsAsked are flags to hold, to reply to or to decide.
func (s *Service) flagsAsked(ctx context.Context, sc tenants.Scope, today clocks.Day) ([]work.Item, error) {
	if !s.Gate.May(ctx, policies.ReadFlag) {
		return nil, nil
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	flags, err := s.flags.Some(ctx, sc, FlagCriteria{State: []FlagState{FlagProposed, FlagDisclosed, FlagReplied}}, "", work.Most)
	var list []work.Item
	for _, f := range flags {
		f.pass(sc.Now(), zone)
		item := work.Item{Kind: "flag", Record: string(f.ID), Title: f.Name, Since: f.UpdatedAt}
		switch {
		case f.HoldAsked && f.HeldBy == nil && s.lets(ctx, f, policies.HoldFlag, today):
			item.Ask, item.Due = work.HoldFlag, clocks.DayOf(f.CreatedAt.Add(holdDecision), zone)
		case s.lets(ctx, f, policies.ReplyFlag, today):
			item.Ask, item.Due = work.ReplyToFlag, f.ReplyDueOn
		case s.lets(ctx, f, policies.UpholdFlag, today), s.lets(ctx, f, policies.UpholdExclusion, today):
			// Who may only withdraw it is not asked: the decision is somebody else's.
			item.Ask = work.DecideFlag
		default:
			continue
		}
		list = append(list, item)
	}
	return list, err
}

// lets says that both the book and a record let whoever asks make a move now.
func (s *Service) lets(ctx context.Context, record interface {
	Refuses(tenants.Actor, policies.Action, clocks.Day) error
}, move policies.Action, today clocks.Day,
) bool {
	return record.Refuses(tenants.ActorFrom(ctx), move, today) == nil && s.Gate.May(ctx, move)
}
