package nl80211

import (
	"time"

	"golang.org/x/sys/unix"
)

// SystemClock reads the kernel's clocks. Both exist in every kernel that this
// package knows, so that reading them cannot fail.
func SystemClock() Stamp {
	return Stamp{Monotonic: readClock(unix.CLOCK_MONOTONIC), Boot: readClock(unix.CLOCK_BOOTTIME)}
}

func readClock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
