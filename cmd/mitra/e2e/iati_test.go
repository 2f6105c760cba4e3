package e2e_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/mitra-platform/mitra/services/exchange/standardstest"
)

// The standard's own example becomes a program that both sides make theirs.
func TestAnImportedProgramIsTakenCompletedAcceptedAndReportedOn(t *testing.T) {
	t.Parallel()
	example := filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml")
	s := start(t, t.TempDir())
	s.run(t, "tenant", "create", "kupang", "--zone", "Asia/Makassar")
	coordinator := s.join(t, person{}, "Yayasan Air", "cso", "cso_coordinator", "maria@example.org", "Maria")
	officer := s.join(t, person{}, "Dinas Air", "agency", "program_officer", "ina@example.org", "Ina")
	signatory := s.join(t, person{}, "Yayasan Air", "cso", "signatory", "tius@example.org", "Tius")
	approver := s.join(t, person{}, "Dinas Air", "agency", "approver", "budi@example.org", "Budi")

	coordinator.open(s.url + "/kupang/programs")
	coordinator.press("Impor IATI")
	coordinator.accessible("imports")
	coordinator.attach("Berkas IATI (XML)", example)
	coordinator.press("Unggah dan lihat pratinjau")
	coordinator.sees("Impor sekarang")
	coordinator.fits("import-preview")
	coordinator.press("Impor sekarang")
	coordinator.sees("Lihat program")
	coordinator.fits("import-done")
	type report struct{ Activities, Created, Updated, Unchanged int }
	var got report
	if err := json.Unmarshal([]byte(s.run(t, "import", "iati", "--json", "--tenant", "kupang", example)), &got); err != nil || (got != report{Activities: 1, Unchanged: 1}) {
		t.Fatalf("the same file from the command line: %+v, %v", got, err)
	}
	coordinator.open(s.url + "/kupang/programs?origin=iati")
	coordinator.sees("Belum diterima kedua pihak")
	coordinator.follow(`(//main//td/a)[1]`)
	page := coordinator.address()
	coordinator.fits("imported")
	for _, section := range []string{"results", "money", "history"} {
		coordinator.open(page + "?section=" + section)
		coordinator.fits("imported-" + section)
	}
	coordinator.open(page)
	coordinator.press("Pimpin untuk pihak kami")
	officer.open(page)
	officer.press("Pimpin untuk pihak kami")
	officer.sees("Giliran pihak OMS")

	coordinator.open(page + "/activities")
	coordinator.fill("Kegiatan", "Serah terima")
	coordinator.day("Mulai", "1", "1", "2013")
	coordinator.day("Selesai", "30", "6", "2013")
	coordinator.press("Simpan")
	coordinator.sees("Serah terima")

	signatory.open(page)
	signatory.press("Terima rencana ini")
	approver.open(page)
	approver.press("Terima rencana ini")
	approver.sees("Berjalan")
	approver.shot("accepted")

	officer.open(page + "/moves/open-reporting")
	officer.press("Buka masa pelaporan")
	officer.sees("Terbuka sampai")
	coordinator.open(page + "/actuals/new")
	coordinator.day("Mulai", "1", "1", "2013")
	coordinator.day("Selesai", "31", "3", "2013")
	coordinator.fill("Angka", "11")
	coordinator.press("Simpan")
	coordinator.press("Kirim ke pihak lain")
	officer.open(coordinator.address())
	officer.press("Terima")
	officer.sees("Diterima")
}
