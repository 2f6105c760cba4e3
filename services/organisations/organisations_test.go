package organisations_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
	"github.com/mitra-platform/mitra/uploads"
)

// world has two agencies and two CSOs in one tenant.
type world struct {
	*tenantstest.World
	*organisations.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenantstest.New(t)
	sender, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: t.TempDir(), Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := people.Open(people.Config{DB: w.DB, Gate: w.Gate, Mail: sender, PublicURL: "http://mitra.example.org", Random: rand.Reader})
	t.Cleanup(p.Close)
	for _, slug := range []string{"kupang", "ende"} {
		if _, err := p.AddTenant(t.Context(), people.NewTenant{Slug: slug, Demo: true, Zone: "Asia/Makassar"}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := uploads.Open(t.Context(), uploads.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	o := &world{World: w, Service: organisations.Open(organisations.Config{DB: w.DB, Gate: w.Gate, People: p, Forms: forms.Open(forms.Config{DB: w.DB, Gate: w.Gate}), Files: files})}
	for _, of := range []people.Organisation{
		{ID: "og_dinas", Name: "Dinas", Side: policies.Agency}, {ID: "og_badan", Name: "Badan", Side: policies.Agency},
		{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}, {ID: "og_third", Name: "Ketiga", Side: policies.CSO},
	} {
		o.ensure(t, "kupang", of)
	}
	return o
}

func (w *world) ensure(t *testing.T, tenant tenants.TenantID, of people.Organisation) *organisations.Member {
	t.Helper()
	m, err := w.Ensure(t.Context(), w.Gate.System(t.Context(), tenant, policies.RunCommand), of)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (w *world) as(organisation string, side policies.Side, role policies.Role) context.Context {
	return w.As("kupang", organisation, side, role)
}

func (w *world) coordinator(of string) context.Context {
	return w.as(of, policies.CSO, policies.CSOCoordinator)
}
func (w *world) signatory(of string) context.Context {
	return w.as(of, policies.CSO, policies.Signatory)
}
func (w *world) officer() context.Context {
	return w.as("og_dinas", policies.Agency, policies.ProgramOfficer)
}
func (w *world) approver() context.Context {
	return w.as("og_dinas", policies.Agency, policies.Approver)
}
func (w *world) head() context.Context { return w.as("og_dinas", policies.Agency, policies.Signatory) }

// answers fill every required question of a section.
func answers(section organisations.Section) organisations.Answers {
	out := organisations.Answers{}
	for _, q := range organisations.Questions(section) {
		if !q.Required {
			continue
		}
		switch q.As {
		case organisations.YesNo:
			out[q.Key] = "yes"
		case organisations.Number:
			out[q.Key] = "5"
		case organisations.Choice:
			out[q.Key] = q.Choices[0]
		case organisations.Day:
			out[q.Key] = "2020-01-31"
		case organisations.Line, organisations.Text:
			out[q.Key] = "Contoh"
		}
	}
	if section == organisations.Identity {
		out["country"] = "id"
		out["legal_name"] = "Yayasan Air"
	}
	return out
}

// fill completes a passport and attests it.
func (w *world) fill(t *testing.T, of string) *organisations.Passport {
	t.Helper()
	ctx := w.coordinator(of)
	p, err := w.Mine(ctx)
	for _, section := range organisations.Sections() {
		if err != nil {
			t.Fatal(err)
		}
		in := organisations.Edit{Answers: answers(section)}
		if section == organisations.Inclusion {
			in.Experience = []organisations.Experience{
				{Group: "disability", LedBy: true, Years: 4, Visibility: "public"}, {Group: "women", Visibility: "agencies", Note: "untuk instansi"},
				{Group: "health_stigma", Visibility: "granted", Note: "hanya kami"},
			}
		}
		p, err = w.EditSection(ctx, section, p.Version, in)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.attest(t, of, p)
}

func (w *world) attest(t *testing.T, of string, p *organisations.Passport) *organisations.Passport {
	t.Helper()
	p, err := w.Attest(w.signatory(of), p.Version, organisations.Attest{Hash: p.Hash})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) member(t *testing.T, of string) *organisations.Member {
	t.Helper()
	m, err := w.Own(w.coordinator(of))
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	return m
}

// Checker and confirmer differ (grants.md §4.2): from a submission to a verification two
// people of an agency act, and the day it ends the clock does.
func TestAnOrganisationIsVerifiedByTwoDifferentPeopleUntilItsLastDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, "og_yayasan")
	m := w.member(t, "og_yayasan")
	m, err := w.Submit(w.signatory("og_yayasan"), m.ID, m.Version)
	if err != nil || m.State != organisations.Submitted || m.Name != "Yayasan Air" || m.LegalForm != "yayasan" {
		t.Fatalf("submitted: %+v, %v", m, err)
	}
	one := w.AsPerson("kupang", "Maria", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.Approver)
	waits := func(ctx context.Context, want int) {
		t.Helper()
		list, err := w.Waiting(ctx)
		if got := count(list, work.CheckVerification, work.ConfirmVerification); err != nil || got != want {
			t.Errorf("%d verifications wait for %v (%v), want %d", got, tenants.ActorFrom(ctx).Roles, err, want)
		}
	}
	waits(w.officer(), 1)
	waits(w.approver(), 0)
	waits(w.signatory("og_yayasan"), 0)
	if m, err = w.Check(one, m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	waits(one, 0) // who checked does not confirm
	waits(w.approver(), 1)
	until := organisations.Confirm{ValidUntil: "2027-11-24"}
	if _, err := w.Confirm(one, m.ID, m.Version, until); fault.CodeOf(err) != "checker_confirms" {
		t.Errorf("who checked confirms: %v", err)
	}
	m, err = w.Confirm(w.approver(), m.ID, m.Version, until)
	if err != nil || m.State != organisations.Verified || m.VerifiedNo != 1 || m.ConfirmedBy.Person == m.CheckedBy.Person {
		t.Fatalf("confirmed: %+v, %v", m, err)
	}
	w.Clock.Forward(365*24*time.Hour + 14*time.Hour) // the last day's evening in Kupang
	if m, _ = w.Read(w.officer(), m.ID); m.State != organisations.Verified {
		t.Errorf("on its last day: %s", m.State)
	}
	w.Clock.Forward(2 * time.Hour)
	if m, _ = w.Read(w.officer(), m.ID); m.State != organisations.Expired {
		t.Errorf("after its last day, before the clock: %s", m.State)
	}
	if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
		t.Fatal(err)
	}
	list, err := w.List(w.officer(), organisations.Criteria{State: []organisations.State{organisations.Expired}}, store.Query{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Organisation != "og_yayasan" {
		t.Errorf("expired: %v, %v", list, err)
	}
}

// reach brings a new CSO's membership to a state by its moves.
func (w *world) reach(t *testing.T, of string, state organisations.State) *organisations.Member {
	t.Helper()
	m := w.ensure(t, "kupang", people.Organisation{ID: tenants.OrganisationID(of), Name: of, Side: policies.CSO})
	w.fill(t, of)
	why := organisations.Reason{Reason: "karena"}
	type step func(*organisations.Member) (*organisations.Member, error)
	submit := func(m *organisations.Member) (*organisations.Member, error) {
		return w.Submit(w.signatory(of), m.ID, m.Version)
	}
	check := func(m *organisations.Member) (*organisations.Member, error) {
		return w.Check(w.officer(), m.ID, m.Version)
	}
	giveBack := func(m *organisations.Member) (*organisations.Member, error) {
		return w.Return(w.officer(), m.ID, m.Version, why)
	}
	confirm := func(m *organisations.Member) (*organisations.Member, error) {
		until := organisations.Confirm{ValidUntil: "2027-11-24"}
		if state == organisations.Expired {
			until.ValidUntil = "2026-12-24"
		}
		return w.Confirm(w.approver(), m.ID, m.Version, until)
	}
	suspend := func(m *organisations.Member) (*organisations.Member, error) {
		return w.Suspend(w.head(), m.ID, m.Version, why)
	}
	steps := map[organisations.State][]step{
		organisations.Submitted: {submit}, organisations.InCheck: {submit, check}, organisations.Returned: {submit, check, giveBack},
		organisations.Verified: {submit, check, confirm}, organisations.Expired: {submit, check, confirm}, organisations.Suspended: {suspend},
	}
	var err error
	for _, step := range steps[state] {
		if m, err = step(m); err != nil {
			t.Fatal(err)
		}
	}
	if state == organisations.Verified || state == organisations.Expired {
		// A newer attestation, so that submitting again has something to submit.
		p, err := w.Mine(w.coordinator(of))
		if err != nil {
			t.Fatal(err)
		}
		in := answers(organisations.Capacity)
		in["staff"] = "6"
		if p, err = w.EditSection(w.coordinator(of), organisations.Capacity, p.Version, organisations.Edit{Answers: in}); err != nil {
			t.Fatal(err)
		}
		w.attest(t, of, p)
	}
	return m
}

func TestEveryMoveOfAVerificationInEveryState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	legal := map[policies.Action][]organisations.State{
		policies.SubmitVerification:  {organisations.Draft, organisations.Returned, organisations.Verified, organisations.Expired},
		policies.CheckVerification:   {organisations.Submitted},
		policies.ReturnVerification:  {organisations.InCheck},
		policies.ConfirmVerification: {organisations.InCheck},
		policies.SuspendVerification: {organisations.Draft, organisations.Submitted, organisations.InCheck, organisations.Returned, organisations.Verified, organisations.Expired},
		policies.LiftVerification:    {organisations.Suspended},
	}
	for move := range legal {
		for _, state := range organisations.States() {
			w.reach(t, "og_"+move.String()+"_"+string(state), state)
		}
	}
	w.Clock.Forward(40 * 24 * time.Hour)
	if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
		t.Fatal(err)
	}
	for move, states := range legal {
		for _, state := range organisations.States() {
			of := "og_" + move.String() + "_" + string(state)
			m := w.member(t, of)
			if m.State != state {
				t.Fatalf("%s is %s", of, m.State)
			}
			after, err := w.do(move, of, m)
			want := slices.Contains(states, state)
			if (err == nil) != want || (!want && fault.CodeOf(err) != "verification_state") {
				t.Errorf("%s in %s: %v, want allowed %v", move, state, err, want)
			}
			if err == nil && after.State == state {
				t.Errorf("%s in %s leads nowhere", move, state)
			}
			if got := slices.Contains(m.Moves(), move); got != want {
				t.Errorf("%s in %s is offered: %v", move, state, got)
			}
		}
	}
}

func (w *world) do(move policies.Action, of string, m *organisations.Member) (*organisations.Member, error) {
	why := organisations.Reason{Reason: "karena"}
	switch move {
	case policies.SubmitVerification:
		return w.Submit(w.signatory(of), m.ID, m.Version)
	case policies.CheckVerification:
		return w.Check(w.officer(), m.ID, m.Version)
	case policies.ReturnVerification:
		return w.Return(w.officer(), m.ID, m.Version, why)
	case policies.ConfirmVerification:
		return w.Confirm(w.approver(), m.ID, m.Version, organisations.Confirm{ValidUntil: "2027-01-31"})
	case policies.SuspendVerification:
		return w.Suspend(w.head(), m.ID, m.Version, why)
	default:
		return w.Lift(w.head(), m.ID, m.Version, why)
	}
}

// A suspension verifies nobody: lifted, the member is what it was.
func TestLiftingASuspensionRestoresWhatWasBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, state := range []organisations.State{organisations.Draft, organisations.InCheck, organisations.Verified} {
		m := w.reach(t, "og_"+string(state), state)
		why := organisations.Reason{Reason: "aduan"}
		m, err := w.Suspend(w.head(), m.ID, m.Version, why)
		if err != nil || m.Reason != "aduan" {
			t.Fatal(m, err)
		}
		if _, err := w.Lift(w.head(), m.ID, m.Version, organisations.Reason{Reason: "  "}); fault.KindOf(err) != fault.Unprocessable {
			t.Errorf("lifted without a reason: %v", err)
		}
		if m, err = w.Lift(w.head(), m.ID, m.Version, why); err != nil || m.State != state {
			t.Errorf("lifted from %s: %v, %v", state, m, err)
		}
	}
}

func TestNobodyVerifiesTheirOwnOrganisationAndNoCSOVerifies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.reach(t, "og_satu", organisations.Submitted)
	other := w.as("og_third", policies.CSO, policies.ProgramOfficer)
	if _, err := w.Check(other, m.ID, m.Version); fault.CodeOf(err) != "agencies_verify" {
		t.Errorf("a CSO checks: %v", err)
	}
	if _, err := w.Submit(w.signatory("og_third"), m.ID, m.Version); fault.CodeOf(err) != "not_your_organisation" {
		t.Errorf("a third organisation submits: %v", err)
	}
	own, err := w.Own(w.officer())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Suspend(w.head(), own.ID, own.Version, organisations.Reason{Reason: "x"}); fault.CodeOf(err) != "own_verification" {
		t.Errorf("an agency suspends itself: %v", err)
	}
	for _, ctx := range []context.Context{w.coordinator("og_third"), w.as("og_dinas", policies.Agency, policies.Member)} {
		if _, err := w.Check(ctx, m.ID, m.Version); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("somebody without the role checks: %v", err)
		}
	}
}

