package settings

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
)

// Difference is one thing that a proposal would change, for people to read.
type Difference struct {
	Part Part        `json:"part"`
	Fate clocks.Fate `json:"fate"`
	// Key is what it is about: a weekday, a day, a promise, an exception; "" for the zone.
	Key string `json:"key"`
	// From and To are what it was and would be: a zone, a name, a length.
	From string `json:"from"`
	To   string `json:"to"`
	// WasCheck and Check say that a day off was, and would be, marked to be checked.
	WasCheck bool `json:"was_check"`
	Check    bool `json:"check"`
}

// Changes lists what the proposal would change, part by part.
func (p *Proposal) Changes() []Difference {
	list := []Difference{}
	if p.Before.Zone != p.After.Zone {
		list = append(list, Difference{Part: Zone, Fate: clocks.Changed, From: p.Before.Zone, To: p.After.Zone})
	}
	list = append(list, comings(WorkingDays, p.Before.WorkingDays, p.After.WorkingDays)...)
	list = append(list, days(p.Before.Holidays, p.After.Holidays)...)
	for _, k := range clocks.PromiseKinds() {
		if was, is := p.Before.Promises.Of(k), p.After.Promises.Of(k); was != is {
			list = append(list, Difference{Part: Promises, Fate: clocks.Changed, Key: string(k), From: strconv.Itoa(was), To: strconv.Itoa(is)})
		}
	}
	return append(list, comings(Exceptions, p.Before.Exceptions, p.After.Exceptions)...)
}

// comings are what came to a list of words, and what went.
func comings[T ~string](part Part, before, after []T) []Difference {
	var list []Difference
	for _, v := range after {
		if !slices.Contains(before, v) {
			list = append(list, Difference{Part: part, Fate: clocks.Added, Key: string(v)})
		}
	}
	for _, v := range before {
		if !slices.Contains(after, v) {
			list = append(list, Difference{Part: part, Fate: clocks.Removed, Key: string(v)})
		}
	}
	return list
}

// days are what became of days off, by date.
func days(before, after []clocks.Holiday) []Difference {
	was := map[clocks.Day]clocks.Holiday{}
	for _, h := range before {
		was[h.On] = h
	}
	var list []Difference
	for _, h := range after {
		old, known := was[h.On]
		delete(was, h.On)
		switch {
		case !known:
			list = append(list, Difference{Part: Holidays, Fate: clocks.Added, Key: string(h.On), To: h.Name, Check: h.Check})
		case old != h:
			list = append(list, Difference{Part: Holidays, Fate: clocks.Changed, Key: string(h.On), From: old.Name, To: h.Name, WasCheck: old.Check, Check: h.Check})
		}
	}
	for _, h := range was {
		list = append(list, Difference{Part: Holidays, Fate: clocks.Removed, Key: string(h.On), From: h.Name, WasCheck: h.Check})
	}
	slices.SortFunc(list, func(a, b Difference) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// Rows is the input of a preview: rows or an iCalendar file as text, and whether they stand
// in place of the days off there are.
type Rows struct {
	Text    string `json:"text"`
	Replace bool   `json:"replace"`
}

// Preview is what would become of the days off. Nothing is proposed yet.
type Preview struct {
	Fates []clocks.HolidayFate `json:"fates"`
	// Holidays is the list that would stand, for a proposal.
	Holidays []clocks.Holiday `json:"holidays"`
	// Counts are how many rows have each fate.
	Counts map[clocks.Fate]int `json:"counts"`
}

// Preview says what would become of each day off, and writes nothing. A tenant_admin may.
func (s *Service) Preview(ctx context.Context, in Rows) (*Preview, error) {
	sc, err := s.Gate.Enter(ctx, policies.ProposeSettings)
	if err != nil {
		return nil, err
	}
	rows, err := clocks.ReadHolidays(in.Text)
	if err != nil {
		return nil, err
	}
	now, err := s.agreed(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	v := &Preview{Counts: map[clocks.Fate]int{}}
	v.Fates, v.Holidays = clocks.Preview(now.Holidays, rows, in.Replace)
	for _, f := range v.Fates {
		v.Counts[f.Fate]++
	}
	return v, nil
}
