package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants/store"
)

// tenantRoutes are the space itself.
func (s *Site) tenantRoutes() []Route {
	return []Route{
		{Name: "home", Method: fiber.MethodGet, Page: "/:tenant", Do: s.home},
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
	page, err := s.DB.Activity(ctx, sc, store.ActivityCriteria{}, store.Query{Limit: looked})
	if err != nil {
		return Reply{}, err
	}
	v.Recent, err = s.rows(ctx, page.Items)
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
