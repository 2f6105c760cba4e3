package mail

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/mitra-platform/mitra/services/fault"
)

// patience is how long one message may take from dialling to the server's yes.
const patience = 20 * time.Second

// server is an SMTP server. Each message has its own connection: messages are few, and
// a kept connection is one more thing that can be stale.
type server struct {
	host    string
	options []gomail.Option
}

// dial reads an SMTP URL. Its errors never repeat the URL, which may hold a password.
func dial(text string) (*server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("mail: the SMTP URL is not smtp://host:port or smtps://host:port")
	}
	s := &server{host: u.Hostname(), options: []gomail.Option{gomail.WithTimeout(patience)}}
	secure, port, err := transport(u)
	if err != nil {
		return nil, err
	}
	s.options = append(s.options, secure...)
	s.options = append(s.options, gomail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	if _, err := gomail.NewClient(s.host, s.options...); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return s, nil
}

// transport reads from the URL how the connection is kept private, and the port.
func transport(u *url.URL) (options []gomail.Option, port int, err error) {
	port = 587
	switch tls := u.Query().Get("tls"); {
	case u.Scheme == "smtps" && tls == "":
		options, port = []gomail.Option{gomail.WithSSL()}, 465
	case u.Scheme == "smtp" && (tls == "" || tls == "mandatory"):
		options = []gomail.Option{gomail.WithTLSPolicy(gomail.TLSMandatory)}
	case u.Scheme == "smtp" && tls == "opportunistic":
		options = []gomail.Option{gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	case u.Scheme == "smtp" && tls == "none":
		options = []gomail.Option{gomail.WithTLSPolicy(gomail.NoTLS)}
	default:
		return nil, 0, fmt.Errorf("mail: the SMTP URL is neither smtps nor smtp with tls=mandatory, opportunistic or none")
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, 0, fmt.Errorf("mail: the SMTP URL names no port")
		}
	}
	return options, port, nil
}

func (s *server) deliver(ctx context.Context, letter *gomail.Msg, _ []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, letter); err != nil {
		return fault.New(fault.Unavailable, "mail_unavailable").Because(err)
	}
	return nil
}

// probe greets the server and signs in, and leaves.
func (s *server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fault.New(fault.Unavailable, "mail_unavailable").Because(err)
	}
	return client.Close()
}
