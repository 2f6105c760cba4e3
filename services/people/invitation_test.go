package people_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/tenants"
)

func TestAcceptingAndWithdrawingAtOnceHaveOneWinner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	coordinator, _ := h.join(t, yayasan, "maria@example.org", policies.CSOCoordinator)
	for i := range 5 {
		in, err := h.Invite(coordinator, people.Invite{
			Login: fmt.Sprintf("tius%d@example.org", i), Name: "Tius", Roles: []policies.Role{policies.Trainer},
		})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var accepted, withdrawn error
		group.Go(func() { _, accepted = h.Accept(context.Background(), secretOf(in.Link), people.Accept{Password: good}) })
		group.Go(func() { _, withdrawn = h.Withdraw(coordinator, in.ID, 1) })
		group.Wait()
		if (accepted == nil) == (withdrawn == nil) {
			t.Fatalf("accepted: %v, withdrawn: %v; want one of them", accepted, withdrawn)
		}
	}
}

func TestAnAcceptanceCutShortIsFinishedByOpeningTheLinkAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, _ := h.join(t, dinas, "ina@example.org", policies.ProgramOfficer)
	secret := h.invite(t, yayasan, "ina@example.org", policies.Observer)
	sum := sha256.Sum256([]byte(secret))
	link, err := h.DB.Registry().Link(ctx, hex.EncodeToString(sum[:]), "invitation", h.Gate.Now())
	if err != nil {
		t.Fatal(err)
	}
	seat, err := h.Accept(ctx, secret, people.Accept{})
	if err != nil {
		t.Fatal(err)
	}
	// As if the process had died before the person was told of the seat.
	if err := h.DB.Registry().AddLink(ctx, *link); err != nil {
		t.Fatal(err)
	}
	person := tenants.ActorFrom(ctx).Person
	_, err = h.DB.Registry().ChangePerson(ctx, person, func(p *tenants.Person) error { p.Seats = p.Seats[:1]; return nil })
	if err != nil {
		t.Fatal(err)
	}
	stranger, _ := h.join(t, dinas, "budi@example.org", policies.Member)
	_, err = h.Accept(stranger, secret, people.Accept{})
	want(t, "somebody else with the link", err, "link_expired")
	again, err := h.Accept(ctx, secret, people.Accept{})
	if err != nil || again.ID != seat.ID {
		t.Fatalf("again: %+v, %v; want seat %s", again, err, seat.ID)
	}
	if seats, err := h.OwnSeats(ctx); err != nil || len(seats) != 2 {
		t.Errorf("own seats: %+v, %v; want two", seats, err)
	}
}
