//go:build !linux

package ctrl

import "roamfault/nl80211"

// systemClock is the one of Linux, which is missing here: whoever wants stamps
// brings a clock.
func systemClock() nl80211.Stamp { return nl80211.Stamp{} }
