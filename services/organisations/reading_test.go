package organisations_test

import (
	"context"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants/store"
)

func (w *world) readings(t *testing.T, who context.Context, what ...organisations.Read) []*organisations.Reading {
	t.Helper()
	page, err := w.Readings(who, organisations.ReadingCriteria{What: what}, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestAnOrganisationSeesWhoReadWhatOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, "og_yayasan")
	_, d := w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "deed"}, pdf)
	m := w.hand(t, "og_yayasan")
	own := w.coordinator("og_yayasan")
	open := func(who context.Context) {
		t.Helper()
		if _, err := w.Profile(who, m); err != nil {
			t.Fatal(err)
		}
	}
	open(own)                       // its own people
	open(w.coordinator("og_third")) // who may not read it
	if got := w.readings(t, own); len(got) != 0 {
		t.Fatalf("read by nobody else: %+v", got)
	}
	open(w.officer())
	open(w.officer())
	_, file, err := w.MemberDocument(w.officer(), m.ID, d.ID)
	content(t, file, err)
	w.Clock.Forward(time.Hour)
	open(w.as("og_badan", policies.Agency, policies.Approver))
	list := w.readings(t, own)
	if len(list) != 3 || list[0].By != "og_badan" || list[0].What != organisations.ReadProfile || list[0].No != 2 {
		t.Fatalf("%+v; want three, the other agency's first", list)
	}
	if documents := w.readings(t, own, organisations.ReadDocument); len(documents) != 1 || documents[0].Type != "deed" || documents[0].By != "og_dinas" {
		t.Errorf("documents: %+v", documents)
	}
	w.Clock.Forward(24 * time.Hour)
	open(w.officer())
	if got := w.readings(t, own); len(got) != 4 {
		t.Errorf("%d readings after another day; want 4", len(got))
	}
	for name, who := range map[string]context.Context{"a third organisation": w.coordinator("og_third"), "the reader's own": w.officer(), "another tenant": w.As("ende", "og_yayasan", policies.CSO, policies.CSOCoordinator)} {
		if got := w.readings(t, who); len(got) != 0 {
			t.Errorf("%s lists %+v", name, got)
		}
	}
}

// An agency is a public body: who reads its passport is nobody's to know.
func TestWhoReadsAnAgencysPassportIsNotNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, err := w.Mine(w.officer())
	for _, section := range organisations.Sections() {
		if err != nil {
			t.Fatal(err)
		}
		p, err = w.EditSection(w.officer(), section, p.Version, organisations.Edit{Answers: answers(section)})
	}
	if err == nil {
		_, err = w.Attest(w.head(), p.Version, organisations.Attest{Hash: p.Hash})
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.Own(w.head())
	if err == nil {
		m, err = w.Submit(w.head(), m.ID, m.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	if profile, err := w.Profile(w.coordinator("og_yayasan"), m); err != nil || profile == nil {
		t.Fatal(profile, err)
	}
	if got := w.readings(t, w.officer()); len(got) != 0 {
		t.Errorf("noted: %+v", got)
	}
}
