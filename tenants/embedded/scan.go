package embedded

import (
	"bytes"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// walker stands on one row of a stream.
type walker struct {
	cursor   *bolt.Cursor
	stream   stream
	reverse  bool
	key, val []byte
}

// open stands on the first row of a stream; key is nil when there is none.
func (p *plan) open(tx *bolt.Tx, s stream) *walker {
	name := p.of.docs
	if p.on != nil {
		name = p.of.bucket(p.on)
	}
	w := &walker{stream: s, reverse: p.reverse}
	bucket := tx.Bucket(name)
	if bucket == nil {
		return w
	}
	w.cursor = bucket.Cursor()
	switch {
	case !p.reverse && s.lo == nil:
		w.key, w.val = w.cursor.First()
	case !p.reverse:
		w.key, w.val = w.cursor.Seek(s.lo)
	case s.hi == nil:
		w.key, w.val = w.cursor.Last()
	default:
		if key, _ := w.cursor.Seek(s.hi); key == nil {
			w.key, w.val = w.cursor.Last()
		} else {
			w.key, w.val = w.cursor.Prev()
		}
	}
	w.check()
	return w
}

func (w *walker) check() {
	switch {
	case w.key == nil:
	case !w.reverse && w.stream.hi != nil && bytes.Compare(w.key, w.stream.hi) >= 0,
		w.reverse && w.stream.lo != nil && bytes.Compare(w.key, w.stream.lo) < 0:
		w.key, w.val = nil, nil
	}
}

func (w *walker) next() {
	if w.reverse {
		w.key, w.val = w.cursor.Prev()
	} else {
		w.key, w.val = w.cursor.Next()
	}
	w.check()
}

// suffix is the row without what all rows of its stream share.
func (w *walker) suffix() []byte { return w.key[w.stream.prefix:] }

// rest is the stream from this row on.
func (w *walker) rest() stream {
	s := w.stream
	if w.reverse {
		s.hi = append(slices.Clone(w.key), 0)
	} else {
		s.lo = slices.Clone(w.key)
	}
	return s
}

// scan gives the documents of a plan one after the other.
type scan struct {
	plan    *plan
	docs    *bolt.Bucket
	walkers []*walker
	count   *counters
	seen    map[string]struct{}
	last    []byte
	at      *walker // the row last given

	keys, documents int64
}

// scan begins to walk. seen is what an earlier part of the same walk has met.
func (p *plan) scan(tx *bolt.Tx, c *counters, seen map[string]struct{}) *scan {
	s := &scan{plan: p, docs: tx.Bucket(p.of.docs), count: c, seen: seen, last: slices.Clone(p.met)}
	if p.twice && s.seen == nil {
		s.seen = map[string]struct{}{}
	}
	for _, st := range p.streams {
		if w := p.open(tx, st); w.key != nil {
			s.walkers = append(s.walkers, w)
		}
	}
	return s
}

// note adds what was looked at to the server's counters.
func (s *scan) note() {
	s.count.keys.Add(s.keys)
	s.count.documents.Add(s.documents)
	if s.plan.everything() {
		s.count.fullScans.Add(1)
	} else {
		s.count.indexWalks.Add(1)
	}
}

// step moves to the next row of a document not met before, and gives the id's key and,
// when the rows are the documents themselves, the document.
func (s *scan) step() (id []byte, d document, ok bool) {
	for {
		if s.at != nil {
			s.at.next()
			if s.at.key == nil {
				s.walkers = slices.DeleteFunc(s.walkers, func(w *walker) bool { return w == s.at })
			}
			s.at = nil
		}
		if len(s.walkers) == 0 {
			return nil, nil, false
		}
		s.at = s.first()
		s.keys++
		if s.plan.on == nil {
			return s.at.key, s.at.val, true
		}
		if s.fresh() {
			return idOf(s.at.key, s.at.val), nil, true
		}
	}
}

// first is the walker whose row comes first.
func (s *scan) first() *walker {
	best := s.walkers[0]
	if !s.plan.merged {
		return best
	}
	for _, w := range s.walkers[1:] {
		c := bytes.Compare(w.suffix(), best.suffix())
		if s.plan.reverse && c > 0 || !s.plan.reverse && c < 0 {
			best = w
		}
	}
	return best
}

// fresh says that the row's document was not given before.
func (s *scan) fresh() bool {
	if s.plan.merged && !s.plan.twice {
		if bytes.Equal(s.last, s.at.suffix()) && s.last != nil {
			return false
		}
		s.last = append(s.last[:0], s.at.suffix()...)
		return true
	}
	if s.seen == nil {
		return true
	}
	id := string(idOf(s.at.key, s.at.val))
	if _, met := s.seen[id]; met {
		return false
	}
	s.seen[id] = struct{}{}
	return true
}

// next gives the next document that meets the whole filter. Its bytes are the
// transaction's: copy what outlives it.
func (s *scan) next() (id []byte, d document, ok bool) {
	for {
		id, d, ok = s.step()
		if !ok {
			return nil, nil, false
		}
		if d == nil {
			d = s.docs.Get(id)
		}
		if d == nil {
			continue
		}
		s.documents++
		if s.plan.filter.holds(documentValue(d)) {
			return id, d, true
		}
	}
}

// resume is the plan of what was not yet walked: everything behind the row last given.
func (s *scan) resume() *plan {
	rest := *s.plan
	rest.streams, rest.met = nil, s.last
	if s.at != nil {
		s.at.next()
	}
	for _, w := range s.walkers {
		if w.key != nil {
			rest.streams = append(rest.streams, w.rest())
		}
	}
	s.at = nil
	return &rest
}
