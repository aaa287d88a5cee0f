//go:build !linux

package watch

import "time"

// monotonic is the clock of Linux, which is missing here.
func monotonic() (time.Duration, bool) { return 0, false }
