// Package policies is the permission book: which role may do which kind of act. Casbin
// reads it from policy.csv; Book keeps Casbin's answers so that asking costs nothing.
// Whether a record lets this be done to it now (its state, its side, four eyes) is the
// record's own rule and not written here.
package policies

import (
	"slices"

	"github.com/mitra-platform/mitra/services/fault"
)

// Side says for whom an organisation works. It belongs to the organisation of a seat
// and is never part of a role.
type Side string

// The sides. Other is for donors, media, universities and auditors.
const (
	Agency Side = "agency"
	CSO    Side = "cso"
	Other  Side = "other"
)

// Sides lists the sides in the order in which pages show them.
func Sides() []Side { return []Side{Agency, CSO, Other} }

// Opposite is the side across the table: agency for cso and cso for agency. Other has
// none and gives "".
func (s Side) Opposite() Side {
	switch s {
	case Agency:
		return CSO
	case CSO:
		return Agency
	}
	return ""
}

// UnmarshalText reads a side from outside and refuses any other word.
func (s *Side) UnmarshalText(text []byte) error { return fault.OneOf(s, text, Sides()) }

// Role is what a seat lets a person do. One word serves both sides.
type Role string

// The roles of the policy book.
const (
	TenantAdmin    Role = "tenant_admin"
	ProgramOfficer Role = "program_officer"
	Approver       Role = "approver"
	FinanceOfficer Role = "finance_officer"
	Signatory      Role = "signatory"
	CSOCoordinator Role = "cso_coordinator"
	Trainer        Role = "trainer"
	Member         Role = "member"
	Reviewer       Role = "reviewer"
	Observer       Role = "observer"
	// Participant is a signed-in person without a seat here.
	Participant Role = "participant"
	// Public is somebody who did not sign in.
	Public Role = "public"
	// PlatformAdmin runs machines and tenants and reads no content.
	PlatformAdmin Role = "platform_admin"
)

// Roles lists every role in the order of the golden matrix.
func Roles() []Role {
	return []Role{TenantAdmin, ProgramOfficer, Approver, FinanceOfficer, Signatory, CSOCoordinator, Trainer,
		Member, Reviewer, Observer, Participant, Public, PlatformAdmin}
}

// UnmarshalText reads a role from outside and refuses any other word.
func (r *Role) UnmarshalText(text []byte) error { return fault.OneOf(r, text, Roles()) }

// Seatable says that the role is given by a seat. Participant, public and platform_admin
// follow from something else.
func (r Role) Seatable() bool {
	return slices.Contains(Roles(), r) && r != Participant && r != Public && r != PlatformAdmin
}

// MayBeHeldBy says whether a seat of an organisation on this side may carry the role.
func (r Role) MayBeHeldBy(s Side) bool {
	if !r.Seatable() {
		return false
	}
	switch r {
	case ProgramOfficer, Approver:
		return s == Agency
	case CSOCoordinator:
		return s == CSO
	case Observer, Reviewer, Member:
		return s == Agency || s == CSO || s == Other
	}
	return s == Agency || s == CSO
}
