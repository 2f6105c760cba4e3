// Package embedded is an in-process database: the part of the MongoDB wire protocol that
// this product's store uses, kept durably on bbolt, one file for each database. The
// official driver talks to it through a pipe, so that the code that runs on a laptop is
// the code that runs against a replica set.
//
// What it serves behaves as MongoDB does, with MongoDB's error codes; what it does not
// serve it refuses by name. It knows no tenant and no record. Its files:
//
//	raw, order, path          BSON values, their order, dotted paths
//	match, update, project…   filters, updates, projections, sorts
//	index, plan, scan         access paths, choosing one, walking it
//	files, catalog, commit    databases on disk and the one writer of each
//	wire, serve, commands…    messages and what they ask for
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrLocked says that another process has the data directory open.
var ErrLocked = errors.New("embedded: the data directory is open in another process")

// Options say where the data lies.
type Options struct {
	// Dir is the data directory: databases lie in Dir/db, the socket is Dir/mongo.sock.
	Dir string
	// Listen is a loopback host:port for tools; empty listens on none.
	Listen string
	Log    *slog.Logger
	// NoSync leaves out fsync. For tests and benchmarks that say so: it gives up durability.
	NoSync bool
	// MaxFile limits the size of a database file in bytes, 0 does not. Tests fill a disk with it.
	MaxFile int64
	// Now is the clock by which documents expire.
	Now func() time.Time
}

// Server is an open data directory.
type Server struct {
	o         Options
	lock      *os.File
	listeners []net.Listener
	counters  counters

	mu      sync.Mutex
	files   map[string]*database
	conns   map[net.Conn]struct{}
	closing bool
	serving sync.WaitGroup
	stop    chan struct{}

	cursors cursors
	lastRun atomic.Int64
}

// Open takes the directory. It fails with ErrLocked when another process has it.
func Open(_ context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "db"), 0o700); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	lock, err := takeLock(filepath.Join(o.Dir, "mongo.lock"))
	if err != nil {
		return nil, err
	}
	s := &Server{
		o: o, lock: lock, files: map[string]*database{}, conns: map[net.Conn]struct{}{}, stop: make(chan struct{}),
	}
	if err := s.listen(); err != nil {
		_ = s.Close(context.Background())
		return nil, err
	}
	s.serving.Go(s.expireRegularly)
	return s, nil
}

func takeLock(path string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { // #nosec G115 -- a descriptor is small
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("embedded: lock: %w", err)
	}
	return lock, nil
}

// listen opens the socket for other processes and, when asked, a loopback port.
func (s *Server) listen() error {
	socket := filepath.Join(s.o.Dir, "mongo.sock")
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("embedded: %w", err)
	}
	l, err := listenSocket(socket)
	if err != nil {
		return fmt.Errorf("embedded: socket: %w", err)
	}
	s.accept(l)
	if s.o.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(s.o.Listen)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return fmt.Errorf("embedded: %q is not a loopback address: the embedded database has no passwords", s.o.Listen)
	}
	tcp, err := net.Listen("tcp", s.o.Listen)
	if err != nil {
		return fmt.Errorf("embedded: %w", err)
	}
	s.accept(tcp)
	return nil
}

// listenSocket opens the socket and keeps it to the owner of the process.
func listenSocket(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

func (s *Server) accept(l net.Listener) {
	s.listeners = append(s.listeners, l)
	s.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.take(conn)
		}
	})
}

// take serves a connection until it ends.
func (s *Server) take(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = conn.Close()
		return
	}
	s.conns[conn] = struct{}{}
	s.serving.Go(func() {
		s.serve(conn)
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		_ = conn.Close()
	})
}

// Close finishes what was begun, closes every file and gives the directory back.
func (s *Server) Close(context.Context) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	close(s.stop)
	var failures []error
	for _, l := range s.listeners {
		failures = append(failures, l.Close())
	}
	s.serving.Wait()
	for _, db := range s.files {
		failures = append(failures, db.close())
	}
	return errors.Join(append(failures, s.lock.Close())...)
}

// Address is where tools may connect; empty unless a listening address was given.
func (s *Server) Address() string {
	if s.o.Listen == "" {
		return ""
	}
	return s.listeners[len(s.listeners)-1].Addr().String()
}

// counters are kept as they happen; Stats reads them.
type counters struct {
	commits, writes, indexWalks, fullScans, keys, documents, sorts atomic.Int64
}

// Stats count what the engine did since it was opened.
type Stats struct {
	// Commits are durable transactions, Writes the commands in them.
	Commits, Writes int64
	// IndexWalks and FullScans count how finds and counts were answered.
	IndexWalks, FullScans int64
	// Keys and Documents were looked at on the way; Sorts were done in memory.
	Keys, Documents, Sorts int64
}

// Stats is a snapshot of the counters.
func (s *Server) Stats() Stats {
	c := &s.counters
	return Stats{
		Commits: c.commits.Load(), Writes: c.writes.Load(), IndexWalks: c.indexWalks.Load(), FullScans: c.fullScans.Load(),
		Keys: c.keys.Load(), Documents: c.documents.Load(), Sorts: c.sorts.Load(),
	}
}
