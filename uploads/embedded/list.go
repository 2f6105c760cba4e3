package embedded

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxKeys is the longest page of a list.
const maxKeys = 1000

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	MaxKeys               int
	KeyCount              int
	IsTruncated           bool
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

type listedObject struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	StorageClass string
}

type commonPrefix struct{ Prefix string }

// listObjects gives one page of the keys under a prefix, in the order of their bytes.
func (e *Endpoint) listObjects(c *call) (*http.Response, error) {
	out := listing{Name: c.bucket, Prefix: c.query.Get("prefix"), Delimiter: c.query.Get("delimiter"), StartAfter: c.query.Get("start-after"), ContinuationToken: c.query.Get("continuation-token"), MaxKeys: maxKeys}
	after := out.StartAfter
	if out.ContinuationToken != "" {
		text, err := base64.RawURLEncoding.DecodeString(out.ContinuationToken)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "InvalidArgument", "the continuation token is not ours")
		}
		after = string(text)
	}
	if text := c.query.Get("max-keys"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, refuse(http.StatusBadRequest, "InvalidArgument", "max-keys is a number from 0")
		}
		out.MaxKeys = min(n, maxKeys)
	}
	keys, err := e.keys(c.bucket, out.Prefix)
	if err != nil {
		return nil, err
	}
	if err := e.page(c.bucket, &out, keys, after); err != nil {
		return nil, err
	}
	if c.query.Get("encoding-type") == "url" {
		out.encode()
	}
	return inXML(c.Request, http.StatusOK, nil, out)
}

// page fills a listing with what comes after a key or a common prefix.
func (e *Endpoint) page(bucket string, out *listing, keys []string, after string) error {
	last := ""
	for _, key := range keys {
		name, grouped := key, false
		if out.Delimiter != "" {
			if i := strings.Index(key[len(out.Prefix):], out.Delimiter); i >= 0 {
				name, grouped = key[:len(out.Prefix)+i+len(out.Delimiter)], true
			}
		}
		if name <= after || grouped && name == last {
			continue
		}
		if out.KeyCount == out.MaxKeys {
			out.IsTruncated = out.MaxKeys > 0
			break
		}
		if grouped {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{name})
		} else if there, err := e.listed(bucket, key, out); err != nil || !there {
			if err != nil {
				return err
			}
			continue
		}
		last = name
		out.KeyCount++
	}
	if out.IsTruncated {
		out.NextContinuationToken = base64.RawURLEncoding.EncodeToString([]byte(last))
	}
	return nil
}

// listed adds an object, unless it went away in the meantime.
func (e *Endpoint) listed(bucket, key string, out *listing) (bool, error) {
	path, no := e.objectPath(bucket, key)
	if no != nil {
		return false, no
	}
	o, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	out.Contents = append(out.Contents, listedObject{key, o.Modified.Format(time.RFC3339), quoted(o.ETag), o.Size, "STANDARD"})
	return true, o.Close()
}

// encode spells keys so that every one fits into XML.
func (l *listing) encode() {
	l.EncodingType = "url"
	for _, text := range []*string{&l.Prefix, &l.Delimiter, &l.StartAfter} {
		*text = url.QueryEscape(*text)
	}
	for i := range l.Contents {
		l.Contents[i].Key = url.QueryEscape(l.Contents[i].Key)
	}
	for i := range l.CommonPrefixes {
		l.CommonPrefixes[i].Prefix = url.QueryEscape(l.CommonPrefixes[i].Prefix)
	}
}

// keys lists the keys under a prefix in order. It reads the directories that can hold one.
func (e *Endpoint) keys(bucket, prefix string) ([]string, error) {
	root, no := e.bucketPath(bucket)
	if no != nil {
		return nil, no
	}
	above := ""
	if i := strings.LastIndex(prefix, "/"); i >= 0 {
		above = prefix[:i+1]
		for segment := range strings.SplitSeq(strings.TrimSuffix(above, "/"), "/") {
			root = filepath.Join(root, escape(segment)+"+")
		}
	}
	var keys []string
	err := walk(root, above, func(key string) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	})
	slices.Sort(keys)
	return keys, err
}

func walk(dir, above string, each func(key string)) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range list {
		name, isDir := strings.CutSuffix(entry.Name(), "+")
		if !isDir {
			each(above + unescape(name))
			continue
		}
		if err := walk(filepath.Join(dir, entry.Name()), above+unescape(name)+"/", each); err != nil {
			return err
		}
	}
	return nil
}
