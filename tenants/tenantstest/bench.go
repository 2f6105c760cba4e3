package tenantstest

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// callsPerRound is how often each side of a comparison is called in one round: enough
// that a pause of the machine is small against it.
const callsPerRound = 256

// Compare measures ours against base in turn, round by round, with so many clients at
// once, and reports the median time of one call of each and the ratio of the two under
// the unit. What slows the machine down for a while slows both.
func Compare(b *testing.B, clients int, unit string, base, ours func()) {
	b.Helper()
	var least, most []time.Duration
	for b.Loop() {
		least = append(least, round(clients, base))
		most = append(most, round(clients, ours))
	}
	slices.Sort(least)
	slices.Sort(most)
	of, is := least[len(least)/2], most[len(most)/2]
	b.ReportMetric(0, "ns/op") // a round is no operation
	b.ReportMetric(float64(of.Nanoseconds()), "base-ns")
	b.ReportMetric(float64(is.Nanoseconds()), "ours-ns")
	b.ReportMetric(float64(is)/float64(of), unit)
}

// round is the time of one call when the calls are shared out among the clients.
func round(clients int, call func()) time.Duration {
	var all sync.WaitGroup
	start := time.Now()
	for range clients {
		all.Go(func() {
			for range callsPerRound / clients {
				call()
			}
		})
	}
	all.Wait()
	return time.Since(start) / callsPerRound
}
