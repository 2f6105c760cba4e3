package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/enginetest"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/trial"
	"github.com/mitra-platform/mitra/uploads/objecttest"
)

// The doctor looks at everything a server stands on and changes nothing of what people
// wrote. It may be asked while the server runs.

// grade is how well something is.
type grade string

const (
	well    grade = "ok"
	warned  grade = "warning" // works, and should not stay so
	failing grade = "failed"  // does not work, or not safely
)

// finding is one thing that was looked at.
type finding struct {
	Check  string `json:"check"`
	State  grade  `json:"state"`
	Detail string `json:"detail"`
	// Remedy says what to do; empty when all is well.
	Remedy string `json:"remedy,omitempty"`
}

// conformance is what became of a suite of checks.
type conformance struct {
	Suite  string          `json:"suite"`
	Checks int             `json:"checks"`
	Failed []trial.Outcome `json:"failed"`
}

// diagnosis is all that the doctor found.
type diagnosis struct {
	OK          bool          `json:"ok"`
	Findings    []finding     `json:"findings"`
	Conformance []conformance `json:"conformance,omitempty"`

	unreachable bool
	say         func(string)
}

// note keeps a finding and tells it at once.
func (d *diagnosis) note(check string, state grade, detail, remedy string) {
	d.Findings = append(d.Findings, finding{check, state, detail, remedy})
	d.OK = d.OK && state != failing
	text := fmt.Sprintf("%-8s %-10s %s", state, check, detail)
	if remedy != "" {
		text += "\n" + strings.Repeat(" ", 20) + remedy
	}
	d.say(text)
}

// noteError keeps what an error says; what is unreachable ends with its own exit status.
func (d *diagnosis) noteError(check string, err error) {
	detail, remedy := err.Error(), ""
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		detail, remedy = words.In(words.English).Fault(refusal.Code, refusal.Args)
		if cause := errors.Unwrap(refusal); cause != nil {
			detail += " (" + cause.Error() + ")"
		}
		d.unreachable = d.unreachable || refusal.Kind == fault.Unavailable
	}
	d.note(check, failing, detail, remedy)
}

func doctorCommand(ctx context.Context, c *call) error {
	if len(c.args) != 0 {
		return usageError("use: mitra doctor [--conformance] [--json]")
	}
	d := &diagnosis{OK: true, Findings: []finding{}, say: func(text string) {
		if !c.cfg.JSON {
			_, _ = fmt.Fprintln(c.out, text)
		}
	}}
	if d.directory(c.cfg) {
		d.settings(c.cfg)
		if err := d.house(ctx, c); err != nil {
			return err
		}
	}
	line := "all is well"
	if !d.OK {
		line = "something is wrong"
	}
	if err := c.print(d, line); err != nil {
		return err
	}
	switch {
	case d.unreachable:
		return fault.New(fault.Unavailable, "unavailable")
	case !d.OK:
		return errors.New("not everything is well; see what failed above")
	}
	return nil
}

// house looks at what needs open stores.
func (d *diagnosis) house(ctx context.Context, c *call) error {
	public := c.cfg.PublicURL
	if public == "" {
		public = "http://" + c.cfg.Listen
	}
	h, err := build(ctx, c.cfg, public, slog.New(slog.DiscardHandler))
	if err != nil {
		d.noteError("stores", err)
		return nil
	}
	ctx = words.With(ctx, words.In(words.English))
	d.database(ctx, c.cfg, h)
	d.files(ctx, c.cfg, h)
	d.journals(ctx, h)
	d.mail(ctx, c.cfg, h)
	if c.cfg.Options["conformance"] == "true" {
		d.conform(ctx, c.cfg, h)
	}
	return h.close(context.WithoutCancel(ctx))
}

// conform asks the configured stores what every store must do, in databases and buckets
// of their own that are removed after. The store of files that lies in a directory is
// asked in a directory of its own beside it.
func (d *diagnosis) conform(ctx context.Context, cfg Config, h *house) {
	began := time.Now()
	engine := store.Server(cfg.MongoURI)
	if cfg.MongoURI == "" {
		engine = embedded.ClientOptions(h.embedded)
	}
	d.suite("database", began, enginetest.Try(ctx, engine))
	began = time.Now()
	files := cfg.files()
	if files.Endpoint == "" {
		dir, err := os.MkdirTemp(cfg.Data, ".conformance-*")
		if err != nil {
			d.noteError("conformance", err)
			return
		}
		defer func() { _ = os.RemoveAll(dir) }()
		files.Dir = filepath.Join(dir, "files")
	}
	address, options, err := files.Client()
	if err != nil {
		d.noteError("conformance", err)
		return
	}
	d.suite("files", began, objecttest.Try(ctx, address, options))
}

func (d *diagnosis) suite(name string, began time.Time, list []trial.Outcome) {
	done := conformance{Suite: name, Checks: len(list), Failed: []trial.Outcome{}}
	for _, o := range list {
		if !o.Passed() {
			done.Failed = append(done.Failed, o)
			d.note("conformance", failing, name+", "+o.Name+": "+strings.Join(o.Failures, "; "), "Use a store that does this, or report what it answers.")
		}
	}
	d.Conformance = append(d.Conformance, done)
	if len(done.Failed) == 0 {
		d.note("conformance", well, fmt.Sprintf("%s: %d checks in %s", name, done.Checks, time.Since(began).Round(100*time.Millisecond)), "")
	}
}
