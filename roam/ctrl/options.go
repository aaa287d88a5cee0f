package ctrl

import (
	"context"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
)

// Options say how a Station works. The zero value is good.
type Options struct {
	Config
	// Boot is the boot id that records have, 32 hexadecimal digits; empty: that of
	// the system.
	Boot string
	// Clock stamps events, and Wall gives the time of day for their records; nil:
	// those of the system.
	Clock nl80211.Clock
	Wall  func() time.Time
	// Patience is how long a scan may take, and how long it is tried where the
	// daemon is busy; 0: 30 s. All channels take some 15 s on slow radios.
	Patience time.Duration
	// MayRoam leaves the daemon its background scans, by which it goes to another
	// access point by itself.
	MayRoam bool
	// Keep writes a change of a network down before it is made, so that another
	// process can undo it (see [Undo]) where this one is killed; nil: nobody does.
	// An error keeps the change from being made.
	Keep func(ctx context.Context, k Kept) error
}

const defaultPatience = 30 * time.Second

func (o Options) complete() Options {
	if o.Boot == "" {
		o.Boot, _ = journal.BootID() // without one, records name none
	}
	if o.Clock == nil {
		o.Clock = nl80211.SystemClock
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	return o
}
