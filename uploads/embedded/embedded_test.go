package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/mitra-platform/mitra/uploads/embedded"
)

// What a child of the test does: see TestMain.
const (
	childRole = "MITRA_TEST_CHILD"
	childDir  = "MITRA_TEST_DIR"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "writer":
		writeUntilKilled(os.Getenv(childDir))
	case "full":
		fillTheDisk(os.Getenv(childDir))
	case "":
		os.Exit(m.Run())
	}
}

func dial(dir string) (*minio.Core, error) {
	e, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return nil, err
	}
	address, options := e.Client()
	core, err := minio.NewCore(address, options)
	if err != nil {
		return nil, err
	}
	err = core.MakeBucket(context.Background(), "mitra", minio.MakeBucketOptions{})
	if minio.ToErrorResponse(err).Code == minio.BucketAlreadyOwnedByYou {
		err = nil
	}
	return core, err
}

func client(t *testing.T, dir string) *minio.Core {
	t.Helper()
	core, err := dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

func put(core *minio.Core, key string, body []byte) error {
	_, err := core.PutObject(context.Background(), "mitra", key, bytes.NewReader(body), int64(len(body)), "", "", minio.PutObjectOptions{})
	return err
}

func get(core *minio.Core, key string) ([]byte, error) {
	body, _, _, err := core.GetObject(context.Background(), "mitra", key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(body)
	return text, errors.Join(err, body.Close())
}

// body is the object that the writer puts as its nth.
func body(n int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%08d", n), 1000+n%7*5000) }

// writeUntilKilled says each object that was acknowledged.
func writeUntilKilled(dir string) {
	core, err := dial(dir)
	for n := 0; err == nil; n++ {
		if err = put(core, fmt.Sprintf("t/demo/%d", n), body(n)); err == nil {
			err = put(core, "t/demo/again", body(n))
		}
		fmt.Println(n)
	}
	fmt.Println(err)
}

// After kill -9 every object that was acknowledged is there whole, no half object is, and
// what was being written is swept once it is old.
func TestEveryAcknowledgedObjectOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 G702 -- the test itself
		child.Env = append(os.Environ(), childRole+"=writer", childDir+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		for acknowledged < 20+round*15 {
			if _, err := fmt.Fscanln(out, &acknowledged); err != nil {
				t.Fatal(err)
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		core := client(t, dir)
		for n := range acknowledged + 1 {
			if got, err := get(core, fmt.Sprintf("t/demo/%d", n)); err != nil || !bytes.Equal(got, body(n)) {
				t.Errorf("round %d: object %d has %d bytes, %v", round, n, len(got), err)
			}
		}
		list, err := core.ListObjectsV2("mitra", "t/demo/", "", "", "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Contents {
			if got, err := get(core, o.Key); err != nil || int64(len(got)) != o.Size || len(got)%8 != 0 {
				t.Errorf("round %d: %s is %d bytes of %d, %v", round, o.Key, len(got), o.Size, err)
			}
		}
	}
	later := embedded.Options{Now: func() time.Time { return time.Now().Add(25 * time.Hour) }}
	if _, err := embedded.Open(dir, later); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// An upload whose process died midway is nobody's after a day; one to which parts still
// come is not touched.
func TestAnUploadThatNobodyGoesOnWithIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	core := client(t, dir)
	begin := func(key string) string {
		id, err := core.NewMultipartUpload(t.Context(), "mitra", key, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := core.PutObjectPart(t.Context(), "mitra", key, id, 1, strings.NewReader("one"), 3, minio.PutObjectPartOptions{}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	left, alive := begin("t/demo/left"), begin("t/demo/alive")
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "parts", left), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	core = client(t, dir) // the next process
	uploads, err := core.ListMultipartUploads(t.Context(), "mitra", "", "", "", "", 10)
	if err != nil || len(uploads.Uploads) != 1 || uploads.Uploads[0].UploadID != alive {
		t.Errorf("uploads that are there: %+v, %v; want the one that is alive", uploads.Uploads, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "parts", left)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("parts of an upload that was left: %v; want none", err)
	}
}

// A server that is not started again for months sweeps too: when something is written, and
// no more than once an hour.
func TestALongRunningEndpointSweepsWhenItIsWrittenTo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := time.Now()
	e, err := embedded.Open(dir, embedded.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	address, options := e.Client()
	core, err := minio.NewCore(address, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := core.MakeBucket(t.Context(), "mitra", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	leave := func() string {
		t.Helper()
		id, err := core.NewMultipartUpload(t.Context(), "mitra", "t/demo/left", minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		yesterday := clock.Add(-25 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, "parts", id), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
		return id
	}
	there := func(id string) bool { _, err := os.Stat(filepath.Join(dir, "parts", id)); return err == nil }
	write := func() {
		t.Helper()
		if err := put(core, "t/demo/new", []byte("one")); err != nil {
			t.Fatal(err)
		}
	}
	left := leave()
	for _, step := range []struct {
		after time.Duration
		gone  bool
	}{{0, false}, {59 * time.Minute, false}, {time.Minute, true}} {
		clock = clock.Add(step.after)
		if write(); there(left) == step.gone {
			t.Errorf("after %v more, the parts that were left are there: %v", step.after, there(left))
		}
	}
	if left = leave(); !there(left) {
		t.Error("beginning an upload swept again within the hour")
	}
	clock = clock.Add(time.Hour)
	if write(); there(left) {
		t.Error("the next hour's sweep did not come")
	}
}

// fillTheDisk writes under a limit of file sizes, which looks like a full disk.
func fillTheDisk(dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	core, err := dial(dir)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100_000, Max: 100_000})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(minio.ToErrorResponse(put(core, "t/demo/large", make([]byte, 200_000))).Code)
	fmt.Println(put(core, "t/demo/small", make([]byte, 1000)))
}

func TestAFullDiskIsAnErrorAndNothingStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 G702 -- the test itself
	child.Env = append(os.Environ(), childRole+"=full", childDir+"="+dir)
	out, err := child.Output()
	if err != nil || string(out) != "XMinioStorageFull\n<nil>\n" {
		t.Fatalf("%q, %v", out, err)
	}
	core := client(t, dir)
	if _, err := get(core, "t/demo/large"); minio.ToErrorResponse(err).Code != "NoSuchKey" {
		t.Errorf("half an object: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Two endpoints on one directory are two processes: of 32 who make an object, one does.
func TestTwoEndpointsOnOneDirectoryAgreeOnOneWinner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	both := []*minio.Core{client(t, dir), client(t, dir)}
	var mu sync.Mutex
	var winners []string
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			o := minio.PutObjectOptions{}
			o.SetMatchETagExcept("*")
			text := fmt.Sprint("by ", i)
			_, err := both[i%2].PutObject(context.Background(), "mitra", "t/demo/once", strings.NewReader(text), int64(len(text)), "", "", o)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				winners = append(winners, text)
			}
		})
	}
	group.Wait()
	got, err := get(both[0], "t/demo/once")
	if err != nil || len(winners) != 1 || string(got) != winners[0] {
		t.Errorf("winners %q, the object is %q, %v", winners, got, err)
	}
}

// A name and what is below it are two objects; names that differ in case or in strange
// letters are kept apart.
func TestEveryKeyIsAnObjectOfItsOwn(t *testing.T) {
	t.Parallel()
	core := client(t, t.TempDir())
	keys := []string{"x", "x/y", "x/y/z", "X", "x+", "x%", "x%2f", "é", "a b", "a\tb", "...", ".x", "x.", strings.Repeat("k", 200)}
	for _, key := range keys {
		if err := put(core, key, []byte(key)); err != nil {
			t.Errorf("put %q: %v", key, err)
		}
	}
	for _, key := range keys {
		if got, err := get(core, key); err != nil || string(got) != key {
			t.Errorf("get %q: %q, %v", key, got, err)
		}
	}
	list, err := core.ListObjectsV2("mitra", "", "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, o := range list.Contents {
		listed = append(listed, o.Key)
	}
	slices.Sort(keys)
	if !slices.Equal(listed, keys) {
		t.Errorf("listed %q\nwant %q", listed, keys)
	}
}

// ask sends a request past minio-go, which would not make it.
func ask(t *testing.T, e *embedded.Endpoint, method, url string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://embedded.invalid"+url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := e.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestNoKeyLeavesItsBucket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client(t, dir)
	e, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	for _, path := range []string{
		"/mitra/../../../outside", "/mitra/..%2f..%2foutside", "/mitra/a//b", "/mitra/a/./b", "/mitra/a/", "/mitra//a", "/mitra/%2e%2e/x",
		"/..%2fmitra/x", "/Mitra/x", "/m/x", "/mitra/" + strings.Repeat("k", 300), "/mitra/" + strings.Repeat("k/", 600) + "k",
	} {
		if status, said := ask(t, e, "PUT", path); status < 400 || status >= 500 {
			t.Errorf("%.40s: %d %s", path, status, said)
		}
	}
	if after := tree(t, dir); after != before {
		t.Errorf("something was written:\n%s\nwas\n%s", after, before)
	}
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, _ os.DirEntry, err error) error {
		b.WriteString(path + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What S3 knows and this endpoint does not is refused by name.
func TestWhatIsNotServedIsRefusedByName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := put(client(t, dir), "x", []byte("text")); err != nil {
		t.Fatal(err)
	}
	e, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{
		{"GET", "/", "ListBuckets"}, {"GET", "/mitra?versioning", "versioning"}, {"GET", "/mitra?acl", "acl"}, {"PUT", "/mitra?policy", "policy"},
		{"PUT", "/mitra/x?tagging", "tagging"}, {"GET", "/mitra/x?versionId=1", "versionId"}, {"POST", "/mitra/x?restore", "restore"},
		{"POST", "/mitra/x?select", "select"}, {"GET", "/mitra/x?torrent", "torrent"}, {"GET", "/mitra/x?attributes", "attributes"},
		{"GET", "/mitra", "list-type"}, {"DELETE", "/mitra", "DELETE"}, {"PATCH", "/mitra/x", "PATCH"}, {"GET", "/mitra/x?partNumber=1", "one part"},
		{"PUT", "/mitra/x", "X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption", "AES256"},
		{"PUT", "/mitra/x", "X-Amz-Tagging", "X-Amz-Tagging", "a=b"}, {"PUT", "/mitra/x", "X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Mode", "COMPLIANCE"},
		{"PUT", "/mitra/x", "X-Amz-Checksum-Sha256", "X-Amz-Checksum-Sha256", "x"}, {"PUT", "/mitra/x", "If-Match", "If-Match", "x"},
		{"GET", "/mitra/x", "several parts", "Range", "bytes=0-1,3-4"},
	} {
		status, said := ask(t, e, row[0], row[1], row[3:]...)
		if status != 501 || !strings.Contains(said, "NotImplemented") || !strings.Contains(said, row[2]) {
			t.Errorf("%s %s: %d %s", row[0], row[1], status, said)
		}
	}
	if got, err := get(client(t, dir), "x"); err != nil || string(got) != "text" {
		t.Errorf("a refusal changed the object to %q, %v", got, err)
	}
}

// A file that no put wrote, or half of one, is an error and never an answer.
func TestADamagedFileIsNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	core := client(t, dir)
	if err := put(core, "x", []byte("a text that is long enough")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "objects", "mitra", "x")
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{text[:len(text)-3], text[:20], append(slices.Clone(text), 'x')} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := get(core, "x"); err == nil {
			t.Errorf("%d bytes were read from a damaged file", len(got))
		}
	}
}

// A put that is cancelled leaves nothing.
func TestACancelledPutLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	core := client(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := core.PutObject(ctx, "mitra", "x", in, 1<<20, "", "", minio.PutObjectOptions{})
		done <- err
	}()
	if _, err := out.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	_ = out.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-done; err == nil {
		t.Error("a cancelled put was acknowledged")
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
