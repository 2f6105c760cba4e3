package programs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
)

// pair are two people of one side with every role of it: the first has done whatever went
// before, the second nothing.
type pair struct{ first, second context.Context }

func (x *table) pairOf(side policies.Side) pair {
	organisation := map[policies.Side]string{policies.Agency: "og_dinas", policies.CSO: "og_yayasan"}[side]
	var roles []policies.Role
	for _, r := range policies.Roles() {
		if r.Seatable() && r.MayBeHeldBy(side) && r != policies.Observer {
			roles = append(roles, r)
		}
	}
	return pair{
		first:  x.AsPerson(kupang, "first of "+string(side), organisation, side, roles...),
		second: x.AsPerson(kupang, "second of "+string(side), organisation, side, roles...),
	}
}

// persons tries an act by the first of two, then by the second, and says how many people
// it took.
func (p pair) persons(t *testing.T, act func(context.Context) error) int {
	t.Helper()
	err := act(p.first)
	if err == nil {
		return 1
	}
	if fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("by one person: %v", err)
	}
	if err := act(p.second); err != nil {
		t.Fatalf("by another person: %v", err)
	}
	return 2
}

// stage is a program that one side's first person has brought as far as it goes alone.
type stage struct {
	x           *table
	t           *testing.T
	mine, other pair
	p           *programs.Program
}

func (s *stage) ok(p *programs.Program, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.p = p
}

func (s *stage) start(ctx context.Context) error {
	p, err := s.x.Start(ctx, programs.Start{Title: "A", Purpose: "B", Partner: tenants.ActorFrom(s.other.first).Organisation})
	if err == nil {
		s.p = p
	}
	return err
}

func (s *stage) edit(ctx context.Context) error {
	p, err := s.x.EditPlan(ctx, s.p.ID, s.p.Version, programs.Basics{Title: "A", Purpose: "B", From: "2026-11-01", To: "2027-10-31"})
	if err != nil {
		return err
	}
	s.p, err = s.x.EditPlan(ctx, p.ID, p.Version, programs.Results{
		Results:    []programs.ResultNode{{ID: "o1", Level: programs.Output, Title: "O"}},
		Indicators: []programs.Indicator{{ID: "wells", Node: "o1", Title: "W", Measure: programs.CountOf}},
	})
	return err
}

func (s *stage) draft() *stage {
	if err := s.start(s.mine.first); err != nil {
		s.t.Fatal(err)
	}
	if err := s.edit(s.mine.first); err != nil {
		s.t.Fatal(err)
	}
	return s
}

func (s *stage) active() *stage {
	s.draft()
	for _, who := range []context.Context{s.mine.second, s.other.second} {
		s.ok(s.x.Accept(who, s.p.ID, s.p.Version, programs.Acceptance{Hash: s.p.Accord.Hash}))
	}
	s.ok(s.x.OpenReporting(s.other.first, s.p.ID, s.p.Version, programs.Opening{From: s.p.From, To: s.p.To, Until: "2026-12-31"}))
	return s
}

func (s *stage) report(ctx context.Context) (*programs.Actual, error) {
	return s.x.Report(ctx, s.p.ID, programs.Report{Indicator: "wells", From: "2026-11-01", To: "2026-12-31", Value: programs.Value{Value: "1"}})
}

