//go:build !linux

package dbus

import "roamfault/nl80211"

// systemClock is the one of Linux, which is missing here: a station elsewhere
// needs a clock in its Config.
func systemClock() nl80211.Stamp { return nl80211.Stamp{} }
