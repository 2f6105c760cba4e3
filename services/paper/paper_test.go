package paper_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/mitra-platform/mitra/services/paper"
)

func rowsOf(list ...[]paper.Cell) iter.Seq2[[]paper.Cell, error] {
	return func(yield func([]paper.Cell, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// hostile are names that a spreadsheet would run, or that break a careless writer.
var hostile = []string{`=HYPERLINK("http://evil.example.org","x")`, "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "a,\"b\"\nc;d", "Désa 水 🙂", ""}

func table() paper.Table {
	var rows [][]paper.Cell
	for i, name := range hostile {
		rows = append(rows, []paper.Cell{paper.Text(name), paper.Number(int64(i) - 3), paper.Day("2026-11-27")})
	}
	rows = append(rows, []paper.Cell{{}, {}, paper.Day("")})
	return paper.Table{Name: "Daftar [semua]: organisasi / yang sangat panjang", Head: []string{"Nama", "=Angka", "Hari"}, Rows: rowsOf(rows...)}
}

func TestACSVIsReadBackAndHoldsNoFormula(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := table().CSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != len(hostile)+2 {
		t.Fatal(len(lines), err)
	}
	if !slices.Equal(lines[0], []string{"Nama", "'=Angka", "Hari"}) || !slices.Equal(lines[len(lines)-1], []string{"", "", ""}) {
		t.Errorf("%q … %q", lines[0], lines[len(lines)-1])
	}
	for i, name := range hostile {
		got := lines[i+1]
		if strings.TrimPrefix(got[0], "'") != name || got[2] != "2026-11-27" {
			t.Errorf("%q became %q", name, got)
		}
		if strings.ContainsAny(strings.TrimLeft(got[0], " ")[:min(1, len(strings.TrimLeft(got[0], " ")))], "=+-@\t") {
			t.Errorf("%q is a formula", got[0])
		}
	}
	if lines[1][1] != "-3" {
		t.Errorf("a number that is less than nothing is %q", lines[1][1])
	}
}

func TestAnXLSXIsReadBackWithTextsNumbersAndDays(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := table().XLSX(&b); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	sheet := book.GetSheetName(0)
	if len([]rune(sheet)) > 31 || !strings.HasPrefix(sheet, "Daftar  semua") {
		t.Errorf("the sheet is called %q", sheet)
	}
	rows, err := book.GetRows(sheet)
	if err != nil || len(rows) != len(hostile)+1 {
		t.Fatal(len(rows), err)
	}
	for i, name := range hostile {
		row := rows[i+1]
		formula, err := book.GetCellFormula(sheet, "A"+strconv.Itoa(i+2))
		if err != nil || formula != "" || row[0] != name || row[2] != "2026-11-27" {
			t.Errorf("%q became %q, formula %q, %v", name, row, formula, err)
		}
	}
	kind, err := book.GetCellType(sheet, "B2")
	if value, _ := book.GetCellValue(sheet, "B2"); err != nil || value != "-3" || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("a number is %q of type %v, %v", value, kind, err)
	}
}

func TestATableThatCannotBeReadToItsEndIsNoFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("gone")
	for name, write := range map[string]func(paper.Table) error{
		"csv":  func(t paper.Table) error { return t.CSV(&bytes.Buffer{}) },
		"xlsx": func(t paper.Table) error { return t.XLSX(&bytes.Buffer{}) },
	} {
		err := write(paper.Table{Name: "x", Head: []string{"a"}, Rows: func(yield func([]paper.Cell, error) bool) {
			_ = yield([]paper.Cell{paper.Text("1")}, nil) && yield(nil, broken)
		}})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
