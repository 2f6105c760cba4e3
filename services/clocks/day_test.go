package clocks_test

import (
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

func TestOnlyDaysOfTheCalendarAreDays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-11-24", "2024-02-29", "0001-01-01", "9999-12-31"} {
		if day, err := clocks.ParseDay(text); err != nil || string(day) != text {
			t.Errorf("%s: got %q, %v", text, day, err)
		}
	}
	for _, text := range []string{"", "2026-02-30", "2025-02-29", "24-11-2026", "2026-11-24T00:00:00Z", "2026-1-2", "0000-01-01", "10000-01-01", "2026-11-24 "} {
		if day, err := clocks.ParseDay(text); fault.CodeOf(err) != "day_malformed" || day != "" {
			t.Errorf("%q: got %q, %v; want day_malformed", text, day, err)
		}
	}
}

func TestDayMonthAndYearFieldsMakeADay(t *testing.T) {
	t.Parallel()
	if day, err := clocks.MakeDay(2026, time.February, 28); err != nil || day != "2026-02-28" {
		t.Errorf("got %q, %v", day, err)
	}
	for _, bad := range [][3]int{{2026, 2, 29}, {2026, 13, 1}, {2026, 0, 1}, {2026, 1, 0}, {0, 1, 1}, {10000, 1, 1}} {
		if day, err := clocks.MakeDay(bad[0], time.Month(bad[1]), bad[2]); err == nil {
			t.Errorf("%v became %s", bad, day)
		}
	}
}

func TestADayBeginsInItsZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Makassar")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	if got := clocks.Day("2026-11-24").Begins(zone); !got.Equal(want) {
		t.Errorf("got %v, want %v", got.UTC(), want)
	}
	if got := clocks.DayOf(want, zone); got != "2026-11-24" {
		t.Errorf("the first instant of the day falls on %s", got)
	}
	if got := clocks.DayOf(want.Add(-time.Millisecond), zone); got != "2026-11-23" {
		t.Errorf("the instant before falls on %s", got)
	}
}

func TestDaysAreCountedAcrossMonthsAndLeapYears(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from clocks.Day
		n    int
		want clocks.Day
	}{
		{"2024-02-28", 1, "2024-02-29"}, {"2024-02-28", 2, "2024-03-01"}, {"2025-02-28", 1, "2025-03-01"},
		{"2026-01-01", -1, "2025-12-31"}, {"2026-11-24", 0, "2026-11-24"}, {"2024-01-01", 366, "2025-01-01"},
	}
	for _, tt := range tests {
		got := tt.from.Add(tt.n)
		if got != tt.want {
			t.Errorf("%s + %d: got %s, want %s", tt.from, tt.n, got, tt.want)
		}
		if n := tt.from.Until(got); n != tt.n {
			t.Errorf("from %s until %s: got %d, want %d", tt.from, got, n, tt.n)
		}
	}
}
