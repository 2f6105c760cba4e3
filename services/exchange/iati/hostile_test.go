package iati_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/mitra-platform/mitra/services/exchange/iati"
	"github.com/mitra-platform/mitra/services/fault"
)

func TestFilesThatAreRefusedWhole(t *testing.T) {
	t.Parallel()
	whole := file(activityWith(""))
	inside := func(text string) string { return strings.Replace(whole, "Sumur", text, 1) }
	rows := []struct{ name, text, want string }{
		{"nothing", "", "xml_malformed"},
		{"not XML", "identifier,title\n1,2\n", "xml_malformed"},
		{"no version", "<iati-activities/>", "iati_version_unsupported"},
		{"an old version", `<iati-activities version="1.05"/>`, "iati_version_unsupported"},
		{"a version to come", `<iati-activities version="3.01"/>`, "iati_version_unsupported"},
		{"an organisation file", `<iati-organisations version="2.03"/>`, "iati_organisation_file"},
		{"another root", `<rss version="2.03"/>`, "iati_root_unknown"},
		{"a root of another namespace", `<iati-activities xmlns="urn:x" version="2.03"/>`, "iati_root_unknown"},
		{"a document type", `<!DOCTYPE iati-activities SYSTEM "x.dtd">` + whole, "xml_dtd_refused"},
		{"billion laughs", `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>` + inside("&b;"), "xml_dtd_refused"},
		{"external entity", `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>` + inside("&a;"), "xml_dtd_refused"},
		{"an entity nobody declared", inside("&nbsp;"), "xml_malformed"},
		{"a late document type", strings.Replace(whole, "<description>", "<!DOCTYPE x><description>", 1), "xml_dtd_refused"},
		{"two roots", whole + whole, "xml_malformed"},
		{"text behind the root", whole + "x", "xml_malformed"},
		{"a wrong end tag", inside("</b>"), "xml_malformed"},
		{"an attribute twice", inside(`<x a="1" a="2"/>`), "xml_malformed"},
		{"a bare ampersand", inside("a & b"), "xml_malformed"},
		{"broken UTF-8", inside("\xff\xfe"), "xml_malformed"},
		{"a control character", inside("\x01"), "xml_malformed"},
		{"a written control character", inside("&#1;"), "xml_malformed"},
		{"a late declaration", inside("<?xml version='1.0'?>"), "xml_malformed"},
		{"a nest too deep", inside(strings.Repeat("<a>", 61) + strings.Repeat("</a>", 61)), "xml_too_deep"},
		{"a million levels", inside(strings.Repeat("<a>", 1_000_000)), "xml_too_deep"},
		{"an encoding nobody knows", `<?xml version="1.0" encoding="EBCDIC-US"?>` + whole, "encoding_unsupported"},
		{"UTF-32", "\xff\xfe\x00\x00<\x00\x00\x00", "encoding_unsupported"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := iati.Check(t.Context(), strings.NewReader(row.text), iati.Options{})
			if fault.CodeOf(err) != row.want {
				t.Errorf("got %v; want %s", err, row.want)
			}
		})
	}
}

