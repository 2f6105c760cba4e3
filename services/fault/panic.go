package fault

import (
	"fmt"
	"runtime/debug"
)

// Panic is a panic that was caught, as an error of ours. Its text, which goes to the log
// alone, has the stack.
type Panic struct {
	value any
	stack []byte
}

// Error is for the log.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// Guard does something and gives a panic in it back as an error, so that one request, one
// record or one letter does not take the process along.
func Guard(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value, debug.Stack()}
		}
	}()
	return do()
}
