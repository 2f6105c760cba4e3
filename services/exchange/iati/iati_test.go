package iati_test

import (
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/exchange/iati"
)

// minimal is an activity with everything the standard requires and one %s for more.
const minimal = `<iati-activity default-currency="IDR" xml:lang="id">
<iati-identifier>ID-1</iati-identifier><reporting-org ref="ID-1" type="22"><narrative>OMS</narrative></reporting-org>
<title><narrative>Air bersih</narrative></title><description><narrative>Sumur</narrative></description>
<participating-org role="4" ref="ID-1"/><activity-status code="2"/><activity-date type="1" iso-date="2026-01-31"/>
%s</iati-activity>`

func activityWith(more string) string { return strings.Replace(minimal, "%s", more, 1) }

func file(activities ...string) string {
	return `<iati-activities version="2.03">` + strings.Join(activities, "\n") + `</iati-activities>`
}

// readAll reads a file to its end, or to its refusal.
func readAll(t testing.TB, r io.Reader) ([]*iati.Element, error) {
	t.Helper()
	var all []*iati.Element
	for element, err := range iati.Read(t.Context(), r, iati.Options{}) {
		if err != nil {
			return all, err
		}
		all = append(all, element)
	}
	return all, nil
}

// one reads a file of one activity.
func one(t testing.TB, more string) *iati.Element {
	t.Helper()
	all, err := readAll(t, strings.NewReader(file(activityWith(more))))
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d elements, %v; want one", len(all), err)
	}
	return all[0]
}

// codes are the problems of an element as "path code".
func codes(element *iati.Element) []string {
	var out []string
	for _, p := range element.Problems {
		out = append(out, p.Path+" "+p.Code)
	}
	return out
}

func TestAWholeActivityHasNoProblemAndNothingLeftOver(t *testing.T) {
	t.Parallel()
	element := one(t, "")
	if len(element.Problems) != 0 || len(element.Leftovers) != 0 {
		t.Errorf("problems %v, leftovers %v", codes(element), element.Leftovers)
	}
	a := element.Activity
	if a.Identifier != "ID-1" || a.Status != iati.Implementing || a.Titles.In("id") != "Air bersih" || a.Titles[0].Lang != "id" {
		t.Errorf("got %+v", a)
	}
}

func TestWrongElementsAreRefusedAloneAndToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	budget := func(value string) string {
		return `<budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/>` + value + `</budget>`
	}
	const value = `<value value-date="2026-01-01">5</value>`
	const top = "iati-activity/"
	rows := []struct{ name, more, want string }{
		{"amount with too many places", budget(`<value value-date="2026-01-01">1.005</value>`), top + "budget/value money_too_precise"},
		{"amount that is words", budget(`<value value-date="2026-01-01">lots</value>`), top + "budget/value money_malformed"},
		{"amount that is empty", budget(`<value value-date="2026-01-01"/>`), top + "budget/value money_malformed"},
		{"amount beyond counting", budget(`<value value-date="2026-01-01">` + strings.Repeat("9", 30) + `</value>`), top + "budget/value money_too_large"},
		{"unknown currency", budget(`<value currency="XYZ" value-date="2026-01-01">5</value>`), top + "budget/value/@currency currency_unknown"},
		{"bad value date", budget(`<value value-date="1/2/2026">5</value>`), top + "budget/value/@value-date day_malformed"},
		{"no value date", budget(`<value>5</value>`), top + "budget/value/@value-date attribute_missing"},
		{"no value", budget(""), top + "budget/value element_missing"},
		{"two values", budget(value + value), top + "budget/value element_repeated"},
		{"reversed period", `<budget><period-start iso-date="2026-02-01"/><period-end iso-date="2026-01-31"/>` + value + `</budget>`, top + "budget period_reversed"},
		{"a day no calendar has", `<activity-date type="2" iso-date="2026-02-30"/>`, top + "activity-date/@iso-date day_malformed"},
		{"an unknown date type", `<activity-date type="start-planned" iso-date="2026-02-28"/>`, top + "activity-date/@type code_unknown"},
		{"share above a hundred", `<sector code="111" percentage="100.01"/>`, top + "sector/@percentage percentage_out_of_range"},
		{"negative share", `<recipient-country code="ID" percentage="-1"/>`, top + "recipient-country/@percentage percentage_out_of_range"},
		{"share that is no number", `<recipient-region code="798" percentage="half"/>`, top + "recipient-region/@percentage number_malformed"},
		{"sector without code", `<sector percentage="5"/>`, top + "sector/@code attribute_missing"},
		{"position outside the earth", `<location><point srsName="http://www.opengis.net/def/crs/EPSG/0/4326"><pos>91 0</pos></point></location>`, top + "location/point/pos point_malformed"},
		{"position that is not a number", `<location><point><pos>NaN 0x10</pos></point></location>`, top + "location/point/pos point_malformed"},
		{"another reference system", `<location><point srsName="EPSG:3857"><pos>1 2</pos></point></location>`, top + "location/point/@srsName point_system_unknown"},
		{"transaction without type", `<transaction><transaction-date iso-date="2026-01-01"/>` + value + `</transaction>`, top + "transaction/transaction-type element_missing"},
		{"result of no known type", `<result type="4"><title><narrative>x</narrative></title><indicator measure="1"><title><narrative>x</narrative></title></indicator></result>`, top + "result/@type code_unknown"},
		{"result without indicator", `<result type="1"><title><narrative>x</narrative></title></result>`, top + "result/indicator element_missing"},
		{"baseline without year", `<result type="1"><title><narrative>x</narrative></title><indicator measure="1"><title><narrative>x</narrative></title><baseline value="1"/></indicator></result>`, top + "result/indicator/baseline/@year attribute_missing"},
		{"second scope", `<activity-scope code="1"/><activity-scope code="2"/>`, top + "activity-scope element_repeated"},
		{"link without address", `<document-link format="text/html"><title><narrative>x</narrative></title><category code="A01"/></document-link>`, top + "document-link/@url attribute_missing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			element := one(t, row.more)
			if element.Activity == nil {
				t.Fatalf("the activity was refused: %+v", element.Refusal)
			}
			if got := codes(element); len(got) != 1 || got[0] != row.want {
				t.Errorf("got %q; want [%q]", got, row.want)
			}
			if p := element.Problems[0]; p.Line != 5 {
				t.Errorf("got line %d; want 5", p.Line)
			}
		})
	}
}

func TestAnAmountWithoutAnyCurrencyIsRefused(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(activityWith(
		`<transaction><transaction-type code="3"/><transaction-date iso-date="2026-01-01"/><value value-date="2026-01-01">5</value></transaction>`)),
		` default-currency="IDR"`, "", 1)
	all, err := readAll(t, strings.NewReader(text))
	if err != nil || len(all) != 1 || all[0].Activity == nil {
		t.Fatalf("got %v, %v", all, err)
	}
	if got := codes(all[0]); len(got) != 1 || got[0] != "iati-activity/transaction/value/@currency currency_missing" {
		t.Errorf("got %q", got)
	}
	if p := all[0].Problems[0]; p.Element != "transaction" {
		t.Errorf("got element %q; want transaction", p.Element)
	}
	if len(all[0].Activity.Transactions) != 0 {
		t.Error("the transaction was kept")
	}
}

func TestActivitiesThatCannotBeNamedOrPlacedAreRefused(t *testing.T) {
	t.Parallel()
	whole := activityWith("")
	change := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	rows := []struct{ name, activity, want string }{
		{"no identifier", change("<iati-identifier>ID-1</iati-identifier>", ""), "iati_identifier_missing"},
		{"blank identifier", change("ID-1<", " \n <"), "iati_identifier_missing"},
		{"endless identifier", change("ID-1<", strings.Repeat("x", 513)+"<"), "iati_identifier_too_long"},
		{"no title", change("<title><narrative>Air bersih</narrative></title>", ""), "iati_title_missing"},
		{"empty title", change("Air bersih", " "), "iati_title_missing"},
		{"no status", change(`<activity-status code="2"/>`, ""), "iati_status_missing"},
		{"unknown status", change(`code="2"`, `code="7"`), "iati_status_unknown"},
		{"identifier of the one before", whole, "iati_identifier_duplicate"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			all, err := readAll(t, strings.NewReader(file(whole, row.activity, strings.Replace(whole, "ID-1<", "ID-2<", 1))))
			if err != nil || len(all) != 3 {
				t.Fatalf("got %d elements, %v; want 3", len(all), err)
			}
			if all[0].Activity == nil || all[2].Activity == nil {
				t.Error("a neighbour was refused too")
			}
			if all[1].Activity != nil || all[1].Refusal == nil || all[1].Refusal.Code != row.want {
				t.Errorf("got %+v; want %s", all[1].Refusal, row.want)
			}
			if all[1].Refusal != nil && all[1].Refusal.Line != 6 {
				t.Errorf("got line %d; want 6", all[1].Refusal.Line)
			}
		})
	}
}

