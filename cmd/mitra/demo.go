package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
)

// account is a line of demo-accounts.json (DESIGN.md §5.1).
type account struct {
	Tenant       tenants.TenantID `json:"tenant"`
	Organisation string           `json:"organisation"`
	Side         policies.Side    `json:"side"`
	Role         policies.Role    `json:"role"`
	Person       string           `json:"person"`
	Email        string           `json:"email"`
	Password     string           `json:"password"`
	Token        string           `json:"token"`
}

// seedDemo fills an empty data directory with two invented tenants and writes who may
// sign in to a file of the data directory. A directory that has the file is left as it is.
func seedDemo(ctx context.Context, h *house, cfg Config) error {
	path := cfg.inData("demo-accounts.json")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := onlyEmpty(ctx, h); err != nil {
		return err
	}
	random := make([]byte, 12)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	d := &demo{house: h, password: "contoh-" + base64.RawURLEncoding.EncodeToString(random)}
	if err := errors.Join(d.tenant(ctx, "demo", "Contoh: NTT Bermitra", "CTH"), d.tenant(ctx, "demo2", "Contoh: Koalisi Kedua", "CTD")); err != nil {
		return err
	}
	for _, o := range demoOrganisations() {
		if err := d.seats(ctx, "demo", o, rolesOf(o.Side)); err != nil {
			return err
		}
	}
	for _, o := range []people.Organisation{organisationNamed("Dinas Contoh Dua", policies.Agency), organisationNamed("Yayasan Contoh Dua", policies.CSO)} {
		if err := d.seats(ctx, "demo2", o, rolesOf(o.Side)[1:2]); err != nil {
			return err
		}
	}
	if err := d.settings(ctx); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := d.passports(ctx); err != nil {
		return err
	}
	if err := d.findings(ctx); err != nil {
		return fmt.Errorf("findings: %w", err)
	}
	for i := range demoPrograms {
		if err := d.program(ctx, i); err != nil {
			return fmt.Errorf("program %d: %w", i+1, err)
		}
	}
	text, err := json.MarshalIndent(d.accounts, "", "  ") // #nosec G117 -- the invented accounts of the demo, in a file of mode 0600
	if err != nil {
		return err
	}
	return writePrivate(path, append(text, '\n'))
}

// onlyEmpty refuses to put invented people beside real ones.
func onlyEmpty(ctx context.Context, h *house) error {
	spaces, err := h.db.Registry().Tenants(ctx)
	if err != nil {
		return err
	}
	_, nobody, err := h.people.SetUpLink(ctx)
	if err == nil && (len(spaces) > 0 || !nobody) {
		err = usageError("--demo fills an empty data directory, and this one holds something: give another one with --data")
	}
	return err
}

// demoOrganisations are invented: two agencies and six CSOs.
func demoOrganisations() []people.Organisation {
	list := []people.Organisation{}
	for _, name := range []string{"Dinas Pemberdayaan Contoh", "Badan Perencanaan Contoh"} {
		list = append(list, organisationNamed(name, policies.Agency))
	}
	for _, name := range []string{
		"Yayasan Air Contoh", "Perkumpulan Tani Contoh", "Yayasan Difabel Contoh", "Jaringan Perempuan Contoh",
		"Lembaga Pesisir Contoh", "Forum Pemuda Contoh",
	} {
		list = append(list, organisationNamed(name, policies.CSO))
	}
	return append(list, organisationNamed("Universitas Contoh", policies.Other))
}

func rolesOf(side policies.Side) []policies.Role {
	var list []policies.Role
	for _, r := range policies.Roles() {
		if r.Seatable() && r.MayBeHeldBy(side) {
			list = append(list, r)
		}
	}
	return list
}

type demo struct {
	*house
	password string
	accounts []account
	seated   map[string]*people.Seat // by organisation and role
}

func (d *demo) tenant(ctx context.Context, slug, name, short string) error {
	_, err := d.people.AddTenant(ctx, people.NewTenant{Slug: slug, Name: name, Short: short, Zone: "Asia/Makassar", Demo: true})
	if err != nil && hasField(err, "tenant_taken") {
		return nil // a start that was cut off goes on
	}
	return err
}

func hasField(err error, code string) bool {
	refusal, ok := errors.AsType[*fault.Error](err)
	return ok && len(refusal.Fields) > 0 && refusal.Fields[0].Code == code
}

var givenNames = []string{"Ina", "Budi", "Maria", "Yohanes", "Sri", "Tius", "Ani", "Markus", "Rambu", "Petrus", "Dewi", "Agus"}

