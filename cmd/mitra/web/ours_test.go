package web_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/exchange"
)

// takeOurs gives the entries of what an organisation takes away, read back and held
// against the manifest.
func (s *site) takeOurs(t *testing.T, who string) map[string][]byte {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/kupang/exports/ours.zip", nil)
	r.Header.Set("Authorization", "Bearer "+s.tokens[who])
	response, err := s.site.App().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v %s", response.StatusCode, err, body)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if entries[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	var manifest exchange.OursManifest
	if err := json.Unmarshal(entries["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	parts := slices.Concat(manifest.Lists, manifest.Files)
	if len(parts)+1 != len(entries) {
		t.Errorf("%d entries, and %d in the manifest", len(entries), len(parts))
	}
	for _, part := range parts {
		text := entries[part.Name]
		sum := sha256.Sum256(text)
		if part.Size != int64(len(text)) || part.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s is not what the manifest says", part.Name)
		}
		switch {
		case strings.HasSuffix(part.Name, ".json"):
			if got := len(recordsOf(t, text)); got != part.Records {
				t.Errorf("%s: %d records, want %d", part.Name, got, part.Records)
			}
		case strings.HasSuffix(part.Name, ".csv"):
			lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			if err != nil || len(lines)-1 != part.Records {
				t.Errorf("%s: %d lines, %v; want %d", part.Name, len(lines), err, part.Records)
			}
		}
	}
	return entries
}

func recordsOf(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return list
}

// An organisation takes everything of its own away: as many records as its lists have,
// the files too, and nothing of a third.
func TestAnOrganisationTakesEverythingOfItsOwnAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	running, draft := s.running(t), s.draft(t)
	passport := s.page(t, coordinator, "/kupang/organisations/passport") // begins it
	if !strings.Contains(passport, `href="/kupang/exports/ours"`) {
		t.Error("the passport does not lead there")
	}
	if status, _, _ := s.sendFile(t, s.signIn(t, "cso_coordinator@yayasan.kupang.example.org"), "kegiatan.xml", activities(1)); status != 303 {
		t.Fatalf("upload: %d", status)
	}
	entries := s.takeOurs(t, coordinator)
	programs := recordsOf(t, entries["kupang/programs.json"])
	if len(programs) != 2 || !slices.ContainsFunc(programs, func(p map[string]any) bool { return p["id"] == draft }) {
		t.Errorf("%d programs, want %s and %s", len(programs), running, draft)
	}
	if own := recordsOf(t, entries["commons/organisations.json"]); len(own) != 1 || own[0]["id"] != "og_yayasan" {
		t.Errorf("the passport: %v", own)
	}
	if own := recordsOf(t, entries["kupang/members.json"]); len(own) != 1 || own[0]["organisation"] != "og_yayasan" {
		t.Errorf("the membership: %v", own)
	}
	for _, seat := range recordsOf(t, entries["kupang/seats.json"]) {
		if seat["organisation"] != "og_yayasan" {
			t.Errorf("somebody else's seat: %v", seat)
		}
	}
	if len(recordsOf(t, entries["kupang/journal.json"])) == 0 {
		t.Error("no journal")
	}
	file := ""
	for name, text := range entries {
		if strings.HasPrefix(name, "files/kupang/im_") {
			file = string(text)
		}
		for _, secret := range []string{"og_third", "argon2", `"token"`, `"password"`, `"pending"`} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %s", name, secret)
			}
		}
	}
	if !strings.Contains(file, "<iati-activities") {
		t.Errorf("the uploaded file: %q", file)
	}
	if others := s.takeOurs(t, third); len(others["kupang/programs.json"]) != 0 {
		t.Errorf("a third organisation takes programs: %s", others["kupang/programs.json"])
	}
	if status, said, _ := s.call(t, elsewhere, "GET", "/api/v1/kupang/exports/ours.zip", ""); status != 404 {
		t.Errorf("from another tenant: %d %v", status, said)
	}
}
