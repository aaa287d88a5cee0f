package watch

import (
	"time"

	"roamfault/journal"
)

// SystemClock is this machine's clock. Its monotonic time is CLOCK_MONOTONIC,
// the clock of the journal and of the kernel's log, which stands still in
// suspend; elsewhere than on Linux it has the wall clock alone.
type SystemClock struct{ boot string }

// NewSystemClock makes the clock. Where the system does not tell the boot id,
// it is empty.
func NewSystemClock() *SystemClock {
	boot, _ := journal.BootID()
	return &SystemClock{boot: boot}
}

// Now returns the present.
func (c *SystemClock) Now() (journal.Time, string) {
	t := journal.Time{
		Wall: time.Now().UTC(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond,
	}
	t.Mono, t.HasMono = monotonic()
	return t, c.boot
}

// Ticks ticks every second.
func (*SystemClock) Ticks() (<-chan time.Time, func()) {
	t := time.NewTicker(time.Second)
	return t.C, t.Stop
}
