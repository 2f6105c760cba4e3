package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// listen serves an app on a loopback port and gives its address.
func listen(b *testing.B, app *fiber.App) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	b.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return "http://" + l.Addr().String()
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// expect fails unless the answer has the status; it may be called by many at once.
func expect(b *testing.B, want int, method, url, token, body string) {
	b.Helper()
	if status, said := fetch(b, method, url, token, body); status != want {
		b.Errorf("%s %s: %d %s, want %d", method, url, status, said, want)
	}
}

func fetch(b *testing.B, method, url, token, body string) (status int, text string) {
	b.Helper()
	return request(b, method, url, body, "Authorization", "Bearer "+token)
}

// request asks with what says who asks, and gives the answer.
func request(b *testing.B, method, url, body, header, credential string) (status int, text string) {
	b.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	r.Header.Set(header, credential)
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	read, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		b.Error(err)
	}
	return response.StatusCode, string(read)
}

// settle copies every journal entry that is still with its record.
func (s *site) settle(ctx context.Context) error {
	return s.World.DB.Sweep(ctx, s.World.Gate.System(ctx, "kupang", policies.FollowJournal))
}

// bareReader is the least that reads a program: the driver's three reads by id (token,
// seat, record) into the same structs, and the same bytes as an answer. It asks nobody.
func bareReader(b *testing.B, s *site, secret, id string) *fiber.App {
	b.Helper()
	sum := sha256.Sum256([]byte(secret))
	byID := func(id any) bson.D { return bson.D{{Key: "_id", Value: id}} }
	registry, records := s.Raw(b, "mitra"), s.Raw(b, "t_kupang")
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		var t tenants.Token
		if err := registry.Collection("tokens").FindOne(c.UserContext(), byID(hex.EncodeToString(sum[:]))).Decode(&t); err != nil {
			return err
		}
		var seat people.Seat
		if err := records.Collection("seats").FindOne(c.UserContext(), byID(t.Seat.Seat)).Decode(&seat); err != nil {
			return err
		}
		var p programs.Program
		if err := records.Collection("programs").FindOne(c.UserContext(), byID(id)).Decode(&p); err != nil {
			return err
		}
		return c.JSON(p)
	})
	return app
}

// BenchmarkRead prints how much longer reading a program over HTTP takes than a bare
// handler that makes the same three reads and gives the same bytes.
func BenchmarkRead(b *testing.B) {
	s := newSite(b)
	s.site.Unlimited()
	id, token := s.draft(b), s.tokens[coordinator]
	bare := listen(b, bareReader(b, s, token, id))
	ours := listen(b, s.site.App()) + "/api/v1/kupang/programs/" + id
	_, want := fetch(b, "GET", bare, token, "")
	if _, got := fetch(b, "GET", ours, token, ""); got != want {
		b.Fatalf("ours %s\nbare %s", got, want)
	}
	for _, clients := range []int{1, 16} {
		b.Run(strconv.Itoa(clients)+"-clients", func(b *testing.B) {
			tenantstest.Compare(b, "x-of-bare",
				tenantstest.Calls(clients, func() { expect(b, 200, "GET", bare, token, "") }),
				tenantstest.Calls(clients, func() { expect(b, 200, "GET", ours, token, "") }))
		})
	}
}

// BenchmarkCreate is 16 clients that create programs over HTTP. Each answer comes when
// the program and its journal entry are on the disk; what the relay has not copied by
// the end counts as well.
func BenchmarkCreate(b *testing.B) {
	s := newSiteOn(b, tenantstest.NewDurable(b))
	s.site.Unlimited()
	url, token := listen(b, s.site.App())+"/api/v1/kupang/programs", s.tokens[coordinator]
	var n atomic.Int64
	b.SetParallelism(16 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			expect(b, 201, "POST", url, token, fmt.Sprintf(`{"title":"Program %d","purpose":"Air bersih"}`, n.Add(1)))
		}
	})
	if err := s.settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
	for _, kept := range []struct {
		in    string
		which bson.D
	}{{"programs", bson.D{}}, {"journal", bson.D{{Key: "kind", Value: "program"}}}} {
		if got, err := s.Raw(b, "t_kupang").Collection(kept.in).CountDocuments(b.Context(), kept.which); err != nil || got != n.Load() {
			b.Errorf("%d created, %d in %s (%v)", n.Load(), got, kept.in, err)
		}
	}
}
