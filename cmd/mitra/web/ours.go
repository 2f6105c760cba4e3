package web

import (
	"context"
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
)

// oursRoutes are how an organisation takes away everything that is its own.
func (s *Site) oursRoutes() []Route {
	const at = "/:tenant/exports/ours"
	return []Route{
		{Name: "show-export-ours", Method: fiber.MethodGet, Page: at, Do: s.showOurs},
		{Name: "export-ours", Method: fiber.MethodGet, API: at + ".zip", Page: at + ".zip", Do: s.takeOurs, Media: "application/zip"},
	}
}

func (s *Site) showOurs(c *fiber.Ctx) (Reply, error) {
	_, err := s.Gate.Enter(c.UserContext(), policies.ExportOwnData)
	return Reply{Page: pages.Ours}, err
}

func (s *Site) takeOurs(c *fiber.Ctx) (Reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTime)
	defer cancel()
	file, err := made("mitra-"+c.Params("tenant")+".zip", "application/zip", func(w io.Writer) error { return s.Exchange.TakeOurs(ctx, w) })
	return Reply{File: file}, err
}
