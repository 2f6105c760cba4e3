package pages

import (
	"strconv"

	"github.com/a-h/templ"

	"github.com/mitra-platform/mitra/policies"
)

func home(s *Shown) templ.SafeURL {
	if s.Actor.Tenant == "" {
		return "/"
	}
	return templ.SafeURL(s.In(""))
}

func pressed(s *Shown, language string) string {
	return strconv.FormatBool(string(s.W.Language()) == language)
}

// navigation is the way around a tenant.
func navigation(s *Shown) []Link {
	links := []Link{
		{s.In(""), s.T("nav.home")}, {s.In("/programs"), s.T("nav.programs")}, {s.In("/people"), s.T("nav.people")},
		{s.In("/activity"), s.T("nav.activity")},
	}
	if s.May(policies.EditTenantSettings) {
		links = append(links, Link{s.In("/settings"), s.T("nav.settings")})
	}
	return links
}

// tone is the colour of a state's badge.
func tone(state string) string {
	switch state {
	case "active", "accepted", "closed", "open":
		return "badge good"
	case "suspended", "both_accepted", "submitted", "closing":
		return "badge wait"
	case "ended_early", "abandoned", "returned", "ended", "withdrawn":
		return "badge bad"
	}
	return "badge"
}
