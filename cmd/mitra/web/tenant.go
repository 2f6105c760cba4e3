package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// tenantRoutes are the space itself: home, what happened, the demo's clock.
func (s *Site) tenantRoutes() []Route {
	return []Route{
		{Name: "home", Method: fiber.MethodGet, Page: "/:tenant", Do: s.home},
		{Name: "activity", Method: fiber.MethodGet, API: "/:tenant/journal", Page: "/:tenant/activity", Do: s.activity, Out: listed[tenants.Entry]{}},
	}
}

// homeWork is how much of what waits stands on the first page.
const homeWork = 8

func (s *Site) home(c *fiber.Ctx) (Reply, error) {
	ctx := c.UserContext()
	w := words.From(ctx)
	v := pages.Home{}
	running, err := s.Programs.List(ctx, programs.Criteria{State: []programs.State{programs.Active}}, store.Query{Limit: 5, Count: true})
	if err != nil {
		return Reply{}, err
	}
	v.Running, v.Active = running.Items, capped(w, *running.Count)
	for state, text := range map[programs.State]*string{programs.Drafting: &v.Drafting, programs.BothAccepted: &v.Accepted, programs.Suspended: &v.Suspended} {
		n, err := s.Programs.Count(ctx, programs.Criteria{State: []programs.State{state}})
		if err != nil {
			return Reply{}, err
		}
		*text = capped(w, n)
	}
	if v.Work, err = s.Notices.Work(ctx, notices.WorkCriteria{}); err != nil {
		return Reply{}, err
	}
	if v.More = max(0, len(v.Work)-homeWork); v.More > 0 {
		v.Work = v.Work[:homeWork]
	}
	if v.Unread, err = s.unread(c); err != nil {
		return Reply{}, err
	}
	sc, err := s.Gate.Enter(ctx, policies.ReadJournal)
	if err != nil {
		return Reply{}, err
	}
	const looked, told = 40, 8
	entries, err := s.DB.Activity(ctx, sc, 0, looked)
	if err != nil {
		return Reply{}, err
	}
	v.Recent, err = s.rows(ctx, entries)
	v.Recent = v.Recent[:min(len(v.Recent), told)]
	return Reply{Page: pages.ShowHome(v)}, err
}

func capped(w *words.Words, n store.Total) string {
	if n.Capped {
		return w.T("list.more_than", "n", n.N-1)
	}
	return w.Number(int64(n.N))
}

// clockMove is how far the demo's clock is moved: "72h".
type clockMove struct {
	Forward string `json:"forward"`
}

type clockState struct {
	Now time.Time `json:"now"`
}

// longestMove keeps the demo within the years people plan for.
const longestMove = 10 * 366 * 24 * time.Hour

// moveDemoClock lets a tenant_admin of the demo see what time does.
func (s *Site) moveDemoClock(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.MoveDemoClock); err != nil {
		return Reply{}, err
	}
	in, err := read[clockMove](c)
	if err != nil {
		return Reply{}, err
	}
	by, err := time.ParseDuration(in.Forward)
	if err != nil || by <= 0 || by > longestMove {
		return Reply{}, fault.Invalid(fault.On("forward", "duration_malformed"))
	}
	if err := s.MoveClock(c.UserContext(), by); err != nil {
		return Reply{}, err
	}
	return Reply{Body: clockState{s.Gate.Now()}}, nil
}

func (s *Site) activity(c *fiber.Ctx) (Reply, error) {
	ctx := c.UserContext()
	sc, err := s.Gate.Enter(ctx, policies.ReadJournal)
	if err != nil {
		return Reply{}, err
	}
	before := int64(0)
	if text := c.Query("cursor"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return Reply{}, fault.Invalid(fault.On("cursor", "cursor_malformed"))
		}
	}
	const length = 50
	entries, err := s.DB.Activity(ctx, sc, before, length)
	if err != nil {
		return Reply{}, err
	}
	var next *string
	if len(entries) == length {
		text := strconv.FormatInt(entries[length-1].Seq, 10)
		next = &text
	}
	rows, err := s.rows(ctx, entries)
	if entries == nil {
		entries = []tenants.Entry{}
	}
	return Reply{Body: listed[tenants.Entry]{Items: entries, Next: next}, Next: next, Page: pages.Activity(rows, nextPage(c, next))}, err
}
