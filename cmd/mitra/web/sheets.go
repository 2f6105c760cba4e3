package web

import (
	"context"
	"io"
	"iter"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/paper"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants/store"
)

// sheetRoutes are lists to take away: the rows that the list has on the screen for the same
// filters, to the same reader and in their words.
func (s *Site) sheetRoutes() []Route {
	return append(
		sheets(s, "organisations", s.Organisations.List, pages.MemberSheet, func(organisations.Criteria) {}),
		sheets(s, "programs", s.Programs.List, pages.ProgramSheet, func(programs.Criteria) {})...,
	)
}

// sheets are the two files of one list. The last parameter only names its criteria.
func sheets[T, C any](
	s *Site, name string, list func(context.Context, C, store.Query) (*store.Page[T], error), columns func(*pages.Shown) pages.Sheet[T], _ func(C),
) []Route {
	at := "/:tenant/" + name
	route := func(kind, media string, write func(paper.Table, io.Writer) error) Route {
		do := func(c *fiber.Ctx) (Reply, error) {
			criteria, q, err := query[C](c)
			if err != nil {
				return Reply{}, err
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTime)
			defer cancel()
			sheet := columns(s.shown(c))
			rows := every(q.Sort, func(q store.Query) (*store.Page[T], error) { return list(ctx, criteria, q) })
			table := paper.Table{Name: sheet.Name, Head: sheet.Head, Rows: cells(rows, sheet.Row)}
			file, err := made(name+"-"+c.Params("tenant")+"."+kind, media, func(w io.Writer) error { return write(table, w) })
			return Reply{File: file}, err
		}
		return Route{Name: "export-" + name + "-" + kind, Method: fiber.MethodGet, API: at + "." + kind, Page: at + "." + kind, Do: do, Media: media, Asked: sorted[C]()}
	}
	return []Route{
		route("csv", "text/csv; charset=utf-8", paper.Table.CSV),
		route("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", paper.Table.XLSX),
	}
}

// every goes through a list to its end, a page at a time.
func every[T any](sort string, page func(store.Query) (*store.Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		q := store.Query{Sort: sort, Limit: store.MaxLimit}
		for {
			list, err := page(q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range list.Items {
				if !yield(item, nil) {
					return
				}
			}
			if list.Next == nil {
				return
			}
			q.Cursor = *list.Next
		}
	}
}

// cells are the rows of records.
func cells[T any](records iter.Seq2[*T, error], row func(*T) []paper.Cell) iter.Seq2[[]paper.Cell, error] {
	return func(yield func([]paper.Cell, error) bool) {
		for record, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(row(record), nil) {
				return
			}
		}
	}
}

// sheetLinks are where the list of a page is taken away, with its filters.
func sheetLinks(c *fiber.Ctx) pages.Sheets {
	values, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		values = url.Values{}
	}
	values.Del("cursor")
	values.Del("limit")
	asked := values.Encode()
	if asked != "" {
		asked = "?" + asked
	}
	return pages.Sheets{CSV: c.Path() + ".csv" + asked, XLSX: c.Path() + ".xlsx" + asked}
}
