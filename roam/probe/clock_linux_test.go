package probe

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"roamfault/roam/runlog"
)

// systemClock reads the machine's clocks.
func systemClock(t testing.TB) func() runlog.Moment {
	read := func(id int32) time.Duration {
		var ts unix.Timespec
		if err := unix.ClockGettime(id, &ts); err != nil {
			t.Error(err)
		}
		return time.Duration(ts.Nano())
	}
	return func() runlog.Moment {
		return runlog.Moment{
			Wall: time.Unix(0, int64(read(unix.CLOCK_REALTIME))), Monotonic: read(unix.CLOCK_MONOTONIC), Boot: read(unix.CLOCK_BOOTTIME),
		}
	}
}
