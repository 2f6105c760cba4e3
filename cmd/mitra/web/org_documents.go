package web

import (
	"context"
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// orgDocumentRoutes are the documents of one's own passport, those of others where their
// profile may be read, and until when they are good.
func (s *Site) orgDocumentRoutes() []Route {
	const api, page, dated = "/:tenant/passport/documents", "/:tenant/organisations/passport/documents", "/:tenant/document-expiries"
	o := s.Organisations
	return []Route{
		{Name: "show-add-passport-document", Method: fiber.MethodGet, Page: page, Do: s.showAddDocument},
		{Name: "add-passport-document", Versioned: true, Upload: organisations.MaxDocumentFile, Method: fiber.MethodPost, API: api, Page: page, Do: s.addDocument, Out: organisations.Passport{}},
		{Name: "show-edit-passport-document", Method: fiber.MethodGet, Page: page + "/:document", Do: s.showEditDocument},
		{Name: "edit-passport-document", Method: fiber.MethodPut, API: api + "/:document", Page: page + "/:document", Do: documentChange(s, o.EditDocument), In: organisations.DocumentFacts{}, Out: organisations.Passport{}},
		{Name: "remove-passport-document", Versioned: true, Method: fiber.MethodPost, API: api + "/:document/remove", Page: page + "/:document/remove", Do: documentChange(s, func(ctx context.Context, id string, seen tenants.Version, _ struct{}) (*organisations.Passport, error) {
			return o.RemoveDocument(ctx, id, seen)
		}), Out: organisations.Passport{}},
		{Name: "passport-document-file", Method: fiber.MethodGet, API: api + "/:document/file", Page: page + "/:document/file", Do: s.ownDocument, Media: "application/octet-stream"},
		{Name: "organisation-document-file", Method: fiber.MethodGet, API: "/:tenant/organisations/:id/documents/:document/file", Page: "/:tenant/organisations/:id/documents/:document/file", Do: s.memberDocument, Media: "application/octet-stream"},
		{Name: "list-readings", Method: fiber.MethodGet, API: "/:tenant/passport/readings", Page: "/:tenant/organisations/passport/readings", Do: s.listReadings, Out: listed[organisations.Reading]{}, Asked: sorted[organisations.ReadingCriteria]()},
		{Name: "list-document-expiries", Method: fiber.MethodGet, API: dated, Page: dated, Do: s.listExpiries, Out: listed[organisations.Expiry]{}, Asked: sorted[organisations.ExpiryCriteria]()},
		{Name: "show-document-expiry", Method: fiber.MethodGet, API: dated + "/:id", Page: dated + "/:id", Do: s.showExpiry, Out: organisations.Expiry{}},
	}
}

func passportPath(c *fiber.Ctx) string { return "/" + c.Params("tenant") + "/organisations/passport" }

func (s *Site) showAddDocument(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Home(c.UserContext(), policies.EditPassport); err != nil {
		return Reply{}, err
	}
	p, err := s.Organisations.Mine(c.UserContext())
	return Reply{Page: pages.AddDocument(p)}, err
}

// addDocument takes a document with its file. Which file was chosen is the one thing that a
// browser does not give back to a form that was refused.
func (s *Site) addDocument(c *fiber.Ctx) (Reply, error) {
	reply := Reply{To: passportPath(c)}
	if _, err := s.Gate.Home(c.UserContext(), policies.EditPassport); err != nil {
		return reply, err // before a byte of the file is taken
	}
	p, err := s.Organisations.Mine(c.UserContext())
	if err != nil {
		return reply, err
	}
	reply.Again = pages.AddDocument(p)
	var in organisations.DocumentFacts
	if err := readForm(c, &in); err != nil {
		return reply, err
	}
	seen, err := seenVersion(c)
	if err != nil {
		return reply, err
	}
	name, body, err := formFile(c)
	if err != nil {
		return reply, err
	}
	defer func() { _ = body.Close() }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), uploadTime)
	defer cancel()
	if p, err = s.Organisations.AddDocument(ctx, seen, in, name, body); err != nil {
		return reply, err
	}
	reply.Body, reply.Version = p, p.Version
	return reply, nil
}

