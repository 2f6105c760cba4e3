// Package objecttest holds an object store to what S3 documents, as far as package
// uploads relies on it. The embedded endpoint and real servers run the same checks.
package objecttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/mitra-platform/mitra/tenants/trial"
)

// Suite is a store under test, with a bucket of its own.
type Suite struct {
	*minio.Core
	Bucket string
}

// Run checks the store that a client speaks to. Buckets are named by chance and left
// empty; on a server they are removed as well.
func Run(t trial.T, core *minio.Core) {
	t.Helper()
	every := map[string]func(trial.T, *Suite){
		"WhatIsPutIsReadWhole": whole, "ARangeIsAPart": ranges, "ConditionsHold": conditions,
		"OneOfManyMakesAnObject": race, "PartsBecomeOneObject": multipart, "AnUploadThatEndedIsGone": aborted,
		"WrongPartsAreRefused": wrongParts, "AListIsInOrderAndInPages": lists, "ADelimiterGroups": groups,
		"WhatIsNotThereSaysSo": absent, "RemovingTwiceIsRemovingOnce": removed, "ManyAreRemovedAtOnce": removedMany,
		"ACopyIsAnObjectOfItsOwn": copied, "AStreamOfUnknownLengthIsKept": stream, "ABodyMustHaveItsDigest": digest,
		"AnObjectIsReplacedWhole": replaced,
	}
	for _, name := range slices.Sorted(maps.Keys(every)) {
		t.Run(name, func(t trial.T) {
			t.Parallel()
			s := &Suite{Core: core, Bucket: "mitra-conformance-" + random(t, 6)}
			if err := s.MakeBucket(t.Context(), s.Bucket, minio.MakeBucketOptions{}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.remove(t) })
			every[name](t, s)
		})
	}
}

// Try runs every check outside of any test.
func Try(ctx context.Context, address string, o *minio.Options) []trial.Outcome {
	return trial.Run(ctx, "connect", func(t trial.T) {
		core, err := minio.NewCore(address, o)
		if err != nil {
			t.Fatal(err)
		}
		Run(t, core)
	})
}

// remove leaves nothing behind: objects, open uploads, the bucket.
func (s *Suite) remove(t trial.T) {
	ctx := context.WithoutCancel(t.Context())
	for o := range s.Client.ListObjects(ctx, s.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if err := errors.Join(o.Err, s.RemoveObject(ctx, s.Bucket, o.Key, minio.RemoveObjectOptions{})); err != nil {
			t.Errorf("remove %s: %v", o.Key, err)
		}
	}
	open, err := s.ListMultipartUploads(ctx, s.Bucket, "", "", "", "", 100)
	if err != nil {
		t.Errorf("open uploads: %v", err)
	}
	for _, u := range open.Uploads {
		if err := s.AbortMultipartUpload(ctx, s.Bucket, u.Key, u.UploadID); err != nil {
			t.Errorf("abort %s: %v", u.Key, err)
		}
	}
	if err := s.RemoveBucket(ctx, s.Bucket); err != nil && code(err) != "NotImplemented" { // the embedded store has no such need
		t.Errorf("remove the bucket: %v", err)
	}
}

