package web

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Steps are the upper bounds of the buckets in which durations of requests are counted.
var Steps = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second, 20 * time.Second,
}

// Traffic is what one route answered since the start. Routes are patterns of the table:
// no tenant, record or person is in them.
type Traffic struct {
	Method, Route string
	// ByClass counts answers by the first digit of their status; [0] is none.
	ByClass [6]uint64
	// Within counts answers by the first of Steps that they took no longer than; the last
	// is beyond all of them.
	Within [len(Steps) + 1]uint64
	Took   time.Duration
}

// Refused is how often a refusal was answered, by its code.
type Refused struct {
	Code  string
	Times uint64
}

// meter counts requests. It grows with the table of routes and the list of codes, never
// with what is asked.
type meter struct {
	routes  sync.Map // routeKey → *routeMeter
	refused sync.Map // code → *atomic.Uint64
}

type routeKey struct{ method, route string }

type routeMeter struct {
	byClass [6]atomic.Uint64
	within  [len(Steps) + 1]atomic.Uint64
	took    atomic.Int64
}

func (m *meter) count(c *fiber.Ctx, took time.Duration) {
	key := routeKey{c.Method(), c.Route().Path}
	kept, ok := m.routes.Load(key)
	if !ok {
		kept, _ = m.routes.LoadOrStore(key, new(routeMeter))
	}
	r := kept.(*routeMeter)
	r.byClass[min(c.Response().StatusCode()/100, len(r.byClass)-1)].Add(1)
	step, _ := slices.BinarySearch(Steps[:], took)
	r.within[step].Add(1)
	r.took.Add(int64(took))
	if code, ok := c.Locals(failed{}).(string); ok {
		times, ok := m.refused.Load(code)
		if !ok {
			times, _ = m.refused.LoadOrStore(code, new(atomic.Uint64))
		}
		times.(*atomic.Uint64).Add(1)
	}
}

// Traffic is every route that was asked for, in order.
func (s *Site) Traffic() []Traffic {
	var list []Traffic
	s.meter.routes.Range(func(k, v any) bool {
		key, r := k.(routeKey), v.(*routeMeter)
		t := Traffic{Method: key.method, Route: key.route, Took: time.Duration(r.took.Load())}
		for i := range r.byClass {
			t.ByClass[i] = r.byClass[i].Load()
		}
		for i := range r.within {
			t.Within[i] = r.within[i].Load()
		}
		list = append(list, t)
		return true
	})
	slices.SortFunc(list, func(a, b Traffic) int { return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Method, b.Method)) })
	return list
}

// Refusals are the codes that were answered, in order.
func (s *Site) Refusals() []Refused {
	var list []Refused
	s.meter.refused.Range(func(k, v any) bool {
		list = append(list, Refused{k.(string), v.(*atomic.Uint64).Load()})
		return true
	})
	slices.SortFunc(list, func(a, b Refused) int { return cmp.Compare(a.Code, b.Code) })
	return list
}
