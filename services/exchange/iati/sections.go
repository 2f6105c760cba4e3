package iati

import "strings"

func (r *reading) who(n *node, a *Activity) {
	a.Reporting = optional(r, n, "reporting-org", r.reporting)
	r.expect(n, "reporting-org")
	a.Descriptions = collect(r, n, "description", description)
	r.expect(n, "description")
	a.Participants = collect(r, n, "participating-org", participant)
	r.expect(n, "participating-org")
	a.OtherIdentifiers = collect(r, n, "other-identifier", r.otherIdentifier)
	a.Dates = collect(r, n, "activity-date", date)
	r.expect(n, "activity-date")
	a.Contacts = collect(r, n, "contact-info", r.contact)
}

func (r *reading) where(n *node, a *Activity) {
	a.Scope, _ = single(r, n, "activity-scope", codeOf)
	a.Countries = collect(r, n, "recipient-country", share)
	a.Regions = collect(r, n, "recipient-region", share)
	a.Locations = collect(r, n, "location", r.location)
}

func (r *reading) classes(n *node, a *Activity) {
	a.Sectors = collect(r, n, "sector", share)
	a.Tags = collect(r, n, "tag", tag)
	a.BudgetItems = optional(r, n, "country-budget-items", r.budgetItems)
	a.Emergencies = collect(r, n, "humanitarian-scope", emergency)
	a.Markers = collect(r, n, "policy-marker", marker)
	a.Collaboration, _ = single(r, n, "collaboration-type", codeOf)
	a.FlowType, _ = single(r, n, "default-flow-type", codeOf)
	a.FinanceType, _ = single(r, n, "default-finance-type", codeOf)
	a.AidTypes = collect(r, n, "default-aid-type", coded)
	a.TiedStatus, _ = single(r, n, "default-tied-status", codeOf)
}

func (r *reading) finances(n *node, a *Activity) {
	a.Budgets = collect(r, n, "budget", r.budget)
	a.Planned = collect(r, n, "planned-disbursement", r.planned)
	a.CapitalSpend, _ = single(r, n, "capital-spend", capitalSpend)
	a.Transactions = collect(r, n, "transaction", r.transaction)
}

func (r *reading) rest(n *node, a *Activity) {
	a.Documents = collect(r, n, "document-link", r.document)
	a.Related = collect(r, n, "related-activity", related)
	a.Legacy = collect(r, n, "legacy-data", legacy)
	a.Conditions = optional(r, n, "conditions", r.conditions)
	a.Results = collect(r, n, "result", r.result)
	a.CRS = optional(r, n, "crs-add", r.crs)
	a.FSS = optional(r, n, "fss", r.fss)
}

// names are the narratives of an element, empty ones left out.
func names(n *node) Texts {
	var texts Texts
	for narrative := range n.all("narrative") {
		if text := narrative.content(); text != "" {
			texts = append(texts, Text{Lang: narrative.lang, Text: text})
		}
	}
	return texts
}

// narrated are the narratives of an element that is nothing without one.
func narrated(n *node) (Texts, error) {
	for range n.all("narrative") {
		return names(n), nil
	}
	return nil, wrong(n, "", "narrative_missing")
}

// title is the title that an element must have, empty (and told) when it has none.
func (r *reading) title(n *node) Texts {
	titles, _ := single(r, n, "title", narrated)
	r.expect(n, "title")
	return titles
}

// org reads an organisation; activityID names the attribute with its own activity.
func org(activityID string) func(*node) (Org, error) {
	return func(n *node) (Org, error) {
		org := Org{Ref: n.value("ref"), Type: n.value("type"), Names: names(n)}
		if activityID != "" {
			org.ActivityID = n.value(activityID)
		}
		return org, nil
	}
}

func (r *reading) reporting(n *node) (ReportingOrg, error) {
	for _, attr := range []string{"ref", "type"} {
		if _, given := n.attr(attr); !given {
			r.note(n, attr, "attribute_missing", "attribute", attr)
		}
	}
	org, err := org("")(n)
	return ReportingOrg{Org: org, Secondary: r.boolean(n, "secondary-reporter", false)}, err
}

func participant(n *node) (Participant, error) {
	role, err := attrIn(n, "role", Roles())
	if err != nil {
		return Participant{}, err
	}
	org, err := org("activity-id")(n)
	return Participant{Org: org, Role: role, CRSChannel: n.value("crs-channel-code")}, err
}

func description(n *node) (Description, error) {
	texts, err := narrated(n)
	return Description{Type: n.value("type"), Texts: texts}, err
}

