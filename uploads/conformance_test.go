package uploads_test

import (
	"os"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/mitra-platform/mitra/tenants/trial"
	"github.com/mitra-platform/mitra/uploads/embedded"
	"github.com/mitra-platform/mitra/uploads/objecttest"
)

func core(t *testing.T, address string, o *minio.Options) *minio.Core {
	t.Helper()
	core, err := minio.NewCore(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

func TestTheEmbeddedEndpointIsWhatS3Is(t *testing.T) {
	t.Parallel()
	e, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	address, options := e.Client()
	objecttest.Run(trial.In(t), core(t, address, options))
}

// The same checks against a real server; uploads/miniotest/run.sh starts one.
func TestARealServerIsWhatS3Is(t *testing.T) {
	t.Parallel()
	endpoint := os.Getenv("MITRA_TEST_S3_ENDPOINT")
	if endpoint == "" {
		t.Skip("MITRA_TEST_S3_ENDPOINT names no server")
	}
	objecttest.Run(trial.In(t), core(t, endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(os.Getenv("MITRA_TEST_S3_ACCESS_KEY"), os.Getenv("MITRA_TEST_S3_SECRET_KEY"), ""),
		Region: "us-east-1", BucketLookup: minio.BucketLookupPath,
	}))
}
