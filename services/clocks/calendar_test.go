package clocks_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

var office = []clocks.Weekday{clocks.Monday, clocks.Tuesday, clocks.Wednesday, clocks.Thursday, clocks.Friday}

// zones are where days begin in odd ways: the three of Indonesia, the ends of the map,
// quarters of an hour, and clocks that are changed, also at midnight (Beirut, Cairo, Havana).
var zones = []string{
	"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC", "Pacific/Chatham", "Etc/GMT+12", "Pacific/Kiritimati", "Asia/Kathmandu",
	"America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo", "America/Havana", "America/Santiago", "Asia/Gaza",
}

func calendar(t testing.TB, zone string, working []clocks.Weekday, holidays ...clocks.Holiday) *clocks.Calendar {
	t.Helper()
	c, err := clocks.NewCalendar(zone, working, holidays)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWorkingDaysOverWeekendsHolidaysAndYearEnds(t *testing.T) {
	t.Parallel()
	c := calendar(t, "Asia/Makassar", office, clocks.NationalHolidays()...)
	tests := []struct {
		from clocks.Day
		n    int
		want clocks.Day
	}{
		{"2026-11-24", 1, "2026-11-25"},  // Tuesday to Wednesday
		{"2026-11-27", 1, "2026-11-30"},  // Friday to Monday
		{"2026-11-28", 1, "2026-11-30"},  // from a Saturday
		{"2026-11-28", 0, "2026-11-30"},  // none, from a Saturday
		{"2026-11-28", -1, "2026-11-27"}, // back from a Saturday
		{"2026-12-24", 1, "2026-12-28"},  // over Christmas, a Friday, and the weekend
		{"2026-12-31", 1, "2027-01-04"},  // over New Year, a Friday
		{"2026-08-14", 1, "2026-08-18"},  // over 17 August, a Monday
		{"2027-01-04", -1, "2026-12-31"},
		{"2026-03-18", 1, "2026-03-20"}, // over Nyepi; Idulfitri is at the weekend
		{"2026-11-24", 5, "2026-12-01"},
	}
	for _, tt := range tests {
		if got := c.AddWorking(tt.from, tt.n); got != tt.want {
			t.Errorf("%s and %d working days: got %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
	if got := c.WorkingBetween("2026-12-24", "2027-01-04"); got != 5 {
		t.Errorf("working days after 24 December up to 4 January: got %d, want 5 (28, 29, 30, 31, 4)", got)
	}
	if got := c.WorkingBetween("2027-01-04", "2026-12-24"); got != -5 {
		t.Errorf("back from 4 January up to 24 December: got %d, want -5 (31, 30, 29, 28, 24)", got)
	}
	want := time.Date(2026, 11, 30, 15, 59, 59, 999_000_000, time.UTC)
	if got := c.Due(time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC), 1); !got.Equal(want) {
		t.Errorf("due: got %v, want the end of Monday in WITA, %v", got.UTC(), want)
	}
}

// random makes a calendar of any week, zone and days off from a seed.
func random(t testing.TB, r *rand.Rand) *clocks.Calendar {
	t.Helper()
	var working []clocks.Weekday
	for len(working) == 0 {
		for _, w := range clocks.Weekdays() {
			if r.IntN(3) > 0 {
				working = append(working, w)
			}
		}
	}
	var holidays []clocks.Holiday
	taken := map[clocks.Day]bool{}
	for range r.IntN(60) {
		// Days off lie close together, so that some stand in a row over year ends.
		if d := clocks.Day("2026-12-20").Add(r.IntN(90) - 45); !taken[d] {
			taken[d] = true
			holidays = append(holidays, clocks.Holiday{On: d, Name: "Libur"})
		}
	}
	return calendar(t, zones[r.IntN(len(zones))], working, holidays...)
}

// The laws of counting, for 3,000 calendars: it never lands on a day off, forth and back
// is the same day, counting agrees with adding, later begins end no earlier.
func TestLawsOfWorkingDays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1)) // #nosec G404 -- a test's own chance
		c := random(t, r)
		any := clocks.Day("2026-12-20").Add(r.IntN(400) - 200)
		d, n, m := c.OnOrAfter(any), r.IntN(400)-200, r.IntN(300)
		got := c.AddWorking(any, n)
		switch {
		case !c.Works(got):
			t.Errorf("seed %d: %s and %d land on %s, when nobody works", seed, any, n, got)
		case n > 0 && !got.After(any), n < 0 && !got.Before(any):
			t.Errorf("seed %d: %s and %d give %s", seed, any, n, got)
		case c.AddWorking(c.AddWorking(d, n), -n) != d:
			t.Errorf("seed %d: %s forth and back by %d is %s", seed, d, n, c.AddWorking(c.AddWorking(d, n), -n))
		case c.WorkingBetween(d, c.AddWorking(d, n)) != n:
			t.Errorf("seed %d: from %s, %d working days count %d", seed, d, n, c.WorkingBetween(d, c.AddWorking(d, n)))
		case c.AddWorking(c.AddWorking(d, m), m) != c.AddWorking(d, 2*m):
			t.Errorf("seed %d: twice %d from %s is not %d", seed, m, d, 2*m)
		case c.AddWorking(any.Add(1), m).Before(c.AddWorking(any, m)):
			t.Errorf("seed %d: a day later than %s ends earlier by %d", seed, any, m)
		case c.Next(c.Previous(d)) != d || c.Previous(c.Next(d)) != d:
			t.Errorf("seed %d: next and previous of %s do not undo each other", seed, d)
		}
		// Counting one by one is slow and cannot be wrong.
		slow, to := 0, any.Add(m)
		for day := any.Add(1); !day.After(to); day = day.Add(1) {
			if c.Works(day) {
				slow++
			}
		}
		if got := c.WorkingBetween(any, to); got != slow {
			t.Errorf("seed %d: from %s to %s: got %d, counted %d", seed, any, to, got, slow)
		}
	}
}

