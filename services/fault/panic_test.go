package fault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
)

func TestAPanicIsAnInternalErrorWhoseTextSaysWhere(t *testing.T) {
	t.Parallel()
	err := fault.Guard(func() error { panic("rusak") })
	if fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "panic: rusak") || !strings.Contains(err.Error(), "panic_test.go") {
		t.Errorf("got %v", err)
	}
	if _, ok := errors.AsType[*fault.Panic](err); !ok {
		t.Errorf("got a %T", err)
	}
	plain := errors.New("biasa")
	if err := fault.Guard(func() error { return plain }); !errors.Is(err, plain) {
		t.Errorf("an error: got %v", err)
	}
	if err := fault.Guard(func() error { return nil }); err != nil {
		t.Errorf("nothing: got %v", err)
	}
}
