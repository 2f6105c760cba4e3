package people

import (
	"context"

	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/words"
	"github.com/mitra-platform/mitra/tenants"
)

// message is a sentence of the words under a key: its .subject and its .text.
func message(w *words.Words, to, key string, args ...any) mail.Message {
	return mail.Message{To: to, Subject: w.T(key+".subject", args...), Text: w.T(key+".text", args...)}
}

// tell mails somebody who may have no account yet, in the sender's language.
func (s *Service) tell(ctx context.Context, to, key string, args ...any) error {
	return s.cfg.Mail.Send(ctx, message(words.From(ctx), to, key, args...))
}

// tellPerson mails a person at every address they have, in their own language, after
// the answer was given: a mail server that is down must not take back what was done.
func (s *Service) tellPerson(ctx context.Context, p *tenants.Person, key string, args ...any) {
	w := words.In(words.Language(p.Language))
	for _, login := range p.Logins {
		if to, ok := address(login); ok {
			s.later(ctx, key, func(ctx context.Context) error { return s.cfg.Mail.Send(ctx, message(w, to, key, args...)) })
		}
	}
}
