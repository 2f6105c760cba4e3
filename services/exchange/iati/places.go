package iati

import (
	"math"
	"strconv"
	"strings"
)

// Location is a place of the activity, as precise as the publisher knows it.
type Location struct {
	Ref                 string           `json:"ref,omitempty"`
	Reach               string           `json:"reach,omitempty"`
	IDs                 []Coded          `json:"ids,omitempty"`
	Names               Texts            `json:"names,omitempty"`
	Description         Texts            `json:"description,omitempty"`
	ActivityDescription Texts            `json:"activity_description,omitempty"`
	Administrative      []Administrative `json:"administrative,omitempty"`
	Point               *Point           `json:"point,omitempty"`
	Exactness           string           `json:"exactness,omitempty"`
	Class               string           `json:"class,omitempty"`
	Feature             string           `json:"feature,omitempty"`
}

// Administrative is a unit of government that contains the place.
type Administrative struct {
	Vocabulary string `json:"vocabulary"`
	Code       string `json:"code"`
	Level      string `json:"level,omitempty"` // a whole number from 0; "" when not given
}

// Point is a position in degrees, WGS 84.
type Point struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

func (r *reading) location(n *node) (Location, error) {
	place := Location{Ref: n.value("ref")}
	place.Reach, _ = single(r, n, "location-reach", codeOf)
	place.IDs = collect(r, n, "location-id", vocabularyCode)
	place.Names, _ = single(r, n, "name", narrated)
	place.Description, _ = single(r, n, "description", narrated)
	place.ActivityDescription, _ = single(r, n, "activity-description", narrated)
	place.Administrative = collect(r, n, "administrative", administrative)
	if point, ok := single(r, n, "point", r.point); ok {
		place.Point = &point
	}
	place.Exactness, _ = single(r, n, "exactness", codeOf)
	place.Class, _ = single(r, n, "location-class", codeOf)
	place.Feature, _ = single(r, n, "feature-designation", codeOf)
	return place, nil
}

func vocabularyCode(n *node) (Coded, error) {
	vocabulary, err := n.need("vocabulary")
	if err != nil {
		return Coded{}, err
	}
	code, err := n.need("code")
	return Coded{Code: code, Vocabulary: vocabulary}, err
}

func administrative(n *node) (Administrative, error) {
	id, err := vocabularyCode(n)
	if err != nil {
		return Administrative{}, err
	}
	level, given := n.attr("level")
	if _, err := strconv.ParseUint(level, 10, 16); given && err != nil {
		return Administrative{}, wrong(n, "level", "number_malformed", "value", brief(level))
	}
	return Administrative{Vocabulary: id.Vocabulary, Code: id.Code, Level: level}, nil
}

// point reads "latitude longitude". Another reference system than WGS 84 is refused:
// the numbers would mean another place.
func (r *reading) point(n *node) (Point, error) {
	system, given := n.attr("srsName")
	if given && system != "" && !strings.HasSuffix(system, "4326") {
		return Point{}, wrong(n, "srsName", "point_system_unknown", "value", brief(system))
	}
	return must(r, n, "pos", position)
}

func position(n *node) (Point, error) {
	text := n.content()
	parts := strings.Fields(text)
	if len(parts) != 2 {
		return Point{}, wrong(n, "", "point_malformed", "value", brief(text))
	}
	latitude, ok1 := degrees(parts[0], 90)
	longitude, ok2 := degrees(parts[1], 180)
	if !ok1 || !ok2 {
		return Point{}, wrong(n, "", "point_malformed", "value", brief(text))
	}
	return Point{Latitude: latitude, Longitude: longitude}, nil
}

func degrees(text string, most float64) (float64, bool) {
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil && isDecimal(text) && math.Abs(value) <= most
}
