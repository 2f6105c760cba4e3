package organisations

import (
	"context"
	"slices"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/clocks"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/forms"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// The days that an organisation has for its reply, and the years that a finding may hold.
const (
	shortestReply = 7
	usualReply    = 14
	longestReply  = 60
)

// DiligenceState is how far a due diligence is.
type DiligenceState string

// States of a due diligence (grants.md §4.1).
const (
	DiligenceDraft   DiligenceState = "draft"
	DiligenceSent    DiligenceState = "sent"
	DiligenceReplied DiligenceState = "replied"
	DiligenceFinal   DiligenceState = "final"
	DiligenceExpired DiligenceState = "expired"
)

// DiligenceStates lists them in the order of its life.
func DiligenceStates() []DiligenceState {
	return []DiligenceState{DiligenceDraft, DiligenceSent, DiligenceReplied, DiligenceFinal, DiligenceExpired}
}

// UnmarshalText refuses a state that is none.
func (s *DiligenceState) UnmarshalText(text []byte) error {
	return fault.OneOf(s, text, DiligenceStates())
}

// Risk is what a due diligence comes to.
type Risk string

// Risks, from the least.
const (
	LowRisk         Risk = "low"
	ModerateRisk    Risk = "moderate"
	SignificantRisk Risk = "significant"
	HighRisk        Risk = "high"
)

// AllRisks lists them from the least to the greatest.
func AllRisks() []Risk { return []Risk{LowRisk, ModerateRisk, SignificantRisk, HighRisk} }

// UnmarshalText refuses a risk that is none.
func (r *Risk) UnmarshalText(text []byte) error { return fault.OneOf(r, text, AllRisks()) }

// Reply is what the organisation said.
type Reply struct {
	Text string `json:"text"`
	Hand `bson:",inline"`
}

// Subject says who looks at whom, in the words of the day on which it began.
type Subject struct {
	Agency     tenants.OrganisationID `json:"agency"`
	AgencyName string                 `json:"agency_name"`
	// Organisation is who is looked at, Member its record in the tenant.
	Organisation tenants.OrganisationID `json:"organisation"`
	Member       tenants.ID[Member]     `json:"member"`
	Name         string                 `json:"name"`
}

// DueDiligence is an agency's check of an organisation by a form. The organisation reads
// it from the day it is sent; other agencies once it is final, which it cannot be before
// the organisation replied or the day for its reply is over.
type DueDiligence struct {
	tenants.Meta[DueDiligence] `bson:",inline"`

	State   DiligenceState `json:"state"`
	Subject `bson:",inline"`

	// FormVersion is what was asked; FormTitle its name.
	FormVersion forms.VersionID `json:"form_version"`
	FormTitle   forms.Text      `json:"form_title"`
	Answers     forms.Answers   `json:"answers"`
	Personal    forms.Answers   `json:"personal_answers" journal:"personal"`
	Risk        Risk            `json:"risk"`
	Conclusion  string          `json:"conclusion"`
	// Authors wrote in it; none of them makes it final.
	Authors []tenants.PersonID `json:"authors"`

	// AskedAt is when the organisation was asked, ReplyDueOn the last day for its reply.
	AskedAt    *time.Time `json:"asked_at"`
	ReplyDueOn clocks.Day `json:"reply_due_on"`
	Reply      *Reply     `json:"cso_reply"`
	FinalBy    *Hand      `json:"final_by"`
	// ValidUntil is its last day.
	ValidUntil clocks.Day `json:"valid_until_on"`
}

func diligenceKind() store.Kind[DueDiligence] {
	return store.Kind[DueDiligence]{
		Name: "due_diligence", One: "due_diligence", Prefix: "dd",
		Filters: []string{"organisation", "state", "risk"}, Sorts: []string{"-created_at"},
		Title: func(d *DueDiligence) string { return d.Name },
		Words: func(d *DueDiligence) []string {
			return []string{d.Name, d.AgencyName, d.FormTitle.Indonesian, d.FormTitle.English}
		},
	}
}

// Check says what is always true of a due diligence.
func (d *DueDiligence) Check() error {
	wrong := checkText("conclusion", d.Conclusion, maxText)
	if d.Reply != nil {
		wrong = append(wrong, checkText("reply", d.Reply.Text, maxText)...)
	}
	if d.FinalBy != nil && (d.Reply == nil && d.AskedAt == nil || slices.Contains(d.Authors, d.FinalBy.Person)) {
		return fault.New(fault.Internal, "internal")
	}
	return fault.Invalid(wrong...)
}

// DiligenceID names a due diligence.
type DiligenceID = tenants.ID[DueDiligence]

// Refuses says why somebody may not make a move now, by the record's own rules; nil when
// they may. Whether their role does is the book's to say.
func (d *DueDiligence) Refuses(a tenants.Actor, move policies.Action, today clocks.Day) error {
	agency := d.Agency == a.Organisation
	from := map[policies.Action][]DiligenceState{
		policies.DraftDueDiligence: {DiligenceDraft}, policies.SendDueDiligence: {DiligenceDraft}, policies.ReplyDueDiligence: {DiligenceSent},
		policies.FinaliseDueDiligence: {DiligenceSent, DiligenceReplied},
	}
	switch {
	case move == policies.ReplyDueDiligence && d.Organisation != a.Organisation:
		return fault.New(fault.Forbidden, "reply_not_yours")
	case move != policies.ReplyDueDiligence && !agency:
		return fault.New(fault.Forbidden, "not_your_agency")
	case !slices.Contains(from[move], d.State):
		return fault.New(fault.Conflict, "diligence_state", "state", string(d.State))
	case move == policies.FinaliseDueDiligence && slices.Contains(d.Authors, a.Person):
		return fault.New(fault.Forbidden, "author_decides")
	case move == policies.FinaliseDueDiligence && d.State == DiligenceSent && !today.After(d.ReplyDueOn):
		return fault.New(fault.Conflict, "reply_open", "day", string(d.ReplyDueOn))
	}
	return nil
}

// DiligenceCriteria narrow a list of due diligences.
type DiligenceCriteria struct {
	State        []DiligenceState       `where:"state,in" query:"state"`
	Risk         []Risk                 `where:"risk,in" query:"risk"`
	Organisation tenants.OrganisationID `where:"organisation,eq" query:"organisation"`
	Words        string                 `where:"terms,words" query:"q"`
}

// Diligences lists those that one may read.
func (s *Service) Diligences(ctx context.Context, criteria DiligenceCriteria, q store.Query) (*store.Page[DueDiligence], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadDueDiligence)
	if err != nil {
		return nil, err
	}
	page, err := s.diligence.List(ctx, sc, criteria, q)
	if err != nil {
		return nil, err
	}
	for _, d := range page.Items {
		d.expire(sc.Now())
	}
	return page, nil
}

