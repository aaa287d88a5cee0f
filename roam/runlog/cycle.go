package runlog

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"roamfault/nl80211/dot11"
)

// Moment is a time on the machine's clocks.
type Moment struct {
	// Wall is for people; it can jump.
	Wall time.Time `json:"wall"`
	// Monotonic is CLOCK_MONOTONIC, which kernel logs go by and which stands still
	// in suspend.
	Monotonic time.Duration `json:"monotonic_ns"`
	// Boot is CLOCK_BOOTTIME, which does not stand still.
	Boot time.Duration `json:"boot_ns"`
}

// Stage is a step within a cycle.
type Stage string

// The stages, in their order.
const (
	StageRequest   Stage = "request"   // until the station has taken the request
	StageScan      Stage = "scan"      // until scan results are there
	StageAuth      Stage = "auth"      // until the access point has accepted authentication
	StageAssoc     Stage = "assoc"     // until it has accepted association
	StageHandshake Stage = "handshake" // until the 4-way handshake is complete
	StagePort      Stage = "port"      // until the kernel lets data pass
	StagePacket    Stage = "packet"    // until the first IP packet has been answered
)

// Stages are all stages in their order.
func Stages() []Stage {
	return []Stage{StageRequest, StageScan, StageAuth, StageAssoc, StageHandshake, StagePort, StagePacket}
}

// StageTime is when a stage was, counted from the begin of the cycle's action.
type StageTime struct {
	Stage Stage         `json:"stage"`
	Begin time.Duration `json:"begin_ns"`
	// End is 0 of a stage that did not end.
	End time.Duration `json:"end_ns,omitzero"`
}

// StageTimes are the stages of a cycle in the order they came.
type StageTimes []StageTime

