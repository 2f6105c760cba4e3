package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
)

func TestAnErrorNobodyClassifiedIsOurs(t *testing.T) {
	t.Parallel()
	err := errors.New("disk on fire")
	if fault.KindOf(err) != fault.Internal || fault.CodeOf(err) != "internal" {
		t.Errorf("got %s %s, want internal", fault.KindOf(err), fault.CodeOf(err))
	}
}

func TestARefusalIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("edit: %w", fault.New(fault.Conflict, "turn_not_yours", "side", "cso"))
	if fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "turn_not_yours" {
		t.Errorf("got %s %s", fault.KindOf(err), fault.CodeOf(err))
	}
	if !errors.Is(err, fault.New(fault.Conflict, "turn_not_yours")) {
		t.Error("a refusal is not itself when its arguments differ")
	}
	if errors.Is(err, fault.New(fault.Forbidden, "turn_not_yours")) {
		t.Error("refusals of two kinds are one")
	}
}

func TestTheCauseIsForTheLogAlone(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial 10.0.0.7: refused")
	plain := fault.New(fault.Unavailable, "unavailable")
	err := plain.Because(cause)
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "10.0.0.7") {
		t.Errorf("the log loses the cause: %v", err)
	}
	if errors.Is(plain, cause) {
		t.Error("adding a cause changed the refusal it was added to")
	}
	if out, err := json.Marshal(err); err == nil {
		t.Errorf("a refusal was marshalled as %s", out)
	}
}

func TestAnInputWithoutWrongFieldsIsNoError(t *testing.T) {
	t.Parallel()
	if err := fault.Invalid(); err != nil {
		t.Errorf("got %v", err)
	}
	err := fault.Invalid(fault.On("title", "required"), fault.On("activities.2.from", "day_malformed", "value", "x"))
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Unprocessable || len(e.Fields) != 2 || e.Fields[1].Args["value"] != "x" {
		t.Errorf("got %#v", err)
	}
}
