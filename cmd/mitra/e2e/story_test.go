package e2e_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const password = "perahu-sasando-7"

// join opens an invitation from the command line in a new browser.
func (s *server) join(t *testing.T, p person, organisation, side, role, email, name string) *browser {
	t.Helper()
	link := s.run(t, "person", "invite", "--tenant", "kupang", "--organisation", organisation, "--side", side, "--role", role, "--email", email, "--name", name)
	b := newBrowser(t, 1280, 800, p)
	b.open(link)
	b.sees("Anda diundang")
	b.fill("Kata sandi baru", password)
	b.press("Terima undangan")
	b.sees("Selamat datang, " + name)
	return b
}

// From the set-up link to an accepted actual: an agency and a CSO draft, accept and
// report, each in a browser of their own.
func story(t *testing.T, p person, servers int) {
	t.Helper()
	s := start(t, t.TempDir())
	other := s
	if servers > 1 {
		other = start(t, s.data)
	}
	link, err := os.ReadFile(filepath.Join(s.data, "setup-link"))
	if err != nil {
		t.Fatal(err)
	}
	admin := newBrowser(t, 1280, 800, p)
	admin.open(strings.TrimSpace(string(link)))
	admin.shot("set-up")
	admin.fill("Nama", "Pengelola Contoh")
	admin.fill("Surel atau nomor telepon", "pengelola@example.org")
	admin.fill("Kata sandi baru", password)
	admin.press("Mulai")
	admin.sees("Ruang kerja sama baru")
	if _, err := os.Stat(filepath.Join(s.data, "setup-link")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of the link that was used: %v", err)
	}
	admin.fill("Nama alamat", "kupang")
	admin.fill("Nama", "kupang") // the slug's hint begins alike; the next field is the name
	admin.press("Buat")
	admin.sees("/kupang")
	admin.shot("account")

	coordinator := s.join(t, p, "Yayasan Air", "cso", "cso_coordinator", "maria@example.org", "Maria")
	officer := other.join(t, p, "Dinas Air", "agency", "program_officer", "ina@example.org", "Ina")
	signatory := s.join(t, p, "Yayasan Air", "cso", "signatory", "tius@example.org", "Tius")
	approver := other.join(t, p, "Dinas Air", "agency", "approver", "budi@example.org", "Budi")

	coordinator.open(s.url + "/kupang/programs")
	coordinator.sees("Belum ada program di sini")
	coordinator.press("Mulai program")
	coordinator.press("Mulai program") // nothing typed
	coordinator.sees("Ada isian yang perlu diperbaiki")
	coordinator.shot("errors")
	coordinator.fill("Judul", "Air bersih di Timor")
	coordinator.fill("Tujuan", "Sumur bagi 12 desa")
	coordinator.choose("Pemimpin di pihak lain", "Dinas Air")
	coordinator.press("Mulai program")
	coordinator.sees("Giliran pihak OMS")
	page := coordinator.address()

	coordinator.open(page + "/basics")
	coordinator.day("Mulai", "1", "1", "2026")
	coordinator.day("Selesai", "31", "13", "2027")
	coordinator.press("Simpan")
	coordinator.sees("Tanggal ini tidak ada")
	coordinator.day("Selesai", "31", "12", "2099")
	coordinator.press("Simpan")
	coordinator.sees("31 Desember 2099")

	coordinator.open(page + "/results")
	coordinator.choose("Tingkat", "Keluaran")
	coordinator.fill("Hasil", "Sumur berfungsi")
	coordinator.fill("Indikator", "Jumlah sumur")
	coordinator.choose("Jenis nilai", "Jumlah")
	coordinator.fill("Garis dasar", "2")
	coordinator.press("Simpan")
	coordinator.sees("Jumlah sumur")
	coordinator.shot("results")
	coordinator.open(page)
	coordinator.press("Serahkan giliran")
	coordinator.sees("Giliran pihak instansi")

	there := func(address string) string { return strings.Replace(address, s.url, other.url, 1) }
	officer.open(there(page) + "/activities")
	officer.fill("Kegiatan", "Survei bersama")
	officer.day("Mulai", "1", "2", "2026")
	officer.day("Selesai", "30", "6", "2026")
	officer.press("Simpan")
	officer.sees("Survei bersama")
	officer.shot("plan")

	signatory.open(page)
	signatory.press("Terima rencana ini")
	signatory.sees("Sudah diterima oleh OMS")
	approver.open(there(page))
	approver.press("Terima rencana ini")
	approver.sees("Berjalan")
	approver.shot("active")

	coordinator.open(page + "/actuals/new")
	coordinator.sees("Masa ini terkunci untuk pelaporan")
	officer.open(there(page) + "?section=results")
	officer.press("Buka untuk pelaporan")
	officer.press("Buka masa pelaporan")
	officer.sees("Terbuka sampai")
	officer.shot("opened")
	coordinator.open(page + "/actuals/new")
	coordinator.day("Mulai", "1", "1", "2026")
	coordinator.day("Selesai", "30", "6", "2026")
	coordinator.fill("Angka", "7")
	coordinator.fill("Bukti", "Foto dan daftar hadir")
	coordinator.press("Simpan")
	coordinator.press("Kirim ke pihak lain")
	coordinator.sees("Menunggu pihak lain")
	officer.open(there(coordinator.address()))
	officer.shot("actual")
	officer.press("Terima")
	officer.sees("Diterima")
	officer.eventually(other.url+"/kupang/activity", officer.say("Ina menerima capaian Jumlah sumur"))
	officer.shot("activity")
}

