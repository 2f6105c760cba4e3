package embedded

import (
	"bytes"
	"slices"
)

// sorting is the order that a find or an array asks for.
type sorting struct {
	names []string
	paths [][]string
	desc  []bool
}

func compileSort(d document) (*sorting, error) {
	s := &sorting{}
	for name, v := range d.elements {
		n, ok := v.whole()
		if !ok || (n != 1 && n != -1) {
			return nil, failf(codeBadValue, "Illegal key in $sort specification: %s must be 1 or -1 (the embedded database serves no other)", name)
		}
		if len(name) == 0 || name[0] == '$' {
			return nil, failf(codeBadValue, "FieldPath field names may not start with '$' or be empty: '%s'", name)
		}
		s.names = append(s.names, string(name))
		s.paths = append(s.paths, splitPath(string(name)))
		s.desc = append(s.desc, n == -1)
	}
	if len(s.names) == 0 {
		return nil, nil //nolint:nilnil // no order is an answer
	}
	return s, nil
}

// key is the order key of a value under the sort. Of an array's items the least counts
// when ascending, the greatest when descending; an empty array is below null.
func (s *sorting) key(v value) []byte {
	var key []byte
	for i, path := range s.paths {
		var best []byte
		walk(v, path, false, func(reached value) bool {
			for _, candidate := range sortedBy(reached) {
				best = pick(best, candidate, s.desc[i])
			}
			return true
		})
		if best == nil {
			best = []byte{orderNull}
		}
		if s.desc[i] {
			turn(best)
		}
		key = append(key, best...)
	}
	return key
}

// sortedBy are the order keys that a value may count by.
func sortedBy(v value) [][]byte {
	switch {
	case !v.isArray():
		return [][]byte{keyOf(v)}
	case v.document().empty():
		return [][]byte{{orderEmpty}}
	}
	var keys [][]byte
	for _, item := range v.document().elements {
		keys = append(keys, keyOf(item))
	}
	return keys
}

func pick(best, candidate []byte, greatest bool) []byte {
	if best == nil || (bytes.Compare(candidate, best) > 0) == greatest && !bytes.Equal(candidate, best) {
		return candidate
	}
	return best
}

func (s *sorting) compare(a, b value) int { return bytes.Compare(s.key(a), s.key(b)) }

// sorter orders documents in memory; it holds at most limit of them when limit is set.
type sorter struct {
	by    *sorting
	limit int
	bytes int
	rows  []sortRow
}

type sortRow struct {
	key []byte
	doc document
}

// maxSortBytes is how much one sort may hold, as MongoDB's own limit.
const maxSortBytes = 100 << 20

func (s *sorter) add(d document) error {
	s.rows = append(s.rows, sortRow{s.by.key(documentValue(d)), d})
	s.bytes += len(d)
	if s.limit > 0 && len(s.rows) >= 2*s.limit+64 {
		s.trim()
	}
	if s.bytes > maxSortBytes {
		return failf(codeSortMemory, "Sort exceeded memory limit of %d bytes", maxSortBytes)
	}
	return nil
}

func (s *sorter) trim() {
	s.order()
	if s.limit > 0 && len(s.rows) > s.limit {
		clear(s.rows[s.limit:])
		s.rows = s.rows[:s.limit]
	}
	s.bytes = 0
	for _, row := range s.rows {
		s.bytes += len(row.doc)
	}
}

func (s *sorter) order() {
	slices.SortStableFunc(s.rows, func(a, b sortRow) int { return bytes.Compare(a.key, b.key) })
}

func (s *sorter) documents() []document {
	s.trim()
	docs := make([]document, len(s.rows))
	for i, row := range s.rows {
		docs[i] = row.doc
	}
	return docs
}
