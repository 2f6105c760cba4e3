package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/store"
)

// settled makes a data directory that has so many tenants.
func settled(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	engine, err := embedded.Open(b.Context(), embedded.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.Dial(b.Context(), store.Config{Client: embedded.ClientOptions(engine), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		t := tenants.Tenant{
			ID: tenants.TenantID(fmt.Sprintf("tenant-%d", i)), Version: 1, Name: "Contoh", Short: fmt.Sprintf("T%03d", i),
			Zone: "Asia/Makassar", Language: "id", Currency: "IDR", CreatedAt: time.Now().UTC(),
		}
		if err := db.Registry().AddTenant(b.Context(), t); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := engine.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	return dir
}

// BenchmarkStart prints the median time from the process to its ready line, and what
// memory it then holds, with one tenant and with 1,000.
func BenchmarkStart(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d-tenants", n), func(b *testing.B) {
			data := settled(b, n)
			start(b, data).stop() // builds the program
			var took []time.Duration
			memory := 0.0
			for b.Loop() {
				begun := time.Now()
				s := start(b, data)
				took = append(took, time.Since(begun))
				visit(b, s.url+"/readyz")
				memory = resident(b, s.process.Pid)
				s.stop()
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[len(took)/2].Seconds(), "s/start")
			b.ReportMetric(memory, "MB-idle")
		})
	}
}

func visit(b *testing.B, url string) {
	b.Helper()
	response, err := http.Get(url) // #nosec G107 -- our own server
	if err != nil {
		b.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d, %v", url, response.StatusCode, err)
	}
}

// resident is the memory that a process holds, in megabytes; 0 where the system does
// not say.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kilobytes float64
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscanf(after, "%f kB", &kilobytes); err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1024
}
