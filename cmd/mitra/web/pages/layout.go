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

// way is a place in the navigation.
type way struct {
	Link
	sign sign
}

// firstWays is how many places stand in one row of a narrow window; the others are in the
// menu there.
const firstWays = 4

// navigation is the way around a tenant.
func navigation(s *Shown) []way {
	ways := []way{
		{Link{s.In(""), s.T("nav.home")}, signHome}, {Link{s.In("/programs"), s.T("nav.programs")}, signList},
		{Link{s.In("/organisations"), s.T("nav.organisations")}, signHouse},
		{Link{s.In("/people"), s.T("nav.persons")}, signPeople}, {Link{s.In("/activity"), s.T("nav.activity")}, signClock},
	}
	if s.May(policies.EditTenantSettings) {
		ways = append(ways, way{Link{s.In("/settings"), s.T("nav.settings")}, signTune})
	}
	return ways
}

// neighbours are the pages that stand beside a place in the navigation: what agencies found
// about organisations and the forms they ask by, and what belongs to programs.
var neighbours = map[string][]string{ //nolint:gochecknoglobals // a constant in all but name
	"/organisations": {"/document-expiries", "/exports/ours", "/due-diligence", "/flags", "/forms", "/form-versions"},
	"/programs":      {"/program-amendments", "/actuals", "/imports", "/exports/iati"},
}

// within says that a page belongs to a place in the navigation.
func within(s *Shown, place string) bool {
	if s.Here(place) {
		return place != s.In("") || s.Path == place
	}
	for _, beside := range neighbours[place[len(s.In("")):]] {
		if s.Here(s.In(beside)) {
			return true
		}
	}
	return false
}

// spoken makes a screen reader say at once what has just been done.
func spoken(m mood) templ.Attributes {
	if m == good {
		return templ.Attributes{"role": "status"}
	}
	return nil
}
