package organisations

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

const (
	// longestHold is for how many days a protected investigation may keep a flag from the
	// organisation, counted from the day it was proposed.
	longestHold = 90
	// holdDecision is how long the agency's head has to grant a hold that was asked for.
	holdDecision = 48 * time.Hour
	// longestReview is in how many days an upheld flag must be looked at again.
	longestReview = 366
)

// FlagState is how far a flag is.
type FlagState string

// States of a flag (grants.md §4.2).
const (
	FlagProposed  FlagState = "proposed"
	FlagDisclosed FlagState = "disclosed"
	FlagReplied   FlagState = "replied"
	FlagUpheld    FlagState = "upheld"
	FlagWithdrawn FlagState = "withdrawn"
	FlagLapsed    FlagState = "lapsed"
)

// FlagStates lists them in the order of a flag's life.
func FlagStates() []FlagState {
	return []FlagState{FlagProposed, FlagDisclosed, FlagReplied, FlagUpheld, FlagWithdrawn, FlagLapsed}
}

// UnmarshalText refuses a state that is none.
func (s *FlagState) UnmarshalText(text []byte) error { return fault.OneOf(s, text, FlagStates()) }

// Severity is how much a flag weighs. Exclude keeps the organisation from awards.
type Severity string

// Severities, from the least.
const (
	Note    Severity = "note"
	Caution Severity = "caution"
	Exclude Severity = "exclude"
)

// Severities lists them.
func Severities() []Severity { return []Severity{Note, Caution, Exclude} }

// UnmarshalText refuses a severity that is none.
func (s *Severity) UnmarshalText(text []byte) error { return fault.OneOf(s, text, Severities()) }

// Category is what a flag is about.
type Category string

// Categories lists them.
func Categories() []Category {
	return []Category{"financial", "safeguarding", "legal", "performance", "conduct", "conflict_of_interest", "other"}
}

// UnmarshalText refuses a category that is none.
func (c *Category) UnmarshalText(text []byte) error { return fault.OneOf(c, text, Categories()) }

// Flag is a concern that an agency records about an organisation. Its agency alone reads
// it while it is proposed; the organisation from its disclosure; the tenant's other
// agencies while it is upheld.
type Flag struct {
	tenants.Meta[Flag] `bson:",inline"`

	State   FlagState `json:"state"`
	Subject `bson:",inline"`

	Severity Severity `json:"severity"`
	Category Category `json:"category"`
	// Reason says what the concern is, Evidence what it rests on.
	Reason   string           `json:"reason"`
	Evidence string           `json:"evidence"`
	Author   tenants.PersonID `json:"author"`

	// HoldAsked says that the agency's head was asked to hold the flag for a protected
	// investigation; HeldUntil is the day it is disclosed when they did.
	HoldAsked  bool       `json:"hold_asked"`
	HeldUntil  clocks.Day `json:"held_until"`
	HoldReason string     `json:"hold_reason"`
	HeldBy     *Hand      `json:"held_by"`

	// DisclosedAt is when the organisation was asked, ReplyDueOn the last day for its reply.
	DisclosedAt *time.Time `json:"disclosed_at"`
	ReplyDueOn  clocks.Day `json:"reply_due_on"`
	Reply       *Reply     `json:"reply"`

	// Decision is why it was upheld or withdrawn.
	Decision    string     `json:"decision"`
	DecidedBy   *Hand      `json:"decided_by"`
	ReviewDueOn clocks.Day `json:"review_due_on"`
}

// FlagID names a flag.
type FlagID = tenants.ID[Flag]

func flagKind() store.Kind[Flag] {
	return store.Kind[Flag]{
		Name: "flags", One: "flag", Prefix: "fl",
		Filters: []string{"organisation", "state", "severity"}, Sorts: []string{"-created_at"},
		Title: func(f *Flag) string { return f.Name },
		Words: func(f *Flag) []string { return []string{f.Name, f.AgencyName} },
	}
}

