package web

import (
	"encoding"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/tenants/store"
)

// schema is a part of an OpenAPI 3.1 document.
type schema = map[string]any

var pathParameter = regexp.MustCompile(`:([a-z]+)`)

// openAPI describes the table: what is mounted is what is described.
func (s *Site) openAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.JSON(s.describe())
}

func (s *Site) describe() schema {
	d := &describer{schemas: schema{}}
	paths := map[string]schema{}
	for _, r := range s.routes {
		if r.API == "" {
			continue
		}
		path := "/api/v1" + pathParameter.ReplaceAllString(r.API, "{$1}")
		if paths[path] == nil {
			paths[path] = schema{}
		}
		paths[path][strings.ToLower(r.Method)] = d.operation(r)
	}
	return schema{
		"openapi": "3.1.0",
		"info": schema{
			"title": "Mitra", "version": "1", "license": schema{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Refusals are application/problem+json (RFC 9457) with code, remedy and errors. Lists are {items, next, count}.",
		},
		"servers":  []schema{{"url": "/"}},
		"paths":    paths,
		"security": []schema{{"bearer": []string{}}},
		"components": schema{
			"schemas":         d.schemas,
			"securitySchemes": schema{"bearer": schema{"type": "http", "scheme": "bearer"}},
			"responses": schema{"problem": schema{"description": "a refusal", "content": schema{
				"application/problem+json": schema{"schema": d.of(reflect.TypeFor[problem]())},
			}}},
		},
	}
}

type describer struct{ schemas schema }

func (d *describer) operation(r Route) schema {
	status, success := "200", schema{"description": "done"}
	if r.Creates {
		status = "201"
	}
	if r.Media != "" {
		success["content"] = schema{r.Media: schema{"schema": schema{"type": "string", "format": "binary"}}}
	}
	if r.Out != nil {
		success["content"] = schema{"application/json": schema{"schema": d.of(reflect.TypeOf(r.Out))}}
	}
	o := schema{
		"operationId": r.Name, "summary": strings.ReplaceAll(r.Name, "-", " "),
		"responses": schema{status: success, "4XX": schema{"$ref": "#/components/responses/problem"}, "5XX": schema{"$ref": "#/components/responses/problem"}},
	}
	var parameters []schema
	for _, m := range pathParameter.FindAllStringSubmatch(r.API, -1) {
		parameters = append(parameters, schema{"name": m[1], "in": "path", "required": true, "schema": schema{"type": "string"}})
	}
	if r.Method == fiber.MethodPost {
		parameters = append(parameters, schema{"name": idempotencyKey, "in": "header", "schema": schema{"type": "string", "maxLength": 200}})
	}
	if r.versioned() {
		parameters = append(parameters, schema{"name": fiber.HeaderIfMatch, "in": "header", "required": true, "description": "the ETag that was seen", "schema": schema{"type": "string"}})
	}
	parameters = append(parameters, d.asked(r.Asked)...)
	if parameters != nil {
		o["parameters"] = parameters
	}
	if r.In != nil {
		o["requestBody"] = schema{"required": true, "content": schema{"application/json": schema{"schema": d.of(reflect.TypeOf(r.In))}}}
	}
	return o
}

// asked are the parameters of a list's query.
func (d *describer) asked(l *listQuery) []schema {
	if l == nil {
		return nil
	}
	var parameters []schema
	if l.pages {
		parameters = []schema{
			{"name": "limit", "in": "query", "schema": schema{"type": "integer", "minimum": 1, "maximum": store.MaxLimit}},
			{"name": "cursor", "in": "query", "description": "the next of the page before", "schema": schema{"type": "string"}},
		}
	}
	if l.sorts {
		parameters = append(parameters,
			schema{"name": "sort", "in": "query", "description": "a field that the list is sorted by, with - before it the other way", "schema": schema{"type": "string"}})
	}
	for i := range l.criteria.NumField() {
		f := l.criteria.Field(i)
		if name := f.Tag.Get("query"); name != "" {
			parameters = append(parameters, schema{"name": name, "in": "query", "schema": d.of(f.Type)})
		}
	}
	return parameters
}

// of is the schema of a type; named structs stand in the components.
func (d *describer) of(t reflect.Type) schema {
	switch {
	case t.Kind() == reflect.Pointer:
		return schema{"anyOf": []schema{d.of(t.Elem()), {"type": "null"}}}
	case t == reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[clocks.Day]():
		return schema{"type": "string", "format": "date"}
	case t.Kind() == reflect.String, t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return schema{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Int32:
		return schema{"type": "integer"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Slice:
		return schema{"type": "array", "items": d.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": d.of(t.Elem())}
	case reflect.Struct:
		return d.named(t)
	}
	return schema{}
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9]+`)

func (d *describer) named(t reflect.Type) schema {
	name := notInName.ReplaceAllString(strings.TrimPrefix(t.String(), "web."), "_")
	if i := strings.LastIndex(name, "mitra_platform_mitra_"); i >= 0 {
		name = "listed_" + name[i+len("mitra_platform_mitra_"):]
	}
	name = strings.Trim(name, "_")
	ref := schema{"$ref": "#/components/schemas/" + name}
	if _, known := d.schemas[name]; known {
		return ref
	}
	properties := schema{}
	d.schemas[name] = schema{"type": "object", "properties": properties}
	d.fields(t, properties)
	return ref
}

func (d *describer) fields(t reflect.Type, into schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		ft := f.Type
		if ft.Kind() == reflect.Pointer && f.Anonymous {
			ft = ft.Elem()
		}
		switch {
		case f.Anonymous && name == "" && ft.Kind() == reflect.Struct:
			d.fields(ft, into)
		case name == "-" || name == "" || !f.IsExported():
		default:
			into[name] = d.of(f.Type)
		}
	}
}

// operations lists the table for the readable page.
func (s *Site) operations() [][3]string {
	var list [][3]string
	for _, r := range s.routes {
		if r.API != "" {
			list = append(list, [3]string{r.Method, "/api/v1" + pathParameter.ReplaceAllString(r.API, "{$1}"), r.Name})
		}
	}
	return list
}
