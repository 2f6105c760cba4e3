package programs

import (
	"context"
	"strconv"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// PlanVersion is a plan that both sides accepted, as it was.
type PlanVersion struct {
	tenants.Meta[PlanVersion] `bson:",inline"`

	Program     ID                  `json:"program"`
	No          int                 `json:"no"`
	Agreed      Agreed              `json:"agreed"`
	Hash        string              `json:"hash"`
	Acceptances []accord.Acceptance `json:"acceptances"`
}

// Check holds for every version: it is only ever copied from a program.
func (v *PlanVersion) Check() error { return nil }

func versionKind() store.Kind[PlanVersion] {
	return store.Kind[PlanVersion]{
		Name: "plan_versions", One: "plan_version", Prefix: "pv",
		Filters: []string{"program"}, Sorts: []string{"-no"},
		Title: func(v *PlanVersion) string { return v.Agreed.Title },
	}
}

// AsProgram is the program as this version has it, for who draws plans: without its life.
func (v *PlanVersion) AsProgram() *Program {
	p := &Program{Agreed: v.Agreed}
	p.ID = v.Program
	return p
}

// Compared is a version beside the one before it.
type Compared struct {
	*PlanVersion
	// Changes are since the version before; none in the first. More counts those beyond what
	// is listed.
	Changes []tenants.Difference `json:"changes"`
	More    int                  `json:"more"`
	// Before is nil in the first.
	Before *PlanVersion `json:"-"`
}

// Versions lists the plans that both sides accepted, the latest first. One that a crash
// left unwritten is written now.
func (s *Service) Versions(ctx context.Context, id ID) ([]*PlanVersion, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadProgram)
	if err != nil {
		return nil, err
	}
	p, err := s.programs.Get(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if err := s.freeze(ctx, p); err != nil {
		return nil, err
	}
	page, err := s.versions.List(ctx, sc, struct {
		Program ID `where:"program,eq"`
	}{id}, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

// freeze keeps the accepted plan as a version of its own. Its id follows from the
// program and the number, so doing it twice is doing it once.
func (s *Service) freeze(ctx context.Context, p *Program) error {
	if p.AcceptedVersion == 0 {
		return nil
	}
	sc := s.Gate.System(ctx, p.Tenant, policies.FollowJournal)
	v := &PlanVersion{Program: p.ID, No: p.AcceptedVersion, Agreed: p.Agreed, Hash: p.Accord.Hash, Acceptances: p.Accord.Acceptances}
	v.ID = tenants.DeriveID[PlanVersion]("pv", string(p.Tenant), string(p.ID), strconv.Itoa(p.AcceptedVersion))
	v.Audience = p.Audience
	_, err := s.versions.Add(ctx, sc, v)
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// Version gives one plan that both sides accepted, and what it changed. Whoever reads the
// program may.
func (s *Service) Version(ctx context.Context, id ID, no int) (*Compared, error) {
	list, err := s.Versions(ctx, id)
	if err != nil {
		return nil, err
	}
	for i, v := range list {
		if v.No != no {
			continue
		}
		c := &Compared{PlanVersion: v, Changes: []tenants.Difference{}}
		if i+1 < len(list) {
			c.Before = list[i+1]
			c.Changes, c.More, err = store.Differences(c.Before.Agreed, v.Agreed)
		}
		return c, err
	}
	return nil, fault.NotFound("plan_version")
}