// MarshalJSON gives an array for each stage: its name, its begin and, where it
// ended, its end, in nanoseconds. Objects would make a third of a run file.
func (s StageTimes) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, t := range s {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(string(t.Stage))
		if err != nil {
			return nil, err
		}
		b = append(append(b, '['), name...)
		b = strconv.AppendInt(append(b, ','), int64(t.Begin), 10)
		if t.End != 0 {
			b = strconv.AppendInt(append(b, ','), int64(t.End), 10)
		}
		b = append(b, ']')
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON gives.
func (s *StageTimes) UnmarshalJSON(data []byte) error {
	var all [][]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*s = nil
	for _, raw := range all {
		var t StageTime
		fields := []any{&t.Stage, &t.Begin, &t.End}
		if len(raw) < 2 || len(raw) > len(fields) {
			return fmt.Errorf("a stage of %d values: a name, a begin and perhaps an end are wanted", len(raw))
		}
		for i := range raw {
			if err := json.Unmarshal(raw[i], fields[i]); err != nil {
				return fmt.Errorf("stage: %w", err)
			}
		}
		*s = append(*s, t)
	}
	return nil
}

// Outcome is how a cycle ended.
type Outcome string

// The outcomes, the better before the worse where several would fit.
const (
	OK           Outcome = "ok"
	Incident     Outcome = "incident"      // connected as asked, but an incident opened
	Stalled      Outcome = "stalled"       // connected as asked, but data did not pass
	MissingLinks Outcome = "missing-links" // fewer links than were offered and can be had
	WrongAP      Outcome = "wrong-ap"      // connected, to another access point than asked for
	Rejected     Outcome = "rejected"      // the access point, the kernel or the supplicant refused
	Timeout      Outcome = "timeout"       // nothing came of it in the time there was
	Lost         Outcome = "lost"          // the connection was lost within the dwell
	Crashed      Outcome = "crashed"       // the machine did not live to its end
	Skipped      Outcome = "skipped"       // it could not be tried: the target was not heard, the interface was gone
)

// Outcomes are all outcomes.
func Outcomes() []Outcome {
	return []Outcome{OK, Incident, Stalled, MissingLinks, WrongAP, Rejected, Timeout, Lost, Crashed, Skipped}
}

// Bad reports whether a maintainer would count it as a failure. A skipped cycle
// is none: nothing was tried.
func (o Outcome) Bad() bool { return o != OK && o != Skipped }

// Origin says whether a fault was asked for.
type Origin string

// The origins.
const (
	Natural  Origin = "natural"
	Injected Origin = "injected"
)

// Cycle is what is known of one cycle at its end.
type Cycle struct {
	Number int  `json:"number"` // from 1
	Kind   Kind `json:"kind"`
	// Load counts the loads of the chip's firmware within the run, from 1: a reset,
	// a driver bound anew and a boot begin another.
	Load  int    `json:"load"`
	Boot  string `json:"boot"` // boot id
	Begin Moment `json:"begin"`
	End   Moment `json:"end"`

	From *AP `json:"from,omitzero"` // nil: not connected
	To   *AP `json:"to,omitzero"`   // nil where the kind has no target
	// BSSID is the link of To that was asked for.
	BSSID dot11.Addr `json:"bssid,omitzero"`
	// At is the access point it was connected to in the end, with the links that
	// were set up; nil: none.
	At *AP `json:"at,omitzero"`
	// Before is the link set of the connection before, by BSSID.
	Before []Link `json:"before,omitzero"`
	// Expected is how many links were due: those offered that this radio can have.
	Expected int `json:"expected,omitzero"`
	// Active are the links in use, where the kernel's debugfs tells; else nil.
	Active LinkIDs `json:"active,omitzero"`

	Stages  StageTimes `json:"stages,omitzero"`
	Outcome Outcome    `json:"outcome"`
	// Status is the access point's, of a rejection, and Reason that of a lost
	// connection.
	Status dot11.StatusCode `json:"status,omitzero"`
	Reason dot11.ReasonCode `json:"reason,omitzero"`
	// Detail is what went wrong, in words; one line, from anywhere.
	Detail string `json:"detail,omitzero"`

	// Outage is how long no data could pass, from the leaving of the old access
	// point to the opened port; 0 where it is not known.
	Outage time.Duration `json:"outage_ns,omitzero"`
	// Took is from the begin of the action to the opened port, or to the giving up.
	Took time.Duration `json:"took_ns,omitzero"`

	// AfterReset says that the chip was reset, the driver bound or the machine
	// booted shortly before: such a cycle does not stand for itself.
	AfterReset bool     `json:"after_reset,omitzero"`
	Origin     Origin   `json:"origin"`
	Injected   []string `json:"injected,omitzero"` // names of the faults injected
	// Incidents are the classes of what opened within the cycle; the incidents
	// themselves are entries of their own.
	Incidents []string `json:"incidents,omitzero"`

	Air   *Air   `json:"air,omitzero"`
	Probe *Probe `json:"probe,omitzero"`
}

// LinkIDs are numbers of links.
type LinkIDs []uint8

// MarshalJSON gives an array of numbers, which octets are not in JSON.
func (l LinkIDs) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, id := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(id), 10)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads an array of numbers.
func (l *LinkIDs) UnmarshalJSON(data []byte) error {
	var ids []uint16
	if err := json.Unmarshal(data, &ids); err != nil {
		return err
	}
	*l = nil
	for _, id := range ids {
		if id > math.MaxUint8 {
			return fmt.Errorf("link %d: numbers of links have 8 bits", id)
		}
		*l = append(*l, uint8(id))
	}
	return nil
}

// Air is what is known of the air at a cycle's end, for comparisons.
type Air struct {
	Signal int `json:"signal,omitzero"` // of the connection's first link, dBm
	// TSF is the access point's timer in microseconds, which begins anew where the
	// access point does.
	TSF uint64 `json:"tsf,omitzero"`
	// Busy is the share of time that the channel was busy, in percent.
	Busy        int `json:"busy,omitzero"`
	StationsAP  int `json:"stations,omitzero"`    // that the AP says it has (BSS Load)
	Utilization int `json:"utilization,omitzero"` // of the channel, by the AP, of 255
}

// Probe is what came of the data sent in a cycle.
type Probe struct {
	Sent     int `json:"sent"`
	Answered int `json:"answered"`
	// Longest is the longest time without an answer.
	Longest time.Duration `json:"longest_ns,omitzero"`
	// RTT50 and RTT99 are percentiles of the time to an answer.
	RTT50 time.Duration `json:"rtt50_ns,omitzero"`
	RTT99 time.Duration `json:"rtt99_ns,omitzero"`
	// Stall says in which direction nothing passed: "both", "up", "down", "link N";
	// empty: none.
	Stall string `json:"stall,omitzero"`
	// Up and Down are the load's rates in bit/s, 0 without load.
	Up   float64 `json:"up_bps,omitzero"`
	Down float64 `json:"down_bps,omitzero"`
}

// AfterEnd is for how long behind its end what a cycle did still has effects: what
// comes later, between two cycles, is of none.
const AfterEnd = time.Second