// Diligence gives one due diligence.
func (s *Service) Diligence(ctx context.Context, id DiligenceID) (*DueDiligence, error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadDueDiligence)
	if err != nil {
		return nil, err
	}
	d, err := s.diligence.Get(ctx, sc, id)
	if err == nil {
		d.expire(sc.Now())
	}
	return d, err
}

// DiligenceHistory is what happened to a due diligence, the latest first.
func (s *Service) DiligenceHistory(ctx context.Context, id DiligenceID, q store.Query) (*store.Page[tenants.Entry], error) {
	sc, err := s.Gate.Enter(ctx, policies.ReadDueDiligence)
	if err != nil {
		return nil, err
	}
	return s.diligence.History(ctx, sc, id, q)
}

// StartDiligence is the input of a new due diligence: by which form.
type StartDiligence struct {
	FormVersion forms.VersionID `json:"form_version"`
}

// StartDueDiligence begins a check of another organisation. An agency's officer may. What
// the organisation's submitted passport answers already is filled in.
func (s *Service) StartDueDiligence(ctx context.Context, of tenants.ID[Member], in StartDiligence) (*DueDiligence, error) {
	sc, err := s.Gate.Enter(ctx, policies.DraftDueDiligence)
	if err != nil {
		return nil, err
	}
	subject, m, err := s.subject(ctx, sc, of)
	if err != nil {
		return nil, err
	}
	v, err := s.Forms.Version(ctx, in.FormVersion)
	if fault.KindOf(err) == fault.Missing && err != nil || err == nil && v.Purpose != forms.ForDueDiligence {
		return nil, fault.Invalid(fault.On("form_version", "choice_unknown", "value", string(in.FormVersion)))
	}
	if err != nil {
		return nil, err
	}
	d := &DueDiligence{State: DiligenceDraft, Subject: subject, FormVersion: v.ID, FormTitle: v.Title, Authors: []tenants.PersonID{sc.Actor().Person}}
	known, err := s.known(ctx, m)
	if err != nil {
		return nil, err
	}
	answers, err := v.Tidy(v.Offer(known))
	if err != nil {
		return nil, err
	}
	d.Answers, d.Personal = v.Apart(answers)
	return s.diligence.Add(ctx, sc, d)
}

// subject is who looks at whom. An agency looks, and never at itself.
func (s *Service) subject(ctx context.Context, sc tenants.Scope, of tenants.ID[Member]) (Subject, *Member, error) {
	m, err := s.members.Get(ctx, sc, of)
	if err != nil {
		return Subject{}, nil, err
	}
	a := sc.Actor()
	switch {
	case a.Side != policies.Agency:
		return Subject{}, nil, fault.New(fault.Forbidden, "agencies_verify")
	case m.Organisation == a.Organisation:
		return Subject{}, nil, fault.New(fault.Forbidden, "own_verification")
	}
	name, err := s.ownName(ctx, sc)
	return Subject{Agency: a.Organisation, AgencyName: name, Organisation: m.Organisation, Member: m.ID, Name: m.Name}, m, err
}

// ownName is what one's organisation is called in the tenant; by its seats, where it has
// not joined.
func (s *Service) ownName(ctx context.Context, sc tenants.Scope) (string, error) {
	m, err := s.members.Get(ctx, sc, memberID(sc.Tenant(), sc.Actor().Organisation))
	if err == nil {
		return m.Name, nil
	}
	of, err := s.own(ctx, sc)
	return of.Name, err
}

// known are the answers of the passport that a member submitted, where one may read them.
func (s *Service) known(ctx context.Context, m *Member) (map[string]string, error) {
	p, err := s.Profile(ctx, m)
	if err != nil || p == nil {
		return nil, err
	}
	all := map[string]string{}
	for _, answers := range p.Attested.Content.Answers {
		for key, text := range answers {
			all[key] = text
		}
	}
	return all, nil
}
