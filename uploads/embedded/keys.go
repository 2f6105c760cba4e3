package embedded

import (
	"path/filepath"
	"regexp"
	"strings"
)

// maxSegment is the longest name of a file, escaped; a key's segment beyond it is refused.
const maxSegment = 240

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// bucketPath is where a bucket's objects are.
func (e *Endpoint) bucketPath(bucket string) (string, *refusal) {
	if !bucketName.MatchString(bucket) || strings.Contains(bucket, "..") {
		return "", refuse(400, "InvalidBucketName", "the bucket's name is not a valid one")
	}
	return filepath.Join(e.dir, "objects", bucket), nil
}

// objectPath is where an object is: its key's segments, escaped, each directory marked, so
// that x and x/y live beside each other and no key leaves the bucket.
func (e *Endpoint) objectPath(bucket, key string) (string, *refusal) {
	path, no := e.bucketPath(bucket)
	if no != nil {
		return "", no
	}
	if key == "" || len(key) > 1024 {
		return "", refuse(400, "KeyTooLongError", "a key has 1 to 1024 bytes")
	}
	segments := strings.Split(key, "/")
	for i, segment := range segments {
		if segment == "" || segment == "." || segment == ".." {
			return "", refuse(400, "XMinioInvalidObjectName", "a key has no empty segment, '.' or '..'")
		}
		name := escape(segment)
		if i < len(segments)-1 {
			name += "+"
		}
		if len(name) > maxSegment {
			return "", refuse(400, "KeyTooLongError", "a segment of the key is too long")
		}
		path = filepath.Join(path, name)
	}
	return path, nil
}

const hexDigits = "0123456789abcdef"

// escape spells a segment with letters that every file system keeps apart: lower case,
// digits, "-" and "_"; any other byte is "%xx".
func escape(segment string) string {
	var b strings.Builder
	for i := range len(segment) {
		switch c := segment[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// unescape is the segment that a name spells.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			b.WriteByte(byte(strings.IndexByte(hexDigits, name[i+1])<<4 | strings.IndexByte(hexDigits, name[i+2]))) // #nosec G115 -- two digits of four bits
			i += 2
			continue
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
