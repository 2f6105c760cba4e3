package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// Cookies. The session's is the only one that says who someone is.
const (
	sessionCookie  = "mitra_session"
	deviceCookie   = "mitra_device"
	languageCookie = "mitra_language"
)

// Shown is what every page is told beside its own view.
type Shown = pages.Shown

type (
	requestKey  struct{}
	identityKey struct{}
	nonceKey    struct{}
)

func requestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestKey{}).(string)
	return id
}

// identityOf is who the request comes from; nil for strangers.
func identityOf(c *fiber.Ctx) *people.Identity {
	identity, _ := c.Locals(identityKey{}).(*people.Identity)
	return identity
}

// begin gives a request its id, its deadline, its language and its line in the log.
func (s *Site) begin(c *fiber.Ctx) error {
	var random [24]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	id := hex.EncodeToString(random[:8])
	c.Locals(requestKey{}, id)
	c.Locals(nonceKey{}, base64.RawStdEncoding.EncodeToString(random[8:]))
	c.Set("X-Request-Id", id)
	ctx, cancel := context.WithTimeout(c.UserContext(), deadline)
	defer cancel()
	c.SetUserContext(words.With(ctx, s.language(c, "")))
	start := time.Now()
	err := s.bounded(c)
	if err != nil {
		c.Context().SetConnectionClose() // what was not read is still coming
	} else if err = s.text(c); err == nil {
		err = fault.Guard(c.Next)
	}
	if err != nil {
		// Answered here, so that the line in the log has its status.
		err = s.failSafely(c, err)
	}
	took := time.Since(start)
	s.meter.count(c, took)
	s.logRequest(c, took)
	return err
}

// language is the reader's: their choice, else their browser's, else their tenant's once
// it is known which that is.
func (s *Site) language(c *fiber.Ctx, tenant string) *words.Words {
	choice := c.Cookies(languageCookie)
	if isAPI(c) {
		choice = ""
	}
	return words.In(words.Negotiate(choice, c.Get(fiber.HeaderAcceptLanguage), words.Language(tenant)))
}

// logRequest writes one line for each request: never a body, a query or a secret.
func (s *Site) logRequest(c *fiber.Ctx, took time.Duration) {
	attributes := []slog.Attr{
		slog.String("request", requestID(c)), slog.String("method", c.Method()), slog.String("route", c.Route().Path),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", took.Round(time.Microsecond)),
	}
	if a := actor(c); a.SignedIn() {
		attributes = append(attributes, slog.String("person", string(a.Person)), slog.String("tenant", string(a.Tenant)))
	}
	if code, ok := c.Locals(failed{}).(string); ok {
		attributes = append(attributes, slog.String("code", code))
	}
	s.cfg.Log.LogAttrs(c.UserContext(), slog.LevelInfo, "request", attributes...)
}

// bearerOf is the token that a program shows; empty without one.
func bearerOf(c *fiber.Ctx) string {
	secret, given := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if !given {
		return ""
	}
	return strings.TrimSpace(secret)
}

// bearer lets programs in: by token alone, never by cookie.
func (s *Site) bearer(open bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		secret := bearerOf(c)
		if secret == "" {
			if open {
				return c.Next()
			}
			return fault.New(fault.Unauthenticated, "unauthenticated")
		}
		identity, err := s.People.AuthenticateToken(c.UserContext(), secret)
		if refused := s.known(c, secret, err); refused != nil {
			return refused
		}
		switch {
		case err != nil:
			return err
		case identity.ReadOnly && !reads(c):
			return fault.New(fault.Forbidden, "token_reads_only")
		}
		return s.admit(c, identity, open)
	}
}

// cookie lets people in by their session. A form must carry the session's token, so
// that no other site can send it in their name.
func (s *Site) cookie(open bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		secret := c.Cookies(sessionCookie)
		if secret != "" {
			identity, err := s.People.Authenticate(c.UserContext(), secret)
			if refused := s.known(c, secret, err); refused != nil {
				return refused
			}
			switch {
			case err == nil:
				c.Locals(identityKey{}, identity)
				if identity.Renewed != "" {
					s.setCookie(c, sessionCookie, identity.Renewed, sessionLife)
				}
			case fault.KindOf(err) == fault.Unauthenticated:
				s.forget(c)
			default:
				return err
			}
		}
		identity := identityOf(c)
		if identity == nil {
			if open {
				return c.Next()
			}
			return fault.New(fault.Unauthenticated, "unauthenticated")
		}
		if err := s.patient(c); err != nil {
			return err
		}
		if c.Method() == fiber.MethodPost && !sameText(c.FormValue("csrf"), identity.Session.Form.Reveal()) {
			return fault.New(fault.Forbidden, "form_expired")
		}
		return s.admit(c, identity, open)
	}
}

// admit puts who acts into the context. A path of another tenant than the seat's is not
// there; if strangers may go there, they go as one.
func (s *Site) admit(c *fiber.Ctx, identity *people.Identity, open bool) error {
	c.Locals(identityKey{}, identity)
	if t := c.Params("tenant"); t != "" && tenants.TenantID(t) != identity.Actor.Tenant {
		if open {
			return c.Next()
		}
		return fault.NotFound("tenant")
	}
	ctx := tenants.WithActor(c.UserContext(), identity.Actor)
	if t := s.tenantOf(ctx, identity.Actor); t != nil {
		ctx = words.With(ctx, s.language(c, t.Language))
	}
	c.SetUserContext(ctx)
	if err := s.patient(c); err != nil {
		return err
	}
	return c.Next()
}

// tenantOf is the tenant of somebody's seat; nil without one.
func (s *Site) tenantOf(ctx context.Context, a tenants.Actor) *tenants.Tenant {
	if a.Tenant == "" {
		return nil
	}
	t, err := s.People.Tenant(ctx, a.Tenant)
	if err != nil {
		return nil
	}
	return t
}

func sameText(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// sessionLife is how long a browser keeps a session's cookie at most.
const sessionLife = 90 * 24 * time.Hour

// remember sets the cookies of a new session.
func (s *Site) remember(c *fiber.Ctx, in *people.SignedIn) {
	s.setCookie(c, sessionCookie, in.Secret, sessionLife)
	s.setCookie(c, deviceCookie, in.Device, 365*24*time.Hour)
	if c.Cookies(languageCookie) == "" {
		s.setCookie(c, languageCookie, in.Person.Language, 365*24*time.Hour)
	}
}

func (s *Site) forget(c *fiber.Ctx) { s.setCookie(c, sessionCookie, "", -time.Hour) }

func (s *Site) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: strings.HasPrefix(s.cfg.PublicURL, "https://"), MaxAge: int(life.Seconds()),
	})
}

// from is what a sign-in is told of where it comes from.
func (s *Site) from(c *fiber.Ctx) people.SignIn {
	return people.SignIn{Agent: strings.ToValidUTF8(c.Get(fiber.HeaderUserAgent), ""), Address: c.IP(), Device: c.Cookies(deviceCookie)}
}

func escapeQuery(text string) string { return url.QueryEscape(text) }

// safeNext is a way within this site to go on to; anything else is the home page.
func safeNext(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.Contains(text, `\`) {
		return "/"
	}
	return text
}
