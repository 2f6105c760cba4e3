package embedded

import (
	"strconv"
	"strings"
)

// splitPath cuts a dotted path into its names.
func splitPath(dotted string) []string { return strings.Split(dotted, ".") }

// position is the array position that a name may stand for.
func position(name string) (int, bool) {
	if name == "" || len(name) > 9 || (name[0] == '0' && len(name) > 1) {
		return 0, false
	}
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0
}

// walk gives every value that a path reaches in a value, as MongoDB's matcher does:
// through arrays on the way to each of their documents (and to the position that a
// number names), and at the end, with expand, to each item of an array before the array
// itself. What is not there is given as missing. It stops when yield says false, and
// says so.
func walk(v value, path []string, expand bool, yield func(value) bool) bool {
	if len(path) == 0 {
		return walkEnd(v, expand, yield)
	}
	switch {
	case v.isDocument():
		next := v.document().lookup(path[0])
		if len(path) == 1 {
			return walkEnd(next, expand, yield)
		}
		return walk(next, path[1:], expand, yield)
	case v.isArray():
		return walkArray(v, path, expand, yield)
	}
	return yield(missing)
}

func walkArray(v value, path []string, expand bool, yield func(value) bool) bool {
	at, numbered := position(path[0])
	i := 0
	for _, item := range v.document().elements {
		if item.isDocument() && !walk(item, path, expand, yield) {
			return false
		}
		if numbered && i == at {
			if len(path) == 1 {
				if !walkEnd(item, expand, yield) {
					return false
				}
			} else if item.nested() && !walk(item, path[1:], expand, yield) {
				return false
			}
		}
		i++
	}
	return true
}

func walkEnd(v value, expand bool, yield func(value) bool) bool {
	if expand && v.isArray() {
		for _, item := range v.document().elements {
			if !yield(item) {
				return false
			}
		}
	}
	return yield(v)
}
