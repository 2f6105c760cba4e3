package programs

import (
	"math/big"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

// Aggregation is how what was reported of an indicator, period by period and place by
// place, makes one figure. There is no figure that every indicator may be summed to:
// somebody trained in March and in May is one person.
type Aggregation string

// Aggregations.
const (
	// Latest is what the latest period says, the default.
	Latest Aggregation = "latest"
	// Sum adds up counts.
	Sum Aggregation = "sum"
	// Max is the greatest.
	Max Aggregation = "max"
	// Average is the mean; of shares, all numerators over all denominators.
	Average Aggregation = "avg"
	// Unique counts each once over all periods, so it is never a sum: its figure is that of
	// the one actual whose period holds all others.
	Unique Aggregation = "unique"
)

// UnmarshalText refuses what is none; empty is the default.
func (a *Aggregation) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = ""
		return nil
	}
	return fault.OneOf(a, text, []Aggregation{Latest, Sum, Max, Average, Unique})
}

// Aggregations lists those that a measure may have, the default first.
func (m Measure) Aggregations() []Aggregation {
	switch m {
	case CountOf:
		return []Aggregation{Latest, Sum, Unique, Max, Average}
	case Percent, Ratio, Scale:
		return []Aggregation{Latest, Average, Max}
	}
	return []Aggregation{Latest}
}

// Mode is how the indicator's figures are joined.
func (ind *Indicator) Mode() Aggregation {
	if ind.Aggregation == "" {
		return Latest
	}
	return ind.Aggregation
}

// Making says how a total was made, or why there is none.
type Making string

// How totals are made, and why there is none.
const (
	MadeOf         Making = "made"
	NothingYet     Making = "nothing"
	NotApplicable  Making = "not_applicable"
	NoFigures      Making = "no_figures"
	Overlapping    Making = "overlapping"
	SeveralPlaces  Making = "several_places"
	NoWholePeriod  Making = "no_whole_period"
	SharesUnparted Making = "shares_without_parts"
)

// Total is what the accepted actuals of an indicator come to. There is a Value where
// Making is MadeOf, and it says how many actuals it was made of.
type Total struct {
	Making Making `json:"making"`
	Of     int    `json:"of"`
	Value  Value  `json:"value"`
}

// Total joins the accepted actuals of the indicator among those given (invariant 26).
// "Not applicable" is no figure, and 0 is one.
func (ind *Indicator) Total(actuals []*Actual) Total {
	var of []*Actual
	applies := true
	for _, a := range actuals {
		if a.Indicator != ind.ID || a.State != ActualAccepted {
			continue
		}
		if applies = !a.Value.NotApplicable; applies {
			of = append(of, a)
		}
	}
	switch {
	case len(of) == 0 && !applies:
		return Total{Making: NotApplicable, Value: Value{NotApplicable: true}}
	case len(of) == 0:
		return Total{Making: NothingYet}
	}
	switch ind.Mode() {
	case Sum:
		return summed(of)
	case Max:
		return greatest(of)
	case Average:
		return averaged(of)
	case Unique:
		return unique(of)
	}
	return latest(ind.Measure, of)
}

func summed(of []*Actual) Total {
	if overlap(of) {
		return Total{Making: Overlapping}
	}
	sum, places := new(big.Rat), 0
	for _, a := range of {
		r, ok := a.Value.Rat()
		if !ok {
			return Total{Making: NoFigures}
		}
		sum.Add(sum, r)
		places = max(places, decimals(a.Value.Value))
	}
	return Total{MadeOf, len(of), Value{Value: decimal(sum, places)}}
}

func greatest(of []*Actual) Total {
	var best *Actual
	var most *big.Rat
	for _, a := range of {
		r, ok := a.Value.Rat()
		if !ok {
			return Total{Making: NoFigures}
		}
		if most == nil || r.Cmp(most) > 0 {
			best, most = a, r
		}
	}
	return Total{MadeOf, len(of), best.Value}
}

