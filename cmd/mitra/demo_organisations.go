package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

// demoPassport is how far an invented organisation's verification has come.
type demoPassport struct {
	name, form string
	group      organisations.Group
	ledBy      bool
	until      organisations.State
	place      string
	fields     []organisations.Field
}

var demoPassports = []demoPassport{
	{"Dinas Pemberdayaan Contoh", "agency_unit", "", false, organisations.Verified, "Kota Kupang", []organisations.Field{"governance", "participation"}},
	{"Badan Perencanaan Contoh", "agency_unit", "", false, organisations.Submitted, "Kota Kupang", []organisations.Field{"governance", "research_data"}},
	{"Yayasan Air Contoh", "yayasan", "children", false, organisations.Verified, "Kabupaten Kupang", []organisations.Field{"water_sanitation", "health"}},
	{"Perkumpulan Tani Contoh", "perkumpulan", "elderly", false, organisations.InCheck, "Timor Tengah Selatan", []organisations.Field{"agriculture", "livelihoods"}},
	{"Yayasan Difabel Contoh", "yayasan", "disability", true, organisations.Verified, "Kota Kupang", []organisations.Field{"disability_inclusion", "human_rights"}},
	{"Jaringan Perempuan Contoh", "network", "women", true, organisations.Submitted, "Belu", []organisations.Field{"gender_equality", "legal_aid"}},
	{"Lembaga Pesisir Contoh", "unincorporated_skt", "indigenous", false, organisations.Returned, "Rote Ndao", []organisations.Field{"fisheries_coast", "environment_climate"}},
}

// enrol makes an invented organisation a member of an invented tenant.
func (d *demo) enrol(ctx context.Context, tenant tenants.TenantID, of people.Organisation) error {
	_, err := d.organisations.Ensure(ctx, d.gate.System(ctx, tenant, policies.SeedDemo), of)
	return err
}

// passports fill what the organisations say of themselves, and check some of it.
func (d *demo) passports(ctx context.Context) error {
	for i, p := range demoPassports {
		if err := d.passport(ctx, p, i); err != nil {
			return fmt.Errorf("passport of %s: %w", p.name, err)
		}
	}
	return nil
}

func (d *demo) passport(ctx context.Context, p demoPassport, i int) error {
	role, checker := policies.CSOCoordinator, "Dinas Pemberdayaan Contoh"
	if p.form == "agency_unit" {
		role = policies.ProgramOfficer
	}
	if p.name == checker {
		checker = "Badan Perencanaan Contoh"
	}
	editor := d.as(ctx, p.name, role)
	made, err := d.organisations.Mine(editor)
	if err != nil {
		return err
	}
	if made.Attested != nil {
		return nil // a start that was cut off goes on
	}
	if made, err = d.answers(editor, made, p, i); err != nil {
		return err
	}
	if made, err = d.documents(editor, made, i); err != nil {
		return err
	}
	signatory := d.as(ctx, p.name, policies.Signatory)
	if _, err = d.organisations.Attest(signatory, made.Version, organisations.Attest{Hash: made.Hash}); err != nil {
		return err
	}
	return d.verify(ctx, signatory, checker, p.until)
}

// answers fill every part of a passport.
func (d *demo) answers(ctx context.Context, made *organisations.Passport, p demoPassport, i int) (*organisations.Passport, error) {
	var err error
	for _, section := range organisations.Sections() {
		in := organisations.Edit{Answers: demoAnswers(section, p, i)}
		if section == organisations.Inclusion && p.group != "" {
			in.Experience = []organisations.Experience{{Group: p.group, LedBy: p.ledBy, Years: 3 + i, Note: "Contoh pengalaman rekaan.", Visibility: "public"}}
		}
		if section == organisations.Capacity {
			in.Fields = p.fields
			in.Places = []organisations.Place{{Country: "ID", Name: p.place}}
		}
		if made, err = d.organisations.EditSection(ctx, section, made.Version, in); err != nil {
			return nil, err
		}
	}
	made, err = d.organisations.EditIdentifiers(ctx, made.Version, organisations.Identifiers{Identifiers: []organisations.Identifier{
		{Scheme: "XI-CONTOH", Value: fmt.Sprintf("CTH-%04d", 17*i+1)},
	}})
	if err != nil {
		return nil, err
	}
	return d.organisations.EditPersons(ctx, made.Version, organisations.Persons{Persons: []organisations.OrgPerson{
		{Role: organisations.Chair, Name: givenNames[i%len(givenNames)] + " Contoh", From: "2024-01-01", To: "2028-12-31", SignsFor: true},
		{Role: organisations.Treasurer, Name: givenNames[(i+5)%len(givenNames)] + " Contoh", From: "2024-01-01"},
	}})
}

