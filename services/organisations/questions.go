package organisations

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
)

// Section is a part of a passport.
type Section string

// Sections of a passport (DESIGN.md §3.2).
const (
	Identity     Section = "identity"
	Governance   Section = "governance"
	Finance      Section = "finance"
	Capacity     Section = "capacity"
	Safeguarding Section = "safeguarding"
	Inclusion    Section = "inclusion"
	// Documents is no section of questions; it is marked like one.
	Documents Section = "documents"
)

// Sections lists them in the order in which people fill them in.
func Sections() []Section {
	return []Section{Identity, Governance, Finance, Capacity, Safeguarding, Inclusion}
}

// Answering is how a question is answered.
type Answering string

// Ways of answering. All are kept as text: a day as 2026-11-24, a number as digits.
const (
	Line   Answering = "line"
	Text   Answering = "text"
	Day    Answering = "day"
	Number Answering = "number"
	YesNo  Answering = "yes_no"
	Choice Answering = "choice"
)

// Question is asked in a section. Its words are question.KEY; those of its choices
// question.KEY.CHOICE's.
type Question struct {
	Key      string
	As       Answering
	Required bool
	Choices  []string
}

// Questions are those of a section, in order: what Indonesian organisations are asked
// for wherever they are checked (deed, ministry approval or SKT, AD/ART, tax number),
// and what a partner needs to know.
func Questions(section Section) []Question {
	switch section {
	case Identity:
		return []Question{
			{Key: "legal_name", As: Line, Required: true}, {Key: "acronym", As: Line},
			{Key: "legal_form", As: Choice, Required: true, Choices: []string{"yayasan", "perkumpulan", "unincorporated_skt", "network", "academic", "international", "agency_unit", "other"}},
			{Key: "founded_on", As: Day}, {Key: "deed_number", As: Line}, {Key: "deed_on", As: Day}, {Key: "approval_number", As: Line},
			{Key: "address", As: Text, Required: true}, {Key: "country", As: Line, Required: true}, {Key: "email", As: Line}, {Key: "phone", As: Line}, {Key: "website", As: Line},
		}
	case Governance:
		return []Question{
			{Key: "bylaws", As: YesNo, Required: true}, {Key: "board_chosen", As: Text, Required: true}, {Key: "board_size", As: Number, Required: true},
			{Key: "board_women", As: Number}, {Key: "board_meetings", As: Number, Required: true}, {Key: "conflict_policy", As: YesNo, Required: true},
		}
	case Finance:
		return []Question{
			{Key: "bookkeeping", As: Choice, Required: true, Choices: []string{"paper", "spreadsheet", "software"}}, {Key: "two_signatures", As: YesNo, Required: true},
			{Key: "audit", As: Choice, Required: true, Choices: []string{"never", "internal", "external"}}, {Key: "audited_on", As: Day}, {Key: "tax_reports", As: YesNo, Required: true},
			{Key: "funders", As: Text},
		}
	case Capacity:
		return []Question{
			{Key: "staff", As: Number, Required: true}, {Key: "volunteers", As: Number}, {Key: "works_where", As: Text, Required: true},
			{Key: "expertise", As: Text, Required: true}, {Key: "done_before", As: Text}, {Key: "languages", As: Line},
		}
	case Safeguarding:
		return []Question{
			{Key: "child_policy", As: YesNo, Required: true}, {Key: "abuse_policy", As: YesNo, Required: true}, {Key: "complaints", As: Text, Required: true},
			{Key: "screening", As: YesNo}, {Key: "trained_on", As: Day}, {Key: "data_policy", As: YesNo, Required: true},
		}
	case Inclusion:
		return []Question{{Key: "accessible_office", As: YesNo, Required: true}, {Key: "accommodations", As: Text}}
	}
	return nil
}

// tidy takes the answers that questions of the section ask for, without those that are
// empty, and says what is wrong with them.
func tidy(section Section, in Answers) (Answers, []fault.Field) {
	out := Answers{}
	known := map[string]bool{}
	for _, q := range Questions(section) {
		known[q.Key] = true
		if text := strings.TrimSpace(in[q.Key]); text != "" {
			out[q.Key] = text
		}
	}
	var wrong []fault.Field
	for key := range in {
		if !known[key] {
			wrong = append(wrong, fault.On("answers", "field_unknown"))
		}
	}
	if section == Identity && out["legal_name"] == "" {
		wrong = append(wrong, fault.On("answers.legal_name", "required"))
	}
	out["country"] = strings.ToUpper(out["country"])
	if out["country"] == "" {
		delete(out, "country")
	}
	return out, wrong
}

