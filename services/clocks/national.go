package clocks

// NationalHolidays are the public holidays of Indonesia of 2026 and 2027. Those on a
// fixed date of the civil year are sure. The others follow the moon or the church year:
// for 2026 they are those of the joint decree of three ministers, for 2027 they are
// reckoned, and a decree may move each by a day. All of these are marked to be checked.
// Days of collective leave (cuti bersama) are not among them.
func NationalHolidays() []Holiday {
	return []Holiday{
		{"2026-01-01", "Tahun Baru Masehi", false},
		{"2026-01-16", "Isra Mikraj Nabi Muhammad saw.", true},
		{"2026-02-17", "Tahun Baru Imlek 2577", true},
		{"2026-03-19", "Hari Suci Nyepi, Tahun Baru Saka 1948", true},
		{"2026-03-21", "Idulfitri 1447 Hijriah", true},
		{"2026-03-22", "Idulfitri 1447 Hijriah, hari kedua", true},
		{"2026-04-03", "Wafat Yesus Kristus", true},
		{"2026-04-05", "Kebangkitan Yesus Kristus (Paskah)", true},
		{"2026-05-01", "Hari Buruh Internasional", false},
		{"2026-05-14", "Kenaikan Yesus Kristus", true},
		{"2026-05-27", "Iduladha 1447 Hijriah", true},
		{"2026-05-31", "Hari Raya Waisak 2570", true},
		{"2026-06-01", "Hari Lahir Pancasila", false},
		{"2026-06-16", "Tahun Baru Islam 1448 Hijriah", true},
		{"2026-08-17", "Proklamasi Kemerdekaan", false},
		{"2026-08-25", "Maulid Nabi Muhammad saw.", true},
		{"2026-12-25", "Kelahiran Yesus Kristus", false},

		{"2027-01-01", "Tahun Baru Masehi", false},
		{"2027-01-05", "Isra Mikraj Nabi Muhammad saw.", true},
		{"2027-02-06", "Tahun Baru Imlek 2578", true},
		{"2027-03-08", "Hari Suci Nyepi, Tahun Baru Saka 1949", true},
		{"2027-03-10", "Idulfitri 1448 Hijriah", true},
		{"2027-03-11", "Idulfitri 1448 Hijriah, hari kedua", true},
		{"2027-03-26", "Wafat Yesus Kristus", true},
		{"2027-03-28", "Kebangkitan Yesus Kristus (Paskah)", true},
		{"2027-05-01", "Hari Buruh Internasional", false},
		{"2027-05-06", "Kenaikan Yesus Kristus", true},
		{"2027-05-17", "Iduladha 1448 Hijriah", true},
		{"2027-05-20", "Hari Raya Waisak 2571", true},
		{"2027-06-01", "Hari Lahir Pancasila", false},
		{"2027-06-06", "Tahun Baru Islam 1449 Hijriah", true},
		{"2027-08-15", "Maulid Nabi Muhammad saw.", true},
		{"2027-08-17", "Proklamasi Kemerdekaan", false},
		{"2027-12-25", "Kelahiran Yesus Kristus", false},
	}
}
