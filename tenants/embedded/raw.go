package embedded

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDepth is how deep documents may nest, as MongoDB's own limit of stored documents.
const maxDepth = 100

// value is one BSON value in the bytes it came in.
type value struct {
	kind bson.Type
	data []byte
}

// missing is the value of a field that is not there.
var missing = value{}

func (v value) there() bool { return v.kind != 0 }

// document is a validated BSON document (an array is one, with its positions as names).
type document []byte

// elements walks a document in order. The name is valid while the document is.
func (d document) elements(yield func(name []byte, v value) bool) {
	if len(d) < 5 {
		return
	}
	rest := d[4 : len(d)-1]
	for len(rest) > 0 {
		kind := bson.Type(rest[0])
		end := 1
		for rest[end] != 0 {
			end++
		}
		name := rest[1:end]
		rest = rest[end+1:]
		size, _ := sizeOf(kind, rest)
		if !yield(name, value{kind, rest[:size:size]}) {
			return
		}
		rest = rest[size:]
	}
}

// lookup is the value of a field, missing when the document has none of this name.
func (d document) lookup(name string) value {
	for n, v := range d.elements {
		if string(n) == name {
			return v
		}
	}
	return missing
}

func (d document) empty() bool { return len(d) == 5 }

func (v value) document() document { return document(v.data) }

func (v value) nested() bool { return v.kind == bson.TypeEmbeddedDocument || v.kind == bson.TypeArray }

func (v value) isDocument() bool { return v.kind == bson.TypeEmbeddedDocument }

func (v value) isArray() bool { return v.kind == bson.TypeArray }

func (v value) text() (string, bool) {
	if v.kind != bson.TypeString {
		return "", false
	}
	return string(v.data[4 : len(v.data)-1]), true
}

func (v value) isNumber() bool {
	return v.kind == bson.TypeInt32 || v.kind == bson.TypeInt64 || v.kind == bson.TypeDouble
}

// whole is the number as an integer, when it is one.
func (v value) whole() (int64, bool) {
	switch v.kind {
	case bson.TypeInt32:
		return int64(int32(binary.LittleEndian.Uint32(v.data))), true // #nosec G115 -- the same 32 bits
	case bson.TypeInt64:
		return int64(binary.LittleEndian.Uint64(v.data)), true // #nosec G115 -- the same 64 bits
	case bson.TypeDouble:
		f := v.double()
		if f == math.Trunc(f) && f >= -(1<<63) && f < 1<<63 {
			return int64(f), true
		}
	}
	return 0, false
}

func (v value) double() float64 {
	switch v.kind {
	case bson.TypeDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(v.data))
	case bson.TypeInt32, bson.TypeInt64:
		n, _ := v.whole()
		return float64(n)
	}
	return 0
}

// truth is how commands read a flag: a boolean, or a number that is not zero.
func (v value) truth() bool {
	if v.kind == bson.TypeBoolean {
		return v.data[0] != 0
	}
	return v.isNumber() && v.double() != 0
}

// sizeOf is the number of bytes that a value of this kind takes at the head of rest.
func sizeOf(kind bson.Type, rest []byte) (int, bool) {
	fixed := 0
	switch kind {
	case bson.TypeNull, bson.TypeMinKey, bson.TypeMaxKey, bson.TypeUndefined:
	case bson.TypeBoolean:
		fixed = 1
	case bson.TypeInt32:
		fixed = 4
	case bson.TypeDouble, bson.TypeInt64, bson.TypeDateTime, bson.TypeTimestamp:
		fixed = 8
	case bson.TypeObjectID:
		fixed = 12
	case bson.TypeString:
		return counted(rest, 4)
	case bson.TypeBinary:
		return counted(rest, 5)
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return counted(rest, 0)
	case bson.TypeRegex:
		return regexSize(rest)
	default:
		return 0, false
	}
	return fixed, len(rest) >= fixed
}

// counted is the size of a value that begins with its length, plus what the length
// does not count.
func counted(rest []byte, extra int) (int, bool) {
	if len(rest) < 4 {
		return 0, false
	}
	n := int64(binary.LittleEndian.Uint32(rest))
	if n > math.MaxInt32 || n+int64(extra) > int64(len(rest)) {
		return 0, false
	}
	return int(n) + extra, true
}

func regexSize(rest []byte) (int, bool) {
	seen := 0
	for i, b := range rest {
		if b != 0 {
			continue
		}
		if seen++; seen == 2 {
			return i + 1, true
		}
	}
	return 0, false
}

// valid checks bytes that came from outside, so that everything else may trust them.
// It refuses what this engine does not keep, by the name of the type.
func valid(d []byte) error {
	return validDocument(d, 0)
}

