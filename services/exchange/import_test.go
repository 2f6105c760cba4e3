package exchange_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

type office struct {
	*tenantstest.World
	*exchange.Service
	officer context.Context
}

func newOffice(t *testing.T) *office {
	t.Helper()
	w := tenantstest.New(t)
	p := programs.Open(programs.Config{
		DB: w.DB, Gate: w.Gate,
		Organisation: func(context.Context, tenants.Scope, tenants.OrganisationID) (string, policies.Side, error) {
			return "", "", fault.NotFound("organisation")
		},
		Calendar: func(context.Context, tenants.Scope) (*clocks.Calendar, error) {
			return clocks.NewCalendar("UTC", clocks.Weekdays()[:5], nil)
		},
	})
	return &office{w, exchange.Open(exchange.Config{DB: w.DB, Gate: w.Gate, Programs: p}), w.As("kupang", "og_dinas", policies.Agency, policies.ProgramOfficer)}
}

func text(name, body string) exchange.File {
	return exchange.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }}
}

func onDisk(path string) exchange.File {
	return exchange.File{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(filepath.Clean(path)) }}
}

const activity = `<iati-activity default-currency="IDR"><iati-identifier>%ID</iati-identifier>
<reporting-org ref="ID-KLN-1" type="22"><narrative>Yayasan</narrative></reporting-org>
<title><narrative>Air %ID</narrative></title><description><narrative>Sumur</narrative></description>
<participating-org role="4" type="22"><narrative>Yayasan</narrative></participating-org>
<activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/>
<budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/><value value-date="2026-01-01">1000.50</value></budget>
<transaction><transaction-type code="3"/><transaction-date iso-date="2026-02-01"/><value value-date="2026-02-01">-25</value></transaction>
%MORE</iati-activity>`

func file(activities ...string) string {
	return `<?xml version="1.0"?><iati-activities version="2.03">` + strings.Join(activities, "") + `</iati-activities>`
}

func one(id, more string) string {
	return strings.NewReplacer("%ID", id, "%MORE", more).Replace(activity)
}

func TestActivitiesAreCreatedThenUnchangedThenUpdated(t *testing.T) {
	t.Parallel()
	x := newOffice(t)
	body := file(one("XX-1", ""), one("XX-2", ""))
	dry, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", body)}, true)
	if err != nil || dry.Created != 2 {
		t.Fatalf("foreseen: %+v, %v", dry, err)
	}
	if page, err := x.Programs.List(x.officer, programs.Criteria{}, store.Query{}); err != nil || len(page.Items) != 0 {
		t.Fatalf("a preview wrote %d programs, %v", len(page.Items), err)
	}
	first, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", body)}, false)
	if err != nil || first.Activities != 2 || first.Created != 2 || !first.Whole() {
		t.Fatalf("first: %+v, %v", first, err)
	}
	if first.Budgets["1|IDR"] != "2001.00" || first.Transactions["3|IDR"] != "-50.00" {
		t.Errorf("sums: %v %v", first.Budgets, first.Transactions)
	}
	again, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", body)}, false)
	if err != nil || again.Unchanged != 2 || again.Created+again.Updated != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	changed := file(one("XX-1", ""), strings.Replace(one("XX-2", ""), "Sumur", "Sumur bor", 1))
	third, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", changed)}, false)
	if err != nil || third.Unchanged != 1 || third.Updated != 1 {
		t.Errorf("changed: %+v, %v", third, err)
	}
	page, err := x.Programs.List(x.officer, programs.Criteria{Words: "air"}, store.Query{Sort: "title"})
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("list: %v, %v", page, err)
	}
	p := page.Items[1]
	if p.State != programs.Active || p.Purpose != "Sumur bor" || p.From != "2026-01-01" || p.Source.Reporting != "Yayasan" ||
		p.Budget[0].Amount.Amount != 100050 || p.Parties[0].Role != programs.Implementer {
		t.Errorf("the program: %+v", p)
	}
}

