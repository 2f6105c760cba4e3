package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/services/programs"
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

func fetch(b *testing.B, method, url, token, body string) int {
	b.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode
}

// perCall is how long one run of what is measured takes.
func perCall(b *testing.B) float64 { return float64(b.Elapsed().Nanoseconds()) / float64(b.N) }

// BenchmarkRead prints how much longer reading a program takes than a bare handler that
// makes the same three reads: token, seat, record.
func BenchmarkRead(b *testing.B) {
	s := newSite(b)
	s.site.Unlimited()
	id := s.draft(b)
	url, token := listen(b, s.site.App()), s.tokens[coordinator]
	sum := sha256.Sum256([]byte(token))
	raw := s.Raw(b, "t_kupang")
	registry := s.Raw(b, "mitra")
	var key struct {
		Seat struct {
			Seat string `bson:"seat"`
		} `bson:"seat"`
	}
	if err := registry.Collection("tokens").FindOne(b.Context(), bson.D{{Key: "_id", Value: hex.EncodeToString(sum[:])}}).Decode(&key); err != nil {
		b.Fatal(err)
	}
	bare := fiber.New(fiber.Config{DisableStartupMessage: true})
	bare.Get("/", func(c *fiber.Ctx) error {
		var t, seat bson.Raw
		var p programs.Program
		if err := registry.Collection("tokens").FindOne(c.UserContext(), bson.D{{Key: "_id", Value: hex.EncodeToString(sum[:])}}).Decode(&t); err != nil {
			return err
		}
		if err := raw.Collection("seats").FindOne(c.UserContext(), bson.D{{Key: "_id", Value: key.Seat.Seat}}).Decode(&seat); err != nil {
			return err
		}
		if err := raw.Collection("programs").FindOne(c.UserContext(), bson.D{{Key: "_id", Value: id}}).Decode(&p); err != nil {
			return err
		}
		return c.JSON(p)
	})
	bareURL := listen(b, bare)
	var least float64
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			fetch(b, "GET", bareURL, "", "")
		}
		least = perCall(b)
	})
	b.Run("mitra", func(b *testing.B) {
		for b.Loop() {
			if status := fetch(b, "GET", url+"/api/v1/kupang/programs/"+id, token, ""); status != 200 {
				b.Fatal(status)
			}
		}
		b.ReportMetric(perCall(b)/least, "x-of-bare")
	})
}

// BenchmarkCreate is 16 clients that create programs over HTTP, each with its journal.
func BenchmarkCreate(b *testing.B) {
	s := newSite(b)
	s.site.Unlimited()
	url, token := listen(b, s.site.App()), s.tokens[coordinator]
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := fmt.Sprintf(`{"title":"Program %d","purpose":"Air bersih"}`, n.Add(1))
			if status := fetch(b, "POST", url+"/api/v1/kupang/programs", token, body); status != 201 {
				b.Error(status)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}
