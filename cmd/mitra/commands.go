package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// with opens the house for one command and closes it after.
func with(ctx context.Context, c *call, do func(context.Context, *house) error) error {
	public := c.cfg.PublicURL
	if public == "" {
		public = "http://" + c.cfg.Listen
	}
	h, err := build(ctx, c.cfg, public, slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	err = do(words.With(ctx, words.In(words.English)), h)
	return errors.Join(err, h.close(context.WithoutCancel(ctx)))
}

// print writes one JSON object with --json, else the line.
func (c *call) print(value any, line string) error {
	if !c.cfg.JSON {
		_, err := fmt.Fprintln(c.out, line)
		return err
	}
	return json.NewEncoder(c.out).Encode(value)
}

func tenantCommand(ctx context.Context, c *call) error {
	o := c.cfg.Options
	switch {
	case len(c.args) == 2 && c.args[0] == "create":
		return with(ctx, c, func(ctx context.Context, h *house) error {
			t, err := h.people.AddTenant(ctx, people.NewTenant{
				Slug: c.args[1], Name: o["name"], Short: o["short"], Zone: o["zone"], Language: o["language"],
			})
			if err != nil {
				return err
			}
			return c.print(t, "created "+string(t.ID))
		})
	case len(c.args) == 1 && c.args[0] == "list":
		return with(ctx, c, func(ctx context.Context, h *house) error {
			list, err := h.db.Registry().Tenants(ctx)
			if err != nil {
				return err
			}
			text := ""
			for _, t := range list {
				text += fmt.Sprintf("%s\t%s\t%s\n", t.ID, t.Zone, t.Name)
			}
			return c.print(map[string]any{"tenants": list}, text)
		})
	case len(c.args) == 2 && c.args[0] == "suspend":
		return with(ctx, c, func(ctx context.Context, h *house) error {
			t, err := h.people.SuspendAsOperator(ctx, tenants.TenantID(c.args[1]), true)
			if err != nil {
				return err
			}
			return c.print(t, "suspended "+string(t.ID))
		})
	}
	return usageError("use: mitra tenant create SLUG | list | suspend SLUG")
}

// personCommand invites somebody, lists who is there, or lets somebody in again.
func personCommand(ctx context.Context, c *call) error {
	if len(c.args) == 1 {
		switch c.args[0] {
		case "invite":
			return personInvite(ctx, c)
		case "list":
			return personList(ctx, c)
		case "reset":
			return personReset(ctx, c)
		}
	}
	return usageError("use: mitra person invite | list | reset")
}

// personList prints who has a seat in a tenant.
func personList(ctx context.Context, c *call) error {
	tenant := tenants.TenantID(c.cfg.Options["tenant"])
	if tenant == "" {
		return usageError("use: mitra person list --tenant T [--json]")
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		sc, err := h.scopeOf(ctx, tenant, policies.RunCommand)
		if err != nil {
			return err
		}
		list, err := h.people.ListAsOperator(ctx, sc)
		if err != nil {
			return err
		}
		var text strings.Builder
		for _, row := range list {
			logins := make([]string, len(row.Logins))
			for i, login := range row.Logins {
				logins[i] = people.Shown(login)
			}
			fmt.Fprintf(&text, "%s\t%s\t%s\t%v\t%s\n", row.Name, strings.Join(logins, " "), row.OrganisationName, row.Roles, row.State)
		}
		return c.print(map[string]any{"people": list}, strings.TrimSuffix(text.String(), "\n"))
	})
}

// personReset prints a link for a new password; with --second-step it also ends the second
// step of somebody who lost phone and recovery codes.
func personReset(ctx context.Context, c *call) error {
	login := c.cfg.Options["email"] + c.cfg.Options["phone"]
	if login == "" {
		return usageError("use: mitra person reset (--email|--phone) A [--second-step]")
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		if c.cfg.Options["second-step"] == "true" {
			if err := h.people.EndSecondStepAsOperator(ctx, login); err != nil {
				return err
			}
		}
		link, err := h.people.ResetAsOperator(ctx, login)
		if err != nil {
			return err
		}
		return c.print(map[string]string{"link": link}, link)
	})
}

// personInvite invites somebody; the organisation is named, and known by its name within
// the tenant.
func personInvite(ctx context.Context, c *call) error {
	o := c.cfg.Options
	login := o["email"] + o["phone"]
	if o["tenant"] == "" || o["organisation"] == "" || o["role"] == "" || login == "" {
		return usageError("use: mitra person invite --tenant T --organisation NAME --role R [--side SIDE] (--email|--phone) A")
	}
	var role policies.Role
	if err := role.UnmarshalText([]byte(o["role"])); err != nil {
		return err
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		sc, err := h.scopeOf(ctx, tenants.TenantID(o["tenant"]), policies.RunCommand)
		if err != nil {
			return err
		}
		of, err := h.organisationOf(ctx, sc, o["organisation"], o["side"], role)
		if err != nil {
			return err
		}
		name := o["name"]
		if name == "" {
			name = login
		}
		made, err := h.people.InviteFirst(ctx, sc, of, people.Invite{Login: login, Name: name, Roles: []policies.Role{role}})
		if err != nil {
			return err
		}
		if _, err := h.organisations.Ensure(ctx, sc, of); err != nil {
			return err
		}
		return c.print(map[string]string{"link": made.Link}, made.Link)
	})
}

