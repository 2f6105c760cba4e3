package exchange

import (
	"context"
	"encoding/json"
	"io"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// Exported counts what a file was written of.
type Exported struct {
	Activities int `json:"activities"`
	// Advised counts the activities that do not follow a rule of the standard; Grave those
	// among them that break one which the standard calls an error.
	Advised int `json:"advised"`
	Grave   int `json:"grave"`
}

// Checked is an activity as it would be published, and what the standard's rules say of it.
type Checked struct {
	Program  programs.ID   `json:"program"`
	Title    string        `json:"title"`
	Activity string        `json:"activity"`
	Advice   []iati.Advice `json:"advice"`
}

// ExportIATI writes the programs that one may read and that may be told to everybody as an
// IATI activity file. Officers, coordinators and tenant_admins may.
func (s *Service) ExportIATI(ctx context.Context, w io.Writer) (*Exported, error) {
	sc, err := s.Gate.Enter(ctx, policies.ExportIATI)
	if err != nil {
		return nil, err
	}
	return s.ExportIATIAs(ctx, sc, w, nil)
}

// ExportIATIAs is ExportIATI with a scope that was given otherwise: the command line's.
// each, when it is not nil, is told what the rules say of every activity before it is
// written.
func (s *Service) ExportIATIAs(ctx context.Context, sc tenants.Scope, w io.Writer, each func(Checked) error) (*Exported, error) {
	m, err := s.exporting(ctx, sc)
	if err != nil {
		return nil, err
	}
	done, file := &Exported{}, iati.NewWriter(w, sc.Now())
	for p, err := range s.Programs.Published(ctx, sc) {
		if err != nil {
			return nil, err
		}
		a, err := m.activity(ctx, p)
		if err != nil {
			return nil, err
		}
		if each != nil {
			advice, err := m.check(p, a)
			if err != nil {
				return nil, err
			}
			done.count(advice)
			if err := each(advice); err != nil {
				return nil, err
			}
		}
		if err := file.Write(a); err != nil {
			return nil, err
		}
		done.Activities++
	}
	return done, file.Close()
}

func (e *Exported) count(c Checked) {
	grave := false
	for _, a := range c.Advice {
		grave = grave || a.Grave
	}
	if len(c.Advice) > 0 {
		e.Advised++
	}
	if grave {
		e.Grave++
	}
}

// CheckIATI says of programs what the standard's rules say of their activities. Those that
// may not be told to everybody are left out.
func (s *Service) CheckIATI(ctx context.Context, list []*programs.Program) ([]Checked, error) {
	sc, err := s.Gate.Enter(ctx, policies.ExportIATI)
	if err != nil {
		return nil, err
	}
	m, err := s.exporting(ctx, sc)
	if err != nil {
		return nil, err
	}
	published, err := s.Programs.PublishedOf(ctx, sc, list)
	if err != nil {
		return nil, err
	}
	checked := make([]Checked, 0, len(published))
	for _, p := range published {
		a, err := m.activity(ctx, p)
		if err != nil {
			return nil, err
		}
		c, err := m.check(p, a)
		if err != nil {
			return nil, err
		}
		checked = append(checked, c)
	}
	return checked, nil
}

// exporting is one run: what all activities of a file have in common.
type exporting struct {
	service *Service
	scope   tenants.Scope
	tenant  *tenants.Tenant
	// orgIDs are the identifiers of organisations that were asked for already; "" for one
	// that has none.
	orgIDs map[tenants.OrganisationID]string
}

func (s *Service) exporting(ctx context.Context, sc tenants.Scope) (*exporting, error) {
	tenant, err := s.DB.Registry().Tenant(ctx, sc.Tenant())
	if err != nil {
		return nil, err
	}
	return &exporting{service: s, scope: sc, tenant: tenant, orgIDs: map[tenants.OrganisationID]string{}}, nil
}

func (m *exporting) check(p *programs.Published, a *iati.Activity) (Checked, error) {
	advice, err := iati.Advise(a, m.scope.Now())
	if advice == nil {
		advice = []iati.Advice{}
	}
	return Checked{Program: p.ID, Title: p.Title, Activity: a.Identifier, Advice: advice}, err
}

// language is the one of the texts that people here wrote.
func (m *exporting) language() string {
	if m.tenant.Language != "" {
		return m.tenant.Language
	}
	return string(words.Indonesian)
}

// orgID is an organisation's identifier as the standard wants it; one that has given none
// goes by its id here, and the rules say so.
func (m *exporting) orgID(ctx context.Context, id tenants.OrganisationID) (string, error) {
	if id == "" {
		return "", nil
	}
	if _, asked := m.orgIDs[id]; !asked && m.service.OrgIDs != nil {
		found, err := m.service.OrgIDs(ctx, m.scope, []tenants.OrganisationID{id})
		if err != nil {
			return "", err
		}
		m.orgIDs[id] = found[id]
	}
	if known := m.orgIDs[id]; known != "" {
		return known, nil
	}
	return string(id), nil
}

// activity is a program in the words of the standard: what its file said, and in the place
// of each part that people here changed, what they agreed on.
func (m *exporting) activity(ctx context.Context, p *programs.Published) (*iati.Activity, error) {
	a := &iati.Activity{}
	if p.Ledger != nil && p.Ledger.Rest != "" {
		if err := json.Unmarshal([]byte(p.Ledger.Rest), a); err != nil {
			return nil, fault.New(fault.Internal, "internal").Because(err)
		}
	}
	e := &exportedActivity{exporting: m, p: p, a: a, known: asImported(a)}
	return a, e.fill(ctx)
}
