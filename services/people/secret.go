package people

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

// secretBytes is the strength of every secret that is handed out: 256 bits.
const secretBytes = 32

// mint makes a secret and the hash under which it is kept.
func (s *Service) mint() (secret, hash string, err error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		return "", "", fmt.Errorf("people: a secret: %w", err)
	}
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashOf(secret), nil
}

// hashOf is the name under which a secret is kept. Secrets are random, so a plain hash
// cannot be guessed backwards.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
