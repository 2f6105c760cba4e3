package clocks

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	// MaxHolidayFile is the longest file of days off.
	MaxHolidayFile = 256 << 10
	// maxHolidayRows is how many rows or events of a file are looked at.
	maxHolidayRows = 2000
)

// HolidayRow is one row or event of a file, and what is wrong with it.
type HolidayRow struct {
	Holiday
	// Line is where it stands in the file, from 1.
	Line int `json:"line"`
	// Code says why the row is not taken; "" when it is.
	Code string `json:"code,omitempty"`
}

// ReadHolidays reads days off from text: an iCalendar file (RFC 5545) when it begins as
// one, else rows of "date, name" with a third column that is filled when the date is still
// to be checked. Rows it cannot take are there with the reason. It refuses a text that is
// too large, not UTF-8, or has too many rows.
func ReadHolidays(text string) ([]HolidayRow, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	switch {
	case len(text) > MaxHolidayFile:
		return nil, fault.New(fault.TooLarge, "holiday_file_too_large")
	case !utf8.ValidString(text):
		return nil, fault.Invalid(fault.On("text", "holiday_file_not_utf8"))
	}
	read := readRows
	if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); strings.EqualFold(strings.TrimSpace(first), "BEGIN:VCALENDAR") {
		read = readEvents
	}
	rows, err := read(text)
	if err != nil {
		return nil, err
	}
	seen := map[Day]bool{}
	for i := range rows {
		r := &rows[i]
		if r.Code == "" {
			_, r.Code = r.wrong()
		}
		if r.Code == "" && seen[r.On] {
			r.Code = "holiday_twice"
		}
		seen[r.On] = true
	}
	return rows, nil
}

// readRows reads "date, name, check". A comma, a semicolon (as spreadsheets here write) or
// a tab parts the columns; a first row without a date is a heading.
func readRows(text string) ([]HolidayRow, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.Comment = comma(text), '#'
	r.FieldsPerRecord, r.TrimLeadingSpace, r.LazyQuotes = -1, true, true
	var rows []HolidayRow
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		line, _ := 0, 0
		if row != nil {
			line, _ = r.FieldPos(0)
		}
		switch {
		case len(rows) == maxHolidayRows:
			return nil, tooManyRows()
		case err != nil:
			return nil, fault.Invalid(fault.On("text", "holiday_file_unreadable"))
		}
		read := rowOf(row)
		read.Line = line
		if n == 0 && read.Code == "day_malformed" && !strings.ContainsAny(row[0], "0123456789") {
			continue
		}
		rows = append(rows, read)
	}
}

func comma(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	for _, c := range []rune{'\t', ';'} {
		if strings.ContainsRune(first, c) {
			return c
		}
	}
	return ','
}

func rowOf(row []string) HolidayRow {
	var r HolidayRow
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		switch i {
		case 0:
			day, err := parseWritten(cell)
			if err != nil {
				r.Code = "day_malformed"
			}
			r.On = day
		case 1:
			r.Name = cell
		case 2:
			r.Check = cell != "" && cell != "0" && !strings.EqualFold(cell, "false")
		}
	}
	return r
}

// parseWritten takes 2026-12-25, and 25/12/2026 or 25-12-2026 as people here write it.
func parseWritten(text string) (Day, error) {
	if day, err := ParseDay(text); err == nil {
		return day, nil
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return "", fault.New(fault.Unprocessable, "day_malformed")
	}
	return ParseDay(fmt.Sprintf("%s-%02s-%02s", parts[2], parts[1], parts[0]))
}

func tooManyRows() error {
	return fault.Invalid(fault.On("text", "too_many", "max", fmt.Sprint(maxHolidayRows)))
}

// WriteHolidays writes days off as ReadHolidays reads them, with a word of the reader's
// beside those to be checked.
func WriteHolidays(list []Holiday, check string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, h := range SortHolidays(list) {
		row := []string{string(h.On), h.Name}
		if h.Check {
			row = append(row, check)
		}
		_ = w.Write(row) // a Builder takes everything
	}
	w.Flush()
	return b.String()
}

// Fate is what becomes of a day off when a list is replaced by another.
type Fate string

// Fates.
const (
	Added     Fate = "added"
	Changed   Fate = "changed"
	Removed   Fate = "removed"
	Unchanged Fate = "unchanged"
	Rejected  Fate = "rejected"
)

// HolidayFate is a row of a preview.
type HolidayFate struct {
	HolidayRow
	Fate Fate `json:"fate"`
	// Was is what stood there before, when it is changed.
	Was *Holiday `json:"was,omitempty"`
}

// Preview says what becomes of each day off when rows are taken over a list: added to it,
// or in its place when replace. It gives the list that would stand, by date.
func Preview(now []Holiday, rows []HolidayRow, replace bool) (fates []HolidayFate, then []Holiday) {
	left := map[Day]Holiday{}
	for _, h := range now {
		left[h.On] = h
	}
	for _, r := range rows {
		f := HolidayFate{HolidayRow: r, Fate: Added}
		was, known := left[r.On]
		switch {
		case r.Code != "":
			f.Fate = Rejected
		case known && was == r.Holiday:
			f.Fate = Unchanged
		case known:
			f.Fate, f.Was = Changed, &was
		}
		if f.Fate != Rejected {
			delete(left, r.On)
			then = append(then, r.Holiday)
		}
		fates = append(fates, f)
	}
	for _, h := range SortHolidays(now) {
		if _, untouched := left[h.On]; !untouched {
			continue
		}
		if replace {
			fates = append(fates, HolidayFate{HolidayRow: HolidayRow{Holiday: h}, Fate: Removed})
			continue
		}
		then = append(then, h)
	}
	slices.SortStableFunc(fates, func(a, b HolidayFate) int { return strings.Compare(string(a.On), string(b.On)) })
	return fates, SortHolidays(then)
}
