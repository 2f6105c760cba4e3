package pages

import "strings"

// changedLine is what became of one part of a plan, or of one row of its lists.
type changedLine struct {
	label string
	// change says that the whole row is "new" or "gone"; empty where parts of it changed.
	change  string
	was, is []fact
}

// changedLines gathers the changes of one row into one line. A row that is new or gone
// goes by its name, which is not said again among its parts.
func changedLines(facts []fact) []changedLine {
	var lines []changedLine
	for i := 0; i < len(facts); {
		n := 1
		for facts[i].Row != "" && i+n < len(facts) && facts[i+n].Row == facts[i].Row {
			n++
		}
		lines = append(lines, changedRow(facts[i:i+n]))
		i += n
	}
	return lines
}

func changedRow(facts []fact) changedLine {
	line := changedLine{label: facts[0].Row, change: wholeRow(facts)}
	if line.label == "" {
		line.label = facts[0].Label
	}
	for _, f := range facts {
		if line.change != "" && names(f.Row, f.From+f.To) {
			continue
		}
		if f.From != "" {
			line.was = append(line.was, f)
		}
		if f.To != "" {
			line.is = append(line.is, f)
		}
	}
	return line
}

// wholeRow says that a row is new or gone: all its parts came or went, its name among them.
func wholeRow(facts []fact) string {
	came, went, named := true, true, false
	for _, f := range facts {
		came, went, named = came && f.From == "", went && f.To == "", named || names(f.Row, f.From+f.To)
	}
	switch {
	case named && came:
		return "new"
	case named && went:
		return "gone"
	}
	return ""
}

// names says that a row goes by a text.
func names(row, text string) bool { return strings.HasSuffix(row, "“"+cut(text)+"”") }
