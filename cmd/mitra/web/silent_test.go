package web_test

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/cmd/mitra/web"
)

// silent is a connection that says so much and then nothing until its time is over.
type silent struct {
	net.Conn
	said     *strings.Reader
	answered bytes.Buffer
}

func (s *silent) Read(b []byte) (int, error) {
	if s.said.Len() > 0 {
		return s.said.Read(b)
	}
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
}

func (s *silent) Write(b []byte) (int, error)      { return s.answered.Write(b) }
func (s *silent) Close() error                     { return nil }
func (s *silent) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *silent) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *silent) SetDeadline(time.Time) error      { return nil }
func (s *silent) SetReadDeadline(time.Time) error  { return nil }
func (s *silent) SetWriteDeadline(time.Time) error { return nil }

// A browser opens connections that it may never need, and a slow one stops in the middle:
// neither is a failure of ours, and nobody is woken by it.
func TestAConnectionThatSaysNothingIsNoFailureOfOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var log bytes.Buffer
	site, err := web.New(web.Config{PublicURL: "http://mitra.example.org", Log: slog.New(slog.NewTextHandler(&log, nil))}, s.Services, s.World.DB.Ping)
	if err != nil {
		t.Fatal(err)
	}
	site.App().Handler()
	for name, said := range map[string]string{"nothing": "", "half a request": "GET /sign-in HTTP/1.1\r\nHost: mitra"} {
		log.Reset()
		conn := &silent{said: strings.NewReader(said)}
		_ = site.App().Server().ServeConn(conn)
		if answer := conn.answered.String(); answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 408") {
			t.Errorf("%s: answered with %q", name, strings.SplitN(answer, "\r\n", 2)[0])
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: logged as a failure: %s", name, log.String())
		}
	}
}
