package organisations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitra-platform/mitra/policies"
	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/organisations"
	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/work"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/store"
)

// fieldCode is the first refused field, as "name code".
func fieldCode(err error) string {
	if refusal, ok := errors.AsType[*fault.Error](err); ok && len(refusal.Fields) > 0 {
		return refusal.Fields[0].Name + " " + refusal.Fields[0].Code
	}
	return fmt.Sprint(err)
}

func containsText(text, part string) bool { return strings.Contains(text, part) }

func concern(severity organisations.Severity) organisations.NewFlag {
	return organisations.NewFlag{Severity: severity, Category: "financial", Reason: "Laporan berbeda", Evidence: "Berita acara 12"}
}

func (w *world) propose(t *testing.T, of string, in organisations.NewFlag) *organisations.Flag {
	t.Helper()
	f, err := w.ProposeFlag(w.officer(), w.member(t, of).ID, in)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func uphold() organisations.Uphold {
	return organisations.Uphold{Reason: "Terbukti", ReviewDueOn: "2027-03-01"}
}

// flagIn brings a flag on og_yayasan to a state by its moves; the clock stands still.
func (w *world) flagIn(t *testing.T, severity organisations.Severity, state organisations.FlagState) *organisations.Flag {
	t.Helper()
	in := concern(severity)
	in.AskHold = state == organisations.FlagProposed
	f := w.propose(t, "og_yayasan", in)
	var err error
	if state != organisations.FlagProposed && state != organisations.FlagDisclosed {
		f, err = w.ReplyToFlag(w.signatory("og_yayasan"), f.ID, f.Version, organisations.Answer{Reply: "Sudah diperbaiki"})
	}
	switch {
	case err != nil:
	case state == organisations.FlagWithdrawn:
		f, err = w.WithdrawFlag(w.approver(), f.ID, f.Version, organisations.Reason{Reason: "Keliru"})
	case state == organisations.FlagUpheld || state == organisations.FlagLapsed:
		in := uphold()
		if state == organisations.FlagLapsed {
			in.ReviewDueOn = "2026-11-25"
		}
		f, err = w.UpholdFlag(w.approver(), f.ID, f.Version, in)
	}
	if err == nil && state == organisations.FlagLapsed {
		w.Clock.Forward(2 * day)
		_, err = w.DB.Wake(t.Context(), w.Gate)
		w.Clock.Forward(-2 * day)
		if err == nil {
			f, err = w.Flag(w.officer(), f.ID)
		}
	}
	if err != nil || f.State != state {
		t.Fatalf("a flag %s: %+v, %v", state, f, err)
	}
	return f
}

// The machine of grants.md §4.2 as a table: state × move × seat × role.
func TestEveryMoveOfAFlagInEveryStateByEveryRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type act func(context.Context, *organisations.Flag) (*organisations.Flag, error)
	moves := map[string]act{
		"hold": func(ctx context.Context, f *organisations.Flag) (*organisations.Flag, error) {
			return w.HoldFlag(ctx, f.ID, f.Version, organisations.Hold{Until: "2026-12-24", Reason: "Penyelidikan"})
		},
		"reply": func(ctx context.Context, f *organisations.Flag) (*organisations.Flag, error) {
			return w.ReplyToFlag(ctx, f.ID, f.Version, organisations.Answer{Reply: "Jawaban"})
		},
		"uphold": func(ctx context.Context, f *organisations.Flag) (*organisations.Flag, error) {
			return w.UpholdFlag(ctx, f.ID, f.Version, uphold())
		},
		"withdraw": func(ctx context.Context, f *organisations.Flag) (*organisations.Flag, error) {
			return w.WithdrawFlag(ctx, f.ID, f.Version, organisations.Reason{Reason: "Keliru"})
		},
	}
	allowed := map[string]bool{
		"proposed hold og_dinas signatory": true, "disclosed reply og_yayasan signatory": true,
		"replied uphold og_dinas approver": true, "replied withdraw og_dinas approver": true,
	}
	for _, state := range organisations.FlagStates() {
		f := w.flagIn(t, organisations.Caution, state)
		for name, move := range moves {
			for of, side := range map[string]policies.Side{"og_dinas": policies.Agency, "og_badan": policies.Agency, "og_yayasan": policies.CSO, "og_third": policies.CSO} {
				for _, role := range policies.Roles() {
					if !role.MayBeHeldBy(side) {
						continue
					}
					key := strings.Join([]string{string(state), name, of, string(role)}, " ")
					_, err := move(w.as(of, side, role), f)
					if (err == nil) != allowed[key] {
						t.Errorf("%s: %v, want allowed %t", key, err, allowed[key])
					}
					if err == nil {
						f = w.flagIn(t, organisations.Caution, state)
					}
				}
			}
		}
	}
}

