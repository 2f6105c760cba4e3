// Package programs keeps co-managed programs: one lead of each side, a plan that both
// accept by its hash, amendments that change an effective plan, and actuals that one side
// reports and the other accepts. Annex: grants.md §4 (Program, PlanVersion,
// ProgramAmendment, Actual).
//
// Who may read: the leads and the parties of a program, and every seat of the tenant
// once both sides have accepted its plan. A program that came from an IATI file is
// public at its source, so every seat reads it from the start; that is how an
// organisation finds the one it wants to lead.
package programs

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Config is what the service stands on.
type Config struct {
	DB   *store.DB
	Gate *tenants.Gate
	// Organisation says what an organisation with a seat in the scope's tenant is called,
	// and on which side it works.
	Organisation func(context.Context, tenants.Scope, tenants.OrganisationID) (string, policies.Side, error)
	// Calendar is the tenant's.
	Calendar func(context.Context, tenants.Scope) (*clocks.Calendar, error)
}

// Service answers for programs, their plans and their actuals.
type Service struct {
	Config
	programs   *store.Collection[Program, *Program]
	versions   *store.Collection[PlanVersion, *PlanVersion]
	amendments *store.Collection[Amendment, *Amendment]
	actuals    *store.Collection[Actual, *Actual]
	ledgers    *store.Collection[Ledger, *Ledger]
}

// Open declares the collections.
func Open(cfg Config) *Service {
	s := &Service{Config: cfg}
	kind := programKind()
	kind.Wake = s.wake
	s.programs = store.Open[Program, *Program](cfg.DB, kind)
	s.versions = store.Open[PlanVersion, *PlanVersion](cfg.DB, versionKind())
	amendments := amendmentKind()
	amendments.Wake = s.wakeAmendment
	s.amendments = store.Open[Amendment, *Amendment](cfg.DB, amendments)
	s.actuals = store.Open[Actual, *Actual](cfg.DB, actualKind())
	s.ledgers = store.Open[Ledger, *Ledger](cfg.DB, ledgerKind())
	return s
}

// Criteria narrow a list of programs.
type Criteria struct {
	State  []State  `where:"state,in" query:"state"`
	Origin []Origin `where:"origin,in" query:"origin"`
	Words  string   `where:"terms,words" query:"q"`
}

// List gives the programs that one may read.
func (s *Service) List(ctx context.Context, criteria Criteria, q store.Query) (*store.Page[Program], error) {
	sc, err := s.Gate.Enter(ctx, policies.ListPrograms)
	if err != nil {
		return nil, err
	}
	return s.programs.List(ctx, sc, criteria, q)
}

// Count says how many programs there are in some states.
func (s *Service) Count(ctx context.Context, criteria Criteria) (store.Total, error) {
	sc, err := s.Gate.Enter(ctx, policies.ListPrograms)
	if err != nil {
		return store.Total{}, err
	}
	return s.programs.Count(ctx, sc, criteria)
}

// Read gives one program.
func (s *Service) Read(ctx context.Context, id ID) (*Program, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.programs.Get(ctx, sc, id)
}

// History is what happened to a program, the latest first.
func (s *Service) History(ctx context.Context, id ID, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.programs.History(ctx, sc, id, q)
}

// Dwell is for how many working days each side has held the turn until now.
func (s *Service) Dwell(ctx context.Context, turn accord.Turn) (agency, cso int, err error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return 0, 0, err
	}
	c, err := s.Calendar(ctx, sc)
	if err != nil {
		return 0, 0, err
	}
	return turn.Days(policies.Agency, sc.Now(), c), turn.Days(policies.CSO, sc.Now(), c), nil
}

// Start is the input of a new program.
type Start struct {
	Title   string `json:"title"`
	Purpose string `json:"purpose"`
	// Partner leads for the other side.
	Partner tenants.OrganisationID `json:"partner"`
}

// Start drafts a program. One's own organisation leads for its side and has the turn.
func (s *Service) Start(ctx context.Context, in Start) (*Program, error) {
	sc, err := s.Gate.Enter(ctx, policies.StartProgram)
	if err != nil {
		return nil, err
	}
	p := &Program{State: Drafting, Origin: MadeHere, Agreed: Agreed{Title: in.Title, Purpose: in.Purpose}}
	p.Turn = accord.Begin(sc.Actor().Side, sc.Now())
	if err := s.lead(ctx, sc, p, sc.Actor().Organisation, sc.Actor().Side); err != nil {
		return nil, err
	}
	if in.Partner != "" {
		if err := s.lead(ctx, sc, p, in.Partner, sc.Actor().Side.Opposite()); err != nil {
			return nil, err
		}
	}
	if err := p.revise(sc); err != nil {
		return nil, err
	}
	return s.programs.Add(ctx, sc, p)
}

// lead puts an organisation at the head of a side.
func (s *Service) lead(ctx context.Context, sc tenants.Scope, p *Program, id tenants.OrganisationID, side policies.Side) error {
	name, of, err := s.Organisation(ctx, sc, id)
	switch {
	case fault.KindOf(err) == fault.Missing && err != nil:
		return fault.Invalid(fault.On("partner", "organisation_unknown"))
	case err != nil:
		return err
	case of != side || side == policies.Other:
		return fault.Invalid(fault.On("partner", "lead_wrong_side", "side", string(side)))
	}
	p.setLead(side, &Lead{Organisation: id, Name: name})
	p.Readable(string(id))
	return nil
}

// NewLead is the input of choosing who leads for the other side.
type NewLead struct {
	Organisation tenants.OrganisationID `json:"organisation"`
}

// TakeLead makes one's own organisation the lead of its side in a program that has none
// there: one that came from a file, or a draft to which it was named as a party.
func (s *Service) TakeLead(ctx context.Context, id ID, seen tenants.Version) (*Program, error) {
	sc, err := s.Gate.Enter(ctx, policies.TakeLead)
	if err != nil {
		return nil, err
	}
	return s.programs.Change(ctx, sc, id, seen, func(p *Program) error {
		side := sc.Actor().Side
		switch {
		case !p.Editable():
			return fault.New(fault.Conflict, "plan_effective")
		case p.LeadOf(side) != nil:
			return fault.New(fault.Conflict, "lead_taken", "side", string(side))
		}
		if err := s.lead(ctx, sc, p, sc.Actor().Organisation, side); err != nil {
			return err
		}
		if p.Turn.Side == "" {
			p.Turn = accord.Begin(side, sc.Now())
		}
		return p.revise(sc)
	})
}

// NameLead asks an organisation to lead for the other side, while that side has none.
func (s *Service) NameLead(ctx context.Context, id ID, seen tenants.Version, in NewLead) (*Program, error) {
	return s.edit(ctx, id, seen, func(sc tenants.Scope, p *Program) error {
		side := sc.Actor().Side.Opposite()
		if p.LeadOf(side) != nil {
			return fault.New(fault.Conflict, "lead_taken", "side", string(side))
		}
		return s.lead(ctx, sc, p, in.Organisation, side)
	})
}
