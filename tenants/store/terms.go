package store

import (
	"strconv"
	"strings"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/mitra-platform/mitra/services/fault"
)

const (
	maxTerms   = 200 // kept per record
	maxTermLen = 40  // bytes of one term
	maxAsked   = 12  // words of one search
)

// Terms folds texts into the words by which a record is found: lower case, without
// accents, each once, in order of appearance, at most 200.
func Terms(texts ...string) []string {
	seen := make(map[string]bool)
	var terms []string
	for _, text := range texts {
		for word := range strings.FieldsFuncSeq(Fold(text), notInWord) {
			word = cutTerm(word)
			if seen[word] || len(terms) == maxTerms {
				continue
			}
			seen[word] = true
			terms = append(terms, word)
		}
	}
	return terms
}

// Fold makes texts comparable: lower case and without accents.
func Fold(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return strings.ToLower(text)
	}
	folded, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		folded = text
	}
	return strings.ToLower(folded)
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func cutTerm(word string) string {
	if len(word) <= maxTermLen {
		return word
	}
	return strings.ToValidUTF8(word[:maxTermLen], "")
}

// words asks for records of which every word begins some term. Words hold letters and
// digits alone, so nothing in them is a pattern. A search of more than twelve is refused
// (too_many_words): what is left out would find what nobody asked for.
func words(field, asked string) (bson.D, error) {
	terms := Terms(asked)
	switch {
	case len(terms) == 0:
		return nil, nil
	case len(terms) > maxAsked:
		return nil, fault.Invalid(fault.On("q", "too_many_words", "max", strconv.Itoa(maxAsked)))
	}
	all := make(bson.A, len(terms))
	for i, word := range terms {
		all[i] = bson.D{{Key: field, Value: bson.Regex{Pattern: "^" + word}}}
	}
	return bson.D{{Key: "$and", Value: all}}, nil
}
