package embedded

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// DialContext gives one end of a pipe whose other end this server serves. It is the
// driver's ContextDialer; the address does not matter.
func (s *Server) DialContext(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	s.take(far)
	return near, nil
}

// ClientOptions are the driver's options for an in-process server: one host, no
// sessions, and as many pipes as there are callers.
func ClientOptions(d options.ContextDialer) *options.ClientOptions {
	return options.Client().SetHosts([]string{"embedded.invalid:27017"}).SetDirect(true).SetDialer(d).
		SetMaxPoolSize(128).SetRetryWrites(false).SetRetryReads(true).
		SetServerSelectionTimeout(5 * time.Second).SetHeartbeatInterval(time.Minute)
}

// Attachment is a way to a data directory that several processes share. The first that
// comes takes the directory and serves the others through its socket; when it ends, the
// next to dial takes over.
type Attachment struct {
	o Options

	mu     sync.Mutex
	server *Server
	closed bool
}

// Attach finds a way to the directory now, as its owner or through its owner's socket.
func Attach(ctx context.Context, o Options) (*Attachment, error) {
	a := &Attachment{o: o}
	conn, err := a.DialContext(ctx, "", "")
	if err != nil {
		return nil, err
	}
	return a, conn.Close()
}

// Server is the server of the directory when this process owns it, else nil.
func (a *Attachment) Server() *Server {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.server
}

// takeover is how long a dial waits for a socket between two owners.
const takeover = 3 * time.Second

// DialContext reaches the owner of the directory, or becomes it.
func (a *Attachment) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	deadline := time.Now().Add(takeover)
	for {
		conn, err := a.dial(ctx)
		if err == nil || !betweenOwners(err) || time.Now().After(deadline) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (a *Attachment) dial(ctx context.Context) (net.Conn, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, net.ErrClosed
	}
	if a.server != nil {
		return a.server.DialContext(ctx, "", "")
	}
	server, err := Open(ctx, a.o)
	if err == nil {
		a.server = server
		return server.DialContext(ctx, "", "")
	}
	if !errors.Is(err, ErrLocked) {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(a.o.Dir, "mongo.sock"))
}

// betweenOwners says that the directory is taken and its socket not (yet) served.
func betweenOwners(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}

// Close gives the directory back when this process owns it.
func (a *Attachment) Close(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.server == nil {
		return nil
	}
	return a.server.Close(ctx)
}
