// Package exchange reads and writes what other systems understand. Here: IATI activity
// files become programs, and programs IATI activity files. It is a reader of the areas:
// they do not know it.
package exchange

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/uploads"
)

// Config is what the service stands on.
type Config struct {
	DB       *store.DB
	Gate     *tenants.Gate
	Programs *programs.Service
	// OrgIDs are the identifiers of organisations as org-id.guide writes them; one that has
	// none is absent.
	OrgIDs func(context.Context, tenants.Scope, []tenants.OrganisationID) (map[tenants.OrganisationID]string, error)
	// Files keeps what was uploaded.
	Files *uploads.Store
	Log   *slog.Logger
}

// Service imports and exports.
type Service struct {
	Config
	imports *store.Collection[Import, *Import]
	// pending are tenants in which an import waits for work.
	pending chan tenants.TenantID
}

// Open declares the collections.
func Open(cfg Config) *Service {
	s := &Service{Config: cfg, pending: make(chan tenants.TenantID, 100)}
	kind := importKind()
	kind.Wake = s.wake
	s.imports = store.Open[Import, *Import](cfg.DB, kind)
	return s
}

// File is something to import: its name, and a way to read it from its beginning, more
// than once.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Row is an activity that was refused, or an element that was refused or not taken.
type Row struct {
	File     string `json:"file"`
	Activity string `json:"activity"`
	Line     int    `json:"line"`
	Element  string `json:"element"`
	Code     string `json:"code"`
	Reason   string `json:"reason"`
	// Args are what the sentence of the code names.
	Args map[string]string `json:"args,omitempty"`
}

// Fated is an activity and what became of it, for a preview.
type Fated struct {
	Activity string        `json:"activity"`
	Title    string        `json:"title"`
	Fate     programs.Fate `json:"fate"`
}

// Report is what became of an import. Activities = Created + Updated + Unchanged +
// len(Refused), where every file was read.
type Report struct {
	Activities int   `json:"activities"`
	Created    int   `json:"created"`
	Updated    int   `json:"updated"`
	Unchanged  int   `json:"unchanged"`
	Refused    []Row `json:"refused"`
	Warnings   []Row `json:"warnings"`
	// Transactions and Budgets are sums by "type|currency" as decimal text.
	Transactions map[string]string `json:"transactions"`
	Budgets      map[string]string `json:"budgets"`
	// Fates names the first 1,000 activities.
	Fates []Fated `json:"-"`
}

// maxFates is how many activities a preview names one by one.
const maxFates = 1000

// Whole says that nothing was refused.
func (r *Report) Whole() bool { return len(r.Refused) == 0 }

// ImportIATI imports files into the tenant of the seat. dry foresees and writes nothing.
// Officers, coordinators and tenant_admins may.
func (s *Service) ImportIATI(ctx context.Context, files []File, dry bool) (*Report, error) {
	sc, err := s.Gate.Enter(ctx, policies.ImportIATI)
	if err != nil {
		return nil, err
	}
	return s.ImportIATIAs(ctx, sc, files, dry)
}

// ImportIATIAs is ImportIATI with a scope that was given otherwise: the command line's.
// Each file is read to its end before its first activity is kept, so a file that must be
// refused is refused whole; its refusal is a row without an activity.
func (s *Service) ImportIATIAs(ctx context.Context, sc tenants.Scope, files []File, dry bool) (*Report, error) {
	run := &importing{
		service: s, scope: sc, dry: dry, words: words.From(ctx),
		report: &Report{Refused: []Row{}, Warnings: []Row{}},
	}
	for _, f := range files {
		err := run.file(ctx, f)
		if refusal, ok := errors.AsType[*fault.Error](err); ok && refusal.Kind != fault.Unavailable && refusal.Kind != fault.Internal {
			line, _ := strconv.Atoi(refusal.Args["line"])
			run.refuse(Row{File: f.Name, Line: line, Code: refusal.Code}, refusal.Args)
		} else if err != nil {
			return nil, err
		}
	}
	run.report.Transactions, run.report.Budgets = run.totals.Transactions(), run.totals.Budgets()
	return run.report, nil
}

// importing is one run over some files.
type importing struct {
	service *Service
	scope   tenants.Scope
	dry     bool
	words   *words.Words
	report  *Report
	totals  iati.Totals
}

func (i *importing) refuse(r Row, args fault.Args) {
	r.Args = args
	r.Reason, _ = i.words.Fault(r.Code, args)
	i.report.Refused = append(i.report.Refused, r)
}

func (i *importing) warn(r Row, args fault.Args) {
	r.Args = args
	r.Reason, _ = i.words.Fault(r.Code, args)
	i.report.Warnings = append(i.report.Warnings, r)
}

func (i *importing) file(ctx context.Context, f File) error {
	if err := checkFile(ctx, f); err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	left := map[string]int{}
	for element, err := range iati.Read(ctx, r, iati.Options{}) {
		if err != nil {
			return err
		}
		i.report.Activities++
		if err := i.element(ctx, f.Name, element); err != nil {
			return err
		}
		for name, n := range element.Leftovers {
			left[name] += n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		i.warn(Row{File: f.Name, Element: name, Code: "element_not_held"}, fault.Args{"count": strconv.Itoa(left[name])})
	}
	return nil
}

func checkFile(ctx context.Context, f File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = iati.Check(ctx, r, iati.Options{})
	return err
}

// element takes one activity. An error is one that ends the import; a refusal is a row.
func (i *importing) element(ctx context.Context, file string, e *iati.Element) error {
	id := e.Identifier()
	row := Row{File: file, Activity: id, Line: e.Line}
	if e.Activity == nil {
		row.Line, row.Element, row.Code = e.Refusal.Line, e.Refusal.Element, e.Refusal.Code
		i.refuse(row, e.Refusal.Args)
		return nil
	}
	for _, p := range e.Problems {
		i.warn(Row{File: file, Activity: id, Line: p.Line, Element: p.Element, Code: p.Code}, p.Args)
	}
	in, notes, err := programOf(e.Activity, string(i.words.Language()))
	if err != nil {
		return err
	}
	for _, n := range notes {
		i.warn(Row{File: file, Activity: id, Line: e.Line, Element: n.element, Code: n.code}, nil)
	}
	fate, err := i.keep(ctx, in)
	if err != nil {
		return i.notKept(row, err)
	}
	i.totals.Add(e.Activity)
	i.count(fate)
	if len(i.report.Fates) < maxFates {
		i.report.Fates = append(i.report.Fates, Fated{id, in.Title, fate})
	}
	return nil
}

func (i *importing) keep(ctx context.Context, in programs.Import) (programs.Fate, error) {
	if i.dry {
		return i.service.Programs.Foresee(ctx, i.scope, in)
	}
	fate, _, err := i.service.Programs.TakeImport(ctx, i.scope, in)
	return fate, err
}

// notKept makes a row of a refusal by the program's own rules.
func (i *importing) notKept(row Row, err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || refusal.Kind == fault.Unavailable || refusal.Kind == fault.Internal {
		return err
	}
	row.Code = refusal.Code
	args := refusal.Args
	if len(refusal.Fields) > 0 {
		row.Element, row.Code, args = refusal.Fields[0].Name, refusal.Fields[0].Code, refusal.Fields[0].Args
	}
	i.refuse(row, args)
	return nil
}

func (i *importing) count(fate programs.Fate) {
	switch fate {
	case programs.Created:
		i.report.Created++
	case programs.Updated:
		i.report.Updated++
	default:
		i.report.Unchanged++
	}
}
