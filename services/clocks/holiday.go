package clocks

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	// MaxHolidays is how many days off a calendar may name: some years of them.
	MaxHolidays = 400
	// MaxHolidayName is how long a day off may be called.
	MaxHolidayName = 120
)

// Holiday is a day on which nobody works, whatever the weekday.
type Holiday struct {
	On   Day    `json:"on"`
	Name string `json:"name"`
	// Check says that nobody has confirmed the date yet: it moves with the moon, or with a
	// decree that has not been read.
	Check bool `json:"check"`
}

// wrong is what is wrong with a day off; "" when nothing is.
func (h Holiday) wrong() (part, code string) {
	switch {
	case h.On == "":
		return "on", "required"
	case strings.TrimSpace(h.Name) == "":
		return "name", "required"
	case utf8.RuneCountInString(h.Name) > MaxHolidayName:
		return "name", "too_long"
	case !utf8.ValidString(h.Name) || strings.ContainsFunc(h.Name, unseen):
		return "name", "control_characters"
	}
	if _, err := ParseDay(string(h.On)); err != nil {
		return "on", "day_malformed"
	}
	return "", ""
}

// unseen are characters that cannot be seen, or show another text than is there.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// CheckHolidays says what is wrong with a list of days off, by row: too many, a day twice,
// a day that no calendar has, a name that is missing, too long or cannot be seen.
func CheckHolidays(field string, list []Holiday) []fault.Field {
	if len(list) > MaxHolidays {
		return []fault.Field{fault.On(field, "too_many", "max", fmt.Sprint(MaxHolidays))}
	}
	var fields []fault.Field
	seen := map[Day]bool{}
	for i, h := range list {
		row := fmt.Sprintf("%s.%d.", field, i)
		if part, code := h.wrong(); code != "" {
			fields = append(fields, fault.Field{Name: row + part, Code: code, Args: fault.Args{"max": fmt.Sprint(MaxHolidayName), "value": string(h.On)}})
			continue
		}
		if seen[h.On] {
			fields = append(fields, fault.On(row+"on", "holiday_twice", "value", string(h.On)))
		}
		seen[h.On] = true
	}
	return fields
}

// SortHolidays gives the days off by date.
func SortHolidays(list []Holiday) []Holiday {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Holiday) int { return strings.Compare(string(a.On), string(b.On)) })
	return sorted
}
