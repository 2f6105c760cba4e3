package people

import (
	"context"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	// tokenPrefix lets scanners of repositories recognise a token that leaked.
	tokenPrefix  = "mitra_"
	tokenLongest = 366 * 24 * time.Hour
)

// NewToken is the input of an API token.
type NewToken struct {
	Name string `json:"name"`
	// Days is how long it works, 1 to 366.
	Days int `json:"days"`
	// ReadOnly makes one that changes nothing.
	ReadOnly bool `json:"read_only"`
}

// MadeToken is a new token with its secret, shown this once.
type MadeToken struct {
	tenants.Token
	Secret string `json:"secret"`
}

// CreateToken makes a token that acts on the seat it is made on.
func (s *Service) CreateToken(ctx context.Context, in NewToken) (*MadeToken, error) {
	sc, err := s.gate.Enter(ctx, policies.ManageTokens)
	if err != nil {
		return nil, err
	}
	fields := checkName("name", in.Name)
	life := time.Duration(in.Days) * 24 * time.Hour
	if in.Days < 1 || life > tokenLongest {
		fields = append(fields, fault.On("days", "out_of_range", "min", "1", "max", "366"))
	}
	if err := fault.Invalid(fields...); err != nil {
		return nil, err
	}
	secret, _, err := s.mint()
	if err != nil {
		return nil, err
	}
	secret = tokenPrefix + secret
	actor := sc.Actor()
	token := tenants.Token{
		ID: hashOf(secret), Person: actor.Person, Seat: tenants.SeatRef{Tenant: actor.Tenant, Seat: actor.Seat},
		Name: in.Name, ReadOnly: in.ReadOnly, CreatedAt: sc.Now(), Until: sc.Now().Add(life),
	}
	return &MadeToken{Token: token, Secret: secret}, s.registry.AddToken(ctx, token)
}

// Tokens lists one's own tokens.
func (s *Service) Tokens(ctx context.Context) ([]tenants.Token, error) {
	a, err := s.own(ctx, policies.ManageTokens)
	if err != nil {
		return nil, err
	}
	return s.registry.TokensOf(ctx, a.Person)
}

// EndToken ends one of one's own tokens.
func (s *Service) EndToken(ctx context.Context, id string) error {
	a, err := s.own(ctx, policies.ManageTokens)
	if err != nil {
		return err
	}
	return s.registry.EndToken(ctx, a.Person, id)
}
