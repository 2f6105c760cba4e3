package store

import (
	"bytes"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// marshal writes a record as the client does: JSON names where no BSON name is given,
// and empty lists rather than none.
func marshal(doc any) (bson.Raw, error) {
	var b bytes.Buffer
	e := bson.NewEncoder(bson.NewDocumentWriter(&b))
	e.UseJSONStructTags()
	e.NilSliceAsEmpty()
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
