package settings

import (
	"slices"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// Part is one of the things that both sides agree on. Proposals about different parts do
// not get into each other's way.
type Part string

// The parts.
const (
	Zone        Part = "zone"
	WorkingDays Part = "working_days"
	Holidays    Part = "holidays"
	Promises    Part = "promises"
	Exceptions  Part = "exceptions"
)

// Parts lists them in the order of the page.
func Parts() []Part { return []Part{Zone, WorkingDays, Holidays, Promises, Exceptions} }

// UnmarshalText refuses a part that is none.
func (p *Part) UnmarshalText(text []byte) error { return fault.OneOf(p, text, Parts()) }

// Terms are what both sides agree on.
type Terms struct {
	Zone        string               `json:"zone"`
	WorkingDays []clocks.Weekday     `json:"working_days"`
	Holidays    []clocks.Holiday     `json:"holidays"`
	Promises    clocks.Lengths       `json:"promises"`
	Exceptions  []policies.Exception `json:"exceptions"`
}

// Default is what holds in a tenant that has agreed on nothing else: Monday to Friday, the
// national holidays, no exception.
func Default(zone string) Terms {
	return Terms{
		Zone: zone, WorkingDays: clocks.Weekdays()[:5], Holidays: clocks.NationalHolidays(),
		Promises: clocks.DefaultLengths(), Exceptions: []policies.Exception{},
	}
}

// Calendar is the calendar that the terms make.
func (t Terms) Calendar() (*clocks.Calendar, error) {
	return clocks.NewCalendar(t.Zone, t.WorkingDays, t.Holidays)
}

// check says what is wrong with the terms.
func (t Terms) check() error {
	var fields []fault.Field
	if _, err := t.Calendar(); err != nil {
		refusal, ok := err.(*fault.Error) //nolint:errorlint // it is made there
		if !ok {
			return err
		}
		fields = refusal.Fields
	}
	fields = append(fields, t.Promises.Check("promises")...)
	return fault.Invalid(append(fields, policies.CheckExceptions("exceptions", t.Exceptions)...)...)
}

// inOrder gives the terms with every list in its one order, so that the same terms have
// the same text.
func (t Terms) inOrder() Terms {
	days := []clocks.Weekday{}
	for _, d := range clocks.Weekdays() {
		if slices.Contains(t.WorkingDays, d) {
			days = append(days, d)
		}
	}
	exceptions := []policies.Exception{}
	for _, e := range policies.Exceptions() {
		if slices.Contains(t.Exceptions, e) {
			exceptions = append(exceptions, e)
		}
	}
	t.WorkingDays, t.Exceptions, t.Holidays = days, exceptions, clocks.SortHolidays(t.Holidays)
	return t
}

// same says that a part is alike in two terms.
func (t Terms) same(other Terms, p Part) bool {
	switch p {
	case Zone:
		return t.Zone == other.Zone
	case WorkingDays:
		return slices.Equal(t.WorkingDays, other.WorkingDays)
	case Holidays:
		return slices.Equal(t.Holidays, other.Holidays)
	case Promises:
		return t.Promises == other.Promises
	case Exceptions:
		return slices.Equal(t.Exceptions, other.Exceptions)
	}
	return true
}

// put takes a part over from other terms.
func (t *Terms) put(other Terms, p Part) {
	switch p {
	case Zone:
		t.Zone = other.Zone
	case WorkingDays:
		t.WorkingDays = other.WorkingDays
	case Holidays:
		t.Holidays = other.Holidays
	case Promises:
		t.Promises = other.Promises
	case Exceptions:
		t.Exceptions = other.Exceptions
	}
}

// Binding is the one record of a tenant's terms. Its version is what caches compare.
type Binding struct {
	tenants.Meta[Binding] `bson:",inline"`

	Terms `bson:",inline"`
	// Proposal is the last that took effect; "" while the terms are those by default.
	Proposal ID `json:"proposal"`
}

// Check says what is always true of a binding.
func (b *Binding) Check() error { return b.check() }

func bindingID(t tenants.TenantID) tenants.ID[Binding] {
	return tenants.DeriveID[Binding]("tm", string(t), "terms")
}

func bindingKind() store.Kind[Binding] {
	return store.Kind[Binding]{Name: "terms", One: "terms", Prefix: "tm"}
}
