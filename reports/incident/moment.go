package incident

import (
	"time"

	"roamfault/journal"
)

// moment is a record's time as far as incidents need it: a point on the
// monotonic clock of a boot, on a wall clock, or on neither.
type moment struct {
	time journal.Time
	boot string
	file string
	line int
}

// minus returns how long m lies after o, and false when the two cannot be
// compared. The monotonic clock of one boot is preferred; of wall clocks both
// must know the same parts, and one that knows no year or no date is taken to
// have gone round when it would jump back by more than half its circle.
func (m moment) minus(o moment) (time.Duration, bool) {
	if m.time.HasMono && o.time.HasMono && m.boot == o.boot {
		return m.time.Mono - o.time.Mono, true
	}
	clock := m.time.WallClock()
	if clock == journal.ClockNone || clock != o.time.WallClock() {
		return 0, false
	}
	d := m.time.Wall.Sub(o.time.Wall)
	if circle, ok := circles[clock]; ok {
		if d < -circle/2 {
			d += circle
		} else if d > circle/2 {
			d -= circle
		}
	}
	return d, true
}

// circles are the lengths of the clocks that go round.
var circles = map[journal.Clock]time.Duration{
	journal.ClockYear: 366 * 24 * time.Hour,
	journal.ClockDay:  24 * time.Hour,
}

// nearLines is how close two records of different clocks must stand to count
// as near in time.
const nearLines = 40

// within reports whether m lies no more than d after o. A record without a
// clock counts as near: it stands where it was written. Two clocks that cannot
// be compared are near where their records stand close together.
func (m moment) within(d time.Duration, o moment) bool {
	if gap, ok := m.minus(o); ok {
		return gap <= d
	}
	if m.time.IsZero() || o.time.IsZero() {
		return true
	}
	return m.file == o.file && max(m.line-o.line, o.line-m.line) <= nearLines
}

// fine reports whether the moment is exact enough to measure a gap of some
// hundred milliseconds.
func (m moment) fine() bool {
	return m.time.HasMono || m.time.Precision > 0 && m.time.Precision <= 100*time.Millisecond
}

// earlier returns the moment d before m.
func (m moment) earlier(d time.Duration) moment {
	m.time.Mono -= d
	m.time.Wall = m.time.Wall.Add(-d)
	return m
}
