package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// enter signs in as somebody of the demo.
func (s *server) enter(t *testing.T, p person, organisation, role string) *browser {
	t.Helper()
	for _, a := range s.accounts(t) {
		if a.Tenant == "demo" && a.Organisation == organisation && a.Role == role {
			b := newBrowser(t, 1280, 800, p)
			b.open(s.url + "/sign-in")
			b.fill("Surel atau nomor telepon", a.Email)
			b.fill("Kata sandi", a.Password)
			b.press("Masuk")
			b.sees(a.Person)
			return b
		}
	}
	t.Fatalf("the demo has no %s of %s", role, organisation)
	return nil
}

// An officer makes a form and assesses an organisation by it, the organisation replies,
// and an approver makes it final; a flag is proposed, replied to, and upheld by another
// person than its author.
func findingsStory(t *testing.T, p person) {
	t.Helper()
	const agency, cso = "Dinas Pemberdayaan Contoh", "Perkumpulan Tani Contoh"
	s := start(t, t.TempDir(), "--demo")
	officer := s.enter(t, p, agency, "program_officer")
	officer.open(s.url + "/demo/forms")
	officer.press("Buat formulir")
	officer.fill("Judul dalam bahasa Indonesia", "Uji tuntas singkat")
	officer.fill("Judul dalam bahasa Inggris", "Short due diligence")
	officer.choose("Kegunaan", "Uji tuntas")
	officer.press("Simpan")
	officer.sees("Belum ada pertanyaan")
	officer.choose("Jenis pertanyaan berikutnya", "Satu pilihan")
	officer.press("Tambah pertanyaan")
	officer.fill("Teks dalam bahasa Indonesia", "Ada audit?")
	officer.fill("Teks dalam bahasa Inggris", "Audited?")
	officer.typing(`//input[@name="options.0.label.indonesian"]`, "Ada")
	officer.typing(`//input[@name="options.0.label.english"]`, "Yes")
	officer.typing(`//input[@name="options.1.label.indonesian"]`, "Tidak ada")
	officer.typing(`//input[@name="options.1.label.english"]`, "No")
	officer.press("Simpan")
	officer.sees("1 pertanyaan")
	officer.choose("Jenis pertanyaan berikutnya", "Teks panjang")
	officer.press("Tambah pertanyaan")
	officer.fill("Teks dalam bahasa Indonesia", "Mengapa tidak?")
	officer.fill("Teks dalam bahasa Inggris", "Why not?")
	officer.tick(`//summary`, "show_if", "q1:o2")
	officer.press("Simpan")
	officer.sees("2 pertanyaan")
	officer.shot("form")
	officer.press("Terbitkan versi 1")
	officer.sees("Terbit")

	officer.open(s.url + "/demo/organisations?q=tani")
	officer.press(cso)
	officer.press("Mulai uji tuntas")
	officer.tick("", "form_version", "")
	officer.press("Mulai mengisi")
	officer.sees("Ada audit?")
	why := `document.querySelector("[name='answers.q2']").offsetParent !== null`
	if hidden := !get(officer, evaluate(why)); hidden == p.noScript {
		t.Errorf("a question that does not count yet is hidden: %t, without a script %t", hidden, p.noScript)
	}
	officer.tick("", "answers.q1", "o2")
	officer.fill("Mengapa tidak?", "Belum pernah diminta")
	officer.tick("", "risk", "moderate")
	officer.fill("Kesimpulan", "Layak dengan pendampingan")
	officer.press("Simpan")
	officer.sees("Belum pernah diminta")
	officer.shot("draft")
	officer.press("Kirim untuk ditanggapi")
	officer.press("Kirim untuk ditanggapi")
	officer.sees("Menunggu jawaban")

	coordinator := s.enter(t, p, cso, "cso_coordinator")
	coordinator.sees("diminta menggunakan hak jawabnya")
	coordinator.shot("asked")
	coordinator.press(cso)
	coordinator.press("Beri jawaban")
	coordinator.press("Beri jawaban") // nothing typed
	coordinator.sees("Isian ini wajib diisi")
	coordinator.fill("Hak jawab", "Audit dijadwalkan bulan depan")
	coordinator.press("Beri jawaban")
	coordinator.sees("Audit dijadwalkan bulan depan")

	approver := s.enter(t, p, agency, "approver")
	approver.open(coordinator.address())
	approver.press("Sahkan")
	approver.day("Berlaku sampai", "1", "1", "2099")
	approver.press("Sahkan")
	approver.sees("Masa berlaku paling lama tiga tahun")
	approver.day("Berlaku sampai", soonDay, soonMonth, soonYear())
	approver.press("Sahkan")
	approver.sees("Audit dijadwalkan bulan depan")
	approver.sees("Sah")
	approver.shot("final")

	officer.open(s.url + "/demo/organisations?q=tani")
	officer.press(cso)
	officer.press("Usulkan tanda risiko")
	officer.tick("", "severity", "caution")
	officer.choose("Perihal", "Keuangan")
	officer.fill("Apa kekhawatirannya", "Dua bukti belanja tidak cocok")
	officer.fill("Dasarnya", "Hasil pemeriksaan berkas")
	officer.press("Usulkan tanda risiko")
	officer.sees("Menunggu jawaban")
	page := officer.address()
	if strings.Contains(officer.text(), "Kukuhkan") {
		t.Error("the author is offered to uphold the flag")
	}
	signatory := s.enter(t, p, cso, "signatory")
	signatory.open(page)
	signatory.press("Beri jawaban")
	signatory.fill("Hak jawab", "Bukti yang benar sudah diserahkan")
	signatory.press("Beri jawaban")
	signatory.sees("Sudah dijawab")
	other := s.enter(t, p, "Badan Perencanaan Contoh", "approver")
	other.open(page)
	other.sees("atau bukan untuk organisasi Anda")
	approver.open(page)
	approver.press("Kukuhkan")
	approver.fill("Alasan", "Perbedaan terbukti, sebabnya jelas")
	approver.day("Ditinjau lagi paling lambat", soonDay, soonMonth, soonYear())
	approver.press("Kukuhkan")
	approver.sees("Dikukuhkan")
	other.open(page)
	other.sees("Bukti yang benar sudah diserahkan")
	other.shot("upheld")
}

