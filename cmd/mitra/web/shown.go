package web

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/cmd/mitra/web/static"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
)

// shown gathers what every page is told.
func (s *Site) shown(c *fiber.Ctx) *Shown {
	ctx := c.UserContext()
	nonce, _ := c.Locals(nonceKey{}).(string)
	p := &Shown{
		W: words.From(ctx), Path: c.Path(), Nonce: nonce, Demo: s.cfg.Demo, Zone: time.UTC, Now: s.Gate.Now(),
		May: func(action policies.Action) bool { return s.Gate.May(ctx, action) },
	}
	if identity := identityOf(c); identity != nil {
		p.Actor, p.OrganisationName = identity.Actor, identity.OrganisationName
		if identity.Session != nil {
			p.CSRF = identity.Session.Form.Reveal()
		}
		if t := s.tenantOf(ctx, identity.Actor); t != nil {
			p.Tenant = t
			if zone, err := time.LoadLocation(t.Zone); err == nil {
				p.Zone = zone
			}
		}
	}
	if c.Locals(keptKey{}) != nil {
		p.Typed = typedValues(c)
	}
	if problem, ok := c.Locals(typed{}).(*pages.Message); ok {
		p.Problem, p.Typed = problem, typedValues(c)
		p.Since, _ = c.Locals(savedKey{}).(*pages.Saved)
	}
	return p
}

// typedValues are the fields of the form just sent; passwords are not given back.
func typedValues(c *fiber.Ctx) url.Values {
	values := url.Values{}
	add := func(name, value string) {
		switch name {
		case "password", "current", "csrf", "version":
		default:
			values.Add(name, value)
		}
	}
	for name, value := range c.Request().PostArgs().All() {
		add(string(name), string(value))
	}
	parts, _ := c.Locals(partsKey{}).(map[string][]string)
	for name, list := range parts {
		for _, value := range list {
			add(name, value)
		}
	}
	return values
}

// serveStatic gives the stylesheet, the script and the mark, for good.
func (s *Site) serveStatic(c *fiber.Ctx) error {
	body, kind, ok := static.Read(c.Params("hash"), c.Params("*"))
	if !ok {
		return fault.New(fault.Missing, "route_unknown")
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(body)
}