// check says what is wrong with an answer.
func (q Question) check(text string) []fault.Field {
	name := "answers." + q.Key
	switch q.As {
	case Line:
		return append(checkText(name, text, maxLine), checkKnown(q.Key, name, text)...)
	case Text:
		return checkText(name, text, maxText)
	case Day:
		var day clocks.Day
		if err := day.UnmarshalText([]byte(text)); err != nil {
			return []fault.Field{fault.On(name, fault.CodeOf(err))}
		}
	case Number:
		if n, err := strconv.Atoi(text); err != nil || n < 0 || n > 1_000_000 {
			return []fault.Field{fault.On(name, "number_malformed")}
		}
	case YesNo:
		if text != "yes" && text != "no" {
			return []fault.Field{fault.On(name, "choice_unknown", "value", text)}
		}
	case Choice:
		if !slices.Contains(q.Choices, text) {
			return []fault.Field{fault.On(name, "choice_unknown", "value", text)}
		}
	}
	return nil
}

var (
	country = regexp.MustCompile(`^[A-Z]{2}$`)
	website = regexp.MustCompile(`^https?://[^\s<>"]+$`)
	scheme  = regexp.MustCompile(`^[A-Z]{2,3}-[A-Z0-9][A-Z0-9_-]{0,30}$`)
)

// checkKnown holds an answer to the form that its question has.
func checkKnown(key, name, text string) []fault.Field {
	switch {
	case key == "country" && !country.MatchString(text):
		return []fault.Field{fault.On(name, "country_malformed")}
	case key == "website" && !website.MatchString(text):
		return []fault.Field{fault.On(name, "website_malformed")}
	}
	return nil
}

func checkText(name, text string, most int) []fault.Field {
	switch {
	case utf8.RuneCountInString(text) > most:
		return []fault.Field{fault.On(name, "too_long", "max", strconv.Itoa(most))}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unseen):
		return []fault.Field{fault.On(name, "control_characters")}
	}
	return nil
}

// unseen are characters that cannot be seen, or show another text than is there.
func unseen(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// check says what is wrong with the content.
func (c *Content) check() []fault.Field {
	var wrong []fault.Field
	for _, section := range Sections() {
		for _, q := range Questions(section) {
			if text := c.Answers[section][q.Key]; text != "" {
				wrong = append(wrong, q.check(text)...)
			}
		}
	}
	wrong = append(wrong, c.checkIdentifiers()...)
	wrong = append(wrong, c.checkPersons()...)
	wrong = append(wrong, c.checkFound()...)
	wrong = append(wrong, c.checkDocuments()...)
	return append(wrong, c.checkExperience()...)
}

func tooMany(name string, n, most int) []fault.Field {
	if n <= most {
		return nil
	}
	return []fault.Field{fault.On(name, "too_many", "max", strconv.Itoa(most))}
}

func (c *Content) checkIdentifiers() []fault.Field {
	wrong := tooMany("identifiers", len(c.Identifiers), maxIdentifiers)
	seen := map[string]int{} // in which line, from 1
	for n, i := range c.Identifiers {
		at := fmt.Sprintf("identifiers.%d.", n)
		switch {
		case !scheme.MatchString(i.Scheme):
			wrong = append(wrong, fault.On(at+"scheme", "scheme_malformed"))
		case i.Value == "":
			wrong = append(wrong, fault.On(at+"value", "required"))
		case seen[i.key()] > 0:
			wrong = append(wrong, fault.On(at+"value", "identifier_twice", "scheme", i.Scheme, "value", i.Value, "row", strconv.Itoa(seen[i.key()])))
		default:
			seen[i.key()] = n + 1
		}
		wrong = append(wrong, checkText(at+"value", i.Value, 100)...)
	}
	return wrong
}

func (c *Content) checkPersons() []fault.Field {
	wrong := tooMany("persons", len(c.Persons), maxPersons)
	for n, p := range c.Persons {
		at := fmt.Sprintf("persons.%d.", n)
		if strings.TrimSpace(p.Name) == "" {
			wrong = append(wrong, fault.On(at+"name", "required"))
		}
		wrong = append(wrong, checkText(at+"name", p.Name, maxLine)...)
		if !slices.Contains(PersonRoles(), p.Role) {
			wrong = append(wrong, fault.On(at+"role", "choice_unknown", "value", string(p.Role)))
		}
		switch {
		case p.From == "":
			wrong = append(wrong, fault.On(at+"term_from", "required"))
		case p.To != "" && p.To.Before(p.From):
			wrong = append(wrong, fault.On(at+"term_to", "period_reversed"))
		}
	}
	return wrong
}

func (c *Content) checkExperience() []fault.Field {
	wrong := tooMany("experience", len(c.Experience), maxExperience)
	for n, e := range c.Experience {
		at := fmt.Sprintf("experience.%d.", n)
		if !slices.Contains(Groups(), e.Group) {
			wrong = append(wrong, fault.On(at+"group", "choice_unknown", "value", string(e.Group)))
		}
		if !slices.Contains(Visibilities(), e.Visibility) {
			wrong = append(wrong, fault.On(at+"visibility", "choice_unknown", "value", string(e.Visibility)))
		}
		if e.Years < 0 || e.Years > 200 {
			wrong = append(wrong, fault.On(at+"years", "number_malformed"))
		}
		wrong = append(wrong, checkText(at+"note", e.Note, maxText)...)
	}
	return wrong
}
