package store

// Kill ends what a process does in the background as its end would: nothing more is
// copied, and its row of open tenants is not given back.
func (db *DB) Kill() {
	close(db.relay.stop)
	db.relay.done.Wait()
	db.relay.stop = make(chan struct{}) // for the Close that a test owes
}
