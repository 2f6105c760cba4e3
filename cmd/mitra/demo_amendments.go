package main

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/programs"
)

// demoAmendment is an invented amendment: which side proposes it, why, and how far it has come.
type demoAmendment struct {
	by     policies.Side
	reason string
	until  programs.AmendmentState
}

// demoAmendments are by the title of their program, one after the other.
var demoAmendments = map[string][]demoAmendment{ //nolint:gochecknoglobals // a constant in all but name
	"Air bersih untuk desa kering": {
		{policies.CSO, "Dua desa tetangga ikut serta, dan warga meminta pelatihan merawat sumur.", programs.AmendmentEffective},
	},
	"Musyawarah inklusif":     {{policies.Agency, "Tiga desa meminta juru bahasa isyarat di setiap musyawarah.", programs.AmendmentDrafting}},
	"Usaha perempuan pesisir": {{policies.CSO, "Musim paceklik bergeser; penilaian bersama perlu dimundurkan sebulan.", programs.AmendmentProposed}},
}

// amend takes the amendments of one invented program as far as they have come.
func (d *demo) amend(ctx context.Context, made *programs.Program, p demoProgram) error {
	for _, of := range demoAmendments[p.title] {
		if err := d.amendOnce(ctx, made, p, of); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) amendOnce(ctx context.Context, made *programs.Program, p demoProgram, of demoAmendment) error {
	by, to := d.as(ctx, p.cso, policies.CSOCoordinator), d.as(ctx, p.agency, policies.ProgramOfficer)
	if of.by == policies.Agency {
		by, to = to, by
	}
	a, err := d.programs.Propose(by, made.ID, programs.Reason{Reason: of.reason})
	if err != nil || of.until == programs.AmendmentProposed {
		return err
	}
	if a, err = d.programs.TakeUp(to, a.ID, a.Version); err != nil {
		return err
	}
	for _, section := range changedBy(made, p) {
		if a, err = d.programs.EditAmendment(by, a.ID, a.Version, section); err != nil {
			return err
		}
	}
	if a, err = d.programs.HandOverAmendment(by, a.ID, a.Version); err != nil || of.until == programs.AmendmentDrafting {
		return err
	}
	for _, as := range []context.Context{d.as(ctx, p.agency, policies.Approver), d.as(ctx, p.cso, policies.Signatory)} {
		if a, err = d.programs.AcceptAmendment(as, a.ID, a.Version, programs.Acceptance{Hash: a.Accord.Hash}); err != nil {
			return err
		}
	}
	return nil
}

// changedBy is what an invented amendment changes: a month more, for a training at its end.
func changedBy(made *programs.Program, p demoProgram) []programs.Section {
	to := made.To.Add(31)
	activities := append([]programs.Activity{}, made.Activities...)
	activities = append(activities, programs.Activity{Title: "Pelatihan warga", From: made.To.Add(1), To: to, DependsOn: []string{"ac3"}, Owner: p.cso})
	budget := append([]programs.BudgetLine{}, made.Budget...)
	budget = append(budget, programs.BudgetLine{Line: "Pelatihan warga", FiscalYear: string(to)[:4], Source: p.agency, Amount: rupiah(18_000_000)})
	return []programs.Section{
		programs.Basics{Title: made.Title, Purpose: made.Purpose, From: made.From, To: to},
		programs.Activities{Activities: activities}, programs.Budget{Budget: budget},
	}
}