// Check says what is always true of a flag; invariant 17 among it.
func (f *Flag) Check() error {
	var wrong []fault.Field
	for name, text := range map[string]string{"reason": f.Reason, "evidence": f.Evidence, "hold_reason": f.HoldReason, "decision": f.Decision} {
		wrong = append(wrong, checkText(name, text, maxText)...)
	}
	for name, given := range map[string]bool{"severity": f.Severity != "", "category": f.Category != "", "reason": f.Reason != "", "evidence": f.Evidence != ""} {
		if !given {
			wrong = append(wrong, fault.On(name, "required"))
		}
	}
	for _, reader := range f.Audience {
		if reader != string(f.Agency) && f.DisclosedAt == nil {
			return fault.New(fault.Internal, "internal")
		}
	}
	if f.DecidedBy != nil && f.DecidedBy.Person == f.Author {
		return fault.New(fault.Internal, "internal")
	}
	slices.SortFunc(wrong, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return fault.Invalid(wrong...)
}

// Refuses says why somebody may not make a move now, by the record's own rules; nil when
// they may. Whether their role does is the book's to say.
func (f *Flag) Refuses(a tenants.Actor, move policies.Action, today clocks.Day) error {
	from := map[policies.Action][]FlagState{
		policies.HoldFlag: {FlagProposed}, policies.ReplyFlag: {FlagDisclosed}, policies.UpholdFlag: {FlagDisclosed, FlagReplied},
		policies.UpholdExclusion: {FlagDisclosed, FlagReplied}, policies.WithdrawFlag: {FlagDisclosed, FlagReplied},
	}
	decides := move == policies.UpholdFlag || move == policies.UpholdExclusion || move == policies.WithdrawFlag
	switch {
	case move == policies.ReplyFlag && f.Organisation != a.Organisation:
		return fault.New(fault.Forbidden, "reply_not_yours")
	case move != policies.ReplyFlag && f.Agency != a.Organisation:
		return fault.New(fault.Forbidden, "not_your_agency")
	case !slices.Contains(from[move], f.State):
		return fault.New(fault.Conflict, "flag_state", "state", string(f.State))
	case move != policies.ReplyFlag && f.Author == a.Person:
		return fault.New(fault.Forbidden, "author_decides")
	case move == policies.UpholdFlag && f.Severity == Exclude:
		return fault.New(fault.Forbidden, "exclude_by_head")
	case move == policies.UpholdExclusion && f.Severity != Exclude:
		return fault.New(fault.Forbidden, "uphold_by_approver")
	case decides && (f.State == FlagDisclosed || move == policies.UpholdExclusion) && !today.After(f.ReplyDueOn):
		return fault.New(fault.Conflict, "reply_open", "day", string(f.ReplyDueOn))
	}
	return nil
}

// FlagCriteria narrow a list of flags.
type FlagCriteria struct {
	State        []FlagState            `where:"state,in" query:"state"`
	Severity     []Severity             `where:"severity,in" query:"severity"`
	Organisation tenants.OrganisationID `where:"organisation,eq" query:"organisation"`
	Words        string                 `where:"terms,words" query:"q"`
}

// Flags lists those that one may read.
func (s *Service) Flags(ctx context.Context, criteria FlagCriteria, q store.Query) (*store.Page[Flag], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadFlag)
	if err != nil {
		return nil, err
	}
	page, err := s.flags.List(ctx, sc, criteria, q)
	if err != nil {
		return nil, err
	}
	page.Items = slices.DeleteFunc(page.Items, func(f *Flag) bool { return !f.stillFor(sc) })
	return page, nil
}

// stillFor computes what time has made of an upheld flag, and says whether one may still
// read it: one that lapsed is no longer for other agencies, however late the waker is.
func (f *Flag) stillFor(sc tenants.Scope) bool {
	if f.State != FlagUpheld {
		return true
	}
	f.pass(sc.Now(), time.UTC) // a lapse knows no zone
	readers, all := sc.Readers()
	return all || slices.ContainsFunc(readers, func(r string) bool { return slices.Contains(f.Audience, r) })
}

// Flag gives one flag.
func (s *Service) Flag(ctx context.Context, id FlagID) (*Flag, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadFlag)
	if err != nil {
		return nil, err
	}
	f, err := s.flags.Get(ctx, sc, id)
	if err == nil && !f.stillFor(sc) {
		return nil, fault.NotFound("flag")
	}
	return f, err
}