// A passport is its organisation's alone; what it submits is read by agencies, and the
// experience it did not open by nobody else.
func TestAPassportIsReadByItsOwnersAndAProfileByAgencies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.reach(t, "og_satu", organisations.Submitted)
	if p, err := w.Mine(w.coordinator("og_third")); err != nil || p.Name != "Ketiga" {
		t.Errorf("somebody else's own passport: %v, %v", p, err)
	}
	for name, row := range map[string]struct {
		ctx  context.Context
		want bool
	}{
		"its own": {w.coordinator("og_satu"), true}, "an agency": {w.officer(), true},
		"another agency": {w.as("og_badan", policies.Agency, policies.Approver), true},
		"a third":        {w.coordinator("og_third"), false}, "an agency's member": {w.as("og_dinas", policies.Agency, policies.Member), false},
	} {
		p, err := w.Profile(row.ctx, m)
		if err != nil || (p != nil) != row.want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
		if p != nil && len(p.Attested.Content.Experience) != 2 {
			t.Errorf("%s reads experience %v", name, p.Attested.Content.Experience)
		}
	}
	if len(m.Experience) != 1 || m.Experience[0].Group != "disability" {
		t.Errorf("everybody reads %v", m.Experience)
	}
	elsewhere := w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer)
	if _, err := w.Read(elsewhere, m.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("from another tenant: %v", err)
	}
	late := people.Organisation{ID: "og_baru", Name: "Baru", Side: policies.Agency}
	w.ensure(t, "kupang", late)
	if p, err := w.Profile(w.as("og_baru", policies.Agency, policies.ProgramOfficer), m); err != nil || p == nil {
		t.Errorf("an agency that joined later: %v, %v", p, err)
	}
}

func TestWhatWasAttestedStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Attest(w.signatory("og_yayasan"), p.Version, organisations.Attest{Hash: p.Hash}); fault.CodeOf(err) != "passport_incomplete" {
		t.Errorf("attested with gaps: %v", err)
	}
	p = w.fill(t, "og_yayasan")
	if _, err := w.Attest(w.signatory("og_yayasan"), p.Version, organisations.Attest{Hash: p.Hash}); fault.CodeOf(err) != "attested_already" {
		t.Errorf("attested twice: %v", err)
	}
	changed := answers(organisations.Finance)
	changed["audit"] = "external"
	seen := p
	if p, err = w.EditSection(ctx, organisations.Finance, p.Version, organisations.Edit{Answers: changed}); err != nil || p.Current() {
		t.Fatal(p.Current(), err)
	}
	if _, err := w.Attest(w.signatory("og_yayasan"), p.Version, organisations.Attest{Hash: seen.Hash}); fault.CodeOf(err) != "passport_changed" {
		t.Errorf("attested what was not seen: %v", err)
	}
	m := w.member(t, "og_yayasan")
	if _, err := w.Submit(w.signatory("og_yayasan"), m.ID, m.Version); fault.CodeOf(err) != "not_attested" {
		t.Errorf("submitted what is not attested: %v", err)
	}
	w.attest(t, "og_yayasan", p)
	versions, err := w.Versions(ctx)
	if err != nil || len(versions) != 2 || versions[0].No != 2 {
		t.Fatal(versions, err)
	}
	if was := versions[1].Attested.Content.Answers[organisations.Finance]["audit"]; was != "never" {
		t.Errorf("the first version says %q now", was)
	}
	if p.MarkOf(organisations.Finance).No != 2 || p.MarkOf(organisations.Capacity).No != 1 {
		t.Errorf("sections count their versions: %+v", p.Marks)
	}
}

func TestANumberOfARegisterBelongsToOneOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.Mine(w.coordinator("og_yayasan"))
	if err != nil {
		t.Fatal(err)
	}
	in := organisations.Identifiers{Identifiers: []organisations.Identifier{{Scheme: "id-kln ", Value: "AHU-123"}}}
	p, err := w.EditIdentifiers(w.coordinator("og_yayasan"), first.Version, in)
	if err != nil || p.Identifiers[0].Scheme != "ID-KLN" {
		t.Fatal(p, err)
	}
	other, err := w.Mine(w.coordinator("og_third"))
	if err != nil {
		t.Fatal(err)
	}
	in.Identifiers = []organisations.Identifier{{Scheme: "ID-KLN", Value: "ahu-123"}}
	if _, err := w.EditIdentifiers(w.coordinator("og_third"), other.Version, in); fields(err) != "identifiers.0.value identifier_taken map[scheme:ID-KLN value:ahu-123]" {
		t.Errorf("somebody else's number: %s", fields(err))
	}
	in.Identifiers = []organisations.Identifier{{Scheme: "ID-KLN", Value: "B-7"}, {Scheme: "XI-IATI", Value: "B-7"}, {Scheme: "ID-KLN", Value: "AHU-123"}, {Scheme: "id-kln", Value: " b-7 "}}
	if _, err := w.EditIdentifiers(w.coordinator("og_third"), other.Version, in); fields(err) != "identifiers.3.value identifier_twice map[row:1 scheme:ID-KLN value:b-7]" {
		t.Errorf("a number that is there twice: %s", fields(err))
	}
	in.Identifiers = in.Identifiers[:3]
	if _, err := w.EditIdentifiers(w.coordinator("og_third"), other.Version, in); fields(err) != "identifiers.2.value identifier_taken map[scheme:ID-KLN value:AHU-123]" {
		t.Errorf("somebody else's number among others: %s", fields(err))
	}
	in.Identifiers = nil
	if p, err = w.EditIdentifiers(w.coordinator("og_yayasan"), p.Version, in); err != nil || len(p.Identifiers) != 0 {
		t.Fatal(p, err)
	}
	in.Identifiers = []organisations.Identifier{{Scheme: "ID-KLN", Value: "AHU-123"}}
	if _, err := w.EditIdentifiers(w.coordinator("og_third"), other.Version, in); err != nil {
		t.Errorf("a number that was given up: %v", err)
	}
}

