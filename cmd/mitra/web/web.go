// Package web is the only code that knows Fiber: it turns requests into calls of the
// services and their answers into JSON or pages. One table of routes has two mounts:
// /api/v1 takes a bearer and speaks JSON; pages take the session's cookie and a form's
// token. Handlers hold no rule, no status and no tenant.
//
//	routes    the table, its two mounts        call      input, version, reply
//	fail      refusals, the only statuses      session   who acts
//	guard     headers, origin, rates           retry     Idempotency-Key
//	form      forms to structs                 openapi   the table, described
//	meter     counts, without names
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	// deadline is how long one request may work.
	deadline = 20 * time.Second
	// bodyLimit is the longest body of a request that is not an upload.
	bodyLimit = 2 << 20
)

// Config is what the site is told once.
type Config struct {
	// PublicURL is the address people reach, without a slash at its end.
	PublicURL string
	// Demo marks every page as invented.
	Demo bool
	Log  *slog.Logger
}

// Ready says whether the stores answer.
type Ready func(context.Context) error

// Site is the product as HTTP.
type Site struct {
	cfg    Config
	ready  Ready
	app    *fiber.App
	routes []Route
	// mounted are the places that answer, in the order they are looked through.
	mounted []place
	rates   *rates
	meter   meter
	// lastPages are shown when no other error page can be.
	lastPages map[words.Language][]byte
	Services
}

// New makes the site and mounts every route.
func New(cfg Config, services Services, ready Ready) (*Site, error) {
	s := &Site{cfg: cfg, ready: ready, Services: services, rates: newRates(services.Gate.Now)}
	if err := s.drawLastPages(); err != nil {
		return nil, err
	}
	s.routes = s.table()
	if err := s.checkTable(); err != nil {
		return nil, err
	}
	s.app = fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, BodyLimit: bodyLimit, StreamRequestBody: true, ErrorHandler: s.fail,
		ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 90 * time.Second,
		ReadBufferSize: 16 << 10, Network: fiber.NetworkTCP, UnescapePath: true, StrictRouting: false,
	})
	s.app.Use(s.begin, s.guard)
	s.mountPlain()
	s.mountAPI()
	s.mountPages()
	s.app.Use(s.recognise, s.unknown)
	return s, nil
}

// recognise tells who looks at a page that is not there, so that they keep their way around.
func (s *Site) recognise(c *fiber.Ctx) error {
	if !reads(c) || isAPI(c) {
		return c.Next()
	}
	return s.cookie(true)(c)
}

// App is the Fiber application, for tests that speak HTTP without a port.
func (s *Site) App() *fiber.App { return s.app }

// Unlimited stops counting requests, for benchmarks.
func (s *Site) Unlimited() { s.rates = nil }

// Serve answers requests on a listener until the context ends, then finishes the open
// ones within the grace.
func (s *Site) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	served := make(chan error, 1)
	go func() { served <- s.app.Listener(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	err := s.app.ShutdownWithTimeout(grace)
	// Told to stop before it began to serve, the application does not know its listener.
	if closing := l.Close(); !errors.Is(closing, net.ErrClosed) {
		err = errors.Join(err, closing)
	}
	return errors.Join(err, <-served)
}

// robots keeps what machines should not collect: links that are somebody's alone.
const robots = "User-agent: *\nDisallow: /setup/\nDisallow: /invitations/\nDisallow: /reset/\n"

// mountPlain serves what is no record: health, the stylesheet, the API's description.
func (s *Site) mountPlain() {
	s.add(fiber.MethodGet, "/static/:hash/*", compress.New(), s.serveStatic)
	s.add(fiber.MethodGet, "/robots.txt", func(c *fiber.Ctx) error { return c.SendString(robots) })
	s.add(fiber.MethodGet, "/api", s.cookie(true), func(c *fiber.Ctx) error { return s.draw(c, fiber.StatusOK, pages.API(s.operations())) })
	s.add(fiber.MethodGet, "/problems/:code", s.cookie(true), s.showProblem)
	s.add(fiber.MethodGet, "/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	s.add(fiber.MethodGet, "/readyz", func(c *fiber.Ctx) error {
		if err := s.ready(c.UserContext()); err != nil {
			return err
		}
		return c.SendString("ready\n")
	})
}

// showProblem explains a refusal by its code.
func (s *Site) showProblem(c *fiber.Ctx) error {
	code := c.Params("code")
	if !words.From(c.UserContext()).Has("fault." + code) {
		return fault.New(fault.Missing, "route_unknown")
	}
	args := []string{}
	for _, name := range []string{"max", "min", "minutes", "kind", "value", "count"} {
		args = append(args, name, "…")
	}
	return s.draw(c, fiber.StatusOK, pages.Problem(code, s.message(c, fault.New(fault.Unprocessable, code, args...))))
}

// actor is who acts.
func actor(c *fiber.Ctx) tenants.Actor { return tenants.ActorFrom(c.UserContext()) }
