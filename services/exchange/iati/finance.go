package iati

import (
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
)

// Value is money and the day its exchange rate is taken from ("" when not given).
type Value struct {
	Money money.Money `json:"money"`
	Day   clocks.Day  `json:"day,omitempty"`
}

// Budget is what is meant to be spent in a period.
type Budget struct {
	Line   int          `json:"-"`
	Type   BudgetType   `json:"type"`   // original when not given
	Status BudgetStatus `json:"status"` // indicative when not given
	From   clocks.Day   `json:"from"`
	To     clocks.Day   `json:"to"`
	Value  Value        `json:"value"`
}

// PlannedDisbursement is what is meant to be paid out; To may be "".
type PlannedDisbursement struct {
	Line     int        `json:"-"`
	Type     BudgetType `json:"type"` // original when not given
	From     clocks.Day `json:"from"`
	To       clocks.Day `json:"to,omitempty"`
	Value    Value      `json:"value"`
	Provider *Org       `json:"provider,omitempty"`
	Receiver *Org       `json:"receiver,omitempty"`
}

// Transaction is money that was promised or moved.
type Transaction struct {
	Line         int             `json:"-"`
	Ref          string          `json:"ref,omitempty"`
	Humanitarian bool            `json:"humanitarian,omitempty"`
	Type         TransactionType `json:"type"`
	Day          clocks.Day      `json:"day"`
	Value        Value           `json:"value"`
	Description  Texts           `json:"description,omitempty"`
	Provider     *Org            `json:"provider,omitempty"`
	Receiver     *Org            `json:"receiver,omitempty"`
	Channel      string          `json:"disbursement_channel,omitempty"`
	Sectors      []Coded         `json:"sectors,omitempty"`
	Country      *Coded          `json:"country,omitempty"`
	Region       *Coded          `json:"region,omitempty"`
	FlowType     string          `json:"flow_type,omitempty"`
	FinanceType  string          `json:"finance_type,omitempty"`
	AidTypes     []Coded         `json:"aid_types,omitempty"`
	TiedStatus   string          `json:"tied_status,omitempty"`
}

func (r *reading) budget(n *node) (Budget, error) {
	var err error
	b := Budget{Line: n.line, Type: OriginalBudget, Status: Indicative}
	if err = optionalCode(n, "type", &b.Type, BudgetTypes()); err != nil {
		return b, err
	}
	if err = optionalCode(n, "status", &b.Status, BudgetStatuses()); err != nil {
		return b, err
	}
	if b.From, b.To, err = r.period(n); err != nil {
		return b, err
	}
	b.Value, err = must(r, n, "value", r.amount)
	return b, err
}

func (r *reading) planned(n *node) (PlannedDisbursement, error) {
	var err error
	p := PlannedDisbursement{Line: n.line, Type: OriginalBudget}
	if err = optionalCode(n, "type", &p.Type, BudgetTypes()); err != nil {
		return p, err
	}
	if p.From, err = must(r, n, "period-start", isoDate); err != nil {
		return p, err
	}
	if p.To, err = atMostOne(r, n, "period-end", isoDate); err != nil {
		return p, err
	}
	if p.To != "" && p.To.Before(p.From) {
		return p, wrong(n, "", "period_reversed")
	}
	if p.Value, err = must(r, n, "value", r.amount); err != nil {
		return p, err
	}
	p.Provider = optional(r, n, "provider-org", org("provider-activity-id"))
	p.Receiver = optional(r, n, "receiver-org", org("receiver-activity-id"))
	return p, nil
}

func (r *reading) transaction(n *node) (Transaction, error) {
	var err error
	t := Transaction{Line: n.line, Ref: n.value("ref"), Humanitarian: r.boolean(n, "humanitarian", false)}
	if t.Type, err = must(r, n, "transaction-type", codeIn(TransactionTypes())); err != nil {
		return t, err
	}
	if t.Day, err = must(r, n, "transaction-date", isoDate); err != nil {
		return t, err
	}
	if t.Value, err = must(r, n, "value", r.amount); err != nil {
		return t, err
	}
	t.Description, _ = single(r, n, "description", narrated)
	t.Provider = optional(r, n, "provider-org", org("provider-activity-id"))
	t.Receiver = optional(r, n, "receiver-org", org("receiver-activity-id"))
	t.Channel, _ = single(r, n, "disbursement-channel", codeOf)
	t.Sectors = collect(r, n, "sector", coded)
	t.Country = optional(r, n, "recipient-country", coded)
	t.Region = optional(r, n, "recipient-region", coded)
	t.FlowType, _ = single(r, n, "flow-type", codeOf)
	t.FinanceType, _ = single(r, n, "finance-type", codeOf)
	t.AidTypes = collect(r, n, "aid-type", coded)
	t.TiedStatus, _ = single(r, n, "tied-status", codeOf)
	return t, nil
}

// amount reads a <value>. A missing value-date is told and the money kept.
func (r *reading) amount(n *node) (Value, error) {
	m, err := r.money(n, n.value("currency"))
	if err != nil {
		return Value{}, err
	}
	day, given, err := dayAttr(n, "value-date")
	if err != nil {
		return Value{}, err
	}
	if !given {
		r.note(n, "value-date", "attribute_missing", "attribute", "value-date")
	}
	return Value{Money: m, Day: day}, nil
}

// money reads the text of an element as an amount, in the currency given or else the
// default of the activity.
func (r *reading) money(n *node, code string) (money.Money, error) {
	currency := r.currency
	if code != "" {
		parsed, err := money.ParseCurrency(code)
		if err != nil {
			return money.Money{}, wrongBy(n, "currency", err)
		}
		currency = parsed
	}
	if currency == "" {
		return money.Money{}, wrong(n, "currency", "currency_missing")
	}
	m, err := money.ParseDecimal(n.content(), currency)
	if err != nil {
		return money.Money{}, wrongBy(n, "", err)
	}
	return m, nil
}

// period reads a period that must have both ends.
func (r *reading) period(n *node) (from, to clocks.Day, err error) {
	if from, err = must(r, n, "period-start", isoDate); err != nil {
		return "", "", err
	}
	if to, err = must(r, n, "period-end", isoDate); err != nil {
		return "", "", err
	}
	if to.Before(from) {
		return "", "", wrong(n, "", "period_reversed")
	}
	return from, to, nil
}
