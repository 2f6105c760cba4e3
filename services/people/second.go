package people

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp/hotp"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
)

// The second step of signing in is a code of six digits that a person's own device makes
// every thirty seconds out of a key (RFC 6238 with SHA-1, which is what every such
// application understands). A code works once, and one step before and after, for clocks
// that are a little off.
const (
	stepLength = 30 * time.Second
	stepsOff   = 1
	keyBytes   = 20 // the length of SHA-1, as RFC 4226 §4 asks
	// recoveryCodes is how many codes there are for who has lost the device, each of ten
	// letters and digits: 50 bits.
	recoveryCodes = 10
	recoveryBytes = 7
	recoveryLong  = 10
	// secondLasts is how long the second step may follow the first.
	secondLasts = 5 * time.Minute
	triesSecond = 10
	linkSecond  = "second"
)

// Crockford's letters, without those that are taken for digits.
var recoveryLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// SecondCode is what a person brings to the second step.
type SecondCode struct {
	Code string `json:"code"`

	// Second is the secret that the first step gave. From says where it comes from.
	Second string `json:"-"`
	From   SignIn `json:"-"`
}

// secondLink gives a secret with which the second step may follow.
func (s *Service) secondLink(ctx context.Context, person *tenants.Person) (string, error) {
	secret, hash, err := s.mint()
	if err != nil {
		return "", err
	}
	return secret, s.registry.AddLink(ctx, tenants.Link{ID: hash, Kind: linkSecond, Person: person.ID, Until: s.gate.Now().Add(secondLasts)})
}

// SecondStep opens the session for which the first step was done, with a code of the
// person's device or a recovery code. It refuses second_step_over when the first step was
// too long ago, and too many wrong codes with rate_limited.
func (s *Service) SecondStep(ctx context.Context, in SecondCode) (*SignedIn, error) {
	link, err := s.registry.Link(ctx, hashOf(in.Second), linkSecond, s.gate.Now())
	if err != nil {
		return nil, stepOver(err)
	}
	key := "second/" + string(link.Person)
	if s.knows(ctx, in.From.Device, link.Person) {
		key = "second/device/" + hashOf(in.From.Device+string(link.Person)) // nobody else's tries keep the owner out
	}
	person, err := s.useCode(ctx, link.Person, key, in.Code)
	if err != nil {
		return nil, err
	}
	if _, err := s.registry.TakeLink(ctx, link.ID, linkSecond, s.gate.Now()); err != nil {
		return nil, stepOver(err)
	}
	return s.open(ctx, person, in.From)
}

// SecondOpen says whether a second step may still follow.
func (s *Service) SecondOpen(ctx context.Context, second string) error {
	_, err := s.registry.Link(ctx, hashOf(second), linkSecond, s.gate.Now())
	return stepOver(err)
}

func stepOver(err error) error {
	if err != nil && fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Conflict, "second_step_over")
	}
	return err
}

// useCode takes a code of a person once. The tries are counted under the key.
func (s *Service) useCode(ctx context.Context, id tenants.PersonID, key, code string) (*tenants.Person, error) {
	if err := s.within(ctx, key, triesSecond, throttleWindow); err != nil {
		return nil, err
	}
	person, err := s.registry.ChangePerson(ctx, id, func(p *tenants.Person) error { return takeCode(p, code, s.gate.Now()) })
	if err != nil {
		return nil, err
	}
	return person, s.registry.Unthrottle(ctx, key)
}

// takeCode uses a code up: the step it is of and every one before, or a recovery code.
func takeCode(p *tenants.Person, code string, now time.Time) error {
	if !p.TwoSteps() {
		return fault.New(fault.Conflict, "second_step_off")
	}
	code = tidyCode(code)
	switch len(code) {
	case 0:
		return fault.Invalid(fault.On("code", "required"))
	case recoveryLong:
		hash := hashOf(code)
		if !slices.Contains(p.Second.Codes, hash) {
			return wrongCode()
		}
		p.Second.Codes = slices.DeleteFunc(p.Second.Codes, func(known string) bool { return known == hash })
		return nil
	}
	step, ok := stepOf(p.Second.Key, code, now)
	switch {
	case !ok:
		return wrongCode()
	case step <= p.Second.Step:
		return fault.Invalid(fault.On("code", "code_used"))
	}
	p.Second.Step = step
	return nil
}

func wrongCode() error { return fault.Invalid(fault.On("code", "code_wrong")) }

// tidyCode is a code without what people and their applications put between its parts.
func tidyCode(code string) string {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return unicode.ToUpper(r)
	}, code)
	if len(code) == recoveryLong {
		code = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(code)
	}
	return code
}

// stepOf is the step whose code it is, of those near the instant.
func stepOf(key tenants.Secret, code string, now time.Time) (int64, bool) {
	this := now.Unix() / int64(stepLength/time.Second)
	for step := this - stepsOff; step <= this+stepsOff; step++ {
		if hotp.Validate(code, uint64(step), key.Reveal()) { // #nosec G115 -- after 1970
			return step, true
		}
	}
	return 0, false
}

