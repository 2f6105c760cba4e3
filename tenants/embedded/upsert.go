package embedded

import "go.mongodb.org/mongo-driver/v2/bson"

// upsert inserts what a filter's equalities and an update say together.
func (t *txn) upsert(name string, filter document, change *update) (document, error) {
	base := treeOf(documentValue(newBuilder().done()))
	if err := equalities(base, filter, change.replacement != nil); err != nil {
		return nil, err
	}
	d, err := change.apply(base.encode().document(), true)
	if err != nil {
		return nil, err
	}
	d = withID(d)
	of, err := t.collection(name)
	if err != nil {
		return nil, err
	}
	return d, t.insert(of, d)
}

// equalities puts the fields that a filter pins to one value into a new document; for
// a replacement only the _id counts.
func equalities(base *tree, filter document, idOnly bool) error {
	for name, v := range filter.elements {
		if string(name) == "$and" || string(name) == "$or" && len(v.items()) == 1 {
			for _, item := range v.items() {
				if err := equalities(base, item.document(), idOnly); err != nil {
					return err
				}
			}
			continue
		}
		if len(name) > 0 && name[0] == '$' || idOnly && string(name) != "_id" {
			continue
		}
		for _, pinned := range pinnedTo(v) {
			if err := pin(base, string(name), pinned); err != nil {
				return err
			}
		}
	}
	return nil
}

// pinnedTo are the values that a condition says a field has: one for an equality and for a
// choice of one, all that it must hold of an array.
func pinnedTo(v value) []value {
	if v.kind == bson.TypeRegex {
		return nil
	}
	if !v.isDocument() || !startsWithDollar(v.document()) {
		return []value{v}
	}
	var values []value
	for operator, operand := range v.document().elements {
		switch string(operator) {
		case "$eq":
			values = append(values, operand)
		case "$in":
			if items := operand.items(); len(items) == 1 {
				values = append(values, items...)
			}
		case "$all":
			values = append(values, operand.items()...)
		}
	}
	return values
}

func pin(base *tree, name string, v value) error {
	path := splitPath(name)
	if base.find(path) != nil {
		return failf(54, "cannot infer query fields to set, path '%s' is matched twice", name)
	}
	place, err := base.reach(path, name)
	if err != nil {
		return err
	}
	place.put(v)
	return nil
}
