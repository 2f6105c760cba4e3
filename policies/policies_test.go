package policies_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mitra-platform/mitra/policies"
)

var update = flag.Bool("update", false, "write the golden matrix")

func open(t testing.TB) *policies.Book {
	t.Helper()
	book, err := policies.Open()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestTheGoldenMatrixSaysWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	book := open(t)
	var b strings.Builder
	for _, action := range policies.Actions() {
		var who []string
		for _, role := range policies.Roles() {
			if book.May("kupang", []policies.Role{role}, action) {
				who = append(who, string(role))
			}
		}
		fmt.Fprintf(&b, "%s: %s\n", action, strings.Join(who, " "))
	}
	file := filepath.Join("testdata", "matrix.golden")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file) // #nosec G304 -- a constant
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the permission book changed; read the difference as you would read code, then -update\ngot:\n%s\nwant:\n%s", got, want)
	}
}

func TestEachActOfTheRelationshipIsOpenToBothSides(t *testing.T) {
	t.Parallel()
	book := open(t)
	mirrors, err := policies.Mirrors()
	if err != nil {
		t.Fatal(err)
	}
	may := func(side policies.Side, action policies.Action) bool {
		for _, role := range policies.Roles() {
			if role.MayBeHeldBy(side) && book.May("kupang", []policies.Role{role}, action) {
				return true
			}
		}
		return false
	}
	for _, m := range mirrors {
		agency, cso := may(policies.Agency, m.Agency), may(policies.CSO, m.CSO)
		if !agency || !cso {
			t.Errorf("%s: agency may %t, CSO may %t; want both", m.Act, agency, cso)
		}
		if m.AgencyPersons != m.CSOPersons {
			t.Errorf("%s: an agency needs %d persons and a CSO %d; want the same", m.Act, m.AgencyPersons, m.CSOPersons)
		}
	}
}

func TestPlatformAdminReadsAndChangesNoContent(t *testing.T) {
	t.Parallel()
	book := open(t)
	own := map[policies.Action]bool{policies.CreateTenant: true, policies.SuspendTenant: true, policies.ManageOwnAccount: true}
	for _, action := range policies.Actions() {
		if got := book.May("kupang", []policies.Role{policies.PlatformAdmin}, action); got != own[action] {
			t.Errorf("platform_admin %s: got %t, want %t", action, got, own[action])
		}
	}
}

func TestObserversAndStrangersChangeNothing(t *testing.T) {
	t.Parallel()
	book := open(t)
	reads := map[string]bool{"read": true, "list": true, "manage": true}
	for _, action := range policies.Actions() {
		_, act, _ := strings.Cut(action.String(), ".")
		if book.May("kupang", []policies.Role{policies.Observer}, action) && !reads[act] {
			t.Errorf("an observer may %s", action)
		}
		if book.May("kupang", []policies.Role{policies.Public}, action) != (action == policies.ReadHeads) {
			t.Errorf("a stranger may %s, or may not read the journal's heads", action)
		}
	}
}

func TestNoRoleMayDoWhatOnlyTheSystemDoes(t *testing.T) {
	t.Parallel()
	book := open(t)
	for _, action := range policies.SystemActions() {
		if book.May("kupang", policies.Roles(), action) {
			t.Errorf("a role may %s", action)
		}
	}
}

func TestRolesAreHeldOnTheSidesOfTheTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role               policies.Role
		agency, cso, other bool
	}{
		{policies.TenantAdmin, true, true, false},
		{policies.ProgramOfficer, true, false, false},
		{policies.Approver, true, false, false},
		{policies.FinanceOfficer, true, true, false},
		{policies.Signatory, true, true, false},
		{policies.CSOCoordinator, false, true, false},
		{policies.Trainer, true, true, false},
		{policies.Member, true, true, true},
		{policies.Reviewer, true, true, true},
		{policies.Observer, true, true, true},
		{policies.Participant, false, false, false},
		{policies.PlatformAdmin, false, false, false},
		{policies.Public, false, false, false},
	}
	for _, tt := range tests {
		got := [3]bool{tt.role.MayBeHeldBy(policies.Agency), tt.role.MayBeHeldBy(policies.CSO), tt.role.MayBeHeldBy(policies.Other)}
		if want := [3]bool{tt.agency, tt.cso, tt.other}; got != want {
			t.Errorf("%s on agency, cso, other: got %v, want %v", tt.role, got, want)
		}
	}
}

func TestUnknownWordsAreRefused(t *testing.T) {
	t.Parallel()
	var role policies.Role
	if err := role.UnmarshalText([]byte("root")); err == nil || role != "" {
		t.Errorf("role root: got %q, %v; want a refusal", role, err)
	}
	var side policies.Side
	if err := side.UnmarshalText([]byte("both")); err == nil || side != "" {
		t.Errorf("side both: got %q, %v; want a refusal", side, err)
	}
	if open(t).May("kupang", []policies.Role{"root"}, policies.ReadTenant) {
		t.Error("an unknown role may read the tenant")
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	t.Parallel()
	book := open(t)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for _, action := range policies.Actions() {
				if book.May("kupang", []policies.Role{policies.Public}, action) != (action == policies.ReadHeads) {
					t.Errorf("a stranger may %s, or may not read the journal's heads", action)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkMay(b *testing.B) {
	book := open(b)
	roles := []policies.Role{policies.Member, policies.ProgramOfficer}
	for b.Loop() {
		if !book.May("kupang", roles, policies.EditPlan) {
			b.Fatal("a program officer may edit a plan")
		}
	}
}
