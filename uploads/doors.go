package uploads

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/signer"

	"github.com/mitra-platform/mitra/services/fault"
)

// Doors are the ways into an object store for somebody who does not know its secret.
type Doors struct {
	// Written are the ways of signing in which an object was written.
	Written []string
	// Listed says that anybody may list the bucket.
	Listed bool
}

// TryDoors tries to write objects with a wrong secret, in every way in which a client may
// sign, and without any; what was written is removed. Some servers compare no signature in
// some of these ways; who reaches such a server and knows its user may write.
func TryDoors(ctx context.Context, cfg Config) (Doors, error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return Doors{}, err
	}
	way, err := transport(cfg.Secure)
	if err != nil {
		return Doors{}, err
	}
	base := "http://"
	if cfg.Secure {
		base = "https://"
	}
	k := burglar{cfg: cfg, base: base + cfg.Endpoint + "/" + s.bucket, client: &http.Client{Transport: way, Timeout: patience}}
	var random [12]byte
	if _, err := rand.Read(random[:]); err != nil {
		return Doors{}, err
	}
	k.secret = hex.EncodeToString(random[:])
	var found Doors
	for n, door := range k.doors() {
		name := fmt.Sprintf("doctor/%s-%d", k.secret[:12], n)
		if err := k.push(ctx, name, door.sign); err != nil {
			return found, err
		}
		_, err := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			continue
		}
		if err == nil {
			found.Written = append(found.Written, door.name)
			err = s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})
		}
		if err != nil {
			return found, refusalOf(err)
		}
	}
	status, err := k.send(ctx, http.MethodGet, k.base+"?list-type=2", nil, func(r *http.Request) *http.Request { return r })
	found.Listed = status == http.StatusOK
	return found, err
}

// burglar has the store's user and not its secret.
type burglar struct {
	cfg          Config
	base, secret string
	client       *http.Client
}

type door struct {
	name string
	// sign makes a request for the body of its kind.
	sign func(*http.Request) *http.Request
}

// lines are the body that nobody may write.
var lines = []byte("written without the secret: see mitra doctor\n")

// doors are the ways of signing that S3 documents.
func (k burglar) doors() []door {
	signed := func(r *http.Request) *http.Request {
		return signer.SignV4(*r, k.cfg.AccessKey, k.secret, "", k.cfg.Region)
	}
	digest := sha256.Sum256(lines)
	return []door{
		{"no signature", func(r *http.Request) *http.Request { return r }},
		{"signed with the body's digest", func(r *http.Request) *http.Request {
			r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(digest[:]))
			return signed(r)
		}},
		{"signed without the body", func(r *http.Request) *http.Request {
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
			return signed(r)
		}},
		{"signed in the address", func(r *http.Request) *http.Request {
			return signer.PreSignV4(*r, k.cfg.AccessKey, k.secret, "", k.cfg.Region, 60)
		}},
		{"signed chunks", func(r *http.Request) *http.Request {
			return signer.StreamingSignV4(r, k.cfg.AccessKey, k.secret, "", k.cfg.Region, int64(len(lines)), time.Now().UTC(), hasher{sha256.New()})
		}},
		{"chunks with a trailer", func(r *http.Request) *http.Request { return signed(trailing(r)) }},
		{"chunks with a trailer, signed in the address", func(r *http.Request) *http.Request {
			return trailing(signer.PreSignV4(*r, k.cfg.AccessKey, k.secret, "", k.cfg.Region, 60))
		}},
	}
}

// trailing sends the body in chunks that nobody signs, with a checksum after them.
func trailing(r *http.Request) *http.Request {
	var sum [4]byte
	binary.BigEndian.PutUint32(sum[:], crc32.Checksum(lines, crc32.MakeTable(crc32.Castagnoli)))
	chunks := fmt.Appendf(nil, "%x\r\n%s\r\n0\r\nx-amz-checksum-crc32c:%s\r\n\r\n", len(lines), lines, base64.StdEncoding.EncodeToString(sum[:]))
	r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
	r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(len(lines)))
	r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32c")
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(chunks)), int64(len(chunks))
	return r
}

// hasher is a digest as the client library wants it.
type hasher struct{ hash.Hash }

func (hasher) Close() {}

func (k burglar) push(ctx context.Context, name string, sign func(*http.Request) *http.Request) error {
	_, err := k.send(ctx, http.MethodPut, k.base+"/"+name, lines, sign)
	return err
}

// send gives the status; what the store answers is no error.
func (k burglar) send(ctx context.Context, method, address string, body []byte, sign func(*http.Request) *http.Request) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	response, err := k.client.Do(sign(request)) // #nosec G704 -- the configured store
	if err != nil {
		return 0, fault.New(fault.Unavailable, "files_unavailable").Because(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, response.Body.Close()
}
