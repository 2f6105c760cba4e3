package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// Nobody invents a code: results and activities are named by their titles, and the system
// numbers them; a line that is being added can be named too.
func TestRowsAreNamedByTheirTitles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/kupang/programs/" + s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	_, page, _ := s.visitIn(t, "id", in, at+"/results", nil)
	says(t, page, "Ubah kerangka hasil", "Hasil 1", "Indikator 1")
	if strings.Contains(page, "Kode") || strings.Contains(page, "Baris yang dikosongkan") || strings.Contains(page, `name="results.1.title"`) {
		t.Error("the form asks for codes, speaks of lines to empty where there are none, or has several empty lines")
	}
	status, page, to := s.visitIn(t, "id", in, at+"/results", url.Values{
		"version": {"1"}, "more": {"true"}, "results.0.id": {"rs1"}, "results.0.level": {"output"}, "results.0.title": {"Sumur berfungsi"},
		"indicators.0.id": {""}, "indicators.0.node": {"rs1"}, "indicators.0.title": {"Jumlah sumur"}, "indicators.0.measure": {"count"},
	})
	if status != 303 || to != at+"/results" {
		t.Fatalf("save and add a line: %d to %s\n%s", status, to, text(page))
	}
	_, page, _ = s.visitIn(t, "id", in, at+"/results", nil)
	says(t, page, "Hasil 1: Sumur berfungsi", "Indikator 1: Jumlah sumur", "Baris yang dikosongkan akan dihapus.")
	if !strings.Contains(page, `<option value="rs1" selected>Hasil 1: Sumur berfungsi</option>`) {
		t.Error("the indicator does not name its result by its title")
	}
	// An empty line names its result by itself, and is not one for that.
	status, page, _ = s.visitIn(t, "id", in, at+"/results", url.Values{
		"version": {"2"}, "results.0.id": {"rs1"}, "results.0.level": {"output"}, "results.0.title": {"Sumur berfungsi"},
		"indicators.0.id": {"ix1"}, "indicators.0.node": {"rs1"}, "indicators.0.title": {"Jumlah sumur"}, "indicators.0.measure": {"count"},
		"indicators.1.id": {""}, "indicators.1.node": {"rs1"}, "indicators.1.title": {""},
	})
	if status != 303 {
		t.Fatalf("with an empty line: %d\n%s", status, text(page))
	}
	plan := url.Values{
		"version": {"3"}, "activities.0.id": {"ac1"}, "activities.0.title": {"Survei"}, "activities.0.from": {"2026-01-01"}, "activities.0.to": {"2026-02-01"},
		"activities.1.id": {"ac2"}, "activities.1.title": {"Pengeboran"}, "activities.1.from": {"2026-02-01"}, "activities.1.to": {"2026-03-01"}, "activities.1.depends_on": {"ac1"},
	}
	if status, page, _ := s.visitIn(t, "id", in, at+"/activities", plan); status != 303 {
		t.Fatalf("the workplan: %d\n%s", status, text(page))
	}
	_, page, _ = s.visitIn(t, "id", in, at+"/activities", nil)
	says(t, page, "Kegiatan 1: Survei", "Kegiatan 2: Pengeboran", "Setelah kegiatan Mulai setelah kegiatan ini selesai")
	if !strings.Contains(page, `name="activities.1.depends_on" value="ac1" checked`) || strings.Contains(page, `name="activities.1.depends_on" value="ac2"`) {
		t.Error("an activity does not say after which one it comes, or may come after itself")
	}
	_, page, _ = s.visitIn(t, "id", in, at, nil)
	if said := text(page); strings.Contains(said, "ac1") || !strings.Contains(said, "Pengeboran") {
		t.Error("the plan shows codes to people")
	}
}

// A refusal leads to its own field, and calls the line by what it is.
func TestARefusalNamesItsLineAndLeadsToItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/kupang/programs/" + s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	status, page, _ := s.visitIn(t, "id", in, at+"/results", url.Values{
		"version": {"1"}, "results.0.id": {"rs1"}, "results.0.level": {"output"}, "results.0.title": {"Sumur"},
		"indicators.0.id": {""}, "indicators.0.node": {"rs1"}, "indicators.0.title": {"Jumlah"}, "indicators.0.measure": {"count"},
		"indicators.0.baseline.value": {"nol"}, "indicators.0.targets.0.value.value": {"5"},
		"indicators.0.targets.0.from.day": {"31"}, "indicators.0.targets.0.from.month": {"2"}, "indicators.0.targets.0.from.year": {"2026"},
	})
	if status != 422 {
		t.Fatalf("%d", status)
	}
	says(t, page, "Indikator 1, garis dasar: ", "Indikator 1, target 1, mulai: ")
	if !strings.Contains(page, `href="#f-indicators-0-baseline-value"`) || !strings.Contains(page, `id="f-indicators-0-baseline-value-wrong"`) {
		t.Error("the refusal of the baseline does not stand at its field")
	}
	// What only the record can refuse is put there as well.
	status, page, _ = s.visitIn(t, "id", in, at+"/results", url.Values{
		"version": {"1"}, "results.0.id": {"rs1"}, "results.0.level": {"output"}, "results.0.title": {"Sumur"},
		"indicators.0.id": {""}, "indicators.0.node": {"rs1"}, "indicators.0.title": {"Jumlah"}, "indicators.0.measure": {"text"},
		"indicators.0.baseline.value": {"a\x01b"},
	})
	if status != 422 || !strings.Contains(page, `href="#f-indicators-0-baseline-value"`) || !strings.Contains(page, `id="f-indicators-0-baseline-value-wrong"`) {
		t.Errorf("a baseline of the wrong kind: %d\n%s", status, text(page))
	}
}

// A line that was emptied is no row of the record, and yet the lines below it keep what was
// typed in them and what is wrong with it.
func TestARefusalStandsAtItsLineBelowEmptiedOnes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := "/kupang/programs/" + s.draft(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	line := func(form url.Values, no, id, title, from, to string) {
		prefix := "activities." + no + "."
		for name, value := range map[string]string{"id": id, "title": title, "from": from, "to": to} {
			form.Set(prefix+name, value)
		}
	}
	form := url.Values{"version": {"1"}}
	line(form, "0", "", "Survei", "2026-01-01", "2026-02-01")
	line(form, "1", "", "Izin", "2026-01-01", "2026-02-01")
	line(form, "2", "", "Pengeboran", "2026-02-01", "2026-03-01")
	if status, page, _ := s.visitIn(t, "id", in, at+"/activities", form); status != 303 {
		t.Fatalf("the workplan: %d\n%s", status, text(page))
	}
	form = url.Values{"version": {"2"}}
	line(form, "0", "ac1", "", "", "")
	line(form, "1", "ac2", "Izin", "2026-01-01", "2026-02-01")
	line(form, "2", "ac3", "Pengeboran dalam", "2026-03-01", "2026-02-01")
	status, page, _ := s.visitIn(t, "id", in, at+"/activities", form)
	if status != 422 {
		t.Fatalf("a day before the beginning: %d\n%s", status, text(page))
	}
	for _, want := range []string{`href="#f-activities-2-to"`, `id="f-activities-2-to-wrong"`, `value="Pengeboran dalam"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `id="f-activities-1-to-wrong"`) || strings.Contains(page, `value="Survei"`) {
		t.Error("another line is refused, or an emptied one is filled again")
	}
}
