package clocks

import (
	"slices"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
)

// Weekday is a day of the week as settings spell it.
type Weekday string

// The days of the week.
const (
	Monday    Weekday = "monday"
	Tuesday   Weekday = "tuesday"
	Wednesday Weekday = "wednesday"
	Thursday  Weekday = "thursday"
	Friday    Weekday = "friday"
	Saturday  Weekday = "saturday"
	Sunday    Weekday = "sunday"
)

// Weekdays lists them as people in Indonesia do, from Monday.
func Weekdays() []Weekday {
	return []Weekday{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday}
}

// UnmarshalText refuses a word that is no weekday.
func (w *Weekday) UnmarshalText(text []byte) error { return fault.OneOf(w, text, Weekdays()) }

// of is the weekday as package time counts it, from Sunday.
func (w Weekday) of() time.Weekday {
	return time.Weekday((slices.Index(Weekdays(), w) + 1) % 7)
}
