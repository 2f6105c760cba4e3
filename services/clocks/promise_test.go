package clocks_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

var tuesday = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) // 9.00 WITA

func TestAPromiseRunsIsMetOrBroken(t *testing.T) {
	t.Parallel()
	c := calendar(t, "Asia/Makassar", office)
	due := time.Date(2026, 11, 27, 15, 59, 59, 999_000_000, time.UTC) // the end of Friday
	p := clocks.Begin(clocks.Acknowledge, 3, tuesday, c)
	if !p.Due.Equal(due) || p.Zone != "Asia/Makassar" {
		t.Fatalf("due %v in %s, want %v", p.Due.UTC(), p.Zone, due)
	}
	for at, want := range map[time.Time]clocks.PromiseState{tuesday: clocks.Running, due: clocks.Running, due.Add(time.Millisecond): clocks.Breached} {
		if got := p.State(at); got != want {
			t.Errorf("at %v: %s, want %s", at, got, want)
		}
	}
	met, late := p, p
	if err := met.Keep(due, c); err != nil || met.State(due.Add(time.Hour)) != clocks.Met {
		t.Errorf("met in time: %v, %s", err, met.State(due.Add(time.Hour)))
	}
	if err := met.Keep(due.Add(time.Hour), c); err != nil || met.State(due.Add(time.Hour)) != clocks.Met {
		t.Errorf("met twice: %v, %s; the first counts", err, met.State(due.Add(time.Hour)))
	}
	if err := late.Keep(due.Add(time.Second), c); err != nil || late.State(tuesday) != clocks.MetLate {
		t.Errorf("met late: %v, %s", err, late.State(tuesday))
	}
}

func TestAPauseIsSeenAndMovesTheEndByItsWorkingDays(t *testing.T) {
	t.Parallel()
	c := calendar(t, "Asia/Makassar", office)
	p := clocks.Begin(clocks.Answer, 3, tuesday, c)
	if err := p.Pause(tuesday.Add(24*time.Hour), "Menunggu berkas dari pelapor", "ps_ina", "agency"); err != nil {
		t.Fatal(err)
	}
	if got := p.State(tuesday.Add(90 * 24 * time.Hour)); got != clocks.Paused {
		t.Errorf("while it rests: %s", got)
	}
	// From Wednesday to the Monday after: Thursday, Friday and Monday did not count.
	if err := p.Resume(tuesday.Add(6*24*time.Hour), c); err != nil {
		t.Fatal(err)
	}
	if want := clocks.Day("2026-12-02").Ends(c.Zone()); !p.Due.Equal(want) {
		t.Errorf("due %v, want the end of Wednesday, %v", p.Due, want)
	}
	if len(p.Pauses) != 1 || p.Pauses[0].By != "ps_ina" || p.Pauses[0].Side != "agency" || p.Pauses[0].Reason == "" {
		t.Errorf("the pause: %+v", p.Pauses)
	}
}

