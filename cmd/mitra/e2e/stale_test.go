package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Two people of one organisation change the same program at once. The slower one reads who
// was faster and both texts side by side, loses nothing, and decides.
func TestTwoPeopleEditTheSamePartAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.run(t, "tenant", "create", "kupang", "--zone", "Asia/Makassar")
	s.join(t, person{}, "Dinas Air", "agency", "program_officer", "ina@example.org", "Ina")
	maria := s.join(t, person{}, "Yayasan Air", "cso", "cso_coordinator", "maria@example.org", "Maria Tamonob")
	tius := s.join(t, person{}, "Yayasan Air", "cso", "cso_coordinator", "tius@example.org", "Tius Neno")

	maria.open(s.url + "/kupang/programs/new")
	maria.fill("Judul", "Sumur bor")
	maria.fill("Tujuan", "Air bersih")
	maria.choose("Pemimpin di pihak lain", "Dinas Air")
	maria.press("Mulai program")
	maria.sees("Sumur bor")
	page := maria.address()

	tius.open(page + "/basics")
	tius.fill("Judul", "Sumur bor dan pipa")
	tius.day("Mulai", "1", "2", "2027")
	maria.open(page + "/basics")
	maria.fill("Judul", "Sumur bor di Amabi")
	maria.press("Simpan")
	maria.sees("Sumur bor di Amabi")

	tius.press("Simpan")
	tius.sees("Maria Tamonob menyimpan data ini pada")
	tius.sees("Tersimpan sekarang")
	tius.sees("Sumur bor di Amabi")
	tius.sees("1 Februari 2027")
	tius.fits("stale")
	tius.do(chromedp.EmulateViewport(360, 800))
	tius.fits("stale")
	tius.do(chromedp.EmulateViewport(1280, 800))
	tius.fill("Judul", "Sumur bor dan pipa di Amabi")
	tius.press("Simpan")
	tius.sees("Sumur bor dan pipa di Amabi")
	tius.sees("1 Februari 2027")
}
