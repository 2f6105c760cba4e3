package tenantstest

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// CallsPerRound is how often each side of a comparison is called in one round: enough
// that a pause of the machine is small against it.
const CallsPerRound = 256

// Round does CallsPerRound calls and says how long they took.
type Round func() time.Duration

// Compare measures ours against base in turn, round by round, and reports the median
// time of one call of each and the ratio of the two under the unit. What slows the
// machine down for a while slows both.
func Compare(b *testing.B, unit string, base, ours Round) {
	b.Helper()
	base() // what is done once is done now
	ours()
	var of, is []time.Duration
	for b.Loop() {
		of, is = append(of, base()), append(is, ours())
	}
	b.ReportMetric(0, "ns/op") // a round is no operation
	b.ReportMetric(float64(median(of).Nanoseconds())/CallsPerRound, "base-ns")
	b.ReportMetric(float64(median(is).Nanoseconds())/CallsPerRound, "ours-ns")
	b.ReportMetric(float64(median(is))/float64(median(of)), unit)
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// Calls is a round that shares the calls out among so many clients at once.
func Calls(clients int, call func()) Round {
	return func() time.Duration {
		var all sync.WaitGroup
		start := time.Now()
		for range clients {
			all.Go(func() {
				for range CallsPerRound / clients {
					call()
				}
			})
		}
		all.Wait()
		return time.Since(start)
	}
}