// Every state of a promise and every move.
func TestMovesOfAPromise(t *testing.T) {
	t.Parallel()
	c := calendar(t, "Asia/Makassar", office)
	later := tuesday.Add(time.Hour)
	given := map[clocks.PromiseState]func() (clocks.Promise, time.Time){
		clocks.Running: func() (clocks.Promise, time.Time) { return clocks.Begin(clocks.Pay, 2, tuesday, c), later },
		clocks.Paused: func() (clocks.Promise, time.Time) {
			p := clocks.Begin(clocks.Pay, 2, tuesday, c)
			_ = p.Pause(later, "sebab", "ps", "cso")
			return p, later
		},
		clocks.Breached: func() (clocks.Promise, time.Time) {
			return clocks.Begin(clocks.Pay, 2, tuesday, c), tuesday.Add(10 * 24 * time.Hour)
		},
		clocks.Met: func() (clocks.Promise, time.Time) {
			p := clocks.Begin(clocks.Pay, 2, tuesday, c)
			_ = p.Keep(later, c)
			return p, later
		},
		clocks.MetLate: func() (clocks.Promise, time.Time) {
			p := clocks.Begin(clocks.Pay, 2, tuesday, c)
			_ = p.Keep(tuesday.Add(10*24*time.Hour), c)
			return p, tuesday.Add(11 * 24 * time.Hour)
		},
	}
	want := map[clocks.PromiseState][3]string{ // pause, resume, keep
		clocks.Running: {"", "promise_state", ""}, clocks.Paused: {"promise_state", "", ""}, clocks.Breached: {"promise_state", "promise_state", ""},
		clocks.Met: {"promise_state", "promise_state", ""}, clocks.MetLate: {"promise_state", "promise_state", ""},
	}
	for state, made := range given {
		moves := [3]func(*clocks.Promise, time.Time) error{
			func(p *clocks.Promise, at time.Time) error { return p.Pause(at, "sebab", "ps", "cso") },
			func(p *clocks.Promise, at time.Time) error { return p.Resume(at, c) },
			func(p *clocks.Promise, at time.Time) error { return p.Keep(at, c) },
		}
		for i, move := range moves {
			p, at := made()
			if got := p.State(at); got != state {
				t.Fatalf("%s is %s", state, got)
			}
			err := move(&p, at)
			if code := want[state][i]; code == "" && err != nil || code != "" && fault.CodeOf(err) != code {
				t.Errorf("%s, move %d: got %v, want %q", state, i, err, code)
			}
		}
	}
	p, at := given[clocks.Running]()
	if err := p.Pause(at, " ", "ps", "cso"); !hasField(err, "reason", "required") {
		t.Errorf("without a reason: %v", err)
	}
	if err := p.Pause(at, "a\u202eb", "ps", "cso"); !hasField(err, "reason", "control_characters") {
		t.Errorf("a reason that is turned: %v", err)
	}
	if err := p.Pause(tuesday.Add(-time.Hour), "sebab", "ps", "cso"); fault.CodeOf(err) != "promise_backwards" {
		t.Errorf("before it began: %v", err)
	}
}

// A pause leaves as many working days as it found, takes none away, and a promise that
// goes on has at least the rest of a working day.
func TestLawsOfPausing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2)) // #nosec G404 -- a test's own chance
		c := random(t, r)
		p := clocks.Begin(clocks.Decide, 1+r.IntN(40), tuesday, c)
		at := tuesday
		for range r.IntN(5) {
			at = at.Add(time.Duration(r.IntN(100)) * time.Hour)
			before, left := p.Due, p.Left(at, c)
			if p.Pause(at, "sebab", "ps", "cso") != nil {
				break
			}
			at = at.Add(time.Duration(r.IntN(400)) * time.Hour)
			if err := p.Resume(at, c); err != nil {
				t.Fatal(err)
			}
			switch {
			case p.Due.Before(before):
				t.Errorf("seed %d: a pause brought the end from %v to %v", seed, before, p.Due)
			case p.State(at) != clocks.Running:
				t.Errorf("seed %d: resumed and already %s", seed, p.State(at))
			case left > 0 && p.Left(at, c) != left:
				t.Errorf("seed %d: %d working days were left, now %d", seed, left, p.Left(at, c))
			case left == 0 && c.DayOf(p.Due) != c.OnOrAfter(c.DayOf(at)):
				t.Errorf("seed %d: paused on its last day, it ends on %s", seed, c.DayOf(p.Due))
			}
		}
	}
}

func TestLengthsAreWithinAWorkingYear(t *testing.T) {
	t.Parallel()
	if fields := clocks.DefaultLengths().Check("promises"); len(fields) > 0 {
		t.Errorf("the lengths by default: %v", fields)
	}
	for _, tt := range []struct {
		lengths clocks.Lengths
		field   string
		code    string
	}{
		{clocks.Lengths{Acknowledge: 0, Answer: 5, Decide: 5, Pay: 5}, "promises.acknowledge", "length_out_of_range"},
		{clocks.Lengths{Acknowledge: 1, Answer: 261, Decide: 5, Pay: 5}, "promises.answer", "length_out_of_range"},
		{clocks.Lengths{Acknowledge: 1, Answer: 5, Decide: -5, Pay: 5}, "promises.decide", "length_out_of_range"},
		{clocks.Lengths{Acknowledge: 6, Answer: 5, Decide: 5, Pay: 5}, "promises.answer", "answer_before_acknowledge"},
	} {
		if err := fault.Invalid(tt.lengths.Check("promises")...); !hasField(err, tt.field, tt.code) {
			t.Errorf("%+v: got %v, want %s on %s", tt.lengths, err, tt.code, tt.field)
		}
	}
}
