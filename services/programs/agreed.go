package programs

import (
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Agreed is the text that both sides accept: everything of the plan and who leads. A
// program holds the text that is effective (before that, the draft), an amendment the one
// that would follow it, and a plan version one that was.
type Agreed struct {
	Title   string     `json:"title"`
	Purpose string     `json:"purpose"`
	From    clocks.Day `json:"from"`
	To      clocks.Day `json:"to"`
	// LeadAgency and LeadCSO lead for their sides.
	LeadAgency *Lead `json:"lead_agency"`
	LeadCSO    *Lead `json:"lead_cso"`
	Plan       `bson:",inline"`
}

// check looks at every part of the text.
func (a *Agreed) check() []fault.Field {
	fields := checkText("title", a.Title, true, maxTitle)
	fields = append(fields, checkText("purpose", a.Purpose, false, maxText)...)
	if a.From != "" && a.To != "" && a.To.Before(a.From) {
		fields = append(fields, fault.On("to", "period_reversed"))
	}
	return append(fields, a.Plan.check(a.From, a.To)...)
}

// LeadOf is the lead of a side, nil while there is none.
func (a *Agreed) LeadOf(side policies.Side) *Lead {
	switch side {
	case policies.Agency:
		return a.LeadAgency
	case policies.CSO:
		return a.LeadCSO
	}
	return nil
}

func (a *Agreed) setLead(side policies.Side, l *Lead) {
	if side == policies.Agency {
		a.LeadAgency = l
		return
	}
	a.LeadCSO = l
}

// Leads says that an organisation leads for its side.
func (a *Agreed) Leads(who tenants.Actor) bool {
	l := a.LeadOf(who.Side)
	return l != nil && l.Organisation == who.Organisation
}

// whole says that the text has what nobody accepts a plan without.
func (a *Agreed) whole() bool { return a.From != "" && a.To != "" && a.Purpose != "" }

// audience are those whom the text concerns: the leads and the parties.
func (a *Agreed) audience() []string {
	var list []string
	for _, l := range []*Lead{a.LeadAgency, a.LeadCSO} {
		if l != nil {
			list = append(list, string(l.Organisation))
		}
	}
	for _, party := range a.Parties {
		if party.Organisation != "" && !slices.Contains(list, string(party.Organisation)) {
			list = append(list, string(party.Organisation))
		}
	}
	return list
}
