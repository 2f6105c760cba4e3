// Package accord is agreement between two sides: a text has a hash, each side accepts
// that hash, and any edit voids what was accepted. Beside it stands the turn: whose move
// it is, and how long each side has held it. It knows no store and no record.
package accord

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// Acceptance is one side's yes to one text.
type Acceptance struct {
	Side         policies.Side          `json:"side"`
	Organisation tenants.OrganisationID `json:"organisation"`
	Person       tenants.PersonID       `json:"person"`
	// Capacity is the role in which the person said yes.
	Capacity policies.Role `json:"capacity"`
	Hash     string        `json:"hash"`
	At       time.Time     `json:"at"`
}

// Accord is the state of an agreement about a text.
type Accord struct {
	// Hash is of the text as it stands.
	Hash        string       `json:"hash"`
	Acceptances []Acceptance `json:"acceptances"`
}

// Hash is the SHA-256 of a text's JSON, in hexadecimal. Struct fields keep their order
// and maps are sorted, so the same text has the same hash everywhere.
func Hash(text any) (string, error) {
	b, err := json.Marshal(text)
	if err != nil {
		return "", fmt.Errorf("accord: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Revise notes the text's hash. A hash that differs voids every acceptance.
func (a *Accord) Revise(hash string) {
	if a.Hash != hash {
		a.Hash, a.Acceptances = hash, nil
	}
}

// Accept adds a side's yes. It refuses a yes to another text than the one that stands,
// and one person for both sides; the same side's second yes changes nothing.
func (a *Accord) Accept(yes Acceptance) error {
	if yes.Hash != a.Hash {
		return fault.New(fault.Conflict, "accord_other_text")
	}
	for _, given := range a.Acceptances {
		switch {
		case given.Side == yes.Side:
			return nil
		case given.Person == yes.Person:
			return fault.New(fault.Conflict, "accord_one_person")
		}
	}
	a.Acceptances = append(a.Acceptances, yes)
	return nil
}

// By says that a side accepted the text that stands.
func (a *Accord) By(side policies.Side) bool {
	for _, given := range a.Acceptances {
		if given.Side == side && given.Hash == a.Hash {
			return true
		}
	}
	return false
}

// Lacks says that somebody's side has not accepted the text that stands, and that they did
// not accept it for the other.
func (a *Accord) Lacks(by tenants.Actor) bool {
	return !a.By(by.Side) && !slices.ContainsFunc(a.Acceptances, func(given Acceptance) bool { return given.Person == by.Person })
}

// Complete says that both sides accepted the text that stands.
func (a *Accord) Complete() bool { return a.By(policies.Agency) && a.By(policies.CSO) }

// Draft is a text that two sides write in turns: what each said to it as it stands, whose
// turn it is, and who wrote in it.
type Draft struct {
	Accord Accord `json:"accord"`
	Turn   Turn   `json:"turn"`
	// Editors are the people who wrote in the text: none of them accepts it for their side.
	Editors []tenants.PersonID `json:"editors"`
}

// Write notes the text as it stands now and who wrote in it.
func (d *Draft) Write(text any, who tenants.PersonID) error {
	hash, err := Hash(text)
	if err != nil {
		return err
	}
	d.Accord.Revise(hash)
	if who != "" && !d.WrittenBy(who) {
		d.Editors = append(d.Editors, who)
	}
	return nil
}

// WrittenBy says that a person wrote in the text, and so accepts it for neither side.
func (d *Draft) WrittenBy(who tenants.PersonID) bool { return slices.Contains(d.Editors, who) }

// Turn is whose move it is, and how long each side has held the turn before.
type Turn struct {
	Side  policies.Side `json:"side"`
	Since time.Time     `json:"since"`
	// Agency and CSO are the working days each side held earlier turns. What was counted in
	// calendar days before a tenant had a calendar stays as it was counted.
	Agency int `json:"agency_days"`
	CSO    int `json:"cso_days"`
}

// Begin gives the first turn.
func Begin(side policies.Side, at time.Time) Turn { return Turn{Side: side, Since: at} }

// Hand gives the turn to the other side. Only the side that holds it may.
func (t *Turn) Hand(by policies.Side, at time.Time, c *clocks.Calendar) error {
	if t.Side != by {
		return fault.New(fault.Conflict, "turn_not_yours")
	}
	t.Agency, t.CSO = t.Days(policies.Agency, at, c), t.Days(policies.CSO, at, c)
	t.Side, t.Since = by.Opposite(), at
	return nil
}

// Days are the working days for which a side has held the turn until an instant, by the
// tenant's calendar: a turn that is given back on the same day counts none, nor does a
// weekend or a day off.
func (t Turn) Days(side policies.Side, at time.Time, c *clocks.Calendar) int {
	days := t.Agency
	if side == policies.CSO {
		days = t.CSO
	}
	if t.Side == side && !t.Since.IsZero() {
		days += max(0, c.WorkingBetween(c.DayOf(t.Since), c.DayOf(at)))
	}
	return days
}
