package watch

import "time"

// SystemClock is this machine's clock. Its monotonic time is CLOCK_MONOTONIC,
// the clock of the journal and of the kernel's log, which stands still in
// suspend; elsewhere than on Linux it has the wall clock alone.
type SystemClock struct{ boot string }

// NewSystemClock makes the clock. Where the system does not tell the boot id,
// it is empty.
func NewSystemClock() *SystemClock { return &SystemClock{boot: bootID()} }

// Ticks ticks every second.
func (*SystemClock) Ticks() (<-chan time.Time, func()) {
	t := time.NewTicker(time.Second)
	return t.C, t.Stop
}
