package notices

import (
	"context"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// ID names a notice.
type ID = tenants.ID[Notice]

// Notice tells one person of one journal entry. It holds no sentence: that is made when it
// is read, in the reader's language. It is the person's alone; the organisation for whose
// seat it was told is its audience, and nobody else of it is given it.
type Notice struct {
	tenants.Meta[Notice] `bson:",inline"`

	Told   work.Told        `json:"told"`
	Person tenants.PersonID `json:"-" bson:"person"`
	// Kind, Record and Title are of the record, By and Organisation of who acted, At is when.
	Kind         string                 `json:"kind"`
	Record       string                 `json:"record"`
	Title        string                 `json:"title"`
	By           tenants.PersonID       `json:"by"`
	Organisation tenants.OrganisationID `json:"organisation"`
	At           time.Time              `json:"at"`
	Consequence  bool                   `json:"consequence"`
	// Unread is how the unread ones are counted by an index; ReadAt says when it was read.
	Unread bool       `json:"unread"`
	ReadAt *time.Time `json:"read_at"`
}

// Check holds for every notice: it is only ever made from an entry.
func (n *Notice) Check() error { return nil }

func noticeKind() store.Kind[Notice] {
	return store.Kind[Notice]{
		Name: "notices", One: "notice", Prefix: "nt", Derived: true,
		Indexes: []store.Index{{Keys: []string{"person", "-at", "-_id"}}, {Keys: []string{"person", "unread", "-at", "-_id"}}},
		Filters: []string{"unread"},
		Sorts:   []string{"-at"},
	}
}

// Criteria narrow a list of notices.
type Criteria struct {
	Unread bool `query:"unread"`
}

// own are the criteria that no caller can leave out.
type own struct {
	Person tenants.PersonID `where:"person,eq"`
	Unread bool             `where:"unread,eq"`
}

// List gives one's own notices, the latest first.
func (s *Service) List(ctx context.Context, criteria Criteria, q store.Query) (*store.Page[Notice], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadNotices)
	if err != nil {
		return nil, err
	}
	return s.notices.List(ctx, sc, own{sc.Actor().Person, criteria.Unread}, q)
}

// Unread counts one's own notices that one has not read.
func (s *Service) Unread(ctx context.Context) (store.Total, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadNotices)
	if err != nil {
		return store.Total{}, err
	}
	return s.notices.Count(ctx, sc, own{sc.Actor().Person, true})
}

// Read marks one of one's own notices as read; one that is read stays as it is.
func (s *Service) Read(ctx context.Context, id ID) (*Notice, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadNotices)
	if err != nil {
		return nil, err
	}
	n, err := s.notices.Get(ctx, sc, id)
	switch {
	case err != nil:
		return nil, err
	case n.Person != sc.Actor().Person:
		return nil, fault.NotFound("notice")
	case !n.Unread:
		return n, nil
	}
	return s.notices.Amend(ctx, sc, id, func(n *Notice) error { n.read(sc.Now()); return nil })
}

func (n *Notice) read(at time.Time) {
	if n.Unread {
		n.Unread, n.ReadAt = false, &at
	}
}

// Marked says how many notices were marked.
type Marked struct {
	Marked int `json:"marked"`
}

// ReadAll marks every notice of one's own that was there when it began as read.
func (s *Service) ReadAll(ctx context.Context) (Marked, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadNotices)
	if err != nil {
		return Marked{}, err
	}
	var done Marked
	for n, err := range s.notices.Each(ctx, sc, own{sc.Actor().Person, true}) {
		if err != nil {
			return done, err
		}
		if _, err := s.notices.Amend(ctx, sc, n.ID, func(n *Notice) error { n.read(sc.Now()); return nil }); err != nil {
			return done, err
		}
		done.Marked++
	}
	return done, nil
}
