package render

import (
	"fmt"
	"time"

	"roamfault/journal"
	"roamfault/reports/incident"
)

// clock writes when an event came for a column of a time line: the time of
// day, the seconds since boot, or its line where it has no time.
func clock(e *incident.Event) string {
	t := e.Time
	switch {
	case t.WallClock() != journal.ClockNone:
		layout := "15:04:05"
		if t.Precision > 0 && t.Precision < time.Second {
			layout = "15:04:05.000"
		}
		return t.Wall.Format(layout)
	case t.HasMono:
		return fmt.Sprintf("%d.%03d", t.Mono/time.Second, t.Mono%time.Second/time.Millisecond)
	}
	return fmt.Sprintf("line %d", e.Origin.Line)
}

// day writes the date of an event, "" when its log tells none.
func day(e *incident.Event) string {
	switch e.Time.WallClock() {
	case journal.ClockWall:
		return e.Time.Wall.Format("2006-01-02")
	case journal.ClockYear:
		return e.Time.Wall.Format("Jan 2")
	}
	return ""
}

// when writes the full time of an event for a sentence, "" when it has none.
func when(e *incident.Event) string {
	if e == nil || e.Time.IsZero() {
		return ""
	}
	if e.Time.WallClock() == journal.ClockNone {
		return clock(e) + " s after boot"
	}
	text := clock(e)
	if d := day(e); d != "" {
		text = d + " " + text
	}
	if e.Time.Known&journal.KnownZone != 0 {
		text += " " + e.Time.Wall.Format("-07:00")
	}
	return text
}

// place writes where an event stands, clean.
func place(e *incident.Event) string {
	if e == nil {
		return ""
	}
	return Clean(e.Place())
}

// began writes where and when an incident begins, for a list.
func began(i *incident.Incident) string {
	text := clip(place(i.First), longestText)
	if at := when(i.First); at != "" {
		text += ", " + at
	}
	return text
}

// apart returns how much later b came than a, and false when their clocks
// cannot be compared.
func apart(a, b *incident.Event) (time.Duration, bool) {
	if a.Time.HasMono && b.Time.HasMono && a.Boot == b.Boot {
		return b.Time.Mono - a.Time.Mono, true
	}
	if c := a.Time.WallClock(); c != journal.ClockNone && c == b.Time.WallClock() {
		return b.Time.Wall.Sub(a.Time.Wall), true
	}
	return 0, false
}

// earlier reports whether a stands before b: by clock, else by place.
func earlier(a, b *incident.Event) bool {
	if gap, ok := apart(a, b); ok && gap != 0 {
		return gap > 0
	}
	return a.Origin.File == b.Origin.File && a.Origin.Line < b.Origin.Line
}
