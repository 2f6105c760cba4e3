package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/certificates"
)

// privately gives where certificates come from; nil while TLS is somebody else's.
func privately(cfg Config, log *slog.Logger) (*certificates.Source, error) {
	if cfg.TLS == certificates.Off {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return certificates.Open(certificates.Config{
		Mode: cfg.TLS, Cert: cfg.TLSCert, Key: cfg.TLSKey, Host: cfg.publicHost(), Cache: cfg.inData("acme"), Directory: cfg.ACMEDirectory, Log: log,
	})
}

// publicHost is the name that people type, without a port; empty when none is set.
func (c Config) publicHost() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// leadToTLS answers plain HTTP with the way to the public address, where that is wanted,
// until the context ends.
func leadToTLS(ctx context.Context, cfg Config, private *certificates.Source, log *slog.Logger) (<-chan struct{}, error) {
	stopped := make(chan struct{})
	if cfg.RedirectListen == "" || private == nil {
		close(stopped)
		return stopped, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.RedirectListen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.RedirectListen, err)
	}
	log.Info("plain HTTP is led away", "address", "http://"+l.Addr().String())
	server := &http.Server{
		Handler: private.Elsewhere(cfg.PublicURL), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		defer close(stopped)
		defer ended()
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("leading plain HTTP away", "error", err)
		}
	}()
	return stopped, nil
}

// healthcheck asks a running server whether it is ready.
func healthcheck(ctx context.Context, c *call) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, scheme := http.DefaultClient, "http://"
	if c.cfg.TLS != certificates.Off {
		known, err := c.cfg.ownCertificate()
		if err != nil {
			return err
		}
		client, scheme = &http.Client{Transport: &http.Transport{TLSClientConfig: known}}, "https://"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+c.cfg.Listen+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", response.Status)
	}
	return nil
}

// ownCertificate trusts what the server next to us serves, by the name that it serves it
// for, and nothing less than that.
func (c Config) ownCertificate() (*tls.Config, error) {
	known := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.publicHost()}
	if c.TLS != certificates.Files {
		return known, nil
	}
	chain, err := os.ReadFile(filepath.Clean(c.TLSCert))
	if err != nil {
		return nil, err
	}
	if known.RootCAs, err = x509.SystemCertPool(); err != nil {
		known.RootCAs = x509.NewCertPool()
	}
	known.RootCAs.AppendCertsFromPEM(chain)
	private, err := privately(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if leaf := private.Certificate(); known.ServerName == "" {
		for _, name := range leaf.DNSNames {
			known.ServerName = name
		}
		for _, ip := range leaf.IPAddresses {
			known.ServerName = ip.String()
		}
	}
	return known, nil
}
