package main

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/metrics"
	"github.com/mitra-platform/mitra/cmd/mitra/web"
)

// wakings count rounds of the waker.
type wakings struct {
	rounds, failed, tenants atomic.Int64
	last                    atomic.Int64 // Unix seconds of the last round that did not fail
}

func (w *wakings) count(tenants int, err error, now time.Time) {
	w.rounds.Add(1)
	w.tenants.Add(int64(tenants))
	if err != nil {
		w.failed.Add(1)
		return
	}
	w.last.Store(now.Unix())
}

// serveMetrics opens the port for who watches over the server, when there is to be one.
// The channel is closed when it is.
func serveMetrics(ctx context.Context, h *house, site *web.Site, listen string) (<-chan struct{}, error) {
	stopped := make(chan struct{})
	if listen == "" {
		close(stopped)
		return stopped, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("metrics on %s: %w", listen, err)
	}
	h.log.Info("metrics", "address", "http://"+l.Addr().String()+"/metrics")
	began := time.Now()
	go func() {
		defer close(stopped)
		err := metrics.Serve(ctx, l, func(ctx context.Context, p *metrics.Page) {
			p.Gauge("mitra_uptime_seconds", "Time since the start.", time.Since(began).Seconds())
			meterRequests(p, site)
			h.meter(ctx, p)
			meterProcess(p)
		})
		if err != nil && ctx.Err() == nil {
			h.log.Error("metrics", "error", err)
		}
	}()
	return stopped, nil
}

func meterRequests(p *metrics.Page, site *web.Site) {
	traffic := site.Traffic()
	for _, t := range traffic {
		for class, n := range t.ByClass {
			if n > 0 {
				p.Counter("mitra_http_requests_total", "Requests answered, by route and class of status.", float64(n),
					"method", t.Method, "route", t.Route, "class", strconv.Itoa(class)+"xx")
			}
		}
	}
	for _, t := range traffic {
		p.Histogram("mitra_http_request_seconds", "How long answers took, by route.", web.Steps[:], t.Within[:], t.Took,
			"method", t.Method, "route", t.Route)
	}
	for _, r := range site.Refusals() {
		p.Counter("mitra_http_refusals_total", "Refusals answered, by code.", float64(r.Times), "code", r.Code)
	}
}

// storeAnswers is how long a store may take to be counted as there.
const storeAnswers = 2 * time.Second

// meter writes what background work counts, and whether the stores answer now.
func (h *house) meter(ctx context.Context, p *metrics.Page) {
	ctx, cancel := context.WithTimeout(ctx, storeAnswers)
	defer cancel()
	for _, s := range []struct {
		name string
		ping func(context.Context) error
	}{{"database", h.db.Ping}, {"files", h.files.Ping}} {
		up := 1.0
		if s.ping(ctx) != nil {
			up = 0
		}
		p.Gauge("mitra_store_up", "Whether a store answers.", up, "store", s.name)
	}
	relay := h.db.Stats()
	p.Counter("mitra_journal_entries_total", "Journal entries copied to their chain.", float64(relay.Copied))
	p.Counter("mitra_journal_failures_total", "Batches and sweeps of the journal that wait for the next sweep.", float64(relay.Failed))
	p.Gauge("mitra_journal_waiting", "Journal entries queued in this process.", float64(relay.Waiting))
	p.Gauge("mitra_journal_lag_seconds", "How long the oldest entry of the last batch waited.", relay.Lag.Seconds())
	p.Counter("mitra_waker_rounds_total", "Rounds in which due records were looked for.", float64(h.wakings.rounds.Load()))
	p.Counter("mitra_waker_failures_total", "Rounds in which something failed.", float64(h.wakings.failed.Load()))
	p.Counter("mitra_waker_tenants_total", "Tenants in which something was due.", float64(h.wakings.tenants.Load()))
	p.Gauge("mitra_waker_last_seconds", "Unix time of the last round that did not fail.", float64(h.wakings.last.Load()))
	mails := h.mail.Stats()
	p.Counter("mitra_mails_sent_total", "Messages handed over.", float64(mails.Sent))
	p.Counter("mitra_mails_failed_total", "Messages that were not taken.", float64(mails.Failed))
	p.Counter("mitra_mails_dropped_total", "Messages dropped because too many were on their way.", float64(h.people.Dropped()))
}

func meterProcess(p *metrics.Page) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.Gauge("mitra_goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	p.Gauge("mitra_heap_bytes", "Heap in use.", float64(m.HeapInuse))
	p.Counter("mitra_gc_total", "Garbage collections.", float64(m.NumGC))
}
