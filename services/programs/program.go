package programs

import (
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// ID names a program.
type ID = tenants.ID[Program]

// State is where a program stands.
type State string

// States of a program (grants.md §4.2).
const (
	Drafting     State = "drafting"
	BothAccepted State = "both_accepted"
	Active       State = "active"
	Suspended    State = "suspended"
	Closing      State = "closing"
	Closed       State = "closed"
	EndedEarly   State = "ended_early"
	Abandoned    State = "abandoned"
)

// States lists them in the order of a program's life.
func States() []State {
	return []State{Drafting, BothAccepted, Active, Suspended, Closing, Closed, EndedEarly, Abandoned}
}

// UnmarshalText refuses a state that is none.
func (s *State) UnmarshalText(text []byte) error { return fault.OneOf(s, text, States()) }

// Origin says where a program came from.
type Origin string

// Origins.
const (
	MadeHere Origin = "made_here"
	FromIATI Origin = "iati"
)

// UnmarshalText refuses an origin that is none.
func (o *Origin) UnmarshalText(text []byte) error {
	return fault.OneOf(o, text, []Origin{MadeHere, FromIATI})
}

// Lead is the organisation that leads for a side.
type Lead struct {
	Organisation tenants.OrganisationID `json:"organisation"`
	Name         string                 `json:"name"`
}

// Consent is one side's yes to a move that needs both.
type Consent struct {
	Move   string           `json:"move"`
	Side   policies.Side    `json:"side"`
	Person tenants.PersonID `json:"person"`
	At     time.Time        `json:"at"`
}

// Pause is why and until when a program rests, and what of it stops.
type Pause struct {
	Reason string        `json:"reason"`
	Stops  string        `json:"stops"`
	Until  clocks.Day    `json:"until"`
	Side   policies.Side `json:"side"`
}

// Program is co-managed work with one purpose.
type Program struct {
	tenants.Meta[Program] `bson:",inline"`

	State  State  `json:"state"`
	Origin Origin `json:"origin"`
	Agreed `bson:",inline"`

	// AcceptedVersion is the number of the plan both sides accepted; 0 before.
	AcceptedVersion int `json:"accepted_version"`
	accord.Draft    `bson:",inline"`
	Consents        []Consent `json:"consents"`
	Pause           *Pause    `json:"pause"`
	// Reporting are the periods that were opened for reports.
	Reporting []Window `json:"reporting"`
	// Reason is what was written with the last move that asks for one.
	Reason string `json:"reason"`

	// IATIIdentifier is the program's name in the file it came from, and Source the rest
	// of what is known of it there.
	IATIIdentifier string  `json:"iati_identifier,omitempty"`
	Source         *Source `json:"source,omitempty"`
}

// Source says which file a program came from.
type Source struct {
	// Digest is of everything the file says of it; equal digests change nothing.
	Digest    string `json:"digest"`
	Reporting string `json:"reporting"`
	// Transactions and Budgets count the rows of its ledger.
	Transactions int `json:"transactions"`
	Budgets      int `json:"budgets"`
}

func programKind() store.Kind[Program] {
	return store.Kind[Program]{
		Name: "programs", One: "program", Prefix: "pg",
		Indexes: []store.Index{
			{Keys: []string{"iati_identifier"}, Unique: true, Where: "iati_identifier"},
			{Keys: []string{"lead_agency.organisation", "-updated_at", "-_id"}},
			{Keys: []string{"lead_cso.organisation", "-updated_at", "-_id"}},
		},
		Filters: []string{"state", "origin"}, Sorts: []string{"-updated_at", "title", "from"},
		Title: func(p *Program) string { return p.Title },
		Words: func(p *Program) []string {
			words := []string{p.Title, p.Purpose, p.IATIIdentifier}
			for _, l := range []*Lead{p.LeadAgency, p.LeadCSO} {
				if l != nil {
					words = append(words, l.Name)
				}
			}
			for _, place := range p.Places {
				words = append(words, place.Name)
			}
			return words
		},
	}
}

// Check says what is always true of a program.
func (p *Program) Check() error {
	fields := p.Agreed.check()
	if p.Origin == MadeHere && p.State != Drafting && p.State != Abandoned && (p.LeadAgency == nil || p.LeadCSO == nil) {
		fields = append(fields, fault.On("leads", "lead_missing"))
	}
	return fault.Invalid(fields...)
}

// Editable says that the plan may be edited at all: a draft made here, or an imported
// program that both sides have not yet accepted.
func (p *Program) Editable() bool {
	if p.Origin == FromIATI {
		return p.AcceptedVersion == 0 && p.State != Abandoned
	}
	return p.State == Drafting
}

// Begun says that the first day of the program has come.
func (p *Program) Begun(at time.Time, zone *time.Location) bool {
	return p.From != "" && !clocks.DayOf(at, zone).Before(p.From)
}

// revise notes the plan's new text, and who wrote in it.
func (p *Program) revise(sc tenants.Scope) error { return p.Write(p.Agreed, sc.Actor().Person) }
