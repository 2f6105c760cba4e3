package pages

// withoutChanges is a history in short.
func withoutChanges(list []HistoryRow) []HistoryRow {
	short := make([]HistoryRow, len(list))
	for i, row := range list {
		row.Changes, row.More = nil, 0
		short[i] = row
	}
	return short
}
