package probe

import (
	"fmt"
	"time"

	"roamfault/journal"
	"roamfault/roam/runlog"
)

// Identifier is that of the records which tell of stalls. It is not one of those
// that begin with "roamfault": what our own programs print is left out when a log
// is read (reports/analysis and watch), because it only repeats others, and a stall
// is told by nobody else.
const Identifier = "roam-probe"

const (
	warning     journal.Priority = 4
	information journal.Priority = 6
)

// report queues the record of a stall that has begun or ended.
func (p *Probe) report(s Stall) {
	if p.config.Emit != nil {
		p.queue = append(p.queue, record(s, p.config.Interface, p.config.Boot, p.config.Clock()))
	}
}

// record words a stall:
//
//	wlan0: data stall: nothing was answered for 2.1 s (both directions) while connected to 02:00:00:00:01:00
//	wlan0: data pass again after 7.3 s (both directions) while connected to 02:00:00:00:01:00
//	wlan0: data stall was left after 7.3 s (both directions) while connected to 02:00:00:00:01:00
//
// In place of "both directions" there can be "up", "down" or "link" and its ID.
func record(s Stall, iface, boot string, now runlog.Moment) journal.Record {
	at, what, priority := s.Told, "data stall: nothing was answered for", warning
	if s.End != 0 {
		at, what, priority = s.End, "data pass again after", information
		if s.Left {
			what = "data stall was left after"
		}
	}
	kind := s.Kind
	if kind == Both {
		kind = "both directions"
	}
	message := fmt.Sprintf("%s: %s %.1f s (%s) while connected to %v", iface, what, (at - s.Begin).Seconds(), kind, s.AP)
	message = journal.Sanitize(message, false)
	return journal.Record{
		Time: journal.Time{
			Wall:      now.Wall.Add(at - now.Monotonic),
			Known:     journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone,
			Precision: time.Microsecond,
			Mono:      at, HasMono: true,
		},
		Boot: boot, Identifier: Identifier, Priority: priority, Message: message, Count: 1, Raw: message,
	}
}
