package tenants

import "time"

// Person is a human being who can sign in. Persons are global: what they may do in a
// tenant is their seat's to say.
type Person struct {
	ID      PersonID `json:"id" bson:"_id"`
	Version Version  `json:"version" bson:"version"`
	Name    string   `json:"name" bson:"name"`
	// Logins are the addresses a person signs in with: "mailto:" and a folded e-mail, or
	// "tel:" and an E.164 number. Each belongs to one person.
	Logins   []string `json:"logins" bson:"logins"`
	Language string   `json:"language" bson:"language"`
	// Password is an argon2id hash, empty until the person chose one.
	Password Secret `json:"-" bson:"password"`
	// Second is what sign-in asks for besides the password; nil without.
	Second *SecondStep `json:"second_step" bson:"second,omitempty"`
	// PlatformAdmin runs machines and tenants and reads no content.
	PlatformAdmin bool      `json:"platform_admin" bson:"platform_admin"`
	Seats         []SeatRef `json:"seats" bson:"seats"`
	CreatedAt     time.Time `json:"created_at" bson:"created_at"`
}

// SecondStep is a code that a person's own device makes (RFC 6238).
type SecondStep struct {
	// Key is what the codes are made of, in base 32.
	Key Secret `json:"-" bson:"key"`
	// Since is when a first code was shown; nil while none was.
	Since *time.Time `json:"since" bson:"since"`
	// Step is the last that was used, so that a code works once.
	Step int64 `json:"-" bson:"step"`
	// Codes are the hashes of the recovery codes that are left.
	Codes []string `json:"-" bson:"codes"`
}

// TwoSteps says that signing in takes a code besides the password.
func (p *Person) TwoSteps() bool { return p.Second != nil && p.Second.Since != nil }

// SeatRef says where a person has a seat. What the seat allows is read from the seat.
type SeatRef struct {
	Tenant TenantID `json:"tenant" bson:"tenant"`
	Seat   SeatID   `json:"seat" bson:"seat"`
}
