package mail_test

import (
	"context"
	"io"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/mail"
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func boxed(t *testing.T) (*mail.Sender, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "outbox")
	s, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", OutboxDir: dir, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, file string) *netmail.Message {
	t.Helper()
	f, err := os.Open(file) // #nosec G304 -- a file this test made
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := netmail.ReadMessage(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	m.Body = strings.NewReader(string(body))
	return m
}

func TestWithoutAServerEachMessageIsOnePrivateFile(t *testing.T) {
	t.Parallel()
	s, dir := boxed(t)
	for range 3 {
		err := s.Send(t.Context(), mail.Message{To: "Ibu.Ani@Example.org", Subject: "Undangan — keanggotaan", Text: "Selamat datang.", HTML: "<p>Selamat datang.</p>"})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := files(t, dir)
	if len(names) != 3 {
		t.Fatalf("3 messages sent, files %q", names)
	}
	for _, name := range names {
		if base := filepath.Base(name); !strings.HasPrefix(base, "20261124T120000.000Z-") || !strings.HasSuffix(base, ".eml") {
			t.Errorf("file %q is not <time>-<id>.eml", base)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
	m := read(t, names[0])
	if got := m.Header.Get("To"); got != "<ibu.ani@example.org>" {
		t.Errorf("To: %q", got)
	}
	if got := m.Header.Get("Date"); got != "Tue, 24 Nov 2026 12:00:00 +0000" {
		t.Errorf("Date: %q", got)
	}
}

func TestNoMessageCanAddAHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, to, subject, field string
	}{
		{"line feed in the subject", "a@example.org", "Halo\nBcc: all@example.org", "subject"},
		{"carriage return in the subject", "a@example.org", "Halo\r\nBcc: all@example.org", "subject"},
		{"line separator in the subject", "a@example.org", "Halo\u2028Bcc: x", "subject"},
		{"direction override in the subject", "a@example.org", "Halo \u202etxet", "subject"},
		{"no subject", "a@example.org", "", "subject"},
		{"line feed in the address", "a@example.org\nBcc: b@example.org", "Halo", "to"},
		{"two addresses", "a@example.org, b@example.org", "Halo", "to"},
		{"a name", "Ani <a@example.org>", "Halo", "to"},
		{"a NUL", "a\x00@example.org", "Halo", "to"},
		{"no address", "", "Halo", "to"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := boxed(t)
			err := s.Send(t.Context(), mail.Message{To: test.to, Subject: test.subject, Text: "Isi."})
			if !refuses(err, test.field) {
				t.Errorf("Send = %v, want a refusal of %s", err, test.field)
			}
			if names := files(t, dir); len(names) != 0 {
				t.Errorf("refused and yet written: %q", names)
			}
		})
	}
}

func refuses(err error, field string) bool {
	if fault.KindOf(err) != fault.Unprocessable {
		return false
	}
	return strings.Contains(err.Error(), field)
}

func TestAddressesFoldToOneSpelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Ani@Example.ORG ":       "ani@example.org",
		"a.b+c@sub.example.co.id": "a.b+c@sub.example.co.id",
		"x@a-b.example.org":       "x@a-b.example.org",
	} {
		if got, ok := mail.Address(text); !ok || got != want {
			t.Errorf("Address(%q) = %q, %t; want %q", text, got, ok, want)
		}
	}
}

func TestHostileAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "@", "a@", "@b.org", "a@b", "a@b.", "a@.b.org", "a@-b.org", "a@b-.org", "a..b@example.org", ".a@example.org",
		`"a b"@example.org`, "a@[127.0.0.1]", "a@127.0.0.1", "a@example.org>", "<a@example.org>", "a@b@example.org", "a@exa_mple.org",
		"á@example.org", "a@еxample.org", "a\r\n@example.org", "a@example.org\r\nRCPT TO:<b@example.org>", "a b@example.org",
		"a@" + strings.Repeat("x", 64) + ".org", strings.Repeat("x", 65) + "@example.org",
		"a@" + strings.Repeat("abcdefghi.", 30) + "org",
	} {
		if got, ok := mail.Address(text); ok {
			t.Errorf("Address(%q) = %q, want a refusal", text, got)
		}
	}
}

func TestAConfigurationThatCannotWorkIsAStartError(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]mail.Config{
		"no sender":      {OutboxDir: "x", Now: noon},
		"no way out":     {From: "a@example.org", Now: noon},
		"no clock":       {From: "a@example.org", OutboxDir: "x"},
		"another scheme": {From: "a@example.org", Now: noon, SMTPURL: "http://user:hunter2hunter2@example.org"},
		"no host":        {From: "a@example.org", Now: noon, SMTPURL: "smtp://"},
		"a bad port":     {From: "a@example.org", Now: noon, SMTPURL: "smtp://example.org:99999"},
		"unknown tls":    {From: "a@example.org", Now: noon, SMTPURL: "smtp://example.org?tls=maybe"},
	} {
		_, err := mail.Open(cfg)
		if err == nil {
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}

// postbox is a mail server that keeps what it is given.
type postbox struct {
	to   []string
	text chan string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *postbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *postbox) Rcpt(to string, _ *smtp.RcptOptions) error   { p.to = append(p.to, to); return nil }
func (p *postbox) Reset()                                      {}
func (p *postbox) Logout() error                               { return nil }
func (p *postbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	p.text <- strings.Join(p.to, " ") + "\n" + string(text)
	return err
}

func TestAServerTakesTheMessageForOneRecipient(t *testing.T) {
	t.Parallel()
	box := &postbox{text: make(chan string, 1)}
	server := smtp.NewServer(box)
	server.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })

	s, err := mail.Open(mail.Config{From: "Mitra <mitra@example.org>", SMTPURL: "smtp://" + l.Addr().String() + "?tls=none", Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Send(ctx, mail.Message{To: "ani@example.org", Subject: "Halo", Text: "Satu.\r\n.\r\nRCPT TO:<b@example.org>\r\n"}); err != nil {
		t.Fatal(err)
	}
	got := <-box.text
	if !strings.HasPrefix(got, "ani@example.org\n") {
		t.Errorf("recipients and text: %q", got)
	}
	if !strings.Contains(got, "RCPT TO:<b@example.org>") {
		t.Errorf("the text ended at its dot: %q", got)
	}
}

func TestAServerThatIsDownIsUnavailable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	s, err := mail.Open(mail.Config{From: "mitra@example.org", SMTPURL: "smtp://" + addr + "?tls=none", Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), mail.Message{To: "ani@example.org", Subject: "Halo", Text: "Isi."})
	if fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) != "mail_unavailable" {
		t.Errorf("Send = %v, want unavailable", err)
	}
}
