package iati

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
)

// Text is a narrative in one language. Lang is xml:lang as written, of the narrative
// or the nearest element around it, mostly the activity; "" when none says.
type Text struct {
	Lang string `json:"lang,omitempty"`
	Text string `json:"text"`
}

// Texts is the same thing said in several languages.
type Texts []Text

// In is the text in the first of the languages that is there, else the first text.
// "id" finds "id-ID" too.
func (t Texts) In(languages ...string) string {
	for _, lang := range languages {
		for _, text := range t {
			if sameLanguage(text.Lang, lang) {
				return text.Text
			}
		}
	}
	if len(t) == 0 {
		return ""
	}
	return t[0].Text
}

// Activity is what an <iati-activity> holds. Codes are kept as written; where the
// package checks them their type says so. Order is that of the file.
type Activity struct {
	Line              int            `json:"-"`
	Identifier        string         `json:"identifier"`
	Lang              string         `json:"lang,omitempty"`
	DefaultCurrency   money.Currency `json:"default_currency,omitempty"`
	LastUpdated       string         `json:"last_updated,omitempty"` // xsd:dateTime as written
	LinkedDataURI     string         `json:"linked_data_uri,omitempty"`
	Hierarchy         int            `json:"hierarchy,omitempty"` // 0: not given
	Humanitarian      bool           `json:"humanitarian,omitempty"`
	BudgetNotProvided string         `json:"budget_not_provided,omitempty"`

	Reporting        *ReportingOrg     `json:"reporting,omitempty"`
	Titles           Texts             `json:"titles"`
	Descriptions     []Description     `json:"descriptions,omitempty"`
	Participants     []Participant     `json:"participants,omitempty"`
	OtherIdentifiers []OtherIdentifier `json:"other_identifiers,omitempty"`
	Status           Status            `json:"status"`
	Dates            []Date            `json:"dates,omitempty"`
	Contacts         []Contact         `json:"contacts,omitempty"`

	Scope       string              `json:"scope,omitempty"`
	Countries   []Share             `json:"countries,omitempty"`
	Regions     []Share             `json:"regions,omitempty"`
	Locations   []Location          `json:"locations,omitempty"`
	Sectors     []Share             `json:"sectors,omitempty"`
	Tags        []Coded             `json:"tags,omitempty"`
	BudgetItems *CountryBudgetItems `json:"country_budget_items,omitempty"`
	Emergencies []HumanitarianScope `json:"humanitarian_scopes,omitempty"`
	Markers     []PolicyMarker      `json:"policy_markers,omitempty"`

	Collaboration string  `json:"collaboration_type,omitempty"`
	FlowType      string  `json:"flow_type,omitempty"`
	FinanceType   string  `json:"finance_type,omitempty"`
	AidTypes      []Coded `json:"aid_types,omitempty"`
	TiedStatus    string  `json:"tied_status,omitempty"`

	Budgets      []Budget              `json:"budgets,omitempty"`
	Planned      []PlannedDisbursement `json:"planned_disbursements,omitempty"`
	CapitalSpend Decimal               `json:"capital_spend,omitempty"` // per cent
	Transactions []Transaction         `json:"transactions,omitempty"`

	Documents  []Document  `json:"documents,omitempty"`
	Related    []Related   `json:"related,omitempty"`
	Legacy     []Legacy    `json:"legacy,omitempty"`
	Conditions *Conditions `json:"conditions,omitempty"`
	Results    []Result    `json:"results,omitempty"`
	CRS        *CRS        `json:"crs_add,omitempty"`
	FSS        *FSS        `json:"fss,omitempty"`
}

