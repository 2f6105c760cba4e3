package embedded_test

import (
	"context"
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/enginetest"
	"github.com/mitra-platform/mitra/tenants/trial"
)

func TestTheEmbeddedEngineConforms(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	enginetest.Run(trial.In(t), collection(t, s, "c", "c").Database().Client())
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
	enginetest.Run(trial.In(t), client)
}
