package iati

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"

	"github.com/mitra-platform/mitra/services/clocks"
)

// rule is one case of the rule set, in the words of its specification (SPEC.rst): a
// context, the kind of rule, and XPath expressions below each element of the context.
type rule struct {
	context, kind, id string
	grave             bool
	// condition must hold for the rule to be looked at. foreach repeats the rule for every
	// value that it finds, which stands for $1 in the other expressions.
	condition, foreach string

	paths, prefix, excluded                                              []string
	less, more, date, start, end, one, all, when, then, regex, separator string
	sum, min, max                                                        string
}

// compiled is a rule whose expressions that name no $1 are ready.
type compiled struct {
	rule
	where *xpath.Expr
	regex *regexp.Regexp
	ready map[string]*xpath.Expr
}

func (r rule) compile() (*compiled, error) {
	c := &compiled{rule: r, ready: map[string]*xpath.Expr{}}
	var err error
	if c.where, err = xpath.Compile(r.context); err != nil {
		return nil, err
	}
	if r.regex != "" {
		if c.regex, err = regexp.Compile(r.regex); err != nil {
			return nil, err
		}
	}
	for _, text := range slices.Concat(r.paths, r.prefix, r.excluded, []string{r.condition, r.foreach, r.less, r.more, r.date, r.start, r.end, r.one, r.when, r.then}) {
		if text == "" || text == now || text == agencyCodes {
			continue
		}
		if c.ready[text], err = xpath.Compile(strings.ReplaceAll(text, "$1", "1")); err != nil {
			return nil, err
		}
		if strings.Contains(text, "$1") {
			delete(c.ready, text)
		}
	}
	return c, nil
}

// Words of the rule set that are no XPath.
const (
	now         = "NOW"
	agencyCodes = "ORG-ID-PREFIX"
)

// broken counts the places of a document that do not follow the rule.
func (c *compiled) broken(doc *xmlquery.Node, at time.Time) int {
	n := 0
	for _, context := range xmlquery.QuerySelectorAll(doc, c.where) {
		if c.foreach == "" {
			n += c.at(context, at, "")
			continue
		}
		seen := map[string]bool{}
		for _, value := range (place{c, context, at, ""}).texts(c.foreach) {
			if !seen[value] {
				seen[value] = true
				n += c.at(context, at, value)
			}
		}
	}
	return n
}

func (c *compiled) at(context *xmlquery.Node, at time.Time, value string) int {
	p := place{c, context, at, value}
	if c.condition != "" && !p.holds(c.condition) || p.follows() {
		return 0
	}
	return 1
}

// place is an element to which a rule is applied.
type place struct {
	*compiled
	node  *xmlquery.Node
	now   time.Time
	value string
}

func (p place) expr(text string) *xpath.Expr {
	if known := p.ready[text]; known != nil {
		return known
	}
	// A value with a quotation mark is none that the standard knows.
	expr, err := xpath.Compile(strings.ReplaceAll(text, "$1", strings.ReplaceAll(p.value, "'", "")))
	if err != nil {
		return xpath.MustCompile("false()")
	}
	return expr
}

func (p place) evaluate(text string) any {
	return p.expr(text).Evaluate(xmlquery.CreateXPathNavigator(p.node))
}

// holds reads an expression as a condition: a list of nodes holds when it is not empty.
func (p place) holds(text string) bool {
	switch v := p.evaluate(text).(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case *xpath.NodeIterator:
		return v.MoveNext()
	}
	return false
}

// texts are what the nodes of some paths hold.
func (p place) texts(paths ...string) []string {
	var list []string
	for _, path := range paths {
		if found, ok := p.evaluate(path).(*xpath.NodeIterator); ok {
			for found.MoveNext() {
				list = append(list, found.Current().Value())
			}
		}
	}
	return list
}

// day is the first day that a path holds; "" without one.
func (p place) day(path string) clocks.Day {
	if path == now {
		return clocks.DayOf(p.now, time.UTC)
	}
	for _, text := range p.texts(path) {
		if day, err := clocks.ParseDay(text[:min(len(text), len("2006-01-02"))]); err == nil {
			return day
		}
	}
	return ""
}

// follows says that the place follows the rule. A kind that is not known is followed: a
// test holds every rule of the table to a kind that is.
func (p place) follows() bool {
	if check := kinds[p.kind]; check != nil {
		return check(p)
	}
	return true
}

