package embedded

// BreakAWrite puts a job into a database's writer that panics, as a fault of ours would.
func (s *Server) BreakAWrite(name string) error {
	db, err := s.use(name, true)
	if err != nil {
		return err
	}
	defer s.done(db)
	return db.write(func(*txn) error { panic("broken on purpose") })
}
