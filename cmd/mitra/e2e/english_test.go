package e2e_test

import "strings"

// english is what an English reader sees where the stories say it in Indonesian. It is
// written down here and not looked up, because it is what a reader of English expects.
var english = map[string]string{
	"Anda diundang": "You are invited", "Kata sandi baru": "New password", "Terima undangan": "Accept the invitation",
	"Selamat datang, Maria": "Welcome, Maria", "Selamat datang, Ina": "Welcome, Ina", "Selamat datang, Tius": "Welcome, Tius", "Selamat datang, Budi": "Welcome, Budi",
	"Nama": "Name", "Surel atau nomor telepon": "E-mail or phone number", "Mulai": "Begin", "Ruang kerja sama baru": "New tenant",
	"Nama alamat": "Address name", "Buat": "Create", "Belum ada program di sini": "There are no programs here", "Mulai program": "Start a program",
	"Ada isian yang perlu diperbaiki": "Some fields need to be corrected", "Judul": "Title", "Tujuan": "Purpose",
	"Pemimpin di pihak lain": "Lead of the other side", "Giliran pihak OMS": "It is the CSO’s turn", "Giliran pihak instansi": "It is the agency’s turn",
	"Simpan": "Save", "Tanggal ini tidak ada": "There is no such day", "31 Desember 2099": "31 December 2099",
	"Tingkat": "Level", "Keluaran": "Output", "Hasil": "Result", "Indikator": "Indicator", "Jenis nilai": "Measure",
	"Jumlah": "Count", "Garis dasar": "Baseline", "Serahkan giliran": "Hand over the turn", "Kegiatan": "Activity",
	"Terima rencana ini": "Accept this plan", "Sudah diterima oleh OMS": "Accepted by the CSO", "Berjalan": "Active", "Angka": "Number",
	"Masa ini terkunci untuk pelaporan": "This period is locked for reports", "Buka untuk pelaporan": "Open for reports",
	"Buka masa pelaporan": "Open a reporting period", "Terbuka sampai": "Open until",
	"Bukti": "Evidence", "Kirim ke pihak lain": "Submit to the other side", "Menunggu pihak lain": "Waiting for the other side",
	"Terima": "Accept", "Diterima": "Accepted", "Ina menerima capaian Jumlah sumur": "Ina accepted an actual of Jumlah sumur",
}

// days are the legends of days, which share a word with a button.
var days = map[string]string{"Mulai": "First day", "Selesai": "Last day"}

// say is a text of the product in the language of this person; what people typed stays.
func (b *browser) say(text string) string { return b.from(english, text) }

func (b *browser) from(words map[string]string, text string) string {
	if said, ok := words[strings.TrimSpace(text)]; ok && b.english {
		return said
	}
	return text
}
