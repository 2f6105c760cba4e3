package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
)

// Kept is a head that somebody kept outside.
type Kept struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// maxKept is the longest file of kept heads: over two hundred years of them.
const maxKept = 16 << 20

// keptLine is a head as our letters have it; what else stands in a letter is passed over.
var keptLine = regexp.MustCompile(`^[>\s]*(\d{4}-\d\d-\d\d) (\d{1,18}) ([0-9a-f]{64})\s*$`)

// ReadKept reads heads that somebody kept: a letter of ours or its lines, or the JSON of
// the list of heads. It refuses with heads_malformed what holds no head, and JSON with a
// head that is none.
func ReadKept(r io.Reader) ([]Kept, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKept+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxKept:
		return nil, fault.New(fault.TooLarge, "too_large")
	}
	var kept []Kept
	if text = bytes.TrimSpace(text); bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")) {
		kept, err = keptJSON(text)
	} else {
		kept, err = keptLines(text)
	}
	if err != nil || len(kept) == 0 {
		return nil, fault.New(fault.Malformed, "heads_malformed").Because(err)
	}
	return kept, nil
}

func keptJSON(text []byte) ([]Kept, error) {
	var list struct {
		Items []Kept `json:"items"`
	}
	var err error
	if text[0] == '[' {
		err = json.Unmarshal(text, &list.Items)
	} else {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		return nil, err
	}
	for _, k := range list.Items {
		if sum, err := hex.DecodeString(k.Hash); err != nil || len(sum) != 32 || k.Seq < 1 {
			return nil, fault.New(fault.Malformed, "heads_malformed", "value", strconv.FormatInt(k.Seq, 10))
		}
	}
	return list.Items, nil
}

func keptLines(text []byte) ([]Kept, error) {
	var kept []Kept
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := keptLine.FindStringSubmatch(strings.TrimRight(lines.Text(), "\r"))
		if parts == nil {
			continue
		}
		seq, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return nil, err
		}
		kept = append(kept, Kept{Seq: seq, Hash: parts[3]})
	}
	return kept, lines.Err()
}
