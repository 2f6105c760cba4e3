package policies

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mitra-platform/mitra/services/fault"
)

//go:embed exceptions.csv
var exceptionsText string

// Exception lets the seats of one role do in a tenant what another role may as well:
// "tenant_admin:signatory". The line exceptions.csv allows is the only one there can be.
type Exception string

// Role is the role whose seats may do more.
func (e Exception) Role() Role { role, _, _ := strings.Cut(string(e), ":"); return Role(role) }

// Also is the role whose acts they may do as well.
func (e Exception) Also() Role { _, also, _ := strings.Cut(string(e), ":"); return Role(also) }

// UnmarshalText refuses an exception that the closed list does not have.
func (e *Exception) UnmarshalText(text []byte) error { return fault.OneOf(e, text, Exceptions()) }

// Exceptions is the closed list of what a tenant may agree on, in the order of
// exceptions.csv. No exception makes an administrator or gives a role that some side of
// those who would have it may not hold: a test looks.
func Exceptions() []Exception {
	rows, err := csv.NewReader(strings.NewReader(exceptionsText)).ReadAll()
	if err != nil {
		return nil // a test reads the same text
	}
	list := make([]Exception, 0, len(rows))
	for _, row := range rows[1:] {
		list = append(list, Exception(row[0]+":"+row[1]))
	}
	return list
}

// apart are the roles of which no one role may hold two: who plans, who approves, who
// signs and who keeps the money are different people's business.
var apart = []Role{ProgramOfficer, Approver, Signatory, FinanceOfficer}

// CheckExceptions says what is wrong with a tenant's exceptions: one that the closed list
// lacks (choice_unknown), one that stands twice, or some that together let one role hold
// two of the roles that are kept apart (exception_two_keys), by whatever way.
func CheckExceptions(field string, list []Exception) []fault.Field {
	known := Exceptions()
	var fields []fault.Field
	for i, e := range list {
		switch {
		case !slices.Contains(known, e):
			fields = append(fields, fault.On(field, "choice_unknown", "value", string(e)))
		case slices.Contains(list[:i], e):
			fields = append(fields, fault.On(field, "exception_twice", "value", string(e)))
		}
	}
	if len(fields) > 0 {
		return fields
	}
	for _, role := range Roles() {
		var held []Role
		for _, r := range reach(role, list) {
			if slices.Contains(apart, r) {
				held = append(held, r)
			}
		}
		if len(held) > 1 {
			fields = append(fields, fault.On(field, "exception_two_keys", "role", string(role), "one", string(held[0]), "other", string(held[1])))
		}
	}
	return fields
}

// reach are the roles whose acts a role may do: its own and, by way of exceptions, others'.
func reach(role Role, list []Exception) []Role {
	held := []Role{role}
	for i := 0; i < len(held); i++ {
		for _, e := range list {
			if e.Role() == held[i] && !slices.Contains(held, e.Also()) {
				held = append(held, e.Also())
			}
		}
	}
	return held
}

// sheet are Casbin's answers for one domain: a tenant with exceptions, or "", which stands
// for all that have none.
type sheet struct {
	domain  string
	list    []Exception
	answers []atomic.Uint32
}

func (b *Book) blank(domain string, list []Exception) *sheet {
	return &sheet{domain: domain, list: list, answers: make([]atomic.Uint32, len(b.rows)*len(b.columns))}
}

// sheetOf finds a tenant's answers without waiting for anybody.
func (b *Book) sheetOf(tenant string) *sheet {
	if own, ok := (*b.own.Load())[tenant]; ok {
		return own
	}
	return b.shared
}

// Except puts a tenant's exceptions into force in place of those before: each is added or
// removed by itself, and then the tenant's answers are forgotten, so that what was asked
// in between counts for nothing. Exceptions that may not stand together are refused, and
// nothing changes.
func (b *Book) Except(tenant string, list []Exception) error {
	if fields := CheckExceptions("exceptions", list); len(fields) > 0 {
		return fault.Invalid(fields...)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before := *b.own.Load()
	var had []Exception
	if own, ok := before[tenant]; ok {
		had = own.list
	}
	if slices.Equal(had, list) {
		return nil
	}
	for _, e := range had {
		if !slices.Contains(list, e) {
			if _, err := b.casbin.RemoveGroupingPolicy(string(e.Role()), string(e.Also()), tenant); err != nil {
				return fmt.Errorf("policies: %w", err)
			}
		}
	}
	for _, e := range list {
		if !slices.Contains(had, e) {
			if _, err := b.casbin.AddGroupingPolicy(string(e.Role()), string(e.Also()), tenant); err != nil {
				return fmt.Errorf("policies: %w", err)
			}
		}
	}
	after := make(map[string]*sheet, len(before)+1)
	for t, own := range before {
		if t != tenant {
			after[t] = own
		}
	}
	if len(list) > 0 {
		after[tenant] = b.blank(tenant, slices.Clone(list))
	}
	b.own.Store(&after)
	return nil
}
