package iati

import (
	"errors"

	"github.com/mitra-platform/mitra/services/fault"
)

// Problem is an element that was refused, or a required one that is absent.
type Problem struct {
	Line    int        `json:"line"`    // where it begins; of an absent one, its parent
	Path    string     `json:"path"`    // where the fault lies: "iati-activity/transaction/value"
	Element string     `json:"element"` // what was refused for it: "transaction", or "@value-date" for an attribute alone
	Code    string     `json:"code"`
	Args    fault.Args `json:"args,omitempty"` // values for the sentence of the code
}

func newProblem(at *node, path, code string, args ...string) Problem {
	return Problem{Line: at.line, Path: path, Element: at.name, Code: code, Args: fault.New(fault.Unprocessable, code, args...).Args}
}

// flaw is a fault at a place. The element that cannot go on with it is refused.
type flaw struct {
	at   *node
	attr string // the attribute that is wrong, "" for the element itself
	err  *fault.Error
}

func (f *flaw) Error() string { return f.path() + ": " + f.err.Error() }

func (f *flaw) Unwrap() error { return f.err }

func (f *flaw) path() string {
	if f.attr == "" {
		return f.at.path()
	}
	return f.at.path() + "/@" + f.attr
}

func wrong(at *node, attr, code string, args ...string) *flaw {
	return &flaw{at: at, attr: attr, err: fault.New(fault.Unprocessable, code, args...)}
}

// wrongBy places a refusal of another package.
func wrongBy(at *node, attr string, err error) *flaw {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return &flaw{at: at, attr: attr, err: refusal}
	}
	return wrong(at, attr, "internal")
}

// refused makes the refusal of a whole file. The line is in its arguments.
func refused(code string, line int, args ...string) *fault.Error {
	kind := fault.Unprocessable
	switch code {
	case "xml_malformed", "xml_dtd_refused", "xml_too_deep":
		kind = fault.Malformed
	case "xml_token_too_large":
		kind = fault.TooLarge
	case "encoding_unsupported", "iati_version_unsupported", "iati_organisation_file", "iati_root_unknown":
		kind = fault.Unsupported
	}
	return fault.New(kind, code, lineArgs(line, args)...)
}

// brief keeps a refused value short enough to show.
func brief(text string) string {
	const most = 80
	for at := range text {
		if at >= most {
			return text[:at] + "…"
		}
	}
	return text
}
