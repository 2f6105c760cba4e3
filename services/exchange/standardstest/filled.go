package standardstest

import (
	"os"
	"strings"
	"testing"
)

// Filled reads a schema test and puts real values where its placeholders stand: the
// schema looks at structure only, so the tests name version, codes and currency "xx"
// and leave the identifier empty.
func Filled(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path) // #nosec G304 -- a test reads the standards
	if err != nil {
		t.Fatal(err)
	}
	return []byte(placeholders.Replace(string(text)))
}

var placeholders = strings.NewReplacer(
	`version="xx"`, `version="2.03"`,
	`<iati-identifier></iati-identifier>`, `<iati-identifier>XX-1</iati-identifier>`,
	`<iati-identifier/>`, `<iati-identifier>XX-1</iati-identifier>`,
	`<iati-activity>`, `<iati-activity default-currency="EUR">`,
	`<activity-status code="xx"`, `<activity-status code="2"`, `<activity-status xml:lang="en" code="X"`, `<activity-status code="2"`,
	`<other-identifier ref=""`, `<other-identifier ref="XX-2"`,
	`role="xx"`, `role="1"`, `role="X"`, `role="1"`,
	`<activity-date type="xx"`, `<activity-date type="1"`,
	`measure="xx"`, `measure="1"`, `measure="Unit"`, `measure="1"`, `measure="NDP"`, `measure="3"`,
	`<result type="xx"`, `<result type="1"`, `<result type="output"`, `<result type="1"`, `<result type="X"`, `<result type="1"`,
	`<budget type="X"`, `<budget type="1"`, `<planned-disbursement type="x"`, `<planned-disbursement type="1"`,
	`<transaction-type code="xx"`, `<transaction-type code="3"`, `<transaction-type code="X"`, `<transaction-type code="3"`,
)
