package tenants

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"
)

// ID names one record of type T: two or three letters, an underscore, and the 26
// characters of Crockford base-32 that spell a UUID. An ID of one record type cannot be
// passed for another's.
type ID[T any] string

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// MintID makes a new id under a prefix. Ids made later sort later (UUIDv7).
func MintID[T any](prefix string) (ID[T], error) {
	u, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	return ID[T](prefix + "_" + spell(u)), nil
}

// DeriveID makes the one id that follows from these parts (UUIDv5), so that what is
// derived twice is one record. Put the tenant among the parts.
func DeriveID[T any](prefix string, parts ...string) ID[T] {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return ID[T](prefix + "_" + spell(uuid.NewSHA1(uuid.NameSpaceOID, sum[:])))
}

// ValidID says that text has the form of an id under the prefix.
func ValidID(prefix, text string) bool {
	rest, ok := strings.CutPrefix(text, prefix+"_")
	if !ok || len(rest) != 26 || rest[0] > '7' {
		return false
	}
	for i := range len(rest) {
		if strings.IndexByte(crockford, rest[i]) < 0 {
			return false
		}
	}
	return true
}

// spell writes 128 bits as 26 characters, most significant first, so that text order
// is byte order.
func spell(u uuid.UUID) string {
	var out [26]byte
	var acc uint32
	bits, at := 2, 0 // 130 bits are written: the two leading ones are zero
	for _, b := range u {
		acc = acc<<8 | uint32(b)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[at] = crockford[acc>>bits&31]
			at++
		}
	}
	return string(out[:])
}
