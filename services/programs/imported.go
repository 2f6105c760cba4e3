package programs

import (
	"context"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Import is a program as a file tells it.
type Import struct {
	Identifier string
	Digest     string
	State      State
	Title      string
	Purpose    string
	From, To   clocks.Day
	Reporting  string
	Plan       Plan
	// Rows are its transactions and budgets; Rest is what the program does not model, as
	// JSON, so that nothing of the file is lost.
	Rows []LedgerRow
	Rest string
}

// Fate is what became of an imported element.
type Fate string

// Fates.
const (
	Created   Fate = "created"
	Updated   Fate = "updated"
	Unchanged Fate = "unchanged"
)

// Ledger keeps the money rows of an imported program, in parts of a bounded length.
type Ledger struct {
	tenants.Meta[Ledger] `bson:",inline"`

	Program ID          `json:"program"`
	No      int         `json:"no"`
	Rows    []LedgerRow `json:"rows"`
	// Rest stands in the first part.
	Rest string `json:"rest"`
}

// LedgerRow is a transaction or a budget of a file, as it stood there.
type LedgerRow struct {
	Kind     string      `json:"kind"` // transaction, budget
	Type     string      `json:"type"`
	From     clocks.Day  `json:"from"`
	To       clocks.Day  `json:"to"`
	Amount   money.Money `json:"amount"`
	Provider string      `json:"provider"`
	Receiver string      `json:"receiver"`
	Text     string      `json:"text"`
}

// ledgerRows is how many rows one part holds.
const ledgerRows = 1000

// Check holds for every ledger: it is only ever written from a file that was checked.
func (l *Ledger) Check() error { return nil }

func ledgerKind() store.Kind[Ledger] {
	return store.Kind[Ledger]{
		Name: "ledgers", One: "ledger", Prefix: "pl",
		Indexes: []store.Index{{Keys: []string{"program", "no", "_id"}}},
		Sorts:   []string{"no"},
	}
}

type byIdentifier struct {
	Identifier string `where:"iati_identifier,eq"`
}

// Foresee says what TakeImport would do, and does nothing.
func (s *Service) Foresee(ctx context.Context, sc tenants.Scope, in Import) (Fate, error) {
	p, err := s.programs.Find(ctx, sc, byIdentifier{in.Identifier})
	switch {
	case fault.KindOf(err) == fault.Missing && err != nil:
		return Created, s.fresh(in).Check()
	case err != nil:
		return "", err
	case p.Source != nil && p.Source.Digest == in.Digest:
		return Unchanged, nil
	}
	if err := p.takesFile(); err != nil {
		return "", err
	}
	p.renew(in)
	return Updated, p.Check()
}

// TakeImport keeps a program from a file. Its identity is the iati-identifier within the
// tenant; a digest that is known changes nothing. What both sides have accepted is no
// longer the file's to change (import_accepted), nor what a lead abandoned
// (program_state). Before that a file replaces the plan, what was edited here included.
func (s *Service) TakeImport(ctx context.Context, sc tenants.Scope, in Import) (Fate, *Program, error) {
	found, err := s.programs.Find(ctx, sc, byIdentifier{in.Identifier})
	switch {
	case fault.KindOf(err) == fault.Missing && err != nil:
		return s.createImport(ctx, sc, in)
	case err != nil:
		return "", nil, err
	case found.Source != nil && found.Source.Digest == in.Digest:
		return Unchanged, found, nil
	}
	if err := found.takesFile(); err != nil {
		return "", found, err
	}
	// The ledger first: the program's digest says that all of it is there.
	if err := s.keepLedger(ctx, sc, found.ID, in); err != nil {
		return "", nil, err
	}
	p, err := s.programs.Change(ctx, sc, found.ID, found.Version, func(p *Program) error {
		p.renew(in)
		return p.revise(sc)
	})
	return Updated, p, err
}

// takesFile refuses a file where the people here have decided.
func (p *Program) takesFile() error {
	switch {
	case p.AcceptedVersion > 0:
		return fault.New(fault.Conflict, "import_accepted")
	case p.State == Abandoned:
		return fault.New(fault.Conflict, "program_state", "state", string(p.State))
	}
	return nil
}

func (s *Service) fresh(in Import) *Program {
	p := &Program{Origin: FromIATI, IATIIdentifier: in.Identifier}
	p.renew(in)
	return p
}

func (s *Service) createImport(ctx context.Context, sc tenants.Scope, in Import) (Fate, *Program, error) {
	p := s.fresh(in)
	p.ID = tenants.DeriveID[Program]("pg", string(sc.Tenant()), "iati", in.Identifier)
	p.Readable(tenants.ForTenant)
	if err := p.Check(); err != nil {
		return "", nil, err
	}
	if err := s.keepLedger(ctx, sc, p.ID, in); err != nil {
		return "", nil, err
	}
	if err := p.revise(sc); err != nil {
		return "", nil, err
	}
	kept, err := s.programs.Add(ctx, sc, p)
	return Created, kept, err
}

// renew takes over what the file says; who leads and whose turn it is stay.
func (p *Program) renew(in Import) {
	p.State, p.Title, p.Purpose, p.From, p.To, p.Plan = in.State, in.Title, in.Purpose, in.From, in.To, in.Plan
	p.Source = &Source{Digest: in.Digest, Reporting: in.Reporting}
	for _, row := range in.Rows {
		if row.Kind == "budget" {
			p.Source.Budgets++
		} else {
			p.Source.Transactions++
		}
	}
}

// keepLedger writes the parts; parts of an earlier file that are no longer needed are
// emptied.
func (s *Service) keepLedger(ctx context.Context, sc tenants.Scope, program ID, in Import) error {
	for no := 0; ; no++ {
		id := ledgerID(sc.Tenant(), program, no)
		rows := in.Rows[min(len(in.Rows), no*ledgerRows):min(len(in.Rows), (no+1)*ledgerRows)]
		rest := ""
		if no == 0 {
			rest = in.Rest
		}
		part := &Ledger{Program: program, No: no, Rows: rows, Rest: rest}
		part.ID = id
		part.Readable(tenants.ForTenant)
		if len(rows) == 0 && no > 0 {
			if _, err := s.ledgers.Get(ctx, sc, id); fault.KindOf(err) == fault.Missing && err != nil {
				return nil
			}
		}
		_, err := s.ledgers.Add(ctx, sc, part)
		if fault.KindOf(err) == fault.Conflict && err != nil {
			_, err = s.ledgers.Amend(ctx, sc, id, func(l *Ledger) error { l.Rows, l.Rest = rows, rest; return nil })
		}
		if err != nil {
			return err
		}
	}
}

func ledgerID(tenant tenants.TenantID, program ID, no int) tenants.ID[Ledger] {
	return tenants.DeriveID[Ledger]("pl", string(tenant), string(program), strconv.Itoa(no))
}

// LedgerOf gives one part of a program's money rows, from 0.
func (s *Service) LedgerOf(ctx context.Context, sc tenants.Scope, program ID, no int) (*Ledger, error) {
	return s.ledgers.Get(ctx, sc, ledgerID(sc.Tenant(), program, no))
}

// ReadLedger is LedgerOf for whoever may read the program.
func (s *Service) ReadLedger(ctx context.Context, program ID, no int) (*Ledger, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	return s.LedgerOf(ctx, sc, program, no)
}
