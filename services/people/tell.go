package people

import (
	"context"
	"errors"

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

// Write mails a person at every address they have, in their own language, and says when a
// letter could not be handed over. A person without an address gets none.
func (s *Service) Write(ctx context.Context, id tenants.PersonID, key string, args ...any) error {
	p, err := s.cfg.DB.Registry().Person(ctx, id)
	if err != nil {
		return err
	}
	w := words.In(words.Language(p.Language))
	var failures []error
	for _, login := range p.Logins {
		if to, ok := address(login); ok {
			failures = append(failures, s.cfg.Mail.Send(ctx, message(w, to, key, append(args, "name", p.Name)...)))
		}
	}
	return errors.Join(failures...)
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
