package clocks

import (
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
)

// Calendar says on which days people of a tenant work, and in which zone their days
// begin and end. It does not change; another calendar is another value.
type Calendar struct {
	zone     *time.Location
	works    [7]bool
	perWeek  int
	holidays []Holiday // by date, one for each day
}

// NewCalendar makes a calendar. It refuses a zone nobody knows (zone_unknown), a week
// without a working day (working_days_none) and days off that are wrong.
func NewCalendar(zone string, working []Weekday, holidays []Holiday) (*Calendar, error) {
	var fields []fault.Field
	location, err := Zone(zone)
	if err != nil {
		fields = append(fields, fault.On("zone", "zone_unknown", "value", zone))
	}
	c := &Calendar{zone: location, holidays: SortHolidays(holidays)}
	for _, w := range working {
		if !slices.Contains(Weekdays(), w) {
			fields = append(fields, fault.On("working_days", "choice_unknown", "value", string(w)))
			continue
		}
		c.works[w.of()] = true
	}
	for _, works := range c.works {
		if works {
			c.perWeek++
		}
	}
	if c.perWeek == 0 {
		fields = append(fields, fault.On("working_days", "working_days_none"))
	}
	fields = append(fields, CheckHolidays("holidays", holidays)...)
	return c, fault.Invalid(fields...)
}

// maxZoneName is longer than every name of the zone database.
const maxZoneName = 64

// Zone is a zone by its name in the zone database. The machine's own zone is none, whatever
// it is called there.
func Zone(name string) (*time.Location, error) {
	if name == "" || len(name) > maxZoneName || strings.EqualFold(name, "Local") || strings.EqualFold(name, "localtime") {
		return nil, fault.New(fault.Unprocessable, "zone_unknown", "value", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.New(fault.Unprocessable, "zone_unknown", "value", name)
	}
	return zone, nil
}

// Zone is where the calendar's days begin.
func (c *Calendar) Zone() *time.Location { return c.zone }

// DayOf is the date that an instant falls on.
func (c *Calendar) DayOf(at time.Time) Day { return DayOf(at, c.zone) }

// Holiday is the day off that a day is, if it is one.
func (c *Calendar) Holiday(d Day) (Holiday, bool) {
	if i, there := c.search(d); there {
		return c.holidays[i], true
	}
	return Holiday{}, false
}

// Holidays are the days off from one day to another, both included.
func (c *Calendar) Holidays(from, to Day) []Holiday {
	first, _ := c.search(from)
	last, _ := c.search(to.Add(1))
	return slices.Clone(c.holidays[first:max(first, last)])
}

func (c *Calendar) search(d Day) (int, bool) {
	return slices.BinarySearchFunc(c.holidays, d, func(h Holiday, d Day) int {
		switch {
		case h.On.Before(d):
			return -1
		case h.On.After(d):
			return 1
		}
		return 0
	})
}

// Works says that people work on the day.
func (c *Calendar) Works(d Day) bool {
	_, off := c.search(d)
	return !off && c.works[d.Weekday()]
}

// Next is the first working day after a day.
func (c *Calendar) Next(d Day) Day { return c.step(d, 1) }

// Previous is the last working day before a day.
func (c *Calendar) Previous(d Day) Day { return c.step(d, -1) }

// OnOrAfter is the day itself when people work on it, else the next on which they do.
func (c *Calendar) OnOrAfter(d Day) Day {
	if c.Works(d) {
		return d
	}
	return c.Next(d)
}

// step ends: a week has a working day, and the days off are finitely many.
func (c *Calendar) step(d Day, by int) Day {
	for d = d.Add(by); !c.Works(d); d = d.Add(by) {
	}
	return d
}

// AddWorking is the nth working day after a day, or before it when n is negative. With
// none it is the day itself when people work on it, else the next. It always gives a
// working day, and for a working day d, d.AddWorking(n).AddWorking(-n) is d.
func (c *Calendar) AddWorking(d Day, n int) Day {
	if n == 0 {
		return c.OnOrAfter(d)
	}
	by := 1
	if n < 0 {
		by = -1
	}
	for n != 0 {
		// Long ways are gone in whole weeks, which never hold more working days than are left.
		if weeks := n / c.perWeek; weeks > 4 || weeks < -4 {
			far := d.Add(7 * weeks)
			n -= c.WorkingBetween(d, far)
			d = far
			continue
		}
		d = c.step(d, by)
		n -= by
	}
	return c.landed(d, by)
}

// landed is the working day that a count ends on, when a jump has come to the end of it
// on a day on which nobody works.
func (c *Calendar) landed(d Day, by int) Day {
	if c.Works(d) {
		return d
	}
	return c.step(d, -by)
}

// WorkingBetween counts the working days after one day up to and with another; backwards,
// those before it, negative. For a working day d, WorkingBetween(d, AddWorking(d, n)) is n.
func (c *Calendar) WorkingBetween(from, to Day) int {
	if to.Before(from) {
		return -c.count(to, from.Add(-1))
	}
	return c.count(from.Add(1), to)
}

// count is how many working days there are from first to last, both included.
func (c *Calendar) count(first, last Day) int {
	days := first.Until(last) + 1
	if days <= 0 {
		return 0
	}
	n := days / 7 * c.perWeek
	for d, rest := first.Weekday(), days%7; rest > 0; d, rest = (d+1)%7, rest-1 {
		if c.works[d] {
			n++
		}
	}
	for _, h := range c.Holidays(first, last) {
		if c.works[h.On.Weekday()] {
			n--
		}
	}
	return n
}

// Due is when n working days that begin at an instant are over: the end of the last of
// them. The day on which they begin does not count.
func (c *Calendar) Due(from time.Time, n int) time.Time {
	return c.AddWorking(c.DayOf(from), n).Ends(c.zone)
}
