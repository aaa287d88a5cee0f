//go:build !linux

package watch

import (
	"time"

	"roamfault/journal"
)

// Now returns the present.
func (c *SystemClock) Now() (journal.Time, string) {
	return journal.Time{
		Wall: time.Now().UTC(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond,
	}, c.boot
}

func bootID() string { return "" }
