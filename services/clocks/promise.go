package clocks

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/fault"
)

// PromiseKind says what is promised.
type PromiseKind string

// What is promised within a number of working days.
const (
	// Acknowledge is to say that something arrived.
	Acknowledge PromiseKind = "acknowledge"
	// Answer is to say what became of it.
	Answer PromiseKind = "answer"
	// Decide is to say yes or no.
	Decide PromiseKind = "decide"
	// Pay is to send money that is owed.
	Pay PromiseKind = "pay"
)

// PromiseKinds lists them in the order in which they come due.
func PromiseKinds() []PromiseKind { return []PromiseKind{Acknowledge, Answer, Decide, Pay} }

// UnmarshalText refuses a promise that is none.
func (k *PromiseKind) UnmarshalText(text []byte) error { return fault.OneOf(k, text, PromiseKinds()) }

// Lengths are how many working days each promise has.
type Lengths struct {
	Acknowledge int `json:"acknowledge"`
	Answer      int `json:"answer"`
	Decide      int `json:"decide"`
	Pay         int `json:"pay"`
}

// DefaultLengths are those of a tenant that has agreed on no others: 3 working days to
// acknowledge, 14 to answer (as public complaints have), 30 to decide and 17 to pay.
func DefaultLengths() Lengths { return Lengths{Acknowledge: 3, Answer: 14, Decide: 30, Pay: 17} }

// Of is the length of one promise.
func (l Lengths) Of(k PromiseKind) int {
	switch k {
	case Acknowledge:
		return l.Acknowledge
	case Answer:
		return l.Answer
	case Decide:
		return l.Decide
	case Pay:
		return l.Pay
	}
	return 0
}

// MaxLength is the longest promise: a working year.
const MaxLength = 260

// Check says which length is out of bounds. An answer is not promised before the word
// that something arrived.
func (l Lengths) Check(field string) []fault.Field {
	var fields []fault.Field
	for _, k := range PromiseKinds() {
		if n := l.Of(k); n < 1 || n > MaxLength {
			fields = append(fields, fault.On(field+"."+string(k), "length_out_of_range", "min", "1", "max", "260"))
		}
	}
	if len(fields) == 0 && l.Answer < l.Acknowledge {
		fields = append(fields, fault.On(field+".answer", "answer_before_acknowledge"))
	}
	return fields
}

// PromiseState is where a promise stands at an instant.
type PromiseState string

// States of a promise. All but Paused follow from instants, so being late in looking
// changes nothing.
const (
	Running  PromiseState = "running"
	Paused   PromiseState = "paused"
	Met      PromiseState = "met"
	MetLate  PromiseState = "met_late"
	Breached PromiseState = "breached"
)

// Pause is a time in which a promise rested, why, and by whose word.
type Pause struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"` // zero while it lasts
	Reason string    `json:"reason"`
	// By is the id of the person who said so, Side the side that person works on.
	By   string `json:"by"`
	Side string `json:"side"`
}

// Promise is a number of working days given to somebody. Its end is fixed when it begins
// and when it is resumed, so that a change of the calendar moves no promise that was given.
type Promise struct {
	Kind    PromiseKind `json:"kind"`
	Length  int         `json:"length"` // working days
	Started time.Time   `json:"started"`
	// Due is the last instant in time, and Zone the zone whose day it ends. While the
	// promise rests, Due is what it was when it was paused.
	Due    time.Time `json:"due"`
	Zone   string    `json:"zone"`
	Pauses []Pause   `json:"pauses"`
	MetAt  time.Time `json:"met_at"`
}

// Begin gives a promise of a length at an instant.
func Begin(kind PromiseKind, length int, at time.Time, c *Calendar) Promise {
	return Promise{Kind: kind, Length: length, Started: at, Due: c.Due(at, length), Zone: c.zone.String(), Pauses: []Pause{}}
}

// Resting says that the promise is paused.
func (p *Promise) Resting() bool {
	return len(p.Pauses) > 0 && p.Pauses[len(p.Pauses)-1].Until.IsZero()
}

// State is where the promise stands at an instant.
func (p *Promise) State(now time.Time) PromiseState {
	switch {
	case !p.MetAt.IsZero() && p.MetAt.After(p.Due):
		return MetLate
	case !p.MetAt.IsZero():
		return Met
	case p.Resting():
		return Paused
	case now.After(p.Due):
		return Breached
	}
	return Running
}

const maxReason = 2000

// Pause lets the promise rest. It needs a reason, which everybody sees, and a promise
// that still runs: one that is broken cannot be mended by a pause.
func (p *Promise) Pause(at time.Time, reason, by, side string) error {
	switch state := p.State(at); {
	case state != Running:
		return fault.New(fault.Conflict, "promise_state", "state", string(state))
	case strings.TrimSpace(reason) == "":
		return fault.Invalid(fault.On("reason", "required"))
	case utf8.RuneCountInString(reason) > maxReason:
		return fault.Invalid(fault.On("reason", "too_long", "max", "2000"))
	case !utf8.ValidString(reason) || strings.ContainsFunc(reason, func(r rune) bool { return r != '\n' && unseen(r) }):
		return fault.Invalid(fault.On("reason", "control_characters"))
	case at.Before(p.Started) || len(p.Pauses) > 0 && at.Before(p.Pauses[len(p.Pauses)-1].Until):
		return fault.New(fault.Conflict, "promise_backwards")
	}
	p.Pauses = append(p.Pauses, Pause{From: at, Reason: reason, By: by, Side: side})
	return nil
}

// Resume goes on: the working days that were left when the pause began are left now. One
// that was paused on its last day ends on the day it goes on, or the next working day. A
// pause never brings the end closer.
func (p *Promise) Resume(at time.Time, c *Calendar) error {
	if !p.MetAt.IsZero() || !p.Resting() {
		return fault.New(fault.Conflict, "promise_state", "state", string(p.State(at)))
	}
	last := &p.Pauses[len(p.Pauses)-1]
	if at.Before(last.From) {
		return fault.New(fault.Conflict, "promise_backwards")
	}
	last.Until = at
	left := max(0, c.WorkingBetween(c.DayOf(last.From), c.DayOf(p.Due)))
	if due := c.AddWorking(c.DayOf(at), left).Ends(c.zone); due.After(p.Due) {
		p.Due, p.Zone = due, c.zone.String()
	}
	return nil
}

// Keep notes that what was promised was done. Done twice, the first counts. A promise
// that rests is met all the same: its pause ends then.
func (p *Promise) Keep(at time.Time, c *Calendar) error {
	if !p.MetAt.IsZero() {
		return nil
	}
	if at.Before(p.Started) {
		return fault.New(fault.Conflict, "promise_backwards")
	}
	if p.Resting() {
		if err := p.Resume(at, c); err != nil {
			return err
		}
	}
	p.MetAt = at
	return nil
}

// Left is how many working days are left until the end, negative once it has passed.
func (p *Promise) Left(now time.Time, c *Calendar) int {
	return c.WorkingBetween(c.DayOf(now), c.DayOf(p.Due))
}