func TestWhatIsWrongIsNamedAndTheRestIsKept(t *testing.T) {
	t.Parallel()
	x := newOffice(t)
	body := file(
		one("XX-1", `<budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/><value value-date="2026-01-01">1.005</value></budget>`),
		one("XX-1", ""),
		strings.Replace(one("XX-3", ""), "<iati-identifier>XX-3</iati-identifier>", "", 1),
	)
	report, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", body)}, false)
	if err != nil || report.Activities != 3 || report.Created != 1 || len(report.Refused) != 2 {
		t.Fatalf("report: %+v, %v", report, err)
	}
	if report.Activities != report.Created+report.Updated+report.Unchanged+len(report.Refused) {
		t.Errorf("the sum does not hold: %+v", report)
	}
	if report.Refused[0].Code != "iati_identifier_duplicate" || report.Refused[0].Reason == "" {
		t.Errorf("the repeated identifier: %+v", report.Refused[0])
	}
	if !slices.ContainsFunc(report.Warnings, func(r exchange.Row) bool {
		return r.Code == "money_too_precise" && r.Element == "budget" && r.Activity == "XX-1" && r.Line > 0
	}) {
		t.Errorf("warnings: %+v", report.Warnings)
	}
}

func TestAFileThatEndsEarlyIsRefusedWhole(t *testing.T) {
	t.Parallel()
	x := newOffice(t)
	whole := file(one("XX-1", ""), one("XX-2", ""))
	for name, body := range map[string]string{
		"ends early":           whole[:len(whole)-40],
		"another version":      strings.Replace(whole, `"2.03"`, `"1.05"`, 1),
		"an organisation file": strings.ReplaceAll(whole, "iati-activities", "iati-organisations"),
		"a DOCTYPE":            strings.Replace(whole, "<iati-activities", `<!DOCTYPE x [<!ENTITY a "b">]><iati-activities`, 1),
		"nothing":              "",
	} {
		report, err := x.ImportIATI(x.officer, []exchange.File{text("a.xml", body)}, false)
		if err != nil || len(report.Refused) != 1 || report.Created != 0 || report.Refused[0].Activity != "" {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
	if page, err := x.Programs.List(x.officer, programs.Criteria{}, store.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("refused files left %d programs, %v", len(page.Items), err)
	}
}

func TestOnlySomeRolesImport(t *testing.T) {
	t.Parallel()
	x := newOffice(t)
	_, err := x.ImportIATI(x.As("kupang", "og_dinas", policies.Agency, policies.Member), nil, false)
	if fault.CodeOf(err) != "forbidden" {
		t.Errorf("a member: %v", err)
	}
}

// Every valid example of the standard imports whole, and imports again unchanged.
func TestTheStandardsExamplesImportWholeAndAgainUnchanged(t *testing.T) {
	t.Parallel()
	root := standardstest.Dir(t, "iati")
	var paths []string
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".xml") && !strings.Contains(filepath.Base(path), "organisation") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("examples: %v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			x := newOffice(t)
			first, err := x.ImportIATI(x.officer, []exchange.File{onDisk(path)}, false)
			if err != nil {
				t.Fatal(err)
			}
			if !first.Whole() || first.Created != first.Activities || first.Activities == 0 {
				t.Errorf("first: %d activities, %d created, refused %+v", first.Activities, first.Created, first.Refused)
			}
			again, err := x.ImportIATI(x.officer, []exchange.File{onDisk(path)}, false)
			if err != nil || again.Unchanged != again.Activities {
				t.Errorf("again: %d of %d unchanged, %v", again.Unchanged, again.Activities, err)
			}
		})
	}
}

// Every document of the standard's own tests that should pass does.
func TestTheStandardsSchemaTestsThatShouldPassImportWholeAndAgainUnchanged(t *testing.T) {
	t.Parallel()
	x := newOffice(t)
	for i, path := range standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-pass") {
		tenant := tenants.TenantID("t" + strconv.Itoa(i))
		who := x.As(tenant, "og_dinas", policies.Agency, policies.ProgramOfficer)
		files := []exchange.File{text(filepath.Base(path), string(standardstest.Filled(t, path)))}
		report, err := x.ImportIATI(who, files, false)
		if err != nil || !report.Whole() || report.Created != report.Activities {
			t.Errorf("%s: %+v, %v", filepath.Base(path), report, err)
		}
		if again, err := x.ImportIATI(who, files, false); err != nil || again.Unchanged != report.Activities {
			t.Errorf("%s again: %+v, %v", filepath.Base(path), again, err)
		}
	}
}
