package web

import (
	"errors"
	"io"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/settings"
)

// previewHolidays reads days off from text or, on a page, from a file.
func (s *Site) previewHolidays(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeSettings); err != nil {
		return reply, err
	}
	var err error
	if !isAPI(c) {
		if reply.Again, err = s.proposeForm(c, settings.Holidays); err != nil {
			return reply, err
		}
	}
	in, err := read[settings.Rows](c)
	if err != nil {
		return reply, err
	}
	if form, err := c.MultipartForm(); err == nil && !isAPI(c) && form != nil {
		if in.Text, err = sentText(c); err != nil {
			return reply, err
		}
		reply, err = s.previewed(c, reply, in)
		return reply, ofFile(err)
	}
	return s.previewed(c, reply, in)
}

// ofFile says of the field of the file what was said of its text.
func ofFile(err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	fields := slices.Clone(refusal.Fields)
	for i := range fields {
		fields[i].Name = "file"
	}
	return fault.Invalid(fields...)
}

func (s *Site) previewed(c *fiber.Ctx, reply Reply, in settings.Rows) (Reply, error) {
	v, err := s.Settings.Preview(c.UserContext(), in)
	if err != nil {
		return reply, err
	}
	reply.Body, reply.Page = v, pages.PreviewHolidays(v)
	return reply, nil
}

// sentText is what the one file of a form says.
func sentText(c *fiber.Ctx) (string, error) {
	_, body, err := formFile(c)
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(io.LimitReader(body, clocks.MaxHolidayFile+1))
	if err == nil && len(text) == 0 {
		err = fault.Invalid(fault.On("file", "required"))
	}
	return string(text), err
}

// addHoliday previews one day off that was typed in.
func (s *Site) addHoliday(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if _, err := s.Gate.Enter(c.UserContext(), policies.ProposeSettings); err != nil {
		return reply, err
	}
	var err error
	if reply.Again, err = s.proposeForm(c, settings.Holidays); err != nil {
		return reply, err
	}
	in, err := read[clocks.Holiday](c)
	if err != nil {
		return reply, err
	}
	fields := clocks.CheckHolidays("day", []clocks.Holiday{in})
	for i := range fields {
		fields[i].Name = fields[i].Name[len("day.0."):]
	}
	if err := fault.Invalid(fields...); err != nil {
		return reply, err
	}
	return s.previewed(c, reply, settings.Rows{Text: clocks.WriteHolidays([]clocks.Holiday{in}, "check")})
}