// seats makes one person for each role, named so that everybody sees they are invented.
func (d *demo) seats(ctx context.Context, tenant tenants.TenantID, of people.Organisation, roles []policies.Role) error {
	var seeds []people.Seed
	slug := strings.ToLower(strings.ReplaceAll(of.Name, " ", "-"))
	for i, role := range roles {
		seeds = append(seeds, people.Seed{
			Of: of, Name: givenNames[(i+len(of.Name))%len(givenNames)] + " Contoh",
			Login: fmt.Sprintf("%s@%s.example.org", strings.ReplaceAll(string(role), "_", "-"), slug), Roles: []policies.Role{role},
		})
	}
	if err := d.enrol(ctx, tenant, of); err != nil {
		return err
	}
	seats, err := d.people.SeedSeats(ctx, tenant, d.password, seeds)
	if err != nil {
		return err
	}
	for i, seat := range seats {
		made, err := d.people.CreateToken(tenants.WithActor(ctx, seat.Actor()), people.NewToken{Name: "contoh", Days: 365})
		if err != nil {
			return err
		}
		if d.seated == nil {
			d.seated = map[string]*people.Seat{}
		}
		d.seated[of.Name+"/"+string(roles[i])] = seat
		d.accounts = append(d.accounts, account{
			Tenant: tenant, Organisation: of.Name, Side: of.Side, Role: roles[i], Person: seat.Name, Email: seeds[i].Login,
			Password: d.password, Token: made.Secret,
		})
	}
	return nil
}

func (d *demo) as(ctx context.Context, organisation string, role policies.Role) context.Context {
	return tenants.WithActor(ctx, d.seated[organisation+"/"+string(role)].Actor())
}

// demoProgram is an invented program: who leads, and how far it has come.
type demoProgram struct {
	title, purpose, agency, cso, place string
	latitude, longitude, indicator     string
	target, reached                    string
	until                              programs.State
}

var demoPrograms = []demoProgram{
	{"Air bersih untuk desa kering", "Dua belas desa memiliki sumur yang dirawat warga.", "Dinas Pemberdayaan Contoh", "Yayasan Air Contoh", "Desa Contoh Utara", "-10.16", "123.58", "Sumur yang berfungsi", "12", "5", programs.Active},
	{"Kebun sekolah", "Anak sekolah belajar menanam dan makan sayur setiap hari.", "Badan Perencanaan Contoh", "Perkumpulan Tani Contoh", "Desa Contoh Selatan", "-9.86", "124.28", "Sekolah dengan kebun", "20", "8", programs.Active},
	{"Musyawarah inklusif", "Warga difabel ikut menyusun rencana desa.", "Dinas Pemberdayaan Contoh", "Yayasan Difabel Contoh", "Desa Contoh Barat", "-8.50", "119.89", "Desa dengan musyawarah inklusif", "15", "6", programs.Active},
	{"Usaha perempuan pesisir", "Kelompok perempuan mengelola usaha olahan ikan.", "Badan Perencanaan Contoh", "Jaringan Perempuan Contoh", "Teluk Contoh", "-8.62", "122.21", "Kelompok usaha yang aktif", "30", "11", programs.Active},
	{"Terumbu karang warga", "Nelayan menjaga tiga kawasan terumbu.", "Dinas Pemberdayaan Contoh", "Lembaga Pesisir Contoh", "Pulau Contoh", "-8.35", "123.40", "Kawasan yang dijaga", "3", "1", programs.Suspended},
	{"Pemuda membaca data desa", "Pemuda membantu desa membaca anggarannya.", "Badan Perencanaan Contoh", "Forum Pemuda Contoh", "Kota Contoh", "-10.18", "123.61", "Pemuda terlatih", "60", "60", programs.Closing},
	{"Posyandu remaja", "Remaja mendapat layanan kesehatan yang ramah.", "Dinas Pemberdayaan Contoh", "Jaringan Perempuan Contoh", "Desa Contoh Timur", "-9.45", "124.48", "Posyandu remaja", "10", "", programs.BothAccepted},
	{"Benih lokal tahan kering", "Petani menyimpan dan menukar benih lokal.", "Badan Perencanaan Contoh", "Perkumpulan Tani Contoh", "Lembah Contoh", "-9.75", "120.27", "Rumah benih", "8", "", programs.Drafting},
	{"Jalan aman ke sekolah", "Anak difabel sampai di sekolah dengan aman.", "Dinas Pemberdayaan Contoh", "Yayasan Difabel Contoh", "Desa Contoh Tengah", "-9.10", "124.89", "Sekolah dengan jalan aman", "6", "", programs.Drafting},
	{"Sampah jadi pupuk", "Pasar tidak lagi membakar sampah.", "Badan Perencanaan Contoh", "Forum Pemuda Contoh", "Pasar Contoh", "-10.17", "123.60", "Pasar dengan komposter", "5", "5", programs.Closed},
	{"Radio warga", "Warga mendengar dan menanyakan layanan publik.", "Dinas Pemberdayaan Contoh", "Jaringan Perempuan Contoh", "Bukit Contoh", "-8.66", "121.66", "Siaran bersama instansi", "24", "9", programs.EndedEarly},
	{"Mangrove bersama", "Pesisir ditanami dan dirawat bersama.", "Badan Perencanaan Contoh", "Lembaga Pesisir Contoh", "Pantai Contoh", "-9.66", "120.26", "Hektare mangrove", "40", "17", programs.Active},
}

