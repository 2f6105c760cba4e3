package e2e_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// chain is what verify audit prints.
type chain struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
	OK      bool   `json:"ok"`
}

// audit checks a tenant's journal from the command line; it has to be whole.
func audit(t *testing.T, data, tenant string) chain {
	t.Helper()
	out, status, log := command(t, nil, "verify", "audit", "--tenant", tenant, "--data", data, "--json")
	var c chain
	if err := json.Unmarshal([]byte(out), &c); err != nil || status != 0 || !c.OK {
		t.Fatalf("verify audit --tenant %s: %d %s%s (%v)", tenant, status, out, log, err)
	}
	return c
}

// brought is what backup and restore print.
type brought struct {
	File    string
	Persons int64
	Tenants []struct {
		Tenant                  string
		Records, Entries, Files int64
	}
}

func do(t *testing.T, args ...string) brought {
	t.Helper()
	out, status, log := command(t, nil, append(args, "--json")...)
	var b brought
	if err := json.Unmarshal([]byte(out), &b); err != nil || status != 0 {
		t.Fatalf("mitra %s: %d %s%s (%v)", strings.Join(args, " "), status, out, log, err)
	}
	return b
}

// activity is as much of an IATI file as an import takes.
const activity = `<?xml version="1.0"?><iati-activities version="2.03"><iati-activity>
<iati-identifier>XI-CONTOH-%d</iati-identifier><reporting-org ref="XI-CONTOH" type="22"><narrative>Yayasan Air Contoh</narrative></reporting-org>
<title><narrative>Air %d</narrative></title><description><narrative>Sumur</narrative></description>
<participating-org role="4"><narrative>Yayasan Air Contoh</narrative></participating-org>
<activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/></iati-activity></iati-activities>`

// leaveFile uploads a file that stays until somebody confirms or discards it.
func leaveFile(t *testing.T, c caller, n int) string {
	t.Helper()
	a, err := c.upload("/demo/imports", "kegiatan.xml", fmt.Appendf(nil, activity, n, n))
	if err != nil || a.status != http.StatusCreated {
		t.Fatalf("upload: %d %s, %v", a.status, a.body, err)
	}
	var made struct{ ID string }
	a.into(t, &made)
	return made.ID
}

// mainOf is what a page says, without the secrets of its forms.
func mainOf(a answer) string {
	_, text, _ := strings.Cut(string(a.body), "<main")
	text, _, _ = strings.Cut(text, "</main>")
	return regexp.MustCompile(`name="csrf" value="[^"]*"`).ReplaceAllString(text, "")
}

func TestABackupOfEverythingComesBackInAnotherDirectoryWithFilesPeopleAndAWholeJournal(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	api := s.caller(who.Token)
	imported := leaveFile(t, api, 1)
	file := filepath.Join(t.TempDir(), "semua.zip")
	taken := do(t, "backup", "--all", file, "--data", s.data)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v; want mode 0600", info.Mode(), err)
	}
	if _, status, log := command(t, nil, "backup", "--all", file, "--data", s.data); status != 1 || !strings.Contains(log, "there already") {
		t.Errorf("a backup over another: %d %s", status, log)
	}
	holdsNoSecret(t, file, s.data, who)

	there := t.TempDir()
	back := do(t, "restore", file, "--data", there)
	if back.Persons != taken.Persons || len(back.Tenants) != 3 {
		t.Errorf("taken %+v, brought back %+v", taken, back)
	}
	for _, b := range back.Tenants {
		for _, a := range taken.Tenants {
			if a.Tenant == b.Tenant && a != b {
				t.Errorf("taken %+v, brought back %+v", a, b)
			}
		}
		if was, is := audit(t, s.data, b.Tenant), audit(t, there, b.Tenant); was != is {
			t.Errorf("the journal of %s was %+v and is %+v", b.Tenant, was, is)
		}
	}
	if _, status, log := command(t, nil, "restore", file, "--data", there); status != 1 || !strings.Contains(log, "not empty") {
		t.Errorf("a restore over another: %d %s", status, log)
	}

	other := start(t, there)
	if a := other.caller(who.Token).must(t, http.StatusUnauthorized, http.MethodGet, "/demo/programs", nil); a.status == 0 {
		t.Error("a token came back")
	}
	was, is := s.visitor(t), other.visitor(t)
	if !was.signIn(t, who.Email, who.Password) || !is.signIn(t, who.Email, who.Password) {
		t.Fatal("the password did not come back")
	}
	for _, path := range []string{"/demo/programs", "/demo/organisations", "/demo/organisations/passport", "/demo/due-diligence", "/demo/people", "/demo/activity", "/demo/imports/" + imported, "/demo/flags", "/demo/forms"} {
		a, b := was.get(t, path), is.get(t, path)
		if a.status != http.StatusOK || a.status != b.status || mainOf(a) != mainOf(b) {
			t.Errorf("%s differs: %d and %d\n%s\n-----\n%s", path, a.status, b.status, mainOf(a), mainOf(b))
		}
	}
	// The file is there: the import can be confirmed and done.
	for _, at := range []*server{s, other} {
		text, err := os.ReadFile(onlyFile(t, at.data, imported))
		if err != nil || !bytes.Contains(text, []byte("XI-CONTOH-1")) {
			t.Errorf("the uploaded file under %s: %v", at.data, err)
		}
	}
}

