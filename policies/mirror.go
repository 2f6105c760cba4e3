package policies

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// Mirror is one act of the relationship: what each side does to perform it, and how many
// persons each needs, what goes before included. Where it differs between the sides, they
// are not equals. The numbers are what the file claims; the area of a record tries its
// rule with one person of each side, and with two, and holds the file to what it finds.
type Mirror struct {
	Act                       string
	Agency, CSO               Action
	AgencyPersons, CSOPersons int
}

// Mirrors reads mirror.csv, the acts in which neither side may have more than the other.
func Mirrors() ([]Mirror, error) {
	rows, err := csv.NewReader(strings.NewReader(mirrorText)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("policies: mirror.csv: %w", err)
	}
	byName := make(map[string]Action)
	for _, a := range Actions() {
		byName[a.String()] = a
	}
	mirrors := make([]Mirror, 0, len(rows))
	for _, row := range rows[1:] {
		m := Mirror{Act: row[0], Agency: byName[row[1]], CSO: byName[row[2]]}
		if m.Agency.IsZero() || m.CSO.IsZero() {
			return nil, fmt.Errorf("policies: mirror.csv: %s: no such action", row[0])
		}
		if m.AgencyPersons, err = strconv.Atoi(row[3]); err != nil {
			return nil, fmt.Errorf("policies: mirror.csv: %s: %w", row[0], err)
		}
		if m.CSOPersons, err = strconv.Atoi(row[4]); err != nil {
			return nil, fmt.Errorf("policies: mirror.csv: %s: %w", row[0], err)
		}
		mirrors = append(mirrors, m)
	}
	return mirrors, nil
}