// Enrolment is a key that waits for the first code made with it.
type Enrolment struct {
	// Key is the key as people type it, Address the same as applications read it from a QR.
	Key, Address string
}

// BeginSecondStep gives one's own person a new key. Nothing changes at the door before a
// code has shown that the device has it.
func (s *Service) BeginSecondStep(ctx context.Context) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	key := make([]byte, keyBytes)
	if _, err := io.ReadFull(s.cfg.Random, key); err != nil {
		return fmt.Errorf("people: a key: %w", err)
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
	_, err = s.registry.ChangePerson(ctx, a.Person, func(p *tenants.Person) error {
		if p.TwoSteps() {
			return fault.New(fault.Conflict, "second_step_on")
		}
		p.Second = &tenants.SecondStep{Key: tenants.Secret(text)}
		return nil
	})
	return err
}

// Enrolling is one's own key that waits for its first code; nil when none does.
func (s *Service) Enrolling(ctx context.Context) (*Enrolment, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	p, err := s.registry.Person(ctx, a.Person)
	if err != nil || p.Second == nil || p.TwoSteps() {
		return nil, err
	}
	name := p.Name
	if len(p.Logins) > 0 {
		name = Shown(p.Logins[0])
	}
	label := "Mitra:" + name
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + label, RawQuery: "issuer=Mitra&secret=" + p.Second.Key.Reveal()}
	return &Enrolment{Key: p.Second.Key.Reveal(), Address: address.String()}, nil
}

// ConfirmSecondStep turns the second step on with the first code, and gives the recovery
// codes, which are shown this once. The person is told by mail.
func (s *Service) ConfirmSecondStep(ctx context.Context, code string) ([]string, error) {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return nil, err
	}
	if err := s.within(ctx, "second/own/"+string(a.Person), triesSecond, throttleWindow); err != nil {
		return nil, err
	}
	codes, hashes, err := s.mintCodes()
	if err != nil {
		return nil, err
	}
	now := s.gate.Now()
	person, err := s.registry.ChangePerson(ctx, a.Person, func(p *tenants.Person) error {
		switch {
		case p.TwoSteps():
			return fault.New(fault.Conflict, "second_step_on")
		case p.Second == nil:
			return fault.New(fault.Conflict, "second_step_over")
		}
		step, ok := stepOf(p.Second.Key, tidyCode(code), now)
		if !ok {
			return wrongCode()
		}
		p.Second.Since, p.Second.Step, p.Second.Codes = &now, step, hashes
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.tellPerson(ctx, person, "mail.second_on", "name", person.Name)
	return codes, nil
}

// Proof is what a person shows before their second step changes.
type Proof struct {
	Password string `json:"password"`
	Code     string `json:"code"`
}

// RenewCodes makes new recovery codes and ends the old ones.
func (s *Service) RenewCodes(ctx context.Context, in Proof) ([]string, error) {
	codes, hashes, err := s.mintCodes()
	if err != nil {
		return nil, err
	}
	return codes, s.prove(ctx, in, "mail.second_codes", func(p *tenants.Person) { p.Second.Codes = hashes })
}

// EndSecondStep lets one sign in with the password alone again.
func (s *Service) EndSecondStep(ctx context.Context, in Proof) error {
	return s.prove(ctx, in, "mail.second_off", func(p *tenants.Person) { p.Second = nil })
}

// prove changes one's own second step, and tells the person by mail.
func (s *Service) prove(ctx context.Context, in Proof, told string, change func(*tenants.Person)) error {
	a, err := s.own(ctx, policies.ManageOwnAccount)
	if err != nil {
		return err
	}
	person, err := s.registry.Person(ctx, a.Person)
	if err != nil {
		return err
	}
	if err := s.within(ctx, "password/"+string(a.Person), triesPerDevice, throttleWindow); err != nil {
		return err
	}
	if ok, err := s.matches(ctx, in.Password, person.Password); err != nil {
		return err
	} else if !ok {
		return fault.Invalid(fault.On("password", "password_wrong"))
	}
	if _, err := s.useCode(ctx, a.Person, "second/own/"+string(a.Person), in.Code); err != nil {
		return err
	}
	person, err = s.registry.ChangePerson(ctx, a.Person, func(p *tenants.Person) error {
		if !p.TwoSteps() {
			return fault.New(fault.Conflict, "second_step_off")
		}
		change(p)
		return nil
	})
	if err != nil {
		return err
	}
	s.tellPerson(ctx, person, told, "name", person.Name)
	return nil
}

// mintCodes makes recovery codes, as people read them, and what is kept of them.
func (s *Service) mintCodes() (codes, hashes []string, err error) {
	for range recoveryCodes {
		b := make([]byte, recoveryBytes)
		if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
			return nil, nil, fmt.Errorf("people: a recovery code: %w", err)
		}
		code := recoveryLetters.EncodeToString(b)[:recoveryLong]
		codes, hashes = append(codes, code[:5]+"-"+code[5:]), append(hashes, hashOf(code))
	}
	return codes, hashes, nil
}
