package pages

import (
	"strings"

	"github.com/mitra-platform/mitra/services/settings"
	"github.com/mitra-platform/mitra/services/work"
)

// recordPaths are where a record of a kind is shown, below its tenant.
var recordPaths = map[string]string{ //nolint:gochecknoglobals // a constant in all but name
	"program": "/programs/", "document_expiry": "/document-expiries/", "program_amendment": "/program-amendments/", "actual": "/actuals/", "seat": "/people/", "member": "/organisations/", "import": "/imports/", "form": "/forms/",
	"form_version": "/form-versions/", "due_diligence": "/due-diligence/", "flag": "/flags/", "settings_proposal": "/settings/proposals/",
}

// RecordPath is where a record is shown, below its tenant; empty where there is no page.
func RecordPath(kind, record string) string {
	if at := recordPaths[kind]; at != "" {
		return at + record
	}
	return ""
}

// workPath is where what is asked is done.
func workPath(i work.Item) string {
	if i.Kind == "passport" || i.Kind == "document_expiry" {
		return "/organisations/passport"
	}
	return RecordPath(i.Kind, i.Record)
}

func workTitle(s *Shown, i work.Item) string {
	if i.Title != "" {
		return i.Title
	}
	parts := make([]settings.Part, len(i.Parts))
	for j, p := range i.Parts {
		parts[j] = settings.Part(p)
	}
	return partNames(s, parts)
}

// workWhen is the kind of record, its period, and since and until when it waits.
func workWhen(s *Shown, i work.Item) string {
	parts := []string{s.T("work_kind." + i.Kind)}
	if i.From != "" {
		parts = append(parts, s.W.DayRange(i.From, i.To))
	}
	parts = append(parts, s.T("work.since", "at", s.Instant(i.Since)))
	switch {
	case i.Due == "":
	case today(s).After(i.Due):
		parts = append(parts, s.T("work.late", "day", s.W.Day(i.Due)))
	default:
		parts = append(parts, s.T("work.until", "day", s.W.Day(i.Due)))
	}
	return strings.Join(parts, " · ")
}

func workMood(s *Shown, i work.Item) mood {
	if i.Due != "" && today(s).After(i.Due) {
		return bad
	}
	return wait
}

// workSign is the drawing of what is asked.
func workSign(i work.Item) sign {
	switch i.Ask {
	case work.WritePlan, work.WriteAmendment, work.CorrectActual, work.CorrectPassport, work.FillPassport:
		return signPen
	case work.AcceptPlan, work.AcceptPlanToo, work.AcceptAmendment, work.AcceptAmendmentToo, work.CheckVerification, work.ConfirmVerification, work.AttestPassport, work.FinaliseDiligence, work.ConfirmClosing:
		return signCheck
	case work.AgreeToResume, work.ResumeNow:
		return signTurn
	case work.AgreeToEndEarly:
		return signStop
	case work.ReplyToDiligence, work.SubmitPassport:
		return signSend
	case work.HoldFlag, work.ReplyToFlag, work.DecideFlag:
		return signAlert
	case work.AnswerProposal, work.TakeUpAmendment:
		return signTune
	case work.DecideActual, work.RenewPassport, work.RenewDocument:
	}
	return signClock
}
