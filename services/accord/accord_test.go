package accord_test

import (
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/accord"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

func yes(side policies.Side, person, hash string) accord.Acceptance {
	return accord.Acceptance{Side: side, Person: tenants.PersonID(person), Hash: hash}
}

func TestBothSidesAcceptOneTextAndAnyEditVoidsIt(t *testing.T) {
	t.Parallel()
	var a accord.Accord
	a.Revise("one")
	if err := a.Accept(yes(policies.Agency, "ina", "one")); err != nil || a.Complete() {
		t.Fatalf("one side: %v, complete %v", err, a.Complete())
	}
	if err := a.Accept(yes(policies.CSO, "maria", "zero")); fault.CodeOf(err) != "accord_other_text" {
		t.Errorf("another text: got %v", err)
	}
	if err := a.Accept(yes(policies.CSO, "ina", "one")); fault.CodeOf(err) != "accord_one_person" {
		t.Errorf("one person for both sides: got %v", err)
	}
	if err := a.Accept(yes(policies.CSO, "maria", "one")); err != nil || !a.Complete() {
		t.Errorf("both sides: %v, complete %v", err, a.Complete())
	}
	if err := a.Accept(yes(policies.CSO, "tius", "one")); err != nil || len(a.Acceptances) != 2 {
		t.Errorf("a second yes of a side: %v, %d acceptances", err, len(a.Acceptances))
	}
	a.Revise("one")
	if !a.Complete() {
		t.Error("the same text voided the acceptances")
	}
	a.Revise("two")
	if a.Complete() || len(a.Acceptances) != 0 {
		t.Error("an edit left acceptances standing")
	}
}

func TestAHashIsOfTheTextAlone(t *testing.T) {
	t.Parallel()
	type text struct {
		A string         `json:"a"`
		M map[string]int `json:"m"`
	}
	one, _ := accord.Hash(text{"x", map[string]int{"p": 1, "q": 2}})
	same, _ := accord.Hash(text{"x", map[string]int{"q": 2, "p": 1}})
	other, _ := accord.Hash(text{"y", nil})
	if one != same || one == other || len(one) != 64 {
		t.Errorf("hashes: %s %s %s", one, same, other)
	}
}

func TestTheTurnCountsWorkingDaysOfEachSide(t *testing.T) {
	t.Parallel()
	c, err := clocks.NewCalendar("Asia/Makassar", clocks.Weekdays()[:5], []clocks.Holiday{{On: "2026-11-30", Name: "Libur daerah"}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC) // Tuesday, 23.00 WITA
	turn := accord.Begin(policies.CSO, start)
	if err := turn.Hand(policies.Agency, start, c); fault.CodeOf(err) != "turn_not_yours" {
		t.Errorf("handed over by who has it not: %v", err)
	}
	at := start.Add(2 * time.Hour) // the next day, 01.00 WITA
	if got := turn.Days(policies.CSO, at, c); got != 1 {
		t.Errorf("past midnight in the tenant: %d days, want 1", got)
	}
	if err := turn.Hand(policies.CSO, at, c); err != nil || turn.Side != policies.Agency {
		t.Fatalf("hand over: %v, now %s", err, turn.Side)
	}
	at = at.Add(6 * 24 * time.Hour) // the Tuesday after: Thursday, Friday and Tuesday, the Monday was off
	if agency, cso := turn.Days(policies.Agency, at, c), turn.Days(policies.CSO, at, c); agency != 3 || cso != 1 {
		t.Errorf("agency %d, CSO %d working days; want 3 and 1", agency, cso)
	}
	if err := turn.Hand(policies.Agency, at, c); err != nil {
		t.Fatal(err)
	}
	if err := turn.Hand(policies.CSO, at, c); err != nil || turn.Agency != 3 || turn.CSO != 1 {
		t.Errorf("given back at once: %v, agency %d, CSO %d; want 3 and 1", err, turn.Agency, turn.CSO)
	}
}
