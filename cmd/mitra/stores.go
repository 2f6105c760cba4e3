package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/audit"
	"github.com/mitra-platform/mitra/services/exchange"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/services/mail"
	"github.com/mitra-platform/mitra/services/notices"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	terms "github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/embedded"
	"github.com/mitra-platform/mitra/tenants/store"
	"github.com/mitra-platform/mitra/uploads"
)

// house is the whole object graph: stores, gate, services.
type house struct {
	log           *slog.Logger
	embedded      *embedded.Attachment
	db            *store.DB
	gate          *tenants.Gate
	clock         *clock
	people        *people.Service
	organisations *organisations.Service
	programs      *programs.Service
	exchange      *exchange.Service
	settings      *terms.Service
	files         *uploads.Store
	forms         *forms.Service
	mail          *mail.Sender
	wakings       wakings
	notices       *notices.Service
	audit         *audit.Service
	// holder names this process in leases.
	holder string
}

// build opens the stores and puts the services on them. Close it last.
func build(ctx context.Context, cfg Config, publicURL string, log *slog.Logger) (*house, error) {
	h := &house{log: log, clock: newClock(cfg.Clock)}
	if err := cfg.makeData(); err != nil {
		return nil, err
	}
	if err := h.openStore(ctx, cfg); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	book, err := policies.Open()
	if err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	h.gate = tenants.NewGate(book, h.clock.now)
	from := cfg.MailFrom
	if from == "" {
		from = "Mitra <mitra@example.org>"
	}
	h.mail, err = mail.Open(mail.Config{SMTPURL: cfg.SMTPURL, From: from, OutboxDir: cfg.inData("outbox"), Now: h.clock.now})
	if err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	h.people = people.Open(people.Config{
		DB: h.db, Gate: h.gate, Mail: h.mail, PublicURL: publicURL, Random: rand.Reader, Log: log,
		AfterSetUp: func(ctx context.Context) {
			if err := removeIfThere(setUpFile(cfg)); err != nil {
				log.WarnContext(ctx, "the file of the used set-up link is still there", slog.Any("error", err))
			}
		},
	})
	h.forms = forms.Open(forms.Config{DB: h.db, Gate: h.gate})
	h.settings = terms.Open(terms.Config{DB: h.db, Gate: h.gate, Book: book, People: h.people})
	if h.files, err = uploads.Open(ctx, cfg.files()); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	h.organisations = organisations.Open(organisations.Config{DB: h.db, Gate: h.gate, People: h.people, Forms: h.forms, Files: h.files})
	h.programs = programs.Open(programs.Config{DB: h.db, Gate: h.gate, Organisation: h.people.OrganisationOf, Calendar: h.settings.Calendar})
	h.exchange = exchange.Open(exchange.Config{DB: h.db, Gate: h.gate, Programs: h.programs, OrgIDs: h.organisations.OrgIDs, Files: h.files, Log: log})
	h.notices = notices.Open(notices.Config{
		DB: h.db, Gate: h.gate, Book: book, People: h.people, Areas: []notices.Area{h.programs, h.organisations, h.settings},
		Tellers: []notices.Teller{h.programs, h.organisations, h.settings, h.people}, Calendar: h.settings.Calendar, Holder: h.holder, Log: log,
	})
	h.audit = audit.Open(audit.Config{
		DB: h.db, Gate: h.gate, People: h.people, Calendar: h.settings.Calendar, PublicURL: publicURL, Holder: h.holder, Log: log,
	})
	return h, nil
}

func (h *house) openStore(ctx context.Context, cfg Config) error {
	holder := make([]byte, 8)
	if _, err := rand.Read(holder); err != nil {
		return err
	}
	h.holder = hex.EncodeToString(holder)
	config := store.Config{Holder: h.holder, Log: h.log, Now: h.clock.now}
	if cfg.MongoURI != "" {
		config.Client, config.Database = store.Server(cfg.MongoURI), "mitra"
	} else {
		var err error
		h.embedded, err = embedded.Attach(ctx, embedded.Options{Dir: cfg.Data, Listen: cfg.EmbeddedListen, Log: h.log, Now: h.clock.now})
		if err != nil {
			return err
		}
		config.Client = embedded.ClientOptions(h.embedded)
	}
	var err error
	h.db, err = store.Dial(ctx, config)
	return err
}

// close ends letters, the store and the database, in this order.
func (h *house) close(ctx context.Context) error {
	var failures []error
	if h.people != nil {
		h.people.Close()
	}
	if h.db != nil {
		failures = append(failures, h.db.Close(ctx))
	}
	if h.embedded != nil {
		failures = append(failures, h.embedded.Close(ctx))
	}
	return errors.Join(failures...)
}

// ready says whether both stores answer.
func (h *house) ready(ctx context.Context) error {
	return errors.Join(h.db.Ping(ctx), h.files.Ping(ctx))
}