// Before disclosure only the author's agency; the flagged organisation from disclosure;
// other agencies only while it is upheld, with the reply or the date it was asked; no
// third organisation and no other tenant ever. Pages, lists, histories and the tenant's
// activity agree.
func TestAFlagIsReadByItsOrganisationBeforeAnyOtherAgency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	readers := []context.Context{
		w.officer(), w.coordinator("og_yayasan"), w.as("og_badan", policies.Agency, policies.ProgramOfficer), w.coordinator("og_third"),
		w.As("ende", "og_dinas", policies.Agency, policies.ProgramOfficer), w.as("og_badan", policies.Agency, policies.Observer),
	}
	for state, want := range map[organisations.FlagState][6]bool{
		organisations.FlagProposed: {true}, organisations.FlagDisclosed: {true, true}, organisations.FlagReplied: {true, true},
		organisations.FlagUpheld: {true, true, true}, organisations.FlagWithdrawn: {true, true}, organisations.FlagLapsed: {true, true},
	} {
		f := w.flagIn(t, organisations.Note, state)
		if err := w.DB.Sweep(t.Context(), w.Gate.System(t.Context(), "kupang", policies.SweepJournal)); err != nil {
			t.Fatal(err)
		}
		for i, ctx := range readers {
			_, err := w.Flag(ctx, f.ID)
			_, past := w.FlagHistory(ctx, f.ID, store.Query{})
			if (err == nil) != want[i] || (past == nil) != want[i] {
				t.Errorf("%s by reader %d: %v and %v, want %t", state, i, err, past, want[i])
			}
			list, err := w.Flags(ctx, organisations.FlagCriteria{State: []organisations.FlagState{state}}, store.Query{})
			if i < 5 && (err != nil || (len(list.Items) == 1) != want[i]) {
				t.Errorf("list of %s by reader %d: %v, %v, want %t", state, i, list, err, want[i])
			}
			if state == organisations.FlagLapsed { // what was told while it was upheld stays told
				continue
			}
			sc, err := w.Gate.Enter(ctx, policies.ReadJournal)
			if err != nil {
				t.Fatal(err)
			}
			entries, err := w.DB.Activity(t.Context(), sc, store.ActivityCriteria{}, store.Query{Limit: store.MaxLimit})
			told := slices.ContainsFunc(entries.Items, func(e *tenants.Entry) bool { return e.Record == string(f.ID) })
			if err != nil || i < 5 && told != want[i] {
				t.Errorf("the activity page tells reader %d of %s: %t, %v, want %t", i, state, told, err, want[i])
			}
		}
		if want[2] && f.Reply == nil && f.DisclosedAt == nil {
			t.Errorf("%s: other agencies read it without the reply and without the date it was asked", state)
		}
	}
}

// Invariant 17: the author of a flag cannot uphold it, whatever else they are.
func TestInvariant17TheAuthorOfAFlagCannotUpholdIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.flagIn(t, organisations.Caution, organisations.FlagReplied)
	author := w.AsPerson("kupang", "og_dinas/program_officer", "og_dinas", policies.Agency, policies.ProgramOfficer, policies.Approver, policies.Signatory)
	if _, err := w.UpholdFlag(author, f.ID, f.Version, uphold()); fault.CodeOf(err) != "author_decides" {
		t.Errorf("upholds: %v", err)
	}
	if _, err := w.WithdrawFlag(author, f.ID, f.Version, organisations.Reason{Reason: "x"}); fault.CodeOf(err) != "author_decides" {
		t.Errorf("withdraws: %v", err)
	}
	held := w.flagIn(t, organisations.Caution, organisations.FlagProposed)
	if _, err := w.HoldFlag(author, held.ID, held.Version, organisations.Hold{Until: "2026-12-24", Reason: "x"}); fault.CodeOf(err) != "author_decides" {
		t.Errorf("holds: %v", err)
	}
}

// Invariant 17, the other half: silence does not keep a flag from being upheld, but only
// the day for the reply makes it so, and the flag carries the date it was asked.
func TestInvariant17AFlagWithoutAReplyIsUpheldOnlyAfterItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.flagIn(t, organisations.Caution, organisations.FlagDisclosed)
	if f.ReplyDueOn != "2026-12-08" {
		t.Fatalf("a fortnight: %s", f.ReplyDueOn)
	}
	w.Clock.Forward(14*day + 14*time.Hour)
	if _, err := w.UpholdFlag(w.approver(), f.ID, f.Version, uphold()); fault.CodeOf(err) != "reply_open" {
		t.Errorf("on the last day: %v", err)
	}
	w.Clock.Forward(2 * time.Hour)
	f, err := w.UpholdFlag(w.approver(), f.ID, f.Version, uphold())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := w.Flag(w.as("og_badan", policies.Agency, policies.Approver), f.ID)
	if err != nil || seen.Reply != nil || seen.DisclosedAt == nil || seen.ReplyDueOn != "2026-12-08" {
		t.Errorf("another agency reads %+v, %v", seen, err)
	}
}

