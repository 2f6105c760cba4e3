package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// outbox keeps each message as one file: <time>-<id>.eml, readable by its owner alone.
type outbox struct {
	dir string
	now func() time.Time
}

// deliver writes beside the final name and renames, so whoever looks finds whole
// messages only. The id follows from the content, which holds a random Message-ID.
func (o outbox) deliver(_ context.Context, _ *gomail.Msg, text []byte) error {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	f, err := os.CreateTemp(o.dir, ".writing-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	if err := o.keep(f, text); err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("mail: outbox: %w", err)
	}
	return nil
}

func (o outbox) keep(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	name := o.now().UTC().Format("20060102T150405.000Z") + "-" + hex.EncodeToString(sum[:6]) + ".eml"
	return os.Rename(f.Name(), filepath.Join(o.dir, name))
}
