// Package uploads keeps files: put, get, stat and remove in an object store, under keys
// that only this package makes (t/TENANT/ID). The store is an S3 server, or a directory
// of this machine (package embedded). It knows no area of the product: what a file
// belongs to, who may read it and how long it stays is for a service to say.
//
// The object store must never be reachable by browsers: everything goes through here.
package uploads

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/uploads/embedded"
)

// partSize is the piece in which a file of unknown length is sent. Without it minio-go
// would set half a gigabyte aside.
const partSize = 8 << 20

// Config says where files are.
type Config struct {
	// Endpoint is "host:port" of an S3 server; empty keeps files in Dir.
	Endpoint, AccessKey, SecretKey string
	Region                         string
	Secure                         bool
	// Bucket is made where it is missing; "mitra" by default.
	Bucket string
	Dir    string
}

// Store keeps files.
type Store struct {
	core   *minio.Core
	bucket string
}

// Open connects, and makes the bucket where it is missing.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	address, options, err := cfg.Client()
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(address, options)
	if err != nil {
		return nil, err
	}
	s := &Store{core: core, bucket: cfg.Bucket}
	if s.bucket == "" {
		s.bucket = "mitra"
	}
	err = core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: cfg.Region})
	if code := minio.ToErrorResponse(err).Code; err != nil && code != minio.BucketAlreadyOwnedByYou && code != minio.BucketAlreadyExists {
		return nil, fault.New(fault.Unavailable, "files_unavailable").Because(err)
	}
	return s, nil
}

// Client is the way to the store, for checks of the store itself.
func (c Config) Client() (string, *minio.Options, error) {
	if c.Endpoint == "" {
		e, err := embedded.Open(c.Dir, embedded.Options{})
		if err != nil {
			return "", nil, err
		}
		address, options := e.Client()
		return address, options, nil
	}
	way, err := transport(c.Secure)
	if err != nil {
		return "", nil, err
	}
	return c.Endpoint, &minio.Options{
		Transport: way, MaxRetries: attempts,
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: c.Secure, Region: c.Region, BucketLookup: minio.BucketLookupPath,
	}, nil
}

// Ping says whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && there {
		return nil
	}
	return fault.New(fault.Unavailable, "files_unavailable").Because(err)
}

// File is what is known of a file that was put.
type File struct {
	ID   string `json:"id"`
	Size int64  `json:"size"`
	// SHA256 is in hexadecimal.
	SHA256 string `json:"sha256"`
	// Type is sniffed from the first bytes; what the sender said counts for nothing.
	Type string `json:"type"`
}

var fileID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,99}$`)

// key is the name of a file in the store. The id is the caller's own, never a person's.
func key(sc tenants.Scope, id string) (string, error) {
	if !fileID.MatchString(id) {
		return "", fault.NotFound("file")
	}
	return "t/" + string(sc.Tenant()) + "/" + id, nil
}

// Put streams a file into the scope's tenant. More than limit bytes are refused with
// file_too_large, and nothing stays.
func (s *Store) Put(ctx context.Context, sc tenants.Scope, id string, r io.Reader, limit int64) (File, error) {
	name, err := key(sc, id)
	if err != nil {
		return File{}, err
	}
	in := bufio.NewReaderSize(&limited{r: r, left: limit, limit: limit}, 64<<10)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return File{}, refusalOf(err)
	}
	f := File{ID: id, Type: http.DetectContentType(head)}
	sum := sha256.New()
	sent, err := s.core.Client.PutObject(ctx, s.bucket, name, io.TeeReader(in, sum), -1, minio.PutObjectOptions{ContentType: f.Type, PartSize: partSize})
	if err != nil {
		return File{}, refusalOf(err)
	}
	f.Size, f.SHA256 = sent.Size, hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// limited refuses to read on beyond a limit.
type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.New(fault.TooLarge, "file_too_large", "max", strconv.FormatInt(l.limit>>20, 10))
	}
	return n, err
}

// Open reads a file of the scope's tenant from its first byte. The caller closes it.
func (s *Store) Open(ctx context.Context, sc tenants.Scope, id string) (io.ReadCloser, error) {
	name, err := key(sc, id)
	if err != nil {
		return nil, err
	}
	body, _, _, err := s.core.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, refusalOf(err)
	}
	return body, nil
}

// Stat says how long a file is and of which type.
func (s *Store) Stat(ctx context.Context, sc tenants.Scope, id string) (File, error) {
	name, err := key(sc, id)
	if err != nil {
		return File{}, err
	}
	info, err := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return File{}, refusalOf(err)
	}
	return File{ID: id, Size: info.Size, Type: info.ContentType}, nil
}

// Remove takes a file away; one that is not there is away already.
func (s *Store) Remove(ctx context.Context, sc tenants.Scope, id string) error {
	name, err := key(sc, id)
	if err != nil {
		return err
	}
	if err := s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}); err != nil {
		return refusalOf(err)
	}
	return nil
}

// Each names the files of the scope's tenant in the order of their ids, a page at a time.
// One that comes while they are named may be left out.
func (s *Store) Each(ctx context.Context, sc tenants.Scope, do func(File) error) error {
	return s.EachOf(ctx, sc, "", do)
}

// EachOf is Each for the files whose ids begin with a text.
func (s *Store) EachOf(ctx context.Context, sc tenants.Scope, beginning string, do func(File) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when do has had enough
	prefix := "t/" + string(sc.Tenant()) + "/"
	for object := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix + beginning, Recursive: true}) {
		if object.Err != nil {
			return refusalOf(object.Err)
		}
		if err := do(File{ID: strings.TrimPrefix(object.Key, prefix), Size: object.Size}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// refusalOf tells what the store said in the product's words. A refusal of our own that
// came through the store's client stays as it is.
func refusalOf(err error) error {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return refusal
	}
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey:
		return fault.NotFound("file")
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage": // as MinIO and others spell it
		return fault.New(fault.Unavailable, "disk_full").Because(err)
	}
	return fault.New(fault.Unavailable, "files_unavailable").Because(err)
}
