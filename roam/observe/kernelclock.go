package observe

import "time"

// kernelClock brings times of the kernel's log to CLOCK_MONOTONIC. The kernel stamps
// what it prints by a clock of its own that no time server steers (local_clock, in
// vprintk_store of kernel/printk/printk.c): after days without a reboot the two are
// seconds apart, and in emulated machines after minutes.
//
// No record is read before it was printed, and most are read at once. So the least
// time between the two, of late, is how far the clocks are apart.
type kernelClock struct {
	known       bool
	begun       time.Duration // of the stretch
	least, last time.Duration // in this stretch, and in the one before
}

// stretch is for how long the least time is taken: long enough that some record
// was read at once, and short enough that clocks do not part much in it.
const stretch = time.Minute

// monotonic returns when a record was printed, that was read now.
func (k *kernelClock) monotonic(printed, now time.Duration) time.Duration {
	apart := now - printed
	switch {
	case !k.known:
		k.known, k.begun, k.least, k.last = true, now, apart, apart
	case now-k.begun >= stretch:
		k.begun, k.last, k.least = now, k.least, apart
	default:
		k.least = min(k.least, apart)
	}
	return printed + min(k.least, k.last)
}
