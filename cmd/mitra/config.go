package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/certificates"
	"github.com/mitra-platform/mitra/uploads"
)

// Config is every setting, read once at the start. A flag wins over its MITRA_*
// variable, that over the default.
type Config struct {
	Help           bool
	JSON           bool
	Listen         string
	Data           string
	Demo           bool
	Clock          time.Time
	PublicURL      string
	EmbeddedListen string
	MetricsListen  string

	TLS             certificates.Mode
	TLSCert, TLSKey string
	ACMEDirectory   string
	RedirectListen  string

	MongoURI string

	S3Endpoint, S3AccessKey, S3SecretKey string
	S3Bucket, S3Region                   string
	S3Secure                             bool

	SMTPURL  string
	MailFrom string

	// Options are the flags of single commands, by name.
	Options map[string]string
}

// commandFlags belong to single commands; each command says which it takes.
var commandFlags = []string{"tenant", "name", "short", "zone", "language", "organisation", "side", "role", "email", "phone", "as", "heads", "out"}

// commandSwitches are those of them that take no value.
var commandSwitches = []string{"dry-run", "all", "conformance", "second-step", "check"}

var errHelp = errors.New("help")

// setting is a flag, its variable (empty: none) and what it is for.
type setting struct {
	flag, variable, value, help string
}

// settings are described here and nowhere else; README's table is checked against them.
func settings() []setting {
	return []setting{
		{"listen", "MITRA_LISTEN", "127.0.0.1:8080", "where to serve; port 0 takes a free one"},
		{"data", "MITRA_DATA", "./.mitra", "directory of everything kept on this machine"},
		{"demo", "", "", "fill an empty data directory with invented tenants; loopback only"},
		{"clock", "", "", "with --demo: where its clock starts (RFC 3339)"},
		{"public-url", "MITRA_PUBLIC_URL", "", "address that people reach; links in mails begin with it"},
		{"embedded-listen", "", "", "loopback address of the embedded database, for mongosh"},
		{"", "MITRA_MONGODB_URI", "", "MongoDB to use instead of the embedded database"},
		{"", "MITRA_S3_ENDPOINT", "", "host:port of an S3 server for files; without it they are in DATA/files"},
		{"", "MITRA_S3_ACCESS_KEY", "", "its user"},
		{"", "MITRA_S3_SECRET_KEY", "", "its password"},
		{"", "MITRA_S3_BUCKET", "mitra", "its bucket, made where it is missing"},
		{"", "MITRA_S3_REGION", "us-east-1", "its region"},
		{"", "MITRA_S3_SECURE", "true", "false for an S3 server without TLS on an internal network"},
		{"", "MITRA_SMTP_URL", "", "smtp(s)://user:password@host:port; without it mails are files in DATA/outbox"},
		{"", "MITRA_MAIL_FROM", "", "sender of mails"},
		{"", "MITRA_TLS", "off", "files: MITRA_TLS_CERT and MITRA_TLS_KEY; auto: a certificate by ACME for the host of MITRA_PUBLIC_URL"},
		{"", "MITRA_TLS_CERT", "", "PEM file of the certificate and its chain; read again when it changes"},
		{"", "MITRA_TLS_KEY", "", "PEM file of its key"},
		{"", "MITRA_ACME_DIRECTORY", "", "address of another ACME authority than Let's Encrypt"},
		{"", "MITRA_REDIRECT_LISTEN", "", "address where plain HTTP is led to MITRA_PUBLIC_URL, like 0.0.0.0:80"},
		{"", "MITRA_METRICS_LISTEN", "", "loopback address for metrics and profiles; without it there are none"},
		{"json", "", "", "print one JSON object"},
	}
}

// readConfig takes flags wherever they stand and gives the words that are left.
func readConfig(args, environ []string) (Config, []string, error) {
	set := defaults(environ)
	rest, err := parseFlags(set, args)
	if err != nil {
		return Config{}, nil, err
	}
	cfg := Config{
		Help: set["help"] == "true", JSON: set["json"] == "true", Listen: set["listen"], Data: set["data"],
		Demo: set["demo"] == "true", PublicURL: strings.TrimSuffix(set["public-url"], "/"), EmbeddedListen: set["embedded-listen"],
		MongoURI: set["MITRA_MONGODB_URI"], SMTPURL: set["MITRA_SMTP_URL"], MailFrom: set["MITRA_MAIL_FROM"], Options: set,
		S3Endpoint: set["MITRA_S3_ENDPOINT"], S3AccessKey: set["MITRA_S3_ACCESS_KEY"], S3SecretKey: set["MITRA_S3_SECRET_KEY"],
		S3Bucket: set["MITRA_S3_BUCKET"], S3Region: set["MITRA_S3_REGION"], S3Secure: set["MITRA_S3_SECURE"] != "false",
		MetricsListen: set["MITRA_METRICS_LISTEN"], TLSCert: set["MITRA_TLS_CERT"], TLSKey: set["MITRA_TLS_KEY"],
		ACMEDirectory: set["MITRA_ACME_DIRECTORY"], RedirectListen: set["MITRA_REDIRECT_LISTEN"],
	}
	if text := set["clock"]; text != "" {
		if cfg.Clock, err = time.Parse(time.RFC3339, text); err != nil {
			return cfg, nil, fmt.Errorf("--clock: %q is not an instant like 2026-11-24T08:00:00+08:00", text)
		}
	}
	if err := cfg.TLS.UnmarshalText([]byte(set["MITRA_TLS"])); err != nil {
		return cfg, nil, fmt.Errorf("MITRA_TLS: %w", err)
	}
	return cfg, rest, errors.Join(cfg.check(), cfg.checkTLS())
}

