package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
)

// noticeRoutes are what waits for oneself, and what one was told.
func (s *Site) noticeRoutes() []Route {
	const all = "/:tenant/notices"
	return []Route{
		{Name: "list-work", Method: fiber.MethodGet, API: "/:tenant/work", Page: "/:tenant/work", Do: s.listWork, Out: listed[work.Item]{}, Asked: whole[notices.WorkCriteria]()},
		{Name: "list-notices", Method: fiber.MethodGet, API: all, Page: all, Do: s.listNotices, Out: listed[notices.Notice]{}, Asked: sorted[notices.Criteria]()},
		{Name: "read-all-notices", Method: fiber.MethodPost, API: all + "/read-all", Page: all + "/read-all", Do: s.readAllNotices, Out: notices.Marked{}},
		{Name: "read-notice", Unversioned: true, Method: fiber.MethodPost, API: all + "/:id/read", Page: all + "/:id/read", Do: s.readNotice, Out: notices.Notice{}},
	}
}

func noticesPath(c *fiber.Ctx) string { return "/" + c.Params("tenant") + "/notices" }

// unread says how many notices the reader has not read; "" where there is none.
func (s *Site) unread(c *fiber.Ctx) (string, error) {
	n, err := s.Notices.Unread(c.UserContext())
	if err != nil || n.N == 0 {
		return "", err
	}
	return words.From(c.UserContext()).N("notices.unread", int64(n.N)), nil
}

func (s *Site) listWork(c *fiber.Ctx) (Reply, error) {
	criteria, _, err := query[notices.WorkCriteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Notices.Work(c.UserContext(), criteria)
	if err != nil {
		return Reply{}, err
	}
	v := pages.WorkView{
		Items: list, Q: criteria.Words, Kind: first(criteria.Kind), Due: string(criteria.Due),
		Total: words.From(c.UserContext()).N("work.count", int64(len(list))),
	}
	v.Unread, err = s.unread(c)
	return Reply{Body: listOf(list), Page: pages.ShowWork(v)}, err
}

func (s *Site) listNotices(c *fiber.Ctx) (Reply, error) {
	criteria, q, err := query[notices.Criteria](c)
	if err != nil {
		return Reply{}, err
	}
	list, err := s.Notices.List(c.UserContext(), criteria, q)
	if err != nil {
		return Reply{}, err
	}
	if isAPI(c) {
		return Reply{Body: list, Next: list.Next}, nil
	}
	v := pages.NoticeList{OnlyUnread: criteria.Unread, Next: nextPage(c, list.Next)}
	if v.Rows, err = s.noticeRows(c, list.Items); err != nil {
		return Reply{}, err
	}
	v.Unread, err = s.unread(c)
	return Reply{Page: pages.Notices(v)}, err
}

// noticeRows puts names to who acted.
func (s *Site) noticeRows(c *fiber.Ctx, list []*notices.Notice) ([]pages.NoticeRow, error) {
	by := make([]*tenants.Entry, len(list))
	for i, n := range list {
		by[i] = &tenants.Entry{Person: n.By, Organisation: n.Organisation}
	}
	names, err := s.names(c.UserContext(), by)
	if err != nil {
		return nil, err
	}
	rows := make([]pages.NoticeRow, len(list))
	for i, n := range list {
		rows[i] = pages.NoticeRow{Notice: n, Who: names[string(n.By)], Whose: names[string(n.Organisation)]}
		if rows[i].Who == "" {
			rows[i].Who = words.From(c.UserContext()).T("history.system")
		}
	}
	return rows, nil
}

func (s *Site) readNotice(c *fiber.Ctx) (Reply, error) {
	n, err := s.Notices.Read(c.UserContext(), notices.ID(c.Params("id")))
	return Reply{Body: n, To: noticesPath(c)}, err
}

func (s *Site) readAllNotices(c *fiber.Ctx) (Reply, error) {
	marked, err := s.Notices.ReadAll(c.UserContext())
	return Reply{Body: marked, To: noticesPath(c)}, err
}