func TestFromTheSetUpLinkToAnAcceptedActual(t *testing.T) {
	t.Parallel()
	story(t, person{}, 1)
}

func TestTheSameStoryWithoutScript(t *testing.T) {
	t.Parallel()
	story(t, person{noScript: true}, 1)
}

func TestTheSameStoryByKeyboardAlone(t *testing.T) {
	t.Parallel()
	story(t, person{keyboard: true}, 1)
}

func TestTheSameStoryInEnglish(t *testing.T) {
	t.Parallel()
	story(t, person{english: true}, 1)
}

func TestTheSameStoryInEnglishByKeyboardAlone(t *testing.T) {
	t.Parallel()
	story(t, person{english: true, keyboard: true}, 1)
}

func TestTheSameStoryInEnglishWithoutScript(t *testing.T) {
	t.Parallel()
	story(t, person{english: true, noScript: true}, 1)
}

// Two servers on one data directory: the CSO's people use one, the agency's the other.
func TestTheSameStoryThroughTwoServers(t *testing.T) {
	t.Parallel()
	story(t, person{}, 2)
}

// Every page of the demo, at both widths and in both languages, for the eye; and none
// may be wider than its window.
func TestEveryPageFitsAtBothWidths(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	who := s.accounts(t)[0]
	for _, a := range s.accounts(t) {
		if a.Tenant == "demo" && a.Role == "program_officer" {
			who = a
			break
		}
	}
	for _, width := range []int{360, 1280} {
		b := newBrowser(t, width, 800, person{})
		b.open(s.url + "/sign-in")
		b.shot("sign-in")
		b.fill("Surel atau nomor telepon", who.Email)
		b.fill("Kata sandi", who.Password)
		b.press("Masuk")
		b.sees(who.Person)
		b.fits("home")
		b.open(s.url + "/demo/programs?state=active")
		b.fits("programs")
		b.press("Mangrove bersama")
		page := b.address()
		b.fits("program")
		for _, section := range []string{"results", "money", "history"} {
			b.open(page + "?section=" + section)
			b.fits(section)
		}
		for _, path := range []string{"/demo/people", "/demo/people/invite", "/demo/organisations", "/demo/organisations/new", "/demo/organisations/passport", "/demo/organisations/passport/identity", "/demo/organisations/passport/inclusion", "/demo/organisations/passport/persons", "/demo/organisations/passport/capacity", "/demo/organisations/passport/documents", "/demo/document-expiries", "/demo/exports/ours", "/demo/imports", "/demo/exports/iati", "/demo/activity", "/demo/journal/heads", "/demo/programs/new", "/me", "/me/second-step", "/api", "/demo/nowhere", "/problems/stale"} {
			b.open(s.url + path)
			b.fits(strings.Trim(strings.ReplaceAll(path, "/", "-"), "-"))
		}
		for _, row := range [][2]string{
			{"/demo/people", "seat"}, {"/demo/organisations?state=submitted", "organisation-submitted"},
			{"/demo/organisations?state=in_check", "organisation-in-check"}, {"/demo/programs?state=both_accepted", "program-accepted"},
		} {
			b.open(s.url + row[0])
			b.follow(`(//main//td//a)[1]`)
			b.fits(row[1])
		}
		b.open(s.url + "/me/second-step")
		b.press(map[int]string{360: "Siapkan", 1280: "Buat kunci lain"}[width])
		b.fits("second-step-key")
		b.open(page + "/results")
		b.fits("edit-closed")
		b.open(page + "/versions/1")
		b.fits("version")
		b.open(s.url + "/demo/programs?q=Musyawarah")
		b.follow(`(//main//td//a)[1]`)
		b.fits("program-amended")
		b.press("Adendum: rencana versi 2")
		b.fits("amendment-drafting")
		b.open(s.url + "/demo/programs?q=kering")
		b.press("Air bersih untuk desa kering")
		wells := b.address()
		b.open(wells + "?section=money")
		b.fits("money")
		b.open(wells + "/actuals/new?line=bl1")
		b.fits("report-spending")
		b.open(wells + "/versions/2")
		b.fits("version-amended")
		b.open(wells + "/moves/open-reporting")
		b.fits("open-reporting")
		b.open(wells)
		b.press("Usulkan adendum")
		b.fits("amendment-new")
		b.fill("Mengapa rencana perlu diubah", "Ada ruang untuk satu sumur lagi")
		b.press("Usulkan adendum")
		b.fits("amendment-proposed")
		b.press("Tarik kembali adendum")
		b.fits("amendment-take-back")
		b.fill("Alasan", "Tidak jadi")
		b.press("Tarik kembali adendum")
		b.fits("amendment-rejected")
		b.open(s.url + "/demo/programs?q=desa")
		b.press("Air bersih untuk desa kering")
		b.open(b.address() + "/actuals/new")
		b.fits("report-actual")
		b.day("Mulai", "1", "10", "2026")
		b.day("Selesai", "15", "10", "2026")
		b.fill("Angka", "3")
		b.press("Lihat cara menghitungnya")
		b.sees("Bagaimana jumlahnya dibuat")
		b.fits("working")
		b.open(s.url + "/demo/programs/new")
		b.fill("Judul", "Jalan setapak")
		b.fill("Tujuan", "Anak berjalan kaki ke sekolah dengan aman")
		b.press("Mulai program")
		draft := b.address()
		b.fits("draft")
		for _, part := range []string{"basics", "places", "parties", "activities", "budget", "results", "risks"} {
			b.open(draft + "/" + part)
			b.fits("edit-" + part)
		}
		b.follow(`//button[@value="en"]`)
		b.open(s.url + "/demo/organisations/passport")
		b.fits("passport-en")
		b.open(page)
		b.fits("program-en")
		b.open(s.url + "/demo")
		b.sees("Welcome")
		b.fits("home-en")
		b.follow(`//button[@value="id"]`)
	}
}

// The administrator's page and those before signing in, at both widths.
func TestThePagesBesideTheDemoFitAtBothWidths(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	for _, a := range s.accounts(t) {
		if a.Tenant != "demo" || a.Role != "tenant_admin" {
			continue
		}
		for _, width := range []int{360, 1280} {
			b := newBrowser(t, width, 800, person{})
			for _, path := range []string{"/", "/sign-in", "/forgotten", "/invitations/none"} {
				b.open(s.url + path)
				b.fits("door" + strings.ReplaceAll(path, "/", "-"))
			}
			b.open(s.url + "/sign-in")
			b.fill("Surel atau nomor telepon", a.Email)
			b.fill("Kata sandi", a.Password)
			b.press("Masuk")
			b.open(s.url + "/demo/settings")
			b.fits("settings")
		}
		return
	}
	t.Fatal("the demo has no tenant_admin")
}
