// Package paper makes what people take away: tables as CSV and as XLSX. It takes rows and
// knows no record, no permission and no language: who calls it brings the rows that the
// reader may see, in the reader's words.
package paper

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Cell is a value of a table. The zero Cell is empty.
type Cell struct {
	text   string
	number int64
	kind   kind
}

type kind int

const (
	isText kind = iota
	isNumber
	isDay
)

// Text is words.
func Text(text string) Cell { return Cell{text: text} }

// Number is a whole number, to be counted with.
func Number(n int64) Cell { return Cell{number: n, kind: isNumber} }

// Day is a day; the empty day is an empty cell.
func Day(d clocks.Day) Cell {
	if d == "" {
		return Cell{}
	}
	return Cell{text: string(d), kind: isDay}
}

// Table is rows under their headings. Rows come one at a time and may end with an error,
// which ends the table.
type Table struct {
	// Name is the sheet's.
	Name string
	Head []string
	Rows iter.Seq2[[]Cell, error]
}

// CSV writes the table as RFC 4180 has it, in UTF-8. A text that a spreadsheet would take
// for a formula begins with an apostrophe, because the rows hold what strangers typed.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(guarded(t.Head)); err != nil {
		return err
	}
	for row, err := range t.Rows {
		if err != nil {
			return err
		}
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = c.plain()
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func guarded(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = guard(text)
	}
	return out
}

// guard keeps a text from being a formula (OWASP, CSV injection).
func guard(text string) string {
	if strings.TrimLeft(text, " ") != "" && strings.ContainsRune("=+-@\t\r", rune(strings.TrimLeft(text, " ")[0])) {
		return "'" + text
	}
	return text
}

func (c Cell) plain() string {
	switch c.kind {
	case isNumber:
		return strconv.FormatInt(c.number, 10)
	case isDay:
		return c.text
	case isText:
	}
	return guard(c.text)
}

const (
	// maxSheetRows is how many rows a sheet of XLSX holds, maxCellText how many characters a
	// cell (ECMA-376; Excel's limits).
	maxSheetRows = 1_048_576
	maxCellText  = 32_767
	maxSheetName = 31
)

// XLSX writes the table as one sheet: days as days, numbers as numbers, and texts as texts,
// whatever they begin with.
func (t Table) XLSX(w io.Writer) (err error) {
	book := excelize.NewFile()
	defer func() {
		if failed := book.Close(); err == nil {
			err = failed
		}
	}()
	sheet := sheetName(t.Name)
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	format := "yyyy-mm-dd"
	day, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, max(1, len(t.Head)), 24); err != nil {
		return err
	}
	head := make([]any, len(t.Head))
	for i, text := range t.Head {
		head[i] = excelize.Cell{StyleID: bold, Value: cut(text)}
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	n := 1
	for row, err := range t.Rows {
		if err != nil {
			return err
		}
		if n++; n > maxSheetRows {
			return fmt.Errorf("paper: more than %d rows", maxSheetRows)
		}
		values := make([]any, len(row))
		for i, c := range row {
			values[i] = c.value(day)
		}
		if err := out.SetRow("A"+strconv.Itoa(n), values); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

func (c Cell) value(day int) any {
	switch c.kind {
	case isNumber:
		return c.number
	case isDay:
		return excelize.Cell{StyleID: day, Value: clocks.Day(c.text).Begins(time.UTC)}
	case isText:
	}
	return cut(c.text)
}

func cut(text string) string {
	if runes := []rune(text); len(runes) > maxCellText {
		return string(runes[:maxCellText-1]) + "…"
	}
	return text
}

// sheetName is a name without what a sheet's must not hold.
func sheetName(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' {
			return ' '
		}
		return r
	}, text)
	runes := []rune(strings.TrimSpace(text))
	return string(runes[:min(len(runes), maxSheetName)])
}
