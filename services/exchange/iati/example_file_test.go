package iati_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
	"github.com/mitra-platform/mitra/services/money"
)

// annotated reads the one activity of the annotated example.
func annotated(t *testing.T) *iati.Element {
	t.Helper()
	path := filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml")
	file, err := os.Open(path) // #nosec G304 -- a test reads the standards
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	all, err := readAll(t, file)
	if err != nil || len(all) != 1 || all[0].Activity == nil {
		t.Fatalf("got %+v, %v", all, err)
	}
	return all[0]
}

// same compares a part of the example with what was read off the file by eye.
func same(t *testing.T, name string, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	t.Errorf("%s:\ngot  %s\nwant %s", name, g, w)
}

func en(text string) iati.Texts { return iati.Texts{{Lang: "en", Text: text}} }

func enFr(english, french string) iati.Texts {
	return iati.Texts{{Lang: "en", Text: english}, {Lang: "fr", Text: french}}
}

func eur(minor int64, day string) iati.Value {
	v := iati.Value{Money: money.Money{Amount: minor, Currency: "EUR"}}
	_ = v.Day.UnmarshalText([]byte(day))
	return v
}

func gbp(minor int64) *money.Money { return &money.Money{Amount: minor, Currency: "GBP"} }

func link(file, title, description string) iati.Document {
	return iati.Document{
		URL: "http:www.example.org/docs/" + file, Format: "application/vnd.oasis.opendocument.text",
		Titles: en(title), Descriptions: en(description),
		Categories: []string{"A01"}, Languages: []string{"en"}, Day: "2014-02-05",
	}
}

func TestTheAnnotatedExampleLeavesOnlyPersonsOver(t *testing.T) {
	t.Parallel()
	element := annotated(t)
	if len(element.Problems) != 0 {
		t.Errorf("problems: %v", codes(element))
	}
	want := map[string]int{
		"iati-activity/contact-info/person-name": 1, "iati-activity/contact-info/job-title": 1, "iati-activity/contact-info/telephone": 1,
		"iati-activity/contact-info/email": 1, "iati-activity/contact-info/mailing-address": 1,
	}
	if !maps.Equal(element.Leftovers, want) {
		t.Errorf("leftovers: got %v; want %v", element.Leftovers, want)
	}
	if element.Number != 1 || element.Line != 8 {
		t.Errorf("number %d, line %d; want 1, 8", element.Number, element.Line)
	}
}

