package settings

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// Concerned says whom a journal entry of a proposal concerns: the side that is to answer,
// and the side that proposed when it was answered. sc is a system scope of the entry's
// tenant.
func (s *Service) Concerned(ctx context.Context, sc tenants.Scope, e tenants.Entry) ([]work.Concern, error) {
	if e.Kind != "settings_proposal" {
		return nil, nil
	}
	p, err := s.proposals.Get(ctx, sc, ID(e.Record))
	if err != nil {
		return nil, err
	}
	answering, proposing := []policies.Action{policies.AcceptSettings}, []policies.Action{policies.ProposeSettings}
	switch e.Action {
	case policies.ProposeSettings.String():
		return []work.Concern{{Told: work.ProposalMade, Side: p.Side.Opposite(), May: answering}}, nil
	case policies.WithdrawSettings.String():
		return []work.Concern{{Told: work.ProposalWithdrawn, Side: p.Side.Opposite(), May: answering}}, nil
	case policies.AcceptSettings.String():
		return []work.Concern{{Told: work.ProposalAccepted, Side: p.Side, May: proposing, Consequence: true}}, nil
	case policies.RefuseSettings.String():
		return []work.Concern{{Told: work.ProposalRefused, Side: p.Side, May: proposing, Consequence: true}}, nil
	}
	return nil, nil
}
