package certificates_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/certificates"
)

// authority issues certificates as RFC 8555 says, as far as one client of one host needs
// it, and proves by RFC 8737 (tls-alpn-01) that the site is the host's.
type authority struct {
	t    *testing.T
	url  string
	site string // where the host's name leads
	key  *ecdsa.PrivateKey
	root *x509.Certificate

	mu         sync.Mutex
	thumbprint string
	proven     bool
	orders     int
	issued     []byte
}

const token = "a-token-of-the-authority"

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, key: key, root: root}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", fmt.Sprint("n", time.Now().UnixNano()))
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	switch r.URL.Path {
	case "/directory":
		say(200, map[string]string{"newNonce": a.url + "/nonce", "newAccount": a.url + "/account", "newOrder": a.url + "/order"})
	case "/nonce":
	case "/account":
		a.thumbprint = thumbprint(a.t, r)
		w.Header().Set("Location", a.url+"/account/1")
		say(201, map[string]string{"status": "valid"})
	case "/order":
		a.orders++
		w.Header().Set("Location", a.url+"/order/1")
		say(201, a.order())
	case "/order/1":
		say(200, a.order())
	case "/authorisation":
		say(200, map[string]any{"status": a.status(), "identifier": map[string]string{"type": "dns", "value": "mitra.example.org"}, "challenges": []any{a.challenge()}})
	case "/challenge":
		a.proven = a.prove()
		say(200, a.challenge())
	case "/finalise":
		a.issue(payload(a.t, r))
		say(200, a.order())
	case "/certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: a.issued})
		_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
	default:
		http.NotFound(w, r)
	}
}

func (a *authority) status() string {
	if a.proven {
		return "valid"
	}
	return "pending"
}

func (a *authority) challenge() map[string]string {
	return map[string]string{"type": "tls-alpn-01", "url": a.url + "/challenge", "token": token, "status": a.status()}
}

func (a *authority) order() map[string]any {
	o := map[string]any{"status": "pending", "authorizations": []string{a.url + "/authorisation"}, "finalize": a.url + "/finalise"}
	switch {
	case a.issued != nil:
		o["status"], o["certificate"] = "valid", a.url+"/certificate"
	case a.proven:
		o["status"] = "ready"
	}
	return o
}

// prove asks the site for the certificate that only who holds the account can make.
func (a *authority) prove() bool {
	conn, err := tls.Dial("tcp", a.site, &tls.Config{ServerName: "mitra.example.org", NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true}) // #nosec G402 -- RFC 8737 §3
	if err != nil {
		a.t.Errorf("the authority cannot reach the site: %v", err)
		return false
	}
	defer func() { _ = conn.Close() }()
	digest := sha256.Sum256([]byte(token + "." + a.thumbprint))
	want, err := asn1.Marshal(digest[:])
	if err != nil {
		a.t.Error(err)
	}
	for _, e := range conn.ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" {
			return string(e.Value) == string(want)
		}
	}
	return false
}

// issue signs what a request for a certificate asks for.
func (a *authority) issue(text []byte) {
	var asked struct{ CSR string }
	if err := json.Unmarshal(text, &asked); err != nil {
		a.t.Error(err)
		return
	}
	der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil {
		a.t.Error(err)
		return
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		a.t.Error(err)
		return
	}
	a.issued, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(77), DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(80 * 24 * time.Hour),
	}, a.root, csr.PublicKey, a.key)
	if err != nil {
		a.t.Error(err)
	}
}

// signedBody is a request's JWS; its signature is not looked at.
func signedBody(t *testing.T, r *http.Request) (protected, text []byte) {
	t.Helper()
	var jws struct{ Protected, Payload string }
	if err := json.NewDecoder(r.Body).Decode(&jws); err != nil {
		t.Error(err)
	}
	protected, err := base64.RawURLEncoding.DecodeString(jws.Protected)
	if err != nil {
		t.Error(err)
	}
	if text, err = base64.RawURLEncoding.DecodeString(jws.Payload); err != nil {
		t.Error(err)
	}
	return protected, text
}

func payload(t *testing.T, r *http.Request) []byte {
	t.Helper()
	_, text := signedBody(t, r)
	return text
}

// thumbprint is that of the account's key (RFC 7638).
func thumbprint(t *testing.T, r *http.Request) string {
	t.Helper()
	protected, _ := signedBody(t, r)
	var header struct {
		JWK struct {
			Crv string `json:"crv"`
			Kty string `json:"kty"`
			X   string `json:"x"`
			Y   string `json:"y"`
		} `json:"jwk"`
	}
	if err := json.Unmarshal(protected, &header); err != nil {
		t.Error(err)
	}
	canonical, err := json.Marshal(header.JWK)
	if err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256(canonical)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// site serves with certificates from the authority and gives its address.
func site(t *testing.T, a *authority, cache string) string {
	t.Helper()
	s, err := certificates.Open(certificates.Config{
		Mode: certificates.Auto, Host: "mitra.example.org", Cache: cache, Directory: a.url + "/directory", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go func() { _ = server.Serve(s.Listener(l)) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// The first visitor of the configured host gets a certificate that the authority issued;
// it is kept, so that a restart asks for none; no other host is asked for.
func TestAnAuthorityIssuesForTheConfiguredHostAlone(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cache := filepath.Join(t.TempDir(), "acme")
	trusted := x509.NewCertPool()
	trusted.AddCert(a.root)
	visit := func(host string) error {
		conn, err := tls.Dial("tcp", a.site, &tls.Config{ServerName: host, RootCAs: trusted, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
		if err != nil {
			return err
		}
		return conn.Close()
	}
	a.site = site(t, a, cache)
	if err := visit("evil.example"); err == nil {
		t.Error("a certificate for another host")
	}
	for range 2 {
		if err := visit("mitra.example.org"); err != nil {
			t.Fatal(err)
		}
	}
	a.site = site(t, a, cache) // a restart
	if err := visit("mitra.example.org"); err != nil {
		t.Error(err)
	}
	if a.orders != 1 {
		t.Errorf("%d orders, want 1", a.orders)
	}
	kept, err := os.ReadDir(cache)
	if err != nil || len(kept) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	for _, e := range kept {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want its owner's alone", e.Name(), info.Mode(), err)
		}
	}
}