// Digest is a hash of everything the activity holds, in hexadecimal. Two readings
// with one digest hold the same; where in the file they stood does not matter.
func (a *Activity) Digest() (string, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Org names an organisation: its identifier, type and names, each of which may be absent.
type Org struct {
	Ref        string `json:"ref,omitempty"`
	Type       string `json:"type,omitempty"`
	ActivityID string `json:"activity_id,omitempty"` // its own activity
	Names      Texts  `json:"names,omitempty"`
}

// ReportingOrg is who published the activity.
type ReportingOrg struct {
	Org
	Secondary bool `json:"secondary,omitempty"`
}

// Participant is an organisation with a role in the activity.
type Participant struct {
	Org
	Role       Role   `json:"role"`
	CRSChannel string `json:"crs_channel,omitempty"`
}

// Description is a text of a kind: 1 general, 2 objectives, 3 target groups, 4 other.
type Description struct {
	Type  string `json:"type,omitempty"`
	Texts Texts  `json:"texts"`
}

// OtherIdentifier is another name of the activity, and who gave it.
type OtherIdentifier struct {
	Ref   string `json:"ref"`
	Type  string `json:"type"`
	Owner *Org   `json:"owner,omitempty"`
}

// Date is a planned or actual start or end.
type Date struct {
	Type DateType   `json:"type"`
	Day  clocks.Day `json:"day"`
	Note Texts      `json:"note,omitempty"`
}

// Contact is whom to ask, without persons: names, job titles, telephone numbers,
// e-mail and postal addresses are left over on purpose.
type Contact struct {
	Type         string   `json:"type,omitempty"`
	Organisation Texts    `json:"organisation,omitempty"`
	Department   Texts    `json:"department,omitempty"`
	Websites     []string `json:"websites,omitempty"`
}

// Coded is a code of a vocabulary.
type Coded struct {
	Code          string `json:"code"`
	Vocabulary    string `json:"vocabulary,omitempty"` // "": the default of its list
	VocabularyURI string `json:"vocabulary_uri,omitempty"`
	Names         Texts  `json:"names,omitempty"`
}

// Share is a country, region or sector and its part of the activity.
type Share struct {
	Coded
	Percentage Decimal `json:"percentage,omitempty"` // 0 to 100; "" when not given
}

// HumanitarianScope is the emergency or appeal that the activity answers.
type HumanitarianScope struct {
	Coded
	Type string `json:"type"`
}

// PolicyMarker is a policy and how much the activity serves it.
type PolicyMarker struct {
	Coded
	Significance string `json:"significance,omitempty"`
}

// CountryBudgetItems align the activity with the recipient's own budget.
type CountryBudgetItems struct {
	Vocabulary string       `json:"vocabulary"`
	Items      []BudgetItem `json:"items,omitempty"`
}

// BudgetItem is a line of the recipient's budget.
type BudgetItem struct {
	Code        string  `json:"code"`
	Percentage  Decimal `json:"percentage,omitempty"`
	Description Texts   `json:"description,omitempty"`
}

// Document is a link to a document; nothing is fetched.
type Document struct {
	URL          string     `json:"url"`
	Format       string     `json:"format"`
	Titles       Texts      `json:"titles,omitempty"`
	Descriptions Texts      `json:"descriptions,omitempty"`
	Categories   []string   `json:"categories,omitempty"`
	Languages    []string   `json:"languages,omitempty"`
	Day          clocks.Day `json:"day,omitempty"`
}

// Related is another activity: 1 parent, 2 child, 3 sibling, 4 co-funded, 5 third party.
type Related struct {
	Ref  string `json:"ref"`
	Type string `json:"type"`
}

// Legacy is a value of the publisher's own system.
type Legacy struct {
	Name       string `json:"name"`
	Value      string `json:"value"`
	Equivalent string `json:"iati_equivalent,omitempty"`
}

// Conditions are the terms attached to the activity.
type Conditions struct {
	Attached bool        `json:"attached"`
	Items    []Condition `json:"items,omitempty"`
}

// Condition is one term: 1 policy, 2 performance, 3 fiduciary.
type Condition struct {
	Type  string `json:"type"`
	Texts Texts  `json:"texts"`
}
