package iati

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const sniffed = 1024 // bytes in which the XML declaration must end

var declared = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// decode gives the file as UTF-8 without a byte order mark. The mark decides, then
// the XML declaration. UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are known; the two
// last are read alike, as browsers do, because files that declare the first are
// mostly the second.
func decode(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, _ := buffered.Peek(sniffed) // an error comes back with the first read
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, err := buffered.Discard(3)
		return buffered, err
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}):
		return nil, refused("encoding_unsupported", 1, "encoding", "UTF-32")
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{'<', 0}):
		return through(buffered, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)), nil
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}), bytes.HasPrefix(head, []byte{0, '<'}):
		return through(buffered, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)), nil
	}
	name := "UTF-8"
	if found := declared.FindSubmatch(head); found != nil {
		name = string(found[1])
	}
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return buffered, nil
	case "iso-8859-1", "latin1", "latin-1", "iso_8859-1", "windows-1252", "cp1252":
		return through(buffered, charmap.Windows1252), nil
	}
	return nil, refused("encoding_unsupported", 1, "encoding", brief(name))
}

func through(r io.Reader, e encoding.Encoding) io.Reader { return e.NewDecoder().Reader(r) }
