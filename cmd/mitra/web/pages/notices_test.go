package pages_test

import (
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/web/pages"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/work"
)

// everyAsk has an item for everything that may be asked, of each kind of record, some of
// them late, some due and some without a last day.
func everyAsk() []work.Item {
	var list []work.Item
	for i, ask := range work.Asks() {
		subject := notices.Subjects()[i%len(notices.Subjects())]
		item := work.Item{Ask: ask, Kind: string(subject), Record: "rec_1", Title: hostile, Since: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
		switch {
		case subject == "settings_proposal":
			item.Title, item.Parts = "", []string{"zone", "holidays"}
		case subject == "actual":
			item.From, item.To = "2026-11-01", "2026-11-30"
		}
		item.Due = []clocks.Day{"", "2020-01-31", "2031-01-31"}[i%3]
		list = append(list, item)
	}
	return list
}

// everyTold has a notice of everything that people are told, every second one unread.
func everyTold() []pages.NoticeRow {
	var list []pages.NoticeRow
	for i, told := range work.AllTold() {
		n := &notices.Notice{Told: told, Kind: "program", Record: "pg_1", Title: hostile, At: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), Unread: i%2 == 0}
		if i%3 == 0 {
			n.Kind, n.Title = "tenant", ""
		}
		list = append(list, pages.NoticeRow{Notice: n, Who: hostile, Whose: hostile})
	}
	return list
}
