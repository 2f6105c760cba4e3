package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/web"
	"github.com/mitra-platform/mitra/services/fault"
)

const (
	// grace is how long open requests may take to finish when the server stops.
	grace = 10 * time.Second
	// wakeEvery is how often records are looked for whose moment has come.
	wakeEvery = 15 * time.Second
	// heapGrowth is how much garbage may gather, in percent of what lives, before it is
	// collected. Little lives in a server (about 10 MB) and each request leaves much
	// behind, so that Go's own 100 collects dozens of times a second under load.
	heapGrowth = 200
)

// serve runs the site until the context ends.
func serve(ctx context.Context, c *call) error {
	if asked := debug.SetGCPercent(heapGrowth); asked != 100 {
		debug.SetGCPercent(asked) // GOGC was set
	}
	log := slog.New(slog.NewJSONHandler(c.err, nil))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.cfg.Listen, err)
	}
	private, err := privately(c.cfg, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	address := "http://" + listener.Addr().String()
	if private != nil {
		address = "https://" + listener.Addr().String()
		listener = private.Listener(listener)
	}
	public := c.cfg.PublicURL
	if public == "" {
		public = address
	}
	h, err := build(ctx, c.cfg, public, log)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer func() {
		if err := h.close(context.WithoutCancel(ctx)); err != nil {
			log.Error("closing the stores", "error", err)
		}
	}()
	if c.cfg.Demo {
		if err := seedDemo(ctx, h, c.cfg); err != nil {
			_ = listener.Close()
			return fmt.Errorf("the demo: %w", err)
		}
	} else if err := offerSetUp(ctx, h, c); err != nil {
		_ = listener.Close()
		return err
	}
	services := web.Services{Gate: h.gate, DB: h.db, People: h.people, Organisations: h.organisations, Programs: h.programs, Exchange: h.exchange, Forms: h.forms, Settings: h.settings, Notices: h.notices, Audit: h.audit}
	if c.cfg.Demo {
		services.MoveClock = h.moveClock
	}
	site, err := web.New(web.Config{PublicURL: public, Demo: c.cfg.Demo, Log: log}, services, h.ready)
	if err != nil {
		_ = listener.Close()
		return err
	}
	watched, err := serveMetrics(ctx, h, site, c.cfg.MetricsListen)
	if err != nil {
		_ = listener.Close()
		return err
	}
	led, err := leadToTLS(ctx, c.cfg, private, log)
	if err != nil {
		_ = listener.Close()
		return err
	}
	var workers sync.WaitGroup
	for _, run := range []func(context.Context){h.wakeRegularly, h.exchange.Run, h.notices.Run, h.audit.Run} {
		workers.Go(func() { run(ctx) })
	}
	if _, err := fmt.Fprintln(c.out, "mitra listening on "+address); err != nil {
		return err
	}
	err = site.Serve(ctx, listener, grace)
	workers.Wait()
	<-watched
	<-led
	return err
}

// offerSetUp shows the way in while nobody has come: on the terminal, and in a file of
// the data directory for who has none. Never in a log.
func offerSetUp(ctx context.Context, h *house, c *call) error {
	link, needed, err := h.people.SetUpLink(ctx)
	path := setUpFile(c.cfg)
	if err != nil || !needed {
		return errors.Join(err, removeIfThere(path))
	}
	if err := writePrivate(path, []byte(link+"\n")); err != nil {
		return err
	}
	if file, ok := c.err.(*os.File); ok && terminal(file) {
		_, _ = fmt.Fprintf(file, "\nThe way in, once, for 60 minutes:\n  %s\n\n", link)
	}
	return nil
}

// setUpFile holds the set-up link until it was used.
func setUpFile(cfg Config) string { return cfg.inData("setup-link") }

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// writePrivate replaces a file that its owner alone may read.
func writePrivate(path string, text []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if err := temporary.Chmod(0o600); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if _, err := temporary.Write(text); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// wakeRegularly lets records move whose moment has come, until the context ends.
func (h *house) wakeRegularly(ctx context.Context) {
	tick := time.NewTicker(wakeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			visited := 0
			err := fault.Guard(func() (err error) { visited, err = h.db.Wake(ctx, h.gate); return err })
			h.wakings.count(visited, err, time.Now())
			if err != nil && ctx.Err() == nil {
				h.log.Error("waking records", "error", err)
			}
		}
	}
}

// moveClock moves the demo's clock forward and lets records move whose moment has come.
func (h *house) moveClock(ctx context.Context, by time.Duration) error {
	h.clock.forward(by)
	_, err := h.db.Wake(ctx, h.gate)
	for _, tenant := range h.db.InUse() {
		err = errors.Join(err, h.audit.Publish(ctx, tenant))
	}
	return err
}
