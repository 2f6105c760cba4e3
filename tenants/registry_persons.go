package tenants

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
)

// AddPerson keeps a new person. A login that somebody has is a conflict, code duplicate.
func (r *Registry) AddPerson(ctx context.Context, p *Person) error {
	id, err := MintID[Person]("ps")
	if err != nil {
		return err
	}
	p.ID, p.Version = id, 1
	_, err = r.persons.InsertOne(ctx, p)
	return Translate(err, "person")
}

// Person reads one person.
func (r *Registry) Person(ctx context.Context, id PersonID) (*Person, error) {
	return One[Person](r.persons.FindOne(ctx, byID(id)), "person")
}

// Persons reads several persons at once, for lists that show names.
func (r *Registry) Persons(ctx context.Context, ids []PersonID) ([]Person, error) {
	cursor, err := r.persons.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
	return all[Person](ctx, cursor, err)
}

// PersonByLogin finds who signs in with an address ("mailto:…" or "tel:…").
func (r *Registry) PersonByLogin(ctx context.Context, login string) (*Person, error) {
	return One[Person](r.persons.FindOne(ctx, bson.D{{Key: "logins", Value: bson.D{{Key: "$eq", Value: login}}}}), "person")
}

// ChangePerson edits a person; it tries again when somebody else was faster.
func (r *Registry) ChangePerson(ctx context.Context, id PersonID, edit func(*Person) error) (*Person, error) {
	for range 16 {
		p, err := r.Person(ctx, id)
		if err != nil {
			return nil, err
		}
		read := p.Version
		if err := edit(p); err != nil {
			return nil, err
		}
		p.Version = read + 1
		done, err := r.persons.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "version", Value: read}}, p)
		if err != nil {
			return nil, Translate(err, "person")
		}
		if done.MatchedCount == 1 {
			return p, nil
		}
	}
	return nil, fault.New(fault.Conflict, "busy")
}

// Session is a signed-in browser. Its id is the hash of the token in the cookie.
type Session struct {
	ID     string   `json:"id" bson:"_id"`
	Person PersonID `json:"-" bson:"person"`
	Seat   SeatRef  `json:"seat" bson:"seat"`
	Form   Secret   `json:"-" bson:"form"` // what forms of this session must carry
	Agent  string   `json:"agent" bson:"agent"`
	// Network is the part of its address that one subscriber has.
	Network   string    `json:"network" bson:"network"`
	CreatedAt time.Time `json:"created_at" bson:"created_at"`
	SeenAt    time.Time `json:"seen_at" bson:"seen_at"`
	Until     time.Time `json:"until" bson:"until"`

	// RenewedAt is when its token was made; zero where that is the first. Renews is the
	// session of the token before, until the new one is first used; Replaced says that this
	// one's token was renewed and the new one used.
	RenewedAt time.Time `json:"-" bson:"renewed_at,omitempty"`
	Renews    string    `json:"-" bson:"renews,omitempty"`
	Replaced  bool      `json:"-" bson:"replaced,omitempty"`
}

// AddSession keeps a new session.
func (r *Registry) AddSession(ctx context.Context, s Session) error {
	_, err := r.sessions.InsertOne(ctx, s)
	return Translate(err, "session")
}

// Session reads a session that has not run out at the instant.
func (r *Registry) Session(ctx context.Context, id string, now time.Time) (*Session, error) {
	s, err := One[Session](r.sessions.FindOne(ctx, byID(id)), "session")
	if err == nil && !s.Until.After(now) {
		return nil, fault.NotFound("session")
	}
	return s, err
}

// SessionsOf lists a person's sessions, the latest seen first, at most 100.
func (r *Registry) SessionsOf(ctx context.Context, person PersonID, now time.Time) ([]Session, error) {
	cursor, err := r.sessions.Find(ctx,
		bson.D{
			{Key: "person", Value: person}, {Key: "until", Value: bson.D{{Key: "$gt", Value: now}}},
			{Key: "replaced", Value: bson.D{{Key: "$ne", Value: true}}}, {Key: "renews", Value: bson.D{{Key: "$exists", Value: false}}},
		},
		options.Find().SetSort(bson.D{{Key: "seen_at", Value: -1}, {Key: "_id", Value: 1}}).SetLimit(100))
	return all[Session](ctx, cursor, err)
}

