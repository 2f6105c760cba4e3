package web

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants/store"
)

// listed is a list as the API gives it.
type listed[T any] struct {
	Items []T          `json:"items"`
	Next  *string      `json:"next"`
	Count *store.Total `json:"count,omitempty"`
}

// listOf is a list that has no pages.
func listOf[T any](items []T) listed[T] {
	if items == nil {
		items = []T{}
	}
	return listed[T]{Items: items, Count: &store.Total{N: len(items)}}
}

// reserved are query parameters that are no filter.
var reserved = []string{"limit", "cursor", "sort", "section"}

// query reads the page that is wanted and the filters: fields of criteria with a query
// tag. The API refuses a filter it does not know; a page ignores it.
func query[C any](c *fiber.Ctx) (criteria C, q store.Query, err error) {
	args := c.Request().URI().QueryArgs()
	f := &formReader{values: map[string][]string{}}
	for name, value := range args.All() {
		f.values[string(name)] = append(f.values[string(name)], string(value))
	}
	q = store.Query{Sort: c.Query("sort"), Cursor: c.Query("cursor"), Count: true}
	if text := c.Query("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > store.MaxLimit {
			return criteria, q, fault.Invalid(fault.On("limit", "limit_out_of_range", "max", strconv.Itoa(store.MaxLimit)))
		}
	}
	known := slices.Clone(reserved)
	v := reflect.ValueOf(&criteria).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("query")
		if name == "" {
			continue
		}
		known = append(known, name)
		f.set(name, v.Field(i))
	}
	for name := range f.values {
		if isAPI(c) && !slices.Contains(known, name) {
			f.faults = append(f.faults, fault.On(name, "filter_unknown"))
		}
	}
	return criteria, q, fault.Invalid(f.faults...)
}

// listQuery is what a list takes in its query.
type listQuery struct {
	// criteria is the struct whose fields have query tags; nil without filters.
	criteria reflect.Type
	// pages says that the list comes in pages, sorts that its order can be chosen.
	pages, sorts bool
}

// sorted describes a list in pages and orders, narrowed by the query tags of C.
func sorted[C any]() *listQuery { return &listQuery{reflect.TypeFor[C](), true, true} }

// paged describes a list in pages of one order.
func paged[C any]() *listQuery { return &listQuery{reflect.TypeFor[C](), true, false} }

// whole describes a list without pages.
func whole[C any]() *listQuery { return &listQuery{reflect.TypeFor[C](), false, false} }

// nextPage is this list's address with the cursor of the page after; empty on the last.
func nextPage(c *fiber.Ctx, next *string) string {
	if next == nil {
		return ""
	}
	values, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		values = url.Values{}
	}
	values.Set("cursor", *next)
	return c.Path() + "?" + values.Encode()
}

// first is the one value of a filter with several.
func first[T ~string](list []T) string {
	if len(list) == 0 {
		return ""
	}
	return strings.TrimSpace(string(list[0]))
}
