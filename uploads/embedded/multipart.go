package embedded

import (
	"crypto/md5" // #nosec G501 -- S3's ETag is an MD5
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// minPart is the shortest part but the last, maxParts the most of one upload: S3's.
const (
	minPart  = 5 << 20
	maxParts = 10_000
)

var uploadName = regexp.MustCompile(`^[0-9a-f]{32}$`)

// upload is what a multipart upload will become.
type upload struct {
	Bucket  string            `json:"bucket"`
	Key     string            `json:"key"`
	Header  map[string]string `json:"header"`
	Started time.Time         `json:"started"`
}

func (e *Endpoint) onUpload(c *call) (*http.Response, error) {
	if c.Method == http.MethodPost && c.query.Has("uploads") {
		return e.beginUpload(c)
	}
	dir, err := e.uploadDir(c)
	if err != nil {
		return nil, err
	}
	switch c.Method {
	case http.MethodPut:
		return e.putPart(c, dir)
	case http.MethodPost:
		return e.completeUpload(c, dir)
	case http.MethodDelete:
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		return empty(c.Request, http.StatusNoContent, nil), nil
	case http.MethodGet:
		return e.listParts(c, dir)
	}
	return nil, notImplemented(c.Method + " of an upload")
}

// uploadDir is where the parts of the call's upload are; an upload of another key is none.
func (e *Endpoint) uploadDir(c *call) (string, error) {
	id := c.query.Get("uploadId")
	if !uploadName.MatchString(id) {
		return "", noSuchUpload()
	}
	dir := filepath.Join(e.dir, "parts", id)
	u, err := readUpload(dir)
	if err != nil {
		return "", err
	}
	if u.Bucket != c.bucket || u.Key != c.key {
		return "", noSuchUpload()
	}
	return dir, nil
}

func readUpload(dir string) (u upload, err error) {
	text, err := os.ReadFile(filepath.Join(filepath.Clean(dir), "upload.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return u, noSuchUpload()
	}
	if err != nil {
		return u, err
	}
	return u, json.Unmarshal(text, &u)
}

func (e *Endpoint) beginUpload(c *call) (*http.Response, error) {
	id, err := random()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(upload{c.bucket, c.key, kept(c.Header), e.moment()})
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(e.dir, "parts", id)
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "upload.json"), text, 0o600); err != nil {
		return nil, err
	}
	return inXML(c.Request, http.StatusOK, nil, struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: c.bucket, Key: c.key, UploadID: id})
}

func partName(n int) string { return fmt.Sprintf("%05d", n) }

func (e *Endpoint) putPart(c *call, dir string) (*http.Response, error) {
	n, err := strconv.Atoi(c.query.Get("partNumber"))
	switch {
	case err != nil || n < 1 || n > maxParts:
		return nil, refuse(http.StatusBadRequest, "InvalidArgument", "a part's number is 1 to 10,000")
	case c.Header.Get("X-Amz-Copy-Source") != "":
		return nil, notImplemented("UploadPartCopy")
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
	etag := d.etag()
	if err := d.finish(facts{Key: c.key, ETag: etag, Size: d.size, Modified: e.moment()}); err != nil {
		return nil, err
	}
	if err := os.Rename(d.Name(), filepath.Join(dir, partName(n))); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noSuchUpload()
		}
		return nil, err
	}
	return empty(c.Request, http.StatusOK, http.Header{"Etag": {quoted(etag)}}), nil
}

type completion struct {
	Part []struct {
		PartNumber int
		ETag       string
	}
}

// completeUpload joins the named parts to one object.
func (e *Endpoint) completeUpload(c *call, dir string) (*http.Response, error) {
	fresh, err := c.fresh()
	if err != nil {
		return nil, err
	}
	var in completion
	if err := c.document(&in); err != nil {
		return nil, err
	}
	u, err := readUpload(dir)
	if err != nil {
		return nil, err
	}
	d, err := e.draft()
	if err != nil {
		return nil, err
	}
	defer d.discard()
	etag, err := d.join(dir, in)
	if err != nil {
		return nil, err
	}
	if err := d.finish(facts{Key: c.key, ETag: etag, Size: d.size, Modified: e.moment(), Header: u.Header}); err != nil {
		return nil, err
	}
	path, _ := e.objectPath(c.bucket, c.key)
	if err := d.place(path, fresh); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	return inXML(c.Request, http.StatusOK, nil, struct {
		XMLName  xml.Name `xml:"CompleteMultipartUploadResult"`
		Location string
		Bucket   string
		Key      string
		ETag     string
	}{Location: "/" + c.bucket + "/" + c.key, Bucket: c.bucket, Key: c.key, ETag: quoted(etag)})
}

