package web_test

import (
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/people"
)

// A program sees where its person is signed in and ends that, and nobody else's.
func TestSessionsAreListedAndEndedByTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.desk(t, "cso_coordinator", "yayasan")
	s.desk(t, "cso_coordinator", "yayasan")
	s.desk(t, "cso_coordinator", "yayasan")
	theirs := s.desk(t, "program_officer", "dinas")
	sessions := func(who string) []any {
		t.Helper()
		status, said, _ := s.call(t, who, "GET", "/api/v1/me/sessions", "")
		if status != 200 {
			t.Fatalf("list: %d %v", status, said)
		}
		return said["items"].([]any)
	}
	list := sessions(coordinator)
	if len(list) != 3 {
		t.Fatalf("%d sessions, want 3", len(list))
	}
	for _, one := range list {
		if row := one.(map[string]any); row["form"] != nil || row["person"] != nil || row["seen_at"] == nil {
			t.Errorf("a session says %v", row)
		}
	}
	for id, left := range map[string]int{theirs.Session.ID: 3, "none": 3} {
		if status, said, _ := s.call(t, coordinator, "DELETE", "/api/v1/me/sessions/"+id, ""); status != 204 {
			t.Errorf("end %s: %d %v", id, status, said)
		}
		if n := len(sessions(coordinator)); n != left {
			t.Errorf("%d sessions left, want %d", n, left)
		}
	}
	if status, _, _ := s.call(t, coordinator, "DELETE", "/api/v1/me/sessions/"+mine.Session.ID, ""); status != 204 || len(sessions(coordinator)) != 2 {
		t.Errorf("end one's own: %d, %d left", status, len(sessions(coordinator)))
	}
	if _, err := s.People.Authenticate(t.Context(), mine.Secret); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the session that was ended: %v", err)
	}
	if status, _, _ := s.call(t, coordinator, "POST", "/api/v1/me/sessions/end-others", ""); status != 204 || len(sessions(coordinator)) != 0 {
		t.Errorf("end all: %d, %d left", status, len(sessions(coordinator)))
	}
	if len(sessions(officer)) != 1 {
		t.Error("somebody else's session was ended")
	}
}

func TestAPasswordIsChangedByTheAPIFromTheOneBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.desk(t, "cso_coordinator", "yayasan")
	const next = "perahu lontar delapan"
	for _, row := range []struct {
		name, body string
		status     int
		field      string
	}{
		{"without the current one", `{"password":"` + next + `"}`, 422, "current password_wrong"},
		{"with a wrong one", `{"current":"x","password":"` + next + `"}`, 422, "current password_wrong"},
		{"to a weak one", `{"current":"` + secret + `","password":"kupang"}`, 422, "password "},
		{"to another", `{"current":"` + secret + `","password":"` + next + `"}`, 204, ""},
		{"once more from the same", `{"current":"` + secret + `","password":"` + next + `"}`, 422, "current password_wrong"},
	} {
		status, said, _ := s.call(t, coordinator, "PUT", "/api/v1/me/password", row.body)
		got := ""
		if list, ok := said["errors"].([]any); ok {
			first := list[0].(map[string]any)
			got = first["name"].(string) + " " + first["code"].(string)
		}
		if status != row.status || !strings.HasPrefix(got, row.field) {
			t.Errorf("%s: %d %q, want %d %q", row.name, status, got, row.status, row.field)
		}
	}
	if _, err := s.People.Authenticate(t.Context(), in.Secret); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a session opened with the old password: %v", err)
	}
	login := "cso_coordinator@yayasan.kupang.example.org"
	if _, err := s.People.SignIn(t.Context(), people.SignIn{Login: login, Password: next}); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}
