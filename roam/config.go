package roam

import (
	"context"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/reports/incident"
	"roamfault/roam/runlog"
)

// Kernel is what is asked of nl80211, whichever station roams; *nl80211.Client is
// one.
type Kernel interface {
	InterfaceByName(ctx context.Context, name string) (nl80211.Interface, error)
	Connection(ctx context.Context, ifindex int) (nl80211.Connection, error)
	ScanResults(ctx context.Context, ifindex int) ([]nl80211.BSS, error)
	TriggerScan(ctx context.Context, r nl80211.ScanRequest) error
	RemainOnChannel(ctx context.Context, ifindex, freq int, d time.Duration) (cookie uint64, err error)
	Surveys(ctx context.Context, ifindex int) ([]nl80211.Survey, error)
}

// Clock is the machine's time.
type Clock interface {
	Now() runlog.Moment
	After(d time.Duration) <-chan time.Time
}

// Recorder keeps what happened. Begin and End return when it is safe; an error of
// any ends the run. Its methods may be called by several goroutines.
type Recorder interface {
	Begin(c *runlog.Cycle) error
	End(c *runlog.Cycle) error
	Note(at runlog.Moment, words string) error
}

// Prober sends data and tells what came of them; *probe.Probe is one. Times are
// CLOCK_MONOTONIC.
type Prober interface {
	// Connected tells that data can pass, and to whom, and Left that they cannot.
	Connected(at runlog.Moment, ap dot11.Addr)
	Left(at runlog.Moment)
	// Mark tells that the next answer is of interest, and FirstAnswer returns when it
	// came.
	Mark(at runlog.Moment) <-chan time.Duration
	FirstAnswer() (at time.Duration, ok bool)
	// Window returns what happened between two moments.
	Window(from, to runlog.Moment) runlog.Probe
}

// Disturbance is something that a cycle does to machine, radio or network beside
// roaming. It returns how it is undone, nil for nothing to undo.
type Disturbance func(ctx context.Context, to *Target) (undo func(context.Context) error, err error)

// Injection puts a fault in. It returns what the kernel said to it.
type Injection struct {
	// When is the stage before which it comes: StageRequest, StageAssoc (the access
	// point has accepted authentication) or StageHandshake (the links are set up).
	When runlog.Stage
	Do   func(ctx context.Context, to *Target) (said string, err error)
	// Reset says that the firmware is loaded anew by it.
	Reset bool
}

// Stepper is a Station that does each step itself, and can be told to do something
// before one.
type Stepper interface {
	// Before has the next try call f before a stage, once; nil: nothing any more.
	Before(s runlog.Stage, f func(context.Context) error)
}

// Notice is what the watching of the logs tells a run.
type Notice struct {
	// Opened is an incident's first event that is bad enough, nil for another
	// notice.
	Opened *incident.Event
	// Fatal tells that an incident ended as fatal.
	Fatal bool
	// Firmware tells that the chip's firmware came up.
	Firmware bool
	At       time.Duration // CLOCK_MONOTONIC
}

// Config is what a run is made of.
type Config struct {
	Plan      runlog.Plan
	Interface string // such as wlan0
	Boot      string // the boot id
	Station   Station
	Kernel    Kernel
	// Events are nl80211's, of the groups mlme, scan and config.
	Events  <-chan nl80211.Event
	Notices <-chan Notice
	Clock   Clock
	Record  Recorder
	// Probe is nil where nothing is sent.
	Probe Prober
	// Disturb are the disturbances that this machine can make, by kind of cycle, and
	// Inject the faults.
	Disturb map[runlog.Kind]Disturbance
	Inject  map[runlog.Injector]Injection
	// Allowed reports whether an access point may be gone to; nil: all may.
	Allowed func(ap *runlog.AP) bool
	// Links says how many links are due of those offered; nil: all.
	Links func(offered []runlog.Link) int
	// Active returns which links are in use, nil where that is not told.
	Active func() []uint8
	// Mark writes into the kernel's log, for people, that a cycle begins or ends;
	// nil: nothing is written.
	Mark func(number int, begins bool, words string)
	// Heard is given every event of the station, also while a run waits for
	// something; nil: nobody is.
	Heard func(Event)
	// Show is told what goes on; nil: nobody is.
	Show func(Snapshot)
	// Enough is asked after each cycle, and ends the run with what it returns; nil
	// or empty: go on.
	Enough func(c *runlog.Cycle) string
	// Patience is how long a station, or an interface, may be gone before the run is
	// given up; 0: ten minutes.
	Patience time.Duration
	// First is the number of the first cycle, and Load of the first load, of a run
	// that is taken up again; 0: 1.
	First, Load int
}

// Snapshot is what a run is doing.
type Snapshot struct {
	At     runlog.Moment
	Cycle  int
	Of     int // how many there are to be; 0: as many as come
	Kind   runlog.Kind
	Doing  string
	From   dot11.Addr
	To     dot11.Addr
	Paused string // why it waits; empty: it does not
	Totals Totals
	// Last is the cycle that has just ended, nil at other times.
	Last *runlog.Cycle
}

// Totals are the counts of a run.
type Totals struct {
	Cycles    int
	Outcomes  map[runlog.Outcome]int
	Incidents int // opened, natural and injected
	Fatal     int
	Classes   map[string]int // of incidents, by the class of the first event
	Loads     int
}

// Result is how a run ended.
type Result struct {
	Totals
	// Why is why it ended, in words: "1000 cycles", "interrupted".
	Why string
}
