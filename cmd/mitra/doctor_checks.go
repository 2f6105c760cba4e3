package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/certificates"
	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads"
)

const (
	// spaceWarned and spaceFailing are the bytes below which a disk is nearly and as good
	// as full: the embedded database grows in steps of megabytes.
	spaceWarned  = 2 << 30
	spaceFailing = 128 << 20
	// skewWarned and skewFailing are how far the database's clock may be from this one's.
	// Sessions, leases and links compare instants that several machines wrote.
	skewWarned  = 2 * time.Second
	skewFailing = time.Minute
)

// directory looks at the data directory and says whether to go on.
func (d *diagnosis) directory(cfg Config) bool {
	info, err := os.Stat(cfg.Data)
	switch {
	case err != nil:
		d.note("data", failing, err.Error(), "Say with --data or MITRA_DATA where it is; mitra serve makes a new one.")
		return false
	case !info.IsDir():
		d.note("data", failing, cfg.Data+" is no directory", "Say with --data or MITRA_DATA where it is.")
		return false
	}
	probe, err := os.CreateTemp(cfg.Data, ".doctor-*")
	if err != nil {
		d.note("data", failing, err.Error(), "Let the user who runs mitra write there.")
		return false
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	if open := exposed(cfg); len(open) > 0 {
		d.note("data", warned, "others on this machine may come to "+strings.Join(open, ", "), "chmod go= "+strings.Join(open, " "))
	} else {
		d.note("data", well, cfg.Data+" is there and writable, and what lies in it is its owner's alone", "")
	}
	d.space(cfg)
	return true
}

// exposed are paths in the data directory that others on this machine may read, and the
// directory where they may write. What lies in a closed directory is closed.
func exposed(cfg Config) []string {
	info, err := os.Stat(cfg.Data)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	var open []string
	if info.Mode().Perm()&0o022 != 0 {
		open = append(open, cfg.Data)
	}
	entries, err := os.ReadDir(cfg.Data)
	if err != nil {
		return append(open, cfg.Data)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode()&fs.ModeSymlink == 0 {
			open = append(open, cfg.inData(e.Name()))
		}
	}
	return open
}

func (d *diagnosis) space(cfg Config) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(cfg.Data, &s); err != nil {
		d.note("space", warned, err.Error(), "Look with df.")
		return
	}
	free := s.Bavail * uint64(s.Bsize) // #nosec G115 -- a block's size is positive
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	switch {
	case free < spaceFailing:
		d.note("space", failing, text, "Make room: writes are refused while the disk is full.")
	case free < spaceWarned:
		d.note("space", warned, text, "Make room soon.")
	default:
		d.note("space", well, text, "")
	}
}

// settings looks at what people outside will see and reach.
func (d *diagnosis) settings(cfg Config) {
	host, _, _ := net.SplitHostPort(cfg.Listen)
	switch {
	case cfg.PublicURL == "" && !loopback(host):
		d.note("address", warned, "links begin with http://"+cfg.Listen, "Set MITRA_PUBLIC_URL to the address that people type.")
	case cfg.PublicURL == "":
		d.note("address", well, "for this machine alone", "")
	case strings.HasPrefix(cfg.PublicURL, "http://") && !loopbackURL(cfg.PublicURL):
		d.note("address", warned, cfg.PublicURL+" is not private on its way", "Use https: MITRA_TLS, or a proxy with TLS in front.")
	default:
		d.note("address", well, cfg.PublicURL, "")
	}
	d.certificate(cfg, time.Now())
}

// expires is how long before its end a certificate is warned of.
const expires = 14 * 24 * time.Hour

// certificate looks at what the server would serve.
func (d *diagnosis) certificate(cfg Config, now time.Time) {
	switch cfg.TLS {
	case certificates.Off:
		return
	case certificates.Auto:
		d.note("tls", well, "by ACME for "+cfg.publicHost()+", kept in "+cfg.inData("acme"), "")
		return
	case certificates.Files:
	}
	private, err := privately(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		d.note("tls", failing, err.Error(), "Give a chain and its key, as PEM, that belong together.")
		return
	}
	leaf := private.Certificate()
	until := "until " + leaf.NotAfter.Format(time.DateOnly)
	info, err := os.Stat(cfg.TLSKey)
	switch wrong := leaf.VerifyHostname(cfg.publicHost()); {
	case cfg.publicHost() != "" && wrong != nil:
		d.note("tls", failing, wrong.Error(), "Use a certificate for the name that people type.")
	case now.Before(leaf.NotBefore) || now.After(leaf.NotAfter):
		d.note("tls", failing, "not valid now: from "+leaf.NotBefore.Format(time.DateOnly)+" "+until, "Replace the files; the server reads them again by itself.")
	case now.Add(expires).After(leaf.NotAfter):
		d.note("tls", warned, until, "Replace the files; the server reads them again by itself.")
	case err == nil && info.Mode().Perm()&0o077 != 0:
		d.note("tls", warned, "others on this machine may read "+cfg.TLSKey, "chmod go= "+cfg.TLSKey)
	default:
		d.note("tls", well, until, "")
	}
}

