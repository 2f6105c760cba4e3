package people

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/money"
	"github.com/mitra-platform/mitra/tenants"
)

// NewTenant is the input of a new collaboration space.
type NewTenant struct {
	Slug     string `json:"slug"`
	Name     string `json:"name"`
	Short    string `json:"short"`
	Zone     string `json:"zone"`
	Language string `json:"language"`
	Currency string `json:"currency"`
	Demo     bool   `json:"-"`
}

// Settings are what a tenant_admin may change alone. What binds both sides is agreed on
// (services/settings).
type Settings struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Currency string `json:"currency"`
}

var shortCode = regexp.MustCompile(`^[A-Z]{3,5}$`)

// CreateTenant makes a collaboration space. The platform's administrator may.
func (s *Service) CreateTenant(ctx context.Context, in NewTenant) (*tenants.Tenant, error) {
	if _, err := s.own(ctx, policies.CreateTenant); err != nil {
		return nil, err
	}
	return s.AddTenant(ctx, in)
}

// AddTenant is CreateTenant for the command line, whose user owns the machine.
func (s *Service) AddTenant(ctx context.Context, in NewTenant) (*tenants.Tenant, error) {
	in = in.filled()
	fields := Settings{in.Name, in.Language, in.Currency}.check()
	if _, err := clocks.Zone(in.Zone); err != nil {
		fields = append(fields, fault.On("zone", "zone_unknown", "value", in.Zone))
	}
	if !tenants.ValidSlug(in.Slug) {
		fields = append(fields, fault.On("slug", "slug_malformed", "value", in.Slug))
	}
	if !shortCode.MatchString(in.Short) {
		fields = append(fields, fault.On("short", "short_malformed"))
	}
	if err := fault.Invalid(fields...); err != nil {
		return nil, err
	}
	t := tenants.Tenant{
		ID: tenants.TenantID(in.Slug), Version: 1, Name: in.Name, Short: in.Short, Zone: in.Zone, Language: in.Language,
		Currency: in.Currency, Demo: in.Demo, CreatedAt: s.gate.Now(),
	}
	if err := s.registry.AddTenant(ctx, t); fault.KindOf(err) == fault.Conflict && err != nil {
		return nil, fault.Invalid(fault.On("slug", "tenant_taken", "value", in.Slug))
	} else if err != nil {
		return nil, err
	}
	return &t, nil
}

// filled puts in what a new space in Indonesia most often is.
func (n NewTenant) filled() NewTenant {
	put := func(field *string, otherwise string) {
		if *field == "" {
			*field = otherwise
		}
	}
	put(&n.Name, n.Slug)
	put(&n.Zone, "Asia/Jakarta")
	put(&n.Language, "id")
	put(&n.Currency, "IDR")
	letters := strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, n.Slug))
	put(&n.Short, letters[:min(3, len(letters))])
	return n
}

func (s Settings) check() []fault.Field {
	fields := checkName("name", s.Name)
	if s.Language != "id" && s.Language != "en" {
		fields = append(fields, fault.On("language", "language_unknown"))
	}
	var currency money.Currency
	if err := currency.UnmarshalText([]byte(s.Currency)); err != nil || s.Currency == "" {
		fields = append(fields, fault.On("currency", "currency_unknown", "value", s.Currency))
	}
	return fields
}

// TenantSettings gives the settings of the tenant one acts in, fresh. Every seat may.
func (s *Service) TenantSettings(ctx context.Context) (*tenants.Tenant, error) {
	sc, err := s.gate.Enter(ctx, policies.ReadTenant)
	if err != nil {
		return nil, err
	}
	return s.registry.Tenant(ctx, sc.Tenant())
}

// EditTenant changes the settings. A tenant_admin may.
func (s *Service) EditTenant(ctx context.Context, seen tenants.Version, in Settings) (*tenants.Tenant, error) {
	sc, err := s.gate.Enter(ctx, policies.EditTenantSettings)
	if err != nil {
		return nil, err
	}
	if err := fault.Invalid(in.check()...); err != nil {
		return nil, err
	}
	if seen == 0 {
		return nil, fault.New(fault.VersionRequired, "version_required")
	}
	t, err := s.registry.ChangeTenant(ctx, sc.Tenant(), seen, func(t *tenants.Tenant) error {
		t.Name, t.Language, t.Currency = in.Name, in.Language, in.Currency
		t.SavedBy, t.SavedAt, t.SavedIn = sc.Actor().Person, sc.Now(), t.Version+1
		return nil
	})
	if err == nil {
		s.remember(t, s.gate.Now())
	}
	return t, err
}

// Settle takes over what both sides agreed on, for this process at once and for others
// within two seconds.
func (s *Service) Settle(ctx context.Context, sc tenants.Scope, settled tenants.Version, zone string, exceptions []policies.Exception) error {
	t, err := s.registry.Settle(ctx, sc.Tenant(), settled, zone, exceptions)
	if err == nil {
		s.remember(t, sc.Now())
	}
	return err
}

// HasAdmin says that a side of the tenant has a tenant_admin.
func (s *Service) HasAdmin(ctx context.Context, sc tenants.Scope, side policies.Side) (bool, error) {
	for seat, err := range s.seats.Each(ctx, sc, SeatCriteria{State: []SeatState{SeatActive}, Side: []policies.Side{side}}) {
		if err != nil || slices.Contains(seat.Roles, policies.TenantAdmin) {
			return err == nil, err
		}
	}
	return false, nil
}

// Tenants lists every space: for the platform's administrator, who sees no content.
func (s *Service) Tenants(ctx context.Context) ([]tenants.Tenant, error) {
	if _, err := s.own(ctx, policies.CreateTenant); err != nil {
		return nil, err
	}
	return s.registry.Tenants(ctx)
}

// Suspend closes a space to everybody, or opens it again. The platform's administrator may.
func (s *Service) Suspend(ctx context.Context, id tenants.TenantID, suspended bool) (*tenants.Tenant, error) {
	if _, err := s.own(ctx, policies.SuspendTenant); err != nil {
		return nil, err
	}
	t, err := s.registry.ChangeTenant(ctx, id, 0, func(t *tenants.Tenant) error { t.Suspended = suspended; return nil })
	if err == nil {
		s.remember(t, s.gate.Now())
	}
	return t, err
}
