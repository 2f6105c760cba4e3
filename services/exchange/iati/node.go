package iati

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"strings"
)

// node is an element as read. What the mapping looks at is marked; sweep counts the rest.
type node struct {
	parent   *node
	name     string // local name; {namespace}name of a foreign element
	line     int
	lang     string // xml:lang, of the element or the nearest one around it
	attrs    []attribute
	children []*node
	text     strings.Builder
	used     bool // somebody read it, or it was refused
	textUsed bool
	refused  bool // it was reported: nothing inside is left over
	oversize bool
}

type attribute struct {
	name, value string
	used        bool
}

// path is the names from the activity down: "iati-activity/transaction/value".
func (n *node) path() string {
	if n.parent == nil || n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "/" + n.name
}

// addText keeps text, except white space that only indents.
func (n *node) addText(text []byte) {
	if n.text.Len() > 0 || len(bytes.TrimSpace(text)) > 0 {
		n.text.Write(text)
	}
}

// content is the text of the element, white space around it cut.
func (n *node) content() string {
	n.textUsed = true
	return strings.TrimSpace(n.text.String())
}

// attr is the value of an attribute, white space around it cut, and whether it is there.
func (n *node) attr(name string) (string, bool) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].used = true
			return strings.TrimSpace(n.attrs[i].value), true
		}
	}
	return "", false
}

// forget makes an attribute count as not read.
func (n *node) forget(name string) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].used = false
		}
	}
}

// value is an attribute that may be absent.
func (n *node) value(name string) string {
	text, _ := n.attr(name)
	return text
}

// need is an attribute that must be there and hold something.
func (n *node) need(name string) (string, error) {
	text, ok := n.attr(name)
	switch {
	case !ok:
		return "", wrong(n, name, "attribute_missing", "attribute", name)
	case text == "":
		return "", wrong(n, name, "attribute_empty", "attribute", name)
	}
	return text, nil
}

// all are the children of a name; each is marked as it is yielded.
func (n *node) all(name string) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, child := range n.children {
			if child.name != name {
				continue
			}
			child.used = true
			if !yield(child) {
				return
			}
		}
	}
}

// shrink drops what an activity that is too large holds, save its identifier.
func (n *node) shrink() {
	identifier := n.identifier()
	*n = node{parent: n.parent, name: n.name, line: n.line, oversize: true}
	n.text.WriteString(identifier)
}

func (n *node) identifier() string {
	if n.oversize {
		return n.text.String()
	}
	for _, child := range n.children {
		if child.name == "iati-identifier" {
			return brief(strings.TrimSpace(child.text.String()))
		}
	}
	return ""
}

// sweep tells count the path of everything that nobody read: an element (with all
// that is inside it once), an attribute as "path/@name", text as "path/text()".
func (n *node) sweep(count func(string)) {
	if n.refused {
		return
	}
	for _, a := range n.attrs {
		if !a.used {
			count(n.path() + "/@" + a.name)
		}
	}
	if !n.textUsed && strings.TrimSpace(n.text.String()) != "" {
		count(n.path() + "/text()")
	}
	for _, child := range n.children {
		if child.used {
			child.sweep(count)
			continue
		}
		count(child.path())
	}
}

// identifiers remembers 16 bytes for every identifier of a file, however long it is.
type identifiers map[[16]byte]struct{}

// add says whether the identifier is new.
func (s identifiers) add(identifier string) bool {
	sum := sha256.Sum256([]byte(identifier))
	key := [16]byte(sum[:16])
	if _, known := s[key]; known {
		return false
	}
	s[key] = struct{}{}
	return true
}
