package main

import (
	"context"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	terms "github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants/store"
)

// settings lets the invented sides agree on a local day off and shorter promises, refuse
// one change, and leave one waiting for each.
func (d *demo) settings(ctx context.Context) error {
	agency, cso := d.as(ctx, "Dinas Pemberdayaan Contoh", policies.TenantAdmin), d.as(ctx, "Yayasan Air Contoh", policies.TenantAdmin)
	made, err := d.house.settings.Proposals(agency, terms.Criteria{}, store.Query{Limit: 1})
	if err != nil || len(made.Items) > 0 {
		return err // a start that was cut off goes on
	}
	now := clocks.DayOf(d.gate.Now(), clockZone)
	holidays := append(clocks.NationalHolidays(), clocks.Holiday{On: notAmong(now.Add(40)), Name: "Hari Jadi Provinsi Contoh"})
	promises := clocks.DefaultLengths()
	promises.Answer = 10
	slower, faster := promises, promises
	slower.Pay, faster.Pay = 45, 10
	steps := []struct {
		by, to context.Context
		change terms.Change
		answer string // "accept", "refuse", or "" to let it wait
	}{
		{agency, cso, terms.Change{Parts: []terms.Part{terms.Holidays}, Holidays: holidays, Reason: "Kantor pemerintah tutup pada hari jadi provinsi."}, "accept"},
		{cso, agency, terms.Change{Parts: []terms.Part{terms.Promises}, Promises: promises, Reason: "Warga menunggu jawaban terlalu lama."}, "accept"},
		{agency, cso, terms.Change{Parts: []terms.Part{terms.Promises}, Promises: slower, Reason: "Pencairan akhir tahun membutuhkan waktu."}, "refuse"},
		{cso, agency, terms.Change{Parts: []terms.Part{terms.Promises}, Promises: faster, Reason: "OMS kecil tidak dapat menalangi kegiatan sebulan penuh."}, ""},
		{agency, cso, terms.Change{Parts: []terms.Part{terms.Exceptions}, Exceptions: []policies.Exception{"cso_coordinator:trainer", "program_officer:trainer"}, Reason: "Di organisasi kecil yang memimpin program juga melatih."}, ""},
	}
	for _, step := range steps {
		p, err := d.house.settings.Propose(step.by, step.change)
		if err != nil {
			return err
		}
		switch step.answer {
		case "accept":
			_, err = d.house.settings.Accept(step.to, p.ID, p.Version, terms.Acceptance{Hash: p.Accord.Hash})
		case "refuse":
			_, err = d.house.settings.Refuse(step.to, p.ID, p.Version, terms.Refusal{Reason: "OMS kecil tidak dapat menunggu dua bulan. Mari cari jalan lain."})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notAmong is the day, or the first after it that is no national holiday.
func notAmong(d clocks.Day) clocks.Day {
	for _, h := range clocks.NationalHolidays() {
		if h.On == d {
			d = d.Add(1)
		}
	}
	return d
}
