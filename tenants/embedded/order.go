package embedded

import (
	"bytes"
	"encoding/binary"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Order keys: bytes that compare as MongoDB compares values (manual: "Comparison/Sort
// Order"). The first byte is the type's place; numbers of all types share one, and so
// compare by what they are worth. No key is the beginning of another, so keys can be
// put one behind the other, and a key with every bit turned sorts the other way round.
const (
	orderMin     = 0x05
	orderEmpty   = 0x08 // an empty array in an index, below null
	orderNull    = 0x0A
	orderNumber  = 0x14
	orderString  = 0x1E
	orderObject  = 0x28
	orderArray   = 0x2D
	orderBinary  = 0x32
	orderOID     = 0x37
	orderBool    = 0x3C
	orderDate    = 0x41
	orderStamp   = 0x46
	orderRegex   = 0x4B
	orderMax     = 0xF0
	orderEnd     = 0x00
	escapedZero  = 0xFF
	stringEnding = 0x01
)

// orderOf is a type's place among the types.
func orderOf(kind bson.Type) byte {
	switch kind {
	case bson.TypeMinKey:
		return orderMin
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble:
		return orderNumber
	case bson.TypeString:
		return orderString
	case bson.TypeEmbeddedDocument:
		return orderObject
	case bson.TypeArray:
		return orderArray
	case bson.TypeBinary:
		return orderBinary
	case bson.TypeObjectID:
		return orderOID
	case bson.TypeBoolean:
		return orderBool
	case bson.TypeDateTime:
		return orderDate
	case bson.TypeTimestamp:
		return orderStamp
	case bson.TypeRegex:
		return orderRegex
	case bson.TypeMaxKey:
		return orderMax
	}
	return orderNull
}

// appendKey adds the order key of a value. A missing value is null.
func appendKey(dst []byte, v value) []byte {
	dst = append(dst, orderOf(v.kind))
	switch v.kind {
	case bson.TypeInt32, bson.TypeInt64:
		n, _ := v.whole()
		return appendWhole(dst, n)
	case bson.TypeDouble:
		return appendDouble(dst, v.double(), 0)
	case bson.TypeString:
		return appendText(dst, v.data[4:len(v.data)-1])
	case bson.TypeEmbeddedDocument:
		for name, item := range v.document().elements {
			dst = append(dst, orderOf(item.kind))
			dst = appendText(dst, name)
			dst = appendKey(dst, item)
		}
		return append(dst, orderEnd)
	case bson.TypeArray:
		for _, item := range v.document().elements {
			dst = appendKey(dst, item)
		}
		return append(dst, orderEnd)
	case bson.TypeBinary:
		dst = binary.BigEndian.AppendUint32(dst, binary.LittleEndian.Uint32(v.data))
		return append(dst, v.data[4:]...)
	case bson.TypeObjectID, bson.TypeBoolean:
		return append(dst, v.data...)
	case bson.TypeDateTime:
		return binary.BigEndian.AppendUint64(dst, binary.LittleEndian.Uint64(v.data)^(1<<63))
	case bson.TypeTimestamp:
		return binary.BigEndian.AppendUint64(dst, binary.LittleEndian.Uint64(v.data))
	case bson.TypeRegex:
		pattern, options, _ := bytes.Cut(v.data[:len(v.data)-1], []byte{0})
		return appendText(appendText(dst, pattern), options)
	}
	return dst
}

// appendWhole writes an integer as the largest double not above it and the rest, so
// that integers beyond 2^53 and doubles compare exactly.
func appendWhole(dst []byte, n int64) []byte {
	f := float64(n)
	if f >= 1<<63 || int64(f) > n {
		f = math.Nextafter(f, math.Inf(-1))
	}
	return appendDouble(dst, f, uint16(n-int64(f))) // #nosec G115 -- doubles below 2^63 lie at most 1,024 apart
}

func appendDouble(dst []byte, f float64, rest uint16) []byte {
	var bits uint64
	switch {
	case math.IsNaN(f): // below every number
	case f == 0:
		bits = 1 << 63
	case f < 0:
		bits = ^math.Float64bits(f)
	default:
		bits = math.Float64bits(f) | 1<<63
	}
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(dst, bits), rest)
}

func appendText(dst, text []byte) []byte {
	for {
		zero := bytes.IndexByte(text, 0)
		if zero < 0 {
			return append(append(dst, text...), 0, stringEnding)
		}
		dst = append(append(dst, text[:zero]...), 0, escapedZero)
		text = text[zero+1:]
	}
}

// keyOf is the order key of one value.
func keyOf(v value) []byte { return appendKey(make([]byte, 0, 32), v) }

// compare orders two values.
func compare(a, b value) int {
	var left, right [64]byte
	return bytes.Compare(appendKey(left[:0], a), appendKey(right[:0], b))
}

// turn makes the bytes of a key sort the other way round.
func turn(key []byte) {
	for i := range key {
		key[i] = ^key[i]
	}
}

// after is the first key behind all that begin with prefix; nil when there is none.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			next := append([]byte(nil), prefix[:i+1]...)
			next[i]++
			return next
		}
	}
	return nil
}
