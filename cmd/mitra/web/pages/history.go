package pages

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// Past is a part of a history, the latest first. Older is the address of what was before
// it; empty at the beginning.
type Past struct {
	Rows  []HistoryRow
	Older string
}

// Story shows what happened to the record at an address.
func Story(record string, past Past) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return story(s, record, past) }
}

// HistoryRow is a journal entry with the names that people know.
type HistoryRow struct {
	tenants.Entry
	Who string
	// Whose is the organisation that it was done for.
	Whose string
	To    string
	// Names are what the persons and organisations in its changes are called, by id.
	Names map[string]string
}

// fact is one change as people read it.
type fact struct {
	Label, From, To string
	// Row is the line of a list that the change is in, and Part what of it changed; the label
	// says both.
	Row, Part string
	Personal  bool
}

// bookkeeping are copies that the system keeps of records whose own entries say the same.
var bookkeeping = []string{"plan_version", "ledger", "member_profile", "passport_version", "form_version"}

// ForPeople says that an entry is somebody's doing, not the system's own copy of one.
func ForPeople(e *tenants.Entry) bool {
	return !slices.Contains(bookkeeping, e.Kind) && e.Action != "system.sweep_journal" && e.Action != "system.follow_journal"
}

// unsaid are the last parts of paths that are the system's own: ids, hashes, instants that
// the entry has itself, and who did what the entry says somebody did.
var unsaid = []string{
	"id", "hash", "at", "digest", "program", "indicator", "member", "form_version", "key", "code", "proposal", "decided_at", "author", "authors", "editors", "changed",
	"decider", "reporter", "since", "categories", "until_instant", "asked_at", "disclosed_at", "joined_at", "ended_at", "reset_at", "holds", "terms", "until.instant",
}

// untold are the first parts of paths that only programs read.
var untold = []string{"source", "file", "preview", "outcome", "marks", "attested", "form_title", "form", "agency", "agency_name", "wake_at", "audience", "before"}

// gathered are lists whose changes are counted instead of told one by one.
var gathered = []string{"answers", "personal_answers", "fields"}

// enumerated are the words of closed lists, by the last part of a path.
var enumerated = map[string]string{
	"capacity": "role", "roles": "role", "side": "side", "measure": "measure", "level": "level", "move": "move", "group": "group", "visibility": "visibility",
	"risk": "risk", "severity": "severity", "category": "category", "origin": "origin", "legal_form": "question.legal_form", "parties.role": "party", "persons.role": "office",
	"working_days": "weekday", "parts": "settings_part", "aggregation": "aggregation",
}

// figures are the parts that hold a number as text.
var figures = []string{"value", "numerator", "denominator", "latitude", "longitude"}

var (
	idShape      = regexp.MustCompile(`^[a-z]{2,3}_[0-9a-z]{26}$`)
	elementShape = regexp.MustCompile(`\.?\[([^\]]*)\]`)
)

// parts takes a path apart: its names without the elements of lists, the list it goes
// through first, and the element.
func parts(path string) (names []string, list, element string) {
	if at := elementShape.FindStringSubmatchIndex(path); at != nil {
		list, element = path[:at[0]], path[at[2]:at[3]]
	}
	return strings.Split(elementShape.ReplaceAllString(path, ""), "."), list, element
}

// silent says that a path is the system's own.
func silent(names []string) bool {
	last := names[len(names)-1]
	return slices.Contains(unsaid, last) || slices.Contains(untold, names[0])
}

// labelKey is the message that names a part of a record: the most exact there is, with the
// kind of record or a shorter path; empty where nobody has a name for it.
func labelKey(w *words.Words, kind string, names []string) string {
	if key := "field." + kind + "." + strings.Join(names, "."); w.Has(key) {
		return key
	}
	for i := range names {
		if key := "field." + strings.Join(names[i:], "."); w.Has(key) {
			return key
		}
	}
	if last := "question." + names[len(names)-1]; kind == "passport" && w.Has(last) {
		return last
	}
	return ""
}

// Unnamed lists the paths of an entry that people should read of and that have no name in
// a language. A test holds it empty for all that the demonstration does.
func Unnamed(w *words.Words, e *tenants.Entry) []string {
	var list []string
	for _, c := range e.Changes {
		names, _, _ := parts(c.Path)
		if !silent(names) && labelKey(w, e.Kind, names) == "" && labelKey(w, e.Kind, names[:1]) == "" {
			list = append(list, e.Kind+" "+strings.Join(names, "."))
		}
	}
	return list
}

// facts are an entry's changes as people read them.
func (e HistoryRow) facts(s *Shown) []fact {
	var list []fact
	counted := map[string]map[string]bool{}
	for _, c := range e.Changes {
		names, within, element := parts(c.Path)
		if silent(names) {
			continue
		}
		if e.Kind != "passport" && slices.Contains(gathered, names[0]) {
			if counted[names[0]] == nil {
				counted[names[0]] = map[string]bool{}
			}
			one := element
			if one == "" {
				one = at(names, 1)
			}
			counted[names[0]][one] = true
			continue
		}
		key := labelKey(s.W, e.Kind, names)
		if key == "" {
			continue
		}
		f := fact{Label: s.T(key), Personal: c.Personal}
		if within != "" {
			f.Row, f.Part = e.of(s, within, element), strings.ToLower(f.Label[:1])+f.Label[1:]
			f.Label = f.Row + ", " + f.Part
		}
		if !c.Personal {
			f.From, f.To = e.said(s, names, c.Path, c.From), e.said(s, names, c.Path, c.To)
			if f.From == f.To {
				continue
			}
		}
		list = append(list, f)
	}
	for _, name := range gathered {
		if n := len(counted[name]); n > 0 {
			list = append(list, fact{Label: s.T("field." + name), To: s.W.N("history.answers", int64(n))})
		}
	}
	return list
}