func TestAnOrganisationIsAssessedAndFlaggedAndHeardFirst(t *testing.T) {
	t.Parallel()
	findingsStory(t, person{})
}

func TestAnOrganisationIsAssessedAndFlaggedAndHeardFirstWithoutScript(t *testing.T) {
	t.Parallel()
	findingsStory(t, person{noScript: true})
}

// Every page of forms, due diligence and flags, at both widths and in both languages.
func TestThePagesOfFindingsFitAtBothWidths(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	for _, width := range []int{360, 1280} {
		b := newBrowser(t, width, 800, person{})
		for _, a := range s.accounts(t) {
			if a.Tenant == "demo" && a.Organisation == "Dinas Pemberdayaan Contoh" && a.Role == "program_officer" {
				b.open(s.url + "/sign-in")
				b.fill("Surel atau nomor telepon", a.Email)
				b.fill("Kata sandi", a.Password)
				b.press("Masuk")
				b.sees(a.Person)
			}
		}
		for _, language := range []string{"id", "en"} {
			b.follow(`//button[@value="` + language + `"]`)
			for _, path := range []string{"/demo/forms", "/demo/forms/new", "/demo/due-diligence", "/demo/flags", "/demo/organisations?q=difabel"} {
				b.open(s.url + path)
				b.fits(language + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
			}
			b.follow(`(//main//td//a)[1]`)
			b.fits(language + "-organisation")
			member := b.address()
			for _, path := range []string{"/due-diligence/new", "/flags/new"} {
				b.open(member + path)
				b.fits(language + strings.ReplaceAll(path, "/", "-"))
			}
			b.open(s.url + "/demo/forms")
			b.follow(`(//main//td//a)[1]`)
			b.fits(language + "-form")
			form := b.address()
			for _, path := range []string{"/preview", "/fields/systems", "/fields/no_audit", "/fields/new?kind=table"} {
				b.open(form + path)
				b.fits(language + "-form" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
			}
			b.open(form)
			b.follow(`//a[contains(@href, "/form-versions/")]`)
			b.fits(language + "-form-version")
			for _, state := range []string{"draft", "replied", "final"} {
				b.open(s.url + "/demo/due-diligence?state=" + state)
				b.follow(`(//main//td//a)[1]`)
				b.fits(language + "-due-diligence-" + state)
				if state == "draft" {
					b.open(b.address() + "/edit")
					b.fits(language + "-due-diligence-edit")
				}
			}
			b.open(s.url + "/demo/flags")
			b.follow(`(//main//td//a)[1]`)
			b.fits(language + "-flag")
		}
	}
}

const soonDay, soonMonth = "31", "12"

// soonYear is this year or, in its last month, the next: a day that is ahead and near.
func soonYear() string {
	now := time.Now()
	if now.Month() == time.December {
		now = now.AddDate(1, 0, 0)
	}
	return now.Format("2006")
}

func evaluate(expression string) chromedp.Action[bool] { return chromedp.Evaluate[bool](expression) }

// tick opens what is folded, and ticks the box of a field with a value; "" is the first.
func (b *browser) tick(open, name, value string) {
	b.t.Helper()
	if open != "" {
		b.do(chromedp.Click(chromedp.Search(`//main` + open)))
	}
	box := `(//main//input[@name="` + name + `"])[1]`
	if value != "" {
		box = `//main//input[@name="` + name + `"][@value="` + value + `"]`
	}
	b.do(chromedp.Click(chromedp.Search(box)))
}
