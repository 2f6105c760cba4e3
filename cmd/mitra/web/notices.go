package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/services/work"
)

// noticeRoutes are what waits for oneself, and what one was told.
func (s *Site) noticeRoutes() []Route {
	return []Route{
		{Name: "list-work", Method: fiber.MethodGet, API: "/:tenant/work", Page: "/:tenant/work", Do: s.listWork, Out: listed[work.Item]{}},
	}
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
	return Reply{Body: listOf(list), Page: pages.ShowWork(v)}, nil
}
