package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pick marks a choice by what its label says.
func (b *browser) pick(label string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(fmt.Sprintf(`(//label[contains(normalize-space(.), %s)]//input)[1]`, quoted(label)))))
}

// What binds both sides is proposed by one and accepted by the other, each through a
// server of its own; neither can do it alone.
func TestBothSidesAgreeOnTheCalendarAndWhatBindsThem(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	other := start(t, s.data)
	s.run(t, "tenant", "create", "kupang", "--zone", "Asia/Makassar")
	agency := s.join(t, person{}, "Dinas Air", "agency", "tenant_admin", "ina@example.org", "Ina")

	agency.open(s.url + "/kupang/settings")
	agency.sees("Senin, Selasa, Rabu, Kamis, Jumat")
	agency.press("Usulkan perubahan hari libur")
	agency.press("Lihat hasilnya dulu") // nothing typed
	agency.sees("Ada isian yang perlu diperbaiki")
	agency.day("Tanggal libur", "24", "12", "2026")
	agency.fill("Nama hari libur", "Cuti bersama Natal")
	agency.press("Lihat hasilnya dulu")
	agency.sees("Ditambah")
	agency.press("Usulkan ke pihak lain") // without a reason
	agency.sees("Ada isian yang perlu diperbaiki")
	agency.sees("Cuti bersama Natal")
	agency.fill("Alasan", "Kantor pemerintah tutup.")
	agency.press("Usulkan ke pihak lain")
	agency.sees("Pihak OMS belum memiliki admin ruang kerja sama.")
	agency.fits("proposal-without-admin")

	cso := other.join(t, person{}, "Yayasan Air", "cso", "tenant_admin", "tius@example.org", "Tius")
	cso.sees("Pihak lain mengusulkan perubahan; terima atau tolak")
	cso.press("Hari libur")
	cso.sees("24 Desember 2026")
	cso.press("Terima usulan")
	cso.sees("Berlaku")
	agency.open(s.url + "/kupang/settings/calendar?month=2026-12")
	agency.sees("Cuti bersama Natal")
	agency.fits("calendar")

	cso.open(other.url + "/kupang/settings")
	cso.press("Usulkan lama tenggat lain")
	cso.fill("Menjawab", "2")
	cso.fill("Alasan", "Warga menunggu terlalu lama.")
	cso.press("Usulkan ke pihak lain") // sooner than the word that something arrived
	cso.sees("Jawaban dijanjikan lebih cepat")
	cso.fill("Menjawab", "7")
	cso.press("Usulkan ke pihak lain")
	cso.sees("14 hari kerja")
	page := strings.Replace(cso.address(), other.url, s.url, 1)
	agency.open(page)
	agency.do(chromedp.Click(chromedp.Search(`//summary[contains(., "Tolak usulan ini")]`)))
	agency.press("Tolak")
	agency.sees("Isian ini wajib diisi")
	agency.fill("Alasan menolak", "Petugas kami hanya dua orang.")
	agency.press("Tolak")
	agency.sees("Petugas kami hanya dua orang.")
	cso.open(other.url + "/kupang/settings")
	cso.sees("14 hari kerja")

	file := filepath.Join(t.TempDir(), "libur.ics")
	text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270310\r\nDTEND;VALUE=DATE:20270313\r\nSUMMARY:Idulfitri dan cuti bersama\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20270310T090000Z\r\nSUMMARY:Rapat\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cso.open(other.url + "/kupang/settings/propose/holidays")
	cso.attach("Berkas CSV atau kalender (.ics)", file)
	cso.press("Baca berkas ini")
	cso.sees("Idulfitri dan cuti bersama")
	cso.sees("Hanya acara sehari penuh yang diambil.")
	cso.fits("preview-of-a-file")

	agency.open(s.url + "/kupang/settings/propose/exceptions")
	agency.pick("juga boleh bertindak sebagai petugas keuangan")
	agency.pick("admin ruang kerja sama juga boleh bertindak sebagai penanda tangan")
	agency.fill("Alasan", "Organisasi kecil.")
	agency.press("Usulkan ke pihak lain")
	agency.sees("dua dari empat kunci")
	agency.pick("juga boleh bertindak sebagai petugas keuangan")
	agency.press("Usulkan ke pihak lain")
	agency.sees("Pihak OMS belum menjawab")
	agency.press("Tarik usulan")
	agency.sees("Ditarik")
	agency.open(s.url + "/kupang/settings/history")
	agency.sees("Kesepakatan kedua pihak mulai berlaku")
	agency.fits("terms-history")
}

// Every page of the settings, at both widths and in both languages.
func TestTheSettingsFitAtBothWidths(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	for _, a := range s.accounts(t) {
		if a.Tenant != "demo" || a.Role != "tenant_admin" || a.Side != "agency" {
			continue
		}
		for _, width := range []int{360, 1280} {
			b := newBrowser(t, width, 800, person{})
			b.open(s.url + "/sign-in")
			b.fill("Surel atau nomor telepon", a.Email)
			b.fill("Kata sandi", a.Password)
			b.press("Masuk")
			b.sees(a.Person)
			for _, language := range []string{"id", "en"} {
				b.follow(fmt.Sprintf(`//button[@value=%q]`, language))
				for _, path := range []string{"", "/settings", "/settings/calendar?month=2026-12", "/settings/proposals", "/settings/propose/zone", "/settings/propose/working_days", "/settings/propose/holidays", "/settings/propose/promises", "/settings/propose/exceptions", "/settings/history"} {
					b.open(s.url + "/demo" + path)
					b.fits(language + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
				}
				for _, state := range []string{"waiting", "in_effect", "refused"} {
					b.open(s.url + "/demo/settings/proposals?state=" + state)
					b.follow(`(//main//td//a)[1]`)
					b.fits(language + "-proposal-" + state)
				}
			}
		}
		return
	}
	t.Fatal("the demo has no tenant_admin of the agency")
}
