package embedded

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"syscall"
)

// refusal is an error as S3 says it.
type refusal struct {
	status  int
	code    string
	message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, code, message string) *refusal { return &refusal{status, code, message} }

func notImplemented(operation string) *refusal {
	return refuse(http.StatusNotImplemented, "NotImplemented", operation+" is not served here")
}

func preconditionFailed() *refusal {
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed", "a condition of the request does not hold")
}

func noSuchKey() *refusal { return refuse(http.StatusNotFound, "NoSuchKey", "there is no such object") }

func noSuchBucket() *refusal {
	return refuse(http.StatusNotFound, "NoSuchBucket", "there is no such bucket")
}

func noSuchUpload() *refusal {
	return refuse(http.StatusNotFound, "NoSuchUpload", "there is no such upload: it was completed or aborted")
}

// refusalOf is how an error is told: ours as they are, a full disk as one, else internal.
func refusalOf(err error) *refusal {
	if no, ok := errors.AsType[*refusal](err); ok {
		return no
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT) {
		return refuse(http.StatusInsufficientStorage, "XMinioStorageFull", "the disk is full")
	}
	return refuse(http.StatusInternalServerError, "InternalError", err.Error())
}

// missing tells an object that is not there from other errors.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return noSuchKey()
	}
	return err
}

func respond(r *http.Request, status int, header http.Header, body io.ReadCloser, size int64) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	if body == nil {
		body = http.NoBody
	}
	header.Set("Server", "Mitra")
	header.Set("Content-Length", strconv.FormatInt(size, 10))
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: size, Request: r,
	}
}

func empty(r *http.Request, status int, header http.Header) *http.Response {
	return respond(r, status, header, nil, 0)
}

// inXML answers with a document.
func inXML(r *http.Request, status int, header http.Header, document any) (*http.Response, error) {
	text, err := xml.Marshal(document)
	if err != nil {
		return nil, err
	}
	text = append([]byte(xml.Header), text...)
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/xml")
	return respond(r, status, header, io.NopCloser(bytes.NewReader(text)), int64(len(text))), nil
}

type errorDocument struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	BucketName string
	Key        string
	Resource   string
	RequestID  string `xml:"RequestId"`
}

// refused answers with an error; a HEAD has no body to say it in.
func refused(r *http.Request, no *refusal) (*http.Response, error) {
	if r.Method == http.MethodHead || no.status == http.StatusNotModified {
		header := http.Header{"X-Minio-Error-Code": {no.code}, "X-Minio-Error-Desc": {no.message}}
		return empty(r, no.status, header), nil
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return inXML(r, no.status, nil, errorDocument{Code: no.code, Message: no.message, BucketName: bucket, Key: key, Resource: r.URL.Path, RequestID: "embedded"})
}
