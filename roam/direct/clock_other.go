//go:build !linux

package direct

import "roamfault/nl80211"

// systemClock stands still: no kernel but Linux has events to be stamped.
func systemClock() nl80211.Stamp { return nl80211.Stamp{} }

// bootID is empty: there are boot ids on Linux only.
func bootID() string { return "" }
