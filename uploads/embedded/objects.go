package embedded

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxPut is the longest object that one PUT takes, as S3's is.
const maxPut = 5 << 30

// keptHeaders are kept beside x-amz-meta-*.
var keptHeaders = []string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"}

// kept are the headers that belong to an object.
func kept(h http.Header) map[string]string {
	out := map[string]string{}
	for _, name := range keptHeaders {
		if value := h.Get(name); value != "" {
			out[name] = value
		}
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			out[name] = h.Get(name)
		}
	}
	return out
}

// fresh says that the object must not be there yet; other conditions are refused by name.
func (c *call) fresh() (bool, error) {
	if c.Header.Get("If-Match") != "" {
		return false, notImplemented("PUT with If-Match")
	}
	switch c.Header.Get("If-None-Match") {
	case "":
		return false, nil
	case "*":
		return true, nil
	}
	return false, notImplemented("PUT with If-None-Match other than *")
}

func (e *Endpoint) putObject(c *call) (*http.Response, error) {
	fresh, err := c.fresh()
	if err != nil {
		return nil, err
	}
	if c.length > maxPut {
		return nil, refuse(http.StatusBadRequest, "EntityTooLarge", "one PUT takes 5 GiB")
	}
	path, _ := e.objectPath(c.bucket, c.key)
	if fresh {
		if _, err := os.Stat(path); err == nil {
			return nil, preconditionFailed()
		}
	}
	d, err := e.draft()
	if err != nil {
		return nil, err
	}
	defer d.discard()
	if err := d.take(c.body, c.length); err != nil {
		return nil, err
	}
	if err := d.checkMD5(c.Header.Get("Content-Md5")); err != nil {
		return nil, err
	}
	f := facts{Key: c.key, ETag: d.etag(), Size: d.size, Modified: e.moment(), Header: kept(c.Header)}
	if err := d.finish(f); err != nil {
		return nil, err
	}
	if err := d.place(path, fresh); err != nil {
		return nil, err
	}
	return empty(c.Request, http.StatusOK, http.Header{"Etag": {quoted(f.ETag)}}), nil
}

// moment is now, as Last-Modified can say it.
func (e *Endpoint) moment() time.Time { return e.now().UTC().Truncate(time.Second) }

func quoted(etag string) string { return `"` + etag + `"` }

func (e *Endpoint) getObject(c *call) (*http.Response, error) {
	if c.query.Has("partNumber") {
		return nil, notImplemented("reading one part of an object")
	}
	path, _ := e.objectPath(c.bucket, c.key)
	o, err := open(path)
	if err != nil {
		return nil, missing(err)
	}
	if no := o.unmet(c.Header); no != nil {
		return nil, errors.Join(no, o.Close())
	}
	header := o.headers()
	from, size, partial, no := span(c.Header.Get("Range"), o.Size)
	if no != nil {
		return nil, errors.Join(no, o.Close())
	}
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		header.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(from+size-1, 10)+"/"+strconv.FormatInt(o.Size, 10))
	}
	if c.Method == http.MethodHead {
		return respond(c.Request, status, header, nil, size), o.Close()
	}
	body := struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(o.File, from, size), o.File}
	return respond(c.Request, status, header, body, size), nil
}

func (f facts) headers() http.Header {
	h := http.Header{}
	for name, value := range f.Header {
		h.Set(name, value)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "binary/octet-stream")
	}
	h.Set("ETag", quoted(f.ETag))
	h.Set("Last-Modified", f.Modified.Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	return h
}

// unmet says which condition does not hold (RFC 9110 §13.2.2).
func (f facts) unmet(h http.Header) *refusal {
	notModified := refuse(http.StatusNotModified, "NotModified", "it is as you have it")
	if match := h.Get("If-Match"); match != "" {
		if !among(match, f.ETag) {
			return preconditionFailed()
		}
	} else if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && f.Modified.After(since) {
		return preconditionFailed()
	}
	if none := h.Get("If-None-Match"); none != "" {
		if among(none, f.ETag) {
			return notModified
		}
	} else if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && !f.Modified.After(since) {
		return notModified
	}
	return nil
}

func among(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.Trim(one, `"`) == etag {
			return true
		}
	}
	return false
}

