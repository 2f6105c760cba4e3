package iati

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/money"
)

// Version is the version of the standard that files are written in.
const Version = "2.03"

// Writer writes an activity file, one activity at a time: elements in the order of the
// schema, everything that an Activity holds. What was read and is written unchanged reads
// as the same activity again (Digest).
type Writer struct {
	enc *xml.Encoder
	a   *Activity
	err error
}

// NewWriter begins a file that says it was generated at an instant.
func NewWriter(w io.Writer, generated time.Time) *Writer {
	out := &Writer{enc: xml.NewEncoder(w)}
	out.enc.Indent("", "  ")
	_, out.err = io.WriteString(w, xml.Header)
	out.open("iati-activities", "version", Version, "generated-datetime", generated.UTC().Format(time.RFC3339))
	return out
}

// Close ends the file. It does not close what is below.
func (w *Writer) Close() error {
	w.end("iati-activities")
	if w.err == nil {
		w.err = w.enc.Close()
	}
	return w.err
}

// Write adds an activity.
func (w *Writer) Write(a *Activity) error {
	w.a = a
	w.open("iati-activity", "xml:lang", a.Lang, "default-currency", string(a.DefaultCurrency), "last-updated-datetime", a.LastUpdated,
		"linked-data-uri", a.LinkedDataURI, "hierarchy", number(a.Hierarchy), "humanitarian", yes(a.Humanitarian), "budget-not-provided", a.BudgetNotProvided)
	w.text("iati-identifier", a.Identifier)
	w.who()
	w.where()
	w.classes()
	w.finances()
	w.rest()
	w.end("iati-activity")
	if w.err == nil {
		w.err = w.enc.Flush()
	}
	return w.err
}

// open begins an element with the attributes that hold something, given as name and value
// in turn; one whose name ends in "!" is written even when it is empty.
func (w *Writer) open(name string, attributes ...string) {
	if w.err != nil {
		return
	}
	start := xml.StartElement{Name: xml.Name{Local: name}}
	for i := 0; i+1 < len(attributes); i += 2 {
		if name, always := strings.CutSuffix(attributes[i], "!"); always || attributes[i+1] != "" {
			start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: name}, Value: attributes[i+1]})
		}
	}
	w.err = w.enc.EncodeToken(start)
}

func (w *Writer) end(name string) {
	if w.err == nil {
		w.err = w.enc.EncodeToken(xml.EndElement{Name: xml.Name{Local: name}})
	}
}

// text is an element of nothing but text and attributes.
func (w *Writer) text(name, text string, attributes ...string) {
	w.open(name, attributes...)
	if w.err == nil && text != "" {
		w.err = w.enc.EncodeToken(xml.CharData(text))
	}
	w.end(name)
}

// code is an element that holds a code; none is written without one.
func (w *Writer) code(name, code string) {
	if code != "" {
		w.text(name, "", "code", code)
	}
}

func (w *Writer) day(name string, day clocks.Day) {
	if day != "" {
		w.text(name, "", "iso-date", string(day))
	}
}

// narratives say their language where it is not the activity's.
func (w *Writer) narratives(texts Texts) {
	for _, t := range texts {
		lang := t.Lang
		if lang == w.a.Lang {
			lang = ""
		}
		w.text("narrative", t.Text, "xml:lang", lang)
	}
}

// narrated is an element of narratives; none is written without one.
func (w *Writer) narrated(name string, texts Texts, attributes ...string) {
	if len(texts) > 0 {
		w.open(name, attributes...)
		w.narratives(texts)
		w.end(name)
	}
}

// titled is narrated, and there even when it is empty: the schema asks for it.
func (w *Writer) titled(name string, texts Texts, attributes ...string) {
	w.open(name, attributes...)
	w.narratives(texts)
	w.end(name)
}

func (w *Writer) amount(name string, v Value) {
	w.text(name, v.Money.Decimal(), "currency", w.currency(v.Money.Currency), "value-date", string(v.Day))
}

// currency is left out where it is the activity's.
func (w *Writer) currency(c money.Currency) string {
	if c == w.a.DefaultCurrency {
		return ""
	}
	return string(c)
}

func (w *Writer) coded(name string, list ...Coded) {
	for _, c := range list {
		w.titled(name, c.Names, "vocabulary", c.Vocabulary, "vocabulary-uri", c.VocabularyURI, "code", c.Code)
	}
}

func (w *Writer) shares(name string, list []Share) {
	for _, c := range list {
		w.titled(name, c.Names, "vocabulary", c.Vocabulary, "vocabulary-uri", c.VocabularyURI, "code", c.Code, "percentage", string(c.Percentage))
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return ""
}

func binary(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