func TestAFileCutAnywhereIsRefusedWhole(t *testing.T) {
	t.Parallel()
	whole := file(activityWith(`<sector code="1"><narrative><![CDATA[a]]> &amp; b<!-- c --></narrative></sector>`))
	for cut := range len(whole) {
		if _, err := iati.Check(t.Context(), strings.NewReader(whole[:cut]), iati.Options{}); fault.CodeOf(err) != "xml_malformed" {
			t.Fatalf("cut at %d of %d (%q): got %v", cut, len(whole), whole[max(0, cut-20):cut], err)
		}
	}
	if _, err := iati.Check(t.Context(), strings.NewReader(whole), iati.Options{}); err != nil {
		t.Errorf("whole: %v", err)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(activityWith("")), "Sumur", "Café – “air”", 1)
	declare := func(name string) string { return `<?xml version="1.0" encoding="` + name + `"?>` + "\n" + text }
	latin, err := charmap.Windows1252.NewEncoder().String(declare("ISO-8859-1"))
	if err != nil {
		t.Fatal(err)
	}
	wide := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		out, err := unicode.UTF16(order, mark).NewEncoder().String(declare("UTF-16"))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, given := range map[string]string{
		"UTF-8": declare("UTF-8"), "undeclared": text, "with a mark": "\ufeff" + declare("utf-8"),
		"Latin 1": latin, "Windows-1252": strings.Replace(latin, "ISO-8859-1", "windows-1252", 1),
		"UTF-16 LE": wide(unicode.LittleEndian, unicode.UseBOM), "UTF-16 BE": wide(unicode.BigEndian, unicode.UseBOM),
		"UTF-16 LE without mark": wide(unicode.LittleEndian, unicode.IgnoreBOM),
	} {
		all, err := readAll(t, strings.NewReader(given))
		if err != nil || len(all) != 1 || all[0].Activity == nil {
			t.Errorf("%s: got %v, %v", name, all, err)
			continue
		}
		if got := all[0].Activity.Descriptions[0].Texts.In(); got != "Café – “air”" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAnActivityBeyondTheLimitIsRefusedAloneWithItsName(t *testing.T) {
	t.Parallel()
	big := activityWith(strings.Repeat("<description><narrative>x</narrative></description>\n", 200))
	small := strings.Replace(activityWith(""), "ID-1<", "ID-2<", 1)
	for name, limits := range map[string]iati.Options{"bytes": {ActivityBytes: 4096}, "nodes": {ActivityNodes: 100}} {
		var all []*iati.Element
		for element, err := range iati.Read(t.Context(), strings.NewReader(file(big, small)), limits) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, element)
		}
		if len(all) != 2 || all[1].Activity == nil {
			t.Fatalf("%s: got %d elements; want the big one refused and the small one read", name, len(all))
		}
		if r := all[0].Refusal; r == nil || r.Code != "activity_too_large" || all[0].Identifier() != "ID-1" {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

// repeated is head, then body n times, then tail, without holding them.
func repeated(head, body string, n int, tail string) io.Reader {
	readers := []io.Reader{strings.NewReader(head)}
	return io.MultiReader(append(readers, &loop{body: body, left: n}, strings.NewReader(tail))...)
}

type loop struct {
	body string
	at   int
	left int
}

func (l *loop) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.body[l.at:])
	if l.at += n; l.at == len(l.body) {
		l.at, l.left = 0, l.left-1
	}
	return n, nil
}

// allocated is how many bytes fn allocates, kept or not.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAHundredMegabytesOfTextAreNotHeld(t *testing.T) { // not parallel: it counts all allocation
	head, tail, _ := strings.Cut(file(activityWith("")), "Sumur")
	for name, body := range map[string]string{"text": "air ", "comment": "", "attribute": "", "name": "aaaa"} {
		before, after := head, tail
		switch name {
		case "comment":
			before, after, body = head+"<!--", "-->"+tail, "air "
		case "attribute":
			before, after, body = head+`<a b="`, `"/>`+tail, "air "
		case "name":
			before, after = head+"<", "/>"+tail
		}
		bytes := allocated(func() {
			_, err := iati.Check(t.Context(), repeated(before, body, 25<<20, after), iati.Options{})
			if fault.CodeOf(err) != "xml_token_too_large" {
				t.Errorf("%s: got %v; want xml_token_too_large", name, err)
			}
		})
		if bytes > 32<<20 {
			t.Errorf("%s: allocated %d MB", name, bytes>>20)
		}
	}
}

func TestAnErrorOfTheSourceAndAnEndOfPatienceArePassedOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	source := io.MultiReader(strings.NewReader(file(activityWith(""))[:300]), failing{broken})
	if _, err := iati.Check(t.Context(), source, iati.Options{}); !errors.Is(err, broken) {
		t.Errorf("got %v; want the error of the source", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := iati.Check(ctx, strings.NewReader(file(activityWith(""))), iati.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzRead(f *testing.F) {
	f.Add([]byte(file(activityWith(""))))
	f.Add([]byte(file(activityWith(`<budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/><value>1e9</value></budget>`))))
	f.Add([]byte("\xff\xfe<\x00?\x00"))
	f.Add([]byte(`<iati-activities version="2.02"><x:y xmlns:x="u"/><iati-activity/></iati-activities>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		summary, err := iati.Check(t.Context(), bytes.NewReader(text), iati.Options{})
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatalf("not a refusal: %v", err)
		}
		all, again := readAll(t, bytes.NewReader(text))
		if (err == nil) != (again == nil) {
			t.Fatalf("Check says %v, Read says %v", err, again)
		}
		if err == nil && len(all) != summary.Activities {
			t.Fatalf("Check counts %d, Read %d", summary.Activities, len(all))
		}
		for _, element := range all {
			if (element.Activity == nil) == (element.Refusal == nil) {
				t.Fatal("an element is either read or refused")
			}
		}
	})
}

func BenchmarkRead200MB(b *testing.B) {
	var body strings.Builder
	for range 20 {
		body.WriteString(`<transaction><transaction-type code="3"/><transaction-date iso-date="2026-01-01"/><value value-date="2026-01-01">1250000.50</value><description><narrative>Termin</narrative></description></transaction>` + "\n")
	}
	activity := strings.Replace(activityWith(body.String()), "<iati-identifier>ID-1", "<iati-identifier>ID-%d", 1)
	const activities = 200 << 20 / 4800
	b.ReportAllocs()
	for b.Loop() {
		pipe, feed := io.Pipe()
		go func() {
			_, _ = io.WriteString(feed, `<iati-activities version="2.03">`)
			for n := range activities {
				_, _ = fmt.Fprintf(feed, activity, n)
			}
			_, _ = io.WriteString(feed, "</iati-activities>")
			_ = feed.Close()
		}()
		count, peak := &counter{Reader: pipe}, uint64(0)
		for element, err := range iati.Read(b.Context(), count, iati.Options{}) {
			if err != nil || element.Activity == nil || len(element.Activity.Transactions) != 20 {
				b.Fatal(err, element)
			}
			if element.Number%5000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		b.SetBytes(count.n)
		b.ReportMetric(float64(peak)/(1<<20), "peakMB")
	}
}

type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
