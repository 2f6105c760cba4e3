package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// into reads the answer's JSON.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

// caller speaks to the API with a token.
type caller struct {
	url, token string
	http       *http.Client
}

func (s *server) caller(token string) caller {
	return caller{s.url + "/api/v1", token, &http.Client{Timeout: 40 * time.Second}}
}

// ask sends a request; the error is one of the connection.
func (c caller) ask(method, path string, in any, header ...string) (answer, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return answer{}, err
	}
	kind := "application/json"
	if in == nil {
		text, kind = nil, ""
	}
	return c.send(method, path, kind, text, header...)
}

func (c caller) send(method, path, kind string, body []byte, header ...string) (answer, error) {
	request, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return exchange(c.http, request)
}

func exchange(client *http.Client, request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, text}, err
}

// must asks for something that has to be answered with a status.
func (c caller) must(t testing.TB, want int, method, path string, in any, header ...string) answer {
	t.Helper()
	a, err := c.ask(method, path, in, header...)
	if err != nil || a.status != want {
		t.Fatalf("%s %s: %d %s, %v; want %d", method, path, a.status, a.body, err, want)
	}
	return a
}

// upload sends a file as a form does.
func (c caller) upload(path, name string, content []byte) (answer, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return answer{}, err
	}
	if _, err := part.Write(content); err != nil {
		return answer{}, err
	}
	if err := form.Close(); err != nil {
		return answer{}, err
	}
	return c.send(http.MethodPost, path, form.FormDataContentType(), body.Bytes())
}

// visitor keeps cookies as a browser does, without being one.
type visitor struct {
	url  string
	http *http.Client
}

func (s *server) visitor(t testing.TB) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{s.url, &http.Client{Jar: jar, Timeout: 40 * time.Second}}
}

func (v visitor) get(t testing.TB, path string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, v.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := exchange(v.http, request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (v visitor) post(t testing.TB, path string, form url.Values) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := exchange(v.http, request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signIn signs in and says whether that was accepted.
func (v visitor) signIn(t testing.TB, login, secret string) bool {
	t.Helper()
	v.post(t, "/sign-in", url.Values{"login": {login}, "password": {secret}})
	return v.get(t, "/me").status == http.StatusOK && strings.Contains(string(v.get(t, "/me").body), login)
}

// demoAccount is one of those of the demonstration.
func (s *server) demoAccount(t *testing.T, tenant, side, role string) account {
	t.Helper()
	for _, a := range s.accounts(t) {
		if a.Tenant == tenant && a.Side == side && a.Role == role {
			return a
		}
	}
	t.Fatalf("the demonstration has no %s on the side of %s in %s", role, side, tenant)
	return account{}
}
