package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// since is a record for which a form comes back: its version as it is now, and who saved
// it after the version that the form was made from.
type since struct {
	version tenants.Version
	savers  func(ctx context.Context, seen tenants.Version) ([]saver, error)
}

// saver is who saved a record at a moment.
type saver struct {
	person tenants.PersonID
	at     time.Time
}

// sinceHistory takes the savers from a record's history, which names the latest first.
func sinceHistory[ID any](version tenants.Version, id ID, history func(context.Context, ID, store.Query) (*entries, error)) *since {
	return &since{version, func(ctx context.Context, seen tenants.Version) ([]saver, error) {
		latest, err := history(ctx, id, store.Query{})
		if err != nil {
			return nil, err
		}
		var list []saver
		for _, e := range latest.Items {
			if e.Version > seen {
				list = append(list, saver{e.Person, e.At})
			}
		}
		return list, nil
	}}
}

// savedSince says who saved a record since a form of it was opened: the last who is not
// the reader. It is nil when nobody did, and when the form names no version.
func (s *Site) savedSince(c *fiber.Ctx, r *since) (*pages.Saved, error) {
	if r == nil {
		return nil, nil
	}
	seen, err := seenVersion(c)
	if err != nil || seen >= r.version {
		return nil, nil //nolint:nilerr // a form without a version is refused for it
	}
	savers, err := r.savers(c.UserContext(), seen)
	if err != nil {
		return nil, err
	}
	by := &pages.Saved{}
	for _, one := range savers {
		if one.person != actor(c).Person {
			names, err := s.called(c.UserContext(), string(one.person))
			return &pages.Saved{By: names[string(one.person)], At: one.at}, err
		}
		if !by.Own {
			by.Own, by.At = true, one.at
		}
	}
	return by, nil
}
