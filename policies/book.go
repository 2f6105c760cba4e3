package policies

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

//go:embed mirror.csv
var mirrorText string

// Book answers whether a role may do an action. It keeps what Casbin said, one answer
// per role and action, for as long as the policy stays the same: on one sheet for all
// tenants without exceptions, on a sheet of its own for each that has some. It is safe
// for use by many goroutines.
type Book struct {
	rows    map[Role]int
	columns map[Action]int
	mu      sync.Mutex // Casbin's enforcer is asked by one at a time
	casbin  *casbin.Enforcer
	shared  *sheet
	own     atomic.Pointer[map[string]*sheet] // by tenant
}

const (
	unasked uint32 = iota
	refused
	allowed
)

// Open reads the embedded policy. It refuses a line that names an unknown role or
// action, so a misspelt permission is a start error and not a silent no.
func Open() (*Book, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("policies: model.conf: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	b := &Book{rows: map[Role]int{}, columns: map[Action]int{}, casbin: e}
	for i, r := range Roles() {
		b.rows[r] = i
	}
	for i, a := range Actions() {
		b.columns[a] = i
	}
	if err := b.read(); err != nil {
		return nil, err
	}
	b.shared = b.blank("", nil)
	b.own.Store(&map[string]*sheet{})
	return b, nil
}

func (b *Book) read() error {
	lines := csv.NewReader(strings.NewReader(policyText))
	lines.Comment, lines.TrimLeadingSpace = '#', true
	rows, err := lines.ReadAll()
	if err != nil {
		return fmt.Errorf("policies: policy.csv: %w", err)
	}
	rules := make([][]string, 0, len(rows))
	for _, row := range rows {
		if len(row) != 4 || row[0] != "p" {
			return fmt.Errorf("policies: policy.csv: %q is not p, role, object, act", row)
		}
		if _, ok := b.rows[Role(row[1])]; !ok {
			return fmt.Errorf("policies: policy.csv: no role %q", row[1])
		}
		if _, ok := b.columns[Action{row[2], row[3]}]; !ok {
			return fmt.Errorf("policies: policy.csv: no action %s.%s", row[2], row[3])
		}
		rules = append(rules, row[1:])
	}
	if _, err := b.casbin.AddPolicies(rules); err != nil {
		return fmt.Errorf("policies: policy.csv: %w", err)
	}
	return nil
}

// May says whether one of the roles may do the action in the tenant. A system action
// is never allowed to a role.
func (b *Book) May(tenant string, roles []Role, action Action) bool {
	column, known := b.columns[action]
	if !known {
		return false
	}
	asked := b.sheetOf(tenant)
	for _, role := range roles {
		row, known := b.rows[role]
		if !known {
			continue
		}
		kept := &asked.answers[row*len(b.columns)+column]
		answer := kept.Load()
		if answer == unasked {
			answer = b.enforce(asked.domain, role, action)
			kept.Store(answer)
		}
		if answer == allowed {
			return true
		}
	}
	return false
}

// enforce asks Casbin. An error of Casbin's is a no. What stands on the shared sheet is
// asked for no tenant at all: an exception that comes meanwhile cannot get onto it.
func (b *Book) enforce(tenant string, role Role, action Action) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok, err := b.casbin.Enforce(string(role), tenant, action.object, action.act); err == nil && ok {
		return allowed
	}
	return refused
}
