// Package notices tells people what concerns them: what waits for them now (Work), and
// what happened (Notice). It is a reader: it asks the areas and follows the journal, and
// no area imports it.
package notices

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Area answers what of its records waits for whoever asks.
type Area interface {
	Waiting(ctx context.Context) ([]work.Item, error)
}

// Config is what the service stands on.
type Config struct {
	DB     *store.DB
	Gate   *tenants.Gate
	Book   *policies.Book
	People *people.Service
	// Areas are asked in this order what waits, Tellers whom an entry concerns.
	Areas   []Area
	Tellers []Teller
	// Holder names this process in leases.
	Holder string
	Log    *slog.Logger
	// Calendar is the tenant's.
	Calendar func(context.Context, tenants.Scope) (*clocks.Calendar, error)
}

// Service answers for what people are told.
type Service struct {
	Config
	notices *store.Collection[Notice, *Notice]
	places  *store.Collection[Place, *Place]
}

// Open declares the collections. Nothing is followed before Run.
func Open(cfg Config) *Service {
	s := &Service{Config: cfg}
	s.notices = store.Open[Notice, *Notice](cfg.DB, noticeKind())
	s.places = store.Open[Place, *Place](cfg.DB, placeKind())
	return s
}

// Due narrows work by its last day.
type Due string

// What a last day may be.
const (
	// Late is over already, Soon within seven days from today; Late is no part of it.
	Late Due = "late"
	Soon Due = "soon"
)

// soon is how many days ahead Soon reaches.
const soon = 7

// Dues lists them.
func Dues() []Due { return []Due{Late, Soon} }

// UnmarshalText refuses what is none.
func (d *Due) UnmarshalText(text []byte) error {
	if *d = Due(text); *d != "" && !slices.Contains(Dues(), *d) {
		return fault.New(fault.Unprocessable, "choice_unknown", "value", string(text))
	}
	return nil
}

// Subject is the kind of record that waits, as the journal names it.
type Subject string

// Subjects lists those that can wait.
func Subjects() []Subject {
	return []Subject{"program", "program_amendment", "actual", "passport", "document_expiry", "member", "due_diligence", "flag", "settings_proposal"}
}

// UnmarshalText refuses what is none.
func (s *Subject) UnmarshalText(text []byte) error {
	if *s = Subject(text); *s != "" && !slices.Contains(Subjects(), *s) {
		return fault.New(fault.Unprocessable, "choice_unknown", "value", string(text))
	}
	return nil
}

// WorkCriteria narrow what waits.
type WorkCriteria struct {
	Kind []Subject  `query:"kind"`
	Ask  []work.Ask `query:"ask"`
	Due  Due        `query:"due"`
	// Words must each begin a word of the title.
	Words string `query:"q"`
}

// Work is what waits for whoever asks, the most urgent first: by the last day, then by
// how long it waits. Every seat may, for itself.
func (s *Service) Work(ctx context.Context, criteria WorkCriteria) ([]work.Item, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadNotices)
	if err != nil {
		return nil, err
	}
	calendar, err := s.Calendar(ctx, sc)
	if err != nil {
		return nil, err
	}
	list := []work.Item{}
	for _, area := range s.Areas {
		items, err := area.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, items...)
	}
	today := calendar.DayOf(sc.Now())
	list = slices.DeleteFunc(list, func(i work.Item) bool { return !criteria.meets(i, today) })
	slices.SortStableFunc(list, func(a, b work.Item) int {
		return cmp.Or(cmp.Compare(lastDay(a), lastDay(b)), a.Since.Compare(b.Since), cmp.Compare(a.Record, b.Record))
	})
	return list, nil
}

// lastDay sorts what has no last day behind what has one.
func lastDay(i work.Item) string {
	if i.Due == "" {
		return "9999"
	}
	return string(i.Due)
}

func (c WorkCriteria) meets(i work.Item, today clocks.Day) bool {
	switch {
	case len(c.Kind) > 0 && !slices.Contains(c.Kind, Subject(i.Kind)):
		return false
	case len(c.Ask) > 0 && !slices.Contains(c.Ask, i.Ask):
		return false
	case c.Due != "" && i.Due == "":
		return false
	case c.Due == Late && !today.After(i.Due):
		return false
	case c.Due == Soon && (today.After(i.Due) || today.Until(i.Due) > soon):
		return false
	}
	title := strings.Fields(strings.ToLower(i.Title))
	for _, word := range strings.Fields(strings.ToLower(c.Words)) {
		if !slices.ContainsFunc(title, func(t string) bool { return strings.HasPrefix(t, word) }) {
			return false
		}
	}
	return true
}
