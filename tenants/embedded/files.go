package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// openFiles is how many databases stay open while nobody uses them.
	openFiles  = 512
	fileSuffix = ".bolt"
)

var databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)

// database is one open file and its one writer.
type database struct {
	name   string
	server *Server
	bolt   *bolt.DB
	jobs   chan *job
	writer sync.WaitGroup
	cat    atomic.Pointer[catalog]

	users int // guarded by the server's mutex
	used  int64
}

// initialMap is how much address space a file gets: an open read blocks every writer
// once the file outgrows its map.
func initialMap() int {
	if bits.UintSize < 64 {
		return 256 << 20
	}
	return 16 << 30
}

func (s *Server) path(name string) string { return filepath.Join(s.o.Dir, "db", name+fileSuffix) }

// use opens a database, or finds it open. Without create, a database that has no file
// gives nil: it is empty. Give it back with done.
func (s *Server) use(name string, create bool) (*database, error) {
	if !databaseName.MatchString(name) {
		return nil, failf(codeInvalidNamespace, "Invalid database name: '%s'", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, failf(codeShutdown, "the embedded database is closing")
	}
	db := s.files[name]
	if db == nil {
		if _, err := os.Stat(s.path(name)); errors.Is(err, fs.ErrNotExist) && !create {
			return nil, nil //nolint:nilnil // an empty database is an answer
		}
		var err error
		if db, err = s.openFile(name); err != nil {
			return nil, err
		}
		s.files[name] = db
	}
	db.users++
	db.used = s.lastRun.Add(1)
	s.closeIdle()
	return db, nil
}

func (s *Server) done(db *database) {
	if db == nil {
		return
	}
	s.mu.Lock()
	db.users--
	s.mu.Unlock()
}

func (s *Server) openFile(name string) (*database, error) {
	file, err := bolt.Open(s.path(name), 0o600, &bolt.Options{
		Timeout: time.Second, NoSync: s.o.NoSync, InitialMmapSize: initialMap(), FreelistType: bolt.FreelistMapType,
		MaxSize: int(s.o.MaxFile),
	})
	if err != nil {
		return nil, diskFailure(fmt.Errorf("open %s: %w", name, err))
	}
	if !s.o.NoSync {
		syncDirectory(filepath.Dir(s.path(name)))
	}
	db := &database{name: name, server: s, bolt: file, jobs: make(chan *job, 1024)}
	db.writer.Go(db.commitLoop)
	return db, nil
}

// syncDirectory makes a new file's name durable.
func syncDirectory(path string) {
	if d, err := os.Open(filepath.Clean(path)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// closeIdle closes the longest unused files beyond the limit.
func (s *Server) closeIdle() {
	if len(s.files) <= openFiles {
		return
	}
	idle := make([]*database, 0, len(s.files))
	for _, db := range s.files {
		if db.users == 0 && len(db.jobs) == 0 {
			idle = append(idle, db)
		}
	}
	slices.SortFunc(idle, func(a, b *database) int { return int(a.used - b.used) })
	for _, db := range idle[:min(len(idle), max(0, len(s.files)-openFiles))] {
		delete(s.files, db.name)
		if err := db.close(); err != nil {
			s.o.Log.Error("closing a database file", "database", db.name, "error", err)
		}
	}
}

func (db *database) close() error {
	close(db.jobs)
	db.writer.Wait()
	return db.bolt.Close()
}

// drop removes a database with its file, when nobody else uses it.
func (s *Server) drop(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	db := s.files[name]
	if db != nil && db.users > 0 {
		return failf(codeConflicting, "database %s is in use", name)
	}
	if db != nil {
		delete(s.files, name)
		if err := db.close(); err != nil {
			return err
		}
	}
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// databases lists the names that have a file.
func (s *Server) databases() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.o.Dir, "db"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), fileSuffix); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// diskFailure gives a full disk its own code, so that nobody takes it for a bug. bbolt
// hands some errors of the system on as text alone, when it makes the file longer.
func diskFailure(err error) error {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.HasSuffix(err.Error(), full.Error()) {
			return failf(codeDiskFull, "the disk is full: %v", err)
		}
	}
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return failf(codeDiskFull, "the database file has reached its size: %v", err)
	}
	return err
}
