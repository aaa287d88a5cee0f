package runlog

import (
	"math"
	"math/bits"
	"time"

	"roamfault/nl80211/dot11"
)

// Brief is what comparisons need of a cycle.
type Brief struct {
	Number int
	Load   int
	// Begin is on CLOCK_BOOTTIME of the boot that it began in, to the millisecond.
	Begin time.Duration
	Boot  string // boot id
	// Took and Outage are as in [Cycle], to the microsecond, and at most 71 minutes.
	Took, Outage time.Duration
	// Stages is how long each stage was, in the order of [Stages]: 0 of one that did
	// not end or was not there, else at least a microsecond and at most 71 minutes,
	// to a part in 1000. Of a stage that came several times it is the last.
	Stages [StageCount]time.Duration
	// Open is the place in Stages of the stage that did not end, the last such one,
	// -1: none. OpenFrom is when it began, counted from the begin of the action.
	Open     int
	OpenFrom time.Duration

	Kind    Kind
	Outcome Outcome
	// From, To and At number the access points in [Run.APs]; -1: none. At is where it
	// was connected in the end.
	From, To, At int
	// Links is how many links the connection had in the end.
	Links int
	// Signal is that of [Air], in dBm, 0 where it is not known, and Busy its share
	// of time in percent.
	Signal, Busy int
	// Utilization is as in [Air], and TSF, too, but cut off to the second; 0: not known.
	Utilization int
	TSF         uint64
	AfterReset  bool
	Injected    bool // its origin is not [Natural]
	Stalled     bool // a probe found that data did not pass
}

// StageCount is how many stages there are.
const StageCount = 7

// shortTime is a time in a column: microseconds, of which the highest stands for
// all above.
type shortTime uint32

func short(d time.Duration) shortTime {
	us := (d + time.Microsecond - 1) / time.Microsecond
	return shortTime(max(0, min(us, math.MaxUint32)))
}

// roughTime is a shortTime in half of the room: 11 bits and how far they are
// shifted. Clocks of kernel and supplicant differ by more than it leaves out.
type roughTime uint16

const roughBits = 11

func rough(t shortTime) roughTime {
	shift := max(bits.Len32(uint32(t))-roughBits, 0)
	return roughTime(uint32(t)>>shift | uint32(shift)<<roughBits)
}

func (t roughTime) duration() time.Duration {
	us := shortTime(t&(1<<roughBits-1)) << (t >> roughBits)
	return us.duration()
}

func (t shortTime) duration() time.Duration { return time.Duration(t) * time.Microsecond }

// row is a cycle on its way into the columns, before its words and addresses got
// their numbers. Its texts may share the memory of the line.
type row struct {
	number, load   int
	begin          time.Duration // CLOCK_BOOTTIME
	boot           []byte
	took, outage   shortTime
	stages         [StageCount]shortTime
	open           uint8 // stage that did not end, and 1
	openFrom       shortTime
	kind, outcome  []byte
	from, to, end  dot11.Addr
	hasFrom, hasTo bool
	hasEnd         bool
	links, toLinks int // of the connection in the end, and of the target
	signal, busy   int
	utilization    int
	tsf            uint64 // microseconds
	flags          uint8
}

// stage takes a stage: 0 is the end of one that did not end.
func (r *row) stage(name string, begin, end time.Duration) {
	n := stageNumber(name)
	if n < 0 {
		return
	}
	r.stages[n] = stageTime(begin, end)
	switch {
	case end == 0:
		r.open, r.openFrom = uint8(n+1), short(begin)
	case int(r.open) == n+1:
		r.open, r.openFrom = 0, 0 // it came again, and ended
	}
}

// The flags of a row.
const (
	flagAfterReset uint8 = 1 << iota
	flagInjected
	flagStalled
)

// rowOf makes a row of a cycle that was decoded.
func rowOf(c *Cycle) row {
	r := row{
		number: c.Number, load: c.Load, begin: c.Begin.Boot, boot: []byte(c.Boot),
		took: short(c.Took), outage: short(c.Outage), kind: []byte(c.Kind), outcome: []byte(c.Outcome),
	}
	for _, s := range c.Stages {
		r.stage(string(s.Stage), s.Begin, s.End)
	}
	if c.From != nil {
		r.from, r.hasFrom = c.From.Addr(), true
	}
	if c.To != nil {
		r.to, r.hasTo, r.toLinks = c.To.Addr(), true, len(c.To.Links)
	}
	if c.At != nil {
		r.links = len(c.At.Links)
		r.end, r.hasEnd = c.At.Addr(), true
	}
	if c.Air != nil {
		r.signal, r.busy, r.utilization, r.tsf = c.Air.Signal, c.Air.Busy, c.Air.Utilization, c.Air.TSF
	}
	if c.AfterReset {
		r.flags |= flagAfterReset
	}
	if c.Origin != Natural {
		r.flags |= flagInjected
	}
	if c.Probe != nil && c.Probe.Stall != "" {
		r.flags |= flagStalled
	}
	return r
}

// stageTime is how long a stage was, at least a microsecond if it ended.
func stageTime(begin, end time.Duration) shortTime {
	if end == 0 {
		return 0
	}
	return max(short(end-begin), 1)
}

func stageNumber(name string) int {
	switch Stage(name) {
	case StageRequest:
		return 0
	case StageScan:
		return 1
	case StageAuth:
		return 2
	case StageAssoc:
		return 3
	case StageHandshake:
		return 4
	case StagePort:
		return 5
	case StagePacket:
		return 6
	}
	return -1
}
