package web_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/cmd/mitra/web"
)

// A panic in a handler is an error page or a problem, is logged once with its stack and
// the request's id, and the next request is answered as ever.
func TestAPanicInAHandlerIsA500AndTheServerGoesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var log bytes.Buffer
	services := s.Services
	services.Exchange = nil // so that listing imports panics
	var err error
	s.site, err = web.New(web.Config{PublicURL: "http://mitra.example.org", Log: slog.New(slog.NewJSONHandler(&log, nil))}, services, s.World.DB.Ping)
	if err != nil {
		t.Fatal(err)
	}
	status, problem, header := s.call(t, "kupang/og_dinas/program_officer", http.MethodGet, "/api/v1/kupang/imports", "")
	if status != http.StatusInternalServerError || problem["code"] != "internal" || strings.Contains(strings.ToLower(mustJSON(t, problem)), "panic") {
		t.Errorf("got %d %v", status, problem)
	}
	errors := 0
	for line := range strings.Lines(log.String()) {
		var entry struct{ Level, Request, Error string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Level != "ERROR" {
			continue
		}
		errors++
		if entry.Request != header.Get("X-Request-Id") || !strings.Contains(entry.Error, "panic: ") || !strings.Contains(entry.Error, "web.(*Site).listImports") {
			t.Errorf("the log: %s", line)
		}
	}
	if errors != 1 {
		t.Errorf("%d errors in the log, want 1:\n%s", errors, log.String())
	}
	if status, _, _ := s.call(t, "kupang/og_dinas/program_officer", http.MethodGet, "/api/v1/kupang/programs", ""); status != http.StatusOK {
		t.Errorf("the request after: %d", status)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
