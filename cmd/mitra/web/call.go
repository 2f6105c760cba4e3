package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Reply is what a handler answers: a body for the API, a page or a way to go for people.
type Reply struct {
	Body any
	// Page draws the answer for people; To is where they are sent instead.
	Page func(*Shown) templ.Component
	To   string
	// Again draws the same form with what was typed, should the call be refused.
	Again func(*Shown) templ.Component
	// Since is the record of that form as it is now: should somebody have saved it since the
	// form was opened, what they saved is shown beside what was typed.
	Since *since
	// Version is the record's; it becomes the ETag.
	Version tenants.Version
	// Created is the API path of a new record.
	Created string
	// Next is the cursor of the page after; it becomes the Link header.
	Next *string
	// Typed says that the page is the form that was sent, as it was typed.
	Typed bool
	// File is sent instead, as it is.
	File *sentFile
}

// maxNesting is how deep JSON from outside may nest.
const maxNesting = 32

// read takes the input of a call: JSON from the API, a form from a page.
func read[T any](c *fiber.Ctx) (T, error) {
	var in T
	if isAPI(c) {
		return in, readJSON(c, &in)
	}
	return in, readForm(c, &in)
}

// readAt takes the input and the version it was made from.
func readAt[T any](c *fiber.Ctx) (T, tenants.Version, error) {
	in, err := read[T](c)
	if err != nil {
		return in, 0, err
	}
	seen, err := seenVersion(c)
	return in, seen, err
}

// seenVersion is the version in If-Match, or in a form's hidden field.
func seenVersion(c *fiber.Ctx) (tenants.Version, error) {
	text := c.FormValue("version")
	if isAPI(c) {
		text = c.Get(fiber.HeaderIfMatch)
		if text == "" {
			return 0, fault.New(fault.VersionRequired, "version_required")
		}
		text = strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Stale, "stale")
	}
	return tenants.Version(n), nil
}

func readJSON(c *fiber.Ctx, in any) error {
	body := c.Body()
	if len(body) == 0 {
		body = []byte("{}")
	} else if kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || kind != fiber.MIMEApplicationJSON {
		return fault.New(fault.Unsupported, "json_expected")
	}
	if !utf8.Valid(body) {
		return fault.New(fault.Malformed, "not_text")
	}
	if tooDeep(body) {
		return fault.New(fault.Malformed, "json_malformed")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return jsonFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Malformed, "json_malformed")
	}
	return nil
}

// tooDeep counts brackets outside of strings.
func tooDeep(body []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, b := range body {
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			if depth++; depth > maxNesting {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// jsonFault names the field where the decoder can.
func jsonFault(err error) error {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return refusal
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fault.Invalid(fault.On(wrong.Field, "type_wrong", "type", wrong.Type.Kind().String()))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return fault.Invalid(fault.On(strings.Trim(name, `"`), "field_unknown"))
	}
	return fault.New(fault.Malformed, "json_malformed").Because(err)
}

// send answers a call.
func (s *Site) send(c *fiber.Ctx, r Reply) error {
	if r.File != nil {
		return sendFile(c, r.File)
	}
	if isAPI(c) {
		return s.sendJSON(c, r)
	}
	if r.To != "" {
		return c.Redirect(r.To, fiber.StatusSeeOther)
	}
	if r.Typed {
		c.Locals(keptKey{}, true)
	}
	return s.draw(c, fiber.StatusOK, r.Page)
}

func (s *Site) sendJSON(c *fiber.Ctx, r Reply) error {
	if r.Version > 0 {
		tag := `"` + strconv.FormatInt(int64(r.Version), 10) + `"`
		c.Set(fiber.HeaderETag, tag)
		if reads(c) && strings.Contains(c.Get(fiber.HeaderIfNoneMatch), tag) {
			return c.SendStatus(fiber.StatusNotModified)
		}
	}
	if r.Next != nil {
		next := c.Request().URI()
		args := next.QueryArgs()
		args.Set("cursor", *r.Next)
		c.Set(fiber.HeaderLink, "<"+s.cfg.PublicURL+string(next.Path())+"?"+args.String()+`>; rel="next"`)
	}
	switch {
	case r.Created != "":
		c.Status(fiber.StatusCreated).Set(fiber.HeaderLocation, "/api/v1"+r.Created)
	case r.Body == nil:
		return c.SendStatus(fiber.StatusNoContent)
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.Send(body)
}

// draw renders a page to a buffer first, so that a page that cannot be drawn is an
// error page and not half a page.
func (s *Site) draw(c *fiber.Ctx, status int, page func(*Shown) templ.Component) error {
	if page == nil {
		return errors.New("web: a reply without a page")
	}
	var b bytes.Buffer
	shown := s.shown(c)
	if status == fiber.StatusOK {
		shown.Done = s.takeDone(c, shown)
	}
	ctx := context.WithoutCancel(c.UserContext()) // what took too long is told on a page as well
	if err := page(shown).Render(ctx, &b); err != nil {
		return err
	}
	if shown.Problem != nil && (len(shown.Problem.Fields) > 0 || shown.Since != nil) {
		b.Reset() // now the fields' names, and what they hold, are known to what stands above them
		if err := page(shown).Render(ctx, &b); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Status(status).Send(b.Bytes())
}

// isAPI says on which of the two mounts a request came.
func isAPI(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/api/") }
