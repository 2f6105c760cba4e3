package uploads

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// patience is how long a store may take over the next piece of what it is sent or
	// asked for. It bounds silence, not length: a file may take as long as it moves.
	patience = 15 * time.Second
	// attempts is how often a request is sent that may be sent again. More would keep
	// people waiting for a store that is gone.
	attempts = 2
)

// transport reaches an S3 server and gives a silent one up.
func transport(secure bool) (http.RoundTripper, error) {
	t, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: patience / 3, KeepAlive: patience}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return impatient{conn}, nil
	}
	t.ResponseHeaderTimeout = patience
	return t, nil
}

// impatient ends a connection on which nothing moves.
type impatient struct{ net.Conn }

func (c impatient) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
