package tenants

import (
	"context"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
)

// Gate is the one place where the permission book is asked. Its answer is a Scope.
type Gate struct {
	book   *policies.Book
	now    func() time.Time
	follow func(context.Context, TenantID) error
}

// NewGate joins the book and the clock. now is set in main; tests fix it.
func NewGate(book *policies.Book, now func() time.Time) *Gate {
	return &Gate{book: book, now: now}
}

// Follow names what brings a tenant's agreed exceptions into the book before it is asked
// there. It is set in main, before the first question, and is quick when nothing changed.
func (g *Gate) Follow(follow func(context.Context, TenantID) error) { g.follow = follow }

// Now is the present instant, UTC, cut to the millisecond.
func (g *Gate) Now() time.Time { return g.now().UTC().Truncate(time.Millisecond) }

// Enter asks whether who acts in ctx may do the action in the tenant of their seat.
// It refuses with unauthenticated when nobody signed in, else with forbidden.
func (g *Gate) Enter(ctx context.Context, action policies.Action) (Scope, error) {
	a := ActorFrom(ctx)
	if err := g.ask(ctx, a, action); err != nil {
		return Scope{}, err
	}
	if a.Tenant == "" {
		return Scope{}, forbidden(action)
	}
	return Scope{
		tenant: a.Tenant, actor: a, action: action, now: g.Now(),
		readers: []string{ForPublic, ForTenant, string(a.Organisation)},
	}, nil
}

// Home asks the same for the commons: the scope reads and writes only what the
// organisation of the active seat owns there.
func (g *Gate) Home(ctx context.Context, action policies.Action) (Scope, error) {
	a := ActorFrom(ctx)
	if err := g.ask(ctx, a, action); err != nil {
		return Scope{}, err
	}
	if a.Organisation == "" {
		return Scope{}, forbidden(action)
	}
	return Scope{
		tenant: Commons, actor: a, action: action, now: g.Now(), readers: []string{string(a.Organisation)},
	}, nil
}

// Commons reads areas and public profile fields; it writes nothing.
func (g *Gate) Commons(ctx context.Context, action policies.Action) (Scope, error) {
	a := ActorFrom(ctx)
	if err := g.ask(ctx, a, action); err != nil {
		return Scope{}, err
	}
	return Scope{
		tenant: Commons, actor: a, action: action, now: g.Now(), readers: []string{ForPublic}, readOnly: true,
	}, nil
}

// Public reads what everybody may read in a tenant, whoever asks; it writes nothing.
func (g *Gate) Public(ctx context.Context, tenant TenantID, action policies.Action) (Scope, error) {
	if g.follow != nil {
		if err := g.follow(ctx, tenant); err != nil {
			return Scope{}, err
		}
	}
	if !g.book.May(string(tenant), []policies.Role{policies.Public}, action) {
		return Scope{}, forbidden(action)
	}
	return Scope{tenant: tenant, action: action, now: g.Now(), readers: []string{ForPublic}, readOnly: true}, nil
}

// System is for timers and for what nobody in a seat can do (first set-up, accepting
// an invitation, the command line). It reads every audience of one tenant.
func (g *Gate) System(_ context.Context, tenant TenantID, action policies.Action) Scope {
	return Scope{tenant: tenant, action: action, now: g.Now(), system: true}
}

// SystemAs is System on behalf of a person who is known but has no seat there yet.
func (g *Gate) SystemAs(ctx context.Context, tenant TenantID, action policies.Action) Scope {
	s := g.System(ctx, tenant, action)
	s.actor = ActorFrom(ctx)
	return s
}

// Resume goes on with what a journal entry began, in its tenant and under its id.
func (g *Gate) Resume(ctx context.Context, e Entry, action policies.Action) Scope {
	s := g.System(ctx, e.Tenant, action)
	s.actor = Actor{Person: e.Person, Organisation: e.Organisation, Tenant: e.Tenant}
	s.operation = e.ID
	return s
}

// May says whether to paint a button. It protects nothing.
func (g *Gate) May(ctx context.Context, action policies.Action) bool {
	a := ActorFrom(ctx)
	if a.SignedIn() && g.follow != nil && a.Tenant != "" && g.follow(ctx, a.Tenant) != nil {
		return false
	}
	return a.SignedIn() && g.book.May(string(a.Tenant), a.Roles, action)
}

func (g *Gate) ask(ctx context.Context, a Actor, action policies.Action) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "unauthenticated")
	}
	if g.follow != nil && a.Tenant != "" {
		if err := g.follow(ctx, a.Tenant); err != nil {
			return err
		}
	}
	if !g.book.May(string(a.Tenant), a.Roles, action) {
		return forbidden(action)
	}
	return nil
}

func forbidden(action policies.Action) error {
	return fault.New(fault.Forbidden, "forbidden", "action", action.String())
}