// submitted is an actual of one side, so that the other may answer it.
func (s *stage) submitted(by context.Context) *programs.Actual {
	a, err := s.report(by)
	if err == nil {
		a, err = s.x.Submit(by, a.ID, a.Version)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *stage) proposed(by context.Context) *programs.Amendment {
	s.t.Helper()
	a, err := s.x.Propose(by, s.p.ID, programs.Reason{Reason: "R"})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// acts are the mirrored acts on programs: each brings its record where the act is due,
// and gives the act.
func (s *stage) acts() map[string]func() func(context.Context) error {
	type move = func(context.Context) error
	of := func(_ *programs.Program, err error) error { return err }
	return map[string]func() move{
		"propose a program": func() move { return s.start },
		"lead an imported program": func() move {
			_, p, err := s.x.TakeImport(s.t.Context(), s.x.Gate.System(s.t.Context(), kupang, policies.RunCommand), imported(programs.Active))
			s.ok(p, err)
			return func(c context.Context) error { return of(s.x.TakeLead(c, s.p.ID, s.p.Version)) }
		},
		"edit the plan in one's turn": func() move { s.draft(); return s.edit },
		"hand over the turn": func() move {
			s.draft()
			return func(c context.Context) error { return of(s.x.HandOver(c, s.p.ID, s.p.Version)) }
		},
		"accept the plan": func() move {
			s.draft()
			return func(c context.Context) error {
				return of(s.x.Accept(c, s.p.ID, s.p.Version, programs.Acceptance{Hash: s.p.Accord.Hash}))
			}
		},
		"abandon a draft": func() move {
			s.draft()
			return func(c context.Context) error {
				return of(s.x.Abandon(c, s.p.ID, s.p.Version, programs.Reason{Reason: "R"}))
			}
		},
		"suspend": func() move {
			s.active()
			return func(c context.Context) error {
				return of(s.x.Suspend(c, s.p.ID, s.p.Version, programs.Suspension{Reason: "R", Stops: "S", Until: "2026-12-31"}))
			}
		},
		"resume": func() move {
			s.active()
			s.ok(s.x.Suspend(s.mine.first, s.p.ID, s.p.Version, programs.Suspension{Reason: "R", Stops: "S", Until: "2026-12-31"}))
			return func(c context.Context) error { return of(s.x.Resume(c, s.p.ID, s.p.Version)) }
		},
		"end early": func() move {
			s.active()
			return func(c context.Context) error {
				return of(s.x.EndEarly(c, s.p.ID, s.p.Version, programs.Reason{Reason: "R"}))
			}
		},
		"propose to close": func() move {
			s.active()
			return func(c context.Context) error { return of(s.x.Close(c, s.p.ID, s.p.Version)) }
		},
		"confirm the closing": func() move {
			s.active()
			s.ok(s.x.Close(s.other.first, s.p.ID, s.p.Version))
			return func(c context.Context) error { return of(s.x.ConfirmClosing(c, s.p.ID, s.p.Version)) }
		},
		"open a reporting period": func() move {
			s.active()
			return func(c context.Context) error {
				return of(s.x.OpenReporting(c, s.p.ID, s.p.Version, programs.Opening{From: s.p.From, To: s.p.To, Until: "2026-12-31", Reason: "R"}))
			}
		},
		"lock a reporting period": func() move {
			s.active()
			return func(c context.Context) error {
				return of(s.x.LockReporting(c, s.p.ID, s.p.Version, programs.Locking{From: s.p.From, To: s.p.To}))
			}
		},
		"propose an amendment": func() move {
			s.active()
			return func(c context.Context) error {
				_, err := s.x.Propose(c, s.p.ID, programs.Reason{Reason: "R"})
				return err
			}
		},
		"take up the other side's amendment": func() move {
			a := s.active().proposed(s.other.first)
			return func(c context.Context) error { _, err := s.x.TakeUp(c, a.ID, a.Version); return err }
		},
		"reject an amendment": func() move {
			a := s.active().proposed(s.other.first)
			return func(c context.Context) error {
				_, err := s.x.Reject(c, a.ID, a.Version, programs.Reason{Reason: "R"})
				return err
			}
		},
		"report an actual": func() move {
			s.active()
			return func(c context.Context) error { _, err := s.report(c); return err }
		},
		"submit an actual": func() move {
			s.active()
			a, err := s.report(s.mine.first)
			if err != nil {
				s.t.Fatal(err)
			}
			return func(c context.Context) error { _, err := s.x.Submit(c, a.ID, a.Version); return err }
		},
		"accept the other's actual": func() move {
			a := s.active().submitted(s.other.first)
			return func(c context.Context) error { _, err := s.x.AcceptActual(c, a.ID, a.Version); return err }
		},
		"return the other's actual": func() move {
			a := s.active().submitted(s.other.first)
			return func(c context.Context) error {
				_, err := s.x.ReturnActual(c, a.ID, a.Version, programs.Reason{Reason: "R"})
				return err
			}
		},
	}
}

// Both sides need the same number of people for every act on a program, and the number
// is what the rules of the record make it.
func TestBothSidesNeedAsManyPersonsForEachActOnAProgram(t *testing.T) {
	t.Parallel()
	mirrors, err := policies.Mirrors()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mirrors {
		object, _, _ := strings.Cut(m.Agency.String(), ".")
		if object != "program" && object != "actual" {
			continue
		}
		for side, claimed := range map[policies.Side]int{policies.Agency: m.AgencyPersons, policies.CSO: m.CSOPersons} {
			t.Run(m.Act+" by "+string(side), func(t *testing.T) {
				t.Parallel()
				x := newTable(t)
				s := &stage{x: x, t: t, mine: x.pairOf(side), other: x.pairOf(side.Opposite())}
				ready, known := s.acts()[m.Act]
				if !known {
					t.Fatal("no test tries this act")
				}
				if got := s.mine.persons(t, ready()); got != claimed {
					t.Errorf("it takes %d persons; mirror.csv says %d", got, claimed)
				}
			})
		}
	}
}
