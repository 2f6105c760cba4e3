package embedded

import "slices"

// push is what $push and $addToSet add to an array, and how it is ordered and cut.
type push struct {
	items  []value
	sort   *sorting
	sorted bool
	slice  *int64
	// byValue sorts items themselves, 1 or -1.
	byValue int
}

func compilePush(operator string, arg value) (*push, error) {
	if !arg.isDocument() || !startsWithDollar(arg.document()) {
		return &push{items: []value{arg}}, nil
	}
	p := &push{}
	each := arg.document().lookup("$each")
	if !each.there() {
		return nil, failf(codeDollarPrefix, "%s with modifiers needs $each", operator)
	}
	if !each.isArray() {
		return nil, failf(codeBadValue, "The argument to $each in %s must be an array but it was of type %s", operator, typeName(each.kind))
	}
	p.items = each.items()
	for name, v := range arg.document().elements {
		switch string(name) {
		case "$each":
		case "$slice", "$sort":
			if operator == "$addToSet" {
				return nil, failf(codeBadValue, "Found unexpected fields after $each in $addToSet: %s", name)
			}
			if err := p.modifier(string(name), v); err != nil {
				return nil, err
			}
		default:
			return nil, failf(codeBadValue, "Unrecognized clause in %s: %s (the embedded database serves $each, $slice, $sort)", operator, name)
		}
	}
	return p, nil
}

func (p *push) modifier(name string, v value) error {
	if name == "$slice" {
		n, ok := v.whole()
		if !ok {
			return failf(codeBadValue, "The value for $slice must be an integer value")
		}
		p.slice = &n
		return nil
	}
	if n, ok := v.whole(); ok && (n == 1 || n == -1) {
		p.byValue, p.sorted = int(n), true
		return nil
	}
	if !v.isDocument() {
		return failf(codeBadValue, "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields")
	}
	order, err := compileSort(v.document())
	p.sort, p.sorted = order, true
	return err
}

func (p *push) apply(target *tree, name string, unique bool) error {
	was := target.encode()
	if was.there() && !was.isArray() {
		return failf(codeBadValue, "The field '%s' must be an array but is of type %s", name, typeName(was.kind))
	}
	var items []value
	if was.there() {
		items = was.items()
	}
	for _, item := range p.items {
		if unique && slices.ContainsFunc(items, func(v value) bool { return compare(v, item) == 0 }) {
			continue
		}
		items = append(items, item)
	}
	p.order(items)
	target.put(arrayValue(p.cut(items)))
	return nil
}

func (p *push) order(items []value) {
	switch {
	case !p.sorted:
	case p.byValue != 0:
		slices.SortStableFunc(items, func(a, b value) int { return p.byValue * compare(a, b) })
	default:
		slices.SortStableFunc(items, func(a, b value) int { return p.sort.compare(a, b) })
	}
}

func (p *push) cut(items []value) []value {
	if p.slice == nil {
		return items
	}
	n := *p.slice
	size := int64(len(items))
	switch {
	case n >= size || n <= -size:
		return items
	case n >= 0:
		return items[:n]
	}
	return items[size+n:]
}