// TouchSession notes that a session was used and moves its end.
func (r *Registry) TouchSession(ctx context.Context, id string, seen, until time.Time) error {
	_, err := r.sessions.UpdateOne(ctx, byID(id), set(bson.E{Key: "seen_at", Value: seen}, bson.E{Key: "until", Value: until}))
	return Translate(err, "session")
}

// RenewSession keeps a session under a new token beside the old one. A new token that
// nobody has used yet, because its answer was lost, is over.
func (r *Registry) RenewSession(ctx context.Context, renewed Session) error {
	unused := bson.D{{Key: "person", Value: renewed.Person}, {Key: "renews", Value: renewed.Renews}}
	if _, err := r.sessions.DeleteMany(ctx, unused); err != nil {
		return Translate(err, "session")
	}
	return r.AddSession(ctx, renewed)
}

// ReplaceSession ends the token before a new one, which is used for the first time: after
// a moment, because requests with the old one may still be on their way.
func (r *Registry) ReplaceSession(ctx context.Context, renewed Session, until time.Time) error {
	if _, err := r.sessions.UpdateOne(ctx, bson.D{{Key: "_id", Value: renewed.Renews}, {Key: "person", Value: renewed.Person}},
		set(bson.E{Key: "until", Value: until}, bson.E{Key: "replaced", Value: true})); err != nil {
		return Translate(err, "session")
	}
	_, err := r.sessions.UpdateOne(ctx, byID(renewed.ID), bson.D{{Key: "$unset", Value: bson.D{{Key: "renews", Value: ""}}}})
	return Translate(err, "session")
}

// SeatSession makes another seat the active one of a session.
func (r *Registry) SeatSession(ctx context.Context, id string, seat SeatRef) error {
	for _, which := range []bson.D{byID(id), {{Key: "renews", Value: id}}} {
		if _, err := r.sessions.UpdateMany(ctx, which, set(bson.E{Key: "seat", Value: seat})); err != nil {
			return Translate(err, "session")
		}
	}
	return nil
}

// EndSession ends a session of this person, under whichever of its tokens.
func (r *Registry) EndSession(ctx context.Context, person PersonID, id string) error {
	for _, field := range []string{"renews", "_id"} {
		if _, err := r.sessions.DeleteMany(ctx, bson.D{{Key: field, Value: id}, {Key: "person", Value: person}}); err != nil {
			return Translate(err, "session")
		}
	}
	return nil
}

// EndSessionsOf ends every session of a person but one (or all when except is empty).
func (r *Registry) EndSessionsOf(ctx context.Context, person PersonID, except string) error {
	_, err := r.sessions.DeleteMany(ctx,
		bson.D{
			{Key: "person", Value: person}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: except}}}, {Key: "renews", Value: bson.D{{Key: "$ne", Value: except}}},
		})
	return Translate(err, "session")
}

// Token is an API token. Its id is the hash of what the bearer sends.
type Token struct {
	ID     string   `json:"id" bson:"_id"`
	Person PersonID `json:"-" bson:"person"`
	Seat   SeatRef  `json:"seat" bson:"seat"`
	Name   string   `json:"name" bson:"name"`
	// ReadOnly says that it changes nothing.
	ReadOnly  bool      `json:"read_only" bson:"read_only"`
	CreatedAt time.Time `json:"created_at" bson:"created_at"`
	Until     time.Time `json:"until" bson:"until"`
	// UsedAt is when it was last used, to within minutes; nil before the first time.
	UsedAt *time.Time `json:"used_at" bson:"used_at,omitempty"`
}

