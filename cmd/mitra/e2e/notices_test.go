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
