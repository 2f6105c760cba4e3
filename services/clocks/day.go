// Package clocks knows days, working days and promises. A Day is a calendar date and not
// a midnight: it has no zone until somebody asks when it begins in one. A Calendar says
// on which days people work; a Promise is a number of working days given to somebody.
//
// It keeps nothing and asks nobody: a tenant's calendar is kept by services/settings, a
// promise by the record that gave it. Dates are compared nowhere else than here.
//
//	day       dates         calendar  working days      week      weekdays
//	promise   what was promised, paused, met or broken  window    open or not
//	holiday   days off      national  Indonesia's       csv, ics  days off from a file
package clocks

import (
	"time"
	_ "time/tzdata" // zones must be known on a machine without a zone database

	"github.com/mitra-platform/mitra/services/fault"
)

// Day is a calendar date as YYYY-MM-DD; its text order is its time order. The zero
// value "" is "no day given".
type Day string

const dayForm = "2006-01-02"

// ParseDay reads YYYY-MM-DD and refuses days no calendar has (2026-02-30).
// Its refusal has the code day_malformed.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(dayForm, text)
	if err != nil || t.Year() < 1 {
		return "", fault.New(fault.Unprocessable, "day_malformed", "value", text)
	}
	return Day(text), nil
}

// MakeDay is the day of these numbers, refused when no calendar has it.
func MakeDay(year int, month time.Month, day int) (Day, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day || year < 1 || year > 9999 {
		return "", fault.New(fault.Unprocessable, "day_malformed")
	}
	return Day(t.Format(dayForm)), nil
}

// DayOf is the date that an instant falls on in a zone.
func DayOf(at time.Time, zone *time.Location) Day { return Day(at.In(zone).Format(dayForm)) }

// UnmarshalText reads a day from outside; empty text is no day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = ""
		return nil
	}
	day, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// IsZero says that no day was given.
func (d Day) IsZero() bool { return d == "" }

// Date is the day's numbers; zeroes when no day was given.
func (d Day) Date() (year int, month time.Month, day int) {
	t, err := time.Parse(dayForm, string(d))
	if err != nil {
		return 0, 0, 0
	}
	return t.Date()
}

// Begins is the first instant of the day in a zone. Where clocks are put forward at
// midnight the day begins later than 00.00; where they are put back, at the earlier one.
func (d Day) Begins(zone *time.Location) time.Time {
	y, m, n := d.Date()
	utc := time.Date(y, m, n, 0, 0, 0, 0, time.UTC)
	_, before := utc.Add(-15 * time.Hour).In(zone).Zone()
	_, after := utc.Add(15 * time.Hour).In(zone).Zone()
	early, late := utc.Add(-time.Duration(before)*time.Second).In(zone), utc.Add(-time.Duration(after)*time.Second).In(zone)
	if late.Before(early) {
		early, late = late, early
	}
	for _, midnight := range []time.Time{early, late} {
		if DayOf(midnight, zone) == d && midnight.Hour() == 0 && midnight.Minute() == 0 {
			return midnight
		}
	}
	// There is no 00.00: the day begins when the clocks change.
	change, _ := late.ZoneBounds()
	return change
}

// Ends is the last instant of the day in a zone, to the millisecond that stores keep. A
// deadline is such an instant: whoever comes on the day is in time.
func (d Day) Ends(zone *time.Location) time.Time { return d.Add(1).Begins(zone).Add(-time.Millisecond) }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

func (d Day) utc() time.Time {
	y, m, n := d.Date()
	return time.Date(y, m, n, 0, 0, 0, 0, time.UTC)
}

// Add is the day n calendar days later (earlier when n is negative).
func (d Day) Add(n int) Day {
	y, m, day := d.Date()
	return Day(time.Date(y, m, day+n, 0, 0, 0, 0, time.UTC).Format(dayForm))
}

// Until counts calendar days from d to later; negative when later is earlier.
func (d Day) Until(later Day) int {
	return int(later.Begins(time.UTC).Sub(d.Begins(time.UTC)) / (24 * time.Hour))
}

// Before says that d is an earlier day than other.
func (d Day) Before(other Day) bool { return d < other }

// After says that d is a later day than other.
func (d Day) After(other Day) bool { return d > other }
