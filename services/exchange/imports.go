package exchange

import (
	"context"
	"io"
	"time"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/uploads"
)

// MaxFile is the longest file that is taken, in bytes.
const MaxFile = 4 << 30

// ImportState is how far an import is.
type ImportState string

// States of an import: its preview is made, waits for a yes, is carried out.
const (
	Waiting   ImportState = "waiting"
	Previewed ImportState = "previewed"
	Confirmed ImportState = "confirmed"
	Done      ImportState = "done"
	Failed    ImportState = "failed"
	Discarded ImportState = "discarded"
)

// Import is a file that was uploaded to be imported. The organisation that uploaded it
// reads it.
type Import struct {
	tenants.Meta[Import] `bson:",inline"`

	State ImportState `json:"state"`
	// Name is what the sender called the file.
	Name string       `json:"name"`
	File uploads.File `json:"file"`
	// By is who uploaded it, and after that who confirmed it.
	By tenants.Actor `json:"-" bson:"by"`
	// Percent is how much of the file has been read for the work at hand.
	Percent int      `json:"percent"`
	Preview *Summary `json:"preview"`
	Outcome *Summary `json:"outcome"`
	// Code is why it failed.
	Code string `json:"code,omitempty"`
}

// Summary is a report of bounded length: all its numbers, and the first of its rows.
type Summary struct {
	Activities   int               `json:"activities"`
	Created      int               `json:"created"`
	Updated      int               `json:"updated"`
	Unchanged    int               `json:"unchanged"`
	RefusedN     int               `json:"refused_count"`
	WarningsN    int               `json:"warnings_count"`
	Refused      []Row             `json:"refused"`
	Warnings     []Row             `json:"warnings"`
	Fates        []Fated           `json:"fates"`
	Transactions map[string]string `json:"transactions"`
	Budgets      map[string]string `json:"budgets"`
}

// shownRows is how many refusals and warnings a summary names one by one.
const shownRows = 200

func summaryOf(r *Report) *Summary {
	return &Summary{
		Activities: r.Activities, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, RefusedN: len(r.Refused), WarningsN: len(r.Warnings),
		Refused: r.Refused[:min(shownRows, len(r.Refused))], Warnings: r.Warnings[:min(shownRows, len(r.Warnings))], Fates: r.Fates,
		Transactions: r.Transactions, Budgets: r.Budgets,
	}
}

// AtWork says that a machine has something to do with it.
func (i *Import) AtWork() bool { return i.State == Waiting || i.State == Confirmed }

func importKind() store.Kind[Import] {
	return store.Kind[Import]{
		Name: "imports", One: "import", Prefix: "im",
		Indexes: []store.Index{{Keys: []string{"state", "-created_at", "-_id"}}},
		Sorts:   []string{"-created_at"},
		Title:   func(i *Import) string { return i.Name },
	}
}

// Check says what is always true of an import.
func (i *Import) Check() error {
	if i.Name == "" || utf8.RuneCountInString(i.Name) > uploads.MaxName || !utf8.ValidString(i.Name) {
		return fault.Invalid(fault.On("file", "required"))
	}
	return nil
}

// Upload keeps a file, and has its preview made. Officers, coordinators and
// tenant_admins may.
func (s *Service) Upload(ctx context.Context, name string, r io.Reader) (*Import, error) {
	sc, err := s.Gate.Enter(ctx, policies.ImportIATI)
	if err != nil {
		return nil, err
	}
	id, err := tenants.MintID[Import]("im")
	if err != nil {
		return nil, err
	}
	i := &Import{State: Waiting, Name: uploads.Name(name), By: sc.Actor()}
	if i.ID, i.WakeAt = id, at(sc.Now()); i.Name == "" {
		i.Name = string(id)
	}
	if i.File, err = s.Files.Put(ctx, sc, string(id), r, MaxFile); err != nil {
		return nil, err
	}
	if i.File.Size == 0 {
		return nil, firstOf(fault.Invalid(fault.On("file", "required")), s.Files.Remove(ctx, sc, string(id)))
	}
	kept, err := s.imports.Add(ctx, sc, i)
	if err != nil {
		return nil, firstOf(err, s.Files.Remove(ctx, sc, string(id)))
	}
	s.nudge(sc.Tenant())
	return kept, nil
}

func at(t time.Time) *time.Time { return &t }

// firstOf prefers what was asked about; a file that could not be taken away is nobody's.
func firstOf(asked, _ error) error { return asked }

// Imports lists what one's own organisation uploaded, the latest first.
func (s *Service) Imports(ctx context.Context, q store.Query) (*store.Page[Import], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadImport)
	if err != nil {
		return nil, err
	}
	return s.imports.List(ctx, sc, nil, q)
}

// ReadImport gives one import.
func (s *Service) ReadImport(ctx context.Context, id tenants.ID[Import]) (*Import, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadImport)
	if err != nil {
		return nil, err
	}
	return s.imports.Get(ctx, sc, id)
}

// Confirm has a previewed file imported, or one whose import stopped.
func (s *Service) Confirm(ctx context.Context, id tenants.ID[Import], seen tenants.Version) (*Import, error) {
	sc, err := s.Gate.Enter(ctx, policies.ImportIATI)
	if err != nil {
		return nil, err
	}
	i, err := s.imports.Change(ctx, sc, id, seen, func(i *Import) error {
		if i.State != Previewed && i.State != Failed {
			return importState(i)
		}
		i.By, i.Percent, i.Code, i.WakeAt = sc.Actor(), 0, "", at(sc.Now())
		if i.State = Confirmed; i.Preview == nil {
			i.State = Waiting
		}
		return nil
	})
	if err == nil {
		s.nudge(sc.Tenant())
	}
	return i, err
}

func importState(i *Import) error {
	return fault.New(fault.Conflict, "import_state", "state", string(i.State))
}

// Discard takes a file away that is not to be imported.
func (s *Service) Discard(ctx context.Context, id tenants.ID[Import], seen tenants.Version) (*Import, error) {
	sc, err := s.Gate.Enter(ctx, policies.ImportIATI)
	if err != nil {
		return nil, err
	}
	i, err := s.imports.Change(ctx, sc, id, seen, func(i *Import) error {
		if i.State != Previewed && i.State != Failed {
			return importState(i)
		}
		i.State, i.WakeAt = Discarded, nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	return i, s.Files.Remove(ctx, sc, string(id))
}
