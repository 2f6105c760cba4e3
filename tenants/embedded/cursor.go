package embedded

import (
	"sync"
	"time"
)

const (
	// firstBatch and nextBatch are how many documents a reply holds when nobody says.
	firstBatch = 101
	nextBatch  = 1000
	// batchBytes is where a reply stops growing.
	batchBytes = 16 << 20
	// cursorIdle is how long a cursor waits for its reader, openCursors how many may.
	cursorIdle  = 10 * time.Minute
	openCursors = 4096
)

// cursor is what remains of a find. It holds no transaction: it knows where to go on.
type cursor struct {
	id        int64
	namespace string
	db, name  string

	// rest are documents already sorted; rows is the walk to go on with.
	rest  []document
	rows  *plan
	seen  map[string]struct{}
	shape *projection
	left  int64 // of the limit; -1 without one
	used  time.Time
}

type cursors struct {
	mu   sync.Mutex
	open map[int64]*cursor
	last int64
}

// keep gives an unfinished cursor a number under which it is asked for again.
func (c *cursors) keep(k *cursor, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[int64]*cursor{}
	}
	if k.id == 0 {
		c.last++
		k.id = c.last<<20 | now.UnixNano()&0xFFFFF
	}
	k.used = now
	c.open[k.id] = k
	if len(c.open) > openCursors {
		c.dropIdle(now.Add(-time.Second))
	}
}

// take hands a cursor to one reader.
func (c *cursors) take(id int64, namespace string) *cursor {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.open[id]
	if k == nil || k.namespace != namespace {
		return nil
	}
	delete(c.open, id)
	return k
}

func (c *cursors) expire(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropIdle(now.Add(-cursorIdle))
}

func (c *cursors) dropIdle(before time.Time) {
	for id, k := range c.open {
		if k.used.Before(before) {
			delete(c.open, id)
		}
	}
}
