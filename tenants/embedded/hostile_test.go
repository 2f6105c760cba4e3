package embedded_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// message frames a body as OP_MSG with one section of kind 0.
func message(body []byte) []byte {
	b := make([]byte, 21, 21+len(body))
	binary.LittleEndian.PutUint32(b, uint32(21+len(body)))
	binary.LittleEndian.PutUint32(b[12:], 2013)
	return append(b, body...)
}

// say sends bytes on a connection of their own and gives what comes back within a
// moment after the sender has finished.
func say(t testing.TB, s *embedded.Server, raw []byte) []byte {
	t.Helper()
	const patience = 250 * time.Millisecond // for an answer that need not come
	near, err := s.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	complete := len(raw) >= 4 && uint64(binary.LittleEndian.Uint32(raw)) == uint64(len(raw))
	if complete {
		_ = near.SetDeadline(time.Now().Add(10 * time.Second))
	} else {
		_ = near.SetDeadline(time.Now().Add(patience))
	}
	go func(w net.Conn) {
		_, _ = w.Write(raw)
	}(near)
	head := make([]byte, 16)
	if _, err := io.ReadFull(near, head); err != nil {
		if complete && errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("a whole message got neither an answer nor an end: %x", raw)
		}
		return nil
	}
	size := binary.LittleEndian.Uint32(head)
	if size < 16 || size > 48_000_000 {
		t.Fatalf("a reply of %d bytes", size)
	}
	rest := make([]byte, size-16)
	if _, err := io.ReadFull(near, rest); err != nil {
		t.Fatalf("a reply that is cut off: %v", err)
	}
	return rest
}

// alive checks that the server still answers somebody else.
func alive(t testing.TB, s *embedded.Server) {
	t.Helper()
	ping, _ := bson.Marshal(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "admin"}})
	if reply := say(t, s, message(ping)); len(reply) < 5 || bson.Raw(reply[5:]).Lookup("ok").Double() != 1 {
		t.Fatalf("the server does not answer a ping: %x", reply)
	}
}

func nested(depth int) []byte {
	doc := []byte{5, 0, 0, 0, 0}
	for range depth {
		inner := doc
		doc = make([]byte, 4, len(inner)+8)
		doc = append(doc, 3, 'a', 0)
		doc = append(append(doc, inner...), 0)
		binary.LittleEndian.PutUint32(doc, uint32(len(doc)))
	}
	return doc
}

func TestHostileMessagesCostTheirConnectionAndNothingElse(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	ping, _ := bson.Marshal(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "admin"}})
	good := message(ping)
	edit := func(change func([]byte)) []byte {
		b := append([]byte(nil), good...)
		change(b)
		return b
	}
	for name, raw := range map[string][]byte{
		"a gigantic length":          edit(func(b []byte) { binary.LittleEndian.PutUint32(b, 0xFFFFFFFF) }),
		"47 MB that never come":      append(edit(func(b []byte) { binary.LittleEndian.PutUint32(b, 47_000_000) }), make([]byte, 100)...),
		"a length below the header":  edit(func(b []byte) { binary.LittleEndian.PutUint32(b, 3) }),
		"an unknown operation":       edit(func(b []byte) { binary.LittleEndian.PutUint32(b[12:], 2012) }),
		"unknown flags":              edit(func(b []byte) { b[16] = 0xF0 }),
		"an unknown section":         edit(func(b []byte) { b[20] = 7 }),
		"a document longer than all": edit(func(b []byte) { binary.LittleEndian.PutUint32(b[21:], 5000) }),
		"a negative document length": edit(func(b []byte) { binary.LittleEndian.PutUint32(b[21:], 0x80000000) }),
		"an unknown value type":      edit(func(b []byte) { b[25] = 0x42 }),
		"deep nesting":               message(nested(5000)),
		"no body":                    message(nil)[:20],
	} {
		reply := say(t, s, raw)
		if reply != nil && bson.Raw(reply[5:]).Lookup("ok").Double() == 1 {
			t.Errorf("%s: was answered with ok", name)
		}
		alive(t, s)
	}
}

func TestWhatIsNotServedIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	for name, cmd := range map[string]bson.D{
		"mapReduce": {{Key: "mapReduce", Value: "c"}},
		"collation": {{Key: "find", Value: "c"}, {Key: "collation", Value: bson.D{{Key: "locale", Value: "id"}}}},
		"hint":      {{Key: "find", Value: "c"}, {Key: "hint", Value: "x"}},
		"$where":    {{Key: "find", Value: "c"}, {Key: "filter", Value: bson.D{{Key: "$where", Value: "1"}}}},
		"$near":     {{Key: "find", Value: "c"}, {Key: "filter", Value: bson.D{{Key: "p", Value: bson.D{{Key: "$near", Value: 1}}}}}},
		"$lookup":   {{Key: "aggregate", Value: "c"}, {Key: "pipeline", Value: bson.A{bson.D{{Key: "$lookup", Value: bson.D{}}}}}, {Key: "cursor", Value: bson.D{}}},
		"txnNumber": {{Key: "insert", Value: "c"}, {Key: "documents", Value: bson.A{bson.D{}}}, {Key: "txnNumber", Value: int64(1)}},
		"decimal":   {{Key: "insert", Value: "c"}, {Key: "documents", Value: bson.A{bson.D{{Key: "d", Value: bson.NewDecimal128(1, 2)}}}}},
		"ghost":     {{Key: "find", Value: "c"}, {Key: "ghost", Value: 1}},
	} {
		body, err := bson.Marshal(append(cmd, bson.E{Key: "$db", Value: "db"}))
		if err != nil {
			t.Fatal(err)
		}
		reply := say(t, s, message(body))
		if reply == nil {
			t.Errorf("%s: no answer", name)
			continue
		}
		text := bson.Raw(reply[5:]).Lookup("errmsg").StringValue()
		if !strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			t.Errorf("%s: the refusal does not name it: %q", name, text)
		}
	}
}

func FuzzMessages(f *testing.F) {
	ping, _ := bson.Marshal(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "admin"}})
	find, _ := bson.Marshal(bson.D{{Key: "find", Value: "c"}, {Key: "$db", Value: "db"}, {Key: "filter", Value: bson.D{
		{Key: "a.0.b", Value: bson.D{{Key: "$in", Value: bson.A{1, "x", nil}}, {Key: "$not", Value: bson.D{{Key: "$size", Value: 2}}}}},
		{Key: "$or", Value: bson.A{bson.D{{Key: "x", Value: bson.D{{Key: "$elemMatch", Value: bson.D{{Key: "y", Value: 1}}}}}}}},
	}}, {Key: "sort", Value: bson.D{{Key: "a", Value: -1}}}})
	update, _ := bson.Marshal(bson.D{{Key: "update", Value: "c"}, {Key: "$db", Value: "db"}, {Key: "updates", Value: bson.A{bson.D{
		{Key: "q", Value: bson.D{{Key: "_id", Value: 1}}}, {Key: "upsert", Value: true}, {Key: "u", Value: bson.D{
			{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}},
			{Key: "$push", Value: bson.D{{Key: "l", Value: bson.D{{Key: "$each", Value: bson.A{3, 1}}, {Key: "$slice", Value: -2}, {Key: "$sort", Value: 1}}}}},
			{Key: "$pull", Value: bson.D{{Key: "m", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: 4}}}}}}},
		}},
	}}}})
	for _, seed := range [][]byte{ping, find, update, nested(90)} {
		f.Add(seed)
	}
	s := open(f, embedded.Options{Dir: f.TempDir(), NoSync: true})
	f.Fuzz(func(t *testing.T, body []byte) {
		reply := say(t, s, message(body))
		if reply != nil {
			if err := bson.Raw(reply[5:]).Validate(); err != nil {
				t.Fatalf("an invalid reply: %v", err)
			}
			if code, ok := bson.Raw(reply[5:]).Lookup("code").AsInt64OK(); ok && code == 1 {
				t.Fatalf("an internal error: %v", bson.Raw(reply[5:]))
			}
		}
	})
}
