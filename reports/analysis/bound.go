package analysis

import (
	"fmt"
	"strings"
	"time"

	"roamfault/journal"
)

// Bound is one end of a span of time as people write it. It is compared with a
// record only on a clock that both have.
type Bound struct {
	time journal.Time
	set  bool
}

// boundLayouts are the spellings of --since and --until.
var boundLayouts = []struct {
	layout    string
	known     journal.Parts
	precision time.Duration
}{
	{time.RFC3339Nano, journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, time.Nanosecond},
	{"2006-01-02T15:04:05", journal.KnownClock | journal.KnownDate | journal.KnownYear, time.Second},
	{"2006-01-02 15:04:05", journal.KnownClock | journal.KnownDate | journal.KnownYear, time.Second},
	{"2006-01-02 15:04", journal.KnownClock | journal.KnownDate | journal.KnownYear, time.Second},
	{"2006-01-02", journal.KnownClock | journal.KnownDate | journal.KnownYear, time.Second},
	{"--01-02T15:04:05", journal.KnownClock | journal.KnownDate, time.Second},
	{"01-02 15:04:05", journal.KnownClock | journal.KnownDate, time.Second},
	{"Jan 2 15:04:05", journal.KnownClock | journal.KnownDate, time.Second},
	{"15:04:05", journal.KnownClock, time.Second},
	{"15:04", journal.KnownClock, time.Second},
}

// ParseBound reads one end of a span: a date with time, a date, a date without
// year ("Jan 11 18:14:14"), a time of day, or "+1264.8s" for seconds since boot.
func ParseBound(s string) (Bound, error) {
	if s == "" {
		return Bound{}, nil
	}
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		d, err := time.ParseDuration(rest)
		if err != nil {
			if d, err = time.ParseDuration(rest + "s"); err != nil {
				return Bound{}, fmt.Errorf("%q is no time since boot: write it like +1264.8s", s)
			}
		}
		return Bound{journal.Time{Mono: d, HasMono: true}, true}, nil
	}
	for _, l := range boundLayouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return Bound{journal.Time{Wall: t, Known: l.known, Precision: l.precision}, true}, nil
		}
	}
	return Bound{}, fmt.Errorf("%q is no time: write it like \"2026-01-11 18:14:14\", \"Jan 11 18:14:14\", \"18:14:14\" or \"+1264.8s\" since boot", s)
}

// wall is the bound as a point on the time line, zero when it is none that a
// record in UTC can be held against.
func (b Bound) wall() time.Time {
	const dated = journal.KnownClock | journal.KnownDate | journal.KnownYear
	if !b.set || b.time.Known&dated != dated {
		return time.Time{}
	}
	return b.time.Wall
}

// after reports whether t lies after the bound. A time that cannot be compared
// does not: what is not known to be outside stays in.
func (b Bound) after(t journal.Time) bool {
	d, ok := b.compare(t)
	return b.set && ok && d > 0
}

// before reports whether t lies before the bound.
func (b Bound) before(t journal.Time) bool {
	d, ok := b.compare(t)
	return b.set && ok && d < 0
}

// compare returns t minus the bound on the parts of the clock that both know.
func (b Bound) compare(t journal.Time) (time.Duration, bool) {
	if b.time.HasMono {
		return t.Mono - b.time.Mono, t.HasMono
	}
	both := b.time.Known & t.Known
	if both&journal.KnownClock == 0 || b.time.Known&journal.KnownDate != 0 && t.Known&journal.KnownDate == 0 {
		return 0, false
	}
	x, y := t.Wall, b.time.Wall
	switch {
	case both == b.time.Known && both == t.Known && both&journal.KnownYear != 0:
		return x.Sub(y), true
	case both&journal.KnownYear != 0: // one of them has no zone: compare what the clocks show
		return onDate(x, x.Year(), int(x.Month()), x.Day()).Sub(onDate(y, y.Year(), int(y.Month()), y.Day())), true
	case both&journal.KnownDate != 0:
		return onDate(x, 2000, int(x.Month()), x.Day()).Sub(onDate(y, 2000, int(y.Month()), y.Day())), true
	}
	return onDate(x, 2000, 1, 1).Sub(onDate(y, 2000, 1, 1)), true
}

func onDate(t time.Time, year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
