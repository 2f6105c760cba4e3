package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Services are what the handlers call.
type Services struct {
	Gate          *tenants.Gate
	DB            *store.DB
	People        *people.Service
	Organisations *organisations.Service
	Programs      *programs.Service
	Exchange      *exchange.Service
	Forms         *forms.Service
	Settings      *settings.Service
	Notices       *notices.Service
	Audit         *audit.Service
	// MoveClock moves the demo's clock forward; nil outside the demo.
	MoveClock func(ctx context.Context, by time.Duration) error
}

// Route is one operation and where it is reached.
type Route struct {
	// Name is the operation in the API description and the golden list.
	Name   string
	Method string
	// API is the path below /api/v1, Page the path of the page; empty: not there. A page
	// knows GET and POST alone.
	API, Page string
	// Open lets strangers in.
	Open bool
	// Creates says that success is 201 with the new record's place.
	Creates bool
	// Upload says that the body is a form with a file, and how long it may be in bytes.
	Upload int64
	Do     func(*fiber.Ctx) (Reply, error)
	// In and Out describe bodies; nil without one. Media is what the answer is where it is a
	// file and not JSON.
	In, Out any
	Media   string
	// Versioned says that it needs the version that was seen, Unversioned that it does not,
	// where the path and the method do not say so: an edit needs one, a move below an id too.
	Versioned, Unversioned bool
	// Asked describes what a list takes in its query; nil for what is no list, and for one
	// that takes nothing.
	Asked *listQuery
}

// versioned says that an operation changes one record that somebody may have changed
// meanwhile.
func (r Route) versioned() bool {
	switch {
	case r.Versioned:
		return true
	case r.Unversioned || strings.HasPrefix(r.API, "/me"):
		return false
	case r.Method == fiber.MethodPut, r.Method == fiber.MethodDelete, r.Method == fiber.MethodPatch:
		return true
	}
	return r.Method == fiber.MethodPost && !r.Creates && strings.Contains(r.API, "/:id/")
}

// table joins the areas.
func (s *Site) table() []Route {
	var all []Route
	for _, area := range [][]Route{s.doorRoutes(), s.accountRoutes(), s.tenantRoutes(), s.activityRoutes(), s.peopleRoutes(), s.organisationRoutes(), s.programRoutes(), s.actualRoutes(), s.importRoutes(), s.exportRoutes(), s.sheetRoutes(), s.oursRoutes(), s.formRoutes(), s.diligenceRoutes(), s.flagRoutes(), s.settingsRoutes(), s.noticeRoutes()} {
		all = append(all, area...)
	}
	if s.MoveClock != nil {
		all = append(all, Route{Name: "move-demo-clock", Method: fiber.MethodPost, API: "/demo/clock", Do: s.moveDemoClock, In: clockMove{}, Out: clockState{}})
	}
	return all
}

// Routes lists every operation as "METHOD path", API and pages, for the golden list.
func (s *Site) Routes() []string {
	var list []string
	for _, r := range s.routes {
		if r.API != "" {
			list = append(list, r.Method+" /api/v1"+r.API+" "+r.Name)
		}
		if r.Page != "" {
			list = append(list, pageMethod(r)+" "+r.Page+" "+r.Name)
		}
	}
	return list
}

// checkTable refuses two operations of one name or at one place.
func (s *Site) checkTable() error {
	seen := map[string]bool{}
	for _, r := range s.routes {
		for _, key := range []string{r.Name, r.Method + " /api/v1" + r.API, pageMethod(r) + " " + r.Page} {
			if strings.HasSuffix(key, "/api/v1") || strings.HasSuffix(key, " ") {
				continue
			}
			if seen[key] {
				return fmt.Errorf("web: two routes are %q", key)
			}
			seen[key] = true
		}
	}
	return nil
}

func pageMethod(r Route) string {
	if r.Method == fiber.MethodGet {
		return r.Method
	}
	return fiber.MethodPost
}

// mountAPI serves the table to programs: a bearer, JSON.
func (s *Site) mountAPI() {
	s.add(fiber.MethodGet, "/api/openapi.json", s.openAPI)
	for _, r := range s.routes {
		if r.API == "" {
			continue
		}
		s.add(r.Method, "/api/v1"+r.API, s.bearer(r.Open), s.retry, func(c *fiber.Ctx) error {
			reply, err := r.Do(c)
			if err != nil {
				return err
			}
			return s.send(c, reply)
		})
	}
}

// mountPages serves the table to people: a cookie, forms with the session's token.
func (s *Site) mountPages() {
	for _, r := range s.routes {
		if r.Page == "" {
			continue
		}
		s.add(pageMethod(r), r.Page, s.cookie(r.Open), func(c *fiber.Ctx) error {
			reply, err := r.Do(c)
			if err != nil && reply.Again != nil && askAgain(err) {
				return s.again(c, reply, err)
			}
			if err != nil {
				return err
			}
			if reply.To != "" && r.Method != fiber.MethodGet {
				s.noteDone(c, r.Name)
			}
			return s.send(c, reply)
		})
	}
}

// add mounts handlers at a path. What answers GET answers HEAD with the same headers.
func (s *Site) add(method, path string, handlers ...fiber.Handler) {
	s.app.Add(method, path, handlers...)
	if method == fiber.MethodGet {
		s.app.Add(fiber.MethodHead, path, handlers...)
	}
	s.mounted = append(s.mounted, place{method, path})
}

// place is a method at a path.
type place struct{ method, path string }

// reads says that a request changes nothing.
func reads(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
}

// unknown refuses what no route answers: a path that is not there, or one that is and
// does not know the method.
func (s *Site) unknown(c *fiber.Ctx) error {
	var allowed []string
	for _, p := range s.mounted {
		if !slices.Contains(allowed, p.method) && fiber.RoutePatternMatch(c.Path(), p.path) {
			allowed = append(allowed, p.method)
		}
	}
	if len(allowed) == 0 {
		return fault.New(fault.Missing, "route_unknown")
	}
	if slices.Contains(allowed, fiber.MethodGet) {
		allowed = append(allowed, fiber.MethodHead)
	}
	slices.Sort(allowed)
	c.Set(fiber.HeaderAllow, strings.Join(allowed, ", "))
	return fault.New(fault.Missing, "method_not_allowed")
}
