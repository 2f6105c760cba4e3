package settings

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/work"
)

// Waiting lists the proposals that wait for the answer of whoever asks.
func (s *Service) Waiting(ctx context.Context) ([]work.Item, error) {
	if !s.Gate.May(ctx, policies.AcceptSettings) {
		return nil, nil
	}
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	proposals, err := s.proposals.Some(ctx, sc, Criteria{State: []State{Waiting}}, "-created_at", mostWaiting)
	var list []work.Item
	for _, p := range proposals {
		if p.answered(sc.Actor()) != nil {
			continue
		}
		item := work.Item{Ask: work.AnswerProposal, Kind: "settings_proposal", Record: string(p.ID), Since: p.CreatedAt}
		for _, part := range p.Parts {
			item.Parts = append(item.Parts, string(part))
		}
		list = append(list, item)
	}
	return list, err
}
