package nl80211

import "time"

// Stamp is when something was read from a socket.
type Stamp struct {
	// Monotonic is CLOCK_MONOTONIC, which the kernel's log goes by: time since
	// boot without suspends.
	Monotonic time.Duration
	// Boot is CLOCK_BOOTTIME, time since boot with suspends.
	Boot time.Duration
}

// Clock reads both clocks.
type Clock func() Stamp
