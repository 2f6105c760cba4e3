package people

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

const (
	minPassword = 10
	maxPassword = 128
)

// params follow OWASP's password storage cheat sheet: argon2id, 19 MiB, two passes.
func params() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// nobody is a hash to compare with when there is no such person, so that both answers
// take the same time.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// checkPassword refuses what is guessed soon. logins are what the person signs in with.
func checkPassword(field, password string, logins ...string) []fault.Field {
	password = norm.NFC.String(password)
	length := utf8.RuneCountInString(password)
	switch {
	case length < minPassword:
		return []fault.Field{fault.On(field, "password_short", "min", fmt.Sprint(minPassword))}
	case length > maxPassword:
		return []fault.Field{fault.On(field, "too_long", "max", fmt.Sprint(maxPassword))}
	}
	if namesLogin(password, logins) || common(password) {
		return []fault.Field{fault.On(field, "password_weak")}
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return []fault.Field{fault.On(field, "control_characters")}
	}
	return nil
}

// namesLogin says that a password is little more than what the person signs in with.
func namesLogin(password string, logins []string) bool {
	folded := strings.ToLower(password)
	typed, err := Login(password)
	for _, login := range logins {
		name, _, _ := strings.Cut(Shown(login), "@")
		if err == nil && typed == login || len(name) >= 4 && strings.Contains(folded, name) && len(folded) < len(name)+6 {
			return true
		}
	}
	return false
}

// hash waits for a place at the hashing and gives what is stored.
func (s *Service) hash(ctx context.Context, password string) (tenants.Secret, error) {
	if err := s.waitForHashing(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashing }()
	stored, err := argon2id.CreateHash(norm.NFC.String(password), params())
	if err != nil {
		return "", fmt.Errorf("people: hash: %w", err)
	}
	return tenants.Secret(stored), nil
}

// matches says that a password is the stored one.
func (s *Service) matches(ctx context.Context, password string, stored tenants.Secret) (bool, error) {
	if err := s.waitForHashing(ctx); err != nil {
		return false, err
	}
	defer func() { <-s.hashing }()
	against := stored.Reveal()
	if against == "" {
		against = nobody
	}
	same, err := argon2id.ComparePasswordAndHash(norm.NFC.String(password), against)
	if err != nil {
		return false, fmt.Errorf("people: compare: %w", err)
	}
	return same && stored != "", nil
}

func (s *Service) waitForHashing(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "unavailable").Because(ctx.Err())
	}
}
