package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// send hands the heads since a day to every tenant administrator: both sides keep them,
// where nobody who writes the database can change them. A week without a head has no
// letter. A letter that cannot be sent is logged and keeps nobody else waiting: the heads
// stay public.
func (s *Service) send(ctx context.Context, sc tenants.Scope, since clocks.Day) error {
	latest, err := s.heads.Some(ctx, sc, nil, "-day", 31)
	if err != nil {
		return err
	}
	var lines []string
	for _, h := range slices.Backward(latest) {
		if since == "" || !h.Day.Before(since) {
			lines = append(lines, h.line())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	seats, err := s.People.ActiveSeats(ctx, sc)
	if err != nil {
		return err
	}
	told := map[tenants.PersonID]bool{}
	for _, seat := range seats {
		if !slices.Contains(seat.Roles, policies.TenantAdmin) || told[seat.Person] {
			continue
		}
		told[seat.Person] = true
		err := s.People.Write(ctx, seat.Person, "mail.heads", "tenant", string(sc.Tenant()), "heads", strings.Join(lines, "\n"),
			"link", s.PublicURL+"/"+string(sc.Tenant())+"/journal/heads")
		if err != nil {
			s.Log.ErrorContext(ctx, "a letter with heads was not sent", "tenant", sc.Tenant(), "person", seat.Person, "error", err)
		}
	}
	return nil
}

// line is a head as letters have it and as ReadKept reads it back.
func (h Head) line() string { return fmt.Sprintf("%s %d %s", h.Day, h.Seq, h.Hash) }

// Verify walks the chain of the scope's tenant, and holds it against the heads that were
// published and those that somebody kept: a chain that was rewritten whole is found out by
// a head that is not in it any more.
func (s *Service) Verify(ctx context.Context, sc tenants.Scope, kept []Kept) (store.Chain, error) {
	heads := map[int64]string{}
	for h, err := range s.heads.Each(ctx, sc, nil) {
		if err != nil {
			return store.Chain{}, err
		}
		heads[h.Seq] = h.Hash
	}
	for _, k := range kept {
		heads[k.Seq] = k.Hash
	}
	return s.DB.VerifyChain(ctx, sc, heads)
}
