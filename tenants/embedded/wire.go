package embedded

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// Message formats: MongoDB manual, "MongoDB Wire Protocol".
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013

	flagChecksum   = 1 << 0
	flagMoreToCome = 1 << 1

	headerSize = 16
	maxMessage = 48_000_000
)

// request is one command as it came: its document and the documents that came beside
// it, by the name of the field that they stand for.
type request struct {
	id     uint32
	legacy bool
	silent bool // the sender wants no answer
	body   document
	lists  map[string][]document
}

// readRequest reads one message. A length is not believed further than bytes come.
func readRequest(r *bufio.Reader) (*request, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := int64(binary.LittleEndian.Uint32(head[:]))
	if size < headerSize+5 || size > maxMessage {
		return nil, failf(codeInvalidLength, "a message of %d bytes", size)
	}
	payload, err := readAll(r, int(size-headerSize))
	if err != nil {
		return nil, err
	}
	req := &request{id: binary.LittleEndian.Uint32(head[4:])}
	switch code := binary.LittleEndian.Uint32(head[12:]); code {
	case opMsg:
		return req, req.readMsg(payload)
	case opQuery:
		return req, req.readQuery(payload)
	default:
		return nil, failf(codeNotServed, "wire operation %d is not served by the embedded database", code)
	}
}

func readAll(r io.Reader, size int) ([]byte, error) {
	if size <= 64<<10 {
		b := make([]byte, size)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	n, err := io.CopyN(&b, r, int64(size))
	if err == nil && n < int64(size) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

func (q *request) readMsg(payload []byte) error {
	flags := binary.LittleEndian.Uint32(payload)
	if flags&^(flagChecksum|flagMoreToCome|1<<16) != 0 {
		return failf(codeInvalidBSON, "unknown message flags %#x", flags)
	}
	q.silent = flags&flagMoreToCome != 0
	rest := payload[4:]
	if flags&flagChecksum != 0 {
		if len(rest) < 4 {
			return failf(codeInvalidBSON, "a message is cut off")
		}
		rest = rest[:len(rest)-4] // the pipe and the socket do not corrupt bytes
	}
	for len(rest) > 0 {
		var err error
		if rest, err = q.readSection(rest[0], rest[1:]); err != nil {
			return err
		}
	}
	if q.body == nil {
		return failf(codeInvalidBSON, "a message without a body")
	}
	return nil
}

func (q *request) readSection(kind byte, rest []byte) ([]byte, error) {
	switch kind {
	case 0:
		if q.body != nil {
			return nil, failf(codeInvalidBSON, "a message with two bodies")
		}
		d, after, err := cutDocument(rest)
		q.body = d
		return after, err
	case 1:
		size, ok := counted(rest, 0)
		if !ok || size < 5 {
			return nil, failf(codeInvalidBSON, "a section is cut off")
		}
		return rest[size:], q.readList(rest[4:size])
	}
	return nil, failf(codeInvalidBSON, "unknown message section %d", kind)
}

func (q *request) readList(section []byte) error {
	name, rest, ok := bytes.Cut(section, []byte{0})
	if !ok {
		return failf(codeInvalidBSON, "a section's name does not end")
	}
	if q.lists == nil {
		q.lists = map[string][]document{}
	}
	for len(rest) > 0 {
		d, after, err := cutDocument(rest)
		if err != nil {
			return err
		}
		q.lists[string(name)] = append(q.lists[string(name)], d)
		rest = after
	}
	return nil
}

// cutDocument takes one valid document from the head of rest.
func cutDocument(rest []byte) (document, []byte, error) {
	size, ok := counted(rest, 0)
	if !ok || size < 5 {
		return nil, nil, failf(codeInvalidBSON, "a document is cut off")
	}
	d := rest[:size:size]
	return d, rest[size:], valid(d)
}

// readQuery reads the old form, which drivers still use for their first question.
func (q *request) readQuery(payload []byte) error {
	q.legacy = true
	_, rest, ok := bytes.Cut(payload[4:], []byte{0})
	if !ok || len(rest) < 8 {
		return failf(codeInvalidBSON, "a query is cut off")
	}
	d, _, err := cutDocument(rest[8:])
	q.body = d
	return err
}

// answer frames a reply to a request.
func (q *request) answer(d document) []byte {
	if q.legacy {
		b := frame(q.id, opReply, 20+len(d))
		b = binary.LittleEndian.AppendUint32(b, 8) // AwaitCapable
		b = append(b, make([]byte, 12)...)         // cursor id, starting from
		b = binary.LittleEndian.AppendUint32(b, 1)
		return append(b, d...)
	}
	b := frame(q.id, opMsg, 5+len(d))
	b = append(b, 0, 0, 0, 0, 0)
	return append(b, d...)
}

func frame(to uint32, operation uint32, size int) []byte {
	b := make([]byte, 0, headerSize+size)
	b = binary.LittleEndian.AppendUint32(b, uint32(headerSize+size)) // #nosec G115 -- replies stay below 48 MB
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, to)
	return binary.LittleEndian.AppendUint32(b, operation)
}