// span is the part of an object that a Range asks for. A Range that is none is as if it
// were not there; one beyond the end is refused.
func span(header string, size int64) (from, length int64, partial bool, no *refusal) {
	text, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return 0, size, false, nil
	}
	if strings.Contains(text, ",") {
		return 0, 0, false, notImplemented("a Range of several parts")
	}
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		return 0, size, false, nil
	}
	beyond := refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "the range begins beyond the object's end")
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		switch {
		case err != nil || n < 0:
			return 0, size, false, nil
		case n == 0 || size == 0:
			return 0, 0, false, beyond
		}
		n = min(n, size)
		return size - n, n, true, nil
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, size, false, nil
	}
	end := size - 1
	if last != "" {
		asked, err := strconv.ParseInt(last, 10, 64)
		if err != nil || asked < from {
			return 0, size, false, nil
		}
		end = min(end, asked)
	}
	if from >= size {
		return 0, 0, false, beyond
	}
	return from, end - from + 1, true, nil
}

// deleteObject takes an object away; what is not there is away already.
func (e *Endpoint) deleteObject(c *call) (*http.Response, error) {
	path, _ := e.objectPath(c.bucket, c.key)
	if err := remove(path); err != nil {
		return nil, err
	}
	return empty(c.Request, http.StatusNoContent, nil), nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil {
		if _, gone := errors.AsType[*refusal](missing(err)); gone {
			return nil
		}
		return err
	}
	return syncDir(filepath.Dir(path))
}

type deletion struct {
	Quiet  bool
	Object []struct{ Key, VersionId string }
}

type deleted struct {
	XMLName xml.Name     `xml:"DeleteResult"`
	Deleted []deletedKey `xml:"Deleted"`
	Error   []failedKey  `xml:"Error"`
}

type deletedKey struct{ Key string }

type failedKey struct{ Key, Code, Message string }

// deleteObjects takes up to 1,000 objects away.
func (e *Endpoint) deleteObjects(c *call) (*http.Response, error) {
	var in deletion
	if err := c.document(&in); err != nil {
		return nil, err
	}
	if len(in.Object) == 0 || len(in.Object) > 1000 {
		return nil, refuse(http.StatusBadRequest, "MalformedXML", "1 to 1,000 objects are deleted at once")
	}
	var out deleted
	for _, object := range in.Object {
		path, no := e.objectPath(c.bucket, object.Key)
		switch {
		case no != nil:
			out.Error = append(out.Error, failedKey{object.Key, no.code, no.message})
			continue
		case object.VersionId != "":
			out.Error = append(out.Error, failedKey{object.Key, "NotImplemented", "versions are not served here"})
			continue
		}
		if err := remove(path); err != nil {
			no := refusalOf(err)
			out.Error = append(out.Error, failedKey{object.Key, no.code, no.message})
		} else if !in.Quiet {
			out.Deleted = append(out.Deleted, deletedKey{object.Key})
		}
	}
	return inXML(c.Request, http.StatusOK, nil, out)
}

// copyObject copies an object within the endpoint, with its metadata or with new ones.
func (e *Endpoint) copyObject(c *call) (*http.Response, error) {
	source, err := url.PathUnescape(strings.TrimPrefix(c.Header.Get("X-Amz-Copy-Source"), "/"))
	if err != nil || strings.Contains(source, "?versionId=") {
		return nil, notImplemented("copying a version")
	}
	bucket, key, _ := strings.Cut(source, "/")
	from, no := e.objectPath(bucket, key)
	if no != nil {
		return nil, no
	}
	o, err := open(from)
	if err != nil {
		return nil, missing(err)
	}
	defer func() { _ = o.Close() }()
	if match := c.Header.Get("X-Amz-Copy-Source-If-Match"); match != "" && !among(match, o.ETag) {
		return nil, preconditionFailed()
	}
	if none := c.Header.Get("X-Amz-Copy-Source-If-None-Match"); none != "" && among(none, o.ETag) {
		return nil, preconditionFailed()
	}
	d, err := e.draft()
	if err != nil {
		return nil, err
	}
	defer d.discard()
	if err := d.take(io.NewSectionReader(o.File, 0, o.Size), o.Size); err != nil {
		return nil, err
	}
	f := facts{Key: c.key, ETag: d.etag(), Size: o.Size, Modified: e.moment(), Header: o.Header}
	if c.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" {
		f.Header = kept(c.Header)
	}
	if err := d.finish(f); err != nil {
		return nil, err
	}
	path, _ := e.objectPath(c.bucket, c.key)
	if err := d.place(path, false); err != nil {
		return nil, err
	}
	return inXML(c.Request, http.StatusOK, nil, struct {
		XMLName      xml.Name `xml:"CopyObjectResult"`
		LastModified string
		ETag         string
	}{LastModified: f.Modified.Format(time.RFC3339), ETag: quoted(f.ETag)})
}
