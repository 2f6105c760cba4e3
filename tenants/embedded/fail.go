package embedded

import (
	"errors"
	"fmt"
)

// Codes are MongoDB's own (src/mongo/base/error_codes.yml), so that the driver and its
// users recognise them.
const (
	codeInternal         = 1
	codeBadValue         = 2
	codeUnauthorized     = 13
	codeFailedToParse    = 9
	codeTypeMismatch     = 14
	codeOverflow         = 15
	codeInvalidLength    = 16
	codeInvalidBSON      = 22
	codeNamespace        = 26
	codeIndexNotFound    = 27
	codePathNotViable    = 28
	codeConflicting      = 40
	codeCursorNotFound   = 43
	codeExists           = 48
	codeDollarPrefix     = 52
	codeEmptyField       = 56
	codeCommandUnknown   = 59
	codeImmutable        = 66
	codeCannotCreate     = 67
	codeInvalidOptions   = 72
	codeInvalidNamespace = 73
	codeIndexOptions     = 85
	codeIndexKeySpecs    = 86
	codeNotServed        = 238
	codeParallelArrays   = 171
	codeTooLarge         = 10334
	codeDuplicate        = 11000
	codeDiskFull         = 14031
	codeSortMemory       = 292
	codeShutdown         = 91
	codeUnknownField     = 40415
	codeMissingField     = 40414
	codeGroupAccumulator = 15952
)

var codeNames = map[int]string{
	codeInternal: "InternalError", codeBadValue: "BadValue", codeUnauthorized: "Unauthorized",
	codeFailedToParse: "FailedToParse", codeTypeMismatch: "TypeMismatch", codeOverflow: "Overflow",
	codeInvalidLength: "InvalidLength", codeInvalidBSON: "InvalidBSON", codeNamespace: "NamespaceNotFound",
	codeIndexNotFound: "IndexNotFound", codePathNotViable: "PathNotViable", codeConflicting: "ConflictingUpdateOperators",
	codeCursorNotFound: "CursorNotFound", codeExists: "NamespaceExists", codeDollarPrefix: "DollarPrefixedFieldName",
	codeEmptyField: "EmptyFieldName", codeCommandUnknown: "CommandNotFound", codeImmutable: "ImmutableField",
	codeCannotCreate: "CannotCreateIndex", codeInvalidOptions: "InvalidOptions", codeInvalidNamespace: "InvalidNamespace",
	codeIndexOptions: "IndexOptionsConflict", codeIndexKeySpecs: "IndexKeySpecsConflict", codeNotServed: "NotImplemented",
	codeParallelArrays: "CannotIndexParallelArrays", codeTooLarge: "BSONObjectTooLarge", codeDuplicate: "DuplicateKey",
	codeDiskFull: "OutOfDiskSpace", codeSortMemory: "QueryExceededMemoryLimitNoDiskUseAllowed",
	codeShutdown: "ShutdownInProgress",
}

// failure is a refusal as the wire knows it.
type failure struct {
	code    int
	message string
	// extra holds the fields that a duplicate key adds: keyPattern and keyValue.
	extra func(*builder)
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s (%d): %s", codeName(f.code), f.code, f.message)
}

func failf(code int, format string, args ...any) error {
	return &failure{code: code, message: fmt.Sprintf(format, args...)}
}

// notServed refuses by name what MongoDB has and this engine has not.
func notServed(what string) error {
	return failf(codeNotServed, "%s is not served by the embedded database", what)
}

func codeName(code int) string {
	if name, ok := codeNames[code]; ok {
		return name
	}
	return fmt.Sprintf("Location%d", code)
}

// asFailure classifies any error; what nobody classified is ours.
func asFailure(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{code: codeInternal, message: err.Error()}
}

// reply is the answer of a command that failed as a whole.
func (f *failure) reply() document {
	w := newBuilder().value("ok", doubleValue(0)).str("errmsg", f.message).int("code", f.code).str("codeName", codeName(f.code))
	if f.extra != nil {
		f.extra(w)
	}
	return w.done()
}
