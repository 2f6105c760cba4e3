package pages

import "strings"

func noneText(s *Shown, v NoticeList) string {
	if v.OnlyUnread {
		return s.T("notices.none_unread")
	}
	return s.T("notices.none")
}

func noticeTitle(s *Shown, n NoticeRow) string {
	if n.Title != "" {
		return n.Title
	}
	return s.T("kind." + n.Kind)
}

// noticeBy is who did it, for whom, and when.
func noticeBy(s *Shown, n NoticeRow) string {
	parts := []string{n.Who}
	if n.Whose != "" {
		parts = append(parts, n.Whose)
	}
	return strings.Join(append(parts, s.Instant(n.At)), " · ")
}

// noticeMood tells what is unread from what is not, for whoever sees colours.
func noticeMood(n NoticeRow) mood {
	if n.Unread {
		return wait
	}
	return calm
}
