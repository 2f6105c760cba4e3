package metrics_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/metrics"
)

func page(_ context.Context, p *metrics.Page) {
	p.Counter("a_total", "What a counts.", 3, "route", "/x", "class", "2xx")
	p.Counter("a_total", "What a counts.", 1, "route", `/"q"\`+"\n", "class", "5xx")
	p.Gauge("b", "What b is.", 0.25)
	p.Histogram("c_seconds", "How long.", []time.Duration{10 * time.Millisecond, time.Second}, []uint64{2, 0, 1}, 1500*time.Millisecond, "route", "/x")
}

// The expected text follows Prometheus' exposition format 0.0.4: a name's help and type
// once, buckets that include the smaller ones, and +Inf equal to the count.
const want = `# HELP a_total What a counts.
# TYPE a_total counter
a_total{route="/x",class="2xx"} 3
a_total{route="/\"q\"\\\n",class="5xx"} 1
# HELP b What b is.
# TYPE b gauge
b 0.25
# HELP c_seconds How long.
# TYPE c_seconds histogram
c_seconds_bucket{route="/x",le="0.01"} 2
c_seconds_bucket{route="/x",le="1"} 2
c_seconds_bucket{route="/x",le="+Inf"} 3
c_seconds_sum{route="/x"} 1.5
c_seconds_count{route="/x"} 3
`

func TestAPageIsWhatPrometheusReads(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := metrics.Write(t.Context(), &b, page); err != nil || b.String() != want {
		t.Errorf("got\n%s\nwant\n%s\n%v", b.String(), want, err)
	}
}

// Invariant: numbers and profiles are for this machine; a page of elsewhere that leads a
// browser to the port names its own host and learns nothing.
func TestOnlyALoopbackNameIsAnswered(t *testing.T) {
	t.Parallel()
	h := metrics.Handler(page)
	for _, row := range []struct {
		host, method, path string
		status             int
	}{
		{"127.0.0.1:9", "GET", "/metrics", 200},
		{"localhost", "GET", "/metrics", 200},
		{"[::1]:9", "GET", "/metrics", 200},
		{"::1", "GET", "/metrics", 200},
		{"localhost.example.org:9", "GET", "/metrics", 403},
		{"192.0.2.1:9", "GET", "/metrics", 403},
		{"mitra.example.org", "GET", "/debug/pprof/heap", 403},
		{"", "GET", "/metrics", 403},
		{"127.0.0.1:9", "POST", "/metrics", 405},
		{"127.0.0.1:9", "GET", "/debug/pprof/", 200},
		{"127.0.0.1:9", "GET", "/debug/pprof/goroutine?debug=1", 200},
		{"127.0.0.1:9", "GET", "/debug/pprof/cmdline", 404},
		{"127.0.0.1:9", "GET", "/", 404},
	} {
		request := httptest.NewRequest(row.method, row.path, nil)
		request.Host = row.host
		got := httptest.NewRecorder()
		h.ServeHTTP(got, request)
		if got.Code != row.status {
			t.Errorf("%s %s at %q: %d, want %d", row.method, row.path, row.host, got.Code, row.status)
		}
	}
}

func TestServingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- metrics.Serve(ctx, l, page) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/metrics")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