func (s *Site) showEditDocument(c *fiber.Ctx) (Reply, error) {
	if _, err := s.Gate.Home(c.UserContext(), policies.EditPassport); err != nil {
		return Reply{}, err
	}
	p, err := s.Organisations.Mine(c.UserContext())
	if err != nil {
		return Reply{}, err
	}
	page, err := pages.EditDocument(p, c.Params("document"))
	return Reply{Page: page}, err
}

// documentChange changes a document of one's own passport.
func documentChange[In any](
	s *Site, change func(context.Context, string, tenants.Version, In) (*organisations.Passport, error),
) func(*fiber.Ctx) (Reply, error) {
	return func(c *fiber.Ctx) (Reply, error) {
		id, reply := c.Params("document"), Reply{To: passportPath(c)}
		if !isAPI(c) {
			p, err := s.Organisations.Mine(c.UserContext())
			if err != nil {
				return reply, err
			}
			if reply.Again, err = pages.EditDocument(p, id); err != nil {
				return reply, err
			}
			reply.Since = sinceHistory(p.Version, struct{}{}, func(ctx context.Context, _ struct{}, q store.Query) (*entries, error) {
				return s.Organisations.PassportHistory(ctx, q)
			})
		}
		in, seen, err := readAt[In](c)
		if err != nil {
			return reply, err
		}
		p, err := change(c.UserContext(), id, seen, in)
		if err != nil {
			return reply, err
		}
		reply.Body, reply.Version = p, p.Version
		return reply, nil
	}
}

func (s *Site) ownDocument(c *fiber.Ctx) (Reply, error) {
	return sendDocument(c, func(ctx context.Context) (*organisations.Document, io.ReadCloser, error) {
		return s.Organisations.OwnDocument(ctx, c.Params("document"))
	})
}

func (s *Site) memberDocument(c *fiber.Ctx) (Reply, error) {
	return sendDocument(c, func(ctx context.Context) (*organisations.Document, io.ReadCloser, error) {
		return s.Organisations.MemberDocument(ctx, memberOf(c), c.Params("document"))
	})
}

// sendDocument sends a file from the object store as it comes. That goes on after the
// handler has answered, so its time is the file's own and ends when it is closed.
func sendDocument(c *fiber.Ctx, open func(context.Context) (*organisations.Document, io.ReadCloser, error)) (Reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTime)
	d, file, err := open(ctx)
	if err != nil {
		cancel()
		return Reply{}, err
	}
	return Reply{File: &sentFile{ending{file, cancel}, d.Name, d.File.Type, d.File.Size}}, nil
}

// ending is a file whose time ends when it is closed.
type ending struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (e ending) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close()
}

// listReadings is who read what of one's own organisation.
func (s *Site) listReadings(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.ReadingCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Organisations.Readings(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	if isAPI(c) {
		return Reply{Body: list, Next: list.Next}, nil
	}
	ids := make([]string, 0, 2*len(list.Items))
	for _, r := range list.Items {
		ids = append(ids, string(r.Person), string(r.By))
	}
	v := pages.ReadingList{Items: list.Items, Asked: criteria, Next: nextPage(c, list.Next), Total: words.From(c.UserContext()).N("readings.count", int64(list.Count.N))}
	v.Names, err = s.called(c.UserContext(), ids...)
	return Reply{Page: pages.Readings(v)}, err
}

func (s *Site) listExpiries(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[organisations.ExpiryCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Organisations.Expiries(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	v := pages.ExpiryList{Items: list.Items, Asked: criteria, Next: nextPage(c, list.Next), Total: words.From(c.UserContext()).N("expiries.count", int64(list.Count.N))}
	return Reply{Body: list, Next: list.Next, Page: pages.Expiries(v)}, nil
}

// showExpiry leads people to the organisation whose document it is.
func (s *Site) showExpiry(c *fiber.Ctx) (Reply, error) {
	e, err := s.Organisations.Expiry(c.UserContext(), tenants.ID[organisations.Expiry](c.Params("id")))
	if err != nil {
		return Reply{}, err
	}
	return Reply{Body: e, Version: e.Version, To: memberPath(c, e.Member)}, nil
}
