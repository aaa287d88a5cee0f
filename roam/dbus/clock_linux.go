package dbus

import (
	"time"

	"golang.org/x/sys/unix"

	"roamfault/nl80211"
)

// systemClock reads the kernel's clocks, which every kernel has.
func systemClock() nl80211.Stamp {
	return nl80211.Stamp{Monotonic: readClock(unix.CLOCK_MONOTONIC), Boot: readClock(unix.CLOCK_BOOTTIME)}
}

func readClock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
