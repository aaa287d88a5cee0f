package direct

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"roamfault/nl80211"
)

// systemClock reads the clocks that events of the kernel are stamped with. Both
// exist in every kernel with nl80211.
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

// bootID is the boot id as the journal writes it, without dashes; empty where the
// kernel does not tell.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(string(b)), "-", "")
}
