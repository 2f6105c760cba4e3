// Package fault is the vocabulary of refusals. An Error says what kind of refusal it
// is, which rule refused (a code) and which fields are meant; it holds no sentence.
// Package words has the sentence and the remedy for every code, in both languages,
// and the edge (cmd/mitra/web) picks the status. The cause is private: it is wrapped
// for the log and never sent.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind groups refusals by what the caller can do about them.
type Kind uint8

// The kinds, from "our fault" to "yours". Internal is the zero value, so an error
// nobody classified is never blamed on the caller.
const (
	Internal Kind = iota
	Malformed
	TooLarge
	Unsupported
	Unauthenticated
	Forbidden
	Missing
	Conflict
	Stale
	VersionRequired
	Unprocessable
	RateLimited
	Unavailable
)

var kindNames = [...]string{
	"internal", "malformed", "too_large", "unsupported", "unauthenticated", "forbidden", "not_found",
	"conflict", "stale", "version_required", "invalid", "rate_limited", "unavailable",
}

// String is the kind's name in snake_case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Args are the values a sentence needs, by the name it uses for them.
type Args map[string]string

// Field is one input that was refused: its name as the API spells it (dotted into
// lists: "activities.2.from"), and the code of the rule.
type Field struct {
	Name string
	Code string
	Args Args
}

// Error is a refusal. Make one with New, Invalid or NotFound.
type Error struct {
	Kind   Kind
	Code   string
	Args   Args
	Fields []Field
	cause  error
}

// New makes a refusal of a kind under a code. args come in pairs, name then value.
func New(kind Kind, code string, args ...string) *Error {
	return &Error{Kind: kind, Code: code, Args: pairs(args)}
}

// Invalid makes the refusal of an input whose fields are wrong. It is nil when no
// field is, so a validator can end with `return fault.Invalid(fields...)`.
func Invalid(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Unprocessable, Code: "invalid", Fields: fields}
}

// On names a field and the rule it breaks. args come in pairs, name then value.
func On(name, code string, args ...string) Field {
	return Field{Name: name, Code: code, Args: pairs(args)}
}

// OneOf reads a word of a closed list from outside and refuses any other with the code
// choice_unknown; empty text is no choice. It is what every UnmarshalText of such a list does.
func OneOf[T ~string](into *T, text []byte, known []T) error {
	word := T(text)
	if word != "" && !slices.Contains(known, word) {
		return New(Unprocessable, "choice_unknown", "value", string(text))
	}
	*into = word
	return nil
}

// NotFound says that nothing of this kind is there for who asks: it does not exist,
// belongs to another tenant, or is not for this organisation to read.
func NotFound(kind string) *Error {
	return &Error{Kind: Missing, Code: "not_found", Args: Args{"kind": kind}}
}

// Because keeps the private cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is for logs and tests: kind, code, fields, cause. People read package words.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Code)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s %s]", f.Name, f.Code)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes two refusals of one kind and code equal for errors.Is.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Code == e.Code
}

// errMarshal keeps causes from leaving by way of a serialiser.
var errMarshal = errors.New("fault: an error is rendered by the edge, not marshalled")

// MarshalJSON refuses: an error is rendered by the edge in the reader's language.
func (e *Error) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// KindOf is the kind of the first Error in the chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of the first Error in the chain, "internal" when there is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal"
}

func pairs(list []string) Args {
	if len(list) == 0 {
		return nil
	}
	args := make(Args, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		args[list[i]] = list[i+1]
	}
	return args
}
