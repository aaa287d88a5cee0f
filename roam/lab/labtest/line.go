package labtest

import (
	"fmt"
	"strings"
	"time"

	"roamfault/roam/lab/ap"
)

// Line is a line of a log.
type Line struct {
	Time time.Time
	// Source is who has logged it: "kernel" or "wpa_supplicant".
	Source string
	// Level is the kernel's, 0 (emergency) to 7 (debug); a supplicant has none: 6.
	Level int
	Text  string
}

// String gives the line as syslog writes it.
func (l Line) String() string {
	return fmt.Sprintf("%s lab %s: %s", l.Time.UTC().Format("2006-01-02T15:04:05.000000+00:00"), l.Source, l.Text)
}

// Event is what has happened at an access point, with the time of day.
type Event struct {
	At time.Time
	ap.Event
}

// String is the event in a line.
func (e Event) String() string {
	text := fmt.Sprintf("%s link %d: %s", e.AP, e.Link, e.What)
	if !e.Station.IsZero() {
		text += " " + e.Station.String()
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// contains makes a match of texts that all have to be in a line.
func contains(texts []string) func(Line) bool {
	return func(l Line) bool {
		for _, text := range texts {
			if !strings.Contains(l.Text, text) {
				return false
			}
		}
		return true
	}
}