func TestTheAnnotatedExampleSaysWhoAndWhat(t *testing.T) {
	t.Parallel()
	a := annotated(t).Activity
	same(t, "identifier", a.Identifier, "AA-AAA-123456789-ABC123")
	same(t, "attributes", []any{a.Lang, a.DefaultCurrency, a.LastUpdated, a.Humanitarian, a.LinkedDataURI, a.Hierarchy, a.BudgetNotProvided},
		[]any{"en", money.Currency("USD"), "2014-09-10T07:15:37Z", true, "http://data.example.org/123456789", 1, "1"})
	same(t, "reporting-org", a.Reporting, &iati.ReportingOrg{Org: iati.Org{
		Ref: "AA-AAA-123456789", Type: "40", Names: enFr("Organisation name", "Nom de l'organisme"),
	}})
	same(t, "title", a.Titles, append(enFr("Activity title", "Titre de l'activité"), iati.Text{Lang: "es", Text: "Título de la actividad"}))
	same(t, "title in Spanish", a.Titles.In("id", "es"), "Título de la actividad")
	if len(a.Descriptions) != 3 {
		t.Fatalf("got %d descriptions", len(a.Descriptions))
	}
	same(t, "objectives", a.Descriptions[1], iati.Description{Type: "2", Texts: enFr(
		"Objectives for the activity, for example from a logical framework.",
		"Objectifs de l'activité, par exemple à partir d'un cadre logique.")})
	same(t, "participating-org", a.Participants, []iati.Participant{
		{Role: iati.Funding, Org: iati.Org{Ref: "BB-BBB-123456789", Type: "40", ActivityID: "BB-BBB-123456789-1234", Names: en("Name of Agency B")}},
		{Role: iati.Accountable, Org: iati.Org{Ref: "CC-CCC-123456789", Type: "10", ActivityID: "CC-CCC-123456789-1234", Names: en("Name of Agency C")}},
		{Role: iati.Extending, CRSChannel: "000000", Org: iati.Org{
			Ref: "AA-AAA-123456789", Type: "21", ActivityID: "AA-AAA-123456789-1234", Names: enFr("Name of Agency A", "Nom de l'agence A"),
		}},
	})
	same(t, "other-identifier", a.OtherIdentifiers, []iati.OtherIdentifier{{
		Ref: "ABC123-XYZ", Type: "A1", Owner: &iati.Org{Ref: "AA-AAA-123456789", Names: en("Organisation name")},
	}})
	same(t, "status", a.Status, iati.Implementing)
	same(t, "dates", a.Dates, []iati.Date{
		{Type: iati.PlannedStart, Day: "2012-04-15", Note: enFr("Planned start date of the activity", "Date prévue de début de l'activité")},
		{Type: iati.ActualStart, Day: "2012-04-28"},
		{Type: iati.PlannedEnd, Day: "2015-12-31"},
	})
	same(t, "contact", a.Contacts, []iati.Contact{{
		Type: "1", Organisation: en("Agency A"), Department: en("Department B"), Websites: []string{"http://www.example.org"},
	}})
}

func TestTheAnnotatedExampleSaysWhere(t *testing.T) {
	t.Parallel()
	a := annotated(t).Activity
	same(t, "scope", a.Scope, "3")
	same(t, "countries", a.Countries, []iati.Share{
		{Coded: iati.Coded{Code: "AF"}, Percentage: "25"}, {Coded: iati.Coded{Code: "AG"}, Percentage: "25"},
	})
	same(t, "regions", a.Regions, []iati.Share{
		{Coded: iati.Coded{Code: "489", Vocabulary: "1"}, Percentage: "25"},
		{Coded: iati.Coded{Code: "A1", Vocabulary: "99", VocabularyURI: "http://example.com/vocab.html"}, Percentage: "25"},
	})
	place := func(ref, id, name, description, about string, latitude, longitude float64) iati.Location {
		return iati.Location{
			Ref: ref, Reach: "1", IDs: []iati.Coded{{Code: id, Vocabulary: "G1"}},
			Names: en(name), Description: en(description), ActivityDescription: en(about),
			Administrative: []iati.Administrative{{Vocabulary: "G1", Level: "1", Code: "1453782"}},
			Point:          &iati.Point{Latitude: latitude, Longitude: longitude}, Exactness: "1", Class: "2", Feature: "ADMF",
		}
	}
	same(t, "locations", a.Locations, []iati.Location{
		place("AF-KAN", "1453782", "Location name", "Location description",
			"A description that qualifies the activity taking place at the location.", 31.616944, 65.716944),
		place("KH-PNH", "1821306", "Location #2 name", "Location #2 description",
			"A description that qualifies the activity taking place at location #2", 11.55, 104.9167),
	})
}