func (r *reading) otherIdentifier(n *node) (OtherIdentifier, error) {
	ref, err := n.need("ref")
	if err != nil {
		return OtherIdentifier{}, err
	}
	kind, given := n.attr("type")
	if !given {
		return OtherIdentifier{}, wrong(n, "type", "attribute_missing", "attribute", "type")
	}
	owner := optional(r, n, "owner-org", org(""))
	return OtherIdentifier{Ref: ref, Type: kind, Owner: owner}, nil
}

func date(n *node) (Date, error) {
	kind, err := attrIn(n, "type", DateTypes())
	if err != nil {
		return Date{}, err
	}
	day, err := isoDate(n)
	return Date{Type: kind, Day: day, Note: names(n)}, err
}

func (r *reading) contact(n *node) (Contact, error) {
	contact := Contact{Type: n.value("type")}
	contact.Organisation, _ = single(r, n, "organisation", narrated)
	contact.Department, _ = single(r, n, "department", narrated)
	contact.Websites = collect(r, n, "website", content)
	return contact, nil
}

func coded(n *node) (Coded, error) {
	code, err := n.need("code")
	return Coded{
		Code: code, Vocabulary: n.value("vocabulary"), VocabularyURI: n.value("vocabulary-uri"), Names: names(n),
	}, err
}

func share(n *node) (Share, error) {
	code, err := coded(n)
	if err != nil {
		return Share{}, err
	}
	part, err := percentage(n)
	return Share{Coded: code, Percentage: part}, err
}

func tag(n *node) (Coded, error) {
	if _, err := n.need("vocabulary"); err != nil {
		return Coded{}, err
	}
	return coded(n)
}

func emergency(n *node) (HumanitarianScope, error) {
	code, err := tag(n)
	if err != nil {
		return HumanitarianScope{}, err
	}
	kind, err := n.need("type")
	return HumanitarianScope{Coded: code, Type: kind}, err
}

func marker(n *node) (PolicyMarker, error) {
	code, err := coded(n)
	return PolicyMarker{Coded: code, Significance: n.value("significance")}, err
}

func (r *reading) budgetItems(n *node) (CountryBudgetItems, error) {
	vocabulary, err := n.need("vocabulary")
	if err != nil {
		return CountryBudgetItems{}, err
	}
	items := collect(r, n, "budget-item", r.budgetItem)
	r.expect(n, "budget-item")
	return CountryBudgetItems{Vocabulary: vocabulary, Items: items}, nil
}

func (r *reading) budgetItem(n *node) (BudgetItem, error) {
	code, err := n.need("code")
	if err != nil {
		return BudgetItem{}, err
	}
	part, err := percentage(n)
	if err != nil {
		return BudgetItem{}, err
	}
	text, _ := single(r, n, "description", narrated)
	return BudgetItem{Code: code, Percentage: part, Description: text}, nil
}

func capitalSpend(n *node) (Decimal, error) {
	if _, err := n.need("percentage"); err != nil {
		return "", err
	}
	return percentage(n)
}

func (r *reading) document(n *node) (Document, error) {
	url, err := n.need("url")
	if err != nil {
		return Document{}, err
	}
	format, err := n.need("format")
	if err != nil {
		return Document{}, err
	}
	doc := Document{URL: url, Format: strings.ToLower(format), Titles: r.title(n)}
	doc.Descriptions, _ = single(r, n, "description", narrated)
	doc.Categories = collect(r, n, "category", codeOf)
	r.expect(n, "category")
	doc.Languages = collect(r, n, "language", codeOf)
	doc.Day, _ = single(r, n, "document-date", isoDate)
	return doc, nil
}

func related(n *node) (Related, error) {
	ref, err := n.need("ref")
	if err != nil {
		return Related{}, err
	}
	kind, err := n.need("type")
	return Related{Ref: ref, Type: kind}, err
}

func legacy(n *node) (Legacy, error) {
	name, err := n.need("name")
	if err != nil {
		return Legacy{}, err
	}
	value, given := n.attr("value")
	if !given {
		return Legacy{}, wrong(n, "value", "attribute_missing", "attribute", "value")
	}
	return Legacy{Name: name, Value: value, Equivalent: n.value("iati-equivalent")}, nil
}

func (r *reading) conditions(n *node) (Conditions, error) {
	attached, err := n.need("attached")
	if err != nil {
		return Conditions{}, err
	}
	value, ok := isTrue(attached)
	if !ok {
		return Conditions{}, wrong(n, "attached", "boolean_malformed", "value", brief(attached))
	}
	return Conditions{Attached: value, Items: collect(r, n, "condition", condition)}, nil
}

func condition(n *node) (Condition, error) {
	kind, err := n.need("type")
	if err != nil {
		return Condition{}, err
	}
	texts, err := narrated(n)
	return Condition{Type: kind, Texts: texts}, err
}
