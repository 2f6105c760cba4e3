package organisations

import (
	"context"
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

type membersByID struct {
	ID []tenants.ID[Member] `where:"_id,in"`
}

// Names gives what organisations of the tenant are called, in one read; one that is no
// member has no name. Every seat may.
func (s *Service) Names(ctx context.Context, ids []tenants.OrganisationID) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	sc, err := s.Gate.Enter(ctx, policies.ListOrganisations)
	if err != nil {
		return nil, err
	}
	var asked membersByID
	for _, id := range ids[:min(len(ids), store.MaxLimit)] {
		asked.ID = append(asked.ID, memberID(sc.Tenant(), id))
	}
	list, err := s.members.List(ctx, sc, asked, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, m := range list.Items {
		names[string(m.Organisation)] = m.Name
	}
	return names, nil
}

// OrgIDs gives the identifiers of organisations of the scope's tenant as org-id.guide writes
// them ("ID-KLN-123"): the first of what each submitted; one without any has none.
func (s *Service) OrgIDs(ctx context.Context, sc tenants.Scope, ids []tenants.OrganisationID) (map[tenants.OrganisationID]string, error) {
	known := map[tenants.OrganisationID]string{}
	for part := range slices.Chunk(ids, store.MaxLimit) {
		var asked membersByID
		for _, id := range part {
			asked.ID = append(asked.ID, memberID(sc.Tenant(), id))
		}
		list, err := s.members.Some(ctx, sc, asked, "", len(part))
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if len(m.Identifiers) > 0 {
				known[m.Organisation] = m.Identifiers[0].Scheme + "-" + m.Identifiers[0].Value
			}
		}
	}
	return known, nil
}
