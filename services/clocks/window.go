package clocks

import "time"

// IsOpen says whether a window is open at an instant: from opens on, until closes and the
// grace after it, both ends included. A window without an opening was always open, one
// without a closing stays so. No other code compares a deadline with the present.
func IsOpen(opens, closes, now time.Time, grace time.Duration) bool {
	if !opens.IsZero() && now.Before(opens) {
		return false
	}
	return closes.IsZero() || !now.After(closes.Add(grace))
}
