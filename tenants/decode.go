package tenants

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// buffers are used again: the driver's own decoding makes one of 4 KiB for each document,
// which is more than most documents hold. None keeps anything of what it read.
var buffers = sync.Pool{New: func() any { return bufio.NewReader(nil) }} //nolint:gochecknoglobals // holds no state

// Decode reads a document as the client of package store is set to: JSON names where no
// BSON name is given.
func Decode(raw bson.Raw, doc any) error {
	buffer := buffers.Get().(*bufio.Reader) //nolint:forcetypeassert // the pool makes nothing else
	buffer.Reset(bytes.NewReader(raw))
	defer func() {
		buffer.Reset(nil)
		buffers.Put(buffer)
	}()
	d := bson.NewDecoder(bson.NewDocumentReader(buffer))
	d.UseJSONStructTags()
	return d.Decode(doc)
}

// One decodes a single document, or says that nothing of the kind is there.
func One[T any](found *mongo.SingleResult, kind string) (*T, error) {
	raw, err := found.Raw()
	if err != nil {
		return nil, Translate(err, kind)
	}
	doc := new(T)
	if err := Decode(raw, doc); err != nil {
		return nil, fmt.Errorf("store: %s: %w", kind, err)
	}
	return doc, nil
}

// Raws takes every document that a cursor gives, and closes it.
func Raws(ctx context.Context, cursor *mongo.Cursor, err error) ([]bson.Raw, error) {
	if err != nil {
		return nil, Translate(err, "")
	}
	defer func() { _ = cursor.Close(ctx) }() // what was read is whole
	var raws []bson.Raw
	for cursor.Next(ctx) {
		raws = append(raws, slices.Clone(cursor.Current))
	}
	return raws, Translate(cursor.Err(), "")
}
