package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/fault"
)

// guard sets the headers of every answer, refuses forms of other sites, and counts.
func (s *Site) guard(c *fiber.Ctx) error {
	nonce, _ := c.Locals(nonceKey{}).(string)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-"+nonce+
		"'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if strings.HasPrefix(s.cfg.PublicURL, "https://") {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if !strings.HasPrefix(c.Path(), "/static/") {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	if !reads(c) && !isAPI(c) && !s.fromHere(c) {
		return fault.New(fault.Forbidden, "origin_wrong")
	}
	return s.limit(c)
}

// fromHere says that a form was sent by one of our own pages. Browsers say so in
// Sec-Fetch-Site, older ones in Origin; what says neither is no browser and has no cookie.
func (s *Site) fromHere(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == string(c.Request().Host())
}

const (
	rateWindow = time.Minute
	// ratePerWindow is how many requests one sender may make in a minute.
	ratePerWindow = 1200
	maxSenders    = 50_000
)

// rates counts requests in this process. It protects against accidents; attempts to
// sign in are counted across processes by package people.
type rates struct {
	now    func() time.Time
	mu     sync.Mutex
	window time.Time
	counts map[string]int
}

func newRates(now func() time.Time) *rates { return &rates{now: now, counts: map[string]int{}} }

func (r *rates) add(key string) (n int, left time.Duration) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.window) >= rateWindow || now.Before(r.window) || len(r.counts) > maxSenders {
		r.window, r.counts = now, map[string]int{}
	}
	r.counts[key]++
	return r.counts[key], rateWindow - now.Sub(r.window)
}

// limit counts strangers by their address. Whoever shows a token or a session is counted
// once it is known whose it is: by that, or as a stranger if it is nobody's.
func (s *Site) limit(c *fiber.Ctx) error {
	secret := c.Cookies(sessionCookie)
	if isAPI(c) {
		secret = bearerOf(c)
	}
	if secret == "" {
		if err := s.count(c, c.IP()); err != nil {
			return err
		}
	}
	return c.Next()
}

// known counts a request whose sender showed a secret. The secret was nobody's where the
// error says so.
func (s *Site) known(c *fiber.Ctx, secret string, err error) error {
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return s.count(c, c.IP())
	}
	sum := sha256.Sum256([]byte(secret))
	return s.count(c, hex.EncodeToString(sum[:16]))
}

// count refuses a sender's requests beyond what one may send in a minute.
func (s *Site) count(c *fiber.Ctx, sender string) error {
	if s.rates == nil {
		return nil
	}
	n, left := s.rates.add(sender)
	if isAPI(c) {
		c.Set("RateLimit-Policy", strconv.Itoa(ratePerWindow)+";w=60")
		c.Set("RateLimit", "limit="+strconv.Itoa(ratePerWindow)+", remaining="+strconv.Itoa(max(0, ratePerWindow-n))+
			", reset="+strconv.Itoa(int(left.Seconds())+1))
	}
	if n > ratePerWindow {
		return fault.New(fault.RateLimited, "rate_limited")
	}
	return nil
}
