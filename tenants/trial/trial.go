// Package trial lets one suite of checks run as tests and from a command: what the
// developers' machines ask of the embedded engines, an operator asks of the servers that
// were configured. It is the part of *testing.T that those suites need, and no more.
package trial

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/mitra-platform/mitra/services/fault"
)

// T is what a check is given. Its methods are those of *testing.T.
type T interface {
	common
	// Run does a check of its own name and says whether it passed.
	Run(name string, check func(T)) bool
}

type common interface {
	Helper()
	Parallel()
	Context() context.Context
	Cleanup(do func())
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// test is *testing.T, without this package knowing the other.
type test[X any] interface {
	common
	Run(name string, check func(X)) bool
}

type tested[X test[X]] struct {
	common
	t X
}

// In runs checks as tests.
func In[X test[X]](t X) T { return tested[X]{t, t} }

func (t tested[X]) Run(name string, check func(T)) bool {
	return t.t.Run(name, func(x X) { check(In(x)) })
}

// Outcome is what became of one check.
type Outcome struct {
	Name string `json:"name"`
	// Failures are empty when it passed.
	Failures []string      `json:"failures"`
	Took     time.Duration `json:"-"`
}

// Passed says that nothing was wrong.
func (o Outcome) Passed() bool { return len(o.Failures) == 0 }

// checkTime is how long one check may take.
const checkTime = 2 * time.Minute

// Run does what a suite runs, one check after another, until the context ends. A check
// that panics has failed. What fails outside of any check is an outcome of the suite's name.
func Run(ctx context.Context, suite string, do func(T)) []Outcome {
	var list []Outcome
	whole := &alone{ctx: ctx, keep: func(o Outcome) { list = append(list, o) }}
	if o := whole.try(suite, do); !o.Passed() {
		list = append(list, o)
	}
	return list
}

// alone is a check outside of any test.
type alone struct {
	ctx  context.Context
	keep func(Outcome)

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

// try runs a check in a goroutine of its own, so that Fatal ends it alone.
func (a *alone) try(name string, check func(T)) Outcome {
	began := time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer a.clean()
		if err := fault.Guard(func() error { check(a); return nil }); err != nil {
			a.Error(err)
		}
	}()
	<-ended
	a.mu.Lock()
	defer a.mu.Unlock()
	return Outcome{Name: name, Failures: a.failures, Took: time.Since(began)}
}

func (a *alone) clean() {
	for len(a.cleanups) > 0 {
		last := a.cleanups[len(a.cleanups)-1]
		a.cleanups = a.cleanups[:len(a.cleanups)-1]
		if err := fault.Guard(func() error { last(); return nil }); err != nil {
			a.Error(err)
		}
	}
}

var errNotTried = errors.New("not tried")

func (a *alone) Run(name string, check func(T)) bool {
	ctx, cancel := context.WithTimeout(a.ctx, checkTime)
	defer cancel()
	inner := &alone{ctx: ctx, keep: a.keep}
	if err := a.ctx.Err(); err != nil {
		inner.Error(fmt.Errorf("%w: %w", errNotTried, err))
		check = func(T) {}
	}
	o := inner.try(name, check)
	a.keep(o)
	return o.Passed()
}

func (*alone) Helper()   {}
func (*alone) Parallel() {}

func (a *alone) Context() context.Context { return a.ctx }
func (a *alone) Cleanup(do func())        { a.cleanups = append(a.cleanups, do) }

func (a *alone) Error(args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures = append(a.failures, strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
}

func (a *alone) Errorf(format string, args ...any) { a.Error(fmt.Sprintf(format, args...)) }

func (a *alone) Fatal(args ...any) {
	a.Error(args...)
	runtime.Goexit()
}

func (a *alone) Fatalf(format string, args ...any) { a.Fatal(fmt.Sprintf(format, args...)) }