func TestAnExclusionIsUpheldByTheHeadAloneAndAfterTheReplyPeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.flagIn(t, organisations.Exclude, organisations.FlagReplied)
	if _, err := w.UpholdFlag(w.head(), f.ID, f.Version, uphold()); fault.CodeOf(err) != "reply_open" {
		t.Errorf("replied, but the period is not over: %v", err)
	}
	w.Clock.Forward(15 * day)
	if _, err := w.UpholdFlag(w.approver(), f.ID, f.Version, uphold()); fault.CodeOf(err) != "exclude_by_head" {
		t.Errorf("by an approver: %v", err)
	}
	if f, err := w.UpholdFlag(w.head(), f.ID, f.Version, uphold()); err != nil || f.State != organisations.FlagUpheld {
		t.Errorf("by the head after it: %v, %v", f, err)
	}
	note := w.flagIn(t, organisations.Note, organisations.FlagReplied)
	if _, err := w.UpholdFlag(w.head(), note.ID, note.Version, uphold()); fault.CodeOf(err) != "uphold_by_approver" {
		t.Errorf("a note by the head: %v", err)
	}
}

func TestAFlagIsDisclosedAtOnceOrAfterAHoldOfAtMost90Days(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wake := func() {
		t.Helper()
		if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
			t.Fatal(err)
		}
	}
	if f := w.propose(t, "og_yayasan", concern(organisations.Note)); f.State != organisations.FlagDisclosed || f.DisclosedAt == nil {
		t.Errorf("without a hold: %+v", f)
	}
	asked := concern(organisations.Caution)
	asked.AskHold = true
	silent, held := w.propose(t, "og_yayasan", asked), w.propose(t, "og_yayasan", asked)
	for in, want := range map[organisations.Hold]string{
		{Until: "2027-02-23", Reason: "x"}: "held_until hold_too_long", {Until: "2026-11-24", Reason: "x"}: "held_until day_past",
		{Until: "2027-02-22"}: "reason required", {Reason: "x"}: "held_until required",
	} {
		if _, err := w.HoldFlag(w.head(), held.ID, held.Version, in); fieldCode(err) != want {
			t.Errorf("%+v: %s, want %s", in, fieldCode(err), want)
		}
	}
	held, err := w.HoldFlag(w.head(), held.ID, held.Version, organisations.Hold{Until: "2027-02-22", Reason: "Penyelidikan"})
	if err != nil || held.State != organisations.FlagProposed {
		t.Fatal(held, err)
	}
	w.Clock.Forward(2*day + time.Hour)
	wake()
	subject := w.coordinator("og_yayasan")
	if f, err := w.Flag(subject, silent.ID); err != nil || f.State != organisations.FlagDisclosed {
		t.Errorf("nobody decided in two days: %v, %v", f, err)
	}
	if _, err := w.Flag(subject, held.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("held, and read: %v", err)
	}
	w.Clock.Forward(88 * day)
	wake()
	f, err := w.Flag(subject, held.ID)
	if err != nil || f.State != organisations.FlagDisclosed || f.HoldReason != "Penyelidikan" || f.ReplyDueOn != "2027-03-08" {
		t.Errorf("after the hold: %+v, %v", f, err)
	}
	entries, err := w.FlagHistory(subject, held.ID, store.Query{})
	if err != nil || entries.Items[0].Action != "system.disclose_flag" || entries.Items[1].Action != "flag.hold" {
		t.Errorf("the organisation reads that it was held: %v, %v", entries, err)
	}
}