func TestWhatHasNoPlaceIsCountedByName(t *testing.T) {
	t.Parallel()
	element := one(t, `<contact-info><person-name><narrative>A. Contoh</narrative></person-name><email>a@example.org</email><email>b@example.org</email></contact-info>
<x:note xmlns:x="urn:example"><x:deep/></x:note><surprise/><flow-type>10</flow-type><activity-scope code="1" colour="red">loose</activity-scope>`)
	want := map[string]int{
		"iati-activity/contact-info/person-name": 1, "iati-activity/contact-info/email": 2,
		"iati-activity/{urn:example}note": 1, "iati-activity/surprise": 1, "iati-activity/flow-type": 1,
		"iati-activity/activity-scope/@colour": 1, "iati-activity/activity-scope/text()": 1,
	}
	if !maps.Equal(element.Leftovers, want) {
		t.Errorf("got  %v\nwant %v", element.Leftovers, want)
	}
	if len(element.Problems) != 0 {
		t.Errorf("problems: %v", codes(element))
	}
}

func TestWhatStandsBesideTheActivitiesIsCountedToo(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file("<other/>loose", activityWith(""), "<other/>"), "version", `colour="red" version`, 1)
	opened, err := iati.Open(t.Context(), strings.NewReader(text), iati.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range opened.Elements() {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]int{"other": 2, "iati-activities/@colour": 1, "iati-activities/text()": 1}
	if !maps.Equal(opened.Leftovers, want) {
		t.Errorf("got %v; want %v", opened.Leftovers, want)
	}
}

func TestEveryKnownVersionIsRead(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2.01", "2.02", "2.03"} {
		opened, err := iati.Open(t.Context(), strings.NewReader(strings.Replace(file(activityWith("")), "2.03", version, 1)), iati.Options{})
		if err != nil || opened.Header.Version != version {
			t.Errorf("%s: got %v, %v", version, opened, err)
		}
	}
}

func TestADigestChangesWithTheContentAndOnlyWithIt(t *testing.T) {
	t.Parallel()
	digest := func(text string) string {
		all, err := readAll(t, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := all[len(all)-1].Activity.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	plain := file(activityWith(""))
	again := file("<!-- moved -->\n\n", strings.Replace(activityWith(""), "ID-1<", "ID-0<", 1), strings.ReplaceAll(activityWith(""), "><", "> <"))
	if digest(plain) != digest(again) {
		t.Error("the place in the file changed the digest")
	}
	if digest(plain) == digest(strings.Replace(plain, "Sumur", "Sumur bor", 1)) {
		t.Error("another description has the same digest")
	}
}

func TestCheckAddsUpWhatIsAccepted(t *testing.T) {
	t.Parallel()
	transaction := func(kind, amount string) string {
		return `<transaction><transaction-type code="` + kind + `"/><transaction-date iso-date="2026-01-01"/><value value-date="2026-01-01">` + amount + `</value></transaction>`
	}
	budget := `<budget type="2"><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/><value currency="JPY" value-date="2026-01-01">7</value></budget>`
	first := activityWith(transaction("3", "10.5") + transaction("3", "-0.25") + transaction("4", "1") + transaction("3", "1.001") + budget)
	summary, err := iati.Check(t.Context(), strings.NewReader(file(first, first)), iati.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Activities != 2 || summary.Refused != 1 || summary.Problems != 1 || summary.Version != "2.03" {
		t.Errorf("got %+v", summary)
	}
	if want := map[string]string{"3|IDR": "10.25", "4|IDR": "1.00"}; !maps.Equal(summary.Transactions, want) {
		t.Errorf("transactions: got %v; want %v", summary.Transactions, want)
	}
	if want := map[string]string{"2|JPY": "7"}; !maps.Equal(summary.Budgets, want) {
		t.Errorf("budgets: got %v; want %v", summary.Budgets, want)
	}
}
