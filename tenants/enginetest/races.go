package enginetest

import (
	"context"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// together runs fn in 64 goroutines at once.
func together(fn func(i int)) {
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() { fn(i) })
	}
	group.Wait()
}

func increments(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "n", 0))
	together(func(int) {
		for range 20 {
			if _, err := c.UpdateOne(context.Background(), d("_id", 1), d("$inc", d("n", 1))); err != nil {
				t.Errorf("inc: %v", err)
			}
		}
	})
	if got := fmt.Sprint(one(t, c, 1)); got != fmt.Sprint(d("_id", int32(1), "n", int32(1280))) {
		t.Errorf("after 64 × 20: %s", got)
	}
}

func compareAndSet(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "version", 0, "who", a()))
	together(func(i int) {
		for {
			var doc struct {
				Version int `bson:"version"`
			}
			if err := c.FindOne(context.Background(), d("_id", 1)).Decode(&doc); err != nil {
				t.Errorf("read: %v", err)
				return
			}
			r, err := c.UpdateOne(context.Background(), d("_id", 1, "version", doc.Version), d("$inc", d("version", 1), "$push", d("who", i)))
			if err != nil {
				t.Errorf("set: %v", err)
				return
			}
			if r.MatchedCount == 1 {
				return
			}
		}
	})
	var doc struct {
		Version int   `bson:"version"`
		Who     []int `bson:"who"`
	}
	if err := c.FindOne(t.Context(), d("_id", 1)).Decode(&doc); err != nil || doc.Version != 64 || len(doc.Who) != 64 {
		t.Errorf("version %d, %d writers, %v; want 64 and 64", doc.Version, len(doc.Who), err)
	}
}

func uniqueRace(t trial.T, db *mongo.Database) {
	c := db.Collection("c")
	index(t, c, d("k", 1), options.Index().SetUnique(true))
	var mu sync.Mutex
	won := 0
	together(func(i int) {
		_, err := c.InsertOne(context.Background(), d("_id", i, "k", "the one"))
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			won++
		} else if !mongo.IsDuplicateKeyError(err) {
			t.Errorf("insert: %v", err)
		}
	})
	if n, err := c.CountDocuments(t.Context(), d()); err != nil || won != 1 || n != 1 {
		t.Errorf("%d won, %d are there, %v", won, n, err)
	}
}
