package settings

import (
	"context"
	"errors"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
)

// errPassed ends an edit that has nothing to do any more.
var errPassed = errors.New("settings: it has passed")

// settle lets an accepted proposal take effect: the terms change, which is one write that
// knows the proposal and does it once; the registry learns their version, so that every
// process looks again; the proposal says that it is done. Whatever is interrupted between
// is done again by the waker, because an accepted proposal wants to be woken.
func (s *Service) settle(ctx context.Context, p *Proposal) (*Proposal, error) {
	sc := s.Gate.SystemAs(ctx, p.Tenant, policies.SettleTerms)
	end := InEffect
	b, err := s.bindings.Amend(ctx, sc.As("proposal/"+string(p.ID)), bindingID(p.Tenant), func(b *Binding) error {
		if !p.Fits(b.Terms) {
			return errPassed
		}
		for _, part := range p.Parts {
			b.put(p.After, part)
		}
		b.Proposal = p.ID
		return nil
	})
	switch {
	case errors.Is(err, errPassed):
		end = Outdated
	case err != nil:
		return nil, err
	default:
		if err := s.publish(ctx, sc, b); err != nil {
			return nil, err
		}
	}
	done, err := s.proposals.Amend(ctx, sc, p.ID, func(p *Proposal) error {
		if p.State != Accepted {
			return errPassed
		}
		p.State, p.WakeAt = end, nil
		return nil
	})
	if errors.Is(err, errPassed) {
		return s.proposals.Get(ctx, sc, p.ID)
	}
	return done, err
}

// publish lets this process know the terms at once, and the others by the registry.
func (s *Service) publish(ctx context.Context, sc tenants.Scope, b *Binding) error {
	if _, err := s.remember(b); err != nil {
		return err
	}
	if err := s.People.Settle(ctx, sc, b.Version, b.Zone, b.Exceptions); err != nil {
		return err
	}
	return s.follow(ctx, sc.Tenant())
}

// wake is called for a proposal that was accepted and then interrupted.
func (s *Service) wake(ctx context.Context, _ tenants.Scope, p *Proposal) error {
	if p.State != Accepted {
		return nil
	}
	_, err := s.settle(ctx, p)
	return err
}
