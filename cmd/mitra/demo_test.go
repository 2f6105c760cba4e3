package main

import (
	"errors"
	"log/slog"
	"os"
	"testing"

	"github.com/mitra-platform/mitra/services/people"
)

// The demonstration does not put invented people beside real ones.
func TestTheDemonstrationFillsOnlyAnEmptyDirectory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cfg := Config{Data: t.TempDir(), Demo: true, MailFrom: "Mitra <mitra@example.org>"}
	h, err := build(ctx, cfg, "http://mitra.example.org", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close(ctx) })
	if _, err := h.people.AddTenant(ctx, people.NewTenant{Slug: "kupang"}); err != nil {
		t.Fatal(err)
	}
	err = seedDemo(ctx, h, cfg)
	if _, refused := errors.AsType[usageError](err); !refused {
		t.Errorf("a directory with a tenant: %v", err)
	}
	if _, err := os.Stat(cfg.inData("demo-accounts.json")); !os.IsNotExist(err) {
		t.Errorf("accounts were written: %v", err)
	}
	spaces, err := h.db.Registry().Tenants(ctx)
	if err != nil || len(spaces) != 1 {
		t.Errorf("tenants: %v %v", spaces, err)
	}
}
