// Package mail hands messages to people: through an SMTP server, or into a directory
// where each is a file that any mail program opens. It knows no record and no words;
// who calls it brings the sentence and decides whether a failure matters.
package mail

import (
	"bytes"
	"context"
	"fmt"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	maxAddress = 254 // RFC 5321 §4.5.3.1.3, without the angle brackets
	maxLocal   = 64
	maxSubject = 200 // characters
	maxText    = 1 << 20
)

// Message is one letter to one person. HTML may be empty; Text may not, because it is
// what every reader can open.
type Message struct {
	To, Subject, Text, HTML string
}

// Config says how messages leave. Now dates them.
type Config struct {
	// SMTPURL is smtp://user:password@host:587 (STARTTLS demanded, unless ?tls=opportunistic
	// or ?tls=none says otherwise) or smtps://host:465. Empty keeps messages in OutboxDir.
	SMTPURL string
	// From is the sender as header text: Mitra <mitra@example.org>.
	From string
	// OutboxDir is made when the first message is written.
	OutboxDir string
	Now       func() time.Time
}

// Sender sends messages. It is safe for use by many goroutines.
type Sender struct {
	from    *netmail.Address
	now     func() time.Time
	deliver func(context.Context, *gomail.Msg, []byte) error
	probe   func(context.Context) error

	sent, failed atomic.Int64
}

// Stats count messages since the start: handed over, and not taken by the server (or
// refused as malformed).
type Stats struct{ Sent, Failed int64 }

// Stats is a snapshot of the counters.
func (s *Sender) Stats() Stats { return Stats{s.sent.Load(), s.failed.Load()} }

// Open reads the configuration. It connects to nothing: a mail server that is down must
// not keep the product from starting.
func Open(cfg Config) (*Sender, error) {
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("mail: the sender %q is not an address: %w", cfg.From, err)
	}
	if cfg.Now == nil {
		return nil, fmt.Errorf("mail: no clock")
	}
	s := &Sender{from: from, now: cfg.Now}
	if cfg.SMTPURL == "" {
		if cfg.OutboxDir == "" {
			return nil, fmt.Errorf("mail: neither a server nor a directory to write to")
		}
		s.probe = func(context.Context) error { return nil }
		s.deliver = outbox{dir: cfg.OutboxDir, now: cfg.Now}.deliver
		return s, nil
	}
	client, err := dial(cfg.SMTPURL)
	if err != nil {
		return nil, err
	}
	s.deliver, s.probe = client.deliver, client.probe
	return s, nil
}

// Send hands a message over. It refuses a hostile or malformed message as Invalid, with
// the fields to, subject and text, and says unavailable when the server does not take it.
func (s *Sender) Send(ctx context.Context, m Message) error {
	err := s.send(ctx, m)
	if err != nil {
		s.failed.Add(1)
		return err
	}
	s.sent.Add(1)
	return nil
}

func (s *Sender) send(ctx context.Context, m Message) error {
	to, err := check(m)
	if err != nil {
		return err
	}
	letter, text, err := s.compose(m, to)
	if err != nil {
		return err
	}
	return s.deliver(ctx, letter, text)
}

// Probe says whether the server would take a message: it is reached, the connection is as
// private as demanded, and it knows us. Nothing is sent. A directory always would.
func (s *Sender) Probe(ctx context.Context) error { return s.probe(ctx) }

// compose writes the message out once, so that what is counted, named and sent is the
// same bytes.
func (s *Sender) compose(m Message, to string) (*gomail.Msg, []byte, error) {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(s.from)
	if err := letter.To(to); err != nil {
		return nil, nil, fault.Invalid(fault.On("to", "address_malformed"))
	}
	letter.Subject(m.Subject)
	letter.SetDateWithValue(s.now())
	letter.SetMessageID()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := letter.WriteTo(&b); err != nil {
		return nil, nil, fmt.Errorf("mail: compose: %w", err)
	}
	return letter, b.Bytes(), nil
}

// check refuses what must not reach a header and gives the address to use.
func check(m Message) (to string, err error) {
	var fields []fault.Field
	to, ok := Address(m.To)
	if !ok {
		fields = append(fields, fault.On("to", "address_malformed"))
	}
	if m.Subject == "" || utf8.RuneCountInString(m.Subject) > maxSubject || !printable(m.Subject) {
		fields = append(fields, fault.On("subject", "subject_malformed"))
	}
	if m.Text == "" || len(m.Text)+len(m.HTML) > maxText || !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML) {
		fields = append(fields, fault.On("text", "text_malformed"))
	}
	return to, fault.Invalid(fields...)
}

// printable says that a header may hold the text: one line, without control or
// direction characters that show another text than is there.
func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	})
}

// Address folds a bare e-mail address (no name, no angle brackets) to the form in which
// two spellings of one mailbox are equal: trimmed and in lower case. It says false for
// what is not one mailbox at a named host; quoted local parts, address literals and
// letters beyond ASCII are not taken, because few servers are able to deliver to them and
// lookalikes are.
func Address(text string) (folded string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxAddress || text == "" {
		return "", false
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>()[]\,;:`, c) >= 0 {
			return "", false
		}
	}
	parsed, err := netmail.ParseAddress(text)
	if err != nil || parsed.Address != text || parsed.Name != "" {
		return "", false
	}
	local, host, _ := strings.Cut(text, "@")
	if len(local) > maxLocal || !named(host) {
		return "", false
	}
	return strings.ToLower(text), true
}

// named says that a host is a name of at least two labels and not a number.
func named(host string) bool {
	labels := strings.Split(host, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i] | 0x20
			if (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && strings.Trim(last, "0123456789") != ""
}
