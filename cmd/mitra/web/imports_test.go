package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/exchange/standardstest"
	"github.com/mitra-platform/mitra/services/people"
)

// activities is an IATI file of n activities.
func activities(n int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><iati-activities version="2.03">`)
	for i := range n {
		fmt.Fprintf(&b, `<iati-activity default-currency="IDR"><iati-identifier>XI-CONTOH-%d</iati-identifier><reporting-org ref="XI-CONTOH" type="21"><narrative>Contoh</narrative></reporting-org><title><narrative>Sumur %d</narrative></title><activity-status code="2"/></iati-activity>`, i, i)
	}
	b.WriteString(`</iati-activities>`)
	return b.String()
}

// form is a form with one file.
func form(t *testing.T, csrf, name, text string) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	if csrf != "" {
		if err := w.WriteField("csrf", csrf); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(part, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

// sendFile uploads a file through the page.
func (s *site) sendFile(t *testing.T, in *people.SignedIn, name, text string) (int, string, string) {
	t.Helper()
	body, kind := form(t, in.Session.Form.Reveal(), name, text)
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://mitra.example.org/kupang/imports", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Cookie", "mitra_session="+in.Secret)
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(page), response.Header.Get("Location")
}

// A file longer than any other body is previewed, confirmed and imported; before the yes
// nothing is there, and a third organisation sees none of it but the programs.
func TestAFileIsPreviewedConfirmedAndImported(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	text := activities(300)
	status, page, at := s.sendFile(t, in, `C:\data\<b>sumur.xml`, text+strings.Repeat(" ", 3<<20))
	if status != 303 || !strings.HasPrefix(at, "/kupang/imports/im_") {
		t.Fatalf("upload: %d to %q\n%s", status, at, page)
	}
	if _, page, _ := s.visit(t, in, at, nil); !strings.Contains(page, "data-again") || !strings.Contains(page, "&lt;b&gt;sumur.xml") || strings.Contains(page, "Import now") {
		t.Error("while the preview is made, the page does not say so")
	}
	if err := s.Exchange.Work(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	_, page, _ = s.visit(t, in, at, nil)
	for _, said := range []string{"What will happen", "Sumur 299", "XI-CONTOH-0", "Import now", "<dd>300</dd>"} {
		if !strings.Contains(page, said) {
			t.Errorf("the preview lacks %q", said)
		}
	}
	count := func() string {
		_, said, _ := s.call(t, coordinator, "GET", "/api/v1/kupang/programs?origin=iati", "")
		return fmt.Sprint(said["count"])
	}
	if got := count(); got != "map[capped:false n:0]" {
		t.Errorf("a preview made %s programs", got)
	}
	_, now, _ := s.call(t, coordinator, "GET", "/api/v1"+at, "")
	if status, _, _ := s.visit(t, in, at+"/confirm", map[string][]string{"version": {"1"}}); status != 412 {
		t.Errorf("confirmed from an old version: %d", status)
	}
	if status, _, to := s.visit(t, in, at+"/confirm", map[string][]string{"version": {fmt.Sprint(now["version"])}}); status != 303 || to != at {
		t.Fatalf("confirm: %d to %s", status, to)
	}
	if err := s.Exchange.Work(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	_, page, _ = s.visit(t, in, at, nil)
	if !strings.Contains(page, "What happened") || !strings.Contains(page, "See the programs") || count() != "map[capped:false n:300]" {
		t.Errorf("after the import there are %s programs", count())
	}
	for who, want := range map[string]int{third: 404, elsewhere: 404, officer: 404} {
		if status, said, _ := s.call(t, who, "GET", "/api/v1"+at, ""); status != want {
			t.Errorf("%s: %d %v", who, status, said)
		}
	}
}

func TestAFileThatIsNoneIsSaidWhereItWasChosen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "cso_coordinator@yayasan.kupang.example.org")
	status, page, _ := s.sendFile(t, in, "empty.xml", "")
	if status != 422 || !strings.Contains(page, `href="#f-file"`) {
		t.Errorf("an empty file: %d", status)
	}
	status, _, at := s.sendFile(t, in, "note.txt", "this is no XML")
	if status != 303 {
		t.Fatalf("a text: %d", status)
	}
	if err := s.Exchange.Work(t.Context(), "kupang"); err != nil {
		t.Fatal(err)
	}
	_, page, _ = s.visit(t, in, at, nil)
	if strings.Contains(page, "Import now") || !strings.Contains(page, "Refused") || !strings.Contains(page, "Discard this file") {
		t.Error("a file that cannot be read may be imported, or is not explained")
	}
	outsider := s.signIn(t, "signatory@yayasan.kupang.example.org")
	if status, _, _ := s.sendFile(t, outsider, "a.xml", activities(1)); status != 403 {
		t.Errorf("a signatory uploads: %d", status)
	}
}

// A body that never ends, or is longer than it may be, is cut off where a server listens.
func TestALongBodyIsRefusedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.site.Serve(ctx, listener, time.Second) }()
	token := s.tokens[coordinator]
	for name, row := range map[string]struct {
		path, length string
		want         string
	}{
		"a long JSON":               {"/api/v1/kupang/programs", "Content-Length: 3000000", "413"},
		"a stream without an end":   {"/api/v1/kupang/programs", "Transfer-Encoding: chunked", "413"},
		"an upload without length":  {"/api/v1/kupang/imports", "Transfer-Encoding: chunked", "400"},
		"an upload far too long":    {"/api/v1/kupang/imports", "Content-Length: 99999999999", "413"},
		"a stranger's long upload":  {"/api/v1/ende/imports", "Content-Length: 3000000000", "404"},
		"a long body to no address": {"/api/v1/nowhere", "Content-Length: 3000000", "413"},
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: mitra.example.org\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s\r\n\r\n", row.path, token, row.length)
			for range 100 {
				piece := strings.Repeat("a", 1<<16)
				if strings.HasPrefix(row.length, "Transfer") {
					piece = fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
				}
				if _, err := io.WriteString(conn, piece); err != nil {
					return
				}
			}
		}()
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, " "+row.want+" ") {
			t.Errorf("%s: %q, %v, want %s", name, line, err, row.want)
		}
		_ = conn.Close()
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// What is left of a body is never taken for a request of its own.
func TestTheRestOfAnUploadIsNoRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.site.Serve(ctx, listener, time.Second) }()
	hidden := "GET /healthz HTTP/1.1\r\nHost: mitra.example.org\r\n\r\n"
	whole, kind := form(t, "", "a.xml", activities(1))
	whole.WriteString(hidden) // after the form's last boundary
	for name, row := range map[string]struct{ bearer, kind, body string }{
		"a stranger's":           {"", "multipart/form-data; boundary=x", hidden},
		"one without a file":     {s.tokens[coordinator], "multipart/form-data; boundary=x", "--x--\r\n" + hidden},
		"what follows the form":  {s.tokens[coordinator], kind, whole.String()},
		"one of somebody else's": {s.tokens[elsewhere], "multipart/form-data; boundary=x", hidden},
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, "POST /api/v1/kupang/imports HTTP/1.1\r\nHost: mitra.example.org\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s%s", row.bearer, row.kind, len(row.body), row.body, hidden); err != nil {
			t.Fatal(err)
		}
		answers, err := io.ReadAll(conn)
		if n := strings.Count(string(answers), "HTTP/1.1 "); n != 1 || strings.Contains(string(answers), "ok\n") {
			t.Errorf("%s: %d answers, %v:\n%s", name, n, err, answers)
		}
		_ = conn.Close()
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// Every activity of the standard's own examples and tests is a program that people can
// open, in each of its sections.
func TestEveryActivityOfTheStandardIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.signIn(t, "program_officer@dinas.kupang.example.org")
	files := standardstest.Files(t, ".xml", "iati", "schema-tests", "activities", "should-pass")
	files = append(files, filepath.Join(standardstest.Dir(t, "iati", "examples"), "activity-standard-example-annotated.xml"))
	sc := s.World.Gate.System(t.Context(), "kupang", policies.RunCommand)
	for _, path := range files {
		text := standardstest.Filled(t, path)
		report, err := s.Exchange.ImportIATIAs(t.Context(), sc, []exchange.File{{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}}, false)
		if err != nil || len(report.Fates) == 0 {
			t.Fatalf("%s: %+v, %v", path, report, err)
		}
		_, list, _ := s.call(t, officer, "GET", "/api/v1/kupang/programs?limit=1", "")
		at := "/kupang/programs/" + list["items"].([]any)[0].(map[string]any)["id"].(string)
		for _, section := range []string{"plan", "results", "money", "history"} {
			if status, page, _ := s.visit(t, in, at+"?section="+section, nil); status != 200 || strings.Contains(page, "⟦") {
				t.Errorf("%s, %s: %d", filepath.Base(path), section, status)
			}
		}
	}
}
