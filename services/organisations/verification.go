package organisations

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// longestValidity is how far ahead a verification may reach, in days.
const longestValidity = 3 * 366

// Reason is the input of a move that must be explained.
type Reason struct {
	Reason string `json:"reason"`
}

// Confirm is the input of a confirmation.
type Confirm struct {
	// ValidUntil is the last day of the verification.
	ValidUntil clocks.Day `json:"valid_until"`
}

// Moves lists what may be done with a member in its state, by whoever may.
func (m *Member) Moves() []policies.Action {
	var list []policies.Action
	for _, a := range []policies.Action{
		policies.SubmitVerification, policies.CheckVerification, policies.ConfirmVerification, policies.ReturnVerification,
		policies.SuspendVerification, policies.LiftVerification,
	} {
		if slices.Contains(from(a), m.State) {
			list = append(list, a)
		}
	}
	return list
}

// MayMove says that the record lets somebody make a move; whether their role does is the
// book's to say.
func (m *Member) MayMove(a tenants.Actor, move policies.Action) bool {
	if !slices.Contains(m.Moves(), move) {
		return false
	}
	return m.allows(a, move) == nil
}

// from lists the states in which a move begins.
func from(move policies.Action) []State {
	switch move {
	case policies.SubmitVerification:
		return []State{Draft, Returned, Verified, Expired}
	case policies.CheckVerification:
		return []State{Submitted}
	case policies.ConfirmVerification, policies.ReturnVerification:
		return []State{InCheck}
	case policies.SuspendVerification:
		return []State{Draft, Submitted, InCheck, Returned, Verified, Expired}
	case policies.LiftVerification:
		return []State{Suspended}
	}
	return nil
}

// allows refuses whoever stands in the wrong place: an organisation submits for itself,
// the rest is for agencies that are not itself, and who checked does not confirm.
func (m *Member) allows(a tenants.Actor, move policies.Action) error {
	own := m.Organisation == a.Organisation
	switch {
	case move == policies.SubmitVerification && !own:
		return fault.New(fault.Forbidden, "not_your_organisation")
	case move == policies.SubmitVerification:
		return nil
	case own:
		return fault.New(fault.Forbidden, "own_verification")
	case a.Side != policies.Agency:
		return fault.New(fault.Forbidden, "agencies_verify")
	case move == policies.ConfirmVerification && m.CheckedBy != nil && m.CheckedBy.Person == a.Person:
		return fault.New(fault.Forbidden, "checker_confirms")
	}
	return nil
}

// move asks the book, then the record, and then does it.
func (s *Service) move(
	ctx context.Context, action policies.Action, id tenants.ID[Member], seen tenants.Version, do func(tenants.Scope, *Member) error,
) (*Member, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	return s.members.Change(ctx, sc, id, seen, func(m *Member) error {
		if err := m.allows(sc.Actor(), action); err != nil {
			return err
		}
		if !slices.Contains(from(action), m.State) {
			return fault.New(fault.Conflict, "verification_state", "state", string(m.State))
		}
		return do(sc, m)
	})
}

