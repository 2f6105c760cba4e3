package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
)

// problem is a refusal as RFC 9457 spells it, with the extensions code, remedy and
// errors.
type problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Instance string         `json:"instance"`
	Code     string         `json:"code"`
	Remedy   string         `json:"remedy"`
	Errors   []fieldProblem `json:"errors,omitempty"`
}

type fieldProblem struct {
	Name   string `json:"name"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
}

// statuses are the only place where a kind of refusal gets its number.
var statuses = map[fault.Kind]int{
	fault.Internal: 500, fault.Malformed: 400, fault.TooLarge: 413, fault.Unsupported: 415, fault.Unauthenticated: 401,
	fault.Forbidden: 403, fault.Missing: 404, fault.Conflict: 409, fault.Stale: 412, fault.VersionRequired: 428,
	fault.Unprocessable: 422, fault.RateLimited: 429, fault.Unavailable: 503,
}

// classify makes a refusal of any error; what nobody classified is our fault.
func classify(err error) *fault.Error {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return refusal
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		switch e.Code {
		case fiber.StatusNotFound:
			return fault.New(fault.Missing, "route_unknown")
		case fiber.StatusMethodNotAllowed:
			return fault.New(fault.Missing, "method_not_allowed")
		case fiber.StatusRequestEntityTooLarge:
			return fault.New(fault.TooLarge, "too_large")
		case fiber.StatusRequestTimeout:
			return fault.New(fault.Malformed, "request_timeout")
		case fiber.StatusBadRequest, fiber.StatusRequestHeaderFieldsTooLarge:
			return fault.New(fault.Malformed, "malformed")
		}
	}
	return fault.New(fault.Internal, "internal").Because(err)
}

// failSafely answers an error; should that fail, with a page that was drawn at the start.
func (s *Site) failSafely(c *fiber.Ctx, err error) error {
	failing := fault.Guard(func() error { return s.fail(c, err) })
	if failing == nil {
		return nil
	}
	s.cfg.Log.ErrorContext(c.UserContext(), "an error page could not be drawn", slog.String("request", requestID(c)), slog.Any("error", failing))
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Status(fiber.StatusInternalServerError).Send(s.lastPages[words.From(c.UserContext()).Language()])
}

// drawLastPages draws the page of an error of ours before anything can go wrong.
func (s *Site) drawLastPages() error {
	s.lastPages = map[words.Language][]byte{}
	for _, l := range []words.Language{words.Indonesian, words.English} {
		w := words.In(l)
		m := pages.Message{Code: "internal"}
		m.Detail, m.Remedy = w.Fault(m.Code, nil)
		shown := &Shown{W: w, Path: "/", Demo: s.cfg.Demo, Zone: time.UTC, Now: s.Gate.Now(), May: func(policies.Action) bool { return false }}
		var b bytes.Buffer
		if err := pages.Refusal(m, "")(shown).Render(context.Background(), &b); err != nil {
			return err
		}
		s.lastPages[l] = b.Bytes()
	}
	return nil
}

// fail answers every error, once, in the reader's language, and logs what is ours.
func (s *Site) fail(c *fiber.Ctx, err error) error {
	refusal := classify(err)
	status := statuses[refusal.Kind]
	switch refusal.Code {
	case "method_not_allowed":
		status = fiber.StatusMethodNotAllowed
	case "request_timeout":
		status = fiber.StatusRequestTimeout
	}
	if status >= 500 {
		s.cfg.Log.ErrorContext(c.UserContext(), "a request failed", slog.String("request", requestID(c)), slog.Any("error", err))
	}
	sayWhen(c, refusal, status)
	c.Locals(failed{}, refusal.Code)
	if isAPI(c) {
		return s.failAPI(c, refusal, status)
	}
	if status == fiber.StatusUnauthorized && reads(c) {
		return c.Redirect("/sign-in?next="+escapeQuery(c.OriginalURL()), fiber.StatusSeeOther)
	}
	page := pages.Refusal(s.message(c, refusal), requestID(c))
	if k := kept(c, refusal); k != nil {
		page = pages.KeptForm(*k)
	}
	return s.draw(c, status, page)
}

// sayWhen tells who is refused for now when to come again.
func sayWhen(c *fiber.Ctx, refusal *fault.Error, status int) {
	if status != fiber.StatusTooManyRequests && status != fiber.StatusServiceUnavailable {
		return
	}
	after := refusal.Args["retry_after"]
	if after == "" {
		after = "30"
	}
	c.Set(fiber.HeaderRetryAfter, after)
}

func (s *Site) failAPI(c *fiber.Ctx, refusal *fault.Error, status int) error {
	if status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="mitra"`)
	}
	w := words.From(c.UserContext())
	detail, remedy := w.Fault(refusal.Code, refusal.Args)
	p := problem{
		Type: "/problems/" + refusal.Code, Title: w.T("status." + strconv.Itoa(status)), Status: status, Detail: detail,
		Instance: "urn:request:" + requestID(c), Code: refusal.Code, Remedy: remedy,
	}
	for _, f := range refusal.Fields {
		detail, remedy := w.Fault(f.Code, f.Args)
		p.Errors = append(p.Errors, fieldProblem{f.Name, f.Code, detail, remedy})
	}
	if err := c.Status(status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json; charset=utf-8")
	return nil
}

// message is a refusal in the reader's words.
func (s *Site) message(c *fiber.Ctx, refusal *fault.Error) pages.Message {
	w := words.From(c.UserContext())
	m := pages.Message{Code: refusal.Code}
	m.Detail, m.Remedy = w.Fault(refusal.Code, refusal.Args)
	for _, f := range refusal.Fields {
		detail, remedy := w.Fault(f.Code, f.Args)
		m.Fields = append(m.Fields, pages.FieldMessage{Name: f.Name, Detail: detail, Remedy: remedy})
	}
	return m
}

// askAgain says that the same form should come back with what was typed. Nobody loses
// what they wrote because it was not theirs to decide.
func askAgain(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unprocessable, fault.Conflict, fault.Stale, fault.Malformed, fault.Forbidden, fault.RateLimited, fault.Unavailable:
		return true
	}
	return false
}

// again draws a form once more, with what was typed and what is wrong with it.
func (s *Site) again(c *fiber.Ctx, r Reply, err error) error {
	refusal := classify(err)
	status := statuses[refusal.Kind]
	if status >= 500 {
		s.cfg.Log.ErrorContext(c.UserContext(), "a request failed", slog.String("request", requestID(c)), slog.Any("error", err))
	}
	sayWhen(c, refusal, status)
	c.Locals(failed{}, refusal.Code)
	m := s.message(c, refusal)
	if from, ok := c.Locals(linesKey{}).(lines); ok {
		for i, f := range m.Fields {
			m.Fields[i].Name = from.inForm(f.Name)
		}
	}
	c.Locals(typed{}, &m)
	if saved, failed := s.savedSince(c, r.Since); failed != nil {
		return failed
	} else if saved != nil {
		c.Locals(savedKey{}, saved)
	}
	return s.draw(c, status, r.Again)
}

type (
	failed struct{}
	typed  struct{}
	// keptKey says that a form that was not refused is drawn as it was typed.
	keptKey struct{}
	// savedKey holds who saved the record of a form that comes back.
	savedKey struct{}
)
