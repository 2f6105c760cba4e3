package web

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// importRoutes are files from elsewhere: uploaded, previewed, confirmed.
func (s *Site) importRoutes() []Route {
	const all, at = "/:tenant/imports", "/:tenant/imports/:id"
	return []Route{
		{Name: "list-imports", Method: fiber.MethodGet, API: all, Page: all, Do: s.listImports, Out: listed[exchange.Import]{}, Asked: sorted[struct{}]()},
		{Name: "upload-import", Creates: true, Upload: exchange.MaxFile, Method: fiber.MethodPost, API: all, Page: all, Do: s.uploadImport, Out: exchange.Import{}},
		{Name: "show-import", Method: fiber.MethodGet, API: at, Page: at, Do: s.showImport, Out: exchange.Import{}},
		{Name: "confirm-import", Method: fiber.MethodPost, API: at + "/confirm", Page: at + "/confirm", Do: importMove(s, s.Exchange.Confirm), Out: exchange.Import{}},
		{Name: "discard-import", Method: fiber.MethodPost, API: at + "/discard", Page: at + "/discard", Do: importMove(s, s.Exchange.Discard), Out: exchange.Import{}},
	}
}

type importID = tenants.ID[exchange.Import]

func importPath(c *fiber.Ctx, id importID) string {
	return "/" + c.Params("tenant") + "/imports/" + string(id)
}

func (s *Site) listImports(c *fiber.Ctx) (Reply, error) {
	_, q, err := query[struct{}](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Exchange.Imports(c.UserContext(), q)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: list, Next: list.Next, Page: pages.Imports(list.Items, nextPage(c, list.Next))}, nil
}

// uploadTime is how long one file may take to arrive.
const uploadTime = 30 * time.Minute

func (s *Site) uploadImport(c *fiber.Ctx) (Reply, error) {
	reply := Reply{}
	if _, err := s.Gate.Enter(c.UserContext(), policies.ImportIATI); err != nil {
		return reply, err // before a byte of the file is taken
	}
	if !isAPI(c) {
		list, err := s.Exchange.Imports(c.UserContext(), store.Query{})
		if err != nil {
			return reply, err
		}
		reply.Again = pages.Imports(list.Items, nextPage(c, list.Next))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), uploadTime)
	defer cancel()
	name, body, err := formFile(c)
	if err != nil {
		return reply, err
	}
	defer func() { _ = body.Close() }()
	i, err := s.Exchange.Upload(ctx, name, body)
	if err != nil {
		return reply, err
	}
	to := importPath(c, i.ID)
	reply.Body, reply.Version, reply.Created, reply.To = i, i.Version, to, to
	return reply, nil
}

// formFile is the one file of a form.
func formFile(c *fiber.Ctx) (string, io.ReadCloser, error) {
	header, err := c.FormFile("file")
	if err != nil {
		return "", nil, fault.Invalid(fault.On("file", "required"))
	}
	body, err := header.Open()
	return header.Filename, body, err
}

func (s *Site) showImport(c *fiber.Ctx) (Reply, error) {
	i, err := s.Exchange.ReadImport(c.UserContext(), importID(c.Params("id")))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: i, Version: i.Version, Page: pages.ShowImport(i)}, nil
}

// importMove confirms or discards an import.
func importMove(s *Site, move func(context.Context, importID, tenants.Version) (*exchange.Import, error)) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		id := importID(c.Params("id"))
		reply := Reply{To: importPath(c, id)}
		if !isAPI(c) {
			i, err := s.Exchange.ReadImport(c.UserContext(), id)
			if err != nil {
				return reply, err
			}
			reply.Again = pages.ShowImport(i)
		}
		seen, err := seenVersion(c)
		if err != nil {
			return reply, err
		}
		i, err := move(c.UserContext(), id, seen)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = i, i.Version
		return reply, nil
	}
}

// bounded holds bodies to their length. An upload may be long and says how long, and ends
// its connection, because what is left of it unread must not be taken for a request.
// Anything else is read here, so that a stream which never ends stops at the limit.
func (s *Site) bounded(c *fiber.Ctx) error {
	r := c.Request()
	length := r.Header.ContentLength()
	if longest := s.upload(c); longest > 0 {
		switch {
		case length < 0:
			return fault.New(fault.Malformed, "length_required")
		case int64(length) > longest:
			return tooLarge(longest)
		}
		c.Context().SetConnectionClose()
		return nil
	}
	if length > bodyLimit {
		return tooLarge(bodyLimit)
	}
	if !r.IsBodyStream() {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.BodyStream(), bodyLimit+1))
	switch {
	case err != nil:
		return fault.New(fault.Malformed, "json_malformed").Because(err)
	case len(body) > bodyLimit:
		return tooLarge(bodyLimit)
	}
	r.SetBody(body)
	return nil
}

// patient gives a known sender's upload time to arrive.
func (s *Site) patient(c *fiber.Ctx) error {
	if s.upload(c) == 0 {
		return nil
	}
	return c.Context().Conn().SetReadDeadline(time.Now().Add(uploadTime))
}

// formAround is how much longer than its file a form may be.
const formAround = 1 << 20

// upload says how long the body of a request for a route that takes a file may be; 0 for
// any other.
func (s *Site) upload(c *fiber.Ctx) int64 {
	if c.Method() != fiber.MethodPost {
		return 0
	}
	path, api := strings.CutPrefix(strings.TrimSuffix(c.Path(), "/"), "/api/v1")
	_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, r := range s.routes {
		if r.Upload > 0 && (api && "/:tenant/"+rest == r.API || !api && "/:tenant/"+rest == r.Page) {
			return r.Upload + formAround
		}
	}
	return 0
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "too_large", "max", strconv.FormatInt(limit>>20, 10))
}
