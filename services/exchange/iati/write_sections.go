package iati

import (
	"strconv"

	"github.com/mitra-platform/mitra/services/money"
)

func (w *Writer) who() {
	a := w.a
	if r := a.Reporting; r != nil {
		w.titled("reporting-org", r.Names, "ref", r.Ref, "type", r.Type, "secondary-reporter", yes(r.Secondary))
	}
	w.titled("title", a.Titles)
	for _, d := range a.Descriptions {
		w.titled("description", d.Texts, "type", d.Type)
	}
	for _, p := range a.Participants {
		w.titled("participating-org", p.Names, "ref", p.Ref, "type", p.Type, "role", string(p.Role), "activity-id", p.ActivityID, "crs-channel-code", p.CRSChannel)
	}
	for _, other := range a.OtherIdentifiers {
		w.open("other-identifier", "ref", other.Ref, "type!", other.Type)
		if other.Owner != nil {
			w.titled("owner-org", other.Owner.Names, "ref", other.Owner.Ref)
		}
		w.end("other-identifier")
	}
	w.code("activity-status", string(a.Status))
	for _, d := range a.Dates {
		w.titled("activity-date", d.Note, "type", string(d.Type), "iso-date", string(d.Day))
	}
	for _, c := range a.Contacts {
		w.open("contact-info", "type", c.Type)
		w.narrated("organisation", c.Organisation)
		w.narrated("department", c.Department)
		for _, site := range c.Websites {
			w.text("website", site)
		}
		w.end("contact-info")
	}
}

func (w *Writer) where() {
	w.code("activity-scope", w.a.Scope)
	w.shares("recipient-country", w.a.Countries)
	w.shares("recipient-region", w.a.Regions)
	for _, l := range w.a.Locations {
		w.open("location", "ref", l.Ref)
		w.code("location-reach", l.Reach)
		for _, id := range l.IDs {
			w.text("location-id", "", "vocabulary", id.Vocabulary, "code", id.Code)
		}
		w.narrated("name", l.Names)
		w.narrated("description", l.Description)
		w.narrated("activity-description", l.ActivityDescription)
		for _, unit := range l.Administrative {
			w.text("administrative", "", "vocabulary", unit.Vocabulary, "level", unit.Level, "code", unit.Code)
		}
		if p := l.Point; p != nil {
			w.open("point", "srsName", "http://www.opengis.net/def/crs/EPSG/0/4326")
			w.text("pos", strconv.FormatFloat(p.Latitude, 'f', -1, 64)+" "+strconv.FormatFloat(p.Longitude, 'f', -1, 64))
			w.end("point")
		}
		w.code("exactness", l.Exactness)
		w.code("location-class", l.Class)
		w.code("feature-designation", l.Feature)
		w.end("location")
	}
}

func (w *Writer) classes() {
	a := w.a
	w.shares("sector", a.Sectors)
	w.coded("tag", a.Tags...)
	if items := a.BudgetItems; items != nil {
		w.open("country-budget-items", "vocabulary", items.Vocabulary)
		for _, item := range items.Items {
			w.open("budget-item", "code", item.Code, "percentage", string(item.Percentage))
			w.narrated("description", item.Description)
			w.end("budget-item")
		}
		w.end("country-budget-items")
	}
	for _, e := range a.Emergencies {
		w.titled("humanitarian-scope", e.Names, "type", e.Type, "vocabulary", e.Vocabulary, "vocabulary-uri", e.VocabularyURI, "code", e.Code)
	}
	for _, m := range a.Markers {
		w.titled("policy-marker", m.Names, "vocabulary", m.Vocabulary, "vocabulary-uri", m.VocabularyURI, "code", m.Code, "significance", m.Significance)
	}
	w.code("collaboration-type", a.Collaboration)
	w.code("default-flow-type", a.FlowType)
	w.code("default-finance-type", a.FinanceType)
	w.aidTypes("default-aid-type", a.AidTypes)
	w.code("default-tied-status", a.TiedStatus)
}

