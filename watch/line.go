package watch

import (
	"fmt"
	"time"

	"roamfault/journal"
)

// lineOf writes a record the way logs are pasted, as "journalctl -o
// short-iso-precise" does, or as dmesg where only the time since boot is known:
// what an incident quotes can be read by people, and analysed again.
func lineOf(r *journal.Record) string {
	who := r.Identifier
	if r.PID > 0 {
		who = fmt.Sprintf("%s[%d]", who, r.PID)
	}
	switch {
	case r.Time.Real():
		return fmt.Sprintf("%s %s %s: %s", r.Time.Wall.UTC().Format("2006-01-02T15:04:05.000000-07:00"), orDash(r.Host), orDash(who), r.Message)
	case r.Time.HasMono && who == "kernel":
		return fmt.Sprintf("[%5d.%06d] %s", r.Time.Mono/time.Second, r.Time.Mono%time.Second/time.Microsecond, r.Message)
	case r.Time.HasMono:
		return fmt.Sprintf("[%5d.%06d] %s: %s", r.Time.Mono/time.Second, r.Time.Mono%time.Second/time.Microsecond, orDash(who), r.Message)
	}
	return r.Raw
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
