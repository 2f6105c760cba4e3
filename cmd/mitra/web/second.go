package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/people"
)

const (
	// secondCookie holds the secret with which the second step follows the first.
	secondCookie = "mitra_second"
	secondLife   = 5 * time.Minute
	secondPath   = "/me/second-step"
)

// secondPage is how one's own second step stands. codes are new recovery codes, shown
// this once.
func (s *Site) secondPage(c *fiber.Ctx, codes []string) (func(*Shown) templ.Component, error) {
	if err := noSession(c); err != nil {
		return nil, err
	}
	person, err := s.People.Me(c.UserContext())
	if err != nil {
		return nil, err
	}
	v := pages.Second{Codes: codes}
	if person.TwoSteps() {
		v.Since, v.Left = person.Second.Since, len(person.Second.Codes)
		return pages.ShowSecond(v), nil
	}
	if v.Enrolment, err = s.People.Enrolling(c.UserContext()); err != nil {
		return nil, err
	}
	if v.Enrolment != nil {
		v.QR, err = qrOf(v.Enrolment.Address)
	}
	return pages.ShowSecond(v), err
}

func (s *Site) showSecond(c *fiber.Ctx) (Reply, error) {
	page, err := s.secondPage(c, nil)
	return Reply{Page: page}, err
}

func (s *Site) beginSecond(c *fiber.Ctx) (Reply, error) {
	return Reply{To: secondPath}, s.People.BeginSecondStep(c.UserContext())
}

func (s *Site) confirmSecond(c *fiber.Ctx) (Reply, error) {
	return s.withCodes(c, func() ([]string, error) { return s.People.ConfirmSecondStep(c.UserContext(), c.FormValue("code")) })
}

func (s *Site) renewCodes(c *fiber.Ctx) (Reply, error) {
	return s.withCodes(c, func() ([]string, error) { return s.People.RenewCodes(c.UserContext(), proofOf(c)) })
}

// withCodes shows new recovery codes, once; refused, the page says why.
func (s *Site) withCodes(c *fiber.Ctx, make func() ([]string, error)) (Reply, error) {
	page, err := s.secondPage(c, nil)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Again: page}
	codes, err := make()
	if err != nil {
		return reply, err
	}
	reply.Page, err = s.secondPage(c, codes)
	return reply, err
}

func (s *Site) endSecond(c *fiber.Ctx) (Reply, error) {
	page, err := s.secondPage(c, nil)
	if err != nil {
		return Reply{}, err
	}
	return Reply{To: secondPath, Again: page}, s.People.EndSecondStep(c.UserContext(), proofOf(c))
}

// proofOf is what the form of a change shows, as it was typed.
func proofOf(c *fiber.Ctx) people.Proof {
	return people.Proof{Password: c.FormValue("password"), Code: c.FormValue("code")}
}