func (w *Writer) aidTypes(name string, list []Coded) {
	for _, c := range list {
		w.text(name, "", "vocabulary", c.Vocabulary, "code", c.Code)
	}
}

func (w *Writer) finances() {
	a := w.a
	for _, b := range a.Budgets {
		w.open("budget", "type", string(b.Type), "status", string(b.Status))
		w.day("period-start", b.From)
		w.day("period-end", b.To)
		w.amount("value", b.Value)
		w.end("budget")
	}
	for _, p := range a.Planned {
		w.open("planned-disbursement", "type", string(p.Type))
		w.day("period-start", p.From)
		w.day("period-end", p.To)
		w.amount("value", p.Value)
		w.partner("provider", p.Provider)
		w.partner("receiver", p.Receiver)
		w.end("planned-disbursement")
	}
	if a.CapitalSpend != "" {
		w.text("capital-spend", "", "percentage", string(a.CapitalSpend))
	}
	for i := range a.Transactions {
		w.transaction(&a.Transactions[i])
	}
}

// partner is who gives or receives money.
func (w *Writer) partner(side string, o *Org) {
	if o != nil {
		w.titled(side+"-org", o.Names, side+"-activity-id", o.ActivityID, "type", o.Type, "ref", o.Ref)
	}
}

func (w *Writer) transaction(t *Transaction) {
	w.open("transaction", "ref", t.Ref, "humanitarian", yes(t.Humanitarian))
	w.code("transaction-type", string(t.Type))
	w.day("transaction-date", t.Day)
	w.amount("value", t.Value)
	w.narrated("description", t.Description)
	w.partner("provider", t.Provider)
	w.partner("receiver", t.Receiver)
	w.code("disbursement-channel", t.Channel)
	w.coded("sector", t.Sectors...)
	if t.Country != nil {
		w.coded("recipient-country", *t.Country)
	}
	if t.Region != nil {
		w.coded("recipient-region", *t.Region)
	}
	w.code("flow-type", t.FlowType)
	w.code("finance-type", t.FinanceType)
	w.aidTypes("aid-type", t.AidTypes)
	w.code("tied-status", t.TiedStatus)
	w.end("transaction")
}

func (w *Writer) rest() {
	a := w.a
	w.documents(a.Documents)
	for _, r := range a.Related {
		w.text("related-activity", "", "ref", r.Ref, "type", r.Type)
	}
	for _, l := range a.Legacy {
		w.text("legacy-data", "", "name", l.Name, "value!", l.Value, "iati-equivalent", l.Equivalent)
	}
	if c := a.Conditions; c != nil {
		w.open("conditions", "attached", binary(c.Attached))
		for _, term := range c.Items {
			w.titled("condition", term.Texts, "type", term.Type)
		}
		w.end("conditions")
	}
	for i := range a.Results {
		w.result(&a.Results[i])
	}
	w.crs()
	w.fss()
}

func (w *Writer) documents(list []Document) {
	for _, d := range list {
		w.open("document-link", "format", d.Format, "url", d.URL)
		w.titled("title", d.Titles)
		w.narrated("description", d.Descriptions)
		for _, c := range d.Categories {
			w.code("category", c)
		}
		for _, l := range d.Languages {
			w.code("language", l)
		}
		w.day("document-date", d.Day)
		w.end("document-link")
	}
}

func (w *Writer) result(r *Result) {
	w.open("result", "type", string(r.Type), "aggregation-status", yes(r.Aggregation))
	w.titled("title", r.Titles)
	w.narrated("description", r.Description)
	w.documents(r.Documents)
	for _, ref := range r.References {
		w.text("reference", "", "vocabulary", ref.Vocabulary, "code", ref.Code, "vocabulary-uri", ref.VocabularyURI)
	}
	for i := range r.Indicators {
		w.indicator(&r.Indicators[i])
	}
	w.end("result")
}

