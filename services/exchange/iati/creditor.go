package iati

import (
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
)

// CRS is what the OECD creditor reporting system asks besides.
type CRS struct {
	Flags   []CRSFlag   `json:"flags,omitempty"`
	Terms   *LoanTerms  `json:"loan_terms,omitempty"`
	Status  *LoanStatus `json:"loan_status,omitempty"`
	Channel string      `json:"channel,omitempty"`
}

// CRSFlag is a marker: 1 free-standing technical co-operation and so on.
type CRSFlag struct {
	Code        string `json:"code"`
	Significant bool   `json:"significant,omitempty"`
}

// LoanTerms are how a loan is to be paid back; rates in per cent.
type LoanTerms struct {
	Rate1      Decimal    `json:"rate_1,omitempty"`
	Rate2      Decimal    `json:"rate_2,omitempty"`
	Type       string     `json:"repayment_type,omitempty"`
	Plan       string     `json:"repayment_plan,omitempty"`
	Commitment clocks.Day `json:"commitment,omitempty"`
	First      clocks.Day `json:"first,omitempty"`
	Final      clocks.Day `json:"final,omitempty"`
}

// LoanStatus is where a loan stood in a year; amounts nobody gave are nil.
type LoanStatus struct {
	Year                 Decimal      `json:"year"`
	Day                  clocks.Day   `json:"day"`
	InterestReceived     *money.Money `json:"interest_received,omitempty"`
	PrincipalOutstanding *money.Money `json:"principal_outstanding,omitempty"`
	PrincipalArrears     *money.Money `json:"principal_arrears,omitempty"`
	InterestArrears      *money.Money `json:"interest_arrears,omitempty"`
}

// FSS is the forward spending survey.
type FSS struct {
	Extracted clocks.Day `json:"extracted"`
	Priority  bool       `json:"priority,omitempty"`
	Phaseout  Decimal    `json:"phaseout_year,omitempty"`
	Forecasts []Forecast `json:"forecasts,omitempty"`
}

// Forecast is what is expected to be spent in a year.
type Forecast struct {
	Year  Decimal `json:"year"`
	Value Value   `json:"value"`
}

func (r *reading) crs(n *node) (CRS, error) {
	out := CRS{
		Flags:  collect(r, n, "other-flags", crsFlag),
		Terms:  optional(r, n, "loan-terms", r.loanTerms),
		Status: optional(r, n, "loan-status", r.loanStatus),
	}
	out.Channel, _ = single(r, n, "channel-code", content)
	return out, nil
}

func crsFlag(n *node) (CRSFlag, error) {
	code, err := n.need("code")
	if err != nil {
		return CRSFlag{}, err
	}
	text, err := n.need("significance")
	if err != nil {
		return CRSFlag{}, err
	}
	significant, ok := isTrue(text)
	if !ok {
		return CRSFlag{}, wrong(n, "significance", "boolean_malformed", "value", brief(text))
	}
	return CRSFlag{Code: code, Significant: significant}, nil
}

func (r *reading) loanTerms(n *node) (out LoanTerms, err error) {
	if out.Rate1, err = decimalAttr(n, "rate-1"); err != nil {
		return out, err
	}
	if out.Rate2, err = decimalAttr(n, "rate-2"); err != nil {
		return out, err
	}
	out.Type, _ = single(r, n, "repayment-type", codeOf)
	out.Plan, _ = single(r, n, "repayment-plan", codeOf)
	out.Commitment, _ = single(r, n, "commitment-date", isoDate)
	out.First, _ = single(r, n, "repayment-first-date", isoDate)
	out.Final, _ = single(r, n, "repayment-final-date", isoDate)
	return out, nil
}

func (r *reading) loanStatus(n *node) (out LoanStatus, err error) {
	if _, err = n.need("year"); err != nil {
		return out, err
	}
	if out.Year, err = decimalAttr(n, "year"); err != nil {
		return out, err
	}
	if _, err = n.need("value-date"); err != nil {
		return out, err
	}
	if out.Day, _, err = dayAttr(n, "value-date"); err != nil {
		return out, err
	}
	code := n.value("currency")
	amount := func(m *node) (money.Money, error) { return r.money(m, code) }
	out.InterestReceived = optional(r, n, "interest-received", amount)
	out.PrincipalOutstanding = optional(r, n, "principal-outstanding", amount)
	out.PrincipalArrears = optional(r, n, "principal-arrears", amount)
	out.InterestArrears = optional(r, n, "interest-arrears", amount)
	return out, nil
}

func (r *reading) fss(n *node) (out FSS, err error) {
	if _, err = n.need("extraction-date"); err != nil {
		return out, err
	}
	if out.Extracted, _, err = dayAttr(n, "extraction-date"); err != nil {
		return out, err
	}
	if out.Phaseout, err = decimalAttr(n, "phaseout-year"); err != nil {
		return out, err
	}
	out.Priority = r.boolean(n, "priority", false)
	out.Forecasts = collect(r, n, "forecast", r.forecast)
	return out, nil
}

func (r *reading) forecast(n *node) (out Forecast, err error) {
	if _, err = n.need("year"); err != nil {
		return out, err
	}
	if out.Year, err = decimalAttr(n, "year"); err != nil {
		return out, err
	}
	if out.Value.Money, err = r.money(n, n.value("currency")); err != nil {
		return out, err
	}
	out.Value.Day, _, err = dayAttr(n, "value-date")
	return out, err
}
