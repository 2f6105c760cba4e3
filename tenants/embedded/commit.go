package embedded

import (
	"fmt"
	"runtime/debug"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// job is one write command waiting for the writer.
type job struct {
	run  func(*txn) error
	err  error
	done chan struct{}
}

// txn is the writer's transaction: all jobs that waited are done in one, and answered
// when it is on disk. A job checks everything before it writes anything, so one that
// fails leaves the others' work alone.
type txn struct {
	db    *database
	tx    *bolt.Tx
	cat   *catalog
	dirty bool
}

// jobsPerCommit bounds how long the first of a batch waits for the last.
const jobsPerCommit = 512

// write runs fn in the writer's next transaction and returns when its work is durable.
// What fn read or decided before a failed commit has not happened.
func (db *database) write(fn func(*txn) error) error {
	j := &job{run: fn, done: make(chan struct{})}
	db.jobs <- j
	<-j.done
	return j.err
}

func (db *database) commitLoop() {
	batch := make([]*job, 0, jobsPerCommit)
	for first := range db.jobs {
		batch = append(batch[:0], first)
		db.commit(batch)
	}
}

// commit runs the first job and every one that waits meanwhile, and answers them all. One
// that broke is answered alone, and the others begin again without it: what they did was
// rolled back with it.
func (db *database) commit(batch []*job) {
	t, err := db.begin()
	for err == nil {
		var broken int
		if batch, broken = db.runWaiting(t, batch); broken < 0 {
			err = db.finish(t)
			break
		}
		close(batch[broken].done)
		if batch = slices.Delete(batch, broken, broken+1); len(batch) == 0 {
			return
		}
		t, err = db.begin()
	}
	for _, j := range batch {
		if err != nil {
			j.err = err
		}
		close(j.done)
	}
}

func (db *database) begin() (*txn, error) {
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return nil, diskFailure(err)
	}
	t := &txn{db: db, tx: tx}
	if t.cat, err = db.catalogOf(tx); err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return t, nil
}

// runWaiting gives the batch as it has grown, and which of it broke; -1 when none did.
func (db *database) runWaiting(t *txn, batch []*job) ([]*job, int) {
	for i := 0; i < len(batch); i++ {
		if batch[i].err = db.runOne(t, batch[i]); t.tx == nil {
			return batch, i
		}
		if i < len(batch)-1 || len(batch) == jobsPerCommit {
			continue
		}
		select {
		case next, open := <-db.jobs:
			if open {
				batch = append(batch, next)
			}
		default:
		}
	}
	return batch, -1
}

// runOne keeps a fault of ours from taking the process along: the transaction is rolled
// back, and the job refused.
func (db *database) runOne(t *txn, j *job) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			db.server.o.Log.Error("embedded database: a write panicked", "panic", broken, "stack", string(debug.Stack()))
			_ = t.tx.Rollback()
			t.tx = nil
			err = failf(codeInternal, "internal error in a write")
		}
	}()
	db.server.counters.writes.Add(1)
	return j.run(t)
}

func (db *database) finish(t *txn) error {
	if !t.dirty {
		return t.tx.Rollback()
	}
	if err := t.tx.Commit(); err != nil {
		return diskFailure(fmt.Errorf("commit: %w", err))
	}
	db.server.counters.commits.Add(1)
	db.cat.Store(t.cat)
	return nil
}
