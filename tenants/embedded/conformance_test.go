package embedded_test

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/enginetest"
)

func TestTheEmbeddedEngineConforms(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	var n atomic.Int64
	enginetest.Run(t, func(t *testing.T) *mongo.Database {
		return collection(t, s, "c"+strconv.FormatInt(n.Add(1), 10), "c").Database()
	})
}

// The same suite against a real server shows that what is asked is MongoDB's behaviour.
func TestAServerConforms(t *testing.T) {
	t.Parallel()
	uri := os.Getenv("MITRA_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("MITRA_TEST_MONGODB_URI is not set: no server to ask")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	var n atomic.Int64
	enginetest.Run(t, func(t *testing.T) *mongo.Database {
		db := client.Database("mitra_test_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(n.Add(1), 10))
		t.Cleanup(func() { _ = db.Drop(context.Background()) })
		return db
	})
}
