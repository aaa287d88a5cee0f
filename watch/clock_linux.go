package watch

import (
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"roamfault/journal"
)

// clockMonotonic is CLOCK_MONOTONIC (include/uapi/linux/time.h).
const clockMonotonic = 1

// Now returns the present.
func (c *SystemClock) Now() (journal.Time, string) {
	t := journal.Time{
		Wall: time.Now().UTC(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond,
	}
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0); errno == 0 {
		t.Mono, t.HasMono = time.Duration(ts.Nano()), true
	}
	return t, c.boot
}

// bootID is the boot id as the journal writes it, without dashes.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(string(b)), "-", "")
}