func TestTheAnnotatedExampleSaysWhatKind(t *testing.T) {
	t.Parallel()
	a := annotated(t).Activity
	const uri = "http://example.com/vocab.html"
	same(t, "sectors", a.Sectors, []iati.Share{
		{Coded: iati.Coded{Code: "111", Vocabulary: "2"}, Percentage: "50"},
		{Coded: iati.Coded{Code: "112", Vocabulary: "2"}, Percentage: "50"},
		{Coded: iati.Coded{Code: "A1", Vocabulary: "99", VocabularyURI: uri, Names: en("A description of the sector")}, Percentage: "100"},
	})
	same(t, "tags", a.Tags, []iati.Coded{
		{Code: "1", Vocabulary: "1", Names: en("A description of the tag")},
		{Code: "T1", Vocabulary: "99", VocabularyURI: uri, Names: en("A description of the tag")},
	})
	same(t, "country budget items", a.BudgetItems, &iati.CountryBudgetItems{Vocabulary: "4", Items: []iati.BudgetItem{
		{Code: "1844", Percentage: "50", Description: en("Description text")},
		{Code: "1900", Percentage: "50", Description: en("Description text")},
	}})
	same(t, "humanitarian scope", a.Emergencies, []iati.HumanitarianScope{
		{Type: "1", Coded: iati.Coded{Code: "EQ-2015-000048-NPL", Vocabulary: "1-2", Names: enFr("Nepal Earthquake April 2015", "Népal Earthquake Avril 2015")}},
		{Type: "1", Coded: iati.Coded{Code: "A1", Vocabulary: "99", VocabularyURI: uri, Names: en("Nepal Earthquake April 2015")}},
	})
	same(t, "policy markers", a.Markers, []iati.PolicyMarker{
		{Coded: iati.Coded{Code: "2", Vocabulary: "1"}, Significance: "3"},
		{Coded: iati.Coded{Code: "9", Vocabulary: "1"}, Significance: "4"},
		{Coded: iati.Coded{Code: "A1", Vocabulary: "99", VocabularyURI: uri}, Significance: "3"},
	})
	same(t, "defaults", []string{a.Collaboration, a.FlowType, a.FinanceType, a.TiedStatus}, []string{"1", "10", "110", "3"})
	same(t, "aid types", a.AidTypes, []iati.Coded{{Code: "A01", Vocabulary: "1"}, {Code: "1", Vocabulary: "2"}})
}

func TestTheAnnotatedExampleSaysWhatItCosts(t *testing.T) {
	t.Parallel()
	a := annotated(t).Activity
	provider := &iati.Org{Ref: "BB-BBB-123456789", Type: "10", ActivityID: "BB-BBB-123456789-1234AA", Names: en("Agency B")}
	receiver := &iati.Org{Ref: "AA-AAA-123456789", Type: "23", ActivityID: "AA-AAA-123456789-1234", Names: en("Agency A")}
	same(t, "budgets", a.Budgets, []iati.Budget{{
		Line: 231, Type: iati.OriginalBudget, Status: iati.Indicative, From: "2014-01-01", To: "2014-12-31", Value: eur(300000, "2014-01-01"),
	}})
	planned := iati.PlannedDisbursement{
		Line: 239, Type: iati.OriginalBudget, From: "2014-01-01", To: "2014-12-31", Value: eur(300000, "2014-01-01"),
		Provider: provider, Receiver: receiver,
	}
	second := planned
	second.Line, second.Provider, second.Receiver = 253, nil, nil
	same(t, "planned disbursements", a.Planned, []iati.PlannedDisbursement{planned, second})
	same(t, "capital spend", a.CapitalSpend, iati.Decimal("88.8"))
	same(t, "transactions", a.Transactions, []iati.Transaction{{
		Line: 265, Ref: "1234", Humanitarian: true, Type: iati.IncomingFunds, Day: "2012-01-01", Value: eur(100000, "2012-01-01"),
		Description: en("Transaction description text"), Provider: provider, Receiver: receiver, Channel: "1",
		Sectors: []iati.Coded{{Code: "111", Vocabulary: "2"}}, Country: &iati.Coded{Code: "TM"}, Region: &iati.Coded{Code: "616", Vocabulary: "1"},
		FlowType: "10", FinanceType: "110", AidTypes: []iati.Coded{{Code: "A01", Vocabulary: "1"}, {Code: "1", Vocabulary: "2"}}, TiedStatus: "3",
	}})
	same(t, "crs-add", a.CRS, &iati.CRS{
		Flags: []iati.CRSFlag{{Code: "1", Significant: true}},
		Terms: &iati.LoanTerms{Rate1: "4", Rate2: "3", Type: "1", Plan: "4", Commitment: "2013-09-01", First: "2014-01-01", Final: "2020-12-31"},
		Status: &iati.LoanStatus{
			Year: "2014", Day: "2013-05-24", InterestReceived: gbp(20000000), PrincipalOutstanding: gbp(150000000),
			PrincipalArrears: gbp(0), InterestArrears: gbp(0),
		},
		Channel: "21039",
	})
	same(t, "fss", a.FSS, &iati.FSS{Extracted: "2014-05-06", Priority: true, Phaseout: "2016", Forecasts: []iati.Forecast{
		{Year: "2014", Value: iati.Value{Money: *gbp(1000000), Day: "2013-07-03"}},
	}})
}

