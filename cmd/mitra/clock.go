package main

import "time"

// clock is the machine's, or in the demo one that starts elsewhere and runs from there.
type clock struct{ ahead time.Duration }

func newClock(start time.Time) *clock {
	c := &clock{}
	if !start.IsZero() {
		c.ahead = time.Until(start)
	}
	return c
}

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

// clockZone is where the demo's days begin.
var clockZone = time.FixedZone("WITA", 8*60*60)
