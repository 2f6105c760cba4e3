package main

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Of all that the demonstration does, every change that people are shown has a name and
// every act a sentence, in both languages. It is in this package because only here are
// the demonstration and the pages in one place.
func TestEverythingTheDemonstrationDoesHasWordsInItsHistory(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	cfg := Config{Data: dir, Demo: true, Clock: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), MailFrom: "Mitra <mitra@example.org>"}
	h, err := build(ctx, cfg, "http://mitra.example.org", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close(ctx) })
	if err := seedDemo(ctx, h, cfg); err != nil {
		t.Fatal(err)
	}
	if err := h.db.Sweep(ctx, h.gate.System(ctx, "demo", policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(cfg.inData("demo-accounts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var accounts []account
	if err := json.Unmarshal(text, &accounts); err != nil {
		t.Fatal(err)
	}
	told, missing := 0, map[string]bool{}
	seen := map[string]bool{}
	for _, a := range accounts {
		identity, err := h.people.AuthenticateToken(ctx, a.Token)
		if err != nil {
			t.Fatal(err)
		}
		if seen[string(identity.Actor.Organisation)] {
			continue // an organisation's people read the same
		}
		seen[string(identity.Actor.Organisation)] = true
		sc, err := h.gate.Enter(tenants.WithActor(ctx, identity.Actor), policies.ReadJournal)
		if err != nil {
			t.Fatal(err)
		}
		for q := (store.Query{Limit: store.MaxLimit}); ; {
			page, err := h.db.Activity(ctx, sc, store.ActivityCriteria{}, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Items {
				if !pages.ForPeople(e) {
					continue
				}
				told++
				for _, l := range words.Languages() {
					w := words.In(l)
					for _, path := range pages.Unnamed(w, e) {
						missing[string(l)+": "+path] = true
					}
					if !w.Has("did."+e.Action) && !w.Has("did."+e.Action+"."+e.Kind) {
						missing[string(l)+": the act "+e.Action+" on "+e.Kind] = true
					}
				}
			}
			if page.Next == nil {
				break
			}
			q.Cursor = *page.Next
		}
	}
	if told < 100 {
		t.Errorf("the demonstration tells of %d acts; want it whole", told)
	}
	for what := range missing {
		t.Error("no words for " + strings.TrimSpace(what))
	}
}
