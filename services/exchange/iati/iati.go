// Package iati reads activity files of the International Aid Transparency Initiative,
// versions 2.01 to 2.03, one activity at a time in memory that does not grow with the
// file. It knows no store and no record of ours: package exchange makes programs of
// what it reads.
//
// Nothing is dropped unsaid. What an Activity has no place for is counted by name
// (Element.Leftovers); what is wrong is refused with its line and reason
// (Element.Problems), and only that: the activity goes on. What cannot be told apart
// or named refuses the activity: no iati-identifier, one that the file had before, no
// title, no known activity-status (the state of a program comes from it), more than
// Options.ActivityBytes. What cannot be read as an IATI activity file refuses the
// file: Read then ends with an error, and Check finds it before anything is written.
//
// The later versions of the 2.0x series only add to the earlier ones, so all three
// are read alike: a 2.01 file that carries a 2.03 element is understood.
package iati

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
)

// Options are the limits of a reading. Zero values take the defaults.
type Options struct {
	ActivityBytes int64 // the largest activity, in bytes of UTF-8; 32 MiB by default
	ActivityNodes int   // the most elements and attributes in one activity; 500,000 by default
	TokenBytes    int64 // the longest tag, text or comment; 4 MiB by default. A longer one refuses the file
}

const (
	defaultActivityBytes = 32 << 20
	defaultActivityNodes = 500_000
	defaultTokenBytes    = 4 << 20
	maxDepth             = 64
	maxIdentifier        = 512 // bytes of an iati-identifier
	maxNames             = 256 // names of leftovers that one activity keeps apart
)

func (o Options) withDefaults() Options {
	if o.ActivityBytes <= 0 {
		o.ActivityBytes = defaultActivityBytes
	}
	if o.ActivityNodes <= 0 {
		o.ActivityNodes = defaultActivityNodes
	}
	if o.TokenBytes <= 0 {
		o.TokenBytes = defaultTokenBytes
	}
	return o
}

// Header is what the root element says.
type Header struct {
	Version           string // "2.01", "2.02" or "2.03"
	Generated         string // generated-datetime as written, "" when absent or malformed
	LinkedDataDefault string
}

// Element is what one <iati-activity> came to.
type Element struct {
	Number    int       // its place in the file, from 1
	Line      int       // where it begins
	Activity  *Activity // nil when it was refused
	Refusal   *Problem  // why it was refused, nil when it was not
	Problems  []Problem // what was refused inside it
	Leftovers map[string]int
}

// Identifier is the iati-identifier, also of a refused activity that has one.
func (e *Element) Identifier() string {
	switch {
	case e.Activity != nil:
		return e.Activity.Identifier
	case e.Refusal != nil:
		return e.Refusal.Args["identifier"]
	}
	return ""
}

// Read reads an activity file. It yields every activity in order; when the file must
// be refused it yields a nil Element with the refusal and ends. The refusals are
// faults with these codes: iati_version_unsupported, iati_organisation_file,
// iati_root_unknown, xml_malformed, xml_dtd_refused, xml_too_deep,
// xml_token_too_large, encoding_unsupported. An error of r, or of ctx, is passed on.
func Read(ctx context.Context, r io.Reader, o Options) iter.Seq2[*Element, error] {
	return func(yield func(*Element, error) bool) {
		file, err := Open(ctx, r, o)
		if err != nil {
			yield(nil, err)
			return
		}
		for element, err := range file.Elements() {
			if !yield(element, err) {
				return
			}
		}
	}
}

// File is an activity file whose root has been read.
type File struct {
	Header    Header
	Leftovers map[string]int // outside the activities; whole once Elements has ended
	xml       *scanner
	seen      identifiers
	count     int
}

// Open reads a file as far as its root element. It refuses what Read refuses.
func Open(ctx context.Context, r io.Reader, o Options) (*File, error) {
	xml, err := newScanner(ctx, r, o.withDefaults())
	if err != nil {
		return nil, err
	}
	root, err := xml.root()
	if err != nil {
		return nil, err
	}
	header, err := readHeader(root)
	if err != nil {
		return nil, err
	}
	file := &File{Header: header, xml: xml, seen: identifiers{}, Leftovers: map[string]int{}}
	root.sweep(count(file.Leftovers))
	return file, nil
}

// Elements yields the activities in order, once. An error ends it: see Read.
func (f *File) Elements() iter.Seq2[*Element, error] {
	return func(yield func(*Element, error) bool) {
		for {
			tree, err := f.xml.next()
			if errors.Is(err, io.EOF) {
				f.end()
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if tree.name != "iati-activity" {
				count(f.Leftovers)(tree.path())
				continue
			}
			f.count++
			if !yield(f.read(tree), nil) {
				return
			}
		}
	}
}

func (f *File) end() {
	if f.xml.stray {
		count(f.Leftovers)(f.xml.top.path() + "/text()")
	}
}

func (f *File) read(tree *node) *Element {
	element := &Element{Number: f.count, Line: tree.line}
	if tree.oversize {
		element.refuse(tree, "activity_too_large", "identifier", tree.identifier())
		return element
	}
	(&reading{element: element, seen: f.seen}).activity(tree)
	return element
}

func (e *Element) refuse(at *node, code string, args ...string) {
	e.Activity, e.Problems = nil, nil
	problem := newProblem(at, at.path(), code, args...)
	problem.Element = "iati-activity"
	e.Refusal = &problem
}

// count counts names, and puts those beyond maxNames under "*".
func count(into map[string]int) func(string) {
	return func(name string) {
		if _, known := into[name]; !known && len(into) >= maxNames {
			name = "*"
		}
		into[name]++
	}
}

func readHeader(root *node) (Header, error) {
	switch root.name {
	case "iati-activities":
	case "iati-organisations", "iati-organisation":
		return Header{}, refused("iati_organisation_file", root.line)
	default:
		return Header{}, refused("iati_root_unknown", root.line, "root", brief(root.name))
	}
	version, _ := root.attr("version")
	switch version {
	case "2.01", "2.02", "2.03":
	default:
		return Header{}, refused("iati_version_unsupported", root.line, "version", brief(version))
	}
	header := Header{Version: version}
	if text, ok := root.attr("generated-datetime"); ok && isDateTime(text) {
		header.Generated = text
	} else {
		root.forget("generated-datetime") // a malformed one is left over
	}
	header.LinkedDataDefault, _ = root.attr("linked-data-default")
	return header, nil
}

func lineArgs(line int, args []string) []string {
	return append([]string{"line", strconv.Itoa(line)}, args...)
}
