package e2e_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// sample is a line of metrics: a name, labels, a value.
var sample = regexp.MustCompile(`^[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [0-9.e+-]+$`)

// metricsOf reads the page of numbers of a server.
func (s *server) metricsOf(t testing.TB) string {
	t.Helper()
	address := regexp.MustCompile(`"address":"(http://[^"]+/metrics)"`).FindStringSubmatch(s.logged(t))
	if address == nil {
		t.Fatalf("the log does not say where metrics are:\n%s", s.logged(t))
	}
	response, err := http.Get(address[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", response.StatusCode, err)
	}
	return string(text)
}

// Invariant: metrics name routes by their pattern, and no tenant, record, person or login.
func TestMetricsCountWithoutNamingAnybody(t *testing.T) {
	t.Parallel()
	s := launch(t, t.TempDir(), []string{"MITRA_METRICS_LISTEN=127.0.0.1:0"}, "--demo")
	accounts := s.accounts(t)
	c := s.caller(accounts[0].Token)
	var list struct{ Items []struct{ ID string } }
	c.must(t, 200, "GET", "/demo/programs", nil).into(t, &list)
	c.must(t, 200, "GET", "/demo/programs/"+list.Items[0].ID, nil)
	c.must(t, 404, "GET", "/demo/programs/pg_unknown", nil)
	s.visitor(t).get(t, "/tidak/ada/di/sini?q=rahasia")
	text := s.metricsOf(t)
	for _, want := range []string{
		`mitra_http_requests_total{method="GET",route="/api/v1/:tenant/programs",class="2xx"} 1`,
		`mitra_http_requests_total{method="GET",route="/api/v1/:tenant/programs/:id",class="4xx"} 1`,
		`mitra_http_request_seconds_count{method="GET",route="/api/v1/:tenant/programs/:id"} 2`,
		`mitra_store_up{store="database"} 1`, `mitra_store_up{store="files"} 1`,
		"mitra_journal_waiting ", "mitra_journal_lag_seconds ", "mitra_waker_rounds_total ", "mitra_mails_sent_total ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "# ") && !sample.MatchString(line) {
			t.Errorf("no line of metrics: %q", line)
		}
	}
	hidden := []string{`"demo`, "/demo/", "demo2", list.Items[0].ID, "pg_unknown", "tidak", "rahasia"}
	for _, a := range accounts {
		hidden = append(hidden, a.Person, a.Email, a.Organisation, a.Token)
	}
	for _, h := range hidden {
		if h != "" && strings.Contains(text, h) {
			t.Errorf("metrics hold %q", h)
		}
	}
}

func TestMetricsAreRefusedBeyondThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:9100", ":9100", "192.0.2.1:9100", "127.0.0.1", "mitra.example.org:9100"} {
		_, status, log := command(t, []string{"MITRA_METRICS_LISTEN=" + address}, "serve", "--data", t.TempDir())
		if status != 2 || !strings.Contains(log, "MITRA_METRICS_LISTEN") {
			t.Errorf("%s: exit status %d, %s; want 2 and the setting's name", address, status, log)
		}
	}
}

// The README's table and the program's help name the same settings.
func TestTheReadmeNamesEverySetting(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "## Configuration")
	table, _, _ = strings.Cut(table, "\n## ")
	_, _, help := command(t, nil, "--help")
	names := regexp.MustCompile(`--[a-z][a-z-]*|MITRA_[A-Z0-9_]+`)
	_, flags, _ := strings.Cut(help, "a flag wins over its MITRA_* variable.")
	for _, name := range names.FindAllString(flags, -1) {
		if name != "--json" && !strings.Contains(table, "`"+name+"`") {
			t.Errorf("README's table does not name %s", name)
		}
	}
	for _, name := range names.FindAllString(table, -1) {
		if !strings.Contains(flags, name) && !strings.Contains(table, "`"+name+"`, `…") && !testSetting(table, name) {
			t.Errorf("README's table names %s, which the program does not know", name)
		}
	}
}

// testSetting says that a row of the table is for tests.
func testSetting(table, name string) bool {
	for _, row := range strings.Split(table, "\n") {
		if strings.Contains(row, "`"+name+"`") && strings.Contains(row, "for tests") {
			return true
		}
	}
	return false
}
