package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A coordinator adds a certificate that ends soon, after a file that is none was refused;
// the signatory attests and submits; an officer of an agency finds what ends, and reads the
// document. A third organisation does not.
func documentStory(t *testing.T, p person) {
	t.Helper()
	const agency, cso = "Dinas Pemberdayaan Contoh", "Yayasan Air Contoh"
	s := start(t, t.TempDir(), "--demo", "--clock", "2026-11-27T02:00:00Z")
	looks := func(b *browser, name string) {
		if !p.noScript { // axe is script
			b.fits(name)
		}
	}
	page, paper := filepath.Join(t.TempDir(), "akta.pdf"), filepath.Join(t.TempDir(), "domisili 2026.pdf")
	for name, text := range map[string]string{page: "<html><script>alert(1)</script></html>", paper: "%PDF-1.4\n% surat domisili"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	coordinator := s.enter(t, p, cso, "cso_coordinator")
	coordinator.open(s.url + "/demo/organisations/passport")
	coordinator.press("Tambah dokumen")
	coordinator.attach("Berkas", page)
	coordinator.choose("Dokumen", "Surat keterangan domisili")
	coordinator.fill("Nomor dokumen", "470/12/2026")
	coordinator.day("Berlaku sampai (boleh kosong)", "10", "12", "2026")
	coordinator.press("Tambah dokumen")
	coordinator.sees("Jenis berkas ini tidak diterima")
	looks(coordinator, "document-refused")
	coordinator.attach("Berkas", paper)
	coordinator.press("Tambah dokumen")
	coordinator.sees("470/12/2026")
	coordinator.sees("Segera berakhir")
	looks(coordinator, "documents")

	signatory := s.enter(t, p, cso, "signatory")
	signatory.open(s.url + "/demo/organisations/passport")
	signatory.press("Nyatakan benar")
	signatory.press("Kirim untuk diperiksa")

	coordinator.open(s.url + "/demo/work")
	coordinator.sees("Masa sebuah dokumen segera atau sudah berakhir")

	officer := s.enter(t, p, agency, "program_officer")
	officer.open(s.url + "/demo/document-expiries?state=expiring")
	looks(officer, "expiries")
	officer.press(cso)
	officer.sees("470/12/2026")
	looks(officer, "documents-of-another")
	member := regexp.MustCompile(`/organisations/([^/?]+)`).FindStringSubmatch(officer.address())[1]

	reader := s.demoAccount(t, "demo", "agency", "approver")
	var profile struct {
		Attested struct {
			Content struct {
				Documents []struct{ ID, Number string }
			}
		}
	}
	s.caller(reader.Token).must(t, http.StatusOK, http.MethodGet, "/demo/organisations/"+member+"/profile", nil).into(t, &profile)
	list := profile.Attested.Content.Documents
	if len(list) == 0 || list[len(list)-1].Number != "470/12/2026" {
		t.Fatalf("the documents that the agency reads: %+v", list)
	}
	file := "/demo/organisations/" + member + "/documents/" + list[len(list)-1].ID + "/file"
	a := s.caller(reader.Token).must(t, http.StatusOK, http.MethodGet, file, nil)
	if string(a.body) != "%PDF-1.4\n% surat domisili" || a.header.Get("Content-Disposition") != `attachment; filename="domisili 2026.pdf"` ||
		a.header.Get("Content-Type") != "application/pdf" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
		t.Errorf("the file: %q, %v", a.body, a.header)
	}
	coordinator.open(s.url + "/demo/organisations/passport/readings")
	coordinator.sees("Surat keterangan domisili")
	coordinator.sees(reader.Person)
	looks(coordinator, "readings")
	for _, other := range s.accounts(t) {
		if other.Tenant == "demo" && other.Organisation == "Perkumpulan Tani Contoh" && other.Role == "cso_coordinator" {
			s.caller(other.Token).must(t, http.StatusNotFound, http.MethodGet, file, nil)
		}
	}
}

func TestADocumentIsAddedSubmittedAndReadByAnAgency(t *testing.T) {
	t.Parallel()
	documentStory(t, person{})
}

func TestADocumentIsAddedWithoutScript(t *testing.T) {
	t.Parallel()
	documentStory(t, person{noScript: true})
}
