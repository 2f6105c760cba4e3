package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// eventually opens a page again and again until it says something: what follows from the
// journal is there soon, not at once.
func (b *browser) eventually(url, text string) {
	b.t.Helper()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	over := time.After(patience)
	for b.open(url); !strings.Contains(b.text(), text); b.open(url) {
		select {
		case <-again.C:
		case <-over:
			b.t.Fatalf("%s does not say %q: %s", url, text, b.text())
		}
	}
}

// One side hands the turn over, through a server of its own; the other finds it in its
// work and among its notices, does it, and has nothing left.
func TestTheTurnIsFoundInOnesWorkAndAmongOnesNotices(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	other := start(t, s.data)
	s.run(t, "tenant", "create", "kupang", "--zone", "Asia/Makassar")
	coordinator := s.join(t, person{}, "Yayasan Air", "cso", "cso_coordinator", "maria@example.org", "Maria")
	officer := other.join(t, person{}, "Dinas Air", "agency", "program_officer", "ina@example.org", "Ina")

	officer.open(other.url + "/kupang/programs/new")
	officer.fill("Judul", "Air bersih di Timor")
	officer.choose("Pemimpin di pihak lain", "Yayasan Air")
	officer.press("Mulai program")
	officer.sees("Giliran")
	officer.press("Serahkan giliran")
	officer.sees("Giliran pihak OMS")

	coordinator.open(s.url + "/kupang/work")
	coordinator.sees("Giliran pihak Anda: susun rencana")
	coordinator.fits("work")
	coordinator.eventually(s.url+"/kupang/notices", "Giliran menyusun rencana ada di pihak Anda")
	coordinator.fits("notices")
	coordinator.press("Tandai semua sudah dibaca")
	coordinator.open(s.url + "/kupang/notices?unread=true")
	coordinator.sees("Semua sudah Anda baca.")
	coordinator.open(s.url + "/kupang/work")
	coordinator.press("Air bersih di Timor")
	coordinator.press("Serahkan giliran")
	coordinator.sees("Giliran pihak instansi")
	coordinator.open(s.url + "/kupang/work?kind=program")
	coordinator.sees("Tidak ada hal semacam ini yang menunggu Anda.")
	coordinator.fits("work-empty")
}

// Work and notices of an officer with much of both, at both widths and in both languages.
func TestThePagesOfWorkAndNoticesFitAtBothWidths(t *testing.T) {
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
			b.eventually(s.url+"/demo/notices", map[string]string{"id": "Tandai sudah dibaca", "en": "Mark as read"}[language])
			for name, path := range map[string]string{"home": "/demo", "work": "/demo/work", "work-none": "/demo/work?due=late&q=x", "notices": "/demo/notices"} {
				b.open(s.url + path)
				b.fits(language + "-" + name)
			}
		}
	}
}
