//go:build !linux

package nl80211

// SystemClock is the one of Linux, which is missing here; without a socket
// there is nothing to stamp.
func SystemClock() Stamp { return Stamp{} }