func (w *Writer) indicator(ind *Indicator) {
	descending := ""
	if !ind.Ascending {
		descending = "0"
	}
	w.open("indicator", "measure", string(ind.Measure), "ascending", descending, "aggregation-status", yes(ind.Aggregation))
	w.titled("title", ind.Titles)
	w.narrated("description", ind.Description)
	w.documents(ind.Documents)
	for _, ref := range ind.References {
		w.text("reference", "", "vocabulary", ref.Vocabulary, "code", ref.Code, "indicator-uri", ref.VocabularyURI)
	}
	for _, b := range ind.Baselines {
		w.open("baseline", "year", strconv.Itoa(b.Year), "iso-date", string(b.Day), "value", b.Value)
		w.coverage(b.Figure)
		w.documents(b.Documents)
		w.narrated("comment", b.Comment)
		w.end("baseline")
	}
	for _, p := range ind.Periods {
		w.open("period")
		w.day("period-start", p.From)
		w.day("period-end", p.To)
		w.figures("target", p.Targets)
		w.figures("actual", p.Actuals)
		w.end("period")
	}
	w.end("indicator")
}

func (w *Writer) figures(name string, list []Figure) {
	for _, f := range list {
		w.open(name, "value", f.Value)
		w.coverage(f)
		w.narrated("comment", f.Comment)
		w.documents(f.Documents)
		w.end(name)
	}
}

// coverage is what a figure covers.
func (w *Writer) coverage(f Figure) {
	for _, ref := range f.Locations {
		w.text("location", "", "ref", ref)
	}
	for _, d := range f.Dimensions {
		w.text("dimension", "", "name", d.Name, "value", d.Value)
	}
}

func (w *Writer) crs() {
	c := w.a.CRS
	if c == nil {
		return
	}
	w.open("crs-add")
	for _, f := range c.Flags {
		w.text("other-flags", "", "code", f.Code, "significance", binary(f.Significant))
	}
	if t := c.Terms; t != nil {
		w.open("loan-terms", "rate-1", string(t.Rate1), "rate-2", string(t.Rate2))
		w.code("repayment-type", t.Type)
		w.code("repayment-plan", t.Plan)
		w.day("commitment-date", t.Commitment)
		w.day("repayment-first-date", t.First)
		w.day("repayment-final-date", t.Final)
		w.end("loan-terms")
	}
	if s := c.Status; s != nil {
		w.loanStatus(s)
	}
	if c.Channel != "" {
		w.text("channel-code", c.Channel)
	}
	w.end("crs-add")
}

// loanStatus names its currency once: the amounts were read in it.
func (w *Writer) loanStatus(s *LoanStatus) {
	amounts := []struct {
		name   string
		amount *money.Money
	}{
		{"interest-received", s.InterestReceived}, {"principal-outstanding", s.PrincipalOutstanding},
		{"principal-arrears", s.PrincipalArrears}, {"interest-arrears", s.InterestArrears},
	}
	currency := ""
	for _, a := range amounts {
		if a.amount != nil {
			currency = w.currency(a.amount.Currency)
		}
	}
	w.open("loan-status", "year", string(s.Year), "currency", currency, "value-date", string(s.Day))
	for _, a := range amounts {
		if a.amount != nil {
			w.text(a.name, a.amount.Decimal())
		}
	}
	w.end("loan-status")
}

func (w *Writer) fss() {
	f := w.a.FSS
	if f == nil {
		return
	}
	w.open("fss", "extraction-date", string(f.Extracted), "priority", yes(f.Priority), "phaseout-year", string(f.Phaseout))
	for _, c := range f.Forecasts {
		w.text("forecast", c.Value.Money.Decimal(), "year", string(c.Year), "value-date", string(c.Value.Day), "currency", w.currency(c.Value.Money.Currency))
	}
	w.end("fss")
}
