package organisations

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/tenants"
)

// EditDiligence is the input of a draft: the answers so far, and what they come to.
type EditDiligence struct {
	Answers    forms.Answers `json:"answers"`
	Risk       Risk          `json:"risk"`
	Conclusion string        `json:"conclusion"`
}

// EditDueDiligence saves a draft. What must be answered need not be yet.
func (s *Service) EditDueDiligence(ctx context.Context, id DiligenceID, seen tenants.Version, in EditDiligence) (*DueDiligence, error) {
	return s.moveDiligence(ctx, policies.DraftDueDiligence, id, seen, func(sc tenants.Scope, _ clocks.Day, d *DueDiligence) error {
		v, err := s.Forms.Version(ctx, d.FormVersion)
		if err != nil {
			return err
		}
		answers, err := v.Tidy(in.Answers)
		if err != nil {
			return err
		}
		d.Answers, d.Personal = v.Apart(answers)
		d.Risk, d.Conclusion = in.Risk, strings.TrimSpace(in.Conclusion)
		if !slices.Contains(d.Authors, sc.Actor().Person) {
			d.Authors = append(d.Authors, sc.Actor().Person)
		}
		return nil
	})
}

// SendDiligence is the input of asking the organisation: until when it may reply; empty
// is a fortnight.
type SendDiligence struct {
	ReplyDueOn clocks.Day `json:"reply_due_on"`
}

// SendDueDiligence shows a complete draft to its organisation and asks for its reply.
func (s *Service) SendDueDiligence(ctx context.Context, id DiligenceID, seen tenants.Version, in SendDiligence) (*DueDiligence, error) {
	return s.moveDiligence(ctx, policies.SendDueDiligence, id, seen, func(sc tenants.Scope, today clocks.Day, d *DueDiligence) error {
		v, err := s.Forms.Version(ctx, d.FormVersion)
		if err != nil {
			return err
		}
		if v.Missing(forms.Together(d.Answers, d.Personal)) != nil || d.Risk == "" || d.Conclusion == "" {
			return fault.New(fault.Conflict, "diligence_incomplete")
		}
		if in.ReplyDueOn == "" {
			in.ReplyDueOn = today.Add(usualReply)
		}
		if days := today.Until(in.ReplyDueOn); days < shortestReply || days > longestReply {
			return fault.Invalid(fault.On("reply_due_on", "reply_days", "min", "7", "max", "60"))
		}
		now := sc.Now()
		d.State, d.AskedAt, d.ReplyDueOn = DiligenceSent, &now, in.ReplyDueOn
		if !slices.Contains(d.Authors, sc.Actor().Person) {
			d.Authors = append(d.Authors, sc.Actor().Person)
		}
		d.Readable(string(d.Organisation))
		return nil
	})
}

// Answer is the input of a reply.
type Answer struct {
	Reply string `json:"reply"`
}

// by gives the reply, or says what is wrong with it.
func (in Answer) by(sc tenants.Scope) (*Reply, error) {
	text := strings.TrimSpace(in.Reply)
	if text == "" {
		return nil, fault.Invalid(fault.On("reply", "required"))
	}
	return &Reply{Text: text, Hand: *hand(sc)}, fault.Invalid(checkText("reply", text, maxText)...)
}

// ReplyToDueDiligence keeps what the organisation says to it. It may also reply after the
// day it was given, until the check is final.
func (s *Service) ReplyToDueDiligence(ctx context.Context, id DiligenceID, seen tenants.Version, in Answer) (*DueDiligence, error) {
	return s.moveDiligence(ctx, policies.ReplyDueDiligence, id, seen, func(sc tenants.Scope, _ clocks.Day, d *DueDiligence) (err error) {
		d.Reply, err = in.by(sc)
		d.State = DiligenceReplied
		return err
	})
}

// Finalise is the input of making a check final. Risk may be lowered after the reply and
// not raised, because a greater one was never put to the organisation.
type Finalise struct {
	Risk       Risk       `json:"risk"`
	ValidUntil clocks.Day `json:"valid_until_on"`
}

// FinaliseDueDiligence lets the tenant's other agencies rely on a check until a day. An
// approver of the same agency who wrote none of it may.
func (s *Service) FinaliseDueDiligence(ctx context.Context, id DiligenceID, seen tenants.Version, in Finalise) (*DueDiligence, error) {
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	return s.moveDiligence(ctx, policies.FinaliseDueDiligence, id, seen, func(sc tenants.Scope, today clocks.Day, d *DueDiligence) error {
		if in.Risk == "" {
			in.Risk = d.Risk
		}
		wrong := checkValidity("valid_until_on", today, in.ValidUntil)
		if slices.Index(AllRisks(), in.Risk) > slices.Index(AllRisks(), d.Risk) {
			wrong = append(wrong, fault.On("risk", "risk_raised"))
		}
		if wrong != nil {
			return fault.Invalid(wrong...)
		}
		agencies, err := s.agencies(ctx, sc)
		if err != nil {
			return err
		}
		d.State, d.Risk, d.FinalBy, d.ValidUntil = DiligenceFinal, in.Risk, hand(sc), in.ValidUntil
		end := in.ValidUntil.Add(1).Begins(zone)
		d.WakeAt = &end
		d.Readable(agencies...)
		return nil
	})
}

// checkValidity holds a last day to the future, and to what a verification may reach.
func checkValidity(name string, today, last clocks.Day) []fault.Field {
	switch {
	case last == "":
		return []fault.Field{fault.On(name, "required")}
	case !last.After(today):
		return []fault.Field{fault.On(name, "day_past")}
	case today.Until(last) > longestValidity:
		return []fault.Field{fault.On(name, "validity_too_long")}
	}
	return nil
}

// moveDiligence asks the book, then the record, and then does it.
func (s *Service) moveDiligence(
	ctx context.Context, action policies.Action, id DiligenceID, seen tenants.Version, do func(tenants.Scope, clocks.Day, *DueDiligence) error,
) (*DueDiligence, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	today := clocks.DayOf(sc.Now(), zone)
	return s.diligence.Change(ctx, sc, id, seen, func(d *DueDiligence) error {
		d.expire(sc.Now())
		if err := d.Refuses(sc.Actor(), action, today); err != nil {
			return err
		}
		return do(sc, today, d)
	})
}

// expire ends a check whose last day is over.
func (d *DueDiligence) expire(now time.Time) {
	if d.WakeAt == nil || d.WakeAt.After(now) {
		return
	}
	if d.WakeAt = nil; d.State == DiligenceFinal {
		d.State = DiligenceExpired
	}
}

// wakeDiligence is the clock's move.
func (s *Service) wakeDiligence(ctx context.Context, sc tenants.Scope, d *DueDiligence) error {
	sc = s.Gate.System(ctx, sc.Tenant(), policies.ExpireDueDiligence)
	_, err := s.diligence.Amend(ctx, sc, d.ID, func(d *DueDiligence) error { d.expire(sc.Now()); return nil })
	return err
}
