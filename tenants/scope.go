package tenants

import (
	"time"

	"github.com/mitra-platform/mitra/policies"
)

// Scope is a permission that was asked for and given: one tenant, one actor, one
// action, one instant. Only a Gate makes it; the zero Scope panics when used.
type Scope struct {
	tenant    TenantID
	actor     Actor
	action    policies.Action
	now       time.Time
	readers   []string
	operation string
	system    bool
	readOnly  bool
}

func (s Scope) must() {
	if s.tenant == "" {
		panic("tenants: a Scope that no Gate made")
	}
}

// Tenant is where this is allowed.
func (s Scope) Tenant() TenantID { s.must(); return s.tenant }

// Actor is who acts; the zero Actor for timers.
func (s Scope) Actor() Actor { s.must(); return s.actor }

// Action is what was asked.
func (s Scope) Action() policies.Action { s.must(); return s.action }

// Now is the operation's one instant: UTC, cut to the millisecond the store keeps.
func (s Scope) Now() time.Time { s.must(); return s.now }

// Readers are the audience values that this scope may read; everything when all.
func (s Scope) Readers() (values []string, all bool) { s.must(); return s.readers, s.system }

// ReadOnly says that nothing may be written through this scope.
func (s Scope) ReadOnly() bool { s.must(); return s.readOnly }

// Operation is the id under which a retry of this operation is recognised; "" without.
func (s Scope) Operation() string { s.must(); return s.operation }

// As gives the scope an operation id (a journal entry's, or a form's): a record that
// has already taken the operation is returned unchanged.
func (s Scope) As(operation string) Scope { s.must(); s.operation = operation; return s }
