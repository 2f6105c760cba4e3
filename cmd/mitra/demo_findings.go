package main

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants/store"
)

const demoAgency = "Dinas Pemberdayaan Contoh"

// findings makes an invented form, and due diligences and flags as far as they have come.
func (d *demo) findings(ctx context.Context) error {
	officer := d.as(ctx, demoAgency, policies.ProgramOfficer)
	made, err := d.forms.List(officer, forms.Criteria{}, store.Query{Limit: 1})
	if err != nil || len(made.Items) > 0 {
		return err // a start that was cut off goes on
	}
	form, err := d.form(officer)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		of    string
		risk  organisations.Risk
		reply string
		until organisations.DiligenceState
	}{
		{"Yayasan Air Contoh", organisations.LowRisk, "Terima kasih. Kami setuju dengan hasil ini.", organisations.DiligenceFinal},
		{"Yayasan Difabel Contoh", organisations.ModerateRisk, "Laporan audit tahun lalu sudah kami serahkan pada bulan Maret.", organisations.DiligenceReplied},
		{"Jaringan Perempuan Contoh", organisations.ModerateRisk, "", organisations.DiligenceSent},
		{"Lembaga Pesisir Contoh", organisations.SignificantRisk, "", organisations.DiligenceDraft},
	} {
		if err := d.look(ctx, form, one.of, one.risk, one.reply, one.until); err != nil {
			return err
		}
	}
	return d.concerns(ctx)
}

func both(indonesian, english string) forms.Text {
	return forms.Text{Indonesian: indonesian, English: english}
}

func yesNo() []forms.Option {
	return []forms.Option{{ID: "yes", Label: both("Ya", "Yes")}, {ID: "no", Label: both("Tidak", "No")}}
}

// form publishes questions of every kind that a check of an organisation needs.
func (d *demo) form(officer context.Context) (forms.VersionID, error) {
	f, err := d.forms.Start(officer, forms.Start{Title: both("Uji tuntas mitra OMS", "Due diligence of a CSO partner"), Purpose: forms.ForDueDiligence})
	if err != nil {
		return "", err
	}
	good := []forms.Option{{ID: "good", Label: both("Baik", "Good")}, {ID: "fair", Label: both("Cukup", "Fair")}, {ID: "weak", Label: both("Lemah", "Weak")}}
	f, err = d.forms.Edit(officer, f.ID, f.Version, forms.Edit{Title: f.Title, Purpose: f.Purpose, Fields: []forms.Field{
		{ID: "money", Kind: forms.Heading, Label: both("Keuangan", "Finance"), Help: both("Dari dokumen dan kunjungan ke kantor.", "From documents and a visit to the office.")},
		{ID: "audit", Kind: forms.Single, Required: true, Options: yesNo(), Label: both("Apakah laporan keuangan diaudit?", "Are the accounts audited?")},
		{ID: "audited_on", Kind: forms.Date, ShowIf: []forms.Ref{"audit:yes"}, Reusable: "audited_on", Label: both("Kapan audit terakhir?", "When was the last audit?")},
		{ID: "no_audit", Kind: forms.Long, Required: true, ShowIf: []forms.Ref{"audit:no"}, Label: both("Bagaimana pembukuan diperiksa?", "How are the books checked?")},
		{ID: "income", Kind: forms.Money, Label: both("Pendapatan tahun lalu", "Last year’s income")},
		{ID: "staff", Kind: forms.Number, Reusable: "staff", Label: both("Jumlah staf tetap", "Permanent staff")},
		{ID: "systems", Kind: forms.Matrix, Required: true, Options: good, Label: both("Bagaimana sistemnya?", "How are its systems?"), Rows: []forms.Option{
			{ID: "books", Label: both("Pembukuan", "Bookkeeping")}, {ID: "buying", Label: both("Pengadaan", "Procurement")}, {ID: "safe", Label: both("Perlindungan", "Safeguarding")},
		}},
		{ID: "trust", Kind: forms.Scale, Low: 1, High: 5, Label: both("Seberapa siap organisasi ini mengelola hibah?", "How ready is it to manage a grant?"), Help: both("1 belum siap, 5 sangat siap", "1 not ready, 5 very ready")},
		{ID: "met", Kind: forms.Short, Personal: true, Label: both("Siapa yang ditemui?", "Who was met?")},
		{ID: "where", Kind: forms.Place, Label: both("Tempat kunjungan", "Place of the visit")},
	}})
	if err != nil {
		return "", err
	}
	if f, err = d.forms.Publish(officer, f.ID, f.Version); err != nil {
		return "", err
	}
	return f.Latest(), nil
}

