// Package metrics shows what a server counts to who watches over it: numbers as
// Prometheus reads them, and Go's profiles. It counts nothing itself and knows no
// tenant, record or person; labels are names of the program's own parts.
package metrics

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof" // #nosec G108 -- its handlers go on our mux alone; nobody serves the default one
	"net/netip"
	"strings"
	"time"
)

// Page writes numbers in the text format of Prometheus. The first error stays.
type Page struct {
	w     *bufio.Writer
	named string
}

// Counter writes one number that only grows.
func (p *Page) Counter(name, help string, value float64, labels ...string) {
	p.sample("counter", name, help, value, labels)
}

// Gauge writes one number that goes up and down.
func (p *Page) Gauge(name, help string, value float64, labels ...string) {
	p.sample("gauge", name, help, value, labels)
}

// Histogram writes how many observations were no greater than each bound, in seconds; the
// last of counts is of those beyond all bounds. Counts are of their own bucket alone.
func (p *Page) Histogram(name, help string, bounds []time.Duration, counts []uint64, sum time.Duration, labels ...string) {
	p.head("histogram", name, help)
	total := uint64(0)
	for i, n := range counts {
		total += n
		bound := "+Inf"
		if i < len(bounds) {
			bound = fmt.Sprint(bounds[i].Seconds())
		}
		p.line(name+"_bucket", float64(total), append(labels[:len(labels):len(labels)], "le", bound))
	}
	p.line(name+"_sum", sum.Seconds(), labels)
	p.line(name+"_count", float64(total), labels)
}

func (p *Page) sample(kind, name, help string, value float64, labels []string) {
	p.head(kind, name, help)
	p.line(name, value, labels)
}

// head is written once before the samples of a name, which stand together.
func (p *Page) head(kind, name, help string) {
	if p.named == name {
		return
	}
	p.named = name
	_, _ = fmt.Fprintf(p.w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (p *Page) line(name string, value float64, labels []string) {
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(labels[i] + `="` + escape.Replace(labels[i+1]) + `"`)
	}
	if b.Len() > 0 {
		name += "{" + b.String() + "}"
	}
	_, _ = fmt.Fprintf(p.w, "%s %v\n", name, value)
}

// Fill writes the numbers of now.
type Fill func(context.Context, *Page)

// Write is a page as text.
func Write(ctx context.Context, w io.Writer, fill Fill) error {
	p := &Page{w: bufio.NewWriter(w)}
	fill(ctx, p)
	return p.w.Flush()
}

// Handler serves /metrics and /debug/pprof/ to this machine: a request that names another
// host comes from a page that a browser was led to, and is refused.
func Handler(fill Fill) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = Write(r.Context(), w, fill) // who asked has left
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "a command line may name secrets", http.StatusNotFound)
	})
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Loopback(r.Host) {
			http.Error(w, "ask for it by a loopback address", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Loopback says whether host, with or without a port, is this machine alone.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Serve answers on a listener until the context ends. A profile that is being taken then
// is cut off.
func Serve(ctx context.Context, l net.Listener, fill Fill) error {
	server := &http.Server{Handler: Handler(fill), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	err := server.Close()
	if closed := <-served; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return err
}
