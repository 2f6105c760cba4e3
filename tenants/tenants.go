// Package tenants says who acts, where, and with what right. An Actor is a signed-in
// person on one seat; a Gate asks the permission book and answers with a Scope; a Scope
// is the only thing that opens a collection of package store. What truly has no tenant
// (persons, sessions, the list of tenants) is kept by the Registry.
//
// It knows no area of the product and no HTTP.
package tenants

import (
	"context"
	"strings"

	"github.com/mitra-platform/mitra/policies"
)

// TenantID is the slug of a collaboration space: 2–40 characters of a-z, 0-9 and
// single hyphens, never one of the words that paths use.
type TenantID string

// Commons is the reserved tenant of what belongs to no space: organisations and areas.
const Commons TenantID = "commons"

// reservedSlugs are first words of paths that are not a tenant's: those of DESIGN.md
// §3.1, and those of links that are handed out.
const reservedSlugs = " api v track s static problems healthz readyz metrics sign-in sign-out setup me commons demo-assets invitations reset forgotten language "

// ValidSlug says whether a new tenant may have this slug.
func ValidSlug(slug string) bool {
	if len(slug) < 2 || len(slug) > 40 || strings.Contains(reservedSlugs, " "+slug+" ") {
		return false
	}
	if slug[0] == '-' || slug[len(slug)-1] == '-' || strings.Contains(slug, "--") {
		return false
	}
	for _, r := range slug {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// Identifiers of records that this package names without knowing them.
type (
	// PersonID names a Person of the Registry.
	PersonID = ID[Person]
	// OrganisationID names an organisation of the commons. Audiences hold it as text.
	OrganisationID string
	// SeatID names a person's place in a tenant.
	SeatID string
)

// Actor is who acts: a person on the seat that their session has chosen. A person
// without a seat (or outside the tenant of the path) has no Tenant, Side and Seat and
// the single role participant; nobody signed in is the zero Actor.
type Actor struct {
	Person       PersonID
	Name         string
	Tenant       TenantID
	Organisation OrganisationID
	Side         policies.Side
	Seat         SeatID
	Roles        []policies.Role
}

// SignedIn says that the actor is a known person.
func (a Actor) SignedIn() bool { return a.Person != "" }

// Has says that the actor's seat carries the role.
func (a Actor) Has(role policies.Role) bool {
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

type actorKey struct{}

// WithActor puts who acts into the context. Only the session middleware and tests do.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom is who acts; the zero Actor when nobody signed in.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
