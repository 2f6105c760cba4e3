package e2e_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// found is what mitra doctor --json prints.
type found struct {
	OK       bool
	Findings []struct{ Check, State, Detail, Remedy string }
	// Conformance names the suites that were run.
	Conformance []struct {
		Suite  string
		Checks int
		Failed []struct {
			Name     string
			Failures []string
		}
	}
}

func (f found) state(check string) string {
	for _, x := range f.Findings {
		if x.Check == check {
			return x.State
		}
	}
	return "not looked at"
}

// doctor asks for a diagnosis and checks its exit status.
func doctor(t testing.TB, want int, environ []string, args ...string) found {
	t.Helper()
	out, status, log := command(t, environ, append([]string{"doctor", "--json"}, args...)...)
	var f found
	if err := json.Unmarshal([]byte(out), &f); err != nil || status != want || f.OK != (want == 0) {
		t.Fatalf("doctor: exit status %d, want %d: %s %s %v", status, want, out, log, err)
	}
	for _, x := range f.Findings {
		if (x.State == "ok") != (x.Remedy == "") && x.State != "failed" {
			t.Errorf("%s is %s, with the remedy %q", x.Check, x.State, x.Remedy)
		}
	}
	return f
}

// A server that runs well is found to, and its stores to do what stores must; nothing of
// the checks stays.
func TestTheDoctorFindsARunningServerWellAndItsStoresConforming(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	f := doctor(t, 0, nil, "--data", s.data, "--conformance")
	for _, check := range []string{"data", "space", "address", "database", "clock", "indexes", "files", "journal", "conformance"} {
		if f.state(check) != "ok" {
			t.Errorf("%s is %s", check, f.state(check))
		}
	}
	if f.state("mail") != "warning" {
		t.Errorf("mails that nobody gets are %s", f.state("mail"))
	}
	if len(f.Conformance) != 2 || f.Conformance[0].Checks < 30 || f.Conformance[1].Checks < 15 {
		t.Errorf("conformance: %+v", f.Conformance)
	}
	err := filepath.WalkDir(s.data, func(path string, _ os.DirEntry, err error) error {
		if strings.Contains(path, "conformance") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// One damage each: a journal entry that was changed, an index that was dropped.
func TestTheDoctorNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	s.stop()
	if f := doctor(t, 0, nil, "--data", s.data); f.state("journal") != "ok" || f.state("indexes") != "ok" {
		t.Fatalf("before: %+v", f)
	}
	engine, err := embedded.Open(t.Context(), embedded.Options{Dir: s.data})
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(embedded.ClientOptions(engine))
	if err != nil {
		t.Fatal(err)
	}
	db := client.Database("t_demo")
	if _, err := db.Collection("journal").UpdateOne(t.Context(), bson.D{{Key: "seq", Value: 3}}, bson.D{{Key: "$set", Value: bson.D{{Key: "title", Value: "changed"}}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Collection("programs").Indexes().DropAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = client.Disconnect(t.Context())
	if err := engine.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := doctor(t, 1, nil, "--data", s.data)
	if f.state("journal") != "failed" || f.state("indexes") != "warning" || f.state("database") != "ok" {
		t.Errorf("after: %+v", f)
	}
	for _, x := range f.Findings {
		if x.Check == "journal" && !strings.Contains(x.Detail, "demo: entry 3 is altered") {
			t.Errorf("the journal: %q", x.Detail)
		}
		if x.Check == "indexes" && !strings.Contains(x.Detail, "demo/programs") {
			t.Errorf("indexes: %q", x.Detail)
		}
	}
}

func TestTheDoctorTellsADirectoryFromNone(t *testing.T) {
	t.Parallel()
	away := filepath.Join(t.TempDir(), "away")
	if f := doctor(t, 1, nil, "--data", away); f.state("data") != "failed" {
		t.Errorf("no directory: %+v", f)
	}
	if _, err := os.Stat(away); err == nil {
		t.Error("the doctor made a data directory")
	}
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o755); err != nil { // #nosec G301 -- that is the point
		t.Fatal(err)
	}
	if f := doctor(t, 0, nil, "--data", open); f.state("data") != "ok" {
		t.Errorf("a directory in which nothing is open: %+v", f)
	}
	if err := os.WriteFile(filepath.Join(open, "setup-link"), nil, 0o644); err != nil { // #nosec G306 -- that is the point
		t.Fatal(err)
	}
	if f := doctor(t, 0, nil, "--data", open); f.state("data") != "warning" {
		t.Errorf("a file that others may read: %+v", f)
	}
	if _, status, _ := command(t, nil, "doctor", "everything", "--data", open); status != 2 {
		t.Errorf("a word too many: exit status %d, want 2", status)
	}
}

// A store that cannot be reached has an exit status of its own; one that anybody may
// write to is no store to keep files in.
func TestTheDoctorAsksStoresThatAreElsewhere(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	f := doctor(t, 1, o.environ, "--data", o.data)
	if f.state("database") != "ok" || f.state("files") != "ok" || f.state("secret") != "failed" || f.state("reach") != "ok" {
		t.Errorf("stores that answer everybody: %+v", f)
	}
	o.files.set("cut")
	doctor(t, 3, o.environ, "--data", o.data)
	o.files.set("")
	o.database.set("cut")
	doctor(t, 3, o.environ, "--data", o.data)
	o.database.set("")
}

// A mail server that does not answer is not a store that does not.
func TestTheDoctorTriesTheMailServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	f := doctor(t, 1, []string{"MITRA_SMTP_URL=smtp://pengirim:rahasia-surat@" + address, "MITRA_MAIL_FROM=mitra@example.org"}, "--data", t.TempDir())
	if f.state("mail") != "failed" {
		t.Errorf("a mail server that is not there: %+v", f)
	}
	for _, x := range f.Findings {
		if strings.Contains(x.Detail+x.Remedy, "rahasia-surat") {
			t.Errorf("%s tells the password", x.Check)
		}
	}
}
