package settings

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// ID names a proposal.
type ID = tenants.ID[Proposal]

// State is where a proposal stands.
type State string

// States of a proposal.
const (
	// Waiting is for a tenant_admin of the other side.
	Waiting State = "waiting"
	// Accepted is by both sides; it takes effect at once, or after an interruption.
	Accepted  State = "accepted"
	InEffect  State = "in_effect"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	// Outdated was accepted, but what it changes had been changed meanwhile.
	Outdated State = "outdated"
)

// States lists them in the order of a proposal's life.
func States() []State { return []State{Waiting, Accepted, InEffect, Refused, Withdrawn, Outdated} }

// UnmarshalText refuses a state that is none.
func (s *State) UnmarshalText(text []byte) error { return fault.OneOf(s, text, States()) }

// Proposal is a change of the terms that one side proposes. Its text does not change: who
// wants another text withdraws it and proposes that.
type Proposal struct {
	tenants.Meta[Proposal] `bson:",inline"`

	State State `json:"state"`
	// Side, Organisation and Person propose.
	Side         policies.Side          `json:"side"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Person       tenants.PersonID       `json:"person"`
	// Parts are what differs between Before and After.
	Parts  []Part `json:"parts"`
	Before Terms  `json:"before"`
	After  Terms  `json:"after"`
	Reason string `json:"reason"`
	// Accord holds both sides' yes to the text.
	Accord accord.Accord `json:"accord"`
	// Refusal is why the other side said no.
	Refusal   string     `json:"refusal"`
	DecidedAt *time.Time `json:"decided_at"`
}

func proposalKind() store.Kind[Proposal] {
	return store.Kind[Proposal]{
		Name: "settings_proposals", One: "settings_proposal", Prefix: "sg",
		Filters: []string{"state"}, Sorts: []string{"-created_at", "-updated_at"},
	}
}

// Check says what is always true of a proposal.
func (p *Proposal) Check() error {
	var fields []fault.Field
	if len(p.Parts) == 0 {
		fields = append(fields, fault.On("parts", "required"))
	}
	fields = append(fields, checkText("reason", p.Reason)...)
	if p.State == Refused {
		fields = append(fields, checkText("reason", p.Refusal)...)
	}
	if err := fault.Invalid(fields...); err != nil {
		return err
	}
	return p.After.check()
}

const maxReason = 2000

// checkText holds a reason to what both sides can read.
func checkText(field, text string) []fault.Field {
	switch {
	case strings.TrimSpace(text) == "":
		return []fault.Field{fault.On(field, "required")}
	case utf8.RuneCountInString(text) > maxReason:
		return []fault.Field{fault.On(field, "too_long", "max", "2000")}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
	}):
		return []fault.Field{fault.On(field, "control_characters")}
	}
	return nil
}

// text is what both sides say yes to.
func (p *Proposal) text() (string, error) {
	return accord.Hash(struct {
		Parts         []Part
		Before, After Terms
		Reason        string
	}{p.Parts, p.Before, p.After, p.Reason})
}

// Fits says that what the proposal changes is still as it was when it was written.
func (p *Proposal) Fits(now Terms) bool {
	return !slices.ContainsFunc(p.Parts, func(part Part) bool { return !p.Before.same(now, part) })
}

func (p *Proposal) waits() error {
	if p.State != Waiting {
		return fault.New(fault.Conflict, "proposal_state", "state", string(p.State))
	}
	return nil
}

// answered refuses an answer by the side that proposes.
func (p *Proposal) answered(by tenants.Actor) error {
	if err := p.waits(); err != nil {
		return err
	}
	if by.Side != p.Side.Opposite() {
		return fault.New(fault.Forbidden, "proposal_own_side")
	}
	return nil
}

func (p *Proposal) decide(s State, at time.Time) {
	p.State, p.DecidedAt = s, &at
}

func yes(sc tenants.Scope, hash string) accord.Acceptance {
	a := sc.Actor()
	return accord.Acceptance{Side: a.Side, Organisation: a.Organisation, Person: a.Person, Capacity: policies.TenantAdmin, Hash: hash, At: sc.Now()}
}

// Change is the input of a proposal: which parts, what they would be, and why. Parts that
// are not named stay as they are, whatever the other fields say.
type Change struct {
	Parts       []Part               `json:"parts"`
	Zone        string               `json:"zone"`
	WorkingDays []clocks.Weekday     `json:"working_days"`
	Holidays    []clocks.Holiday     `json:"holidays"`
	Promises    clocks.Lengths       `json:"promises"`
	Exceptions  []policies.Exception `json:"exceptions"`
	Reason      string               `json:"reason"`
}

// mostWaiting is how many proposals may wait at once in a tenant.
const mostWaiting = 20

// Propose makes a proposal, with one's own side's yes. A tenant_admin may. It refuses
// parts that would change nothing.
func (s *Service) Propose(ctx context.Context, in Change) (*View, error) {
	sc, err := s.Gate.Enter(ctx, policies.ProposeSettings)
	if err != nil {
		return nil, err
	}
	now, err := s.agreed(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	a := sc.Actor()
	if a.Side.Opposite() == "" {
		return nil, fault.New(fault.Forbidden, "forbidden", "action", sc.Action().String())
	}
	p := &Proposal{State: Waiting, Side: a.Side, Organisation: a.Organisation, Person: a.Person, Before: now.Terms.inOrder(), Reason: in.Reason}
	if err := p.take(in); err != nil {
		return nil, err
	}
	waiting, err := s.proposals.Count(ctx, sc, Criteria{State: []State{Waiting}})
	if err != nil {
		return nil, err
	}
	if waiting.N >= mostWaiting {
		return nil, fault.New(fault.Conflict, "proposals_many", "max", "20")
	}
	hash, err := p.text()
	if err != nil {
		return nil, err
	}
	p.Accord.Revise(hash)
	if err := p.Accord.Accept(yes(sc, hash)); err != nil {
		return nil, err
	}
	p.Readable(tenants.ForTenant)
	if p, err = s.proposals.Add(ctx, sc, p); err != nil {
		return nil, err
	}
	return s.view(ctx, sc, p)
}

// take works out what the input changes. What is wrong with it is said of the input as it
// was sent, before lists are put in order.
func (p *Proposal) take(in Change) error {
	asked := Terms{in.Zone, in.WorkingDays, in.Holidays, in.Promises, in.Exceptions}
	p.After = p.Before
	for _, part := range in.Parts {
		p.After.put(asked, part)
	}
	var fields []fault.Field
	if err := p.After.check(); err != nil {
		refusal, ok := err.(*fault.Error) //nolint:errorlint // it is made there
		if !ok {
			return err
		}
		fields = refusal.Fields
	}
	if fields = append(fields, checkText("reason", in.Reason)...); len(fields) > 0 {
		return fault.Invalid(fields...)
	}
	p.After = p.After.inOrder()
	for _, part := range Parts() {
		if !p.After.same(p.Before, part) {
			p.Parts = append(p.Parts, part)
		}
	}
	if len(p.Parts) == 0 {
		return fault.Invalid(fault.On("parts", "proposal_changes_nothing"))
	}
	return nil
}

// Acceptance is the input of Accept: the hash of the text that was read.
type Acceptance struct {
	Hash string `json:"hash"`
}

// Accept is the other side's yes; the proposal takes effect. A tenant_admin of the side
// that did not propose may.
func (s *Service) Accept(ctx context.Context, id ID, seen tenants.Version, in Acceptance) (*View, error) {
	return s.move(ctx, policies.AcceptSettings, id, seen, func(sc tenants.Scope, p *Proposal) error {
		if err := p.answered(sc.Actor()); err != nil {
			return err
		}
		now, err := s.agreed(ctx, sc.Tenant())
		if err != nil {
			return err
		}
		if !p.Fits(now.Terms) {
			return fault.New(fault.Conflict, "proposal_outdated")
		}
		if err := p.Accord.Accept(yes(sc, in.Hash)); err != nil {
			return err
		}
		p.decide(Accepted, sc.Now())
		at := sc.Now()
		p.WakeAt = &at
		return nil
	})
}

// Refusal is the input of Refuse.
type Refusal struct {
	Reason string `json:"reason"`
}

// Refuse is the other side's no, with its reason.
func (s *Service) Refuse(ctx context.Context, id ID, seen tenants.Version, in Refusal) (*View, error) {
	return s.move(ctx, policies.RefuseSettings, id, seen, func(sc tenants.Scope, p *Proposal) error {
		if err := p.answered(sc.Actor()); err != nil {
			return err
		}
		p.Refusal = in.Reason
		p.decide(Refused, sc.Now())
		return nil
	})
}

// Withdraw takes a proposal back. A tenant_admin of the side that proposed may.
func (s *Service) Withdraw(ctx context.Context, id ID, seen tenants.Version) (*View, error) {
	return s.move(ctx, policies.WithdrawSettings, id, seen, func(sc tenants.Scope, p *Proposal) error {
		if err := p.waits(); err != nil {
			return err
		}
		if sc.Actor().Side != p.Side {
			return fault.New(fault.Forbidden, "proposal_other_side")
		}
		p.decide(Withdrawn, sc.Now())
		return nil
	})
}

func (s *Service) move(
	ctx context.Context, action policies.Action, id ID, seen tenants.Version, change func(tenants.Scope, *Proposal) error,
) (*View, error) {
	sc, err := s.Gate.Enter(ctx, action)
	if err != nil {
		return nil, err
	}
	p, err := s.proposals.Change(ctx, sc, id, seen, func(p *Proposal) error { return change(sc, p) })
	if err != nil {
		return nil, err
	}
	if p.State == Accepted {
		if p, err = s.settle(ctx, p); err != nil {
			return nil, err
		}
	}
	return s.view(ctx, sc, p)
}

// Criteria narrow a list of proposals.
type Criteria struct {
	State []State `where:"state,in" query:"state"`
}

// Proposals lists proposals, the latest first. Every seat may.
func (s *Service) Proposals(ctx context.Context, criteria Criteria, q store.Query) (*store.Page[Proposal], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	return s.proposals.List(ctx, sc, criteria, q)
}

// Read gives one proposal. Every seat may.
func (s *Service) Read(ctx context.Context, id ID) (*View, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	p, err := s.proposals.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, sc, p)
}

// ProposalHistory is what happened to a proposal, the latest first. Every seat may.
func (s *Service) ProposalHistory(ctx context.Context, id ID, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	return s.proposals.History(ctx, sc, id, q)
}

// View is a proposal as people read it.
type View struct {
	*Proposal
	Changes []Difference `json:"changes"`
	// NoAdmin says that it waits for a side that has no tenant_admin yet.
	NoAdmin bool `json:"no_admin"`
	// Overtaken says that it waits, but what it changes was changed meanwhile.
	Overtaken bool `json:"overtaken"`
}

func (s *Service) view(ctx context.Context, sc tenants.Scope, p *Proposal) (*View, error) {
	v := &View{Proposal: p, Changes: p.Changes()}
	if p.State != Waiting {
		return v, nil
	}
	now, err := s.agreed(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	there, err := s.People.HasAdmin(ctx, sc, p.Side.Opposite())
	v.NoAdmin, v.Overtaken = !there, !p.Fits(now.Terms)
	return v, err
}