// Submit gives the version that the signatory attested last to the tenant to be checked.
// The organisation's signatory may.
func (s *Service) Submit(ctx context.Context, id tenants.ID[Member], seen tenants.Version) (*Member, error) {
	sc, err := s.Gate.Enter(ctx, policies.SubmitVerification)
	if err != nil {
		return nil, err
	}
	m, err := s.members.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := m.allows(sc.Actor(), policies.SubmitVerification); err != nil {
		return nil, err
	}
	p, err := s.Mine(ctx)
	switch {
	case err != nil:
		return nil, err
	case !p.Current():
		return nil, fault.New(fault.Conflict, "not_attested")
	case m.State == Verified && m.VerifiedNo == p.Attested.No:
		return nil, fault.New(fault.Conflict, "verified_already")
	}
	if err := s.copyTo(ctx, sc, p); err != nil {
		return nil, err
	}
	m, err = s.move(ctx, policies.SubmitVerification, id, seen, func(_ tenants.Scope, m *Member) error {
		m.State, m.SubmittedNo, m.CheckedBy, m.ConfirmedBy, m.Reason = Submitted, p.Attested.No, nil, nil, ""
		m.show(p.Attested.Content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, s.followExpiries(ctx, m, p.Attested.Content)
}

// copyTo keeps the attested version in the tenant. Its id follows from the number, so a
// submission that was cut off is finished by the next.
func (s *Service) copyTo(ctx context.Context, sc tenants.Scope, p *Passport) error {
	profile := &Profile{Organisation: tenants.OrganisationID(p.ID), Attested: *p.Attested}
	profile.Attested.Content.Experience = visible(p.Attested.Content.Experience, "public", "agencies")
	profile.ID = profileID(sc.Tenant(), profile.Organisation, p.Attested.No)
	profile.Readable(string(p.ID))
	if p.Side == policies.Agency {
		profile.Readable(tenants.ForTenant)
	}
	agencies, err := s.agencies(ctx, sc)
	if err != nil {
		return err
	}
	profile.Readable(agencies...)
	_, err = s.profiles.Add(ctx, s.Gate.SystemAs(ctx, sc.Tenant(), policies.SubmitVerification), profile)
	return unlessThere(err)
}

// agencies are those of the tenant, as an audience names them.
func (s *Service) agencies(ctx context.Context, sc tenants.Scope) ([]string, error) {
	var list []string
	for m, err := range s.members.Each(ctx, s.Gate.SystemAs(ctx, sc.Tenant(), sc.Action()), Criteria{Side: []policies.Side{policies.Agency}}) {
		if err != nil {
			return nil, err
		}
		list = append(list, string(m.Organisation))
	}
	return list, nil
}

func visible(list []Experience, to ...Visibility) []Experience {
	out := []Experience{}
	for _, e := range list {
		if slices.Contains(to, e.Visibility) {
			out = append(out, e)
		}
	}
	return out
}

// Check takes a submission up. An officer of another organisation, an agency, may.
func (s *Service) Check(ctx context.Context, id tenants.ID[Member], seen tenants.Version) (*Member, error) {
	return s.move(ctx, policies.CheckVerification, id, seen, func(sc tenants.Scope, m *Member) error {
		m.State, m.CheckedBy = InCheck, hand(sc)
		return nil
	})
}

func hand(sc tenants.Scope) *Hand {
	return &Hand{Person: sc.Actor().Person, Organisation: sc.Actor().Organisation, At: sc.Now()}
}

// Return gives a submission back with what is missing. An officer may.
func (s *Service) Return(ctx context.Context, id tenants.ID[Member], seen tenants.Version, in Reason) (*Member, error) {
	return s.explained(ctx, policies.ReturnVerification, id, seen, in, func(m *Member) { m.State = Returned })
}

// Confirm verifies what was checked. An approver who did not check it may.
func (s *Service) Confirm(ctx context.Context, id tenants.ID[Member], seen tenants.Version, in Confirm) (*Member, error) {
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	return s.move(ctx, policies.ConfirmVerification, id, seen, func(sc tenants.Scope, m *Member) error {
		today := clocks.DayOf(sc.Now(), zone)
		switch {
		case in.ValidUntil == "":
			return fault.Invalid(fault.On("valid_until", "required"))
		case !in.ValidUntil.After(today):
			return fault.Invalid(fault.On("valid_until", "day_past"))
		case today.Until(in.ValidUntil) > longestValidity:
			return fault.Invalid(fault.On("valid_until", "validity_too_long"))
		}
		m.State, m.ConfirmedBy, m.VerifiedNo, m.ValidUntil = Verified, hand(sc), m.SubmittedNo, in.ValidUntil
		end := in.ValidUntil.Add(1).Begins(zone)
		m.WakeAt = &end
		return nil
	})
}

func (s *Service) zone(ctx context.Context) (*time.Location, error) {
	return s.zoneOf(ctx, tenants.ActorFrom(ctx).Tenant)
}

func (s *Service) zoneOf(ctx context.Context, tenant tenants.TenantID) (*time.Location, error) {
	t, err := s.People.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(t.Zone)
}

// Suspend stops a member's verification, whatever its state, and says why. A signatory
// of another organisation, an agency, may.
func (s *Service) Suspend(ctx context.Context, id tenants.ID[Member], seen tenants.Version, in Reason) (*Member, error) {
	return s.explained(ctx, policies.SuspendVerification, id, seen, in, func(m *Member) { m.Before, m.State = m.State, Suspended })
}

// Lift ends a suspension. The member is again what it was before: a suspension verifies
// nobody. A signatory of another organisation, an agency, may.
func (s *Service) Lift(ctx context.Context, id tenants.ID[Member], seen tenants.Version, in Reason) (*Member, error) {
	return s.explained(ctx, policies.LiftVerification, id, seen, in, func(m *Member) { m.State, m.Before = m.Before, "" })
}

func (s *Service) explained(
	ctx context.Context, action policies.Action, id tenants.ID[Member], seen tenants.Version, in Reason, do func(*Member),
) (*Member, error) {
	return s.move(ctx, action, id, seen, func(sc tenants.Scope, m *Member) error {
		if m.Reason = strings.TrimSpace(in.Reason); m.Reason == "" {
			return fault.Invalid(fault.On("reason", "required"))
		}
		do(m)
		m.expire(sc.Now())
		return nil
	})
}

// expire ends a verification whose last day is over.
func (m *Member) expire(now time.Time) {
	if m.WakeAt == nil || m.WakeAt.After(now) {
		return
	}
	switch {
	case m.State == Verified:
		m.State, m.WakeAt = Expired, nil
	case m.State == Suspended && m.Before == Verified:
		m.Before, m.WakeAt = Expired, nil
	default:
		m.WakeAt = nil
	}
}

// wake ends the verification when its last day is over. It is the clock's move.
func (s *Service) wake(ctx context.Context, sc tenants.Scope, m *Member) error {
	_, err := s.members.Amend(ctx, sc, m.ID, func(m *Member) error { m.expire(sc.Now()); return nil })
	return err
}
