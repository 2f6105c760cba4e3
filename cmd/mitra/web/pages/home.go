package pages

import (
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/programs"
)

// timeUsed is how much of a program's period has gone by today, in basis points, and
// when it ends; less than nothing when its period is not known.
func timeUsed(s *Shown, p *programs.Program) (basisPoints int64, end string) {
	if p.From == "" || p.To == "" {
		return -1, ""
	}
	days := p.From.Until(p.To) + 1
	gone := min(max(p.From.Until(clocks.DayOf(s.Now, s.Zone)), 0), days)
	return int64(gone) * 10_000 / int64(days), s.T("home.period", "period", s.W.DayRangeShort(p.From, p.To))
}
