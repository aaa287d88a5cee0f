package runlog

import (
	"time"

	"roamfault/nl80211/dot11"
)

// Plan says what a run does.
type Plan struct {
	Name  string `yaml:"name" json:"name"`
	About string `yaml:"about" json:"about,omitzero"`

	// Cycles and Duration end the run, whichever comes first; 0: no bound. One of
	// them is set.
	Cycles   int      `yaml:"cycles" json:"cycles,omitzero"`
	Duration Duration `yaml:"duration" json:"duration,omitzero"`

	Targets Targets `yaml:"targets" json:"targets,omitzero"`
	Order   Order   `yaml:"order" json:"order"`
	// Seed is of all that is random.
	Seed uint64 `yaml:"seed" json:"seed"`
	// Link says over which link of a target to go.
	Link LinkChoice `yaml:"link" json:"link"`

	// Dwell is how long it stays connected between two cycles.
	Dwell Range `yaml:"dwell" json:"dwell"`
	// Settle is how long it waits after a reset of the chip.
	Settle Duration `yaml:"settle" json:"settle"`
	// Timeout is how long an action may take.
	Timeout Duration `yaml:"timeout" json:"timeout"`

	// Kinds are mixed by their weights.
	Kinds []Weighted `yaml:"kinds" json:"kinds"`
	// Inject are the faults to inject.
	Inject []Injection `yaml:"inject" json:"inject,omitzero"`
	Probe  ProbePlan   `yaml:"probe" json:"probe,omitzero"`
	Stop   Stop        `yaml:"stop" json:"stop,omitzero"`
	// Loads binds the driver anew after so many cycles, so that the run has several
	// loads of the firmware; 0: never.
	CyclesPerLoad int `yaml:"cycles-per-load" json:"cycles_per_load,omitzero"`
}

// Targets says which access points are gone to. The zero value is all of the
// present network.
type Targets struct {
	SSID  SSID         `yaml:"ssid" json:"ssid,omitzero"`
	MLD   []dot11.Addr `yaml:"mld" json:"mld,omitzero"`
	BSSID []dot11.Addr `yaml:"bssid" json:"bssid,omitzero"`
	// Bands are those that links may be on; none: all.
	Bands []dot11.Band `yaml:"bands" json:"bands,omitzero"`
	// SameBand allows only pairs of links on the same band.
	SameBand bool `yaml:"same-band" json:"same_band,omitzero"`
}

// Order is in which order the access points are gone to.
type Order string

// The orders.
const (
	PingPong   Order = "ping-pong"   // the two strongest in turn
	RoundRobin Order = "round-robin" // all in turn
	Random     Order = "random"      // any but the present one
)

// LinkChoice is over which link of an access point to go: "best" (the strongest),
// "each" (in turn), or a link ID.
type LinkChoice string

// Choices that are no number.
const (
	BestLink LinkChoice = "best"
	EachLink LinkChoice = "each"
)

// Weighted is a kind of cycle and how often it comes.
type Weighted struct {
	Kind   Kind `yaml:"kind" json:"kind"`
	Weight int  `yaml:"weight" json:"weight"`
}

// Injector names a fault that is injected.
type Injector string

// The injectors.
const (
	// StaleBSS flushes the scan results between authentication and association.
	StaleBSS Injector = "stale-bss"
	// GroupKeyNoLink removes a group key without naming a link, in mid-roam.
	GroupKeyNoLink Injector = "group-key-nolink"
	// GroupKeyLink removes a link's group key in mid-roam.
	GroupKeyLink Injector = "group-key-link"
	// ChipReset has the driver reset the chip (mt76 debugfs).
	ChipReset Injector = "chip-reset"
	// ForceMMIODead lets the driver believe that the device is gone, where it can.
	ForceMMIODead Injector = "force-mmio-dead"
)

// Injection is a fault to inject, and in how many of the cycles.
type Injection struct {
	Fault Injector `yaml:"fault" json:"fault"`
	// Every is in each how manyth cycle; 1: all.
	Every int `yaml:"every" json:"every"`
}

// ProbePlan says which data are sent.
type ProbePlan struct {
	// Ping is who is asked for echoes: an address, or "gateway"; empty: nobody.
	Ping string `yaml:"ping" json:"ping,omitzero"`
	// Interval is between two echo requests.
	Interval Duration `yaml:"interval" json:"interval,omitzero"`
	// Load is where load goes: "udp://HOST:PORT" or "tcp://HOST:PORT" of an echo
	// service, where HOST may be "gateway"; empty: none.
	Load string `yaml:"load" json:"load,omitzero"`
	// Rate is the load's in bit/s, each way.
	Rate float64 `yaml:"rate" json:"rate,omitzero"`
}

// Stop says what ends a run early.
type Stop struct {
	// Fatal stops at the first incident that is fatal.
	Fatal bool `yaml:"fatal" json:"fatal,omitzero"`
	// Incidents stops after so many; 0: never.
	Incidents int `yaml:"incidents" json:"incidents,omitzero"`
	// Failures stops after so many cycles in a row that failed; 0: never.
	Failures int `yaml:"failures" json:"failures,omitzero"`
}

// Duration is a time.Duration that is written as text: "90s", "2h30m".
type Duration time.Duration

// Range is a length of time that is fixed, or drawn between two bounds:
// "2s" or "1s..5s".
type Range struct{ Min, Max time.Duration }
