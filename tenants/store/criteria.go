package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// filterOf turns a criteria struct into a filter. A field's tag says what it tests:
//
//	where:"state,in"   one of the listed values      where:"due_on,lt"     before (lte, gt, gte)
//	where:"lead,eq"    equal                         where:"terms,words"   every word begins a term
//	where:"ended_at,exists"   a *bool: there or not there
//
// A zero field tests nothing. nil criteria match everything.
func filterOf(criteria any) (bson.D, error) {
	if criteria == nil {
		return nil, nil
	}
	value := reflect.Indirect(reflect.ValueOf(criteria))
	if value.Kind() != reflect.Struct {
		return nil, fmt.Errorf("store: criteria are a struct, not %T", criteria)
	}
	var filter bson.D
	for i := range value.NumField() {
		field := value.Type().Field(i)
		tag, ok := field.Tag.Lookup("where")
		if !ok {
			return nil, fmt.Errorf("store: %T.%s has no where tag", criteria, field.Name)
		}
		if value.Field(i).IsZero() {
			continue
		}
		name, test, _ := strings.Cut(tag, ",")
		tested, err := condition(name, test, value.Field(i))
		if err != nil {
			return nil, fmt.Errorf("store: %T.%s: %w", criteria, field.Name, err)
		}
		filter = merge(filter, tested)
	}
	return filter, nil
}

// merge adds tests to a filter; two of one field, as of a span, stand together, because a
// document has each of its fields once.
func merge(filter, tested bson.D) bson.D {
	for _, e := range tested {
		at := slices.IndexFunc(filter, func(known bson.E) bool { return known.Key == e.Key })
		before, among := bson.D(nil), false
		if at >= 0 {
			before, among = filter[at].Value.(bson.D)
		}
		if also, ok := e.Value.(bson.D); ok && among {
			filter[at].Value = slices.Concat(before, also)
			continue
		}
		if all, ok := e.Value.(bson.A); ok && at >= 0 { // words of two fields
			filter[at].Value = append(filter[at].Value.(bson.A), all...)
			continue
		}
		filter = append(filter, e)
	}
	return filter
}

// fieldsOf are the fields that a criteria struct tests, or would if they were given.
func fieldsOf(criteria any) []string {
	if criteria == nil {
		return nil
	}
	var names []string
	of := reflect.Indirect(reflect.ValueOf(criteria)).Type()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("where"), ",")
		names = append(names, name)
	}
	return names
}

func condition(name, test string, value reflect.Value) (bson.D, error) {
	switch test {
	case "eq", "lt", "lte", "gt", "gte":
		return bson.D{{Key: name, Value: bson.D{{Key: "$" + test, Value: value.Interface()}}}}, nil
	case "in":
		if value.Kind() != reflect.Slice {
			return nil, fmt.Errorf("in needs a list, not %s", value.Type())
		}
		if value.Len() == 1 {
			return bson.D{equal(name, value.Index(0).Interface())}, nil
		}
		return bson.D{{Key: name, Value: bson.D{{Key: "$in", Value: value.Interface()}}}}, nil
	case "words":
		return words(name, value.String())
	case "exists":
		return bson.D{{Key: name, Value: bson.D{{Key: "$exists", Value: reflect.Indirect(value).Bool()}}}}, nil
	}
	return nil, fmt.Errorf("no test %q", test)
}