// averaged pools shares, so that a small village does not weigh as much as a town; other
// figures have their mean, to two places more than they have.
func averaged(of []*Actual) Total {
	if overlap(of) {
		return Total{Making: Overlapping}
	}
	if pooled, ok := pool(of); ok {
		return Total{MadeOf, len(of), pooled}
	}
	sum, places := new(big.Rat), 0
	for _, a := range of {
		r, ok := a.Value.Rat()
		switch {
		case !ok:
			return Total{Making: NoFigures}
		case a.Value.Numerator != "":
			return Total{Making: SharesUnparted}
		}
		sum.Add(sum, r)
		places = max(places, decimals(a.Value.Value))
	}
	mean := sum.Quo(sum, big.NewRat(int64(len(of)), 1))
	return Total{MadeOf, len(of), Value{Value: decimal(mean, places+2)}}
}

// pool joins shares whose parts are all known.
func pool(of []*Actual) (Value, bool) {
	n, d, places := new(big.Rat), new(big.Rat), 0
	for _, a := range of {
		an, ok1 := number(a.Value.Numerator)
		ad, ok2 := number(a.Value.Denominator)
		if !ok1 || !ok2 {
			return Value{}, false
		}
		n.Add(n, an)
		d.Add(d, ad)
		places = max(places, decimals(a.Value.Numerator), decimals(a.Value.Denominator))
	}
	return Value{Numerator: decimal(n, places), Denominator: decimal(d, places)}, true
}

// unique is the actual whose period holds those of all others and that is of no single
// place, the latest reported of several such.
func unique(of []*Actual) Total {
	from, to := of[0].From, of[0].To
	for _, a := range of {
		from, to = min(from, a.From), max(to, a.To)
	}
	var whole *Actual
	for _, a := range of {
		if a.From == from && a.To == to && (a.Place == "" || len(of) == 1) && (whole == nil || a.UpdatedAt.After(whole.UpdatedAt)) {
			whole = a
		}
	}
	if whole == nil {
		return Total{Making: NoWholePeriod}
	}
	return Total{MadeOf, 1, whole.Value}
}

// latest is what is said of the latest period: as a whole, or at its one place; shares of
// several places are pooled, other figures of several places make none.
func latest(m Measure, of []*Actual) Total {
	last := of[0].To
	for _, a := range of {
		last = max(last, a.To)
	}
	of = slices.DeleteFunc(slices.Clone(of), func(a *Actual) bool { return a.To != last })
	// Of what was said twice of one place, the later word counts.
	said := map[string]*Actual{}
	for _, a := range of {
		if known := said[a.Place]; known == nil || a.UpdatedAt.After(known.UpdatedAt) {
			said[a.Place] = a
		}
	}
	if whole := said[""]; whole != nil {
		return Total{MadeOf, 1, whole.Value}
	}
	if len(said) == 1 {
		for _, a := range said {
			return Total{MadeOf, 1, a.Value}
		}
	}
	of = of[:0]
	for _, a := range said {
		of = append(of, a)
	}
	if m == Percent || m == Ratio {
		if pooled, ok := pool(of); ok {
			return Total{MadeOf, len(of), pooled}
		}
		return Total{Making: SharesUnparted}
	}
	return Total{Making: SeveralPlaces}
}

// overlap says that two actuals speak of one day at one place, or one of them of all
// places: together they would count something twice.
func overlap(of []*Actual) bool {
	ordered := slices.Clone(of)
	slices.SortFunc(ordered, func(a, b *Actual) int { return strings.Compare(string(a.From), string(b.From)) })
	until := map[string]clocks.Day{}
	var anywhere clocks.Day
	for _, a := range ordered {
		if a.Place == "" && anywhere != "" && !a.From.After(anywhere) ||
			until[""] != "" && !a.From.After(until[""]) || until[a.Place] != "" && !a.From.After(until[a.Place]) {
			return true
		}
		until[a.Place], anywhere = max(until[a.Place], a.To), max(anywhere, a.To)
	}
	return false
}

// Plain writes a number with at most so many places, without zeroes at the end.
func Plain(r *big.Rat, places int) string { return decimal(r, places) }

// decimals is how many places a plain decimal has behind the point.
func decimals(text string) int {
	_, behind, _ := strings.Cut(text, ".")
	return len(behind)
}

// decimal writes a number with at most so many places, without zeroes at the end.
func decimal(r *big.Rat, places int) string {
	text := r.FloatString(places)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}
