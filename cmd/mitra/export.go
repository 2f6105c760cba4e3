package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// exportedFile is what an export says it did.
type exportedFile struct {
	*exchange.Exported
	File string `json:"file,omitempty"`
	// Broken are the activities that break rules, as --check tells them.
	Broken []exchange.Checked `json:"broken,omitempty"`
}

// exportCommand writes a tenant's programs as an IATI activity file: to standard output, or
// to a file that is whole or as it was before. With --check it writes none and says which
// rules of the standard are broken; it is not whole when one of them is an error.
func exportCommand(ctx context.Context, c *call) error {
	tenant, out, check := tenants.TenantID(c.cfg.Options["tenant"]), c.cfg.Options["out"], c.cfg.Options["check"] == "true"
	if len(c.args) != 1 || c.args[0] != "iati" || tenant == "" || check && out != "" {
		return usageError("use: mitra export iati --tenant T [--out FILE], or --check")
	}
	return with(ctx, c, func(ctx context.Context, h *house) error {
		sc, err := h.scopeOf(ctx, tenant, policies.RunCommand)
		if err != nil {
			return err
		}
		done := &exportedFile{File: out}
		write := func(w io.Writer) error {
			to := bufio.NewWriter(w)
			if done.Exported, err = h.exchange.ExportIATIAs(ctx, sc, to, done.rules(check)); err != nil {
				return err
			}
			return to.Flush()
		}
		switch {
		case check:
			err = write(io.Discard)
		case out != "":
			err = wholly(filepath.Clean(out), func(f *os.File) error { return write(f) })
		default:
			return write(c.out)
		}
		if err != nil {
			return err
		}
		if err := c.print(done, done.lines()); err != nil {
			return err
		}
		if check && done.Grave > 0 {
			return fmt.Errorf("not whole: %d activities break a rule that the standard calls an error", done.Grave)
		}
		return nil
	})
}

// rules gathers the activities that break rules; nil where nobody asked.
func (e *exportedFile) rules(asked bool) func(exchange.Checked) error {
	if !asked {
		return nil
	}
	return func(c exchange.Checked) error {
		if len(c.Advice) > 0 {
			e.Broken = append(e.Broken, c)
		}
		return nil
	}
}

func (e *exportedFile) lines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d activities", e.Activities)
	if e.File != "" {
		fmt.Fprintf(&b, " in %s", e.File)
	} else {
		fmt.Fprintf(&b, ": %d break a rule, %d one that the standard calls an error", e.Advised, e.Grave)
	}
	for _, c := range e.Broken {
		for _, a := range c.Advice {
			grade := "hint"
			if a.Grave {
				grade = "error"
			}
			fmt.Fprintf(&b, "\n%s %s: %s (rule %s)", grade, c.Activity, words.In(words.English).T("iati_rule."+a.Rule), a.Rule)
		}
	}
	return b.String()
}