// member is an invented organisation's record in the invented tenant.
func (d *demo) member(ctx context.Context, name string) (*organisations.Member, error) {
	return d.organisations.Named(ctx, d.gate.System(ctx, "demo", policies.SeedDemo), name)
}

// look takes a due diligence as far as it has come.
func (d *demo) look(ctx context.Context, form forms.VersionID, of string, risk organisations.Risk, reply string, until organisations.DiligenceState) error {
	officer := d.as(ctx, demoAgency, policies.ProgramOfficer)
	m, err := d.member(ctx, of)
	if err != nil {
		return err
	}
	look, err := d.organisations.StartDueDiligence(officer, m.ID, organisations.StartDiligence{FormVersion: form})
	if err != nil {
		return err
	}
	income := money.Money{Amount: 850_000_000_00, Currency: money.IDR}
	in := organisations.EditDiligence{Risk: risk, Conclusion: "Pembukuan rapi dan pengurus aktif. Pengadaan perlu aturan tertulis.", Answers: forms.Together(look.Answers, forms.Answers{
		"audit": {Text: "yes"}, "audited_on": {Text: "2026-03-15"}, "income": {Money: &income}, "systems": {Cells: map[string]string{"books": "good", "buying": "fair", "safe": "good"}},
		"trust": {Text: "4"}, "met": {Text: "Ina Contoh"}, "where": {Place: &forms.Spot{Name: "Kantor " + of, Latitude: "-10.16", Longitude: "123.58"}},
	})}
	if look, err = d.organisations.EditDueDiligence(officer, look.ID, look.Version, in); err != nil || until == organisations.DiligenceDraft {
		return err
	}
	if look, err = d.organisations.SendDueDiligence(officer, look.ID, look.Version, organisations.SendDiligence{}); err != nil || until == organisations.DiligenceSent {
		return err
	}
	if look, err = d.organisations.ReplyToDueDiligence(d.as(ctx, of, policies.CSOCoordinator), look.ID, look.Version, organisations.Answer{Reply: reply}); err != nil || until == organisations.DiligenceReplied {
		return err
	}
	_, err = d.organisations.FinaliseDueDiligence(d.as(ctx, demoAgency, policies.Approver), look.ID, look.Version, organisations.Finalise{ValidUntil: clocks.DayOf(d.gate.Now(), clockZone).Add(365)})
	return err
}

// concerns are two flags: one upheld, with its reply, and one that waits for it.
func (d *demo) concerns(ctx context.Context) error {
	const agency, of = "Badan Perencanaan Contoh", "Lembaga Pesisir Contoh"
	officer := d.as(ctx, agency, policies.ProgramOfficer)
	m, err := d.member(ctx, of)
	if err != nil {
		return err
	}
	f, err := d.organisations.ProposeFlag(officer, m.ID, organisations.NewFlag{
		Severity: organisations.Note, Category: "performance", Reason: "Dua laporan kegiatan diserahkan lewat dari tanggal yang disepakati.", Evidence: "Catatan penerimaan laporan (contoh).",
	})
	if err != nil {
		return err
	}
	f, err = d.organisations.ReplyToFlag(d.as(ctx, of, policies.Signatory), f.ID, f.Version, organisations.Answer{Reply: "Kapal tidak berlayar selama tiga minggu karena cuaca. Laporan berikutnya tepat waktu."})
	if err != nil {
		return err
	}
	_, err = d.organisations.UpholdFlag(d.as(ctx, agency, policies.Approver), f.ID, f.Version, organisations.Uphold{
		Reason: "Keterlambatan benar terjadi dan sebabnya diterima. Ditinjau lagi dalam enam bulan.", ReviewDueOn: clocks.DayOf(d.gate.Now(), clockZone).Add(180),
	})
	if err != nil {
		return err
	}
	if m, err = d.member(ctx, "Forum Pemuda Contoh"); err != nil {
		return err
	}
	_, err = d.organisations.ProposeFlag(officer, m.ID, organisations.NewFlag{
		Severity: organisations.Caution, Category: "financial", Reason: "Bukti belanja bulan Agustus belum lengkap.", Evidence: "Hasil pemeriksaan berkas (contoh).",
	})
	return err
}