// kinds are the kinds of rules.
var kinds = map[string]func(place) bool{
	"atleast_one":      func(p place) bool { return len(p.texts(p.paths...)) > 0 },
	"no_more_than_one": func(p place) bool { return len(p.texts(p.paths...)) <= 1 },
	"only_one_of": func(p place) bool {
		found := len(p.texts(p.paths...))
		if len(p.texts(p.excluded...)) > 0 {
			return found == 0
		}
		return found == 1
	},
	"dependent": func(p place) bool {
		there := 0
		for _, path := range p.paths {
			if len(p.texts(path)) > 0 {
				there++
			}
		}
		return there == 0 || there == len(p.paths)
	},
	"one_or_all": func(p place) bool { return len(p.texts(p.one)) > 0 || p.everyOne() },
	"unique": func(p place) bool {
		seen := map[string]bool{}
		for _, text := range p.texts(p.paths...) {
			if seen[text] {
				return false
			}
			seen[text] = true
		}
		return true
	},
	"startswith": place.begins,
	"no_spaces": func(p place) bool {
		return !slices.ContainsFunc(p.texts(p.paths...), func(text string) bool { return strings.TrimSpace(text) != text })
	},
	"regex_matches": func(p place) bool {
		return !slices.ContainsFunc(p.texts(p.paths...), func(text string) bool { return !p.compiled.regex.MatchString(text) })
	},
	"regex_no_matches": func(p place) bool {
		return !slices.ContainsFunc(p.texts(p.paths...), p.compiled.regex.MatchString)
	},
	"if_then":    func(p place) bool { return !p.holds(p.when) || p.holds(p.then) },
	"sum":        place.addsUp,
	"strict_sum": place.addsUp,
	"range": func(p place) bool {
		least, _ := new(big.Rat).SetString(p.min)
		most, _ := new(big.Rat).SetString(p.max)
		return !slices.ContainsFunc(p.texts(p.paths...), func(text string) bool {
			n, ok := Decimal(strings.TrimSpace(text)).Rat()
			return !ok || n.Cmp(least) < 0 || n.Cmp(most) > 0
		})
	},
	"date_now": func(p place) bool {
		day := p.day(p.date)
		return day == "" || !day.After(p.day(now))
	},
	"date_order": place.ordered,
	"time_limit": func(p place) bool {
		from, to := p.day(p.start), p.day(p.end)
		if from == "" || to == "" {
			return true
		}
		year, month, day := from.Date()
		return !to.After(clocks.DayOf(time.Date(year+1, month, day, 0, 0, 0, 0, time.UTC), time.UTC))
	},
	"between_dates": func(p place) bool {
		day, from, to := p.day(p.date), p.day(p.start), p.day(p.end)
		return day == "" || from == "" || to == "" || !day.Before(from) && !day.After(to)
	},
}

// begins says that each text begins with one of the prefixes and the separator.
func (p place) begins() bool {
	prefixes := strings.Fields(agencies)
	separator := p.separator
	if !slices.Equal(p.prefix, []string{agencyCodes}) {
		prefixes = p.texts(p.prefix...)
	} else {
		separator = "-"
	}
	return !slices.ContainsFunc(p.texts(p.paths...), func(text string) bool {
		return !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix+separator) })
	})
}

// addsUp says that the figures, if there are any, come to the sum.
func (p place) addsUp() bool {
	texts := p.texts(p.paths...)
	sum := new(big.Rat)
	for _, text := range texts {
		if n, ok := Decimal(strings.TrimSpace(text)).Rat(); ok {
			sum.Add(sum, n)
		}
	}
	want, _ := new(big.Rat).SetString(p.sum)
	return len(texts) == 0 || sum.Cmp(want) == 0
}

// ordered says that every day of less is none after one of more.
func (p place) ordered() bool {
	var earlier, later []clocks.Day
	for path, into := range map[string]*[]clocks.Day{p.less: &earlier, p.more: &later} {
		if path == now {
			*into = []clocks.Day{p.day(now)}
			continue
		}
		for _, text := range p.texts(path) {
			if day, err := clocks.ParseDay(text[:min(len(text), len("2006-01-02"))]); err == nil {
				*into = append(*into, day)
			}
		}
	}
	for _, less := range earlier {
		for _, more := range later {
			if less.After(more) {
				return false
			}
		}
	}
	return true
}

// everyOne says of a document without the one that all parts have their own: a language
// every narrative, a currency every amount, a sector every transaction.
func (p place) everyOne() bool {
	switch p.all {
	case "lang":
		return len(p.texts("descendant::narrative[not(@xml:lang)]")) == 0
	case "currency":
		return len(p.texts("descendant::value[not(@currency)] | descendant::forecast[not(@currency)] | descendant::loan-status[not(@currency)]")) == 0
	case "sector":
		return len(p.texts("transaction[not(sector)]")) == 0
	}
	return len(p.texts(p.all)) > 0
}
