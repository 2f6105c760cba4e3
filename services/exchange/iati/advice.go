package iati

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/antchfx/xmlquery"
)

// Advice is a rule of the standard that an activity does not follow. Grave ones are what
// the standard calls errors: who publishes such a file will hear of it.
type Advice struct {
	// Rule is the rule's number in the standard's rule set ("6.2.2"); people read the
	// message "iati_rule.6.2.2".
	Rule  string `json:"rule"`
	Grave bool   `json:"grave"`
	// Count is in how many places.
	Count int `json:"count"`
}

// Advise holds an activity, as it would be written, to the rule set of the standard. Rules
// that only a registry of publishers can decide are applied as if nobody were in it.
func Advise(a *Activity, now time.Time) ([]Advice, error) {
	var b bytes.Buffer
	w := NewWriter(&b, now)
	if err := w.Write(a); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	ready := standardRules.Get().(*[]*compiled) //nolint:forcetypeassert // nothing else is put there
	defer standardRules.Put(ready)
	return advise(&b, *ready, now)
}

// standardRules are rules made ready. One set is used by one at a time: an expression keeps
// its place while it is evaluated.
var standardRules = sync.Pool{New: func() any {
	all := make([]*compiled, len(rules))
	for i, r := range rules {
		c, err := r.compile()
		if err != nil {
			panic(fmt.Sprintf("iati: rule %s: %v", r.id, err)) // a test makes them all ready
		}
		all[i] = c
	}
	return &all
}}

func advise(text io.Reader, rules []*compiled, now time.Time) ([]Advice, error) {
	doc, err := xmlquery.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("iati: %w", err)
	}
	var list []Advice
	at := map[string]int{}
	for _, r := range rules {
		n := r.broken(doc, now)
		if n == 0 {
			continue
		}
		if i, known := at[r.id]; known {
			list[i].Count += n
			continue
		}
		at[r.id] = len(list)
		list = append(list, Advice{Rule: r.id, Grave: r.grave, Count: n})
	}
	return list, nil
}

// RuleNumbers lists the rules that Advise knows, each once, in the order of the table.
func RuleNumbers() []string {
	var list []string
	seen := map[string]bool{}
	for _, r := range rules {
		if !seen[r.id] {
			seen[r.id] = true
			list = append(list, r.id)
		}
	}
	return list
}
