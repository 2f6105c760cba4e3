package pages

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/programs"
)

// The workplan's measures, in units of its view box.
const (
	ganttWidth = 720
	ganttRow   = 48
	ganttTop   = 34
	ganttFoot  = 26
	// barDrop is from the top of a row, where its label stands, to its bar.
	barDrop   = 20
	barHeight = 16
	// letter is about how wide one is, so that a label does not leave the picture.
	letter = 11
)

type ganttChart struct {
	box, height, period string
	months              []ganttMark
	bars                []ganttBar
	arrows              []string
	today               *ganttMark
}

// ganttMark is a day on the axis. Near the right edge its text ends there.
type ganttMark struct{ x, y, text, anchor string }

type ganttBar struct {
	x, y, width, textX, textY, anchor, text string
	// critical says that the activity has no day to spare.
	critical bool
}

// gantter lays activities out between the first and the last day.
type gantter struct {
	from, to clocks.Day
	days     int
}

func gantterOf(p *programs.Program) gantter {
	g := gantter{from: p.From, to: p.To}
	for _, a := range p.Activities {
		if g.from == "" || a.From.Before(g.from) {
			g.from = a.From
		}
		if g.to == "" || a.To.After(g.to) {
			g.to = a.To
		}
	}
	g.days = max(1, g.from.Until(g.to)+1)
	return g
}

func (g gantter) x(d clocks.Day) int { return g.from.Until(d) * ganttWidth / g.days }

// ganttOf draws the activities of a plan, each with its label above its bar, and an arrow
// from the end of what it waits for.
func ganttOf(s *Shown, p *programs.Program, schedule programs.Schedule) ganttChart {
	g := gantterOf(p)
	bottom := ganttTop + ganttRow*len(p.Activities)
	c := ganttChart{
		box: fmt.Sprintf("0 0 %d %d", ganttWidth, bottom+ganttFoot), height: strconv.Itoa(bottom + 6), period: s.W.DayRange(g.from, g.to),
	}
	for _, m := range monthsBetween(g.from, g.to) {
		c.months = append(c.months, g.mark(m, 18, s.W.MonthShort(time.Month(monthOf(m)))+" "+string(m[2:4]), 66))
	}
	rows := make(map[string]int, len(p.Activities))
	for i, a := range p.Activities {
		rows[a.ID] = i
		bar := g.bar(i, a)
		bar.critical = schedule.Activities[i].Critical
		c.bars = append(c.bars, bar)
	}
	for i, a := range p.Activities {
		for _, id := range a.DependsOn {
			if before, ok := rows[id]; ok {
				c.arrows = append(c.arrows, g.arrow(before, i, p.Activities[before], a))
			}
		}
	}
	if today := clocks.DayOf(s.Now, s.Zone); !today.Before(g.from) && !today.After(g.to) {
		mark := g.mark(today, bottom+21, s.T("chart.today", "day", s.W.DayShort(today)), 230)
		c.today = &mark
	}
	return c
}

// mark is a text at a day; room is how much of the width it needs.
func (g gantter) mark(d clocks.Day, y int, text string, room int) ganttMark {
	x := g.x(d)
	m := ganttMark{x: strconv.Itoa(x), y: strconv.Itoa(y), text: text, anchor: "start"}
	if x+room > ganttWidth {
		m.anchor = "end"
	}
	return m
}

func (g gantter) bar(row int, a programs.Activity) ganttBar {
	left, right, top := g.x(a.From), g.x(a.To.Add(1)), ganttTop+ganttRow*row
	b := ganttBar{
		x: strconv.Itoa(left), y: strconv.Itoa(top + barDrop), width: strconv.Itoa(max(4, right-left)),
		textX: strconv.Itoa(left), textY: strconv.Itoa(top + 14), anchor: "start", text: a.Title,
	}
	wide := utf8.RuneCountInString(a.Title) * letter
	switch {
	case left+wide <= ganttWidth:
	case right-wide >= 0:
		b.textX, b.anchor = strconv.Itoa(right), "end"
	default:
		b.textX = "0"
	}
	return b
}

// arrow leads from one bar to the beginning of another, left of its label.
func (g gantter) arrow(row, after int, before, a programs.Activity) string {
	const step = 8
	top := func(row int) int { return ganttTop + ganttRow*row + barDrop }
	start := max(g.x(a.From), step)
	down := start - step
	x, y := down, top(row)+barHeight
	if after < row {
		y = top(row)
	}
	if left, right := g.x(before.From), g.x(before.To.Add(1)); down < left || down > right {
		x, y = min(max(down, left), right), top(row)+barHeight/2
	}
	return fmt.Sprintf("M%d %dH%dV%dH%dm-5 -4 5 4-5 4", x, y, down, top(after)+barHeight/2, start)
}

// datesShown is how many critical dates a page lists.
const datesShown = 8

// datesAhead are the next critical dates, from today on.
func datesAhead(s *Shown, dates []programs.CriticalDate) []programs.CriticalDate {
	var ahead []programs.CriticalDate
	for _, d := range dates {
		if !d.On.Before(today(s)) && len(ahead) < datesShown {
			ahead = append(ahead, d)
		}
	}
	return ahead
}

// dateText says why a day decides.
func dateText(s *Shown, d programs.CriticalDate) string {
	return s.T("schedule."+string(d.Kind), "title", d.Title)
}

func monthOf(d clocks.Day) int { _, month, _ := d.Date(); return int(month) }

// monthsBetween are first days of months, at most eight, evenly spaced.
func monthsBetween(from, to clocks.Day) []clocks.Day {
	var all []clocks.Day
	year, month, _ := from.Date()
	for i := 1; i < 1200; i++ {
		d, err := clocks.MakeDay(year+(int(month)-1+i)/12, time.Month((int(month)-1+i)%12+1), 1)
		if err != nil || d.After(to) {
			break
		}
		all = append(all, d)
	}
	step := max(1, (len(all)+7)/8)
	var some []clocks.Day
	for i := 0; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}

// bulletWidth is the way from baseline to target, in units of the picture.
const bulletWidth = 340

// bulletAt is where a share of the way ends, 0 to 10,000.
func bulletAt(basisPoints int64) string {
	return strconv.FormatInt(basisPoints*bulletWidth/10_000, 10)
}

// aim is the figure to reach.
func aim(s *Shown, row programs.Progress) string {
	if row.Target == nil {
		return ""
	}
	return valueText(s, row.Target.Value)
}