// organisationOf is the tenant's organisation of a name, or a new one: on the side that
// is said, or the only one that has the role.
func (h *house) organisationOf(ctx context.Context, sc tenants.Scope, name, said string, role policies.Role) (people.Organisation, error) {
	m, err := h.organisations.Named(ctx, sc, name)
	switch {
	case err != nil:
		return people.Organisation{}, err
	case m != nil && (said == "" || said == string(m.Side)):
		return people.Organisation{ID: m.Organisation, Name: m.Name, Side: m.Side}, nil
	}
	var side policies.Side
	if said != "" {
		return organisationNamed(name, policies.Side(said)), side.UnmarshalText([]byte(said))
	}
	for _, s := range policies.Sides() {
		if !role.MayBeHeldBy(s) {
			continue
		}
		if side != "" {
			return people.Organisation{}, usageError("say --side agency, cso or other: " + string(role) + " is a role of several sides, and the tenant has no organisation of this name")
		}
		side = s
	}
	return organisationNamed(name, side), nil
}

// organisationNamed is the organisation of a name on a side: the same name is the same
// organisation, in every tenant.
func organisationNamed(name string, side policies.Side) people.Organisation {
	type organisation struct{}
	id := tenants.DeriveID[organisation]("og", string(side), name)
	return people.Organisation{ID: tenants.OrganisationID(id), Name: name, Side: side}
}

func importCommand(ctx context.Context, c *call) error {
	tenant := tenants.TenantID(c.cfg.Options["tenant"])
	if len(c.args) < 2 || c.args[0] != "iati" || tenant == "" {
		return usageError("use: mitra import iati --tenant T FILE…")
	}
	var files []exchange.File
	for _, path := range c.args[1:] {
		files = append(files, exchange.File{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(filepath.Clean(path)) }})
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		sc, err := h.scopeOf(ctx, tenant, policies.RunCommand)
		if err != nil {
			return err
		}
		report, err := h.exchange.ImportIATIAs(ctx, sc, files, c.cfg.Options["dry-run"] == "true")
		if err != nil {
			return err
		}
		if err := c.print(report, importLines(report)); err != nil {
			return err
		}
		if !report.Whole() {
			return fmt.Errorf("not whole: %d refused", len(report.Refused))
		}
		return nil
	})
}

func importLines(r *exchange.Report) string {
	text := fmt.Sprintf("%d activities: %d created, %d updated, %d unchanged, %d refused; %d warnings",
		r.Activities, r.Created, r.Updated, r.Unchanged, len(r.Refused), len(r.Warnings))
	for _, row := range r.Refused {
		text += fmt.Sprintf("\nrefused %s line %d %s: %s (%s)", row.File, row.Line, row.Activity, row.Reason, row.Code)
	}
	for _, row := range r.Warnings {
		text += fmt.Sprintf("\nwarning %s line %d %s %s: %s (%s)", row.File, row.Line, row.Activity, row.Element, row.Reason, row.Code)
	}
	return text
}

// verifyCommand walks a tenant's journal and recomputes its chain, and holds it against
// its published heads and those of a file.
func verifyCommand(ctx context.Context, c *call) error {
	tenant := tenants.TenantID(c.cfg.Options["tenant"])
	if len(c.args) != 1 || c.args[0] != "audit" || tenant == "" {
		return usageError("use: mitra verify audit --tenant T [--heads FILE]")
	}
	kept, err := keptHeads(c.cfg.Options["heads"])
	if err != nil {
		return err
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		sc, err := h.scopeOf(ctx, tenant, policies.SweepJournal)
		if err != nil {
			return err
		}
		if err := h.db.Sweep(ctx, sc); err != nil {
			return err
		}
		chain, err := h.audit.Verify(ctx, sc, kept)
		if err != nil {
			return err
		}
		if err := c.print(chain, fmt.Sprintf("%d entries, head %s, ok %v", chain.Entries, chain.Head, chain.OK)); err != nil {
			return err
		}
		if !chain.OK {
			return fmt.Errorf("entry %d is %s", chain.FirstBad.Seq, chain.FirstBad.Kind)
		}
		return nil
	})
}

// keptHeads reads heads that somebody kept; none without a file.
func keptHeads(path string) ([]audit.Kept, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	kept, err := audit.ReadKept(f)
	return kept, errors.Join(err, f.Close())
}

// scopeOf is what a command may do in the tenant it names. A tenant that is not there is
// refused before its database is opened, because opening makes one. The commons has no
// row among the tenants and only a journal to check.
func (h *house) scopeOf(ctx context.Context, tenant tenants.TenantID, action policies.Action) (tenants.Scope, error) {
	if tenant != tenants.Commons || action != policies.SweepJournal {
		if _, err := h.people.Tenant(ctx, tenant); err != nil {
			return tenants.Scope{}, err
		}
	}
	return h.gate.System(ctx, tenant, action), nil
}
