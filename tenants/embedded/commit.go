package embedded

import (
	"fmt"
	"runtime/debug"

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

// commit runs the first job and every one that waits meanwhile, and answers them all.
func (db *database) commit(batch []*job) {
	t, err := db.begin()
	if err == nil {
		batch = db.runWaiting(t, batch)
		err = db.finish(t)
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

func (db *database) runWaiting(t *txn, batch []*job) []*job {
	for i := 0; ; i++ {
		batch[i].err = db.runOne(t, batch[i])
		if t.tx == nil || len(batch) == jobsPerCommit {
			return batch
		}
		select {
		case next, open := <-db.jobs:
			if !open {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
}

// runOne keeps a fault of ours from taking the process along: the whole batch is rolled
// back and refused.
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
	if t.tx == nil {
		return failf(codeInternal, "internal error in a write of the same commit; nothing of it was kept")
	}
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