// An upheld flag is no longer for other agencies on the day of its review, however late
// the waker is; and an agency that joins reads what is upheld then.
func TestAFlagLapsesAtItsReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.flagIn(t, organisations.Caution, organisations.FlagUpheld) // review due 2027-03-01
	w.ensure(t, "kupang", people.Organisation{ID: "og_baru", Name: "Baru", Side: policies.Agency})
	joined := w.as("og_baru", policies.Agency, policies.ProgramOfficer)
	if _, err := w.Flag(joined, f.ID); err != nil {
		t.Errorf("an agency that joined: %v", err)
	}
	w.Clock.Forward(97 * day) // 2027-03-01 in Kupang
	if _, err := w.Flag(joined, f.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("before the waker: %v", err)
	}
	if list, err := w.Flags(joined, organisations.FlagCriteria{}, store.Query{}); err != nil || len(list.Items) != 0 {
		t.Errorf("the list before the waker: %v, %v", list, err)
	}
	if f, err := w.Flag(w.officer(), f.ID); err != nil || f.State != organisations.FlagLapsed {
		t.Errorf("its own agency: %v, %v", f, err)
	}
	if _, err := w.DB.Wake(t.Context(), w.Gate); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flag(joined, f.ID); fault.KindOf(err) != fault.Missing {
		t.Errorf("after the waker: %v", err)
	}
}

func TestHostileFlagsAreRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.member(t, "og_yayasan").ID
	for name, row := range map[string]struct {
		edit func(*organisations.NewFlag)
		want string
	}{
		"no reason":   {func(f *organisations.NewFlag) { f.Reason = " \n" }, "reason required"},
		"no severity": {func(f *organisations.NewFlag) { f.Severity = "" }, "severity required"},
		"no category": {func(f *organisations.NewFlag) { f.Category = "" }, "category required"},
		"no evidence": {func(f *organisations.NewFlag) { f.Evidence = "" }, "evidence required"},
		"too long":    {func(f *organisations.NewFlag) { f.Reason = strings.Repeat("a", 5_001) }, "reason too_long"},
		"unseen":      {func(f *organisations.NewFlag) { f.Evidence = "a\u202eb" }, "evidence control_characters"},
		"control":     {func(f *organisations.NewFlag) { f.Reason = "a\x1bb" }, "reason control_characters"},
	} {
		in := concern(organisations.Note)
		row.edit(&in)
		if _, err := w.ProposeFlag(w.officer(), id, in); fieldCode(err) != row.want {
			t.Errorf("%s: %s, want %s", name, fieldCode(err), row.want)
		}
	}
	var severity organisations.Severity
	if err := severity.UnmarshalText([]byte("ban")); fault.CodeOf(err) != "choice_unknown" {
		t.Errorf("an unknown severity: %v", err)
	}
	f := w.flagIn(t, organisations.Caution, organisations.FlagReplied)
	for in, want := range map[organisations.Uphold]string{
		{ReviewDueOn: "2027-03-01"}: "reason required", {Reason: "x"}: "review_due_on required", {Reason: "x", ReviewDueOn: "2026-11-24"}: "review_due_on day_past",
		{Reason: "x", ReviewDueOn: "2029-01-01"}: "review_due_on review_too_late",
	} {
		if _, err := w.UpholdFlag(w.approver(), f.ID, f.Version, in); fieldCode(err) != want {
			t.Errorf("%+v: %s, want %s", in, fieldCode(err), want)
		}
	}
}

// What waits for somebody is what they may do something about now.
func TestTheFirstPageShowsWhatWaitsForAReplyOrADecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.flagIn(t, organisations.Caution, organisations.FlagDisclosed)
	w.flagIn(t, organisations.Caution, organisations.FlagReplied)
	w.flagIn(t, organisations.Exclude, organisations.FlagReplied)
	w.flagIn(t, organisations.Note, organisations.FlagProposed)
	form := w.template(t)
	w.lookAt(t, form, "og_yayasan", organisations.DiligenceSent)
	w.lookAt(t, form, "og_yayasan", organisations.DiligenceReplied)
	for name, row := range map[string]struct {
		ctx          context.Context
		looks, flags int
	}{
		"the CSO's signatory": {w.signatory("og_yayasan"), 1, 1}, "its coordinator": {w.coordinator("og_yayasan"), 1, 0},
		"the approver": {w.approver(), 1, 1}, "the head": {w.head(), 0, 1}, "the author": {w.officer(), 0, 0},
		"another agency's approver": {w.as("og_badan", policies.Agency, policies.Approver), 0, 0}, "a third": {w.signatory("og_third"), 0, 0},
		"a member": {w.as("og_dinas", policies.Agency, policies.Member), 0, 0},
	} {
		list, err := w.Waiting(row.ctx)
		looks, flags := count(list, work.ReplyToDiligence, work.FinaliseDiligence), count(list, work.HoldFlag, work.ReplyToFlag, work.DecideFlag)
		if err != nil || looks != row.looks || flags != row.flags {
			t.Errorf("%s: %d checks and %d flags, %v; want %d and %d", name, looks, flags, err, row.looks, row.flags)
		}
	}
}
