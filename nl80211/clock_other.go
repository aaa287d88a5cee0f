//go:build !linux

package nl80211

// systemClock is the one of Linux, which is missing here; without a socket
// there is nothing to stamp.
func systemClock() Stamp { return Stamp{} }