// firstDocument is where the first document of one's own passport is downloaded.
func firstDocument(t *testing.T, v visitor) string {
	t.Helper()
	found := regexp.MustCompile(`href="(/demo/organisations/passport/documents/[^"/]+/file)"`).FindSubmatch(v.get(t, "/demo/organisations/passport").body)
	if found == nil {
		t.Fatal("the passport offers no document")
	}
	return string(found[1])
}

// onlyFile is where the embedded store keeps an object.
func onlyFile(t *testing.T, data, id string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(filepath.Join(data, "files"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, id) {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		t.Fatalf("no object %s under %s (%v)", id, data, err)
	}
	return found
}

// holdsNoSecret looks through every entry of a backup for what must not be there.
func holdsNoSecret(t *testing.T, file, data string, who account) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	secrets := map[string][]byte{"a token": []byte(who.Token), "a password": []byte(who.Password)}
	if key, err := os.ReadFile(filepath.Join(data, "master-key")); err == nil {
		secrets["the master key"] = bytes.TrimSpace(key)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range secrets {
			if bytes.Contains(text, secret) {
				t.Errorf("%s is in %s", what, f.Name)
			}
		}
		for _, kept := range []string{"sessions", "tokens", "links", "throttles", "leases", "answers"} {
			if strings.HasSuffix(f.Name, "/"+kept+".bson") {
				t.Errorf("the backup holds %s", f.Name)
			}
		}
	}
}

func TestABackupOfOneTenantHoldsNothingOfAnotherAndComesBackBesideItUnderAnotherSlug(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	leaveFile(t, s.caller(who.Token), 1)
	file := filepath.Join(t.TempDir(), "demo.zip")
	taken := do(t, "backup", "--tenant", "demo", file, "--data", s.data)
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("Contoh Dua")) || bytes.Contains(text, []byte("demo2")) {
			t.Errorf("%s tells of another tenant", f.Name)
		}
	}
	_ = z.Close()

	// Beside itself, while the server runs.
	if _, status, log := command(t, nil, "restore", file, "--data", s.data); status != 1 || !strings.Contains(log, "demo is not empty") {
		t.Errorf("a restore over the tenant: %d %s", status, log)
	}
	if _, status, log := command(t, nil, "restore", file, "--as", "salinan", "--data", s.data); status != 1 || !strings.Contains(log, "--short") {
		t.Errorf("a short code that is taken: %d %s", status, log)
	}
	back := do(t, "restore", file, "--as", "salinan", "--short", "SAL", "--data", s.data)
	if len(back.Tenants) != 1 || back.Tenants[0].Tenant != "salinan" || back.Tenants[0].Records != taken.Tenants[0].Records || back.Tenants[0].Files != 1 {
		t.Errorf("taken %+v, brought back %+v", taken, back)
	}
	was, is := audit(t, s.data, "demo"), audit(t, s.data, "salinan")
	if was.Entries != is.Entries || was.Head == is.Head {
		t.Errorf("the journal was %+v, the copy's is %+v; want as many entries and another head", was, is)
	}
	v := s.visitor(t)
	if !v.signIn(t, who.Email, who.Password) {
		t.Fatal("cannot sign in")
	}
	if me := string(v.get(t, "/me").body); !strings.Contains(me, "salinan") {
		t.Errorf("the seat in the copy is not offered on one's own page:\n%s", me)
	}
	if !s.caller(who.Token).readsOnly(t, "demo", "salinan") {
		t.Error("the seat in the original is not what it was")
	}

	// In an empty directory under its own slug: its organisations come along.
	there := t.TempDir()
	do(t, "restore", file, "--data", there)
	if was, is := audit(t, s.data, "demo"), audit(t, there, "demo"); was != is {
		t.Errorf("the journal was %+v and is %+v", was, is)
	}
	other := start(t, there)
	o := other.visitor(t)
	if !o.signIn(t, who.Email, who.Password) {
		t.Fatal("the person did not come along")
	}
	if a := o.get(t, "/demo/organisations/passport"); a.status != http.StatusOK || !strings.Contains(string(a.body), "CTH-") {
		t.Errorf("the organisation's passport did not come along: %d", a.status)
	}
	was2, is2 := v.get(t, firstDocument(t, v)), o.get(t, firstDocument(t, o))
	if was2.status != http.StatusOK || !bytes.HasPrefix(was2.body, []byte("%PDF-")) || !bytes.Equal(was2.body, is2.body) {
		t.Errorf("its document's file was %d, %d bytes, and is %d, %d bytes", was2.status, len(was2.body), is2.status, len(is2.body))
	}
	if _, status, _ := command(t, nil, "verify", "audit", "--tenant", "commons", "--data", there); status != 0 {
		t.Error("the journal of the commons is not whole")
	}
}

