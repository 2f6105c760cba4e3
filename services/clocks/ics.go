package clocks

import (
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	// longestEvent is how many days one all-day event may last.
	longestEvent = 31
	// longestLine is where a folded line is no longer joined: no name of a day off is so long.
	longestLine = 4096
)

// event is what is known of a VEVENT while it is read.
type event struct {
	line         int
	from, to     Day
	name         string
	timed, rules bool
	malformed    bool
}

// readEvents reads the all-day events of an iCalendar file: DTSTART, DTEND and SUMMARY of
// each VEVENT and nothing else. An event of several days is several days off. One with a
// time of day, or one that repeats by a rule, is not taken.
func readEvents(text string) ([]HolidayRow, error) {
	var rows []HolidayRow
	var open *event
	depth := 0 // of components within the event, whose properties are not its own
	for _, l := range unfolded(text) {
		name, parameters, value := property(l.text)
		switch {
		case name == "BEGIN" && strings.EqualFold(value, "VEVENT") && open == nil:
			open, depth = &event{line: l.number}, 0
		case open == nil:
		case name == "BEGIN":
			depth++
		case name == "END" && depth > 0:
			depth--
		case name == "END" && strings.EqualFold(value, "VEVENT"):
			rows = append(rows, open.rows()...)
			open = nil
		case depth == 0:
			open.take(name, parameters, value)
		}
		if len(rows) > maxHolidayRows {
			return nil, tooManyRows()
		}
	}
	if open != nil {
		return nil, fault.Invalid(fault.On("text", "holiday_file_cut_off"))
	}
	return rows, nil
}

func (e *event) take(name, parameters, value string) {
	switch name {
	case "DTSTART", "DTEND":
		day, timed, err := eventDay(parameters, value)
		e.timed, e.malformed = e.timed || timed, e.malformed || err != nil
		if name == "DTSTART" {
			e.from = day
		} else {
			e.to = day
		}
	case "SUMMARY":
		e.name = unescaped(value)
	case "RRULE", "RDATE", "RECURRENCE-ID":
		e.rules = true
	}
}

// eventDay reads YYYYMMDD. A value with a time of day is no day off.
func eventDay(parameters, value string) (day Day, timed bool, err error) {
	if strings.Contains(value, "T") || strings.Contains(strings.ToUpper(parameters), "VALUE=DATE-TIME") {
		return "", true, nil
	}
	t, err := time.Parse("20060102", value)
	if err != nil || t.Year() < 1 {
		return "", false, fault.New(fault.Unprocessable, "day_malformed")
	}
	return Day(t.Format(dayForm)), false, nil
}

// rows are the days of the event; DTEND is the day after the last.
func (e *event) rows() []HolidayRow {
	row := HolidayRow{Holiday: Holiday{On: e.from, Name: strings.TrimSpace(e.name)}, Line: e.line}
	days := 1
	if e.to != "" && e.from != "" {
		days = max(1, e.from.Until(e.to))
	}
	switch {
	case e.timed:
		row.Code = "event_timed"
	case e.rules:
		row.Code = "event_repeats"
	case e.malformed:
		row.Code = "day_malformed"
	case days > longestEvent || e.to != "" && e.to.Before(e.from):
		row.Code = "event_too_long"
	}
	if row.Code != "" || row.On == "" {
		return []HolidayRow{row}
	}
	rows := make([]HolidayRow, days)
	for i := range rows {
		rows[i] = row
		rows[i].On = e.from.Add(i)
	}
	return rows
}

type line struct {
	text   string
	number int
}

// unfolded joins lines that continue on the next (RFC 5545 §3.1).
func unfolded(text string) []line {
	var lines []line
	for i, raw := range strings.Split(text, "\n") {
		raw = strings.TrimSuffix(raw, "\r")
		if len(lines) > 0 && raw != "" && (raw[0] == ' ' || raw[0] == '\t') {
			if last := &lines[len(lines)-1]; len(last.text) < longestLine {
				last.text += raw[1:]
			}
			continue
		}
		lines = append(lines, line{raw, i + 1})
	}
	return lines
}

// property parts NAME;PARAMETERS:VALUE. A colon within quotes does not part.
func property(text string) (name, parameters, value string) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ':' && !quoted:
			name, parameters, _ = strings.Cut(text[:i], ";")
			return strings.ToUpper(strings.TrimSpace(name)), parameters, text[i+1:]
		}
	}
	return "", "", ""
}

var escapes = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`)

func unescaped(text string) string { return escapes.Replace(text) }
