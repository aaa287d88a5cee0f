package journal

import (
	"fmt"
	"strings"
	"time"
)

// Time is a point in time as a log tells it: on the wall clock, on the
// monotonic clock of a boot, on both or on neither.
type Time struct {
	// Wall is the wall clock. Parts that Known does not name are zero or
	// one and mean nothing: a time without year stands in year 0, a time
	// of day on 0000-01-01, a time without zone in UTC.
	Wall time.Time
	// Known tells which parts of Wall the source gave.
	Known Parts
	// Precision is the wall clock's unit as printed: time.Second,
	// time.Millisecond, ... Zero when there is no wall clock.
	Precision time.Duration
	// Mono is the time since boot, meaningful when HasMono is set.
	Mono time.Duration
	// HasMono tells whether Mono is set.
	HasMono bool
}

// Parts is a set of the parts of a wall-clock time.
type Parts uint8

// The parts.
const (
	KnownClock Parts = 1 << iota // hour, minute, second
	KnownDate                    // month and day
	KnownYear
	KnownZone
)

// Real reports whether the wall clock is complete: a point on the time line.
func (t Time) Real() bool {
	return t.Known == KnownClock|KnownDate|KnownYear|KnownZone
}

// IsZero reports whether nothing is known of the time.
func (t Time) IsZero() bool { return t.Known == 0 && !t.HasMono }

// Clock names the clock that a time can be compared on.
type Clock uint8

// The clocks, by preference: times of one clock (and, for the monotonic one,
// of one boot) can be ordered and subtracted.
const (
	ClockNone Clock = iota
	ClockMono       // time since boot
	ClockWall       // date and time, year known
	ClockYear       // date and time within an unknown year
	ClockDay        // time of day only
)

// Clock returns the finest clock of t.
func (t Time) Clock() Clock {
	if t.HasMono {
		return ClockMono
	}
	return t.WallClock()
}

// WallClock returns the clock of t's wall time, leaving the monotonic time
// aside.
func (t Time) WallClock() Clock {
	switch {
	case t.Known&KnownClock == 0:
		return ClockNone
	case t.Known&KnownDate == 0:
		return ClockDay
	case t.Known&KnownYear == 0:
		return ClockYear
	}
	return ClockWall
}

// String writes the time in a shape that promises no more than is known:
// RFC 3339 when complete, the same without offset when the zone is unknown,
// "--01-11T18:14:14" without a year (the truncated form of ISO 8601:2000),
// "T09:08:23" for a time of day, "+88076.687545s" on the monotonic clock
// alone, and the empty string for none.
func (t Time) String() string {
	frac := ""
	if t.Precision > 0 && t.Precision < time.Second {
		digits := 9
		for p := time.Duration(1); p < t.Precision && digits > 0; p *= 10 {
			digits--
		}
		frac = "." + strings.Repeat("0", digits)
	}
	switch t.WallClock() {
	case ClockWall:
		if t.Known&KnownZone != 0 {
			return t.Wall.Format("2006-01-02T15:04:05" + frac + "Z07:00")
		}
		return t.Wall.Format("2006-01-02T15:04:05" + frac)
	case ClockYear:
		return "--" + t.Wall.Format("01-02T15:04:05"+frac)
	case ClockDay:
		return t.Wall.Format("T15:04:05" + frac)
	}
	if t.HasMono {
		return fmt.Sprintf("+%d.%06ds", t.Mono/time.Second, t.Mono%time.Second/time.Microsecond)
	}
	return ""
}
