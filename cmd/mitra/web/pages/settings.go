package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
)

// SettingsView is what holds in a tenant, and what waits to.
type SettingsView struct {
	*tenants.Tenant
	Agreed   *settings.Binding
	Calendar *clocks.Calendar
	Waiting  []*settings.Proposal
}

// ShowSettings shows what holds in a tenant.
func ShowSettings(v SettingsView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return showSettings(s, v) }
}

// coming are the next days off, at most six.
func (v SettingsView) coming(now time.Time) []clocks.Holiday {
	today := v.Calendar.DayOf(now)
	list := v.Calendar.Holidays(today, today.Add(366))
	return list[:min(6, len(list))]
}

// ProposeView is the form of a change of one part.
type ProposeView struct {
	Agreed *settings.Binding
	Part   settings.Part
}

// Propose asks for a change of one part.
func Propose(v ProposeView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return propose(s, v) }
}

// PreviewHolidays shows what would become of days off, before it is proposed.
func PreviewHolidays(v *settings.Preview) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return previewHolidays(s, v) }
}

// ProposalList is a page of proposals.
type ProposalList struct {
	Items              []*settings.Proposal
	State, Total, Next string
}

// Proposals lists proposals.
func Proposals(v ProposalList) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return proposals(s, v) }
}

// ProposalView is a proposal, who said yes, and what happened to it.
type ProposalView struct {
	*settings.View
	Names   map[tenants.PersonID]string
	History Past
}

// ShowProposal shows a proposal.
func ShowProposal(v ProposalView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return showProposal(s, v) }
}

// TermsHistory shows how what is agreed on came about.
func TermsHistory(past Past) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return termsHistory(s, past) }
}

// MonthView is a month of the tenant's calendar.
type MonthView struct {
	Calendar     *clocks.Calendar
	Today, First clocks.Day
}

// ShowMonth shows a month.
func ShowMonth(v MonthView) func(*Shown) templ.Component {
	return func(s *Shown) templ.Component { return showMonth(s, v) }
}

// last is the month's last day.
func (v MonthView) last() clocks.Day { return v.next().Add(-1) }

func (v MonthView) next() clocks.Day { return v.month(1) }

func (v MonthView) previous() clocks.Day { return v.month(-1) }

func (v MonthView) month(by int) clocks.Day {
	y, m, _ := v.First.Date()
	return clocks.DayOf(time.Date(y, m+time.Month(by), 1, 0, 0, 0, 0, time.UTC), time.UTC)
}

// square is a day of the month, or a place before its first or after its last.
type square struct {
	day     clocks.Day
	number  string
	class   string
	holiday string
}

// weeks are the rows of the month, from Monday.
func (v MonthView) weeks() [][7]square {
	var rows [][7]square
	column := (int(v.First.Weekday()) + 6) % 7
	row := [7]square{}
	for d := v.First; d.Before(v.next()); d = d.Add(1) {
		_, _, n := d.Date()
		c := square{day: d, number: strconv.Itoa(n)}
		if h, off := v.Calendar.Holiday(d); off {
			c.class, c.holiday = "holiday", h.Name
		} else if !v.Calendar.Works(d) {
			c.class = "off"
		}
		if d == v.Today {
			c.class = strings.TrimSpace(c.class + " today")
		}
		row[column] = c
		if column++; column == 7 {
			rows, row, column = append(rows, row), [7]square{}, 0
		}
	}
	if column > 0 {
		rows = append(rows, row)
	}
	return rows
}

// monthQuery is a month as the address of its page spells it.
func monthQuery(d clocks.Day) string { return string(d[:7]) }

// weekdayNames are the working days, in the reader's words.
func weekdayNames(s *Shown, days []clocks.Weekday) string {
	text := ""
	for i, d := range days {
		if i > 0 {
			text += ", "
		}
		text += s.T("weekday." + string(d))
	}
	return text
}

// zoneName is a zone as people here call it, before its name in the zone database.
func zoneName(zone string) string {
	for short, names := range map[string][]string{"WIB": {"Asia/Jakarta", "Asia/Pontianak"}, "WITA": {"Asia/Makassar"}, "WIT": {"Asia/Jayapura"}} {
		if slices.Contains(names, zone) {
			return short + " (" + zone + ")"
		}
	}
	return zone
}

// exceptionText says what an exception lets whom do.
func exceptionText(s *Shown, e policies.Exception) string {
	return s.T("settings.exception", "role", s.T("role."+string(e.Role())), "also", s.T("role."+string(e.Also())))
}

func exceptionOptions(s *Shown, chosen []policies.Exception) []Option {
	var list []Option
	for _, e := range policies.Exceptions() {
		list = append(list, Option{Value: string(e), Text: exceptionText(s, e), Chosen: slices.Contains(chosen, e)})
	}
	return list
}

func workingDays(s *Shown, n int) string { return s.W.N("number.working_days", int64(n)) }

// told is a difference in the reader's words: what it is about, what was, what would be.
func told(s *Shown, d settings.Difference) (what, from, to string) {
	off := func(name string, check bool) string {
		if name != "" && check {
			return name + " (" + s.T("settings.to_check") + ")"
		}
		return name
	}
	length := func(text string) string {
		n, err := strconv.Atoi(text)
		if err != nil {
			return text
		}
		return workingDays(s, n)
	}
	switch d.Part {
	case settings.Zone:
		return s.T("settings.zone"), zoneName(d.From), zoneName(d.To)
	case settings.WorkingDays:
		from, to = came(d, s.T("settings.works_not"), s.T("settings.works"))
		return s.T("weekday." + d.Key), from, to
	case settings.Holidays:
		return s.W.Day(clocks.Day(d.Key)), off(d.From, d.WasCheck), off(d.To, d.Check)
	case settings.Promises:
		return s.T("promise." + d.Key), length(d.From), length(d.To)
	case settings.Exceptions:
		from, to = came(d, s.T("settings.may_not"), s.T("settings.may"))
		return exceptionText(s, policies.Exception(d.Key)), from, to
	}
	return d.Key, d.From, d.To
}

// came says what was and what would be, of something that is there or not.
func came(d settings.Difference, not, is string) (from, to string) {
	if d.Fate == clocks.Removed {
		return is, not
	}
	return not, is
}

// partNames are the parts of a proposal, in the reader's words.
func partNames(s *Shown, parts []settings.Part) string {
	text := ""
	for i, p := range parts {
		if i > 0 {
			text += ", "
		}
		text += s.T("settings_part." + string(p))
	}
	return text
}

// fateMood is how a fate looks.
func fateMood(f clocks.Fate) (mood, sign) {
	switch f {
	case clocks.Added:
		return good, signPlus
	case clocks.Removed:
		return wait, signStop
	case clocks.Rejected:
		return bad, signAlert
	case clocks.Changed:
		return wait, signPen
	}
	return calm, signCheck
}