// dimensions break down what counts people, by sex and disability.
func (p demoProgram) dimensions() []programs.Dimension {
	if p.indicator != "Pemuda terlatih" {
		return nil
	}
	return []programs.Dimension{
		{Name: "Jenis kelamin", Categories: []programs.Category{{Name: "Perempuan"}, {Name: "Laki-laki"}}},
		{Name: "Disabilitas", Categories: []programs.Category{{Name: "Dengan disabilitas"}, {Name: "Tanpa disabilitas"}}},
	}
}

// program takes one invented program as far as it has come.
func (d *demo) program(ctx context.Context, i int) error {
	p := demoPrograms[i]
	cso, officer := d.as(ctx, p.cso, policies.CSOCoordinator), d.as(ctx, p.agency, policies.ProgramOfficer)
	made, err := d.programs.Start(cso, programs.Start{Title: p.title, Purpose: p.purpose, Partner: organisationNamed(p.agency, policies.Agency).ID})
	if err != nil {
		return err
	}
	if made, err = d.plan(cso, made, p, i); err != nil || p.until == programs.Drafting {
		return err
	}
	for _, as := range []context.Context{d.as(ctx, p.cso, policies.Signatory), d.as(ctx, p.agency, policies.Approver)} {
		if made, err = d.programs.Accept(as, made.ID, made.Version, programs.Acceptance{Hash: made.Accord.Hash}); err != nil {
			return err
		}
	}
	if made.State != programs.Active {
		return nil
	}
	made, err = d.programs.OpenReporting(officer, made.ID, made.Version, programs.Opening{From: made.From, To: made.To, Until: clocks.DayOf(d.gate.Now(), clockZone).Add(45)})
	if err != nil {
		return err
	}
	if p.reached != "" {
		if err := d.reach(cso, officer, made, p); err != nil {
			return err
		}
	}
	if err := d.finish(cso, officer, made, p.until); err != nil {
		return err
	}
	return d.amend(ctx, made, p)
}

