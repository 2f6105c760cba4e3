package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/words"
)

const (
	// doneCookie carries to the next page what was just done: an operation's name, never a
	// text, so that nobody can put words on a page by a link or a cookie.
	doneCookie = "mitra_done"
	// doneLasts is how long the next page may take to be asked for.
	doneLasts = time.Minute
)

// quiet are the operations whose effect the next page shows by itself.
var quiet = map[string]bool{"sign-out": true, "choose-language": true, "switch-seat": true}

// doneKey is the message under which people are told that an operation of a page was
// done; empty for one that says nothing. What has no sentence of its own was saved.
func (s *Site) doneKey(name string) string {
	for _, r := range s.routes {
		if r.Name != name || r.Page == "" || r.Method == fiber.MethodGet {
			continue
		}
		switch {
		case words.In(words.English).Has("done." + name):
			return "done." + name
		case r.Open || quiet[name]:
			return ""
		}
		return "done.saved"
	}
	return ""
}

// noteDone remembers for one page what was done.
func (s *Site) noteDone(c *fiber.Ctx, name string) {
	if s.doneKey(name) != "" {
		s.setCookie(c, doneCookie, name, doneLasts)
	}
}

// takeDone is what the page now drawn tells about the operation before it, once.
func (s *Site) takeDone(c *fiber.Ctx, shown *Shown) string {
	name := c.Cookies(doneCookie)
	if name == "" || !reads(c) {
		return ""
	}
	s.setCookie(c, doneCookie, "", -time.Hour)
	key := s.doneKey(name)
	if key == "" {
		return ""
	}
	return shown.T(key, "other", shown.T("side."+string(shown.Actor.Side.Opposite())))
}
