package observe

import "time"

// kernelClock brings times of the kernel's log to CLOCK_MONOTONIC. The kernel stamps
// what it prints by a clock of its own that no time server steers (local_clock, in
// vprintk_store of kernel/printk/printk.c): the two are some hundredths of a second
// apart from the boot on, and part further for as long as it is up.
//
// No record is read before it was printed, and most are read at once. So the least
// time between the two, of late, is how far the clocks are apart. What is read when
// a log was just opened may be old, and tells nothing.
type kernelClock struct {
	opened      time.Duration // when the log was
	known       bool
	begun       time.Duration // of the stretch
	least, last time.Duration // in this stretch, and in the one before
}

// stretch is for how long the least time is taken: long enough that some record
// was read at once, and short enough that clocks do not part much in it.
const stretch = time.Minute

// backlog is for how long what is read of a log that was opened may be from before.
const backlog = time.Second

// monotonic returns when a record was printed, that was read now.
func (k *kernelClock) monotonic(printed, now time.Duration) time.Duration {
	apart := now - printed
	switch {
	case now-k.opened < backlog:
	case !k.known:
		k.known, k.begun, k.least, k.last = true, now, apart, apart
	case now-k.begun >= stretch:
		k.begun, k.last, k.least = now, k.least, apart
	default:
		k.least = min(k.least, apart)
	}
	return printed + min(k.least, k.last)
}
