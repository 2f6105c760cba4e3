package organisations

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Field is a field of work in which an organisation has expertise.
type Field string

// Fields lists them: what partners in Indonesia look for, at the grain of the DAC's
// three-digit sectors. Words has each under "field_of_work.…".
func Fields() []Field {
	return []Field{
		"education", "health", "nutrition", "water_sanitation", "population", "governance", "participation", "human_rights", "legal_aid", "gender_equality",
		"disability_inclusion", "child_protection", "social_protection", "livelihoods", "agriculture", "fisheries_coast", "forests_land", "environment_climate",
		"disaster_risk", "humanitarian", "energy", "culture", "media_information", "peacebuilding", "migration", "research_data", "other",
	}
}

// UnmarshalText refuses what is none.
func (f *Field) UnmarshalText(text []byte) error { return fault.OneOf(f, text, Fields()) }

// UnmarshalText refuses what is none.
func (g *Group) UnmarshalText(text []byte) error { return fault.OneOf(g, text, Groups()) }

// Place is where an organisation works: a country by its ISO 3166-1 code, and the name of
// a province, regency or village in it as people there write it.
type Place struct {
	Country string `json:"country"`
	Name    string `json:"name"`
}

func tidyPlaces(list []Place) []Place {
	for i := range list {
		list[i].Country, list[i].Name = strings.ToUpper(strings.TrimSpace(list[i].Country)), strings.TrimSpace(list[i].Name)
	}
	return list
}

// checkFound says what is wrong with the fields and places of a passport.
func (c *Content) checkFound() []fault.Field {
	wrong := tooMany("fields_of_work", len(c.Fields), len(Fields()))
	seen := map[Field]bool{}
	for _, f := range c.Fields {
		if !slices.Contains(Fields(), f) || seen[f] {
			wrong = append(wrong, fault.On("fields_of_work", "choice_unknown", "value", string(f)))
		}
		seen[f] = true
	}
	wrong = append(wrong, tooMany("places", len(c.Places), maxPlaces)...)
	for n, p := range c.Places {
		at := fmt.Sprintf("places.%d.", n)
		if !country.MatchString(p.Country) {
			wrong = append(wrong, fault.On(at+"country", "country_malformed"))
		}
		if p.Name == "" {
			wrong = append(wrong, fault.On(at+"name", "required"))
		}
		wrong = append(wrong, checkText(at+"name", p.Name, maxLine)...)
	}
	return wrong
}

// show puts what everybody of the tenant finds the organisation by on its membership. What
// it says of its expertise in words stays with the profile, which agencies read.
func (m *Member) show(c Content) {
	m.Name, m.Acronym, m.LegalForm = c.Name, c.Answers[Identity]["acronym"], c.Answers[Identity]["legal_form"]
	m.Identifiers = c.Identifiers
	m.Experience = visible(c.Experience, "public")
	m.LedBy = ledBy(m.Experience)
	m.Fields, m.Places = listed(c.Fields), listed(c.Places)
	names := make([]string, len(m.Places))
	for i, p := range m.Places {
		names[i] = p.Name
	}
	m.PlaceTerms = store.Terms(names...)
}

// listed is a copy that is a list even when it is empty.
func listed[T any](list []T) []T { return append([]T{}, list...) }

// ledBy are the groups that lead an organisation, each once.
func ledBy(list []Experience) []Group {
	out := []Group{}
	for _, e := range list {
		if e.LedBy && !slices.Contains(out, e.Group) {
			out = append(out, e.Group)
		}
	}
	return out
}

// findable gives memberships from before they could be found by groups, fields and places
// the groups that lead them; the rest comes with the next submission.
func findable(record map[string]any) bool {
	if _, done := record["led_by"]; done {
		return false
	}
	groups := []any{}
	list, _ := record["experience"].([]any)
	for _, one := range list {
		e, _ := one.(map[string]any)
		if led, _ := e["led_by"].(bool); led && !slices.Contains(groups, e["group"]) {
			groups = append(groups, e["group"])
		}
	}
	record["led_by"], record["fields_of_work"], record["places"] = groups, []any{}, []any{}
	return true
}