func validDocument(d []byte, depth int) error {
	if depth > maxDepth {
		return failf(codeOverflow, "documents nest deeper than %d levels", maxDepth)
	}
	if len(d) < 5 || int64(binary.LittleEndian.Uint32(d)) != int64(len(d)) || d[len(d)-1] != 0 {
		return failf(codeInvalidBSON, "invalid BSON: a document's length is wrong")
	}
	rest := d[4 : len(d)-1]
	for len(rest) > 0 {
		kind := bson.Type(rest[0])
		end := 1
		for end < len(rest) && rest[end] != 0 {
			end++
		}
		if end == len(rest) {
			return failf(codeInvalidBSON, "invalid BSON: a field name does not end")
		}
		rest = rest[end+1:]
		size, ok := sizeOf(kind, rest)
		if !ok {
			if refused[kind] {
				return failf(codeNotServed, "BSON type %s is not kept by the embedded database", kind)
			}
			return failf(codeInvalidBSON, "invalid BSON: a value of type %s is cut off or unknown", kind)
		}
		if err := validValue(kind, rest[:size], depth); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
}

// refused are types whose comparison this engine does not promise.
var refused = map[bson.Type]bool{
	bson.TypeDecimal128: true, bson.TypeUndefined: true, bson.TypeDBPointer: true,
	bson.TypeJavaScript: true, bson.TypeCodeWithScope: true, bson.TypeSymbol: true,
}

func validValue(kind bson.Type, data []byte, depth int) error {
	switch kind {
	case bson.TypeUndefined:
		return failf(codeNotServed, "BSON type %s is not kept by the embedded database", kind)
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return validDocument(data, depth+1)
	case bson.TypeString:
		if len(data) < 5 || data[len(data)-1] != 0 || !utf8.Valid(data[4:len(data)-1]) {
			return failf(codeInvalidBSON, "invalid BSON: a string is not UTF-8 or does not end")
		}
	case bson.TypeBinary:
		if len(data) < 5 {
			return failf(codeInvalidBSON, "invalid BSON: binary data without its length")
		}
	case bson.TypeBoolean:
		if data[0] > 1 {
			return failf(codeInvalidBSON, "invalid BSON: a boolean is neither true nor false")
		}
	}
	return nil
}

// builder writes a document.
type builder struct {
	b     []byte
	marks []int
}

func newBuilder() *builder { return (&builder{}).open() }

func (w *builder) open() *builder {
	w.marks = append(w.marks, len(w.b))
	w.b = append(w.b, 0, 0, 0, 0)
	return w
}

// close ends the innermost open document.
func (w *builder) close() *builder {
	at := w.marks[len(w.marks)-1]
	w.marks = w.marks[:len(w.marks)-1]
	w.b = append(w.b, 0)
	binary.LittleEndian.PutUint32(w.b[at:], uint32(len(w.b)-at)) // #nosec G115 -- messages stay below 48 MB
	return w
}

// done closes the whole document and gives it.
func (w *builder) done() document {
	for len(w.marks) > 0 {
		w.close()
	}
	return w.b
}

func (w *builder) head(kind bson.Type, name string) *builder {
	w.b = append(w.b, byte(kind))
	w.b = append(w.b, name...)
	w.b = append(w.b, 0)
	return w
}

func (w *builder) value(name string, v value) *builder {
	w.head(v.kind, name)
	w.b = append(w.b, v.data...)
	return w
}

func (w *builder) doc(name string, d document) *builder {
	return w.value(name, value{bson.TypeEmbeddedDocument, d})
}

func (w *builder) sub(name string) *builder { return w.head(bson.TypeEmbeddedDocument, name).open() }

func (w *builder) array(name string) *builder { return w.head(bson.TypeArray, name).open() }

func (w *builder) int(name string, n int) *builder {
	if n >= math.MinInt32 && n <= math.MaxInt32 {
		return w.value(name, int32Value(int32(n)))
	}
	return w.value(name, int64Value(int64(n)))
}

func (w *builder) str(name, text string) *builder { return w.value(name, stringValue(text)) }

func (w *builder) bool(name string, b bool) *builder { return w.value(name, boolValue(b)) }

func (w *builder) ok() document {
	return w.value("ok", doubleValue(1)).done()
}

func int32Value(n int32) value {
	return value{bson.TypeInt32, binary.LittleEndian.AppendUint32(nil, uint32(n))} // #nosec G115 -- the same bits
}

func int64Value(n int64) value {
	return value{bson.TypeInt64, binary.LittleEndian.AppendUint64(nil, uint64(n))} // #nosec G115 -- the same bits
}

func doubleValue(f float64) value {
	return value{bson.TypeDouble, binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))}
}

func dateValue(ms int64) value {
	return value{bson.TypeDateTime, binary.LittleEndian.AppendUint64(nil, uint64(ms))} // #nosec G115 -- the same bits
}

func stringValue(s string) value {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, len(s)+5), uint32(len(s)+1)) // #nosec G115 -- below 48 MB
	return value{bson.TypeString, append(append(b, s...), 0)}
}

func boolValue(b bool) value {
	if b {
		return value{bson.TypeBoolean, []byte{1}}
	}
	return value{bson.TypeBoolean, []byte{0}}
}

func nullValue() value { return value{bson.TypeNull, nil} }

func documentValue(d document) value { return value{bson.TypeEmbeddedDocument, d} }

func arrayValue(items []value) value {
	w := newBuilder()
	for i, item := range items {
		w.value(strconv.Itoa(i), item)
	}
	return value{bson.TypeArray, w.done()}
}

// items are the values of an array.
func (v value) items() []value {
	var list []value
	for _, item := range v.document().elements {
		list = append(list, item)
	}
	return list
}

// typeName is what MongoDB calls a kind in its messages.
func typeName(kind bson.Type) string {
	switch kind {
	case bson.TypeInt32:
		return "int"
	case bson.TypeInt64:
		return "long"
	case bson.TypeEmbeddedDocument:
		return "object"
	case bson.TypeObjectID:
		return "objectId"
	case bson.TypeBinary:
		return "binData"
	case bson.TypeBoolean:
		return "bool"
	case bson.TypeDateTime:
		return "date"
	case bson.TypeRegex:
		return "regex"
	case 0:
		return "missing"
	}
	return kind.String()
}