// documents give an organisation a deed, and every third a certificate that ends soon.
func (d *demo) documents(ctx context.Context, made *organisations.Passport, i int) (*organisations.Passport, error) {
	if len(made.Documents) > 0 {
		return made, nil
	}
	today := clocks.DayOf(d.clock.now(), time.UTC)
	list := []organisations.DocumentFacts{{Type: "deed", Number: fmt.Sprintf("CTH/%d/2015", 40+i), Issuer: "Notaris Contoh", IssuedOn: "2015-03-02"}}
	if i%3 == 2 {
		list = append(list, organisations.DocumentFacts{Type: "domicile", Number: fmt.Sprintf("CTH/D/%d", i), Issuer: "Kelurahan Contoh", IssuedOn: today.Add(-345), ExpiresOn: today.Add(20)})
	}
	for _, facts := range list {
		var err error
		file := strings.NewReader(demoPDF(string(facts.Type)))
		if made, err = d.organisations.AddDocument(ctx, made.Version, facts, "contoh-"+string(facts.Type)+".pdf", file); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// demoPDF is an invented document of one line.
func demoPDF(text string) string {
	page := "BT /F1 24 Tf 72 720 Td (Contoh: " + text + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(page), page), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	b, offsets := strings.Builder{}, ""
	b.WriteString("%PDF-1.4\n")
	for n, object := range objects {
		offsets += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, offsets, len(objects)+1, start)
	return b.String()
}

func demoAnswers(section organisations.Section, p demoPassport, i int) organisations.Answers {
	number := func(n int) string { return fmt.Sprint(n) }
	switch section {
	case organisations.Identity:
		return organisations.Answers{
			"legal_name": p.name, "legal_form": p.form, "address": fmt.Sprintf("Jalan Contoh %d, Kupang (rekaan)", i+1), "country": "ID",
			"founded_on": fmt.Sprintf("20%02d-0%d-15", 5+i, 1+i), "website": fmt.Sprintf("https://organisasi-%d.example.org", i+1),
		}
	case organisations.Governance:
		return organisations.Answers{"bylaws": "yes", "board_chosen": "Dipilih rapat anggota setiap empat tahun.", "board_size": number(5 + i), "board_women": number(2 + i/2), "board_meetings": "4", "conflict_policy": "yes"}
	case organisations.Finance:
		return organisations.Answers{"bookkeeping": "spreadsheet", "two_signatures": "yes", "audit": []string{"external", "internal", "never"}[i%3], "tax_reports": "yes"}
	case organisations.Capacity:
		return organisations.Answers{"staff": number(4 + 3*i), "volunteers": number(10 * i), "works_where": "Beberapa kabupaten contoh di Nusa Tenggara Timur.", "expertise": "Pendampingan warga dan musyawarah desa."}
	case organisations.Safeguarding:
		return organisations.Answers{"child_policy": "yes", "abuse_policy": "yes", "complaints": "Kotak aduan di kantor dan nomor telepon contoh.", "data_policy": "no"}
	case organisations.Inclusion:
		return organisations.Answers{"accessible_office": []string{"yes", "no"}[i%2], "accommodations": "Juru bahasa isyarat atas permintaan."}
	}
	return nil
}

// verify takes a submission as far as it has come.
func (d *demo) verify(ctx, signatory context.Context, checker string, until organisations.State) error {
	m, err := d.organisations.Own(signatory)
	if err != nil {
		return err
	}
	if m, err = d.organisations.Submit(signatory, m.ID, m.Version); err != nil || until == organisations.Submitted {
		return err
	}
	officer := d.as(ctx, checker, policies.ProgramOfficer)
	if m, err = d.organisations.Check(officer, m.ID, m.Version); err != nil || until == organisations.InCheck {
		return err
	}
	if until == organisations.Returned {
		_, err = d.organisations.Return(officer, m.ID, m.Version, organisations.Reason{Reason: "Alamat pada akta berbeda dengan alamat kantor."})
		return err
	}
	valid := clocks.DayOf(d.gate.Now(), clockZone).Add(730)
	_, err = d.organisations.Confirm(d.as(ctx, checker, policies.Approver), m.ID, m.Version, organisations.Confirm{ValidUntil: valid})
	return err
}