func defaults(environ []string) map[string]string {
	variables := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		variables[name] = value
	}
	set := map[string]string{}
	for _, s := range settings() {
		name := s.flag
		if name == "" {
			name = s.variable
		}
		set[name] = s.value
		if value := variables[s.variable]; s.variable != "" && value != "" {
			set[name] = value
		}
	}
	return set
}

// parseFlags lets flags stand before, between and after the other words.
func parseFlags(set map[string]string, args []string) ([]string, error) {
	flags := flag.NewFlagSet("mitra", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolFunc("help", "", func(string) error { set["help"] = "true"; return nil })
	for _, s := range settings() {
		keep := func(value string) error {
			set[s.flag] = value
			return nil
		}
		switch s.flag {
		case "":
		case "demo", "json":
			flags.BoolFunc(s.flag, s.help, keep)
		default:
			flags.Func(s.flag, s.help, keep)
		}
	}
	for _, name := range commandFlags {
		flags.Func(name, "", func(value string) error { set[name] = value; return nil })
	}
	for _, name := range commandSwitches {
		flags.BoolFunc(name, "", func(string) error { set[name] = "true"; return nil })
	}
	var words []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	if set["help"] == "true" && len(words) == 0 {
		return nil, errHelp
	}
	return words, nil
}

// check refuses settings that cannot hold together, before anything is opened.
func (c Config) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("--listen: %q is not host:port", c.Listen)
	case c.Demo && !loopback(host):
		return fmt.Errorf("--demo has accounts whose passwords lie in a file: it listens on loopback only, not on %s", c.Listen)
	case !c.Clock.IsZero() && !c.Demo:
		return errors.New("--clock is only for --demo")
	case c.SMTPURL != "" && c.MailFrom == "":
		return errors.New("MITRA_SMTP_URL needs MITRA_MAIL_FROM")
	case c.S3Endpoint != "" && (c.S3AccessKey == "" || c.S3SecretKey == ""):
		return errors.New("MITRA_S3_ENDPOINT needs MITRA_S3_ACCESS_KEY and MITRA_S3_SECRET_KEY")
	case c.MetricsListen != "" && !loopbackAddress(c.MetricsListen):
		return fmt.Errorf("MITRA_METRICS_LISTEN: %q is not a loopback host:port; metrics have no password", c.MetricsListen)
	case c.PublicURL != "":
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("MITRA_PUBLIC_URL: %q is not an http address", c.PublicURL)
		}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkTLS refuses half of what TLS needs.
func (c Config) checkTLS() error {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return nil // said elsewhere
	}
	switch {
	case c.TLS == certificates.Off && (c.TLSCert != "" || c.TLSKey != "" || c.ACMEDirectory != "" || c.RedirectListen != ""):
		return errors.New("MITRA_TLS_CERT, MITRA_TLS_KEY, MITRA_ACME_DIRECTORY and MITRA_REDIRECT_LISTEN mean nothing while MITRA_TLS is off")
	case c.TLS == certificates.Off:
		return nil
	case c.PublicURL != "" && u.Scheme != "https":
		return fmt.Errorf("MITRA_PUBLIC_URL: %q is not an https address, and MITRA_TLS is %s", c.PublicURL, c.TLS)
	case c.RedirectListen != "" && c.PublicURL == "":
		return errors.New("MITRA_REDIRECT_LISTEN needs MITRA_PUBLIC_URL, where it leads")
	case c.TLS == certificates.Files && (c.TLSCert == "" || c.TLSKey == ""):
		return errors.New("MITRA_TLS=files needs MITRA_TLS_CERT and MITRA_TLS_KEY")
	case c.TLS == certificates.Files && c.ACMEDirectory != "":
		return errors.New("MITRA_ACME_DIRECTORY is for MITRA_TLS=auto")
	case c.TLS == certificates.Auto && (c.TLSCert != "" || c.TLSKey != ""):
		return errors.New("MITRA_TLS_CERT and MITRA_TLS_KEY are for MITRA_TLS=files")
	case c.TLS == certificates.Auto && (u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".")):
		return errors.New("MITRA_TLS=auto needs a MITRA_PUBLIC_URL with a name that the authority can look up")
	}
	if a, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || a.Host == "" || a.Scheme != "https" && !loopback(a.Hostname())) {
		return fmt.Errorf("MITRA_ACME_DIRECTORY: %q is not an https address", c.ACMEDirectory)
	}
	return nil
}

func loopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopback(host)
}

// inData is a path inside the data directory.
func (c Config) inData(names ...string) string {
	return filepath.Join(append([]string{c.Data}, names...)...)
}

// files says where files are kept.
func (c Config) files() uploads.Config {
	return uploads.Config{
		Endpoint: c.S3Endpoint, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, Bucket: c.S3Bucket, Region: c.S3Region,
		Secure: c.S3Secure, Dir: c.inData("files"),
	}
}

// makeData creates the data directory for its owner alone.
func (c Config) makeData() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("the data directory: %w", err)
	}
	return nil
}

func describeFlags(w io.Writer) {
	for _, s := range settings() {
		name := s.variable
		if s.flag != "" {
			name = "--" + s.flag
			if s.variable != "" {
				name += ", " + s.variable
			}
		}
		text := s.help
		if s.value != "" {
			text += " (" + s.value + ")"
		}
		_, _ = fmt.Fprintf(w, "  %-36s %s\n", name, text)
	}
}

// buildVersion is the module's version or revision as the Go tool recorded it.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return info.Main.Version + " " + s.Value[:12]
		}
	}
	return info.Main.Version
}
