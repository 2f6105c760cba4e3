package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/programs"
)

// exportRoutes are what a tenant publishes as IATI: the file, and what the standard's rules
// say of it beforehand.
func (s *Site) exportRoutes() []Route {
	const at = "/:tenant/exports/iati"
	return []Route{
		{Name: "check-iati-export", Method: fiber.MethodGet, API: at, Page: at, Do: s.checkExport, Out: listed[exchange.Checked]{}, Asked: paged[struct{}]()},
		{Name: "export-iati", Method: fiber.MethodGet, API: at + ".xml", Page: at + ".xml", Do: s.exportIATI, Media: "application/xml"},
	}
}

// checkExport says of the programs what the rules say, a page of programs at a time: one
// that is not published leaves its place empty.
func (s *Site) checkExport(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Enter(c.UserContext(), policies.ExportIATI); err != nil {
		return Reply{}, err
	}
	_, q, err := query[struct{}](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Programs.List(c.UserContext(), programs.Criteria{}, q)
	if err != nil {
		return Reply{}, err
	}
	checked, err := s.Exchange.CheckIATI(c.UserContext(), list.Items)
	if err != nil {
		return Reply{}, err
	}
	return Reply{
		Body: listed[exchange.Checked]{Items: checked, Next: list.Next}, Next: list.Next,
		Page: pages.Exports(checked, nextPage(c, list.Next)),
	}, nil
}

// exportTime is how long a file may take to be made.
const exportTime = 10 * time.Minute

func (s *Site) exportIATI(c *fiber.Ctx) (Reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTime)
	defer cancel()
	file, err := made("iati-"+c.Params("tenant")+".xml", "application/xml; charset=utf-8", func(w io.Writer) error {
		_, err := s.Exchange.ExportIATI(ctx, w)
		return err
	})
	return Reply{File: file}, err
}

// sentFile is a file that is an answer: what people are to call it, its type and its size
// in bytes.
type sentFile struct {
	io.ReadCloser
	name, media string
	size        int64
}

// made writes a file to the disk before a byte of it is sent, so that one that cannot be
// made whole is an error and not half a file. Nothing is left when it is closed.
func made(name, media string, write func(io.Writer) error) (*sentFile, error) {
	f, err := os.CreateTemp("", "mitra-*")
	if err != nil {
		return nil, err
	}
	file := &sentFile{ReadCloser: f, name: name, media: media}
	w := bufio.NewWriter(f)
	err = errors.Join(os.Remove(f.Name()), write(w), w.Flush())
	if err == nil {
		file.size, err = f.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file, nil
}

// sendFile sends a file to be kept under its name, and closes it.
func sendFile(c *fiber.Ctx, f *sentFile) error {
	c.Set(fiber.HeaderContentType, f.media)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Context().SetBodyStream(f.ReadCloser, int(f.size))
	return nil
}
