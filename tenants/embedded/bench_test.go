package embedded_test

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

func benchRows(b *testing.B, n int, o embedded.Options) *mongo.Collection {
	b.Helper()
	o.Dir = b.TempDir()
	s := open(b, o)
	client, err := mongo.Connect(embedded.ClientOptions(s))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	rows := client.Database("bench").Collection("rows")
	list := mongo.IndexModel{Keys: bson.D{
		{Key: "tenant", Value: 1}, {Key: "audience", Value: 1}, {Key: "state", Value: 1}, {Key: "due_on", Value: -1}, {Key: "_id", Value: -1},
	}}
	if _, err := rows.Indexes().CreateOne(b.Context(), list); err != nil {
		b.Fatal(err)
	}
	for at := 0; at < n; at += 1000 {
		docs := make([]any, min(1000, n-at))
		for i := range docs {
			docs[i] = row(at + i)
		}
		if _, err := rows.InsertMany(b.Context(), docs); err != nil {
			b.Fatal(err)
		}
	}
	return rows
}

func row(i int) bson.D {
	audience := [][]string{{"tenant"}, {"og_a", "tenant"}, {"og_b"}, {"public", "tenant"}}[i%4]
	return bson.D{
		{Key: "_id", Value: "nt_" + strconv.Itoa(1_000_000+i)}, {Key: "tenant", Value: "kupang"}, {Key: "audience", Value: audience},
		{Key: "state", Value: []string{"open", "closed"}[i%2]}, {Key: "due_on", Value: strconv.Itoa(10_000 + i*7919%5000)},
		{Key: "text", Value: strings.Repeat("x", 700)},
	}
}

// BenchmarkList prints how much longer a page of 25 takes among 100,000 than among 1,000.
func BenchmarkList(b *testing.B) {
	per := map[int]float64{}
	for _, n := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			rows := benchRows(b, n, embedded.Options{NoSync: true})
			filter := bson.D{
				{Key: "tenant", Value: "kupang"}, {Key: "audience", Value: bson.D{{Key: "$in", Value: bson.A{"public", "tenant", "og_a"}}}},
				{Key: "state", Value: "open"},
			}
			by := options.Find().SetSort(bson.D{{Key: "due_on", Value: -1}, {Key: "_id", Value: -1}}).SetLimit(26)
			for b.Loop() {
				cursor, err := rows.Find(b.Context(), filter, by)
				if err != nil {
					b.Fatal(err)
				}
				var page []bson.Raw
				if err := cursor.All(b.Context(), &page); err != nil || len(page) != 26 {
					b.Fatalf("%d rows, %v", len(page), err)
				}
			}
			per[n] = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if small, ok := per[1_000]; ok && n > 1_000 {
				b.ReportMetric(per[n]/small, "x-of-1k")
			}
		})
	}
}

func BenchmarkFindOne(b *testing.B) {
	rows := benchRows(b, 10_000, embedded.Options{NoSync: true})
	for b.Loop() {
		if err := rows.FindOne(b.Context(), bson.D{{Key: "_id", Value: "nt_1005000"}}).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert is durable: each insert is on disk before it is acknowledged.
func BenchmarkInsert(b *testing.B) {
	rows := benchRows(b, 0, embedded.Options{})
	var next atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := rows.InsertOne(b.Context(), row(int(next.Add(1)))); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
}
