package organisations_test

import (
	"context"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/work"
)

// count is how many items ask one of these.
func count(list []work.Item, asks ...work.Ask) (n int) {
	for _, item := range list {
		for _, ask := range asks {
			if item.Ask == ask {
				n++
			}
		}
	}
	return n
}

// The passport's next step is asked of those who may do it, and of nobody else, from an
// empty one to a verification that ends.
func TestTheNextStepOfAPassportWaitsForWhoeverMayDoIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator, signatory := w.coordinator("og_yayasan"), w.signatory("og_yayasan")
	step := func(name string, ofCoordinator, ofSignatory work.Ask) {
		t.Helper()
		own := []work.Ask{work.FillPassport, work.AttestPassport, work.SubmitPassport, work.CorrectPassport, work.RenewPassport}
		for who, row := range map[string]struct {
			ctx  context.Context
			want work.Ask
		}{
			"coordinator": {coordinator, ofCoordinator}, "signatory": {signatory, ofSignatory},
			"trainer": {w.as("og_yayasan", policies.CSO, policies.Trainer), ""},
		} {
			list, err := w.Waiting(row.ctx)
			var got work.Ask
			for _, item := range list {
				if count([]work.Item{item}, own...) > 0 {
					got = item.Ask
				}
			}
			if err != nil || got != row.want || count(list, own...) > 1 {
				t.Errorf("%s: the %s is asked %q (%v), want %q", name, who, got, err, row.want)
			}
		}
	}
	step("an empty passport", work.FillPassport, "")
	p, err := w.Mine(coordinator)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range organisations.Sections() {
		if p, err = w.EditSection(coordinator, section, p.Version, organisations.Edit{Answers: answers(section)}); err != nil {
			t.Fatal(err)
		}
	}
	step("a complete one", "", work.AttestPassport)
	w.attest(t, "og_yayasan", p)
	step("an attested one", "", work.SubmitPassport)
	m := w.member(t, "og_yayasan")
	ok := func(m *organisations.Member, err error) *organisations.Member {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m = ok(w.Submit(signatory, m.ID, m.Version))
	step("a submitted one", "", "")
	m = ok(w.Check(w.officer(), m.ID, m.Version))
	m = ok(w.Return(w.officer(), m.ID, m.Version, organisations.Reason{Reason: "Akta belum terbaca"}))
	step("one that came back", work.CorrectPassport, work.SubmitPassport)
	m = ok(w.Submit(signatory, m.ID, m.Version))
	m = ok(w.Check(w.officer(), m.ID, m.Version))
	ok(w.Confirm(w.approver(), m.ID, m.Version, organisations.Confirm{ValidUntil: "2027-03-24"}))
	step("a verified one", "", "")
	w.Clock.Forward(61 * 24 * time.Hour) // 24 January: 59 days before the last one
	step("one that ends soon", work.RenewPassport, "")
	w.Clock.Forward(61 * 24 * time.Hour)
	step("one that ended", "", work.SubmitPassport)
}