// In every zone, on every day of three years, a day begins at its first instant and ends
// just before the next begins, also where clocks change at midnight.
func TestDaysMeetInEveryZone(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		zone, err := clocks.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		for d := clocks.Day("2024-12-30"); d.Before("2028-01-03"); d = d.Add(1) {
			begins, ends := d.Begins(zone), d.Ends(zone)
			if on, before := clocks.DayOf(begins, zone), clocks.DayOf(begins.Add(-time.Millisecond), zone); on != d || before != d.Add(-1) {
				t.Errorf("%s: %s begins at %v, which is %s, after %s", name, d, begins, on, before)
			}
			if on := clocks.DayOf(ends, zone); on != d {
				t.Errorf("%s: %s ends at %v, which is %s", name, d, ends, on)
			}
			if long := ends.Sub(begins); long < 22*time.Hour || long > 26*time.Hour {
				t.Errorf("%s: %s is %v long", name, d, long)
			}
		}
	}
}

func TestACalendarThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	off := clocks.Holiday{On: "2026-12-25", Name: "Natal"}
	tests := []struct {
		name     string
		zone     string
		working  []clocks.Weekday
		holidays []clocks.Holiday
		field    string
		code     string
	}{
		{"no zone", "", office, nil, "zone", "zone_unknown"},
		{"the machine's zone", "Local", office, nil, "zone", "zone_unknown"},
		{"a path", "../../etc/passwd", office, nil, "zone", "zone_unknown"},
		{"no working day", "UTC", nil, nil, "working_days", "working_days_none"},
		{"a day that is none", "UTC", []clocks.Weekday{"senin", clocks.Monday}, nil, "working_days", "choice_unknown"},
		{"twice", "UTC", office, []clocks.Holiday{off, off}, "holidays.1.on", "holiday_twice"},
		{"no name", "UTC", office, []clocks.Holiday{{On: "2026-12-25", Name: "  "}}, "holidays.0.name", "required"},
		{"no day", "UTC", office, []clocks.Holiday{{Name: "Natal"}}, "holidays.0.on", "required"},
		{"no such day", "UTC", office, []clocks.Holiday{{On: "2026-02-30", Name: "Natal"}}, "holidays.0.on", "day_malformed"},
		{"turned text", "UTC", office, []clocks.Holiday{{On: "2026-12-25", Name: "Na\u202etal"}}, "holidays.0.name", "control_characters"},
		{"too many", "UTC", office, make([]clocks.Holiday, clocks.MaxHolidays+1), "holidays", "too_many"},
	}
	for _, tt := range tests {
		_, err := clocks.NewCalendar(tt.zone, tt.working, tt.holidays)
		if !hasField(err, tt.field, tt.code) {
			t.Errorf("%s: got %v, want %s on %s", tt.name, err, tt.code, tt.field)
		}
	}
}

func hasField(err error, name, code string) bool {
	refusal, ok := err.(*fault.Error) //nolint:errorlint // made here
	if !ok {
		return false
	}
	for _, f := range refusal.Fields {
		if f.Name == name && f.Code == code {
			return true
		}
	}
	return false
}

func TestNationalHolidaysAreWholeAndSayWhatIsSure(t *testing.T) {
	t.Parallel()
	list := clocks.NationalHolidays()
	if fields := clocks.CheckHolidays("x", list); len(fields) > 0 {
		t.Errorf("the table: %v", fields)
	}
	sure := map[string]bool{"01-01": true, "05-01": true, "06-01": true, "08-17": true, "12-25": true}
	perYear := map[string]int{}
	for _, h := range list {
		perYear[string(h.On[:4])]++
		if h.Check == sure[string(h.On[5:])] {
			t.Errorf("%s %s: to be checked %t", h.On, h.Name, h.Check)
		}
	}
	if perYear["2026"] != 17 || perYear["2027"] != 17 {
		t.Errorf("days off by year: %v, want 17 each", perYear)
	}
}

func TestAWindowIsOpenFromItsOpeningUntilItsClosingAndTheGrace(t *testing.T) {
	t.Parallel()
	opens, closes := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
	var none time.Time
	tests := []struct {
		name               string
		opens, closes, now time.Time
		grace              time.Duration
		want               bool
	}{
		{"before it opens", opens, closes, opens.Add(-1), 0, false},
		{"as it opens", opens, closes, opens, 0, true},
		{"as it closes", opens, closes, closes, 0, true},
		{"just after", opens, closes, closes.Add(1), 0, false},
		{"in the grace", opens, closes, closes.Add(time.Minute), time.Minute, true},
		{"after the grace", opens, closes, closes.Add(time.Minute + 1), time.Minute, false},
		{"never opened, so always open", none, closes, opens.Add(-time.Hour), 0, true},
		{"never closes", opens, none, closes.Add(1e6 * time.Hour), 0, true},
	}
	for _, tt := range tests {
		if got := clocks.IsOpen(tt.opens, tt.closes, tt.now, tt.grace); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}

func BenchmarkAddWorking(b *testing.B) {
	c := calendar(b, "Asia/Makassar", office, clocks.NationalHolidays()...)
	for b.Loop() {
		_ = c.AddWorking("2026-11-24", 30)
	}
}
