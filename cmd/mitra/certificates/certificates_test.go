package certificates_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/certificates"
)

// made is a certificate for a name, as PEM.
func made(t *testing.T, serial int64, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// files opens a source on two files.
func files(t *testing.T) (s *certificates.Source, cert, key string, log *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	cert, key, log = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), new(bytes.Buffer)
	c, k := made(t, 1, "mitra.example.org")
	write(t, cert, c)
	write(t, key, k)
	s, err := certificates.Open(certificates.Config{Mode: certificates.Files, Cert: cert, Key: key, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s, cert, key, log
}

// served is the serial number of the certificate that a new connection gets.
func served(t *testing.T, address string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) // #nosec G402 -- which one it is, is what is asked
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// A certificate that is replaced is served from the next connection on; half of a
// replacement is not.
func TestFilesAreReadAgainWhenTheyChange(t *testing.T) {
	t.Parallel()
	s, cert, key, log := files(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(s.Listener(l)) }()
	t.Cleanup(func() { _ = server.Close() })
	address := l.Addr().String()
	c, k := made(t, 2, "mitra.example.org")
	for _, step := range []struct {
		what string
		do   func()
		want int64
	}{
		{"at the start", func() {}, 1},
		{"half replaced", func() { write(t, cert, c) }, 1},
		{"replaced", func() { write(t, key, k) }, 2},
		{"damaged", func() { write(t, cert, []byte("no certificate")) }, 2},
		{"gone", func() { _ = os.Remove(cert) }, 2},
		{"back", func() { write(t, cert, c) }, 2},
	} {
		step.do()
		if got := served(t, address); got != step.want {
			t.Errorf("%s: certificate %d is served, want %d", step.what, got, step.want)
		}
	}
	if text := log.String(); !strings.Contains(text, "certificate replaced") || strings.Contains(text, "PRIVATE") {
		t.Errorf("the log: %s", text)
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}); err == nil { // #nosec G402 -- to be refused
		t.Error("TLS 1.1 is spoken")
	}
}

func TestWhatIsNoCertificateIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := made(t, 1, "mitra.example.org")
	_, other := made(t, 2, "mitra.example.org")
	for name, text := range map[string][]byte{"cert": cert, "key": key, "other": other, "empty": nil} {
		write(t, filepath.Join(dir, name), text)
	}
	for _, row := range [][2]string{{"cert", "other"}, {"cert", "empty"}, {"empty", "key"}, {"cert", "absent"}, {"absent", "key"}, {"key", "cert"}} {
		_, err := certificates.Open(certificates.Config{Mode: certificates.Files, Cert: filepath.Join(dir, row[0]), Key: filepath.Join(dir, row[1])})
		if err == nil {
			t.Errorf("%v is taken for a pair", row)
		}
	}
	if _, err := certificates.Open(certificates.Config{}); err == nil {
		t.Error("no source is a source")
	}
	var m certificates.Mode
	if err := m.UnmarshalText([]byte("on")); err == nil {
		t.Error(`"on" is a mode`)
	}
}

// Plain HTTP is led to the configured address, whatever host the request names.
func TestPlainHTTPIsLedToTheConfiguredAddress(t *testing.T) {
	t.Parallel()
	s, _, _, _ := files(t)
	h := s.Elsewhere("https://mitra.example.org")
	for _, row := range []struct {
		method, target string
		status         int
		where          string
	}{
		{"GET", "/demo/programs?q=air", 301, "https://mitra.example.org/demo/programs?q=air"},
		{"HEAD", "/", 301, "https://mitra.example.org/"},
		{"GET", "//evil.example/x", 301, "https://mitra.example.org//evil.example/x"},
		{"GET", "http://evil.example/x", 301, "https://mitra.example.org/x"},
		{"POST", "/sign-in", 400, ""},
	} {
		request := httptest.NewRequest(row.method, row.target, nil)
		request.Host = "evil.example"
		got := httptest.NewRecorder()
		h.ServeHTTP(got, request)
		if got.Code != row.status || got.Header().Get("Location") != row.where {
			t.Errorf("%s %s: %d %q, want %d %q", row.method, row.target, got.Code, got.Header().Get("Location"), row.status, row.where)
		}
	}
}