// join writes the parts one after the other; the ETag is the MD5 of their MD5s.
func (d *draft) join(dir string, in completion) (string, error) {
	if len(in.Part) == 0 {
		return "", refuse(http.StatusBadRequest, "MalformedXML", "an upload has parts")
	}
	sums := md5.New() // #nosec G401 -- S3's ETag is an MD5
	for i, part := range in.Part {
		if i > 0 && part.PartNumber <= in.Part[i-1].PartNumber {
			return "", refuse(http.StatusBadRequest, "InvalidPartOrder", "parts are named in ascending order")
		}
		if err := d.append(filepath.Join(dir, partName(part.PartNumber)), strings.Trim(part.ETag, `"`), i == len(in.Part)-1, sums); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sums.Sum(nil)) + "-" + strconv.Itoa(len(in.Part)), nil
}

func (d *draft) append(path, etag string, last bool, sums io.Writer) error {
	o, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(http.StatusBadRequest, "InvalidPart", "a named part was not uploaded")
	}
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	switch {
	case o.ETag != etag:
		return refuse(http.StatusBadRequest, "InvalidPart", "a named part has another ETag")
	case !last && o.Size < minPart:
		return refuse(http.StatusBadRequest, "EntityTooSmall", "every part but the last has at least 5 MiB")
	}
	sum, err := hex.DecodeString(o.ETag)
	if err != nil {
		return err
	}
	if _, err := sums.Write(sum); err != nil {
		return err
	}
	return d.take(io.NewSectionReader(o.File, 0, o.Size), o.Size)
}

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
}

func (e *Endpoint) listParts(c *call, dir string) (*http.Response, error) {
	after, _ := strconv.Atoi(c.query.Get("part-number-marker")) // 0 when there is none
	most := maxKeys
	if n, err := strconv.Atoi(c.query.Get("max-parts")); err == nil {
		most = min(max(n, 0), maxKeys)
	}
	out := struct {
		XMLName              xml.Name `xml:"ListPartsResult"`
		Bucket               string
		Key                  string
		UploadID             string `xml:"UploadId"`
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		Part                 []listedPart
	}{Bucket: c.bucket, Key: c.key, UploadID: c.query.Get("uploadId"), MaxParts: most}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range list {
		n, err := strconv.Atoi(entry.Name())
		if err != nil || n <= after {
			continue
		}
		if len(out.Part) == most {
			out.IsTruncated = true
			break
		}
		o, err := open(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		out.Part = append(out.Part, listedPart{n, o.Modified.Format(time.RFC3339), quoted(o.ETag), o.Size})
		out.NextPartNumberMarker = n
		if err := o.Close(); err != nil {
			return nil, err
		}
	}
	return inXML(c.Request, http.StatusOK, nil, out)
}

type listedUpload struct {
	Key       string
	UploadID  string `xml:"UploadId"`
	Initiated string
}

// listUploads gives the uploads of a bucket that are not complete, in the order of their
// keys, all on one page: there are few.
func (e *Endpoint) listUploads(c *call) (*http.Response, error) {
	list, err := os.ReadDir(filepath.Join(e.dir, "parts"))
	if err != nil {
		return nil, err
	}
	out := struct {
		XMLName     xml.Name `xml:"ListMultipartUploadsResult"`
		Bucket      string
		Prefix      string
		IsTruncated bool
		Upload      []listedUpload
	}{Bucket: c.bucket, Prefix: c.query.Get("prefix")}
	for _, entry := range list {
		u, err := readUpload(filepath.Join(e.dir, "parts", entry.Name()))
		if err != nil || u.Bucket != c.bucket || !strings.HasPrefix(u.Key, out.Prefix) {
			continue // one that ended in the meantime
		}
		out.Upload = append(out.Upload, listedUpload{u.Key, entry.Name(), u.Started.Format(time.RFC3339)})
	}
	return inXML(c.Request, http.StatusOK, nil, out)
}
