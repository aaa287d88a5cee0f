package hwsim

import "sync/atomic"

// Stats are counts since the medium was opened.
type Stats struct {
	// Frames were sent by radios.
	Frames uint64 `json:"frames"`
	// Statuses were given with Acknowledge.
	Statuses uint64 `json:"statuses"`
	// Injected were given to radios with Inject.
	Injected uint64 `json:"injected"`
	// Unheard are those of Injected that the radio was not listening for: not on
	// that channel, or idle. That is as it is in the air.
	Unheard uint64 `json:"unheard"`
	// Late are those of Statuses whose frame the radio waited for no longer.
	Late uint64 `json:"late"`
	// Refused are messages that the kernel refused for other reasons.
	Refused uint64 `json:"refused"`
	// Overruns is how often the socket's buffer was too small and messages of
	// the kernel were lost.
	Overruns uint64 `json:"overruns"`
	// Malformed are messages of the kernel that could not be read.
	Malformed uint64 `json:"malformed"`
	// Batches is in how many system calls all was sent.
	Batches uint64 `json:"batches"`
}

// counters are Stats at work.
type counters struct {
	frames, statuses, injected, unheard, late, refused, overruns, malformed, batches atomic.Uint64
}

func (c *counters) stats() Stats {
	return Stats{
		Frames:    c.frames.Load(),
		Statuses:  c.statuses.Load(),
		Injected:  c.injected.Load(),
		Unheard:   c.unheard.Load(),
		Late:      c.late.Load(),
		Refused:   c.refused.Load(),
		Overruns:  c.overruns.Load(),
		Malformed: c.malformed.Load(),
		Batches:   c.batches.Load(),
	}
}
