package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// certificate writes one for this machine that lasts for a while, and its key.
func certificate(t *testing.T, lasts time.Duration) (cert, key string, trusted *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lasts), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trusted = x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, key, trusted
}

// With a certificate in two files everything is private: the ready line, links, cookies,
// HSTS, the health check; plain HTTP is led away.
func TestWithACertificateEverythingIsPrivate(t *testing.T) {
	t.Parallel()
	cert, key, trusted := certificate(t, 90*24*time.Hour)
	environ := []string{"MITRA_TLS=files", "MITRA_TLS_CERT=" + cert, "MITRA_TLS_KEY=" + key}
	s := launch(t, t.TempDir(), environ, "--demo")
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("the ready line says %s", s.url)
	}
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	v := s.visitor(t)
	v.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	if !v.signIn(t, who.Email, who.Password) {
		t.Fatal("cannot sign in")
	}
	page := v.get(t, "/demo/programs")
	if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Strict-Transport-Security"), "max-age=") {
		t.Errorf("%d, HSTS %q", page.status, page.header.Get("Strict-Transport-Security"))
	}
	request, err := http.NewRequest(http.MethodPost, s.url+"/sign-in", strings.NewReader(url.Values{"login": {who.Email}, "password": {who.Password}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := v.http.Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	cookies := answer.Cookies()
	if len(cookies) == 0 {
		t.Error("no cookie")
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly {
			t.Errorf("the cookie %s: secure %v, http only %v", c.Name, c.Secure, c.HttpOnly)
		}
	}
	address := strings.TrimPrefix(s.url, "https://")
	if _, status, log := command(t, environ, "healthcheck", "--listen", address); status != 0 {
		t.Errorf("healthcheck: exit status %d: %s", status, log)
	}
	plain, err := http.Get("http://" + address + "/")
	if err == nil {
		_ = plain.Body.Close()
		if plain.StatusCode < 400 {
			t.Errorf("the private port answers plain HTTP with %d", plain.StatusCode)
		}
	}
	if f := doctor(t, 0, environ, "--data", s.data); f.state("tls") != "ok" {
		t.Errorf("the doctor finds TLS %s", f.state("tls"))
	}
	short, shortKey, _ := certificate(t, 24*time.Hour)
	if f := doctor(t, 0, []string{"MITRA_TLS=files", "MITRA_TLS_CERT=" + short, "MITRA_TLS_KEY=" + shortKey}, "--data", s.data); f.state("tls") != "warning" {
		t.Errorf("the doctor finds a certificate for a day %s", f.state("tls"))
	}
	wrong := append(environ, "MITRA_PUBLIC_URL=https://mitra.example.org")
	if f := doctor(t, 1, wrong, "--data", s.data); f.state("tls") != "failed" {
		t.Errorf("the doctor finds a certificate for another name %s", f.state("tls"))
	}
}

func TestPlainHTTPIsLedAway(t *testing.T) {
	t.Parallel()
	cert, key, _ := certificate(t, 90*24*time.Hour)
	s := launch(t, t.TempDir(), []string{
		"MITRA_TLS=files", "MITRA_TLS_CERT=" + cert, "MITRA_TLS_KEY=" + key,
		"MITRA_PUBLIC_URL=https://localhost", "MITRA_REDIRECT_LISTEN=127.0.0.1:0",
	})
	plain := regexp.MustCompile(`"address":"(http://[^"]+)"`).FindStringSubmatch(s.logged(t))
	if plain == nil {
		t.Fatalf("the log does not say where: %s", s.logged(t))
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(plain[1] + "/sign-in?next=%2Fdemo")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusMovedPermanently || got != "https://localhost/sign-in?next=%2Fdemo" {
		t.Errorf("%d to %q", answer.StatusCode, got)
	}
	if text, err := os.ReadFile(filepath.Join(s.data, "setup-link")); err != nil || !strings.HasPrefix(string(text), "https://localhost/setup/") {
		t.Errorf("the set-up link: %.30s, %v", text, err)
	}
}

// Half of what TLS needs is a start error that names what is missing.
func TestHalfOfTLSIsRefused(t *testing.T) {
	t.Parallel()
	cert, key, _ := certificate(t, time.Hour)
	for _, row := range []struct {
		environ string
		status  int
		names   string
	}{
		{"MITRA_TLS=on", 2, "MITRA_TLS"},
		{"MITRA_TLS=files", 2, "MITRA_TLS_CERT"},
		{"MITRA_TLS=files MITRA_TLS_CERT=" + cert, 2, "MITRA_TLS_KEY"},
		{"MITRA_TLS=files MITRA_TLS_KEY=" + key + " MITRA_TLS_CERT=" + key, 1, "certificate"},
		{"MITRA_TLS=files MITRA_PUBLIC_URL=http://mitra.example.org MITRA_TLS_KEY=" + key + " MITRA_TLS_CERT=" + cert, 2, "MITRA_PUBLIC_URL"},
		{"MITRA_TLS=files MITRA_REDIRECT_LISTEN=127.0.0.1:0 MITRA_TLS_KEY=" + key + " MITRA_TLS_CERT=" + cert, 2, "MITRA_REDIRECT_LISTEN"},
		{"MITRA_TLS_CERT=" + cert, 2, "MITRA_TLS is off"},
		{"MITRA_TLS=auto", 2, "MITRA_PUBLIC_URL"},
		{"MITRA_TLS=auto MITRA_PUBLIC_URL=https://127.0.0.1", 2, "MITRA_PUBLIC_URL"},
		{"MITRA_TLS=auto MITRA_PUBLIC_URL=https://localhost", 2, "MITRA_PUBLIC_URL"},
		{"MITRA_TLS=auto MITRA_PUBLIC_URL=https://mitra.example.org MITRA_TLS_KEY=" + key, 2, "MITRA_TLS_KEY"},
		{"MITRA_TLS=auto MITRA_PUBLIC_URL=https://mitra.example.org MITRA_ACME_DIRECTORY=http://ca.example.org/dir", 2, "MITRA_ACME_DIRECTORY"},
	} {
		_, status, log := command(t, strings.Fields(row.environ), "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
		if status != row.status || !strings.Contains(log, row.names) {
			t.Errorf("%s: exit status %d, %s; want %d and %s", row.environ, status, log, row.status, row.names)
		}
	}
}
