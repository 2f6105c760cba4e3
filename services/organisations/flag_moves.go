package organisations

import (
	"context"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Hold is the input of keeping a flag from its organisation for a protected investigation.
type Hold struct {
	Until  clocks.Day `json:"held_until"`
	Reason string     `json:"reason"`
}

// HoldFlag puts off the disclosure of a flag to a day at most 90 days after it was
// proposed. The signatory of its agency may, with a reason that the organisation will read.
func (s *Service) HoldFlag(ctx context.Context, id FlagID, seen tenants.Version, in Hold) (*Flag, error) {
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	return s.moveFlag(ctx, policies.HoldFlag, id, seen, func(sc tenants.Scope, today clocks.Day, f *Flag) error {
		var wrong []fault.Field
		last := clocks.DayOf(f.CreatedAt, zone).Add(longestHold)
		reason := strings.TrimSpace(in.Reason)
		if reason == "" {
			wrong = append(wrong, fault.On("reason", "required"))
		}
		switch {
		case in.Until == "":
			wrong = append(wrong, fault.On("held_until", "required"))
		case !in.Until.After(today):
			wrong = append(wrong, fault.On("held_until", "day_past"))
		case in.Until.After(last):
			wrong = append(wrong, fault.On("held_until", "hold_too_long", "max", "90"))
		}
		if wrong != nil {
			return fault.Invalid(wrong...)
		}
		begins := in.Until.Begins(zone)
		f.HeldUntil, f.HoldReason, f.HeldBy, f.WakeAt = in.Until, reason, hand(sc), &begins
		return nil
	})
}

// ReplyToFlag keeps what the organisation says to a flag. Its signatory may; also after the
// day it was given, until the flag is decided.
func (s *Service) ReplyToFlag(ctx context.Context, id FlagID, seen tenants.Version, in Answer) (*Flag, error) {
	return s.moveFlag(ctx, policies.ReplyFlag, id, seen, func(sc tenants.Scope, _ clocks.Day, f *Flag) (err error) {
		f.Reply, err = in.by(sc)
		f.State = FlagReplied
		return err
	})
}

// Uphold is the input of upholding a flag: why, and when it must be looked at again.
type Uphold struct {
	Reason      string     `json:"reason"`
	ReviewDueOn clocks.Day `json:"review_due_on"`
}

// UpholdFlag lets the tenant's other agencies read a flag, with the reply or the date on
// which it was asked for, until its review is due. Somebody else than its author may: an
// approver of the agency after the reply, or after the day for it; where it excludes, the
// agency's signatory, and only after that day.
func (s *Service) UpholdFlag(ctx context.Context, id FlagID, seen tenants.Version, in Uphold) (*Flag, error) {
	action, err := s.upholding(ctx, id)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	return s.moveFlag(ctx, action, id, seen, func(sc tenants.Scope, today clocks.Day, f *Flag) error {
		err := f.decide(sc, FlagUpheld, in.Reason)
		switch {
		case err != nil:
			return err
		case in.ReviewDueOn == "":
			return fault.Invalid(fault.On("review_due_on", "required"))
		case !in.ReviewDueOn.After(today):
			return fault.Invalid(fault.On("review_due_on", "day_past"))
		case today.Until(in.ReviewDueOn) > longestReview:
			return fault.Invalid(fault.On("review_due_on", "review_too_late"))
		}
		agencies, err := s.agencies(ctx, sc)
		if err != nil {
			return err
		}
		due := in.ReviewDueOn.Begins(zone)
		f.ReviewDueOn, f.WakeAt = in.ReviewDueOn, &due
		f.Readable(agencies...)
		return nil
	})
}

// upholding is the act that upholding this flag is. Who may do neither is refused before
// anything is read.
func (s *Service) upholding(ctx context.Context, id FlagID) (policies.Action, error) {
	sc, err := s.Gate.Enter(ctx, policies.UpholdFlag)
	if err != nil {
		var other error
		if sc, other = s.Gate.Enter(ctx, policies.UpholdExclusion); other != nil {
			return policies.Action{}, err
		}
	}
	f, err := s.flags.Get(ctx, sc, id)
	switch {
	case err != nil:
		return policies.Action{}, err
	case f.Severity == Exclude && s.Gate.May(ctx, policies.UpholdExclusion):
		return policies.UpholdExclusion, nil
	case f.Severity != Exclude && s.Gate.May(ctx, policies.UpholdFlag):
		return policies.UpholdFlag, nil
	}
	return sc.Action(), nil // which the record refuses by its reason
}

// WithdrawFlag ends a flag that does not hold. An approver who is not its author may.
func (s *Service) WithdrawFlag(ctx context.Context, id FlagID, seen tenants.Version, in Reason) (*Flag, error) {
	return s.moveFlag(ctx, policies.WithdrawFlag, id, seen, func(sc tenants.Scope, _ clocks.Day, f *Flag) error {
		return f.decide(sc, FlagWithdrawn, in.Reason)
	})
}

func (f *Flag) decide(sc tenants.Scope, state FlagState, reason string) error {
	if f.Decision = strings.TrimSpace(reason); f.Decision == "" {
		return fault.Invalid(fault.On("reason", "required"))
	}
	f.State, f.DecidedBy = state, hand(sc)
	return fault.Invalid(checkText("reason", f.Decision, maxText)...)
}

// moveFlag asks the book, then the record, and then does it.
func (s *Service) moveFlag(
	ctx context.Context, action policies.Action, id FlagID, seen tenants.Version, do func(tenants.Scope, clocks.Day, *Flag) error,
) (*Flag, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	today := clocks.DayOf(sc.Now(), zone)
	return s.flags.Change(ctx, sc, id, seen, func(f *Flag) error {
		f.pass(sc.Now(), zone)
		if err := f.Refuses(sc.Actor(), action, today); err != nil {
			return err
		}
		return do(sc, today, f)
	})
}
