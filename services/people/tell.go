package people

import (
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/words"
)

func message(w *words.Words, to, key string, args ...any) mail.Message {
	return mail.Message{To: to, Subject: w.T(key+".subject", args...), Text: w.T(key+".text", args...)}
}