func loopbackURL(address string) bool {
	host := strings.TrimPrefix(address, "http://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return loopback(host)
}

// database looks at who has it, its clock and its indexes.
func (d *diagnosis) database(ctx context.Context, cfg Config, h *house) {
	before := time.Now()
	said, err := h.db.Clock(ctx)
	if err != nil {
		d.noteError("database", err)
		return
	}
	took := time.Since(before)
	who := "a server answers"
	if h.embedded != nil {
		who = "embedded; a running mitra has the lock and answers on its socket"
		if h.embedded.Server() != nil {
			who = "embedded; the lock is free, so no server runs"
		}
	}
	d.note("database", well, fmt.Sprintf("%s in %s", who, took.Round(10*time.Microsecond)), "")
	// The database keeps milliseconds; half of the way there and back is forgiven.
	skew := max(0, said.Sub(before.Add(took/2)).Abs()-took/2-time.Millisecond)
	switch text := fmt.Sprintf("the database's is %s from this machine's", skew.Round(time.Millisecond)); {
	case skew > skewFailing:
		d.note("clock", failing, text, "Set both by NTP.")
	case skew > skewWarned:
		d.note("clock", warned, text, "Set both by NTP.")
	default:
		d.note("clock", well, text, "")
	}
	d.indexes(ctx, h)
}

// spaces are the commons and every tenant.
func spaces(ctx context.Context, h *house) ([]tenants.TenantID, error) {
	rows, err := h.db.Registry().Tenants(ctx)
	list := []tenants.TenantID{tenants.Commons}
	for _, t := range rows {
		list = append(list, t.ID)
	}
	return list, err
}

func (d *diagnosis) indexes(ctx context.Context, h *house) {
	list, err := spaces(ctx, h)
	if err != nil {
		d.noteError("indexes", err)
		return
	}
	var lacking []string
	for _, t := range list {
		of, err := h.db.Lacking(ctx, h.gate.System(ctx, t, policies.RunCommand))
		if err != nil {
			d.noteError("indexes", err)
			return
		}
		for _, l := range of {
			lacking = append(lacking, string(t)+"/"+l)
		}
	}
	if len(lacking) > 0 {
		d.note("indexes", warned, fmt.Sprintf("%d are not there: %s", len(lacking), strings.Join(lacking[:min(len(lacking), 10)], ", ")),
			"A server of this version makes them when it next uses the collection; if it has, its log says why it cannot.")
		return
	}
	d.note("indexes", well, fmt.Sprintf("all there, in the commons and %d tenants", len(list)-1), "")
}

// journals verifies the chain of the commons and of every tenant.
func (d *diagnosis) journals(ctx context.Context, h *house) {
	list, err := spaces(ctx, h)
	if err != nil {
		d.noteError("journal", err)
		return
	}
	entries, whole := int64(0), true
	for _, t := range list {
		chain, err := h.audit.Verify(ctx, h.gate.System(ctx, t, policies.SweepJournal), nil)
		if err != nil {
			d.noteError("journal", err)
			return
		}
		entries += chain.Entries
		if !chain.OK {
			whole = false
			d.note("journal", failing, fmt.Sprintf("%s: entry %d is %s", t, chain.FirstBad.Seq, chain.FirstBad.Kind),
				"Keep a copy of everything as it is, then compare with a backup: mitra verify audit --tenant "+string(t))
		}
	}
	if whole {
		d.note("journal", well, fmt.Sprintf("%d entries, every chain whole", entries), "")
	}
}

// files looks at the object store from inside and, as far as one can from here, from
// outside.
func (d *diagnosis) files(ctx context.Context, cfg Config, h *house) {
	if err := h.files.Ping(ctx); err != nil {
		d.noteError("files", err)
		return
	}
	if cfg.S3Endpoint == "" {
		d.note("files", well, cfg.inData("files")+" is there", "")
		return
	}
	d.note("files", well, cfg.S3Endpoint+" answers", "")
	doors, err := uploads.TryDoors(ctx, cfg.files())
	switch {
	case err != nil:
		d.noteError("secret", err)
	case doors.Listed:
		d.note("secret", failing, "anybody who reaches the store may list its bucket", "Take the bucket's public policy away.")
	case len(doors.Written) > 0:
		d.note("secret", warned, "the store takes writes with a wrong secret: "+strings.Join(doors.Written, ", "),
			"Keep it on a network that only mitra reaches, and update it.")
	default:
		d.note("secret", well, "no way to write with a wrong secret was found", "")
	}
	d.reachable(ctx, cfg.S3Endpoint)
}

// reachable notes whether the store's address is one that browsers may reach.
func (d *diagnosis) reachable(ctx context.Context, endpoint string) {
	host := endpoint
	if name, _, err := net.SplitHostPort(endpoint); err == nil {
		host = name
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		d.note("reach", warned, err.Error(), "Give the store a name that resolves here.")
		return
	}
	for _, ip := range found {
		if ip = ip.Unmap(); public(ip) {
			d.note("reach", warned, host+" is "+ip.String()+", a public address", "The object store must never be reachable by browsers: use an internal network or a firewall.")
			return
		}
	}
	d.note("reach", well, host+" has a private address; that no browser reaches it cannot be seen from here", "")
}

func public(ip netip.Addr) bool {
	return !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast()
}

func (d *diagnosis) mail(ctx context.Context, cfg Config, h *house) {
	if cfg.SMTPURL == "" {
		d.note("mail", warned, "messages are files in "+cfg.inData("outbox")+" and reach nobody", "Set MITRA_SMTP_URL and MITRA_MAIL_FROM.")
		return
	}
	if err := h.mail.Probe(ctx); err != nil {
		unreachable := d.unreachable // a mail server is no store
		d.noteError("mail", err)
		d.unreachable = unreachable
		return
	}
	d.note("mail", well, "the server would take messages from "+cfg.MailFrom, "")
}
