package main

import (
	"sync/atomic"
	"time"
)

// clock is the machine's, or in the demo one that starts elsewhere, runs from there and
// can be moved forward.
type clock struct{ ahead atomic.Int64 }

func newClock(start time.Time) *clock {
	c := &clock{}
	if !start.IsZero() {
		c.ahead.Store(int64(time.Until(start)))
	}
	return c
}

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// forward moves the clock; it never goes back.
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// clockZone is where the demo's days begin.
var clockZone = time.FixedZone("WITA", 8*60*60)
