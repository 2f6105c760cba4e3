package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

func roleNames(s *Shown, roles []policies.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = s.T("role." + string(r))
	}
	return strings.Join(names, ", ")
}

func loginNames(logins []string) string {
	names := make([]string, len(logins))
	for i, login := range logins {
		names[i] = people.Shown(login)
	}
	return strings.Join(names, ", ")
}

// agent is a browser as people know it.
func agent(s *Shown, text string) string {
	browser := s.T("account.unknown_browser")
	for _, name := range [][2]string{{"Firefox", "Firefox"}, {"Edg", "Edge"}, {"OPR", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"}} {
		if strings.Contains(text, name[0]) {
			browser = name[1]
			break
		}
	}
	for _, name := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}} {
		if strings.Contains(text, name[0]) {
			return browser + ", " + name[1]
		}
	}
	return browser
}

func zoneOptions(s *Shown, chosen string) []Option {
	list := []Option{
		{Value: "Asia/Jakarta", Text: "WIB · Jakarta"}, {Value: "Asia/Makassar", Text: "WITA · Makassar, Kupang"},
		{Value: "Asia/Jayapura", Text: "WIT · Jayapura"}, {Value: "UTC", Text: "UTC"},
	}
	found := false
	for i := range list {
		list[i].Chosen = list[i].Value == chosen
		found = found || list[i].Chosen
	}
	if !found && chosen != "" {
		list = append(list, Option{Value: chosen, Text: chosen, Chosen: true})
	}
	return list
}

// Offered is what a link that has just been made offers, and to whom.
type Offered struct {
	*people.Invitation
	// Asked says that it was to be sent by mail, Mailed that it was.
	Asked, Mailed bool
}

// Founding is a tenant as the platform's administrator sees it: without content, with
// the sides that have nobody yet.
type Founding struct {
	Tenant *tenants.Tenant
	Free   []policies.Side
	// New says that the tenant has just been made.
	New      bool
	Made, QR string
	Offered  Offered
}

// command invites a side's first person from the machine's command line.
func (v Founding) command(s *Shown) string {
	side, role := policies.Agency, policies.ProgramOfficer
	if len(v.Free) > 0 && v.Free[0] == policies.CSO {
		side, role = policies.CSO, policies.CSOCoordinator
	}
	return "mitra person invite --tenant " + string(v.Tenant.ID) + " --organisation " + strconv.Quote(s.T("people.organisation")) +
		" --side " + string(side) + " --role " + string(role) + " --email " + "nama@example.org"
}

func (v Founding) free(side policies.Side) bool { return slices.Contains(v.Free, side) }

// cut keeps a value in a list of differences short.
func cut(text string) string {
	const most = 120
	for i := range text {
		if i >= most {
			return text[:i] + "…"
		}
	}
	return dash(text)
}
