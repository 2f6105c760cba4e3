package organisations_test

import (
	"context"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/tenants/store"
)

// found are the names that a list gives to somebody.
func (w *world) found(t *testing.T, ctx context.Context, criteria organisations.Criteria) []string {
	t.Helper()
	page, err := w.List(ctx, criteria, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range page.Items {
		names = append(names, m.Name)
	}
	return names
}

// submit fills a passport with fields and places and submits it.
func (w *world) submit(t *testing.T, of string, fields []organisations.Field, places ...organisations.Place) {
	t.Helper()
	p := w.fill(t, of)
	edit := organisations.Edit{Answers: answers(organisations.Capacity), Fields: fields, Places: places}
	p, err := w.EditSection(w.coordinator(of), organisations.Capacity, p.Version, edit)
	if err != nil {
		t.Fatal(err)
	}
	w.attest(t, of, p)
	m := w.member(t, of)
	if _, err := w.Submit(w.signatory(of), m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
}

func TestOrganisationsAreFoundByFieldPlaceAndTheGroupsThatLeadThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submit(t, "og_yayasan", []organisations.Field{"water_sanitation", "health"},
		organisations.Place{Country: "id", Name: "Kabupaten Kupang"}, organisations.Place{Country: "ID", Name: "Rote Ndao"})
	all := len(w.found(t, w.officer(), organisations.Criteria{}))
	if all != 4 {
		t.Fatalf("%d organisations", all)
	}
	for _, row := range []struct {
		name  string
		asked organisations.Criteria
		want  []string
	}{
		{"its field", organisations.Criteria{Field: []organisations.Field{"health"}}, []string{"Yayasan Air"}},
		{"one of two fields", organisations.Criteria{Field: []organisations.Field{"energy", "health"}}, []string{"Yayasan Air"}},
		{"another field", organisations.Criteria{Field: []organisations.Field{"energy"}}, nil},
		{"its place, as it is typed", organisations.Criteria{Place: "KUPANG"}, []string{"Yayasan Air"}},
		{"the beginning of a place", organisations.Criteria{Place: "rot"}, []string{"Yayasan Air"}},
		{"another place", organisations.Criteria{Place: "ende"}, nil},
		{"a place and a name", organisations.Criteria{Place: "kupang", Words: "air"}, []string{"Yayasan Air"}},
		{"a place and another name", organisations.Criteria{Place: "kupang", Words: "ketiga"}, nil},
		{"a group that leads it", organisations.Criteria{LedBy: []organisations.Group{"disability"}}, []string{"Yayasan Air"}},
		{"a group that it works with", organisations.Criteria{LedBy: []organisations.Group{"women"}}, nil},
		{"all of it together", organisations.Criteria{LedBy: []organisations.Group{"disability"}, Field: []organisations.Field{"health"}, Place: "kupang"}, []string{"Yayasan Air"}},
	} {
		if got := w.found(t, w.coordinator("og_third"), row.asked); !slices.Equal(got, row.want) {
			t.Errorf("by %s: %v, want %v", row.name, got, row.want)
		}
	}
}

// What it showed to agencies or to nobody is not what everybody finds it by.
func TestLeadershipThatIsNotShownToEverybodyFindsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p := w.fill(t, "og_yayasan")
	p, err := w.EditSection(ctx, organisations.Inclusion, p.Version, organisations.Edit{
		Answers:    answers(organisations.Inclusion),
		Experience: []organisations.Experience{{Group: "health_stigma", LedBy: true, Visibility: "agencies"}, {Group: "women", LedBy: true, Visibility: "granted"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.attest(t, "og_yayasan", p)
	m := w.member(t, "og_yayasan")
	if _, err := w.Submit(w.signatory("og_yayasan"), m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	for _, group := range []organisations.Group{"health_stigma", "women"} {
		if got := w.found(t, w.officer(), organisations.Criteria{LedBy: []organisations.Group{group}}); got != nil {
			t.Errorf("led by %s: %v", group, got)
		}
	}
}

func TestHostileFieldsAndPlacesAreRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.coordinator("og_yayasan")
	p, err := w.Mine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]organisations.Place, 61)
	for i := range many {
		many[i] = organisations.Place{Country: "ID", Name: "Kupang"}
	}
	for _, row := range []struct {
		fields     []organisations.Field
		places     []organisations.Place
		name, code string
	}{
		{[]organisations.Field{"witchcraft"}, nil, "fields_of_work", "choice_unknown"},
		{[]organisations.Field{"health", "health"}, nil, "fields_of_work", "choice_unknown"},
		{nil, []organisations.Place{{Country: "Indonesia", Name: "Kupang"}}, "places.0.country", "country_malformed"},
		{nil, []organisations.Place{{Country: "ID"}}, "places.0.name", "required"},
		{nil, []organisations.Place{{Country: "ID", Name: "Ku\u202epang"}}, "places.0.name", "control_characters"},
		{nil, many, "places", "too_many"},
	} {
		_, err := w.EditSection(ctx, organisations.Capacity, p.Version, organisations.Edit{Answers: answers(organisations.Capacity), Fields: row.fields, Places: row.places})
		if fault.KindOf(err) != fault.Unprocessable || !hasField(err, row.name, row.code) {
			t.Errorf("%v %.60v: %v, want %s %s", row.fields, row.places, err, row.name, row.code)
		}
	}
	var group organisations.Group
	if err := group.UnmarshalText([]byte("neighbours")); fault.CodeOf(err) != "choice_unknown" {
		t.Errorf("an unknown group: %v", err)
	}
}

// A membership from before it could be found by groups is found by those it shows.
func TestAMembershipOfTheOldShapeIsFoundByItsGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submit(t, "og_yayasan", []organisations.Field{"health"})
	members := w.Raw(t, "t_kupang").Collection("members")
	done, err := members.UpdateMany(t.Context(), bson.D{{Key: "tenant", Value: "kupang"}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "led_by", Value: ""}, {Key: "fields_of_work", Value: ""}, {Key: "places", Value: ""}}}})
	if err != nil || done.ModifiedCount != 4 {
		t.Fatal(done, err)
	}
	if _, err := w.Raw(t, "t_kupang").Collection("migrations").DeleteMany(t.Context(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	later := w.reopened(t)
	if got := later.found(t, w.officer(), organisations.Criteria{LedBy: []organisations.Group{"disability"}}); !slices.Equal(got, []string{"Yayasan Air"}) {
		t.Errorf("found %v", got)
	}
	m, err := later.Read(w.officer(), w.member(t, "og_third").ID)
	if err != nil || m.LedBy == nil || m.Fields == nil || m.Places == nil {
		t.Errorf("%+v, %v: lists that are empty are lists", m, err)
	}
}

// reopened is the service as another process has it.
func (w *world) reopened(t *testing.T) *world {
	t.Helper()
	db := w.Dial(t, "later")
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	return &world{World: w.World, Service: organisations.Open(organisations.Config{DB: db, Gate: w.Gate, People: w.Service.People, Forms: w.Service.Forms})}
}
