package tenants_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

type well struct{}

func TestIDsOfOneKindHaveOneFormAndSortByBirth(t *testing.T) {
	t.Parallel()
	var ids []string
	for range 1000 {
		id, err := tenants.MintID[well]("wl")
		if err != nil {
			t.Fatal(err)
		}
		if !tenants.ValidID("wl", string(id)) {
			t.Fatalf("%q is not an id of its own form", id)
		}
		ids = append(ids, string(id))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids made later sort earlier")
	}
	if n := len(slices.Compact(ids)); n != 1000 {
		t.Errorf("1000 ids made, %d different", n)
	}
}

func TestDerivedIDsFollowFromTheirParts(t *testing.T) {
	t.Parallel()
	one := tenants.DeriveID[well]("wl", "kupang", "XM-1")
	if again := tenants.DeriveID[well]("wl", "kupang", "XM-1"); again != one {
		t.Errorf("derived twice: %q and %q", one, again)
	}
	for _, parts := range [][]string{{"kupang", "XM-2"}, {"kupangX", "M-1"}, {"ende", "XM-1"}, {"kupang", "XM", "1"}} {
		if other := tenants.DeriveID[well]("wl", parts...); other == one {
			t.Errorf("%q derive the id of kupang XM-1", parts)
		}
	}
}

func TestMalformedIDsAreRefused(t *testing.T) {
	t.Parallel()
	good := string(tenants.DeriveID[well]("wl", "kupang"))
	if !tenants.ValidID("wl", good) {
		t.Fatalf("%q is refused", good)
	}
	for _, bad := range []string{"", "wl_", good + "0", good[:len(good)-1], strings.ToUpper(good), "pg" + good[2:],
		"wl_" + strings.Repeat("u", 26), "wl_8" + strings.Repeat("0", 25), "wl_../../../../etc/passwd0000"} {
		if tenants.ValidID("wl", bad) {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func TestSlugsThatPathsUseAreNotTenants(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"kupang", "demo2", "dinas-pu-ntt", "k1"} {
		if !tenants.ValidSlug(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "a", "api", "sign-in", "commons", "me", "healthz", "Kupang", "ku pang", "-kupang", "kupang-", "ku--pang",
		"ku/pang", "kúpang", strings.Repeat("k", 41), "..", "ku.pang", "$where"} {
		if tenants.ValidSlug(bad) {
			t.Errorf("%q is taken for a slug", bad)
		}
	}
}

func TestSecretsDoNotLeaveByAccident(t *testing.T) {
	t.Parallel()
	holder := struct{ Password tenants.Secret }{"hunter2"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("who", "password", holder.Password)
	out, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(holder), fmt.Sprintf("%+v %#v %s %q", holder, holder, holder, holder), string(out), log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("the secret left as %s", text)
		}
	}
	if holder.Password.Reveal() != "hunter2" {
		t.Error("the secret is lost to the one place that needs it")
	}
}

func gate(t *testing.T) *tenants.Gate {
	t.Helper()
	book, err := policies.Open()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 123_456_789, time.FixedZone("WITA", 8*3600))
	return tenants.NewGate(book, func() time.Time { return at })
}

func officer() tenants.Actor {
	return tenants.Actor{
		Person: "ps_1", Tenant: "kupang", Organisation: "og_1", Side: policies.Agency, Seat: "st_1",
		Roles: []policies.Role{policies.ProgramOfficer},
	}
}

func TestTheGateAnswersWithAScopeOrARefusal(t *testing.T) {
	t.Parallel()
	seatless := tenants.Actor{Person: "ps_1", Roles: []policies.Role{policies.Participant}}
	tests := []struct {
		name   string
		as     tenants.Actor
		action policies.Action
		want   string
	}{
		{"an officer edits a plan", officer(), policies.EditPlan, ""},
		{"an officer accepts no plan", officer(), policies.AcceptPlanAsAgency, "forbidden"},
		{"a stranger reads nothing", tenants.Actor{}, policies.ReadProgram, "unauthenticated"},
		{"no seat, no tenant", seatless, policies.ReadProgram, "forbidden"},
		{"no seat gives no tenant even where the role may", seatless, policies.ManageOwnAccount, "forbidden"},
		{"nobody enters with a system action", officer(), policies.WakeRecord, "forbidden"},
	}
	g := gate(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sc, err := g.Enter(tenants.WithActor(t.Context(), tt.as), tt.action)
			if tt.want != "" {
				if got := fault.CodeOf(err); err == nil || got != tt.want {
					t.Fatalf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if sc.Tenant() != "kupang" || sc.Action() != tt.action || sc.Actor().Person != "ps_1" {
				t.Errorf("got a scope of %s for %s", sc.Tenant(), sc.Action())
			}
		})
	}
}

func TestAScopeReadsItsTenantItsOrganisationAndThePublic(t *testing.T) {
	t.Parallel()
	g, ctx := gate(t), tenants.WithActor(context.Background(), officer())
	enter, err := g.Enter(ctx, policies.ReadProgram)
	if err != nil {
		t.Fatal(err)
	}
	home, err := g.Home(ctx, policies.EditPassport)
	if err != nil {
		t.Fatal(err)
	}
	commons, err := g.Commons(ctx, policies.ReadOrganisation)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		scope    tenants.Scope
		tenant   tenants.TenantID
		readers  []string
		all      bool
		readOnly bool
	}{
		{"enter", enter, "kupang", []string{"public", "tenant", "og_1"}, false, false},
		{"home", home, tenants.Commons, []string{"og_1"}, false, false},
		{"commons", commons, tenants.Commons, []string{"public"}, false, true},
		{"system", g.System(ctx, "kupang", policies.WakeRecord), "kupang", nil, true, false},
	}
	for _, tt := range tests {
		readers, all := tt.scope.Readers()
		if tt.scope.Tenant() != tt.tenant || !slices.Equal(readers, tt.readers) || all != tt.all || tt.scope.ReadOnly() != tt.readOnly {
			t.Errorf("%s: got tenant %s, readers %v, all %t, read-only %t", tt.name, tt.scope.Tenant(), readers, all, tt.scope.ReadOnly())
		}
	}
}

func TestTheInstantOfAScopeIsWhatTheStoreKeeps(t *testing.T) {
	t.Parallel()
	sc := gate(t).System(t.Context(), "kupang", policies.WakeRecord)
	want := time.Date(2026, 11, 24, 1, 0, 0, 123_000_000, time.UTC)
	if got := sc.Now(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAScopeThatNoGateMadePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("the zero Scope named a tenant")
		}
	}()
	_ = tenants.Scope{}.Tenant()
}
