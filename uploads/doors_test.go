package uploads_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/uploads"
	"github.com/mitra-platform/mitra/uploads/embedded"
)

// A store that compares no signature is found out, and what was written is gone.
func TestAStoreThatTakesAWrongSecretIsFoundOut(t *testing.T) {
	t.Parallel()
	e, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	strict := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strict && !strings.Contains(r.Header.Get("Authorization"), "Credential=user/") {
			http.Error(w, "<Error><Code>AccessDenied</Code></Error>", http.StatusForbidden)
			return
		}
		in := r.Clone(r.Context())
		in.RequestURI, in.URL.Scheme, in.URL.Host = "", "http", "store.invalid"
		answer, err := e.RoundTrip(in)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(server.Close)
	cfg := uploads.Config{Endpoint: strings.TrimPrefix(server.URL, "http://"), AccessKey: "user", SecretKey: "the-right-secret", Region: "us-east-1"}
	found, err := uploads.TryDoors(t.Context(), cfg)
	if want := []string{"no signature", "signed with the body's digest", "signed without the body"}; err != nil || !slices.Equal(found.Written, want) || !found.Listed {
		t.Errorf("an open store: %+v, %v; want %q, listed", found, err, want)
	}
	strict = true // it asks who one is, and believes it
	found, err = uploads.TryDoors(t.Context(), cfg)
	if want := []string{"signed with the body's digest", "signed without the body"}; err != nil || !slices.Equal(found.Written, want) || found.Listed {
		t.Errorf("a store that compares no secret: %+v, %v; want %q", found, err, want)
	}
	// The bucket is empty: what was written without the secret is gone.
	store, err := uploads.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://store.invalid/mitra?list-type=2", nil)
	answer, err := e.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(answer.Body); err != nil || strings.Contains(string(text), "doctor/") {
		t.Errorf("left behind: %s, %v", text, err)
	}
}

// A server that compares signatures lets nobody in by the usual ways. The last release of
// the upstream server takes a wrong secret that signed the address, for chunks that have
// a trailer; that is what mitra doctor warns of.
func TestARealServerKnowsAWrongSecret(t *testing.T) {
	t.Parallel()
	endpoint := os.Getenv("MITRA_TEST_S3_ENDPOINT")
	if endpoint == "" {
		t.Skip("MITRA_TEST_S3_ENDPOINT names no server")
	}
	found, err := uploads.TryDoors(t.Context(), uploads.Config{
		Endpoint: endpoint, AccessKey: os.Getenv("MITRA_TEST_S3_ACCESS_KEY"), SecretKey: os.Getenv("MITRA_TEST_S3_SECRET_KEY"), Region: "us-east-1", Bucket: "mitra-doors",
	})
	if err != nil || found.Listed {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, way := range found.Written {
		if !strings.HasPrefix(way, "chunks with a trailer") {
			t.Errorf("written with a wrong secret: %s", way)
		}
	}
	t.Logf("written with a wrong secret: %q", found.Written)
}
