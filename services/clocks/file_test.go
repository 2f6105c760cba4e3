package clocks_test

import (
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

func TestDaysOffAreReadFromRowsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	want := []clocks.Holiday{{On: "2026-12-24", Name: "Cuti bersama, Natal"}, {On: "2026-12-25", Name: "Natal", Check: true}}
	for name, text := range map[string]string{
		"commas":     "2026-12-24,\"Cuti bersama, Natal\"\n2026-12-25,Natal,periksa\n",
		"a heading":  "Tanggal,Nama,Catatan\r\n24/12/2026,\"Cuti bersama, Natal\",\r\n25/12/2026,Natal,x\r\n",
		"semicolons": "\ufefftanggal;nama;catatan\n24-12-2026;Cuti bersama, Natal\n25-12-2026;Natal;1\n",
		"tabs":       "24.12.2026\tCuti bersama, Natal\t0\n# komentar\n\n25.12.2026\tNatal\tya\n",
	} {
		rows, err := clocks.ReadHolidays(text)
		if err != nil || len(rows) != 2 || rows[0].Holiday != want[0] || rows[1].Holiday != want[1] || rows[0].Code+rows[1].Code != "" {
			t.Errorf("%s: got %+v, %v", name, rows, err)
		}
	}
	rows, err := clocks.ReadHolidays(clocks.WriteHolidays(want, "periksa"))
	if err != nil || len(rows) != 2 || rows[0].Holiday != want[0] || rows[1].Holiday != want[1] {
		t.Errorf("written and read again: %+v, %v", rows, err)
	}
}

// Rows without a date are said to be wrong; the first alone may be a heading.
func TestOneRowAloneIsAHeading(t *testing.T) {
	t.Parallel()
	rows, err := clocks.ReadHolidays("Tanggal,Nama\nlibur,lagi\n2026-12-24,Cuti\n")
	if err != nil || len(rows) != 2 || rows[0].Code != "day_malformed" || rows[0].Line != 2 || rows[1].Code != "" {
		t.Errorf("got %+v, %v", rows, err)
	}
	if _, err := clocks.ReadHolidays(strings.Repeat("x\n", 2002)); fault.CodeOf(err) != "invalid" {
		t.Errorf("rows without end: %v", err)
	}
}

func TestDaysOffAreReadFromACalendarFile(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
BEGIN:STANDARD
DTSTART:19700101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20270310
DTEND;VALUE=DATE:20270312
SUMMARY;LANGUAGE=id:Idulfitri\, 1448
  Hijriah
BEGIN:VALARM
SUMMARY:not the name
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261225
SUMMARY:Natal
END:VEVENT
BEGIN:VEVENT
DTSTART:20261225T090000Z
SUMMARY:Rapat
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260101
RRULE:FREQ=YEARLY
SUMMARY:Tahun Baru
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260101
DTEND;VALUE=DATE:20270101
SUMMARY:Setahun
END:VEVENT
BEGIN:VEVENT
SUMMARY:Kapan
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	rows, err := clocks.ReadHolidays(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []clocks.HolidayRow{
		{Holiday: clocks.Holiday{On: "2027-03-10", Name: "Idulfitri, 1448 Hijriah"}, Line: 8},
		{Holiday: clocks.Holiday{On: "2027-03-11", Name: "Idulfitri, 1448 Hijriah"}, Line: 8},
		{Holiday: clocks.Holiday{On: "2026-12-25", Name: "Natal"}, Line: 18},
		{Holiday: clocks.Holiday{Name: "Rapat"}, Line: 22, Code: "event_timed"},
		{Holiday: clocks.Holiday{On: "2026-01-01", Name: "Tahun Baru"}, Line: 26, Code: "event_repeats"},
		{Holiday: clocks.Holiday{On: "2026-01-01", Name: "Setahun"}, Line: 31, Code: "event_too_long"},
		{Holiday: clocks.Holiday{Name: "Kapan"}, Line: 36, Code: "required"},
	}
	if len(rows) != len(want) {
		t.Fatalf("got %d rows, want %d: %+v", len(rows), len(want), rows)
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("row %d: got %+v, want %+v", i, rows[i], want[i])
		}
	}
}

