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
	// PlatformAdmin runs machines and tenants and reads no content.
	PlatformAdmin bool      `json:"platform_admin" bson:"platform_admin"`
	Seats         []SeatRef `json:"seats" bson:"seats"`
	CreatedAt     time.Time `json:"created_at" bson:"created_at"`
}

// SeatRef says where a person has a seat. What the seat allows is read from the seat.
type SeatRef struct {
	Tenant TenantID `json:"tenant" bson:"tenant"`
	Seat   SeatID   `json:"seat" bson:"seat"`
}