// readsOnly says that the token opens one tenant and not another.
func (c caller) readsOnly(t *testing.T, mine, other string) bool {
	t.Helper()
	a, err := c.ask(http.MethodGet, "/"+mine+"/programs", nil)
	b, otherErr := c.ask(http.MethodGet, "/"+other+"/programs", nil)
	return err == nil && otherErr == nil && a.status == http.StatusOK && b.status == http.StatusNotFound
}

func TestABackupTakenWhilePeopleWriteComesBackWhole(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	who := s.demoAccount(t, "demo", "cso", "cso_coordinator")
	api := s.caller(who.Token)
	partner := api.partner(t)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; i < 250; i++ { // below the limit of requests in a minute
				select {
				case <-stop:
					return
				default:
				}
				a, err := api.ask(http.MethodPost, "/demo/programs", map[string]string{"title": fmt.Sprintf("Sumur %d-%d", w, i), "purpose": "Air", "partner": partner})
				if err != nil || a.status != http.StatusCreated {
					t.Errorf("a write: %d %s, %v", a.status, a.body, err)
					return
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "semua.zip")
	do(t, "backup", "--all", file, "--data", s.data)
	close(stop)
	writers.Wait()
	there := t.TempDir()
	back := do(t, "restore", file, "--data", there)
	for _, b := range back.Tenants {
		if c := audit(t, there, b.Tenant); c.Entries != b.Entries {
			t.Errorf("%s: %d entries came back, the journal has %d", b.Tenant, b.Entries, c.Entries)
		}
	}
	audit(t, s.data, "demo")
}

// partner is the organisation of the other side with which a program may be started.
func (c caller) partner(t *testing.T) string {
	t.Helper()
	var list struct {
		Items []struct {
			Organisation, Name, Side string
		}
	}
	c.must(t, http.StatusOK, http.MethodGet, "/demo/organisations?limit=100", nil).into(t, &list)
	for _, o := range list.Items {
		if o.Side == "agency" {
			return o.Organisation
		}
	}
	t.Fatal("the demonstration has no agency")
	return ""
}

func TestARefusedRestoreWritesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--demo")
	file := filepath.Join(t.TempDir(), "demo.zip")
	do(t, "backup", "--tenant", "demo", file, "--data", s.data)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(good)
	changed[len(changed)/3] ^= 1
	for name, row := range map[string]struct {
		content []byte
		args    []string
		erased  string
		status  int
		says    string
	}{
		"cut off":                 {content: good[:len(good)*2/3], status: 1, says: "not a whole backup"},
		"one bit changed":         {content: changed, status: 1, says: "not a whole backup"},
		"no backup":               {content: []byte("bukan cadangan"), status: 1, says: "not a whole backup"},
		"a slug that is none":     {content: good, args: []string{"--as", "Bukan Slug"}, status: 2, says: "--as SLUG"},
		"a slug that is reserved": {content: good, args: []string{"--as", "commons"}, status: 2, says: "--as SLUG"},
		"a short code of none":    {content: good, args: []string{"--short", "x"}, status: 2, says: "--short"},
		"people who were erased":  {content: good, erased: "pe_1\n", status: 1, says: "erased"},
	} {
		there := t.TempDir()
		path := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(path, row.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if row.erased != "" {
			if err := os.WriteFile(filepath.Join(there, "erasures.log"), []byte(row.erased), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, status, log := command(t, nil, append([]string{"restore", path, "--data", there}, row.args...)...)
		if status != row.status || !strings.Contains(log, row.says) {
			t.Errorf("%s: %d %s; want %d and %q", name, status, log, row.status, row.says)
		}
		out, _, _ := command(t, nil, "tenant", "list", "--json", "--data", there)
		if entries, err := os.ReadDir(filepath.Join(there, "db")); err != nil || strings.Contains(out, "demo") || len(entries) > 1 {
			t.Errorf("%s: something was written: %s %v (%v)", name, out, entries, err)
		}
	}
	for name, args := range map[string][]string{
		"neither a tenant nor all": {"backup", "x.zip"}, "both": {"backup", "--all", "--tenant", "demo", "x.zip"}, "no file": {"restore"},
	} {
		if _, status, log := command(t, nil, append(args, "--data", t.TempDir())...); status != 2 {
			t.Errorf("%s: %d %s", name, status, log)
		}
	}
	if _, status, log := command(t, nil, "backup", "--tenant", "nowhere", filepath.Join(t.TempDir(), "x.zip"), "--data", s.data); status != 1 {
		t.Errorf("a tenant that is not there: %d %s", status, log)
	}
}