// fields are what a refusal says of each field, with its arguments.
func fields(err error) string {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	var list []string
	for _, f := range refusal.Fields {
		list = append(list, fmt.Sprint(f.Name, " ", f.Code, " ", map[string]string(f.Args)))
	}
	return strings.Join(list, "; ")
}

func hasField(err error, name, code string) bool {
	return strings.Contains(fmt.Sprint(err), name) && strings.Contains(fmt.Sprint(err), code)
}

func TestHostileAnswersAreRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		section organisations.Section
		key     string
		value   string
	}{
		"a huge text":        {organisations.Identity, "address", strings.Repeat("a", 5001)},
		"hidden characters":  {organisations.Identity, "acronym", "A\u202eB"},
		"no country":         {organisations.Identity, "country", "Indonesia"},
		"a script's address": {organisations.Identity, "website", "javascript:alert(1)"},
		"no such day":        {organisations.Identity, "founded_on", "2026-02-30"},
		"a negative number":  {organisations.Capacity, "staff", "-1"},
		"no such choice":     {organisations.Finance, "audit", "always"},
		"neither yes nor no": {organisations.Finance, "two_signatures", "maybe"},
		"another question":   {organisations.Finance, "$where", "1"},
		"no name":            {organisations.Identity, "legal_name", " "},
	} {
		in := answers(row.section)
		in[row.key] = row.value
		if _, err := w.EditSection(ctx, row.section, p.Version, organisations.Edit{Answers: in}); fault.KindOf(err) != fault.Unprocessable {
			t.Errorf("%s: %v", name, err)
		}
	}
	people := organisations.Persons{Persons: []organisations.OrgPerson{{Role: "king", From: "2026-05-01", To: "2026-01-01"}}}
	if _, err := w.EditPersons(ctx, p.Version, people); !hasField(err, "persons.0.name", "required") || !hasField(err, "persons.0.term_to", "period_reversed") {
		t.Errorf("a person without name, role and order: %v", err)
	}
	if after, err := w.Mine(ctx); err != nil || after.Version != p.Version {
		t.Errorf("a refusal changed something: version %d, %v", after.Version, err)
	}
	if _, err := w.EditSection(ctx, "weather", p.Version, organisations.Edit{}); fault.KindOf(err) != fault.Missing {
		t.Errorf("a section that is none: %v", err)
	}
}

// What a term says counts on the day: from its first to its last, or without end.
func TestAPersonHoldsAnOfficeForATerm(t *testing.T) {
	t.Parallel()
	p := organisations.OrgPerson{From: "2026-01-01", To: "2026-12-31"}
	if !p.InTerm("2026-01-01") || !p.InTerm("2026-12-31") || p.InTerm("2025-12-31") || p.InTerm("2027-01-01") {
		t.Error("a term is not counted from its first to its last day")
	}
	if p.To = ""; !p.InTerm("2099-01-01") {
		t.Error("a term without an end ends")
	}
}

func TestNamesOfPeopleStayOutOfTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in := organisations.Persons{Persons: []organisations.OrgPerson{{Role: organisations.Chair, Name: "Bernadeta Rahasia", From: "2026-01-01"}}}
	if _, err = w.EditPersons(ctx, p.Version, in); err != nil {
		t.Fatal(err)
	}
	w.fill(t, "og_yayasan")
	m := w.member(t, "og_yayasan")
	if _, err = w.Submit(w.signatory("og_yayasan"), m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	entries, err := w.PassportHistory(ctx, store.Query{})
	if err != nil || len(entries.Items) < 8 {
		t.Fatal(len(entries.Items), err)
	}
	if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), "kupang", policies.SweepJournal)); err != nil {
		t.Fatal(err)
	}
	sc, err := w.Gate.Enter(w.officer(), policies.ReadJournal)
	if err != nil {
		t.Fatal(err)
	}
	activity, err := w.DB.Activity(t.Context(), sc, store.ActivityCriteria{}, store.Query{Limit: store.MaxLimit})
	if err != nil || len(activity.Items) == 0 {
		t.Fatal(len(activity.Items), err)
	}
	text, err := json.Marshal(append(entries.Items, activity.Items...))
	if err != nil || strings.Contains(string(text), "Rahasia") {
		t.Errorf("a person's name is in the journal (%v)", err)
	}
}

// Two people of one organisation save at once: the second is told.
func TestAStaleSectionIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	edit := organisations.Edit{Answers: answers(organisations.Finance)}
	if _, err := w.EditSection(ctx, organisations.Finance, p.Version, edit); err != nil {
		t.Fatal(err)
	}
	if _, err := w.EditSection(ctx, organisations.Finance, p.Version, edit); fault.KindOf(err) != fault.Stale {
		t.Errorf("the second: %v", err)
	}
}

// A name alone opens no passport: only who speaks for an organisation brings it along.
func TestAnInvitedOrganisationIsNewUnlessItsOwnPersonComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seats, err := w.People.SeedSeats(t.Context(), "ende", "perahu-sasando-7", []people.Seed{
		{Of: people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}, Login: "ina@example.org", Name: "Ina", Roles: []policies.Role{policies.CSOCoordinator}},
		{Of: people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}, Login: "ani@example.org", Name: "Ani", Roles: []policies.Role{policies.Member}},
	})
	if err != nil || len(seats) != 2 {
		t.Fatal(err)
	}
	bring := func(login string) tenants.OrganisationID {
		b, err := w.Invite(w.officer(), organisations.NewOrganisation{Name: "YAYASAN", Side: policies.CSO, Login: login, Person: "Orang"})
		if err != nil || b.Link == "" || b.State != organisations.Draft {
			t.Fatal(b, err)
		}
		return b.Organisation
	}
	if of := bring("ina@example.org"); of != "og_yayasan" {
		t.Errorf("its coordinator brought %s", of)
	}
	if of := bring("ani@example.org"); of == "og_yayasan" {
		t.Error("a member without a say brought the organisation")
	}
	if of := bring("stranger@example.org"); of == "og_yayasan" {
		t.Error("a stranger got the organisation by its name")
	}
	_, err = w.Invite(w.officer(), organisations.NewOrganisation{Name: "Baru", Side: policies.CSO, Login: "x@example.org"})
	if !hasField(err, "person", "required") {
		t.Errorf("nobody is named: %v", err)
	}
	if list, err := w.List(w.officer(), organisations.Criteria{Words: "baru"}, store.Query{}); err != nil || len(list.Items) != 0 {
		t.Errorf("a refused invitation left %v, %v", list, err)
	}
}

// Making an organisation twice, also after a start that was cut off, is making it once.
func TestAnOrganisationIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	of := people.Organisation{ID: "og_yayasan", Name: "Yayasan", Side: policies.CSO}
	before := w.member(t, "og_yayasan")
	if again := w.ensure(t, "kupang", of); again.ID != before.ID || again.Version != before.Version {
		t.Errorf("again: %+v", again)
	}
	if other := w.ensure(t, "ende", of); other.ID == before.ID {
		t.Error("two tenants share a membership")
	}
	if p, err := w.Mine(w.coordinator("og_yayasan")); err != nil || p.Version != 1 {
		t.Errorf("%v, %v", p, err)
	}
}
