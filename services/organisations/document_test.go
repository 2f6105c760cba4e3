package organisations_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/uploads"
)

const pdf = "%PDF-1.4\n% contoh"

// add puts a document into a passport that is filled in.
func (w *world) add(t *testing.T, of string, facts organisations.DocumentFacts, file string) (*organisations.Passport, organisations.Document) {
	t.Helper()
	p, err := w.Mine(w.coordinator(of))
	if err != nil {
		t.Fatal(err)
	}
	if p, err = w.AddDocument(w.coordinator(of), p.Version, facts, "akta.pdf", strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	return p, p.Documents[len(p.Documents)-1]
}

// hand attests what is there and submits it.
func (w *world) hand(t *testing.T, of string) *organisations.Member {
	t.Helper()
	p, err := w.Mine(w.coordinator(of))
	if err != nil {
		t.Fatal(err)
	}
	w.attest(t, of, p)
	m := w.member(t, of)
	if m, err = w.Submit(w.signatory(of), m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	return m
}

func content(t *testing.T, file io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestADocumentIsReadByItsOwnersAndOnceItIsSubmittedByAgencies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, "og_yayasan")
	p, d := w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "deed", Number: " 12 ", Issuer: "Notaris", IssuedOn: "2015-03-02"}, pdf)
	if d.Number != "12" || d.File.Type != "application/pdf" || d.File.Size != int64(len(pdf)) || p.Current() {
		t.Fatalf("%+v, still attested: %v; a document is part of what is attested", d, p.Current())
	}
	_, file, err := w.OwnDocument(w.as("og_yayasan", policies.CSO, policies.Signatory), d.ID)
	if got := content(t, file, err); got != pdf {
		t.Errorf("read back %q", got)
	}
	m := w.member(t, "og_yayasan")
	reads := func(who context.Context) error {
		_, file, err := w.MemberDocument(who, m.ID, d.ID)
		if err == nil {
			content(t, file, err)
		}
		return err
	}
	if err := reads(w.officer()); fault.KindOf(err) != fault.Missing {
		t.Errorf("an agency reads it before it is submitted: %v", err)
	}
	w.hand(t, "og_yayasan")
	for name, row := range map[string]struct {
		who  context.Context
		kind fault.Kind
	}{
		"an agency":                {w.officer(), 0},
		"another agency":           {w.as("og_badan", policies.Agency, policies.Approver), 0},
		"the organisation itself":  {w.coordinator("og_yayasan"), 0},
		"a third organisation":     {w.coordinator("og_third"), fault.Missing},
		"a member of the tenant":   {w.as("og_third", policies.CSO, policies.Member), fault.Missing},
		"an agency somewhere else": {w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer), fault.Missing},
	} {
		if err := reads(row.who); err == nil && row.kind != 0 || err != nil && (row.kind == 0 || fault.KindOf(err) != row.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := w.OwnDocument(w.coordinator("og_third"), d.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("a third organisation's own: %v", err)
	}
}

func TestAFileStaysForWhoReadsAnAttestedVersionAndElseGoesWithItsDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	w.fill(t, "og_yayasan")
	_, kept := w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "deed"}, pdf)
	m := w.hand(t, "og_yayasan")
	p, gone := w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "other"}, pdf)
	for _, id := range []string{kept.ID, gone.ID} {
		var err error
		if p, err = w.RemoveDocument(ctx, id, p.Version); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.Documents) != 0 {
		t.Fatalf("left: %+v", p.Documents)
	}
	_, file, err := w.MemberDocument(w.officer(), m.ID, kept.ID)
	if got := content(t, file, err); got != pdf {
		t.Errorf("the submitted version's file: %q", got)
	}
	home, err := w.Gate.Home(ctx, policies.ReadPassport)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Files.Stat(ctx, home, string(p.ID)+"-"+gone.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("the file that nobody attested: %v", err)
	}
	if _, err := w.RemoveDocument(ctx, gone.ID, p.Version); fault.KindOf(err) != fault.Missing {
		t.Errorf("removed twice: %v", err)
	}
}

