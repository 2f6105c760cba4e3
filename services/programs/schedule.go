package programs

import (
	"cmp"
	"slices"

	"github.com/mitra-platform/mitra/services/clocks"
)

// Schedule is how the activities of a plan hang together, by the critical path method with
// finish-to-start dependencies and the dates that both sides agreed.
type Schedule struct {
	Activities []Scheduled `json:"activities"`
	// Dates are the days that decide, the earliest first.
	Dates []CriticalDate `json:"dates"`
}

// Scheduled is an activity in its plan.
type Scheduled struct {
	ID    string     `json:"id"`
	Title string     `json:"title"`
	From  clocks.Day `json:"from"`
	To    clocks.Day `json:"to"`
	// Slack is by how many calendar days it may end later without moving one that waits for
	// it or the end of the program (total float); never less than 0.
	Slack int `json:"slack_days"`
	// Critical says that nothing is to spare.
	Critical bool `json:"critical"`
	// Early are the activities, by id, that it waits for and that end after it begins.
	Early []string `json:"begins_before_end_of"`
}

// DateKind is why a day decides.
type DateKind string

// Kinds of critical dates.
const (
	ProgramBegins DateKind = "program_begins"
	ProgramEnds   DateKind = "program_ends"
	ActivityEnds  DateKind = "activity_ends"
	TargetDue     DateKind = "target_due"
)

// CriticalDate is a day after which something else moves: the first and the last day of the
// program, the end of an activity with nothing to spare, the day of a target.
type CriticalDate struct {
	On   clocks.Day `json:"on"`
	Kind DateKind   `json:"kind"`
	// Title is of the activity or the indicator; empty for the program itself.
	Title string `json:"title"`
	// Waiting are the titles of the activities that wait for it.
	Waiting []string `json:"waiting"`
}

// Schedule works out slack and critical dates of the text.
func (a *Agreed) Schedule() Schedule {
	c := a.critical()
	s := Schedule{Activities: []Scheduled{}, Dates: []CriticalDate{}}
	for i := range a.Activities {
		row := Scheduled{ID: c.of[i].ID, Title: c.of[i].Title, From: c.of[i].From, To: c.of[i].To, Early: []string{}}
		row.Slack = max(0, row.To.Until(c.latest(i)))
		row.Critical = row.Slack == 0
		for _, id := range c.of[i].DependsOn {
			if before, ok := c.row[id]; ok && !c.of[before].To.Before(row.From) {
				row.Early = append(row.Early, id)
			}
		}
		s.Activities = append(s.Activities, row)
	}
	s.Dates = a.dates(c, s.Activities)
	return s
}

func (a *Agreed) dates(c *critical, activities []Scheduled) []CriticalDate {
	list := []CriticalDate{}
	add := func(on clocks.Day, kind DateKind, title string, waiting ...string) {
		if on != "" {
			list = append(list, CriticalDate{On: on, Kind: kind, Title: title, Waiting: append([]string{}, waiting...)})
		}
	}
	add(a.From, ProgramBegins, "")
	for i, row := range activities {
		if row.Critical {
			var waiting []string
			for _, next := range c.after[i] {
				waiting = append(waiting, c.of[next].Title)
			}
			add(row.To, ActivityEnds, row.Title, waiting...)
		}
	}
	for _, ind := range a.Indicators {
		for _, target := range ind.Targets {
			add(target.To, TargetDue, ind.Title)
		}
	}
	add(a.To, ProgramEnds, "")
	slices.SortStableFunc(list, func(x, y CriticalDate) int { return cmp.Compare(x.On, y.On) })
	return list
}

// critical walks a plan's dependencies backwards from its end.
type critical struct {
	of  []Activity
	end clocks.Day
	row map[string]int
	// after are the activities that wait for each.
	after [][]int
	known []clocks.Day
}

func (a *Agreed) critical() *critical {
	c := &critical{of: a.Activities, end: a.To, row: map[string]int{}, after: make([][]int, len(a.Activities)), known: make([]clocks.Day, len(a.Activities))}
	for i, activity := range a.Activities {
		c.row[activity.ID] = i
		if activity.To.After(c.end) {
			c.end = activity.To
		}
	}
	for i, activity := range a.Activities {
		for _, id := range activity.DependsOn {
			if before, ok := c.row[id]; ok {
				c.after[before] = append(c.after[before], i)
			}
		}
	}
	return c
}

// latest is the last day on which an activity may end: the day before the latest beginning
// of the first that waits for it, or the end of the program. Dependencies are acyclic
// (invariant 23).
func (c *critical) latest(i int) clocks.Day {
	if c.known[i] != "" {
		return c.known[i]
	}
	last := c.end
	for _, next := range c.after[i] {
		length := c.of[next].From.Until(c.of[next].To)
		if before := c.latest(next).Add(-length - 1); before.Before(last) {
			last = before
		}
	}
	c.known[i] = last
	return last
}