// FlagHistory is what happened to a flag, the latest first.
func (s *Service) FlagHistory(ctx context.Context, id FlagID, q store.Query) (*store.Page[tenants.Entry], error) {
	if _, err := s.Flag(ctx, id); err != nil {
		return nil, err
	}
	sc, err := s.Gate.Enter(ctx, policies.ReadFlag)
	if err != nil {
		return nil, err
	}
	return s.flags.History(ctx, sc, id, q)
}

// NewFlag is the input of a proposal. AskHold asks the agency's head to hold it for a
// protected investigation; they have two days, and then it is disclosed.
type NewFlag struct {
	Severity Severity `json:"severity"`
	Category Category `json:"category"`
	Reason   string   `json:"reason"`
	Evidence string   `json:"evidence"`
	AskHold  bool     `json:"ask_hold"`
}

// ProposeFlag records a concern about another organisation. An agency's officer may. It
// is disclosed to the organisation at once, unless a hold is asked for.
func (s *Service) ProposeFlag(ctx context.Context, of tenants.ID[Member], in NewFlag) (*Flag, error) {
	sc, err := s.Gate.Enter(ctx, policies.ProposeFlag)
	if err != nil {
		return nil, err
	}
	subject, _, err := s.subject(ctx, sc, of)
	if err != nil {
		return nil, err
	}
	f := &Flag{
		State: FlagProposed, Subject: subject, Severity: in.Severity, Category: in.Category, Author: sc.Actor().Person,
		Reason: strings.TrimSpace(in.Reason), Evidence: strings.TrimSpace(in.Evidence), HoldAsked: in.AskHold,
	}
	due := sc.Now()
	if in.AskHold {
		due = due.Add(holdDecision)
	}
	f.WakeAt = &due
	if f, err = s.flags.Add(ctx, sc, f); err != nil || in.AskHold {
		return f, err
	}
	return s.passTime(ctx, sc.Tenant(), f)
}

// passTime does to a flag what time asks for: its disclosure, or its lapse. A proposal
// that a crash left undisclosed is disclosed by the waker.
func (s *Service) passTime(ctx context.Context, tenant tenants.TenantID, f *Flag) (*Flag, error) {
	zone, err := s.zoneOf(ctx, tenant)
	if err != nil {
		return nil, err
	}
	action := policies.DiscloseFlag
	if f.State == FlagUpheld {
		action = policies.LapseFlag
	}
	sc := s.Gate.System(ctx, tenant, action)
	return s.flags.Amend(ctx, sc, f.ID, func(f *Flag) error { f.pass(sc.Now(), zone); return nil })
}

func (s *Service) wakeFlag(ctx context.Context, sc tenants.Scope, f *Flag) error {
	_, err := s.passTime(ctx, sc.Tenant(), f)
	return err
}

// pass moves a flag whose moment has come.
func (f *Flag) pass(now time.Time, zone *time.Location) {
	if f.WakeAt == nil || f.WakeAt.After(now) {
		return
	}
	f.WakeAt = nil
	switch f.State {
	case FlagProposed:
		f.State, f.DisclosedAt, f.ReplyDueOn = FlagDisclosed, &now, clocks.DayOf(now, zone).Add(usualReply)
		f.Readable(string(f.Organisation))
	case FlagUpheld:
		f.State = FlagLapsed
		f.Audience = []string{string(f.Agency), string(f.Organisation)} // no other agency goes by it any longer
	default:
	}
}

// shareFindings lets an agency that joins read what all agencies read.
func (s *Service) shareFindings(ctx context.Context, sc tenants.Scope, agency tenants.OrganisationID) error {
	sc = sc.As("share/" + string(agency))
	for d, err := range s.diligence.Each(ctx, sc, DiligenceCriteria{State: []DiligenceState{DiligenceFinal, DiligenceExpired}}) {
		if err != nil {
			return err
		}
		if _, err := s.diligence.Amend(ctx, sc, d.ID, func(d *DueDiligence) error { d.Readable(string(agency)); return nil }); err != nil {
			return err
		}
	}
	for f, err := range s.flags.Each(ctx, sc, FlagCriteria{State: []FlagState{FlagUpheld}}) {
		if err != nil {
			return err
		}
		_, err := s.flags.Amend(ctx, sc, f.ID, func(f *Flag) error {
			if f.State == FlagUpheld {
				f.Readable(string(agency))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
