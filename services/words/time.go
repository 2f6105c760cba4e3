package words

import (
	"fmt"
	"strconv"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Day is a day written out: 24 November 2026. Nothing when no day was given.
func (w *Words) Day(d clocks.Day) string {
	if d.IsZero() {
		return ""
	}
	y, m, n := d.Date()
	return fmt.Sprintf("%d %s %d", n, w.month(m), y)
}

// DayShort is a day for a table: 24 Nov 2026, 5 Agu 2026.
func (w *Words) DayShort(d clocks.Day) string {
	if d.IsZero() {
		return ""
	}
	y, m, n := d.Date()
	return fmt.Sprintf("%d %s %d", n, w.MonthShort(m), y)
}

// DayRange is two days without what they share: 20–21 November 2026,
// 30 November – 2 Desember 2026. With one of them missing it is the other.
func (w *Words) DayRange(from, to clocks.Day) string {
	if from.IsZero() || to.IsZero() || from == to {
		return w.Day(max(from, to))
	}
	y1, m1, d1 := from.Date()
	y2, m2, _ := to.Date()
	switch {
	case y1 == y2 && m1 == m2:
		return fmt.Sprintf("%d–%s", d1, w.Day(to))
	case y1 == y2:
		return fmt.Sprintf("%d %s – %s", d1, w.month(m1), w.Day(to))
	default:
		return w.Day(from) + " – " + w.Day(to)
	}
}

// DayRangeShort is DayRange for a table: 6 Okt 2026 – 5 Okt 2027.
func (w *Words) DayRangeShort(from, to clocks.Day) string {
	if from.IsZero() || to.IsZero() || from == to {
		return w.DayShort(max(from, to))
	}
	y1, m1, d1 := from.Date()
	y2, m2, _ := to.Date()
	switch {
	case y1 == y2 && m1 == m2:
		return fmt.Sprintf("%d–%s", d1, w.DayShort(to))
	case y1 == y2:
		return fmt.Sprintf("%d %s – %s", d1, w.MonthShort(m1), w.DayShort(to))
	default:
		return w.DayShort(from) + " – " + w.DayShort(to)
	}
}

// Month is the month a day falls in: November 2026.
func (w *Words) Month(d clocks.Day) string {
	if d.IsZero() {
		return ""
	}
	y, m, _ := d.Date()
	return fmt.Sprintf("%s %d", w.month(m), y)
}

// MonthShort is a month's name in at most four letters: Nov, Agu, Sept.
func (w *Words) MonthShort(m time.Month) string { return w.T("month.short." + strconv.Itoa(int(m))) }

func (w *Words) month(m time.Month) string { return w.T("month.long." + strconv.Itoa(int(m))) }

// Instant is a moment in a zone, with the zone's name, because a deadline without one
// is three deadlines in Indonesia: 24 November 2026, 17.00 WITA.
func (w *Words) Instant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	return w.Day(clocks.DayOf(t, zone)) + ", " + w.clock(local) + " " + local.Format("MST")
}

// InstantShort is Instant for a table: 24 Nov 2026, 17.00 WITA.
func (w *Words) InstantShort(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	return w.DayShort(clocks.DayOf(t, zone)) + ", " + w.clock(local) + " " + local.Format("MST")
}

func (w *Words) clock(t time.Time) string {
	if w.language == English {
		return t.Format("15:04")
	}
	return t.Format("15.04")
}

// Days is a length of time in days: 3 hari, 1 day.
func (w *Words) Days(n int64) string { return w.N("number.days", n) }

func asDay(text string) (clocks.Day, bool) {
	d, err := clocks.ParseDay(text)
	return d, err == nil
}
