package pages

// sign is a drawing on a grid of 24. The reader's words stand beside it, always: a sign
// alone says nothing to somebody who does not know it.
type sign string

const (
	signHome   sign = "M4 11.5 12 4.5l8 7M6.5 10v9.5h11V10M10 19.5v-5h4v5"
	signList   sign = "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01"
	signHouse  sign = "M4.5 20V7.5L12 4l7.5 3.5V20ZM9.5 20v-4.5h5V20M8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01"
	signPeople sign = "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 19.5c.4-3.4 2.8-5 6-5s5.6 1.6 6 5M16 5a3.2 3.2 0 0 1 0 6.2M17.5 14.8c2 .6 3.2 2.2 3.5 4.7"
	signClock  sign = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2"
	signTune   sign = "M4 7.5h9M18 7.5h2M4 16.5h3M12 16.5h8M15.5 5v5M9.5 14v5"
	signCheck  sign = "m5 12.5 4.5 4.5L19 7.5"
	signAlert  sign = "M12 4.5 21 19.5H3ZM12 10v4.5M12 17h.01"
	signPen    sign = "m5 19 .8-4L16 4.8 19.2 8 9 18.2ZM13.8 7 17 10.2"
	signStop   sign = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM6 18 18 6"
	signPause  sign = "M9 6v12M15 6v12"
	signPlus   sign = "M12 5.5v13M5.5 12h13"
	signNext   sign = "m9.5 6 6 6-6 6"
	signSend   sign = "M5 12h14M13 6l6 6-6 6"
	signNote   sign = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5.5M12 7.8h.01"
	signTurn   sign = "M4 9h13l-3.5-3.5M20 15H7l3.5 3.5"
)

// mood is the colour of a state or a notice, and the sign that says the same without it.
type mood string

const (
	calm mood = "calm"
	good mood = "good"
	wait mood = "wait"
	bad  mood = "bad"
)

func (m mood) sign() sign {
	switch m {
	case good:
		return signCheck
	case wait:
		return signClock
	case bad:
		return signAlert
	}
	return signNote
}

// moodOf is how a state of any record looks.
func moodOf(state string) (mood, sign) {
	switch state {
	case "active", "accepted", "closed", "verified", "done", "in_effect":
		return good, signCheck
	case "published", "final", "low", "valid":
		return good, signCheck
	case "sent", "replied", "proposed", "disclosed", "caution", "significant":
		return wait, signClock
	case "upheld", "exclude", "high":
		return bad, signAlert
	case "note", "moderate":
		return calm, signNote
	case "lapsed":
		return calm, signStop
	case "open":
		return good, signSend
	case "suspended":
		return wait, signPause
	case "both_accepted", "submitted", "closing", "in_check", "expiring", "waiting", "previewed", "confirmed":
		return wait, signClock
	case "returned", "failed", "expired":
		return bad, signAlert
	case "ended_early", "abandoned", "ended", "withdrawn", "discarded", "refused", "outdated", "replaced":
		return bad, signStop
	}
	return calm, signPen
}
