package iati

import (
	"strconv"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Result is an output, an outcome or an impact, and how it is measured.
type Result struct {
	Line        int         `json:"-"`
	Type        ResultType  `json:"type"`
	Aggregation bool        `json:"aggregation,omitempty"` // its values may be added up
	Titles      Texts       `json:"titles,omitempty"`
	Description Texts       `json:"description,omitempty"`
	Documents   []Document  `json:"documents,omitempty"`
	References  []Coded     `json:"references,omitempty"`
	Indicators  []Indicator `json:"indicators,omitempty"`
}

// Indicator is what is measured.
type Indicator struct {
	Line        int        `json:"-"`
	Measure     Measure    `json:"measure"`
	Ascending   bool       `json:"ascending"` // more is better; true when not given
	Aggregation bool       `json:"aggregation,omitempty"`
	Titles      Texts      `json:"titles,omitempty"`
	Description Texts      `json:"description,omitempty"`
	Documents   []Document `json:"documents,omitempty"`
	References  []Coded    `json:"references,omitempty"` // VocabularyURI holds indicator-uri
	Baselines   []Baseline `json:"baselines,omitempty"`
	Periods     []Period   `json:"periods,omitempty"`
}

// Figure is a value as written (a number, or words where the measure is qualitative)
// and what it covers. Value may be "": not given.
type Figure struct {
	Value      string      `json:"value,omitempty"`
	Comment    Texts       `json:"comment,omitempty"`
	Locations  []string    `json:"locations,omitempty"` // Location.Ref
	Dimensions []Dimension `json:"dimensions,omitempty"`
	Documents  []Document  `json:"documents,omitempty"`
}

// Dimension is one way the figure is broken down: sex, female.
type Dimension struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// Baseline is the figure at the start.
type Baseline struct {
	Figure
	Year int        `json:"year"`
	Day  clocks.Day `json:"day,omitempty"`
}

// Period is what was aimed at and reached in a time.
type Period struct {
	Line    int        `json:"-"`
	From    clocks.Day `json:"from"`
	To      clocks.Day `json:"to"`
	Targets []Figure   `json:"targets,omitempty"`
	Actuals []Figure   `json:"actuals,omitempty"`
}

func (r *reading) result(n *node) (Result, error) {
	var err error
	out := Result{Line: n.line, Aggregation: r.boolean(n, "aggregation-status", false)}
	if out.Type, err = attrIn(n, "type", ResultTypes()); err != nil {
		return out, err
	}
	out.Titles = r.title(n)
	out.Description, _ = single(r, n, "description", narrated)
	out.Documents = collect(r, n, "document-link", r.document)
	out.References = collect(r, n, "reference", reference("vocabulary-uri"))
	out.Indicators = collect(r, n, "indicator", r.indicator)
	r.expect(n, "indicator")
	return out, nil
}

func (r *reading) indicator(n *node) (Indicator, error) {
	var err error
	out := Indicator{
		Line:        n.line,
		Ascending:   r.boolean(n, "ascending", true),
		Aggregation: r.boolean(n, "aggregation-status", false),
	}
	if out.Measure, err = attrIn(n, "measure", Measures()); err != nil {
		return out, err
	}
	out.Titles = r.title(n)
	out.Description, _ = single(r, n, "description", narrated)
	out.Documents = collect(r, n, "document-link", r.document)
	out.References = collect(r, n, "reference", reference("indicator-uri"))
	out.Baselines = collect(r, n, "baseline", r.baseline)
	out.Periods = collect(r, n, "period", r.resultPeriod)
	return out, nil
}

func reference(uri string) func(*node) (Coded, error) {
	return func(n *node) (Coded, error) {
		code, err := vocabularyCode(n)
		code.VocabularyURI = n.value(uri)
		return code, err
	}
}

func (r *reading) baseline(n *node) (Baseline, error) {
	text, err := n.need("year")
	if err != nil {
		return Baseline{}, err
	}
	year, err := strconv.ParseUint(text, 10, 14)
	if err != nil || year == 0 {
		return Baseline{}, wrong(n, "year", "year_malformed", "value", brief(text))
	}
	day, _, err := dayAttr(n, "iso-date")
	if err != nil {
		return Baseline{}, err
	}
	figure, err := r.figure(n)
	return Baseline{Figure: figure, Year: int(year), Day: day}, err // #nosec G115 -- at most 14 bits
}

func (r *reading) resultPeriod(n *node) (Period, error) {
	from, to, err := r.period(n)
	if err != nil {
		return Period{}, err
	}
	return Period{
		Line: n.line, From: from, To: to,
		Targets: collect(r, n, "target", r.figure),
		Actuals: collect(r, n, "actual", r.figure),
	}, nil
}

func (r *reading) figure(n *node) (Figure, error) {
	out := Figure{Value: n.value("value")}
	out.Comment, _ = single(r, n, "comment", narrated)
	for place := range n.all("location") {
		if ref := place.value("ref"); ref != "" {
			out.Locations = append(out.Locations, ref)
		}
	}
	for d := range n.all("dimension") {
		out.Dimensions = append(out.Dimensions, Dimension{Name: d.value("name"), Value: d.value("value")})
	}
	out.Documents = collect(r, n, "document-link", r.document)
	return out, nil
}