func TestTheAnnotatedExampleSaysWhatCameOfIt(t *testing.T) {
	t.Parallel()
	a := annotated(t).Activity
	figure := func(value, comment, file, title, about string) iati.Figure {
		return iati.Figure{
			Value: value, Comment: en(comment), Locations: []string{"AF-KAN", "KH-PNH"},
			Dimensions: []iati.Dimension{{Name: "sex", Value: "female"}, {Name: "age", Value: "adult"}},
			Documents:  []iati.Document{link(file, title, about)},
		}
	}
	const uri = "http://example.com/indicators.html"
	indicator := iati.Indicator{
		Line: 349, Measure: iati.Unit, Ascending: true, Aggregation: true,
		Titles: en("Indicator title"), Description: en("Indicator description text"),
		Documents: []iati.Document{link("result_indicator_en.odt", "Results Indicator Report 2013", "Report of results indicator")},
		References: []iati.Coded{
			{Vocabulary: "1", Code: "3429"}, {Vocabulary: "7", Code: "861"}, {Vocabulary: "99", Code: "B1", VocabularyURI: uri},
		},
		Baselines: []iati.Baseline{{Year: 2012, Day: "2012-01-01", Figure: figure("10", "Baseline comment text",
			"result_baseline_en.odt", "Results Baseline Report 2013", "Report of results baseline")}},
		Periods: []iati.Period{{
			Line: 393, From: "2013-01-01", To: "2013-03-31",
			Targets: []iati.Figure{figure("10", "Target comment text",
				"result_period_target_en.odt", "Results Period Target Report 2013", "Report of results period target")},
			Actuals: []iati.Figure{figure("11", "Actual comment text",
				"result_period_actual_en.odt", "Results Period Actual Report 2013", "Report of results period actual")},
		}},
	}
	same(t, "results", a.Results, []iati.Result{{
		Line: 325, Type: iati.Output, Aggregation: true, Titles: en("Result title"), Description: en("Result description text"),
		Documents:  []iati.Document{link("result_en.odt", "Results Report 2013", "Report of results")},
		References: []iati.Coded{{Vocabulary: "99", Code: "B1", VocabularyURI: uri}},
		Indicators: []iati.Indicator{indicator},
	}})
	same(t, "documents", len(a.Documents), 1)
	same(t, "document titles", a.Documents[0].Titles, enFr("Project Report 2013", "Rapport de projet 2013"))
	same(t, "related", a.Related, []iati.Related{{Ref: "AA-AAA-123456789-6789", Type: "1"}})
	same(t, "legacy", a.Legacy, []iati.Legacy{
		{Name: "Project Status", Value: "7", Equivalent: "activity-status"}, {Name: "cost", Value: "1000", Equivalent: "transaction"},
	})
	same(t, "conditions", a.Conditions, &iati.Conditions{Attached: true, Items: []iati.Condition{
		{Type: "1", Texts: enFr("Conditions text", "Conditions texte")},
	}})
}
