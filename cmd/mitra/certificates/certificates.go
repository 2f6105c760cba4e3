// Package certificates makes a listener private: with a certificate from two files, which
// may be replaced while the server runs, or with one from an authority that issues them
// by ACME (RFC 8555). It knows no route and no tenant; the host is the operator's setting,
// never what a request says.
package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Mode is where certificates come from.
type Mode string

// Modes. The zero Mode is Off.
const (
	Off Mode = "off"
	// Files reads a chain and its key from PEM files.
	Files Mode = "files"
	// Auto gets them from an authority, and agrees to its terms.
	Auto Mode = "auto"
)

// UnmarshalText refuses what is no mode.
func (m *Mode) UnmarshalText(text []byte) error {
	switch got := Mode(text); got {
	case "":
		*m = Off
	case Off, Files, Auto:
		*m = got
	default:
		return fmt.Errorf("%q is neither off, files nor auto", text)
	}
	return nil
}

// Config says where certificates come from.
type Config struct {
	Mode Mode
	// Cert and Key are the PEM files of mode Files.
	Cert, Key string
	// Host is the only name for which mode Auto asks; Cache keeps what it got.
	Host, Cache string
	// Directory is the authority's address; empty asks Let's Encrypt.
	Directory string
	Log       *slog.Logger
}

// Source gives certificates to connections.
type Source struct {
	files *pair
	auto  *autocert.Manager
}

// Open reads the files once, so that what is wrong with them is a start error. Mode Auto
// asks its authority when the first connection comes.
func Open(cfg Config) (*Source, error) {
	switch cfg.Mode {
	case Files:
		p := &pair{cert: cfg.Cert, key: cfg.Key, log: cfg.Log}
		if _, err := p.get(nil); err != nil {
			return nil, err
		}
		return &Source{files: p}, nil
	case Auto:
		return &Source{auto: &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cfg.Cache), HostPolicy: autocert.HostWhitelist(cfg.Host),
			Client: &acme.Client{DirectoryURL: cfg.Directory, UserAgent: "mitra"},
		}}, nil
	case Off:
	}
	return nil, errors.New("certificates: no source")
}

// Listener makes every connection of a listener private. Only HTTP/1.1 is spoken on it.
func (s *Source) Listener(l net.Listener) net.Listener {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if s.files != nil {
		cfg.GetCertificate = s.files.get
		return tls.NewListener(l, cfg)
	}
	cfg.GetCertificate = s.auto.GetCertificate
	cfg.NextProtos = append(cfg.NextProtos, acme.ALPNProto)
	return tls.NewListener(l, cfg)
}

// Elsewhere is what plain HTTP answers: the same path at the address, which begins with
// https://. What was sent in the open is not repeated for a form: it is refused. An
// authority finds its answers here as well.
func (s *Source) Elsewhere(address string) http.Handler {
	away := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "use "+address, http.StatusBadRequest)
			return
		}
		path := r.URL.RequestURI()
		if !strings.HasPrefix(path, "/") {
			path = "/"
		}
		http.Redirect(w, r, address+path, http.StatusMovedPermanently) // #nosec G710 -- the host is ours
	})
	if s.auto != nil {
		return s.auto.HTTPHandler(away)
	}
	return away
}

// Certificate is the one that is served now; nil while there is none.
func (s *Source) Certificate() *x509.Certificate {
	if s.files == nil {
		return nil
	}
	return s.files.leaf()
}

// pair is a certificate in two files. They are looked at for each new connection, and read
// when either has changed; while they do not belong together, as between two writes, the
// last good ones are served.
type pair struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	seen   [2]stamp
	loaded *tls.Certificate
}

// stamp tells one version of a file from another.
type stamp struct {
	at   time.Time
	size int64
	node fs.FileInfo
}

func (s stamp) is(other stamp) bool {
	return s.at.Equal(other.at) && s.size == other.size && (s.node == nil) == (other.node == nil) && (s.node == nil || os.SameFile(s.node, other.node))
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size(), info}
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := [2]stamp{stampOf(p.cert), stampOf(p.key)}
	if p.loaded != nil && now[0].is(p.seen[0]) && now[1].is(p.seen[1]) {
		return p.loaded, nil
	}
	read, err := tls.LoadX509KeyPair(p.cert, p.key)
	p.seen = now
	switch {
	case err == nil:
		if p.loaded != nil {
			p.log.Info("certificate replaced", "until", read.Leaf.NotAfter)
		}
		p.loaded = &read
	case p.loaded == nil:
		return nil, fmt.Errorf("certificate: %w", err)
	default:
		p.log.Warn("the certificate's files cannot be used; the one before is served", "error", err)
	}
	return p.loaded, nil
}

func (p *pair) leaf() *x509.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded == nil {
		return nil
	}
	return p.loaded.Leaf
}
