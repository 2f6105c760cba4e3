package embedded

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// call is a request, taken apart.
type call struct {
	*http.Request
	bucket, key string
	query       url.Values
	body        io.Reader
	// length is the body's, -1 when it was not announced.
	length int64
}

// maxDocument bounds the XML that a request may carry.
const maxDocument = 4 << 20

// RoundTrip answers a request. Refusals are answers; an error is a request that was
// cancelled.
func (e *Endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	c := &call{Request: r, query: r.URL.Query(), length: r.ContentLength}
	c.bucket, c.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		c.body, c.length = strings.NewReader(""), 0
	default:
		c.body = &patient{r.Context(), r.Body}
		if c.length == 0 {
			c.length = -1
		}
	}
	response, err := e.answer(c)
	if err == nil {
		return response, nil
	}
	if gone := r.Context().Err(); gone != nil {
		return nil, gone
	}
	return refused(r, refusalOf(err))
}

// patient reads until the request is cancelled.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// answer finds the operation. What S3 knows and this endpoint does not is named.
func (e *Endpoint) answer(c *call) (*http.Response, error) {
	if no := c.unknown(); no != nil {
		return nil, no
	}
	switch {
	case c.bucket == "":
		return nil, notImplemented("ListBuckets")
	case c.key == "":
		return e.onBucket(c)
	}
	if _, no := e.objectPath(c.bucket, c.key); no != nil {
		return nil, no
	}
	if err := e.mustBucket(c.bucket); err != nil {
		return nil, err
	}
	if c.query.Has("uploads") || c.query.Has("uploadId") {
		return e.onUpload(c)
	}
	switch c.Method {
	case http.MethodPut:
		if c.Header.Get("X-Amz-Copy-Source") != "" {
			return e.copyObject(c)
		}
		return e.putObject(c)
	case http.MethodGet, http.MethodHead:
		return e.getObject(c)
	case http.MethodDelete:
		return e.deleteObject(c)
	}
	return nil, notImplemented(c.Method + " of an object")
}

// known are the query parameters of the operations that are served.
var known = []string{
	"uploads", "uploadId", "partNumber", "list-type", "prefix", "delimiter", "continuation-token", "start-after", "max-keys",
	"encoding-type", "fetch-owner", "location", "delete", "part-number-marker", "max-parts", "key-marker", "upload-id-marker",
	"max-uploads", "x-id", "metadata",
}

// served are the x-amz headers that mean something here; those of x-amz-meta- are kept.
var served = []string{
	"X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Copy-Source", "X-Amz-Copy-Source-If-Match", "X-Amz-Copy-Source-If-None-Match", "X-Amz-Metadata-Directive",
}

// unknown refuses what would otherwise be ignored.
func (c *call) unknown() *refusal {
	for name := range c.query {
		if !slices.Contains(known, name) {
			return notImplemented("the parameter " + name)
		}
	}
	for name := range c.Header {
		if strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "X-Amz-Meta-") && !slices.Contains(served, name) {
			return notImplemented("the header " + name)
		}
	}
	return nil
}

func (e *Endpoint) onBucket(c *call) (*http.Response, error) {
	path, no := e.bucketPath(c.bucket)
	if no != nil {
		return nil, no
	}
	if c.Method == http.MethodPut && len(c.query) == 0 {
		return e.createBucket(c, path)
	}
	if err := e.mustBucket(c.bucket); err != nil {
		return nil, err
	}
	switch {
	case c.Method == http.MethodHead:
		return empty(c.Request, http.StatusOK, nil), nil
	case c.Method == http.MethodPost && c.query.Has("delete"):
		return e.deleteObjects(c)
	case c.Method != http.MethodGet:
		return nil, notImplemented(c.Method + " of a bucket")
	case c.query.Has("location"):
		return inXML(c.Request, http.StatusOK, nil, struct {
			XMLName xml.Name `xml:"LocationConstraint"`
		}{})
	case c.query.Has("uploads"):
		return e.listUploads(c)
	case c.query.Get("list-type") == "2":
		return e.listObjects(c)
	}
	return nil, notImplemented("ListObjects without list-type=2")
}

func (e *Endpoint) createBucket(c *call, path string) (*http.Response, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, refuse(http.StatusConflict, "BucketAlreadyOwnedByYou", "the bucket is there already")
	}
	if err := makeDir(path); err != nil {
		return nil, err
	}
	return empty(c.Request, http.StatusOK, http.Header{"Location": {"/" + c.bucket}}), nil
}

func (e *Endpoint) mustBucket(bucket string) error {
	path, no := e.bucketPath(bucket)
	if no != nil {
		return no
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return noSuchBucket()
	}
	return nil
}

// document reads the XML of a request.
func (c *call) document(into any) error {
	if err := xml.NewDecoder(io.LimitReader(c.body, maxDocument)).Decode(into); err != nil {
		return refuse(http.StatusBadRequest, "MalformedXML", "the document is not what the operation takes")
	}
	return nil
}