// of names the element of a list that a change is in, by its title where the entry has it.
func (e HistoryRow) of(s *Shown, list, element string) string {
	names, _, _ := parts(list)
	key := labelKey(s.W, e.Kind, names)
	if key == "" {
		return ""
	}
	for _, field := range []string{"title", "line", "name", "group"} {
		path := list + ".[" + element + "]." + field
		for _, c := range e.Changes {
			if c.Path != path || c.Personal {
				continue
			}
			text := c.To
			if text == "" {
				text = c.From
			}
			if name := e.said(s, append(names, field), path, text); name != "" {
				return s.T(key) + " “" + cut(name) + "”"
			}
		}
	}
	if name := e.Names[element]; name != "" {
		return s.T(key) + " “" + cut(name) + "”"
	}
	return s.T(key)
}

// said is a value as people write it; empty where there is none, or none for people.
func (e HistoryRow) said(s *Shown, names []string, path, text string) string {
	if text == "" {
		return ""
	}
	var value any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return cut(strings.Trim(text, `"`))
	}
	last := names[len(names)-1]
	switch v := value.(type) {
	case bool:
		if v {
			return s.T("history.yes")
		}
		return "" // what is not so and what was never said are one to people
	case json.Number:
		return e.counted(s, path, last, v)
	case string:
		return e.text(s, names, last, v)
	}
	return ""
}

// counted is a number; an amount goes by its currency.
func (e HistoryRow) counted(s *Shown, path, last string, v json.Number) string {
	n, err := v.Int64()
	switch {
	case err != nil:
		return v.String()
	case last != "amount" || !strings.HasSuffix(path, "amount.amount") && !strings.HasSuffix(path, "spent.amount"):
		if n == 0 {
			return ""
		}
		return s.W.Number(n)
	}
	for _, c := range e.Changes {
		if c.Path != strings.TrimSuffix(path, "amount")+"currency" {
			continue
		}
		if currency, err := money.ParseCurrency(strings.Trim(c.To+c.From, `"`)); err == nil {
			return s.W.Money(money.Money{Amount: n, Currency: currency})
		}
	}
	currency := money.IDR
	if s.Tenant != nil {
		if own, err := money.ParseCurrency(s.Tenant.Currency); err == nil {
			currency = own
		}
	}
	return s.W.Amount(money.Money{Amount: n, Currency: currency})
}

// text is a text: a name, a word of a closed list, a day, a moment, a figure, or itself.
func (e HistoryRow) text(s *Shown, names []string, last, v string) string {
	if name, ok := e.Names[v]; ok {
		return name
	}
	if key := e.wordOf(s, names, last, v); key != "" {
		return s.T(key)
	}
	switch {
	case last == "exceptions":
		return exceptionText(s, policies.Exception(v))
	case last == "zone":
		return zoneName(v)
	}
	if d := clocks.Day(""); d.UnmarshalText([]byte(v)) == nil {
		return s.W.DayShort(d)
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return s.Instant(at)
	}
	switch {
	case idShape.MatchString(v) || last == "organisation" || last == "person":
		return s.T("history.somebody")
	case last == "depends_on" || last == "node" || last == "parent":
		return "" // codes that the system gives
	case slices.Contains(figures, last) && len(names) > 1 && names[0] != "identifiers":
		return s.W.Decimal(v)
	}
	return cut(v)
}

// wordOf is the message of a value out of a closed list.
func (e HistoryRow) wordOf(s *Shown, names []string, last, v string) string {
	keys := []string{enumerated[last] + "." + v, "question." + last + "." + v}
	if e.Kind == "passport" {
		keys = append(keys, "answer."+v)
	}
	if len(names) > 1 {
		keys = append([]string{enumerated[names[len(names)-2]+"."+last] + "." + v}, keys...)
	}
	if last == "state" {
		keys = []string{stateWords(e.Kind) + "." + v}
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, ".") && s.W.Has(key) {
			return key
		}
	}
	return ""
}

func stateWords(kind string) string {
	switch kind {
	case "program":
		return "state"
	case "program_amendment":
		return "amendment_state"
	case "due_diligence":
		return "diligence_state"
	case "settings_proposal":
		return "proposal_state"
	}
	return kind + "_state"
}

// sentence says who did what to which record, in the pieces around what leads to it: its
// title, or the whole sentence where that needs no title.
func (e HistoryRow) sentence(s *Shown) (before, what, after string) {
	const gap = "\x1f"
	keys := []string{"did." + e.Action + "." + e.Kind, "did." + e.Action}
	if e.Version == 1 {
		keys = append([]string{keys[0] + ".new"}, keys...)
	}
	for _, c := range e.Changes {
		switch {
		case c.Path == "state":
			keys = append([]string{"did." + e.Action + "." + e.Kind + "." + strings.Trim(c.To, `"`)}, keys...)
		case strings.HasPrefix(c.Path, "earlier.["):
			keys = append([]string{"did." + e.Action + "." + e.Kind + ".corrected"}, keys...)
		}
	}
	for _, key := range keys {
		if s.W.Has(key) {
			before, after, named := strings.Cut(s.T(key, "who", e.Who, "what", gap), gap)
			if !named {
				return "", before, ""
			}
			return before, e.Title, after
		}
	}
	return e.Who + " · " + s.T("action."+e.Action) + ": ", e.Title, ""
}
