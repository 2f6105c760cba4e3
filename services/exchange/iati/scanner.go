package iati

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// scanner cuts a file into its root and the elements directly below the root. It
// refuses what XML forbids and what we do: document types, deep nests, long tokens.
type scanner struct {
	decoder *xml.Decoder
	guard   *guard
	limits  Options
	begun   bool // something stood before the current token
	line    int  // where the current token begins
	top     *node
	stray   bool // text stood between the elements below the root
}

func newScanner(ctx context.Context, r io.Reader, limits Options) (*scanner, error) {
	text, err := decode(r)
	if err != nil {
		return nil, err
	}
	g := &guard{ctx: ctx, source: bufio.NewReaderSize(text, 64<<10), most: limits.TokenBytes}
	d := xml.NewDecoder(g)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decode has done it
	return &scanner{decoder: d, guard: g, limits: limits}, nil
}

// token is the next start, end or text; io.EOF at the end of a whole document.
func (s *scanner) token() (xml.Token, error) {
	for {
		s.guard.token = 0
		s.line, _ = s.decoder.InputPos()
		token, err := s.decoder.Token()
		if err != nil {
			return nil, s.failure(err)
		}
		first := !s.begun
		s.begun = true
		switch t := token.(type) {
		case xml.Directive:
			return nil, refused("xml_dtd_refused", s.line)
		case xml.ProcInst:
			if !first && strings.EqualFold(t.Target, "xml") {
				return nil, s.malformed("declaration")
			}
		case xml.Comment:
		default:
			return token, nil
		}
	}
}

// failure sorts what the decoder says: the end, our own limits, the source, bad XML.
func (s *scanner) failure(err error) error {
	line, _ := s.decoder.InputPos()
	switch {
	case errors.Is(s.guard.failed, errToken):
		return refused("xml_token_too_large", s.line)
	case s.guard.failed != nil && !errors.Is(s.guard.failed, io.ErrUnexpectedEOF):
		return s.guard.failed
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return refused("xml_malformed", line).Because(err)
}

func (s *scanner) malformed(what string) error {
	return refused("xml_malformed", s.line).Because(errors.New("iati: " + what))
}

// outside is the next start tag outside the root; io.EOF when there is none.
func (s *scanner) outside() (xml.StartElement, error) {
	for {
		token, err := s.token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return xml.StartElement{}, s.malformed("text outside the root")
			}
		}
	}
}

// root reads the start tag of the root, without what is inside.
func (s *scanner) root() (*node, error) {
	start, err := s.outside()
	if errors.Is(err, io.EOF) {
		return nil, s.malformed("no root")
	}
	if err != nil {
		return nil, err
	}
	top, err := s.begin(nil, start)
	s.top = top
	return top, err
}

// next reads the next element below the root whole. After the last it makes sure that
// the document ends well, and is io.EOF.
func (s *scanner) next() (*node, error) {
	for {
		token, err := s.inside()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return s.tree(t)
		case xml.EndElement:
			return nil, s.ending()
		case xml.CharData:
			s.stray = s.stray || strings.TrimSpace(string(t)) != ""
		}
	}
}

func (s *scanner) ending() error {
	if _, err := s.outside(); err != nil {
		return err
	}
	return s.malformed("second root")
}

// inside is a token where the document may not end.
func (s *scanner) inside() (xml.Token, error) {
	token, err := s.token()
	if errors.Is(err, io.EOF) {
		return nil, s.malformed("ends early")
	}
	return token, err
}

// tree reads an element below the root. One beyond the limits keeps its name and its
// identifier only, and its bytes are passed over.
func (s *scanner) tree(start xml.StartElement) (*node, error) {
	began := s.guard.total
	tree, err := s.begin(s.top, start)
	if err != nil {
		return nil, err
	}
	foreign := tree.name != "iati-activity"
	nodes := 1 + len(start.Attr)
	for at, depth := tree, 2; at != s.top; {
		token, err := s.inside()
		if err != nil {
			return nil, err
		}
		if !tree.oversize && (s.guard.total-began > s.limits.ActivityBytes || nodes > s.limits.ActivityNodes) {
			tree.shrink()
		}
		hollow := foreign || tree.oversize
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			nodes += 1 + len(t.Attr)
			at, err = s.descend(at, t, depth, hollow)
			if err != nil {
				return nil, err
			}
		case xml.EndElement:
			depth--
			at = at.parent
		case xml.CharData:
			if !hollow {
				at.addText(t)
			}
		}
	}
	return tree, nil
}

// descend goes into an element; a hollow one is not kept by its parent.
func (s *scanner) descend(parent *node, start xml.StartElement, depth int, hollow bool) (*node, error) {
	if depth > maxDepth {
		return nil, refused("xml_too_deep", s.line)
	}
	if hollow {
		return &node{parent: parent}, duplicates(start.Attr, s)
	}
	child, err := s.begin(parent, start)
	if err == nil {
		parent.children = append(parent.children, child)
	}
	return child, err
}

func (s *scanner) begin(parent *node, start xml.StartElement) (*node, error) {
	if err := duplicates(start.Attr, s); err != nil {
		return nil, err
	}
	n := &node{parent: parent, name: fullName(start.Name), line: s.line}
	if parent != nil {
		n.lang = parent.lang
	}
	for _, a := range start.Attr {
		if machinery(a.Name) {
			continue
		}
		if isLang(a.Name) {
			n.lang = strings.TrimSpace(a.Value)
			continue
		}
		n.attrs = append(n.attrs, attribute{name: fullName(a.Name), value: a.Value})
	}
	return n, nil
}

// duplicates refuses an attribute that stands twice, which encoding/xml lets pass.
func duplicates(attrs []xml.Attr, s *scanner) error {
	const few = 16
	if len(attrs) <= few {
		for i := range attrs {
			for j := range i {
				if attrs[i].Name == attrs[j].Name {
					return s.malformed("attribute twice")
				}
			}
		}
		return nil
	}
	seen := make(map[xml.Name]bool, len(attrs))
	for _, a := range attrs {
		if seen[a.Name] {
			return s.malformed("attribute twice")
		}
		seen[a.Name] = true
	}
	return nil
}

// machinery is an attribute that speaks to XML tools and holds nothing of the activity.
func machinery(name xml.Name) bool {
	return name.Space == "xmlns" || (name.Space == "" && name.Local == "xmlns") || name.Space == schemaSpace
}

func isLang(name xml.Name) bool {
	return name.Local == "lang" && (name.Space == "xml" || name.Space == xmlSpace)
}

const schemaSpace = "http://www.w3.org/2001/XMLSchema-instance"

const xmlSpace = "http://www.w3.org/XML/1998/namespace"

func fullName(n xml.Name) string {
	switch n.Space {
	case "":
		return n.Local
	case "xml", xmlSpace:
		return "xml:" + n.Local
	}
	return "{" + brief(n.Space) + "}" + brief(n.Local)
}