// plan writes a year's workplan, budget, results and risks.
func (d *demo) plan(ctx context.Context, made *programs.Program, p demoProgram, i int) (*programs.Program, error) {
	now := clocks.DayOf(d.gate.Now(), clockZone)
	from := now.Add(-150 + 9*i)
	if p.until == programs.BothAccepted {
		from = now.Add(20)
	}
	to := from.Add(364)
	year := string(from)[:4]
	var err error
	steps := []func(tenants.Version) (*programs.Program, error){
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Basics{Title: p.title, Purpose: p.purpose, From: from, To: to})
		},
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Places{Places: []programs.Place{{Name: p.place, Country: "ID", Latitude: p.latitude, Longitude: p.longitude}}})
		},
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Activities{Activities: []programs.Activity{
				{Title: "Musyawarah awal", From: from, To: from.Add(30), Owner: p.cso},
				{Title: "Pelaksanaan bersama", From: from.Add(31), To: from.Add(270), DependsOn: []string{"ac1"}, Owner: p.cso},
				{Title: "Penilaian bersama", From: from.Add(271), To: to, DependsOn: []string{"ac2"}, Owner: p.agency},
			}})
		},
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Budget{Budget: []programs.BudgetLine{
				{Line: "Kegiatan lapangan", FiscalYear: year, Source: p.agency, Amount: rupiah(120_000_000 + int64(i)*15_000_000)},
				{Line: "Pendampingan", FiscalYear: year, Source: p.cso, Amount: rupiah(35_000_000 + int64(i)*2_500_000)},
			}})
		},
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Results{
				Results: []programs.ResultNode{{ID: "hasil", Level: programs.Outcome, Title: p.purpose}},
				Indicators: []programs.Indicator{{
					Node: "hasil", Title: p.indicator, Measure: programs.CountOf, Baseline: programs.Value{Value: "0"}, BaseOn: year,
					Targets: []programs.Target{{From: from, To: to, Value: programs.Value{Value: p.target}}}, Dimensions: p.dimensions(),
				}},
			})
		},
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.EditPlan(ctx, made.ID, v, programs.Risks{Risks: []programs.Risk{
				{Title: "Musim hujan menunda kegiatan", Likelihood: 3, Impact: 3, Response: "Jadwal cadangan disepakati sejak awal", Owner: p.cso},
			}})
		},
	}
	for _, step := range steps {
		if made, err = step(made.Version); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func rupiah(n int64) money.Money { return money.Money{Amount: n * 100, Currency: money.IDR} }

// reach reports what was reached, and the agency accepts it.
func (d *demo) reach(cso, officer context.Context, made *programs.Program, p demoProgram) error {
	a, err := d.programs.Report(cso, made.ID, programs.Report{
		Indicator: made.Indicators[0].ID, From: made.From, To: made.From.Add(90), Place: made.Places[0].ID,
		Value: programs.Value{Value: p.reached}, Cells: cellsOf(&made.Indicators[0]), Note: "Dihitung bersama di lapangan.", Evidence: "Daftar hadir dan foto (contoh).",
	})
	if err != nil {
		return err
	}
	if a, err = d.programs.Submit(cso, a.ID, a.Version); err != nil {
		return err
	}
	if p.indicator == "Hektare mangrove" {
		return nil // this one waits for the agency
	}
	if _, err = d.programs.AcceptActual(officer, a.ID, a.Version); err != nil {
		return err
	}
	return d.spend(cso, officer, made, p.until)
}

// spend reports what was spent of each line of the budget: the first is accepted, the
// second waits while the program runs.
func (d *demo) spend(cso, officer context.Context, made *programs.Program, until programs.State) error {
	for i, line := range made.Budget {
		spent := money.Money{Amount: line.Amount.Amount / 10 * int64(4-i), Currency: line.Amount.Currency}
		a, err := d.programs.Report(cso, made.ID, programs.Report{
			Line: line.ID, Spent: &spent, From: made.From, To: made.From.Add(90), Note: "Sesuai buku kas.", Evidence: "Kuitansi di kantor (contoh).",
		})
		if err != nil {
			return err
		}
		if a, err = d.programs.Submit(cso, a.ID, a.Version); err != nil {
			return err
		}
		if i > 0 && until == programs.Active {
			continue
		}
		if _, err = d.programs.AcceptActual(officer, a.ID, a.Version); err != nil {
			return err
		}
	}
	return nil
}

// cellsOf breaks sixty people down, where an indicator is broken down.
func cellsOf(ind *programs.Indicator) []programs.Cell {
	var list []programs.Cell
	for i, categories := range ind.Cells() {
		list = append(list, programs.Cell{Categories: categories, Value: programs.Value{Value: []string{"4", "29", "3", "24"}[i]}})
	}
	return list
}

// finish takes an active program on to where it stands.
func (d *demo) finish(cso, officer context.Context, made *programs.Program, until programs.State) (err error) {
	because := programs.Reason{Reason: "Pendanaan tahap kedua tidak tersedia."}
	steps := map[programs.State][]func(tenants.Version) (*programs.Program, error){
		programs.Suspended: {func(v tenants.Version) (*programs.Program, error) {
			return d.programs.Suspend(officer, made.ID, v, programs.Suspension{Reason: "Cuaca ekstrem", Stops: "Penyelaman", Until: clocks.DayOf(d.gate.Now(), clockZone).Add(45)})
		}},
		programs.EndedEarly: {
			func(v tenants.Version) (*programs.Program, error) {
				return d.programs.EndEarly(cso, made.ID, v, because)
			},
			func(v tenants.Version) (*programs.Program, error) {
				return d.programs.EndEarly(officer, made.ID, v, because)
			},
		},
	}
	closing := func(v tenants.Version) (*programs.Program, error) { return d.programs.Close(cso, made.ID, v) }
	steps[programs.Closing] = append(steps[programs.Closing], closing)
	steps[programs.Closed] = append(steps[programs.Closed], closing,
		func(v tenants.Version) (*programs.Program, error) { return d.programs.ConfirmClosing(cso, made.ID, v) },
		func(v tenants.Version) (*programs.Program, error) {
			return d.programs.ConfirmClosing(officer, made.ID, v)
		})
	for _, step := range steps[until] {
		if made, err = step(made.Version); err != nil {
			return err
		}
	}
	return nil
}