func TestHostileFilesOfDaysOff(t *testing.T) {
	t.Parallel()
	begin := "BEGIN:VCALENDAR\n"
	tests := []struct {
		name, text, code string
		kind             fault.Kind
	}{
		{"too large", strings.Repeat("x", clocks.MaxHolidayFile+1), "holiday_file_too_large", fault.TooLarge},
		{"not UTF-8", "2026-12-25,Nat\xff", "invalid", fault.Unprocessable},
		{"too many rows", strings.Repeat("2026-12-25,a\n", 2001), "invalid", fault.Unprocessable},
		{"too many events", begin + strings.Repeat("BEGIN:VEVENT\nDTSTART:20260101\nDTEND:20260131\nEND:VEVENT\n", 100), "invalid", fault.Unprocessable},
		{"cut off", begin + "BEGIN:VEVENT\nDTSTART:20260101\n", "invalid", fault.Unprocessable},
	}
	for _, tt := range tests {
		if rows, err := clocks.ReadHolidays(tt.text); fault.CodeOf(err) != tt.code || fault.KindOf(err) != tt.kind {
			t.Errorf("%s: got %d rows, %v; want %s", tt.name, len(rows), err, tt.code)
		}
	}
	rows := map[string]string{
		"2026-02-30,Tidak ada":                        "day_malformed",
		"2026-12-25,":                                 "required",
		"2026-12-25," + strings.Repeat("a", 121):      "too_long",
		"2026-12-25,Na\u202etal":                      "control_characters",
		"2026-12-25,\"Natal\nkedua\"":                 "control_characters",
		"1/1/26,Tahun":                                "day_malformed",
		"=cmd|'/c calc'!A0,Natal":                     "day_malformed",
		begin + "BEGIN:VEVENT\nDTSTART:0\nEND:VEVENT": "day_malformed",
		begin + "BEGIN:VEVENT\nDTSTART:20260105\nDTEND:20260101\nSUMMARY:a\nEND:VEVENT": "event_too_long",
	}
	for text, code := range rows {
		got, err := clocks.ReadHolidays(text)
		if err != nil || len(got) != 1 || got[0].Code != code {
			t.Errorf("%.60q: got %+v, %v; want %s", text, got, err, code)
		}
	}
	// A line that is folded a hundred thousand times is read in no time.
	if rows, err := clocks.ReadHolidays(begin + "BEGIN:VEVENT\nSUMMARY:a\n" + strings.Repeat(" x\n", 80_000) + "DTSTART:20260101\nEND:VEVENT"); err != nil || len(rows) != 1 || rows[0].Code != "too_long" {
		t.Errorf("a folded line: %v, %v", len(rows), err)
	}
}

func FuzzReadHolidays(f *testing.F) {
	f.Add("2026-12-25,Natal")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := clocks.ReadHolidays(text)
		if err != nil {
			return
		}
		var taken []clocks.Holiday
		for _, r := range rows {
			if r.Code == "" {
				taken = append(taken, r.Holiday)
			}
		}
		if len(taken) > clocks.MaxHolidays {
			return
		}
		if fields := clocks.CheckHolidays("x", taken); len(fields) > 0 {
			t.Errorf("%q gives days off that are refused: %v", text, fields)
		}
	})
}

func TestAPreviewSaysWhatBecomesOfEachDay(t *testing.T) {
	t.Parallel()
	now := []clocks.Holiday{{On: "2026-01-01", Name: "Tahun Baru"}, {On: "2026-12-25", Name: "Natal", Check: true}, {On: "2026-12-26", Name: "Cuti"}}
	rows, err := clocks.ReadHolidays("2026-12-25,Natal\n2026-01-01,Tahun Baru\n2026-08-17,Kemerdekaan\n2026-13-01,Salah")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		replace bool
		want    string
		then    string
	}{
		{false, "rejected: unchanged:2026-01-01 added:2026-08-17 changed:2026-12-25", "2026-01-01 2026-08-17 2026-12-25 2026-12-26"},
		{true, "rejected: unchanged:2026-01-01 added:2026-08-17 changed:2026-12-25 removed:2026-12-26", "2026-01-01 2026-08-17 2026-12-25"},
	} {
		fates, then := clocks.Preview(now, rows, tt.replace)
		var got, left []string
		for _, f := range fates {
			got = append(got, string(f.Fate)+":"+string(f.On))
		}
		for _, h := range then {
			left = append(left, string(h.On))
		}
		if strings.Join(got, " ") != tt.want || strings.Join(left, " ") != tt.then {
			t.Errorf("replace %t: got %v and %v", tt.replace, got, left)
		}
	}
}