func random(t trial.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func (s *Suite) put(t trial.T, key string, body []byte, o minio.PutObjectOptions) string {
	t.Helper()
	info, err := s.PutObject(t.Context(), s.Bucket, key, bytes.NewReader(body), int64(len(body)), "", "", o)
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return info.ETag
}

func (s *Suite) get(t trial.T, key string, o minio.GetObjectOptions) ([]byte, minio.ObjectInfo, error) {
	t.Helper()
	body, info, _, err := s.GetObject(t.Context(), s.Bucket, key, o)
	if err != nil {
		return nil, info, err
	}
	text, err := io.ReadAll(body)
	return text, info, errors.Join(err, body.Close())
}

func code(err error) string { return minio.ToErrorResponse(err).Code }

func whole(t trial.T, s *Suite) {
	for name, body := range map[string][]byte{"nothing": {}, "one": {7}, "bytes": bytes.Repeat([]byte{0, 255, '\n', '\r'}, 40_000)} {
		etag := s.put(t, "t/demo/"+name, body, minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8", UserMetadata: map[string]string{"Sent-By": "ina"}})
		got, info, err := s.get(t, "t/demo/"+name, minio.GetObjectOptions{})
		if err != nil || !bytes.Equal(got, body) || info.ETag != etag || info.Size != int64(len(body)) || info.ContentType != "text/plain; charset=utf-8" {
			t.Errorf("%s: %d bytes, %+v, %v", name, len(got), info, err)
		}
		stat, err := s.StatObject(t.Context(), s.Bucket, "t/demo/"+name, minio.StatObjectOptions{})
		if err != nil || stat.Size != int64(len(body)) || stat.ETag != etag || stat.UserMetadata["Sent-By"] != "ina" || time.Since(stat.LastModified) > time.Hour {
			t.Errorf("%s: stat %+v, %v", name, stat, err)
		}
	}
}

func ranges(t trial.T, s *Suite) {
	body := []byte("0123456789")
	s.put(t, "ten", body, minio.PutObjectOptions{})
	for asked, want := range map[string]string{
		"bytes=0-0": "0", "bytes=2-4": "234", "bytes=7-": "789", "bytes=-3": "789", "bytes=5-99": "56789", "bytes=-99": "0123456789", "bytes=0-9": "0123456789",
	} {
		o := minio.GetObjectOptions{}
		o.Set("Range", asked)
		if got, _, err := s.get(t, "ten", o); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", asked, got, err, want)
		}
	}
	for _, asked := range []string{"bytes=10-", "bytes=10-12", "bytes=999-"} {
		o := minio.GetObjectOptions{}
		o.Set("Range", asked)
		if _, _, err := s.get(t, "ten", o); code(err) != "InvalidRange" {
			t.Errorf("%s: %v, want InvalidRange", asked, err)
		}
	}
}

func conditions(t trial.T, s *Suite) {
	etag := s.put(t, "a", []byte("a"), minio.PutObjectOptions{})
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for name, row := range map[string]struct {
		set  func(*minio.GetObjectOptions) error
		want int
	}{
		"the ETag":             {func(o *minio.GetObjectOptions) error { return o.SetMatchETag(etag) }, 200},
		"another ETag":         {func(o *minio.GetObjectOptions) error { return o.SetMatchETag("abc") }, 412},
		"not the ETag":         {func(o *minio.GetObjectOptions) error { return o.SetMatchETagExcept(etag) }, 304},
		"not another ETag":     {func(o *minio.GetObjectOptions) error { return o.SetMatchETagExcept("abc") }, 200},
		"changed since past":   {func(o *minio.GetObjectOptions) error { return o.SetModified(past) }, 200},
		"changed since future": {func(o *minio.GetObjectOptions) error { return o.SetModified(future) }, 304},
		"unchanged since past": {func(o *minio.GetObjectOptions) error { return o.SetUnmodified(past) }, 412},
	} {
		o := minio.GetObjectOptions{}
		if err := row.set(&o); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.get(t, "a", o)
		got := 200
		if err != nil {
			got = minio.ToErrorResponse(err).StatusCode
		}
		if got != row.want {
			t.Errorf("%s: %d (%v), want %d", name, got, err, row.want)
		}
	}
}

// Of 32 who make the same new object at once, one does, and its bytes stay.
func race(t trial.T, s *Suite) {
	const many = 32
	var won sync.Map
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			o := minio.PutObjectOptions{}
			o.SetMatchETagExcept("*")
			body := fmt.Appendf(nil, "by %d", i)
			_, err := s.PutObject(context.Background(), s.Bucket, "once", bytes.NewReader(body), int64(len(body)), "", "", o)
			switch {
			case err == nil:
				won.Store(i, string(body))
			case code(err) != "PreconditionFailed":
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	group.Wait()
	var winners []string
	won.Range(func(_, body any) bool { winners = append(winners, body.(string)); return true })
	got, _, err := s.get(t, "once", minio.GetObjectOptions{})
	if len(winners) != 1 || err != nil || string(got) != winners[0] {
		t.Errorf("winners %q, the object is %q, %v", winners, got, err)
	}
}

const partSize = 5 << 20

func (s *Suite) begin(t trial.T, key string) string {
	t.Helper()
	id, err := s.NewMultipartUpload(t.Context(), s.Bucket, key, minio.PutObjectOptions{ContentType: "text/x-parts"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s *Suite) part(t trial.T, key, id string, n int, body []byte) minio.CompletePart {
	t.Helper()
	p, err := s.PutObjectPart(t.Context(), s.Bucket, key, id, n, bytes.NewReader(body), int64(len(body)), minio.PutObjectPartOptions{})
	if err != nil {
		t.Fatalf("part %d: %v", n, err)
	}
	return minio.CompletePart{PartNumber: n, ETag: p.ETag}
}

// Parts may come in any order and again; those that are named are joined in theirs.
func multipart(t trial.T, s *Suite) {
	id := s.begin(t, "big")
	second := s.part(t, "big", id, 7, []byte("end"))
	s.part(t, "big", id, 2, bytes.Repeat([]byte("x"), 10))
	first := s.part(t, "big", id, 2, bytes.Repeat([]byte("a"), partSize))
	s.part(t, "big", id, 9, []byte("left out"))
	list, err := s.ListObjectParts(t.Context(), s.Bucket, "big", id, 0, 100)
	if err != nil || len(list.ObjectParts) != 3 || list.ObjectParts[0].PartNumber != 2 || list.ObjectParts[0].Size != partSize {
		t.Errorf("parts: %+v, %v", list.ObjectParts, err)
	}
	open, err := s.ListMultipartUploads(t.Context(), s.Bucket, "big", "", "", "", 10)
	if err != nil || len(open.Uploads) != 1 || open.Uploads[0].UploadID != id {
		t.Errorf("uploads: %+v, %v", open.Uploads, err)
	}
	if _, _, err := s.get(t, "big", minio.GetObjectOptions{}); code(err) != "NoSuchKey" {
		t.Errorf("before it is complete: %v", err)
	}
	done, err := s.CompleteMultipartUpload(t.Context(), s.Bucket, "big", id, []minio.CompletePart{first, second}, minio.PutObjectOptions{})
	if err != nil || !strings.HasSuffix(done.ETag, "-2") {
		t.Fatalf("%+v, %v", done, err)
	}
	got, info, err := s.get(t, "big", minio.GetObjectOptions{})
	if err != nil || len(got) != partSize+3 || string(got[partSize:]) != "end" || info.ContentType != "text/x-parts" || info.ETag != done.ETag {
		t.Errorf("%d bytes, %+v, %v", len(got), info, err)
	}
	if _, err := s.ListObjectParts(t.Context(), s.Bucket, "big", id, 0, 100); code(err) != "NoSuchUpload" {
		t.Errorf("after it is complete: %v", err)
	}
}

func aborted(t trial.T, s *Suite) {
	id := s.begin(t, "never")
	p := s.part(t, "never", id, 1, []byte("x"))
	if err := s.AbortMultipartUpload(t.Context(), s.Bucket, "never", id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CompleteMultipartUpload(t.Context(), s.Bucket, "never", id, []minio.CompletePart{p}, minio.PutObjectOptions{}); code(err) != "NoSuchUpload" {
		t.Errorf("completed: %v", err)
	}
	if _, err := s.PutObjectPart(t.Context(), s.Bucket, "never", id, 2, strings.NewReader("x"), 1, minio.PutObjectPartOptions{}); code(err) != "NoSuchUpload" {
		t.Errorf("another part: %v", err)
	}
}

func wrongParts(t trial.T, s *Suite) {
	id := s.begin(t, "big")
	small, last := s.part(t, "big", id, 1, []byte("small")), s.part(t, "big", id, 2, []byte("last"))
	for name, row := range map[string]struct {
		parts []minio.CompletePart
		want  string
	}{
		"too small":    {[]minio.CompletePart{small, last}, "EntityTooSmall"},
		"not sent":     {[]minio.CompletePart{{PartNumber: 3, ETag: small.ETag}}, "InvalidPart"},
		"another ETag": {[]minio.CompletePart{{PartNumber: 1, ETag: last.ETag}}, "InvalidPart"},
	} {
		if _, err := s.CompleteMultipartUpload(t.Context(), s.Bucket, "big", id, row.parts, minio.PutObjectOptions{}); code(err) != row.want {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
	if _, err := s.CompleteMultipartUpload(t.Context(), s.Bucket, "big", id, []minio.CompletePart{small}, minio.PutObjectOptions{}); err != nil {
		t.Errorf("after the refusals: %v", err)
	}
}

func (s *Suite) list(t trial.T, prefix, delimiter string, page int) (keys, prefixes []string) {
	t.Helper()
	token := ""
	for {
		got, err := s.ListObjectsV2(s.Bucket, prefix, "", token, delimiter, page)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Contents) + len(got.CommonPrefixes); n > page {
			t.Errorf("a page of %d has %d", page, n)
		}
		for _, o := range got.Contents {
			keys = append(keys, o.Key)
		}
		for _, p := range got.CommonPrefixes {
			prefixes = append(prefixes, p.Prefix)
		}
		if !got.IsTruncated {
			return keys, prefixes
		}
		token = got.NextContinuationToken
	}
}

func lists(t trial.T, s *Suite) {
	want := []string{"t/demo/01", "t/demo/02", "t/demo/a b+c&d", "t/demo/é", "t/demo2/01", "t/demo2/02", "u/x"}
	for _, key := range want {
		s.put(t, key, []byte(key), minio.PutObjectOptions{})
	}
	for _, page := range []int{1, 2, 3, 1000} {
		if got, _ := s.list(t, "", "", page); !slices.Equal(got, want) {
			t.Errorf("pages of %d: %q", page, got)
		}
		if got, _ := s.list(t, "t/demo/", "", page); !slices.Equal(got, want[:4]) {
			t.Errorf("one tenant in pages of %d: %q", page, got)
		}
	}
	if got, _ := s.list(t, "t/demo/0", "", 10); len(got) != 2 {
		t.Errorf("a prefix within a name: %q", got)
	}
	if got, _ := s.list(t, "nobody/", "", 10); len(got) != 0 {
		t.Errorf("nobody's: %q", got)
	}
}

func groups(t trial.T, s *Suite) {
	for _, key := range []string{"t/a/1", "t/a/2", "t/b/1", "t/c"} {
		s.put(t, key, nil, minio.PutObjectOptions{})
	}
	for _, page := range []int{1, 2, 10} {
		keys, prefixes := s.list(t, "t/", "/", page)
		if !slices.Equal(keys, []string{"t/c"}) || !slices.Equal(prefixes, []string{"t/a/", "t/b/"}) {
			t.Errorf("pages of %d: %q, %q", page, keys, prefixes)
		}
	}
}

func absent(t trial.T, s *Suite) {
	if _, _, err := s.get(t, "ghost", minio.GetObjectOptions{}); code(err) != "NoSuchKey" {
		t.Errorf("get: %v", err)
	}
	if _, err := s.StatObject(t.Context(), s.Bucket, "ghost", minio.StatObjectOptions{}); code(err) != "NoSuchKey" {
		t.Errorf("stat: %v", err)
	}
	if _, err := s.PutObject(t.Context(), s.Bucket+"-ghost", "x", strings.NewReader("x"), 1, "", "", minio.PutObjectOptions{}); code(err) != "NoSuchBucket" {
		t.Errorf("put elsewhere: %v", err)
	}
	if there, err := s.BucketExists(t.Context(), s.Bucket+"-ghost"); err != nil || there {
		t.Errorf("a bucket that is not: %v, %v", there, err)
	}
	if err := s.MakeBucket(t.Context(), s.Bucket, minio.MakeBucketOptions{}); code(err) != "BucketAlreadyOwnedByYou" {
		t.Errorf("a bucket that is: %v", err)
	}
}

func removed(t trial.T, s *Suite) {
	s.put(t, "t/demo/x", []byte("x"), minio.PutObjectOptions{})
	for range 2 {
		if err := s.RemoveObject(t.Context(), s.Bucket, "t/demo/x", minio.RemoveObjectOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.StatObject(t.Context(), s.Bucket, "t/demo/x", minio.StatObjectOptions{}); code(err) != "NoSuchKey" {
			t.Errorf("still there: %v", err)
		}
	}
	if keys, _ := s.list(t, "", "", 10); len(keys) != 0 {
		t.Errorf("listed: %q", keys)
	}
}

func removedMany(t trial.T, s *Suite) {
	objects := make(chan minio.ObjectInfo, 5)
	for i := range 5 {
		key := fmt.Sprintf("t/demo/%d", i)
		if i > 0 {
			s.put(t, key, []byte("x"), minio.PutObjectOptions{})
		}
		objects <- minio.ObjectInfo{Key: key}
	}
	s.put(t, "t/demo/stays", nil, minio.PutObjectOptions{})
	close(objects)
	for failed := range s.RemoveObjects(t.Context(), s.Bucket, objects, minio.RemoveObjectsOptions{}) {
		t.Errorf("%s: %v", failed.ObjectName, failed.Err)
	}
	if keys, _ := s.list(t, "", "", 10); !slices.Equal(keys, []string{"t/demo/stays"}) {
		t.Errorf("left: %q", keys)
	}
}

func copied(t trial.T, s *Suite) {
	s.put(t, "stage/x y", []byte("text"), minio.PutObjectOptions{ContentType: "text/plain", UserMetadata: map[string]string{"A": "1"}})
	from := minio.CopySrcOptions{Bucket: s.Bucket, Object: "stage/x y"}
	if _, err := s.Client.CopyObject(t.Context(), minio.CopyDestOptions{Bucket: s.Bucket, Object: "t/demo/x"}, from); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client.CopyObject(t.Context(), minio.CopyDestOptions{Bucket: s.Bucket, Object: "t/demo/y", ReplaceMetadata: true, UserMetadata: map[string]string{"B": "2"}}, from); err != nil {
		t.Fatal(err)
	}
	s.put(t, "stage/x y", []byte("other"), minio.PutObjectOptions{})
	for key, meta := range map[string]string{"t/demo/x": "A", "t/demo/y": "B"} {
		got, _, err := s.get(t, key, minio.GetObjectOptions{})
		stat, statErr := s.StatObject(t.Context(), s.Bucket, key, minio.StatObjectOptions{})
		if err != nil || statErr != nil || string(got) != "text" || len(stat.UserMetadata) != 1 || stat.UserMetadata[meta] == "" {
			t.Errorf("%s: %q, %v, %v %v", key, got, stat.UserMetadata, err, statErr)
		}
	}
	if _, err := s.Client.CopyObject(t.Context(), minio.CopyDestOptions{Bucket: s.Bucket, Object: "z"}, minio.CopySrcOptions{Bucket: s.Bucket, Object: "ghost"}); code(err) != "NoSuchKey" {
		t.Errorf("a copy of nothing: %v", err)
	}
}

func stream(t trial.T, s *Suite) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 20<<16) // 20 MiB
	for name, size := range map[string]int{"nothing": 0, "little": 100, "a part": 8 << 20, "several parts": len(body)} {
		info, err := s.Client.PutObject(t.Context(), s.Bucket, "stream", io.MultiReader(bytes.NewReader(body[:size])), -1, minio.PutObjectOptions{PartSize: 8 << 20})
		if err != nil || info.Size != int64(size) {
			t.Fatalf("%s: %+v, %v", name, info, err)
		}
		if got, _, err := s.get(t, "stream", minio.GetObjectOptions{}); err != nil || !bytes.Equal(got, body[:size]) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	broken := io.MultiReader(bytes.NewReader(body[:9<<20]), failing{})
	if _, err := s.Client.PutObject(t.Context(), s.Bucket, "broken", broken, -1, minio.PutObjectOptions{PartSize: 8 << 20}); !errors.Is(err, errBroken) {
		t.Errorf("a stream that breaks: %v", err)
	}
	if _, err := s.StatObject(t.Context(), s.Bucket, "broken", minio.StatObjectOptions{}); code(err) != "NoSuchKey" {
		t.Errorf("half a stream is an object: %v", err)
	}
}

var errBroken = errors.New("the line dropped")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func digest(t trial.T, s *Suite) {
	const wrong = "1B2M2Y8AsgTpgAmY7PhCfg==" // of nothing
	if _, err := s.PutObject(t.Context(), s.Bucket, "x", strings.NewReader("text"), 4, wrong, "", minio.PutObjectOptions{}); code(err) != "BadDigest" {
		t.Errorf("another digest: %v", err)
	}
	if _, err := s.StatObject(t.Context(), s.Bucket, "x", minio.StatObjectOptions{}); code(err) != "NoSuchKey" {
		t.Errorf("and yet it is there: %v", err)
	}
}

// Who reads while an object is replaced reads one of the two, whole.
func replaced(t trial.T, s *Suite) {
	old, young := bytes.Repeat([]byte("o"), 300_000), bytes.Repeat([]byte("y"), 500_000)
	s.put(t, "x", old, minio.PutObjectOptions{})
	var group sync.WaitGroup
	group.Go(func() {
		for i := range 10 {
			body := [][]byte{young, old}[i%2]
			if _, err := s.PutObject(context.Background(), s.Bucket, "x", bytes.NewReader(body), int64(len(body)), "", "", minio.PutObjectOptions{}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 20 {
		if got, _, err := s.get(t, "x", minio.GetObjectOptions{}); err != nil || !bytes.Equal(got, old) && !bytes.Equal(got, young) {
			t.Errorf("%d bytes that are neither, %v", len(got), err)
		}
	}
	group.Wait()
}
