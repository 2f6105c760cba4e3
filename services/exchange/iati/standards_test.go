package iati_test

import (
	"bytes"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
)

func TestEveryDocumentThatShouldPassIsReadWhole(t *testing.T) {
	t.Parallel()
	files := standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-pass")
	if len(files) != 215 {
		t.Errorf("got %d documents; want 215", len(files))
	}
	for _, path := range files {
		all, err := readAll(t, bytes.NewReader(standardstest.Filled(t, path)))
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %d elements, %v", path, len(all), err)
			continue
		}
		if all[0].Activity == nil {
			t.Errorf("%s: refused: %+v", path, all[0].Refusal)
			continue
		}
		if got := codes(all[0]); len(got) > 0 {
			t.Errorf("%s: problems %v", path, got)
		}
		for name := range all[0].Leftovers {
			if !strings.Contains(name, "{") && !strings.HasPrefix(name, "iati-activity/contact-info/") {
				t.Errorf("%s: %s is left over", path, name)
			}
		}
	}
}

func TestEveryDocumentThatShouldFailIsToldAboutAndNeverPanics(t *testing.T) {
	t.Parallel()
	files := standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-fail")
	if len(files) != 323 {
		t.Errorf("got %d documents; want 323", len(files))
	}
	for _, path := range files {
		opened, err := iati.Open(t.Context(), bytes.NewReader(standardstest.Filled(t, path)), iati.Options{})
		if err != nil {
			continue
		}
		told := len(opened.Leftovers)
		for element, err := range opened.Elements() {
			if err != nil || element.Refusal != nil {
				told++
				continue
			}
			told += len(element.Problems) + len(element.Leftovers)
		}
		if told == 0 {
			t.Errorf("%s: nothing was told", path)
		}
	}
}

func TestOrganisationFilesAreRefused(t *testing.T) {
	t.Parallel()
	files := standardstest.Files(t, ".xml", "iati", "schema-tests", "organisations")
	files = append(files, filepath.Join(standardstest.Dir(t, "iati", "examples"), "organisation-standard-example-annotated.xml"))
	for _, path := range files {
		if _, err := iati.Check(t.Context(), bytes.NewReader(standardstest.Filled(t, path)), iati.Options{}); fault.CodeOf(err) != "iati_organisation_file" {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// listed are the codes of a code list.
func listed(t testing.TB, list string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(standardstest.Dir(t, "iati", "codelists"), list+".csv")) // #nosec G304 -- see filled
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows[1:] {
		all = append(all, row[0])
	}
	return all
}

func texts[C ~string](list []C) []string {
	var out []string
	for _, code := range list {
		out = append(out, string(code))
	}
	return out
}

func TestOurListsAreTheOnesOfTheStandard(t *testing.T) {
	t.Parallel()
	for name, ours := range map[string][]string{
		"ActivityStatus": texts(iati.Statuses()), "ActivityDateType": texts(iati.DateTypes()), "OrganisationRole": texts(iati.Roles()),
		"BudgetType": texts(iati.BudgetTypes()), "BudgetStatus": texts(iati.BudgetStatuses()),
		"TransactionType": texts(iati.TransactionTypes()), "ResultType": texts(iati.ResultTypes()), "IndicatorMeasure": texts(iati.Measures()),
	} {
		theirs := listed(t, name)
		slices.Sort(ours)
		slices.Sort(theirs)
		if !slices.Equal(ours, theirs) {
			t.Errorf("%s: got %v; want %v", name, ours, theirs)
		}
	}
	for _, code := range listed(t, "Currency") {
		if code == "XBT" { // IATI lists bitcoin, ISO 4217 does not: such an amount is refused and told
			continue
		}
		if !money.Currency(code).Known() {
			t.Errorf("the currency %s is not known", code)
		}
	}
}

func TestTheAnnotatedExampleAddsUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml")
	file, err := os.Open(path) // #nosec G304 -- see filled
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	summary, err := iati.Check(t.Context(), file, iati.Options{})
	if err != nil || summary.Activities != 1 || summary.Refused != 0 || summary.Problems != 0 {
		t.Fatalf("got %+v, %v", summary, err)
	}
	if want := map[string]string{"1|EUR": "1000.00"}; !maps.Equal(summary.Transactions, want) {
		t.Errorf("transactions: got %v; want %v", summary.Transactions, want)
	}
	if want := map[string]string{"1|EUR": "3000.00"}; !maps.Equal(summary.Budgets, want) {
		t.Errorf("budgets: got %v; want %v", summary.Budgets, want)
	}
}

func TestTheFaultsOfTheSchemaTestsAreNamed(t *testing.T) {
	t.Parallel()
	root := standardstest.Dir(t, "iati", "schema-tests", "activities", "should-fail", "legacy")
	for name, want := range map[string]string{
		"budget/01-missing-period-end.xml":                             "budget/period-end element_missing",
		"budget/03-missing-value.xml":                                  "budget/value element_missing",
		"budget/04-missing-attribute-period-start-iso-date.xml":        "budget/period-start/@iso-date attribute_missing",
		"budget/06-missing-attribute-value-date.xml":                   "budget/value/@value-date attribute_missing",
		"budget/11-two-value.xml":                                      "budget/value element_repeated",
		"budget/12-non-decimal-value.xml":                              "budget/value money_malformed",
		"budget/13-empty-decimal-value.xml":                            "budget/value money_malformed",
		"capital-spend/02-missing-attribute-percentage.xml":            "capital-spend/@percentage attribute_missing",
		"crs-add/01-non-decimal-interest-received.xml":                 "crs-add/loan-status/interest-received money_malformed",
		"crs-add/06-non-iso-date-commitment-date.xml":                  "crs-add/loan-terms/commitment-date/@iso-date day_malformed",
		"planned-disbursement/14-multiple-provider-orgs.xml":           "planned-disbursement/receiver-org element_repeated",
		"result/18-non-iso-date-period-period-start.xml":               "result/indicator/period/period-start/@iso-date day_malformed",
		"result/37-non-positiveInteger-baseline-year.xml":              "result/indicator/baseline/@year year_malformed",
		"sector/21-sector-missing-code.xml":                            "sector/@code attribute_missing",
		"transaction/01-missing-transaction-type.xml":                  "transaction/transaction-type element_missing",
		"transaction/22-incorrect-date-value-date.xml":                 "transaction/value/@value-date day_malformed",
		"transaction/23-incorrect-date-transaction-date.xml":           "transaction/transaction-date/@iso-date day_malformed",
		"transaction/40-non-decimal-value.xml":                         "transaction/value money_malformed",
		"humanitarian/01-humanitarian-activity-flag-non-numerical.xml": "@humanitarian boolean_malformed",
	} {
		all, err := readAll(t, bytes.NewReader(standardstest.Filled(t, filepath.Join(root, filepath.FromSlash(name)))))
		if err != nil || len(all) != 1 || all[0].Activity == nil {
			t.Errorf("%s: %d elements, %v", name, len(all), err)
			continue
		}
		if !slices.Contains(codes(all[0]), "iati-activity/"+want) {
			t.Errorf("%s: got %q; want %q", name, codes(all[0]), want)
		}
	}
}
