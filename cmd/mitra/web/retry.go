package web

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	idempotencyKey = "Idempotency-Key"
	// answersLast is how long a POST may be repeated under its key.
	answersLast = 24 * time.Hour
)

// keptHeaders go with a kept answer.
var keptHeaders = []string{fiber.HeaderContentType, fiber.HeaderETag, fiber.HeaderLocation, fiber.HeaderLink}

// retry answers a POST that carries a key it has carried before with what it was
// answered then. Keys are a person's own, for one route.
func (s *Site) retry(c *fiber.Ctx) error {
	key := c.Get(idempotencyKey)
	if c.Method() != fiber.MethodPost || key == "" {
		return c.Next()
	}
	if len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.New(fault.Malformed, "idempotency_malformed")
	}
	a, registry, now := actor(c), s.DB.Registry(), s.Gate.Now()
	claim := tenants.Answer{
		ID:   digest(string(a.Tenant), string(a.Person), c.Path(), key),
		Body: s.bodyDigest(c), Until: now.Add(answersLast),
	}
	earlier, err := registry.Begin(c.UserContext(), claim, now)
	switch {
	case err != nil:
		return err
	case earlier != nil && earlier.Body != claim.Body:
		return fault.New(fault.Conflict, "idempotency_conflict")
	case earlier != nil && !earlier.Done:
		return fault.New(fault.Conflict, "idempotency_busy")
	case earlier != nil:
		for name, value := range earlier.Header {
			c.Set(name, value)
		}
		return c.Status(earlier.Status).Send(earlier.Reply)
	}
	if err := fault.Guard(c.Next); err != nil {
		if status := statuses[classify(err).Kind]; status >= 500 || status == fiber.StatusTooManyRequests {
			return firstError(registry.Unanswered(c.UserContext(), claim.ID), err)
		}
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	claim.Done, claim.Status, claim.Reply = true, c.Response().StatusCode(), append([]byte(nil), c.Response().Body()...)
	claim.Header = map[string]string{}
	for _, name := range keptHeaders {
		if value := c.GetRespHeader(name); value != "" {
			claim.Header[name] = value
		}
	}
	return registry.Answered(c.UserContext(), claim)
}

// bodyDigest tells bodies apart; of an upload, which is not held in memory, its length.
func (s *Site) bodyDigest(c *fiber.Ctx) string {
	if s.upload(c) > 0 {
		return digest(c.Get(fiber.HeaderContentLength))
	}
	return digest(string(c.Body()))
}

// firstError prefers what the caller asked about; the other is a lost key that runs out
// by itself.
func firstError(_, asked error) error { return asked }

// digest joins parts so that no two lists of parts are one text.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