func TestHostileDocumentsAreRefusedAndLeaveNoFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	good := organisations.DocumentFacts{Type: "deed"}
	for _, row := range []struct {
		name  string
		facts organisations.DocumentFacts
		file  io.Reader
		seen  tenants.Version
		field string
		code  string
	}{
		{"no type", organisations.DocumentFacts{}, strings.NewReader(pdf), p.Version, "type", "required"},
		{"days reversed", organisations.DocumentFacts{Type: "deed", IssuedOn: "2026-01-02", ExpiresOn: "2026-01-01"}, strings.NewReader(pdf), p.Version, "expires_on", "period_reversed"},
		{"a number of another direction", organisations.DocumentFacts{Type: "deed", Number: "12\u202e34"}, strings.NewReader(pdf), p.Version, "number", "control_characters"},
		{"an issuer far too long", organisations.DocumentFacts{Type: "deed", Issuer: strings.Repeat("x", 301)}, strings.NewReader(pdf), p.Version, "issuer", "too_long"},
		{"an empty file", good, strings.NewReader(""), p.Version, "file", "required"},
		{"a page with script", good, strings.NewReader("<html><script>alert(1)</script>"), p.Version, "file", "file_type"},
		{"a drawing with script", good, strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), p.Version, "file", "file_type"},
		{"a program", good, strings.NewReader("MZ\x90\x00"), p.Version, "file", "file_type"},
		{"an archive", good, strings.NewReader("PK\x03\x04"), p.Version, "file", "file_type"},
		{"a file far too long", good, io.MultiReader(strings.NewReader(pdf), bytes.NewReader(make([]byte, organisations.MaxDocumentFile))), p.Version, "", "file_too_large"},
		{"from an old version", good, strings.NewReader(pdf), p.Version + 1, "", "stale"},
	} {
		_, err := w.AddDocument(ctx, row.seen, row.facts, "akta.pdf", row.file)
		if row.field == "" && fault.CodeOf(err) != row.code || row.field != "" && !hasField(err, row.field, row.code) {
			t.Errorf("%s: %v, want %s %s", row.name, err, row.field, row.code)
		}
	}
	home, err := w.Gate.Home(ctx, policies.ReadPassport)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Files.Each(ctx, home, func(f uploads.File) error { t.Errorf("left behind: %s", f.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddDocument(w.signatory("og_yayasan"), p.Version, good, "akta.pdf", strings.NewReader(pdf)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a signatory adds one: %v", err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	p, err = w.AddDocument(ctx, p.Version, good, "../../etc/\u202epasswd\x00.png", &picture)
	if err != nil || p.Documents[0].Name != "passwd.png" || p.Documents[0].File.Type != "image/png" {
		t.Errorf("a picture with a name from hell: %+v, %v", p, err)
	}
}

// A document is followed to its last day in the tenant it was submitted to: its
// organisation finds it in its work, and agencies learn that it is over.
func TestADocumentIsRemindedOfAndExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, "og_yayasan")
	today := clocks.DayOf(w.Clock.Now(), time.UTC)
	last := today.Add(40)
	_, d := w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "domicile", ExpiresOn: last}, pdf)
	w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "deed"}, pdf)
	w.hand(t, "og_yayasan")

	only := func(who context.Context, state organisations.DocumentState) *organisations.Expiry {
		t.Helper()
		page, err := w.Expiries(who, organisations.ExpiryCriteria{}, store.Query{})
		if err != nil || len(page.Items) != 1 || page.Items[0].State != state || page.Items[0].ExpiresOn != last {
			t.Fatalf("%+v, %v; want one that is %s", page, err, state)
		}
		return page.Items[0]
	}
	waits := func(n int) {
		t.Helper()
		list, err := w.Waiting(w.coordinator("og_yayasan"))
		if err != nil || count(list, work.RenewDocument) != n {
			t.Errorf("%+v, %v; want %d documents to renew", list, err, n)
		}
	}
	wake := func() {
		t.Helper()
		if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
			t.Fatal(err)
		}
	}
	x := only(w.officer(), organisations.DocumentValid)
	if _, err := w.Expiry(w.coordinator("og_third"), x.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("a third organisation: %v", err)
	}
	waits(0)
	w.Clock.Forward(10 * 24 * time.Hour)
	only(w.officer(), organisations.DocumentExpiring) // late wakers do no harm
	waits(1)
	wake()
	told := func(kinds ...work.Told) {
		t.Helper()
		if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), "kupang", policies.SweepJournal)); err != nil {
			t.Fatal(err)
		}
		entries, err := w.DB.After(t.Context(), w.Gate.System(t.Context(), "kupang", policies.FollowJournal), 0, 500)
		if err != nil {
			t.Fatal(err)
		}
		var got []work.Told
		for _, e := range entries {
			concerns, err := w.Concerned(t.Context(), w.Gate.System(t.Context(), "kupang", policies.FollowJournal), e)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range concerns {
				if e.Kind == "document_expiry" {
					got = append(got, c.Told)
				}
			}
		}
		if !slices.Equal(got, kinds) {
			t.Errorf("told %v, want %v", got, kinds)
		}
	}
	told(work.DocumentExpiring)
	w.Clock.Forward(31 * 24 * time.Hour)
	wake()
	only(w.coordinator("og_yayasan"), organisations.DocumentExpired)
	told(work.DocumentExpiring, work.DocumentExpired, work.DocumentExpired)
	waits(1)

	m := w.member(t, "og_yayasan")
	m, err := w.Check(w.officer(), m.ID, m.Version)
	if err == nil {
		_, err = w.Return(w.officer(), m.ID, m.Version, organisations.Reason{Reason: "Perbarui domisili."})
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Mine(w.coordinator("og_yayasan"))
	if err == nil {
		_, err = w.RemoveDocument(w.coordinator("og_yayasan"), d.ID, p.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.hand(t, "og_yayasan")
	only(w.officer(), organisations.Replaced)
	waits(0)
}

// An agency that joins later reads the expiries of before.
func TestAnAgencyThatJoinsReadsWhatExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, "og_yayasan")
	w.add(t, "og_yayasan", organisations.DocumentFacts{Type: "domicile", ExpiresOn: "2027-01-31"}, pdf)
	w.hand(t, "og_yayasan")
	late := w.as("og_late", policies.Agency, policies.ProgramOfficer)
	seen := func() int {
		page, err := w.Expiries(late, organisations.ExpiryCriteria{}, store.Query{})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	if seen() != 0 {
		t.Error("a stranger reads expiries")
	}
	w.ensure(t, "kupang", people.Organisation{ID: "og_late", Name: "Telat", Side: policies.Agency})
	if seen() != 1 {
		t.Error("an agency that joined reads none")
	}
}
