package iati

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// errToken stops the decoder inside a token that is too long to hold.
var errToken = errors.New("iati: token too long")

const contextEvery = 64 << 10 // bytes between two looks at the context

// guard feeds the decoder byte by byte, so that a token is stopped before it is held
// whole, and an abandoned reading before the file ends.
type guard struct {
	ctx    context.Context // of the one reading that the guard serves
	source *bufio.Reader
	most   int64
	token  int64 // bytes of the current token
	total  int64
	failed error // what the source said, when it was not the end of the file
}

func (g *guard) ReadByte() (byte, error) {
	if g.token >= g.most {
		return 0, g.fail(errToken)
	}
	if g.total%contextEvery == 0 {
		if err := g.ctx.Err(); err != nil {
			return 0, g.fail(err)
		}
	}
	b, err := g.source.ReadByte()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			return 0, g.fail(err)
		}
		return 0, io.EOF
	}
	g.token++
	g.total++
	return b, nil
}

func (g *guard) fail(err error) error {
	if g.failed == nil {
		g.failed = err
	}
	return err
}

// Read is here because the decoder wants an io.Reader; it reads by ReadByte.
func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := g.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}