// TouchToken notes that a token was used.
func (r *Registry) TouchToken(ctx context.Context, id string, used time.Time) error {
	_, err := r.tokens.UpdateOne(ctx, byID(id), set(bson.E{Key: "used_at", Value: used}))
	return Translate(err, "token")
}

// AddToken keeps a new token.
func (r *Registry) AddToken(ctx context.Context, t Token) error {
	_, err := r.tokens.InsertOne(ctx, t)
	return Translate(err, "token")
}

// Token reads a token that has not run out at the instant.
func (r *Registry) Token(ctx context.Context, id string, now time.Time) (*Token, error) {
	t, err := One[Token](r.tokens.FindOne(ctx, byID(id)), "token")
	if err == nil && !t.Until.After(now) {
		return nil, fault.NotFound("token")
	}
	return t, err
}

// TokensOf lists a person's tokens, the latest first, at most 100.
func (r *Registry) TokensOf(ctx context.Context, person PersonID) ([]Token, error) {
	cursor, err := r.tokens.Find(ctx, bson.D{{Key: "person", Value: person}},
		options.Find().SetSort(bson.D{{Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}).SetLimit(100))
	return all[Token](ctx, cursor, err)
}

// EndToken ends a token of this person.
func (r *Registry) EndToken(ctx context.Context, person PersonID, id string) error {
	done, err := r.tokens.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "person", Value: person}})
	if err == nil && done.DeletedCount == 0 {
		return fault.NotFound("token")
	}
	return Translate(err, "token")
}

// Link is a one-time right held by whoever has its secret. Its id is the secret's hash.
type Link struct {
	ID     string    `bson:"_id"`
	Kind   string    `bson:"kind"`
	Person PersonID  `bson:"person"`
	Tenant TenantID  `bson:"tenant"`
	Until  time.Time `bson:"until"`
}

// AddLink keeps a new one-time link.
func (r *Registry) AddLink(ctx context.Context, l Link) error {
	_, err := r.links.InsertOne(ctx, l)
	return Translate(err, "link")
}

// Link reads a link of the kind that has not run out, without using it.
func (r *Registry) Link(ctx context.Context, id, kind string, now time.Time) (*Link, error) {
	return One[Link](r.links.FindOne(ctx, liveLink(id, kind, now)), "link")
}

// TakeLink uses a link: of many who try, one gets it.
func (r *Registry) TakeLink(ctx context.Context, id, kind string, now time.Time) (*Link, error) {
	return One[Link](r.links.FindOneAndDelete(ctx, liveLink(id, kind, now)), "link")
}

func liveLink(id, kind string, now time.Time) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "kind", Value: kind}, {Key: "until", Value: bson.D{{Key: "$gt", Value: now}}}}
}

// Throttle counts something within a window, across processes. It says how many times
// it happened, this one included; the window begins with the first.
func (r *Registry) Throttle(ctx context.Context, key string, now, until time.Time) (int, error) {
	after := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	live := bson.D{{Key: "_id", Value: key}, {Key: "until", Value: bson.D{{Key: "$gt", Value: now}}}}
	for {
		var counted struct {
			N int `bson:"n"`
		}
		err := r.throttles.FindOneAndUpdate(ctx, live, bson.D{
			{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}, {Key: "$setOnInsert", Value: bson.D{{Key: "until", Value: until}}},
		}, after).Decode(&counted)
		if !mongo.IsDuplicateKeyError(err) {
			return counted.N, Translate(err, "throttle")
		}
		// The window is over and its row still there, or another process was first.
		stale := bson.D{{Key: "_id", Value: key}, {Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}}
		if _, err := r.throttles.DeleteOne(ctx, stale); err != nil {
			return 0, Translate(err, "throttle")
		}
	}
}

// Unthrottle forgets a count, after a success.
func (r *Registry) Unthrottle(ctx context.Context, key string) error {
	_, err := r.throttles.DeleteOne(ctx, byID(key))
	return Translate(err, "throttle")
}
