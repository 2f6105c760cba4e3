package web

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/fault"
)

type notTextKey struct{}

// text holds a request to text: an address that is none leads nowhere, a query that is
// none is refused, and a form's field that is none is noted by its name and kept as far as
// it can be read, so that the form comes back with it. JSON is looked at where it is read.
func (s *Site) text(c *fiber.Ctx) error {
	uri := c.Request().URI()
	if !utf8.Valid(uri.Path()) {
		return fault.New(fault.Missing, "route_unknown")
	}
	for name, value := range uri.QueryArgs().All() {
		if !utf8.Valid(name) || !utf8.Valid(value) {
			return fault.New(fault.Malformed, "not_text")
		}
	}
	if isAPI(c) || c.Method() != fiber.MethodPost {
		return nil
	}
	form := c.Request().PostArgs()
	wrong := url.Values{}
	for name, value := range form.All() {
		switch {
		case !utf8.Valid(name):
			return fault.New(fault.Malformed, "not_text")
		case !utf8.Valid(value):
			wrong[string(name)] = nil
		}
	}
	var names []string
	for name := range wrong {
		names = append(names, name)
		for _, value := range form.PeekMulti(name) {
			wrong.Add(name, string(bytes.ToValidUTF8(value, []byte("\uFFFD"))))
		}
		form.Del(name)
		for _, value := range wrong[name] {
			form.Add(name, value)
		}
	}
	c.Locals(notTextKey{}, names)
	return nil
}

// notText are the fields of a form whose bytes were no text.
func notText(c *fiber.Ctx) []string {
	names, _ := c.Locals(notTextKey{}).([]string)
	return names
}

// kept is the page of a form that came too late: the session in which it was opened has
// ended. What was typed goes along, to be sent once more. Only the session's own browser
// comes here with a session, because another site's form brings no cookie.
func kept(c *fiber.Ctx, refusal *fault.Error) *pages.Kept {
	if isAPI(c) || c.Method() != fiber.MethodPost || refusal.Kind != fault.Unauthenticated && refusal.Code != "form_expired" {
		return nil
	}
	k := &pages.Kept{To: c.Path(), SignedOut: refusal.Kind == fault.Unauthenticated}
	for name, value := range c.Request().PostArgs().All() {
		switch key := string(name); key {
		case "csrf":
		case "password", "current":
			return nil // it is typed again, and nothing else is there
		default:
			text := strings.ReplaceAll(string(value), "\r\n", "\n")
			k.Fields = append(k.Fields, pages.KeptField{Name: key, Value: text, Typed: !silentField(key) && !blank(text)})
		}
	}
	if len(k.Fields) == 0 || len(k.Fields) > maxFields {
		return nil
	}
	return k
}

// silentField says that a form fills a field by itself.
func silentField(name string) bool {
	return name == "version" || name == "hash" || name == "id" || strings.HasSuffix(name, ".id") || strings.HasSuffix(name, ".currency")
}
